/* The state machine against a small CA of our own that is asynchronous as Boulder is. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stage.h"
#include "suites.h"

/* How the CA of a test differs. */
struct manners {
	int pending_polls;       /* the order stays pending for so many readings after the challenges */
	int processing_polls;    /* the same after finalizing */
	const char *retry_after; /* with those */
	int network_failures;    /* of the first finalizations */
	bool synchronous;        /* valid in the very answer */
	const char *token;
	const char *failure;     /* the challenge is this, with an error; authorization and order stay pending */
	/* its own */
	bool posted[64], finalized;
	int readings;
};

static const char chain[] = "-----BEGIN CERTIFICATE-----\nQUJD\n-----END CERTIFICATE-----\n";

static size_t
name_count(const struct stage *stage)
{
	return stage->batch.orders[0].names.count;
}

static void
order_body(struct stage *stage, struct ce_http_answer *answer, int http_status, const char *status)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf body = CE_BUF_INIT;
	int rc = ce_buf_addf(&body, NULL, "{\"status\":\"%s\",\"finalize\":\"https://ca/finalize\",\"identifiers\":[", status);
	for (size_t i = 0; i < name_count(stage); i++)
		rc |= ce_buf_addf(&body, NULL, "%s{\"type\":\"dns\",\"value\":\"%s\"}", i ? "," : "", stage->batch.orders[0].names.items[i]);
	rc |= ce_buf_adds(&body, "],\"authorizations\":[", NULL);
	for (size_t i = 0; i < name_count(stage); i++)
		rc |= ce_buf_addf(&body, NULL, "%s\"https://ca/authz/%zu\"", i ? "," : "", i);
	rc |= ce_buf_addf(&body, NULL, "]%s}", strcmp(status, "valid") ? "" : ",\"certificate\":\"https://ca/cert\"");
	CU_ASSERT_FATAL(rc == 0);
	stage_body(answer, http_status, ce_buf_text(&body));
}

static void
read_order(struct stage *stage, struct manners *ca, struct ce_http_answer *answer)
{
	bool all = true;
	for (size_t i = 0; i < name_count(stage); i++)
		all = all && ca->posted[i];
	const char *status = ca->finalized ? "valid" : all ? "ready" : "pending";
	if (ca->readings++ < (ca->finalized ? ca->processing_polls : ca->pending_polls)) {
		status = ca->finalized ? "processing" : "pending";
		if (ca->retry_after)
			stage_header(answer, "Retry-After", ca->retry_after);
	}
	order_body(stage, answer, 200, status);
}

static void
read_authz(struct stage *stage, struct manners *ca, const char *url, struct ce_http_answer *answer)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf body = CE_BUF_INIT;
	unsigned long n = strtoul(strrchr(url, '/') + 1, NULL, 10);
	int rc = ce_buf_addf(&body, NULL, "{\"status\":\"pending\",\"identifier\":{\"value\":\"%s\"},\"challenges\":[{\"type\":"
		"\"http-01\",\"token\":\"%s-%lu\",\"url\":\"https://ca/challenge/%lu\"%s}]}", stage->batch.orders[0].names.items[n],
		ca->token ? ca->token : "tok", n, n, ca->failure && ca->posted[n] ? ca->failure : "");
	CU_ASSERT_FATAL(rc == 0);
	stage_body(answer, 200, ce_buf_text(&body));
}

static void
finalize(struct stage *stage, struct manners *ca, struct ce_http_answer *answer)
{
	if (ca->network_failures-- > 0) {
		answer->code = CE_ERR_NETWORK;
		return;
	}
	ca->finalized = true;
	ca->readings = 0;
	order_body(stage, answer, 200, ca->synchronous ? "valid" : "processing");
}

