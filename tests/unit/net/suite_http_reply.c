#include <string.h>

#include "net/http.h"
#include "suites.h"

#define NOW 1700000000LL /* 2023-11-14 22:13:20 */

static struct ce_http_answer
with_header(const char *name, const char *value)
{
	struct ce_http_answer reply = { 0 };
	CU_ASSERT_FATAL(!ce_strlist_add(&reply.names, name, NULL) && !ce_strlist_add(&reply.values, value, NULL));
	return reply;
}

/* Z8, E4: both forms; 0, 3, 86400, a past date, garbage (protocols.md 7.2). */
static void
retry_after_is_read_in_both_forms(void)
{
	static const struct {
		const char *value;
		long long wanted;
	} cases[] = {
		{ "0", 0 }, { "3", 3 }, { "86400", 86400 }, { "", -1 }, { "-5", -1 }, { "1.5", -1 }, { "soon", -1 },
		{ "Tue, 14 Nov 2023 22:13:30 GMT", 10 }, { "Tue, 14 Nov 2023 22:13:10 GMT", 0 },
		{ "Tuesday, 14-Nov-23 22:14:20 GMT", 60 }, { "99999999999999999999", 10LL * 365 * 86400 },
		{ "Tue, 99 Nov 2023 99:99:99 GMT", -1 }, { "3 seconds", -1 },
	};
	for (size_t i = 0; i < CE_COUNT(cases); i++) {
		struct ce_http_answer reply = with_header("retry-after", cases[i].value);
		CU_ASSERT_EQUAL(ce_http_retry_after(&reply, NOW), cases[i].wanted);
		ce_http_answer_release(&reply);
	}
	struct ce_http_answer none = { 0 };
	CU_ASSERT_EQUAL(ce_http_retry_after(&none, NOW), -1);
}

/* H14 */
static void
types_are_compared_without_parameters(void)
{
	struct ce_http_answer reply = with_header("content-type", "Application/JSON; charset=utf-8");
	CU_ASSERT(ce_http_is(&reply, "application/json"));
	CU_ASSERT(!ce_http_is(&reply, "application/jso"));
	CU_ASSERT(!ce_http_is(&reply, "application/json2"));
	ce_http_answer_release(&reply);
	struct ce_http_answer none = { 0 };
	CU_ASSERT(!ce_http_is(&none, "application/json"));
}

/* H11, H12 */
static void
links_of_several_headers_are_found(void)
{
	struct ce_http_answer reply = with_header("link", "<https://ca/dir>;rel=\"index\"");
	CU_ASSERT_FATAL(!ce_strlist_add(&reply.names, "LINK", NULL));
	CU_ASSERT_FATAL(!ce_strlist_add(&reply.values, "<https://ca/help>;rel=help", NULL));
	char *help = ce_http_link(&reply, "help", 0), *index = ce_http_link(&reply, "index", 0);
	CU_ASSERT_FATAL(help != NULL && index != NULL);
	CU_ASSERT_STRING_EQUAL(help, "https://ca/help");
	CU_ASSERT_STRING_EQUAL(index, "https://ca/dir");
	CU_ASSERT_PTR_NULL(ce_http_link(&reply, "up", 0));
	free(help);
	free(index);
	ce_http_answer_release(&reply);
}

/* H1 */
static void
the_agent_names_program_and_library(void)
{
	CU_ASSERT_PTR_NOT_NULL(strstr(ce_http_agent(), "certengine/"));
	CU_ASSERT_PTR_NOT_NULL(strstr(ce_http_agent(), " libcurl/"));
	CU_ASSERT(strlen(ce_http_agent()) < 100);
}

const struct ce_test suite_http_reply[] = {
	{ "Retry-After is read in both forms", retry_after_is_read_in_both_forms },
	{ "types are compared without parameters", types_are_compared_without_parameters },
	{ "links of several headers are found", links_of_several_headers_are_found },
	{ "the agent names program and library", the_agent_names_program_and_library },
	{ NULL, NULL },
};
