/* Errands that are signed: the account's own affairs, and revocation. */
#include <string.h>

#include "stage.h"
#include "suites.h"

#define DIRECTORY "{\"newNonce\":\"https://ca/nonce\",\"newAccount\":\"https://ca/account\",\"newOrder\":\"https://ca/new\"," \
	"\"keyChange\":\"https://ca/key\",\"revokeCert\":\"https://ca/revoke\"}"
#define ACCOUNT "https://ca/account/1"
#define ERROR(type) "{\"type\":\"urn:ietf:params:acme:error:" type "\",\"detail\":\"so it is\"}"

/* What the CA answers; 0: the network fails. */
struct manners {
	int status;                /* to the request in question */
	const char *body;
	const char *location;
	int new_status, old_status; /* looking up the new key, then the old */
	const char *account;       /* where the new key's account is */
	int lookups;
};

static void
answer_with(struct ce_http_answer *answer, int status, const char *body)
{
	if (status)
		stage_body(answer, status, body ? body : "{\"status\":\"valid\"}");
	else
		answer->code = CE_ERR_NETWORK;
}

static void
look_up(struct manners *ca, struct ce_http_answer *answer)
{
	int status = ca->lookups++ == 0 ? ca->new_status : ca->old_status;
	answer_with(answer, status, status == 400 ? ERROR("accountDoesNotExist") : status > 400 ? "" : NULL);
	stage_header(answer, "Location", ca->account ? ca->account : ACCOUNT);
}

static void
act(struct stage *stage, const struct ce_http_call *call, const char *payload, struct ce_http_answer *answer)
{
	struct manners *ca = stage->context;
	(void)payload;
	if (strcmp(call->url, "https://ca/dir"))
		stage_nonce(stage, answer);
	if (!strcmp(call->url, "https://ca/dir"))
		stage_body(answer, 200, DIRECTORY);
	else if (!strcmp(call->url, "https://ca/nonce"))
		answer->status = 200;
	else if (!strcmp(call->url, "https://ca/account"))
		look_up(ca, answer);
	else {
		answer_with(answer, ca->status, ca->body);
		if (ca->location)
			stage_header(answer, "Location", ca->location);
	}
}

static struct ce_acme_errand_job *
prepare(struct stage *stage, struct manners *ca, enum ce_acme_errand_kind kind)
{
	stage_open(stage, act);
	stage->context = ca;
	stage->batch.issuers[0].existing_only = true;
	struct ce_acme_errand_job *errand = stage_errand(stage, kind, NULL);
	errand->url = strdup(ACCOUNT);
	errand->own_key = kind == CE_ACME_ACCOUNT_ROLLOVER || kind == CE_ACME_ACCOUNT_SETTLE;
	return errand;
}

static size_t
count_of(const struct stage *stage, const char *text)
{
	size_t count = 0;
	for (const char *at = ce_buf_text(&stage->log); (at = strstr(at, text)) != NULL; at++)
		count++;
	return count;
}

static void
it_is_told_which_key_is_live(void)
{
	static const struct {
		struct manners ca;
		int code, class;
		const char *text;
	} cases[] = {
		{ { .status = 200 }, CE_OK, 0, "{\"live\":\"new\"}" },
		{ { .status = 200, .body = "" }, CE_OK, 0, "{\"live\":\"new\"}" },      /* A10: a body is not needed */
		{ { .status = 0, .new_status = 200 }, CE_OK, 0, "{\"live\":\"new\"}" }, /* A11 */
		{ { .status = 500, .new_status = 200 }, CE_OK, 0, "{\"live\":\"new\"}" },
		{ { .status = 0, .new_status = 400, .old_status = 200 }, CE_OK, 0, "{\"live\":\"old\"}" },
		{ { .status = 0, .new_status = 400, .old_status = 400 }, CE_ERR_ISSUER, CE_ACME_INPUT, "neither its old nor its new key" },
		{ { .status = 0, .new_status = 500, .old_status = 500 }, CE_ERR_ISSUER, CE_ACME_CA, "not settled" },
		{ { .status = 0, .new_status = 0 }, CE_ERR_NETWORK, CE_ACME_CA, "not settled" },
		{ { .status = 0, .new_status = 200, .account = "https://ca/account/2" }, CE_ERR_ISSUER, CE_ACME_INPUT, "account/2" },
		{ { .status = 409, .body = "", .location = "https://ca/account/3" }, CE_ERR_ISSUER, CE_ACME_INPUT, "account/3" },
		{ { .status = 501, .body = "" }, CE_ERR_ISSUER, CE_ACME_INPUT, "501" },  /* Caddy */
		{ { .status = 403, .body = ERROR("unauthorized") }, CE_ERR_ISSUER, CE_ACME_INPUT, "so it is" },
	};
	for (size_t i = 0; i < CE_COUNT(cases); i++) {
		struct stage stage;
		struct manners ca = cases[i].ca;
		(void)prepare(&stage, &ca, CE_ACME_ACCOUNT_ROLLOVER);
		CU_ASSERT_TRUE(stage_run(&stage));
		CU_ASSERT_EQUAL(stage.errand_codes[0], cases[i].code);
		CU_ASSERT_EQUAL(stage.errand_classes[0], cases[i].class);
		CU_ASSERT_PTR_NOT_NULL(strstr(stage.errand_texts[0], cases[i].text));
		CU_ASSERT_EQUAL(count_of(&stage, "send POST https://ca/key"), 1); /* A11: never blindly again */
		CU_ASSERT_EQUAL(count_of(&stage, "sign-inner https://ca/key\n"), 1); /* A10: same url, no nonce */
		stage_close(&stage);
	}
}

