#include "base/moment.h"
#include "fixture.h"

static void
moments_of_the_rfc_are_read(void)
{
	static const struct {
		const char *text;
		long long seconds;
	} cases[] = {
		{ "1970-01-01T00:00:00Z", 0 },
		{ "2026-11-20T03:14:07Z", 1795144447 },
		{ "2026-11-20T03:14:07.999Z", 1795144447 },              /* (I11) Pebble sends fractions */
		{ "2026-11-20T03:14:07.123456789123Z", 1795144447 },
		{ "2026-11-20T05:14:07+02:00", 1795144447 },             /* (I11) and offsets */
		{ "2026-11-19T21:44:07.5-05:30", 1795144447 },
		{ "2026-11-20t03:14:07z", 1795144447 },                  /* RFC 3339 section 5.6, notes */
		{ "2026-11-20 03:14:07-00:00", 1795144447 },
		{ "1990-12-31T23:59:60Z", 662688000 },                   /* section 5.8: a leap second */
		{ "1937-01-01T12:00:27.87+00:20", -1041337173 },         /* section 5.8 */
		{ "2000-02-29T00:00:00Z", 951782400 },
		{ "2100-03-01T00:00:00Z", 4107542400 },
		{ "0001-01-01T00:00:00Z", -62135596800 },
		{ "9999-12-31T23:59:59Z", 253402300799 },
	};
	for (size_t i = 0; i < CE_COUNT(cases); i++) {
		long long seconds = 1;
		CU_ASSERT_EQUAL(ce_moment_parse(cases[i].text, &seconds, NULL), CE_OK);
		CU_ASSERT_EQUAL(seconds, cases[i].seconds);
	}
}

static void
what_is_no_moment_is_refused(void)
{
	static const char *const cases[] = { "", "2026", "2026-11-20", "2026-11-20T03:14:07", "2026-11-20T03:14:07ZZ",
		"2026-11-20T03:14:07.Z", "2026-11-20T03:14Z", "2026-13-20T03:14:07Z", "2026-00-20T03:14:07Z", "2026-02-29T03:14:07Z",
		"2100-02-29T03:14:07Z", "2026-11-31T03:14:07Z", "2026-11-00T03:14:07Z", "2026-11-20T24:14:07Z",
		"2026-11-20T03:60:07Z", "2026-11-20T03:14:61Z", "2026-11-20T03:14:07+2:00", "2026-11-20T03:14:07+0200",
		"2026-11-20T03:14:07+24:00", "2026-11-20T03:14:07+02:60", "0000-01-01T00:00:00Z", "20261120T031407Z",
		"+026-11-20T03:14:07Z", " 2026-11-20T03:14:07Z", "Fri, 20 Nov 2026 03:14:07 GMT" };
	for (size_t i = 0; i < CE_COUNT(cases); i++) {
		long long seconds = 42;
		struct ce_error err = { 0 };
		CU_ASSERT_EQUAL(ce_moment_parse(cases[i], &seconds, &err), CE_ERR_INVALID);
		CU_ASSERT_EQUAL(seconds, 42);
	}
}

const struct ce_test moment_tests[] = {
	{ "moments of the RFC are read, with fractions and offsets (I11)", moments_of_the_rfc_are_read },
	{ "what is no moment is refused", what_is_no_moment_is_refused },
	{ NULL, NULL },
};
