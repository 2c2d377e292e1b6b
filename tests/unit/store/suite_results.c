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
	char step[] = "order", failure[] = "rate limited";
	const struct ce_issue_result put = {
		.failures = 2, .not_before = 1795003600, .failure_step = step, .failure = failure, .failed_at = 1795000000,
	};
	CU_ASSERT_EQUAL(ce_store_issue_result_put(store, "shop", &put, &err), CE_OK);
	CE_CLEANUP(ce_issue_result_release) struct ce_issue_result got = { 0 };
	CU_ASSERT_EQUAL_FATAL(ce_store_issue_result(store, "shop", &got, &err), CE_OK);
	CU_ASSERT_EQUAL(got.failures, 2);
	CU_ASSERT_EQUAL(got.not_before, 1795003600);
	CU_ASSERT_EQUAL(got.failed_at, 1795000000);
	CU_ASSERT_STRING_EQUAL(got.failure_step, "order");
	CU_ASSERT_STRING_EQUAL(got.failure, "rate limited");
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
	const struct ce_issue_result put = { .failures = 1 };
	CU_ASSERT_EQUAL(ce_store_issue_result_put(store, "shop", &put, &err), CE_OK);
	fixture_damage(directory, "certificates/shop/issue.json", "{\"failures\": 5, \"colour\": [1]}");
	struct ce_issue_result got = { 0 };
	CU_ASSERT_EQUAL(ce_store_issue_result(store, "shop", &got, &err), CE_OK);
	CU_ASSERT_EQUAL(got.failures, 5);
}

const struct ce_test results_tests[] = {
	{ "a target result comes back", a_target_result_comes_back },
	{ "a success has no failure", a_success_has_no_failure },
	{ "an issue result comes back", an_issue_result_comes_back },
	{ "a damaged result is reported and counts as absent", a_damaged_result_is_reported_and_counts_as_absent },
	{ "members of a later version are passed over", members_of_a_later_version_are_passed_over },
	{ NULL, NULL },
};
