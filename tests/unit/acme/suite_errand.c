/* Errands: what is asked of a CA besides certificates. */
#include <string.h>

#include "stage.h"
#include "suites.h"

#define DIRECTORY "{\"newNonce\":\"https://ca/nonce\",\"newAccount\":\"https://ca/account\",\"newOrder\":\"https://ca/new\"," \
	"\"renewalInfo\":\"https://ca/ari%s\",\"meta\":{\"website\":\"https://ca.example/\"},\"x9\":\"https://ca/random\"}"
#define WINDOW "{\"suggestedWindow\":{\"start\":\"2026-11-20T00:00:00.5Z\",\"end\":\"2026-11-21T02:00:00+02:00\"}%s}"

/* How the CA behaves. */
struct manners {
	const char *slash;         /* after the base URL of renewalInfo */
	const char *window;        /* the body of renewal information; NULL: WINDOW */
	const char *more;          /* members of WINDOW after the window */
	int failures;              /* so many answers of that status first */
	int failure_status;        /* 0: the network fails */
	const char *retry_after;
};

static void
tell_window(struct manners *ca, struct ce_http_answer *answer)
{
	char body[400];
	if (ca->failures-- > 0) {
		answer->code = ca->failure_status ? CE_OK : CE_ERR_NETWORK;
		answer->status = ca->failure_status;
		return;
	}
	snprintf(body, sizeof(body), WINDOW, ca->more ? ca->more : "");
	stage_body(answer, 200, ca->window ? ca->window : body);
	if (ca->retry_after)
		stage_header(answer, "retry-after", ca->retry_after);
}

static void
act(struct stage *stage, const struct ce_http_call *call, const char *payload, struct ce_http_answer *answer)
{
	struct manners *ca = stage->context;
	char body[500];
	(void)payload;
	snprintf(body, sizeof(body), DIRECTORY, ca->slash ? ca->slash : "");
	if (!strcmp(call->url, "https://ca/dir"))
		stage_body(answer, 200, body);
	else if (!strcmp(call->url, "https://ca/ari/AKI.serial"))
		tell_window(ca, answer);
}

static void
play(struct stage *stage, struct manners *ca, enum ce_acme_errand_kind kind, const char *text)
{
	stage_open(stage, act);
	stage->context = ca;
	(void)stage_errand(stage, kind, text);
	CU_ASSERT_TRUE(stage_run(stage));
	CU_ASSERT_TRUE(stage->ended[0]);
}

static void
the_directory_is_shown_without_account(void)
{
	struct stage stage;
	struct manners ca = { 0 };
	play(&stage, &ca, CE_ACME_DIRECTORY, NULL);
	CU_ASSERT_EQUAL(stage.errand_codes[0], CE_OK);
	CU_ASSERT_PTR_NOT_NULL(strstr(stage.errand_texts[0], "https://ca.example/"));
	CU_ASSERT_PTR_NULL(strstr(stage.errand_texts[0], "random"));
	CU_ASSERT_PTR_NULL(strstr(ce_buf_text(&stage.log), "sign"));
	CU_ASSERT_EQUAL(stage.requests, 1);
	stage_close(&stage);
}

static void
renewal_information_is_asked_without_signature(void)
{
	static const char *const slashes[] = { "", "/" };
	for (size_t i = 0; i < CE_COUNT(slashes); i++) {
		struct stage stage;
		struct manners ca = { .slash = slashes[i], .retry_after = "21600", .more = ",\"explanationURL\":\"https://ca/why\"" };
		play(&stage, &ca, CE_ACME_RENEWAL_INFO, "AKI.serial");
		CU_ASSERT_EQUAL(stage.errand_codes[0], CE_OK);
		CU_ASSERT_STRING_EQUAL(stage.errand_texts[0],
			"{\"start\":1795132800,\"end\":1795219200,\"explanation\":\"https://ca/why\",\"retry_after\":21600}");
		CU_ASSERT_PTR_NOT_NULL(strstr(ce_buf_text(&stage.log), "send GET https://ca/ari/AKI.serial\n"));
		CU_ASSERT_PTR_NULL(strstr(ce_buf_text(&stage.log), "sign"));
		stage_close(&stage);
	}
}

/* (I4) an answer that says nothing usable is none; it is not asked for again at once. */
static void
a_window_that_is_none_counts_as_no_answer(void)
{
	static const char *const windows[] = { "", "{", "[]", "{}", "{\"suggestedWindow\":[]}",
		"{\"suggestedWindow\":{\"start\":\"2026-11-20T00:00:00Z\"}}",
		"{\"suggestedWindow\":{\"start\":\"2026-11-20T00:00:00Z\",\"end\":\"2026-11-20T00:00:00Z\"}}",
		"{\"suggestedWindow\":{\"start\":\"2026-11-20T00:00:00Z\",\"end\":\"2026-11-19T00:00:00Z\"}}",
		"{\"suggestedWindow\":{\"start\":\"soon\",\"end\":\"2026-11-19T00:00:00Z\"}}",
		"{\"suggestedWindow\":{\"start\":1,\"end\":2}}" };
	for (size_t i = 0; i < CE_COUNT(windows); i++) {
		struct stage stage;
		struct manners ca = { .window = windows[i] };
		play(&stage, &ca, CE_ACME_RENEWAL_INFO, "AKI.serial");
		CU_ASSERT_EQUAL(stage.errand_codes[0], CE_ERR_INVALID);
		CU_ASSERT_EQUAL(stage.errand_classes[0], CE_ACME_INPUT);
		CU_ASSERT_EQUAL(stage.requests, 2);
		stage_close(&stage);
	}
}

