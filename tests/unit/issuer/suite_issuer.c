#include <string.h>

#include "fixture.h"
#include "suites.h"

extern const struct ce_test issuer_tests[];

/* Number of problems; all of their texts behind each other go to text. */
static size_t
check(const char *issuers, char *text, size_t room)
{
	struct ce_error err = { 0 };
	CE_CLEANUP(fixture_close) struct fixture fixture;
	fixture_open(&fixture, issuers);
	CU_ASSERT_EQUAL(fixture.problems.count, 0);
	CU_ASSERT_EQUAL(ce_issuers_check(&fixture.config, &fixture.problems, &err), CE_OK);
	text[0] = '\0';
	for (size_t i = 0; i < fixture.problems.count; i++) {
		CU_ASSERT_PTR_NOT_NULL(fixture.problems.items[i].file);
		CU_ASSERT_TRUE(fixture.problems.items[i].line > 0);
		strncat(text, fixture.problems.items[i].text, room - strlen(text) - 1);
	}
	return fixture.problems.count;
}

static void
every_kind_has_its_driver(void)
{
	size_t count = 0;
	for (const char *const *kind = ce_issuer_kinds(); *kind; kind++, count++) {
		const struct ce_issuer_driver *driver = ce_issuer_driver(*kind);
		CU_ASSERT_PTR_NOT_NULL_FATAL(driver);
		CU_ASSERT_STRING_EQUAL(driver->kind, *kind);
		CU_ASSERT_PTR_NOT_NULL(driver->summary);
		CU_ASSERT_PTR_NOT_NULL(driver->options);
		CU_ASSERT_PTR_NOT_NULL(driver->issue);
	}
	CU_ASSERT_TRUE(count >= 2);
	CU_ASSERT_PTR_NULL(ce_issuer_driver("nonesuch"));
	CU_ASSERT_PTR_NULL(ce_issuer_driver(""));
}

static void
good_issuers_have_no_problems(void)
{
	char text[1024];
	CU_ASSERT_EQUAL(check("house: { kind = \"local\"; };", text, sizeof(text)), 0);
	CU_ASSERT_EQUAL(check("house: { kind = \"local\"; days = 825; key = \"rsa-2048\"; common_name = \"House CA\"; };"
		" own: { kind = \"selfsigned\"; days = 1; };", text, sizeof(text)), 0);
}

static void
an_unknown_kind_is_reported_with_the_nearest(void)
{
	char text[1024];
	CU_ASSERT_EQUAL(check("house: { kind = \"locl\"; };", text, sizeof(text)), 1);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "did you mean 'local'?"));
	CU_ASSERT_EQUAL(check("house: { kind = \"qqqqqqqqqqqq\"; };", text, sizeof(text)), 1);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "known are"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "selfsigned"));
}

static void
wrong_options_of_all_issuers_are_reported_in_one_run(void)
{
	char text[2048];
	size_t count = check("house: { kind = \"local\"; days = 826; dayz = 1; key = \"rsa-1024\"; };"
		" own: { kind = \"selfsigned\"; days = \"ten\"; };", text, sizeof(text));
	CU_ASSERT_EQUAL(count, 4);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "house"));
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "own"));
}

static void
a_common_name_is_at_most_64_bytes(void)
{
	char text[1024];
	CU_ASSERT_EQUAL(check("house: { kind = \"local\"; common_name = "
		"\"1234567890123456789012345678901234567890123456789012345678901234\"; };", text, sizeof(text)), 0);
	CU_ASSERT_EQUAL(check("house: { kind = \"local\"; common_name = "
		"\"12345678901234567890123456789012345678901234567890123456789012345\"; };", text, sizeof(text)), 1);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "65 bytes"));
}

const struct ce_test issuer_tests[] = {
	{ "every kind has its driver", every_kind_has_its_driver },
	{ "good issuers have no problems", good_issuers_have_no_problems },
	{ "an unknown kind is reported with the nearest", an_unknown_kind_is_reported_with_the_nearest },
	{ "wrong options of all issuers are reported in one run", wrong_options_of_all_issuers_are_reported_in_one_run },
	{ "a common name is at most 64 bytes", a_common_name_is_at_most_64_bytes },
	{ NULL, NULL },
};