static void
act(struct stage *stage, const struct ce_http_call *call, const char *payload, struct ce_http_answer *answer)
{
	struct manners *ca = stage->context;
	const char *path = call->url + strlen("https://ca");
	if (strcmp(path, "/dir"))
		stage_nonce(stage, answer);
	if (!strcmp(path, "/dir"))
		stage_body(answer, 200, "{\"newNonce\":\"https://ca/nonce\",\"newAccount\":\"https://ca/account\",\"newOrder\":\"https://ca/new\"}");
	else if (!strcmp(path, "/nonce"))
		answer->status = 200;
	else if (!strcmp(path, "/new")) {
		order_body(stage, answer, 201, "pending");
		stage_header(answer, "location", "https://ca/order");
	} else if (!strcmp(path, "/order"))
		read_order(stage, ca, answer);
	else if (!strncmp(path, "/authz/", 7))
		read_authz(stage, ca, path, answer);
	else if (!strncmp(path, "/challenge/", 11)) {
		CU_ASSERT_STRING_EQUAL(payload, "{}"); /* J5 */
		ca->posted[strtoul(path + 11, NULL, 10)] = true;
		stage_body(answer, 200, "{}");
		if (ca->failure) {
			CE_CLEANUP(ce_buf_release) struct ce_buf body = CE_BUF_INIT;
			CU_ASSERT_FATAL(ce_buf_addf(&body, NULL, "{\"type\":\"http-01\"%s}", ca->failure) == 0);
			stage_body(answer, 200, ce_buf_text(&body));
		}
	} else if (!strcmp(path, "/finalize"))
		finalize(stage, ca, answer);
	else if (!strcmp(path, "/cert")) {
		CU_ASSERT_STRING_EQUAL(payload, "");
		stage_header(answer, "Content-Type", "application/pem-certificate-chain");
		stage_body(answer, 200, chain);
	}
}

static const char *const one[] = { "a.test", NULL };
static const char *const five[] = { "a.test", "b.test", "c.test", "d.test", "e.test", NULL };

static size_t
count_of(const struct stage *stage, const char *what)
{
	size_t count = 0;
	for (const char *at = ce_buf_text(&stage->log); (at = strstr(at, what)) != NULL; at += strlen(what))
		count++;
	return count;
}

static void
play(struct stage *stage, struct manners *ca, const char *const *names, const char *state)
{
	stage_open(stage, act);
	stage->context = ca;
	stage_order(stage, names, state);
	CU_ASSERT(stage_run(stage));
}

/* protocols.md 3.1: 2N + 6 with the directory, and one HEAD for each further request side by side. */
static void
requests_are_few(void)
{
	struct stage stage;
	struct manners ca = { 0 };
	play(&stage, &ca, one, NULL);
	CU_ASSERT_EQUAL(stage.kinds[0], CE_ACME_ISSUED);
	CU_ASSERT_EQUAL(stage.requests, 9); /* one of them for the directory */
	CU_ASSERT_EQUAL(count_of(&stage, "send HEAD"), 1);
	stage_close(&stage);

	ca = (struct manners){ .synchronous = true };
	play(&stage, &ca, one, NULL);
	CU_ASSERT_EQUAL(stage.requests, 8);
	stage_close(&stage);

	ca = (struct manners){ 0 };
	play(&stage, &ca, five, NULL);
	CU_ASSERT_EQUAL(stage.kinds[0], CE_ACME_ISSUED);
	CU_ASSERT(stage.requests <= 2 * 5 + 6 + 1 + 4);
	CU_ASSERT(stage.together >= 4 && stage.together <= 8);
	stage_close(&stage);
}

/* Z5: every answer is in place before the CA is told of the first; Z13: all are taken away before finalizing. */
static void
challenges_are_in_place_before_the_first_is_posted(void)
{
	struct stage stage;
	struct manners ca = { 0 };
	play(&stage, &ca, five, NULL);
	const char *log = ce_buf_text(&stage.log), *posted = strstr(log, "sign https://ca/challenge/");
	const char *finalized = strstr(log, "sign https://ca/finalize");
	CU_ASSERT_FATAL(posted != NULL && finalized != NULL);
	CU_ASSERT_PTR_NULL(strstr(posted, "present "));
	CU_ASSERT_EQUAL(count_of(&stage, "present "), 5);
	CU_ASSERT_EQUAL(count_of(&stage, "deploy "), 1);
	CU_ASSERT_EQUAL(count_of(&stage, "cleanup proved"), 1);
	CU_ASSERT_PTR_NULL(strstr(finalized, "cleanup "));
	stage_close(&stage);
}