static void
what_a_run_left_open_is_settled(void)
{
	struct stage stage;
	struct manners ca = { .new_status = 400, .old_status = 200 };
	(void)prepare(&stage, &ca, CE_ACME_ACCOUNT_SETTLE);
	stage.batch.issuers[0].has_account = false;
	CU_ASSERT_TRUE(stage_run(&stage));
	CU_ASSERT_STRING_EQUAL(stage.errand_texts[0], "{\"live\":\"old\"}");
	CU_ASSERT_EQUAL(count_of(&stage, "sign-other https://ca/account {\"onlyReturnExisting\":true}"), 1);
	CU_ASSERT_EQUAL(count_of(&stage, "sign-by-key https://ca/account {\"onlyReturnExisting\":true}"), 1);
	stage_close(&stage);
}

static void
the_account_is_read_changed_and_ended(void)
{
	static const struct {
		enum ce_acme_errand_kind kind;
		const char *contact, *line;
	} cases[] = {
		{ CE_ACME_ACCOUNT_SHOW, NULL, "sign " ACCOUNT "\n" }, /* A9: POST-as-GET */
		{ CE_ACME_ACCOUNT_UPDATE, NULL, "sign " ACCOUNT " {\"contact\":[]}\n" },
		{ CE_ACME_ACCOUNT_UPDATE, "a@b.c", "sign " ACCOUNT " {\"contact\":[\"mailto:a@b.c\"]}\n" },
		{ CE_ACME_ACCOUNT_UPDATE, "mailto:a@b.c", "sign " ACCOUNT " {\"contact\":[\"mailto:a@b.c\"]}\n" },
		{ CE_ACME_ACCOUNT_DEACTIVATE, NULL, "sign " ACCOUNT " {\"status\":\"deactivated\"}\n" },
	};
	for (size_t i = 0; i < CE_COUNT(cases); i++) {
		struct stage stage;
		struct manners ca = { .status = 200, .body = "{\"status\":\"valid\",\"contact\":[\"mailto:x@y\"],\"key\":{\"kty\":\"EC\"}}" };
		struct ce_acme_errand_job *errand = prepare(&stage, &ca, cases[i].kind);
		CU_ASSERT_FATAL(!cases[i].contact || ce_strlist_add(&errand->list, cases[i].contact, NULL) == CE_OK);
		CU_ASSERT_TRUE(stage_run(&stage));
		CU_ASSERT_EQUAL(stage.errand_codes[0], CE_OK);
		CU_ASSERT_STRING_EQUAL(stage.errand_texts[0], "{\"url\":\"" ACCOUNT "\",\"status\":\"valid\",\"contact\":[\"mailto:x@y\"]}");
		CU_ASSERT_EQUAL(count_of(&stage, cases[i].line), 1);
		stage_close(&stage);
	}
}

static void
an_account_that_is_gone_is_understood(void)
{
	static const struct { int status; const char *body; bool gone; } cases[] = {
		{ 401, ERROR("unauthorized"), true }, { 403, ERROR("unauthorized"), true }, /* A12: RFC and Caddy, Pebble */
		{ 403, ERROR("caa"), false }, { 404, "", false }, { 500, "<html>", false },
	};
	for (size_t i = 0; i < CE_COUNT(cases); i++) {
		struct stage stage;
		struct manners ca = { .status = cases[i].status, .body = cases[i].body };
		(void)prepare(&stage, &ca, CE_ACME_ACCOUNT_SHOW);
		CU_ASSERT_TRUE(stage_run(&stage));
		CU_ASSERT_EQUAL(stage.errand_codes[0], CE_ERR_ISSUER);
		CU_ASSERT_EQUAL(strstr(stage.errand_texts[0], "'certengine account new ca'") != NULL, cases[i].gone);
		stage_close(&stage);
	}
}

