#include <limits.h>
#include <string.h>

#include "base/log.h"
#include "fixture.h"
#include "suites.h"

extern const struct ce_test results_tests[];

static int warnings;

static void
count_warning(int level, const char *line, void *context)
{
	(void)line;
	(void)context;
	if (level == CE_LOG_WARNING)
		warnings++;
}

static void
a_target_result_comes_back(void)
{
	struct ce_error err = { 0 };
	CE_CLEANUP(ce_storep) struct ce_store *store = fixture_store();
	char step[] = "reload", failure[] = "unit 'a.service' \"failed\"\n\xff\x1b[31m";
	const struct ce_target_result put = {
		.generation = 3, .when = 1795000000, .failure_step = step, .failure = failure, .failed_at = 1795000001,
	};
	CU_ASSERT_EQUAL(ce_store_target_result_put(store, "shop", "web", &put, &err), CE_OK);
	CE_CLEANUP(ce_target_result_release) struct ce_target_result got = { 0 };
	CU_ASSERT_EQUAL_FATAL(ce_store_target_result(store, "shop", "web", &got, &err), CE_OK);
	CU_ASSERT_EQUAL(got.generation, 3);
	CU_ASSERT_EQUAL(got.when, 1795000000);
	CU_ASSERT_EQUAL(got.failed_at, 1795000001);
	CU_ASSERT_STRING_EQUAL(got.failure_step, "reload");
	/* Bytes that are no text come back visible. */
	CU_ASSERT_PTR_NOT_NULL(strstr(got.failure, "unit 'a.service' \"failed\"\\x0a\\xff\\x1b[31m"));
}

static void
a_success_has_no_failure(void)
{
	struct ce_error err = { 0 };
	CE_CLEANUP(ce_storep) struct ce_store *store = fixture_store();
	const struct ce_target_result put = { .generation = LONG_MAX, .when = LLONG_MAX };
	CU_ASSERT_EQUAL(ce_store_target_result_put(store, "shop", "web", &put, &err), CE_OK);
	CE_CLEANUP(ce_target_result_release) struct ce_target_result got = { 0 };
	CU_ASSERT_EQUAL_FATAL(ce_store_target_result(store, "shop", "web", &got, &err), CE_OK);
	CU_ASSERT_EQUAL(got.generation, LONG_MAX);
	CU_ASSERT_EQUAL(got.when, LLONG_MAX);
	CU_ASSERT_PTR_NULL(got.failure);
	CU_ASSERT_PTR_NULL(got.failure_step);
}

static void
an_issue_result_comes_back(void)
{
	struct ce_error err = { 0 };
	CE_CLEANUP(ce_storep) struct ce_store *store = fixture_store();
	CE_CLEANUP(ce_issue_result_release) struct ce_issue_result put = { .alert_since = 1795000007 };
	struct ce_issue_attempt *attempt = ce_issue_attempt_at(&put, "first", &err);
	CU_ASSERT_PTR_NOT_NULL_FATAL(attempt);
	attempt->failures = 2;
	attempt->ca_failures = 1;
	attempt->told = 1;
	attempt->not_before = 1795003600;
	attempt->when = 1795000000;
	attempt->class = strdup("limit");
	attempt->text = strdup("rate limited");
	struct ce_issue_attempt *second = ce_issue_attempt_at(&put, "second", &err);
	CU_ASSERT_PTR_NOT_NULL_FATAL(second);
	second->class = strdup("ca");
	CU_ASSERT_PTR_EQUAL(ce_issue_attempt_at(&put, "first", &err), &put.attempts.items[0]);
	CU_ASSERT_EQUAL(ce_store_issue_result_put(store, "shop", &put, &err), CE_OK);
	CE_CLEANUP(ce_issue_result_release) struct ce_issue_result got = { 0 };
	CU_ASSERT_EQUAL_FATAL(ce_store_issue_result(store, "shop", &got, &err), CE_OK);
	CU_ASSERT_EQUAL_FATAL(got.attempts.count, 2);
	attempt = ce_issue_attempt_find(&got, "first");
	CU_ASSERT_PTR_NOT_NULL_FATAL(attempt);
	CU_ASSERT_EQUAL(attempt->failures, 2);
	CU_ASSERT_EQUAL(attempt->ca_failures, 1);
	CU_ASSERT_EQUAL(attempt->told, 1);
	CU_ASSERT_EQUAL(attempt->not_before, 1795003600);
	CU_ASSERT_EQUAL(attempt->when, 1795000000);
	CU_ASSERT_STRING_EQUAL(attempt->class, "limit");
	CU_ASSERT_STRING_EQUAL(attempt->text, "rate limited");
	CU_ASSERT_PTR_NULL(attempt->step);
	CU_ASSERT_EQUAL(got.alert_since, 1795000007);
	CU_ASSERT_PTR_NULL(ce_issue_attempt_find(&got, "third"));
}