/* O4: the order's URL is kept before anything is done with it. */
static void
the_order_is_kept_at_once(void)
{
	struct stage stage;
	struct manners ca = { 0 };
	play(&stage, &ca, one, NULL);
	const char *log = ce_buf_text(&stage.log);
	const char *state = strstr(log, "state {\"directory\":\"https://ca/dir\",\"order\":\"https://ca/order\",\"csr\":\"");
	CU_ASSERT_FATAL(state != NULL);
	CU_ASSERT(state < strstr(log, "authz"));
	stage_close(&stage);
}

static void
a_kept_order_is_resumed(void)
{
	struct stage stage;
	struct manners ca = { 0 };
	play(&stage, &ca, one, "{\"directory\":\"https://ca/dir\",\"order\":\"https://ca/order\"}");
	CU_ASSERT_EQUAL(stage.kinds[0], CE_ACME_ISSUED);
	CU_ASSERT_EQUAL(count_of(&stage, "send POST https://ca/new"), 0);
	stage_close(&stage);

	static const char *const useless[] = { "{\"directory\":\"https://other/dir\",\"order\":\"https://ca/order\"}", "{}", "x", "",
		"{\"directory\":\"https://ca/dir\",\"order\":\"http://ca/order\"}", "{\"directory\":\"https://ca/dir\"}" };
	for (size_t i = 0; i < CE_COUNT(useless); i++) {
		ca = (struct manners){ 0 };
		play(&stage, &ca, one, useless[i]);
		CU_ASSERT_EQUAL(stage.kinds[0], CE_ACME_ISSUED);
		CU_ASSERT(count_of(&stage, "send POST https://ca/new") == 1);
		stage_close(&stage);
	}
}

/* Z10: the first poll comes within 250 ms, later ones further apart; after two minutes the order is left for the next run. */
static void
polls_begin_soon_and_end(void)
{
	struct stage stage;
	struct manners ca = { 0 };
	play(&stage, &ca, one, NULL);
	CU_ASSERT(stage.waited_ms <= 500);
	stage_close(&stage);

	ca = (struct manners){ .pending_polls = 100000 };
	play(&stage, &ca, one, NULL);
	CU_ASSERT_EQUAL(stage.kinds[0], CE_ACME_PENDING);
	CU_ASSERT(stage.waited_ms > 60000 && stage.waited_ms <= 120000);
	CU_ASSERT(stage.requests < 40);
	CU_ASSERT_EQUAL(count_of(&stage, "cleanup "), 1);
	stage_close(&stage);
}

/* Z7, Z11: step-ca and Caddy leave authorization and order pending when a challenge failed; what is final is in the answer
 * to the challenge, what they try again is in the authorization when time runs out. */
static void
a_failure_is_seen_in_the_challenge_alone(void)
{
	struct stage stage;
	struct manners ca = { .pending_polls = 100000, .failure = ",\"status\":\"invalid\",\"error\":{\"type\":"
		"\"urn:ietf:params:acme:error:unauthorized\",\"detail\":\"wrong body\"}" };
	play(&stage, &ca, one, NULL);
	CU_ASSERT_EQUAL(stage.kinds[0], CE_ACME_REFUSED);
	CU_ASSERT_PTR_NOT_NULL(strstr(stage.texts[0], "the http-01 challenge for 'a.test' failed: unauthorized: wrong body"));
	CU_ASSERT(stage.waited_ms < 1000);
	CU_ASSERT_EQUAL(count_of(&stage, "cleanup "), 1);
	stage_close(&stage);

	ca = (struct manners){ .pending_polls = 100000, .failure = ",\"status\":\"pending\",\"error\":{\"type\":"
		"\"urn:ietf:params:acme:error:connection\",\"detail\":\"nobody there\"}" };
	play(&stage, &ca, one, NULL);
	CU_ASSERT_EQUAL(stage.kinds[0], CE_ACME_REFUSED);
	CU_ASSERT_PTR_NOT_NULL(strstr(stage.texts[0], "the http-01 challenge for 'a.test' failed: connection: nobody there"));
	CU_ASSERT(stage.waited_ms > 60000 && stage.waited_ms <= 120000);
	stage_close(&stage);
}

