#include <string.h>

#include "acme/problem.h"
#include "suites.h"

static struct ce_acme_problem
read_text(const char *text)
{
	struct ce_acme_problem problem;
	json_t *json = ce_json_object((struct ce_bytes){ (const unsigned char *)text, strlen(text) });
	ce_acme_problem_read(&problem, json);
	json_decref(json);
	return problem;
}

/* E7 */
static void
types_decide_whose_fault_it_is(void)
{
	static const struct {
		const char *type;
		enum ce_acme_class class;
	} cases[] = {
		{ "badCSR", CE_ACME_INPUT }, { "rejectedIdentifier", CE_ACME_INPUT }, { "malformed", CE_ACME_INPUT },
		{ "invalidContact", CE_ACME_INPUT }, { "externalAccountRequired", CE_ACME_INPUT }, { "caa", CE_ACME_INPUT },
		{ "userActionRequired", CE_ACME_INPUT }, { "agreementRequired", CE_ACME_INPUT }, { "dns", CE_ACME_ENVIRONMENT },
		{ "connection", CE_ACME_ENVIRONMENT }, { "tls", CE_ACME_ENVIRONMENT }, { "unauthorized", CE_ACME_ENVIRONMENT },
		{ "incorrectResponse", CE_ACME_ENVIRONMENT }, { "serverInternal", CE_ACME_CA }, { "rateLimited", CE_ACME_LIMIT },
		{ "neverHeardOf", CE_ACME_CA },
	};
	for (size_t i = 0; i < CE_COUNT(cases); i++) {
		char text[128];
		snprintf(text, sizeof(text), "{\"type\":\"urn:ietf:params:acme:error:%s\",\"detail\":\"d\"}", cases[i].type);
		struct ce_acme_problem problem = read_text(text);
		CU_ASSERT_STRING_EQUAL(problem.type, cases[i].type);
		CU_ASSERT_EQUAL(problem.class, cases[i].class);
	}
}

/* E2: an unknown type falls back on the status; E4: 503 with a time is a limit. */
static void
statuses_decide_where_types_do_not(void)
{
	static const struct {
		int status;
		const char *body, *retry_after;
		enum ce_acme_class class;
	} cases[] = {
		{ 500, "", NULL, CE_ACME_CA }, { 503, "<html>", NULL, CE_ACME_CA }, { 503, "<html>", "5", CE_ACME_LIMIT },
		{ 429, "", NULL, CE_ACME_LIMIT }, { 400, "{}", NULL, CE_ACME_INPUT }, { 403, "[]", NULL, CE_ACME_ENVIRONMENT },
		{ 404, "", NULL, CE_ACME_CA }, { 302, "", NULL, CE_ACME_CA },
		{ 500, "{\"type\":\"urn:ietf:params:acme:error:caa\"}", NULL, CE_ACME_INPUT },
	};
	for (size_t i = 0; i < CE_COUNT(cases); i++) {
		struct ce_http_answer answer = { .status = cases[i].status };
		struct ce_acme_problem problem;
		CU_ASSERT(!ce_buf_adds(&answer.body, cases[i].body, NULL));
		if (cases[i].retry_after)
			CU_ASSERT(!ce_strlist_add(&answer.names, "retry-after", NULL) && !ce_strlist_add(&answer.values, "5", NULL));
		ce_acme_problem_of(&problem, &answer);
		CU_ASSERT_EQUAL(problem.class, cases[i].class);
		ce_http_answer_release(&answer);
	}
}

/* E1, E3, SEC-10 */
static void
sentences_hold_all_and_are_printable(void)
{
	char text[900];
	struct ce_acme_problem problem = read_text("{\"type\":\"urn:ietf:params:acme:error:compound\",\"detail\":\"a\\u001bb\",\"subproblems\":["
		"{\"type\":\"urn:ietf:params:acme:error:caa\",\"identifier\":{\"value\":\"x.test\"}},{\"detail\":\"y\"},7],\"instance\":\"https://i\"}");
	ce_acme_problem_sentence(&problem, text, sizeof(text));
	CU_ASSERT_STRING_EQUAL(text, "compound: a\\x1bb; x.test: caa; y");
	CU_ASSERT_STRING_EQUAL(problem.instance, "https://i");
	problem = read_text("{\"detail\":5,\"type\":[],\"subproblems\":{}}");
	ce_acme_problem_sentence(&problem, text, sizeof(text));
	CU_ASSERT_STRING_EQUAL(text, "");
	CU_ASSERT_EQUAL(problem.class, CE_ACME_CA);
	problem = read_text("{\"type\":\"about:blank\",\"title\":\"busy\"}");
	problem.status = 503;
	ce_acme_problem_sentence(&problem, text, sizeof(text));
	CU_ASSERT_STRING_EQUAL(text, "HTTP status 503: busy");
}

const struct ce_test suite_problem[] = {
	{ "types decide whose fault it is", types_decide_whose_fault_it_is },
	{ "statuses decide where types do not", statuses_decide_where_types_do_not },
	{ "sentences hold all and are printable", sentences_hold_all_and_are_printable },
	{ NULL, NULL },
};