static void
hints_and_limits_come_back(void)
{
	struct ce_error err = { 0 };
	CE_CLEANUP(ce_storep) struct ce_store *store = fixture_store();
	char leaf[] = "ab", page[] = "https://ca.test/why", text[] = "too many";
	const struct ce_renewal_record hint = { .leaf = leaf, .start = 10, .end = 20, .chosen = 15, .explanation = page,
		.polled_at = 5, .next_poll = 30, .failures = 1 };
	const struct ce_issuer_wait limit = { .until = 100, .since = 50, .text = text };
	CU_ASSERT_EQUAL(ce_store_renewal_put(store, "shop", &hint, &err), CE_OK);
	CU_ASSERT_EQUAL(ce_store_issuer_wait_put(store, "house", &limit, &err), CE_OK);
	CE_CLEANUP(ce_renewal_record_release) struct ce_renewal_record got = { 0 };
	CE_CLEANUP(ce_issuer_wait_release) struct ce_issuer_wait wait = { 0 };
	CU_ASSERT_EQUAL(ce_store_renewal(store, "shop", &got, &err), CE_OK);
	CU_ASSERT_EQUAL(ce_store_issuer_wait(store, "house", &wait, &err), CE_OK);
	CU_ASSERT_STRING_EQUAL(got.leaf, "ab");
	CU_ASSERT_STRING_EQUAL(got.explanation, "https://ca.test/why");
	CU_ASSERT_EQUAL(got.chosen, 15);
	CU_ASSERT_EQUAL(got.next_poll, 30);
	CU_ASSERT_EQUAL(wait.until, 100);
	CU_ASSERT_STRING_EQUAL(wait.text, "too many");
	/* Of another certificate or issuer nothing is known. */
	ce_renewal_record_release(&got);
	CU_ASSERT_EQUAL(ce_store_renewal(store, "mail", &got, &err), CE_OK);
	CU_ASSERT_EQUAL(got.chosen, 0);
}

/* Nothing that is damaged keeps a certificate from being asked for. */
static void
damaged_attempts_count_as_none(void)
{
	static const char *const damage[] = { "{\"attempts\": 5}", "{\"attempts\": [5]}",
		"{\"attempts\": [{\"issuer\": \"a\", \"text\": \"b\"}, {\"when\": \"c\"}]}" };
	struct ce_error err = { 0 };
	const char *directory = fixture_directory();
	CE_CLEANUP(ce_storep) struct ce_store *store = NULL;
	CU_ASSERT_EQUAL_FATAL(ce_store_open(directory, &store, &err), CE_OK);
	const struct ce_issue_result put = { .alert_since = 1 };
	CU_ASSERT_EQUAL(ce_store_issue_result_put(store, "shop", &put, &err), CE_OK);
	ce_log_to(count_warning, NULL, CE_LOG_WARNING);
	for (size_t i = 0; i < CE_COUNT(damage); i++) {
		fixture_damage(directory, "certificates/shop/issue.json", damage[i]);
		warnings = 0;
		struct ce_issue_result got = { 0 };
		CU_ASSERT_EQUAL(ce_store_issue_result(store, "shop", &got, &err), CE_OK);
		CU_ASSERT_EQUAL(got.attempts.count, 0);
		CU_ASSERT_EQUAL(warnings, 1);
	}
	ce_log_to(NULL, NULL, CE_LOG_WARNING);
}