/* Z8, Z9: seconds are waited as told, longer ones are handed on, nonsense is passed over. */
static void
retry_after_is_obeyed(void)
{
	struct stage stage;
	struct manners ca = { .processing_polls = 1, .retry_after = "20" };
	play(&stage, &ca, one, NULL);
	CU_ASSERT_EQUAL(stage.kinds[0], CE_ACME_ISSUED);
	CU_ASSERT(stage.waited_ms >= 20000 && stage.waited_ms < 21000);
	stage_close(&stage);

	ca = (struct manners){ .processing_polls = 1, .retry_after = "86400" };
	play(&stage, &ca, one, NULL);
	CU_ASSERT_EQUAL(stage.kinds[0], CE_ACME_PENDING);
	CU_ASSERT_EQUAL(stage.not_before[0], 86400);
	stage_close(&stage);

	static const char *const nonsense[] = { "0", "-1", "soon", "Tue, 14 Nov 2000 22:13:30 GMT" };
	for (size_t i = 0; i < CE_COUNT(nonsense); i++) {
		ca = (struct manners){ .processing_polls = 2, .retry_after = nonsense[i] };
		play(&stage, &ca, one, NULL);
		CU_ASSERT_EQUAL(stage.kinds[0], CE_ACME_ISSUED);
		CU_ASSERT(stage.waited_ms > 0 && stage.waited_ms < 2000);
		stage_close(&stage);
	}
}

/* protocols.md 7.2: a finalization without an answer is followed by reading the order. */
static void
a_lost_finalization_is_looked_up(void)
{
	struct stage stage;
	struct manners ca = { .network_failures = 1 };
	play(&stage, &ca, one, NULL);
	CU_ASSERT_EQUAL(stage.kinds[0], CE_ACME_ISSUED);
	CU_ASSERT_EQUAL(count_of(&stage, "send POST https://ca/finalize"), 2);
	stage_close(&stage);

	ca = (struct manners){ .network_failures = 9 };
	play(&stage, &ca, one, NULL);
	CU_ASSERT_EQUAL(stage.kinds[0], CE_ACME_REFUSED);
	CU_ASSERT_EQUAL(stage.classes[0], CE_ACME_CA);
	stage_close(&stage);
}

static void
a_file_that_cannot_be_written_ends_its_order(void)
{
	struct stage stage;
	struct manners ca = { .token = "../x" };
	play(&stage, &ca, one, NULL);
	CU_ASSERT_EQUAL(stage.kinds[0], CE_ACME_REFUSED);
	CU_ASSERT_EQUAL(count_of(&stage, "present "), 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(stage.texts[0], "token for 'a.test' is refused"));
	stage_close(&stage);
}

const struct ce_test suite_run[] = {
	{ "requests are few", requests_are_few },
	{ "challenges are in place before the first is posted", challenges_are_in_place_before_the_first_is_posted },
	{ "the order is kept at once", the_order_is_kept_at_once },
	{ "a kept order is resumed", a_kept_order_is_resumed },
	{ "polls begin soon and end", polls_begin_soon_and_end },
	{ "a failure is seen in the challenge alone", a_failure_is_seen_in_the_challenge_alone },
	{ "Retry-After is obeyed", retry_after_is_obeyed },
	{ "a lost finalization is looked up", a_lost_finalization_is_looked_up },
	{ "an evil token ends its order", a_file_that_cannot_be_written_ends_its_order },
	{ NULL, NULL },
};