static void
a_page_that_is_none_is_left_out(void)
{
	static const char *const pages[] = { ",\"explanationURL\":7", ",\"explanationURL\":\"javascript:x\"",
		",\"explanationURL\":\"https://ca/a b\"" };
	for (size_t i = 0; i < CE_COUNT(pages); i++) {
		struct stage stage;
		struct manners ca = { .more = pages[i] };
		play(&stage, &ca, CE_ACME_RENEWAL_INFO, "AKI.serial");
		CU_ASSERT_EQUAL(stage.errand_codes[0], CE_OK);
		CU_ASSERT_PTR_NULL(strstr(stage.errand_texts[0], "explanation"));
		stage_close(&stage);
	}
}

static void
passing_failures_are_tried_again_three_times(void)
{
	static const struct {
		int failures, status, code, class;
		size_t requests;
	} cases[] = {
		{ 2, 0, CE_OK, 0, 4 }, { 2, 503, CE_OK, 0, 4 }, { 9, 0, CE_ERR_NETWORK, CE_ACME_CA, 4 },
		{ 9, 500, CE_ERR_ISSUER, CE_ACME_CA, 4 }, { 9, 400, CE_ERR_ISSUER, CE_ACME_INPUT, 2 }, { 9, 404, CE_ERR_ISSUER, CE_ACME_CA, 2 },
	};
	for (size_t i = 0; i < CE_COUNT(cases); i++) {
		struct stage stage;
		struct manners ca = { .failures = cases[i].failures, .failure_status = cases[i].status };
		play(&stage, &ca, CE_ACME_RENEWAL_INFO, "AKI.serial");
		CU_ASSERT_EQUAL(stage.errand_codes[0], cases[i].code);
		CU_ASSERT_EQUAL(stage.errand_classes[0], cases[i].class);
		CU_ASSERT_EQUAL(stage.requests, cases[i].requests);
		stage_close(&stage);
	}
}

static void
a_kept_directory_that_leads_nowhere_is_fetched_anew(void)
{
	struct stage stage;
	struct manners ca = { 0 };
	stage_open(&stage, act);
	stage.context = &ca;
	stage.batch.issuers[0].document = strdup("{\"newNonce\":\"https://ca/nonce\",\"newAccount\":\"https://ca/account\","
		"\"newOrder\":\"https://ca/new\",\"renewalInfo\":\"https://ca/gone\"}");
	(void)stage_errand(&stage, CE_ACME_RENEWAL_INFO, "AKI.serial");
	(void)stage_errand(&stage, CE_ACME_RENEWAL_INFO, "AKI.serial");
	CU_ASSERT_TRUE(stage_run(&stage));
	CU_ASSERT_EQUAL(stage.errand_codes[0], CE_OK);
	CU_ASSERT_EQUAL(stage.errand_codes[1], CE_OK);
	CU_ASSERT_EQUAL(stage.requests, 5);
	stage_close(&stage);
}

static void
a_ca_without_renewal_information_is_asked_nothing(void)
{
	struct stage stage;
	struct manners ca = { 0 };
	stage_open(&stage, act);
	stage.context = &ca;
	stage.batch.issuers[0].document = strdup("{\"newNonce\":\"https://ca/nonce\",\"newAccount\":\"https://ca/account\","
		"\"newOrder\":\"https://ca/new\"}");
	(void)stage_errand(&stage, CE_ACME_RENEWAL_INFO, "AKI.serial");
	CU_ASSERT_TRUE(stage_run(&stage));
	CU_ASSERT_EQUAL(stage.errand_codes[0], CE_ERR_NOT_FOUND);
	CU_ASSERT_EQUAL(stage.requests, 0);
	stage_close(&stage);
}

static void
renewal_information_keeps_to_what_the_ca_takes(void)
{
	struct stage stage;
	struct manners ca = { 0 };
	stage_open(&stage, act);
	stage.context = &ca;
	stage.batch.issuers[0].requests = strdup("2/10s");
	for (size_t i = 0; i < STAGE_ERRANDS_MAX; i++)
		(void)stage_errand(&stage, CE_ACME_RENEWAL_INFO, "AKI.serial");
	CU_ASSERT_TRUE(stage_run(&stage));
	for (size_t i = 0; i < STAGE_ERRANDS_MAX; i++)
		CU_ASSERT_EQUAL(stage.errand_codes[i], CE_OK);
	CU_ASSERT_EQUAL(stage.requests, 1 + STAGE_ERRANDS_MAX);
	CU_ASSERT_TRUE(stage.waited_ms >= 10000); /* two at once, then one each five seconds */
	stage_close(&stage);
}

const struct ce_test suite_errand[] = {
	{ "the directory is shown, without an account", the_directory_is_shown_without_account },
	{ "renewal information is asked for without signature, with one slash (I2, I8)",
		renewal_information_is_asked_without_signature },
	{ "a window that is none counts as no answer (I4)", a_window_that_is_none_counts_as_no_answer },
	{ "an explanation that is no page is left out", a_page_that_is_none_is_left_out },
	{ "passing failures are tried again, three times at most (I6)", passing_failures_are_tried_again_three_times },
	{ "a kept directory that leads nowhere is fetched anew (D4)", a_kept_directory_that_leads_nowhere_is_fetched_anew },
	{ "renewal information keeps to what the CA takes", renewal_information_keeps_to_what_the_ca_takes },
	{ "a CA without renewal information is asked nothing", a_ca_without_renewal_information_is_asked_nothing },
	{ NULL, NULL },
};