static void
a_damaged_result_is_reported_and_counts_as_absent(void)
{
	static const char *const damage[] = {
		"", "{", "[]", "null", "{\"generation\": \"3\"}", "{\"failure\": 3}", "{\"when\": 1.5}",
		"{\"generation\": 1, \"generation\": 2}", "{\"generation\": 99999999999999999999}",
		"{\"failure_step\": \"reload\", \"failure\": []}",
	};
	struct ce_error err = { 0 };
	const char *directory = fixture_directory();
	CE_CLEANUP(ce_storep) struct ce_store *store = NULL;
	CU_ASSERT_EQUAL_FATAL(ce_store_open(directory, &store, &err), CE_OK);
	const struct ce_target_result put = { .generation = 3 };
	CU_ASSERT_EQUAL(ce_store_target_result_put(store, "shop", "web", &put, &err), CE_OK);
	ce_log_to(count_warning, NULL, CE_LOG_WARNING);
	for (size_t i = 0; i < CE_COUNT(damage); i++) {
		fixture_damage(directory, "certificates/shop/targets/web/result.json", damage[i]);
		warnings = 0;
		struct ce_target_result got = { .generation = 7 };
		CU_ASSERT_EQUAL(ce_store_target_result(store, "shop", "web", &got, &err), CE_OK);
		CU_ASSERT_EQUAL(got.generation, 0);
		CU_ASSERT_PTR_NULL(got.failure_step);
		CU_ASSERT_EQUAL(warnings, 1);
		CU_ASSERT_EQUAL(err.code, CE_OK);
	}
	ce_log_to(NULL, NULL, CE_LOG_WARNING);
	CU_ASSERT_EQUAL(ce_store_target_result_put(store, "shop", "web", &put, &err), CE_OK);
	struct ce_target_result got = { 0 };
	CU_ASSERT_EQUAL(ce_store_target_result(store, "shop", "web", &got, &err), CE_OK);
	CU_ASSERT_EQUAL(got.generation, 3);
}

static void
members_of_a_later_version_are_passed_over(void)
{
	struct ce_error err = { 0 };
	const char *directory = fixture_directory();
	CE_CLEANUP(ce_storep) struct ce_store *store = NULL;
	CU_ASSERT_EQUAL_FATAL(ce_store_open(directory, &store, &err), CE_OK);
	const struct ce_issue_result put = { .alert_since = 1 };
	CU_ASSERT_EQUAL(ce_store_issue_result_put(store, "shop", &put, &err), CE_OK);
	fixture_damage(directory, "certificates/shop/issue.json", "{\"alert_since\": 5, \"colour\": [1]}");
	struct ce_issue_result got = { 0 };
	CU_ASSERT_EQUAL(ce_store_issue_result(store, "shop", &got, &err), CE_OK);
	CU_ASSERT_EQUAL(got.alert_since, 5);
}

const struct ce_test results_tests[] = {
	{ "a target result comes back", a_target_result_comes_back },
	{ "a success has no failure", a_success_has_no_failure },
	{ "an issue result comes back", an_issue_result_comes_back },
	{ "hints and limits come back", hints_and_limits_come_back },
	{ "damaged attempts count as none", damaged_attempts_count_as_none },
	{ "a damaged result is reported and counts as absent", a_damaged_result_is_reported_and_counts_as_absent },
	{ "members of a later version are passed over", members_of_a_later_version_are_passed_over },
	{ NULL, NULL },
};
