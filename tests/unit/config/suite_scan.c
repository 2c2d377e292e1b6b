#include <stdio.h>
#include <string.h>

#include "config/scan.h"
#include "suites.h"

struct row {
	const char *text;
	int code;
	int line;           /* 0: nothing is found */
	const char *part;
};

/* reliability.md, finding 10: what libconfig 1.5 wraps, clamps and cuts. */
static const struct row rows[] = {
	{ "a = 2147483647; b = -2147483648; c = 0x7fffffff;", CE_OK, 0, NULL },
	{ "a = 2147483648;", CE_OK, 1, "2147483648 does not fit 32 bits" },
	{ "\n\na = 4294967297;", CE_OK, 3, "4294967297 does not fit 32 bits" },
	{ "a = -2147483649;", CE_OK, 1, "-2147483649" },
	{ "a = 0xFFFFFFFF;", CE_OK, 1, "0xFFFFFFFF" },
	{ "a = 4294967297L; b = 0xFFFFFFFFFFL; c = 5LL;", CE_OK, 0, NULL },
	{ "a = 9223372036854775808L;", CE_OK, 1, "does not fit 64 bits" },
	{ "a = 0xFFFFFFFFFFFFFFFFFL;", CE_OK, 1, "does not fit 64 bits" },
	{ "a = 1.5; b = 1e99; c = .5; d = 99999999999.0;", CE_OK, 0, NULL },
	{ "# 4294967297\n// 4294967297\n/* 4294967297\n */ a = \"4294967297\";", CE_OK, 0, NULL },
	{ "name4294967297 = 1; n-4294967297 = 2;", CE_OK, 0, NULL },
	{ "a = [1, 2,\n4294967297];", CE_OK, 2, "4294967297" },
	{ "a = \"say \\\"4294967297\\\" \"; # \"\nb = 1;", CE_OK, 0, NULL },
	{ "@include \"/etc/shadow\"", CE_ERR_REFUSED, 1, "@include" },
	{ "a = 1;\n  @include \"x\"\n", CE_ERR_REFUSED, 2, "conf.d" },
	{ "a = \"@include x\"; # @include\n", CE_OK, 0, NULL },
	{ "a = \"good\\x00evil\";", CE_ERR_REFUSED, 1, "\\x00" },
	{ "a = \"multi\nline\"; b = 4294967297;", CE_OK, 2, "4294967297" },
	{ "a = [ \"one\", \"two\" ]; b = \"three\"; c = \"four\" }", CE_OK, 0, NULL },
	{ "a = [ \"one.test\" \"two.test\" ];", CE_OK, 1, "a ',' is missing" },
	{ "a = [ \"one.test\" # first\n\t/* second */ \"two.test\" ];", CE_OK, 2, "a ',' is missing" },
	{ "a = \"never closed", CE_OK, 0, NULL },
	{ "/* never closed", CE_OK, 0, NULL },
	{ "a = \"\\", CE_OK, 0, NULL },
	{ "-", CE_OK, 0, NULL },
	{ "", CE_OK, 0, NULL },
};

static struct ce_bytes
bytes_of(const char *text)
{
	struct ce_bytes bytes = { (const unsigned char *)text, strlen(text) };
	return bytes;
}

static void
judge(const struct row *row)
{
	struct ce_problems problems = { NULL, 0 };
	struct ce_error err;
	int code = ce_scan(bytes_of(row->text), "/f", &problems, &err);
	bool good = code == row->code && problems.count == (row->line > 0);
	if (good && row->line > 0)
		good = problems.items[0].line == row->line && strstr(problems.items[0].text, row->part);
	if (!good)
		fprintf(stderr, "\n  %s: code %d, %zu findings, %s\n", row->text, code, problems.count,
			problems.count > 0 ? problems.items[0].text : "");
	CU_ASSERT(good);
	ce_problems_release(&problems);
}

static void
judges_rows(void)
{
	for (size_t i = 0; i < CE_COUNT(rows); i++)
		judge(&rows[i]);
}

static void
refuses_nul(void)
{
	static const char text[] = "a = 1;\nb = \"x\0y\";";
	struct ce_bytes bytes = { (const unsigned char *)text, sizeof(text) - 1 };
	struct ce_problems problems = { NULL, 0 };
	struct ce_error err;
	CU_ASSERT_EQUAL(ce_scan(bytes, "/f", &problems, &err), CE_ERR_REFUSED);
	CU_ASSERT_EQUAL_FATAL(problems.count, 1);
	CU_ASSERT_EQUAL(problems.items[0].line, 2);
	ce_problems_release(&problems);
}

static void
survives_long_numbers(void)
{
	char text[600];
	memset(text, '7', sizeof(text));
	memcpy(text, "a = ", 4);
	strcpy(text + sizeof(text) - 2, ";");
	struct ce_problems problems = { NULL, 0 };
	struct ce_error err;
	CU_ASSERT_EQUAL(ce_scan(bytes_of(text), "/f", &problems, &err), CE_OK);
	CU_ASSERT_EQUAL_FATAL(problems.count, 1);
	CU_ASSERT_STRING_EQUAL(problems.items[0].text, "the number 7777777777777777... is too long");
	ce_problems_release(&problems);
}

const struct ce_test scan_tests[] = {
	{ "numbers, includes and NULs are found where they stand, and only there", judges_rows },
	{ "a NUL byte refuses the file and names the line", refuses_nul },
	{ "a number of hundreds of digits is reported in short", survives_long_numbers },
	{ NULL, NULL },
};