static void
no_errand_makes_an_account(void)
{
	struct stage stage;
	struct manners ca = { .new_status = 400 };
	(void)prepare(&stage, &ca, CE_ACME_ACCOUNT_SHOW);
	stage.batch.issuers[0].has_account = false;
	stage.batch.issuers[0].agree_to_terms = true;
	CU_ASSERT_TRUE(stage_run(&stage));
	CU_ASSERT_EQUAL(stage.errand_codes[0], CE_ERR_NOT_FOUND);
	CU_ASSERT_EQUAL(count_of(&stage, "send POST https://ca/account\n"), 1);
	stage_close(&stage);
}

static void
a_person_is_called_whatever_was_asked(void)
{
	static const char *const bodies[] = { ERROR("userActionRequired"), ERROR("agreementRequired") };
	for (size_t i = 0; i < CE_COUNT(bodies); i++) {
		struct stage stage;
		struct manners ca = { .status = 403, .body = bodies[i] };
		(void)prepare(&stage, &ca, CE_ACME_ACCOUNT_SHOW);
		CU_ASSERT_TRUE(stage_run(&stage));
		CU_ASSERT_EQUAL(stage.errand_codes[0], CE_ERR_WAIT); /* A4 */
		CU_ASSERT_EQUAL(count_of(&stage, "send POST"), 1);
		stage_close(&stage);
	}
}

static void
revocation_says_what_was_asked(void)
{
	static const struct {
		const char *reason;
		bool own_key;
		int status;
		const char *body;
		int code;
		const char *line, *text;
	} cases[] = {
		{ NULL, false, 200, "", CE_OK, "sign https://ca/revoke {\"certificate\":\"REVS\"}\n", "{\"already\":false}" },
		{ "4", true, 200, "", CE_OK, "sign-other https://ca/revoke {\"certificate\":\"REVS\",\"reason\":4}\n", "false" },
		{ NULL, false, 400, ERROR("alreadyRevoked"), CE_OK, "sign ", "{\"already\":true}" }, /* R3 */
		{ "9", false, 400, ERROR("badRevocationReason"), CE_ERR_ISSUER, "sign ", "does not take this reason" },
		{ NULL, false, 403, ERROR("unauthorized"), CE_ERR_ISSUER, "sign ", "--with-certificate-key" },
		{ NULL, true, 403, ERROR("unauthorized"), CE_ERR_ISSUER, "sign-other ", "so it is" },
	};
	for (size_t i = 0; i < CE_COUNT(cases); i++) {
		struct stage stage;
		struct manners ca = { .status = cases[i].status, .body = cases[i].body };
		struct ce_acme_errand_job *errand = prepare(&stage, &ca, CE_ACME_REVOKE);
		errand->own_key = cases[i].own_key;
		errand->text = cases[i].reason ? strdup(cases[i].reason) : NULL;
		CU_ASSERT_FATAL(ce_buf_adds(&errand->der, "DER", NULL) == CE_OK);
		stage.batch.issuers[0].has_account = !cases[i].own_key; /* R1: its own key needs none */
		CU_ASSERT_TRUE(stage_run(&stage));
		CU_ASSERT_EQUAL(stage.errand_codes[0], cases[i].code);
		CU_ASSERT_PTR_NOT_NULL(strstr(stage.errand_texts[0], cases[i].text));
		CU_ASSERT_EQUAL(count_of(&stage, cases[i].line), 1);
		stage_close(&stage);
	}
}

const struct ce_test suite_account[] = {
	{ "it is told which key is live (A10, A11)", it_is_told_which_key_is_live },
	{ "what a run left open is settled (A11)", what_a_run_left_open_is_settled },
	{ "the account is read, changed and ended (A9, A12)", the_account_is_read_changed_and_ended },
	{ "an account that is gone is understood (A12)", an_account_that_is_gone_is_understood },
	{ "no errand makes an account", no_errand_makes_an_account },
	{ "a person is called, whatever was asked (A4)", a_person_is_called_whatever_was_asked },
	{ "revocation says what was asked (R1, R2, R3)", revocation_says_what_was_asked },
	{ NULL, NULL },
};
