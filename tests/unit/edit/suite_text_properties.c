#include "edit_suites.h"

#define SYNTAX CE_TEXT_PROPERTIES

/* products.md 5.2, and java.util.Properties.load. */
static void
reads_as_java_does(void)
{
	static const struct {
		const char *text, *list;
	} cases[] = {
		{ "", "" },
		{ "a=b", "0|a=b;" },
		{ "  a \t= \fb ", "0|a=b ;" },
		{ "a:b\rc d\r\ne", "0|a=b;0|c=d;0|e=;" },
		{ "# a=b\n  ! c=d\n\n \t\na=#x!y", "0|a=#x!y;" },
		{ "a\\ b\\=c=d", "0|a b=c=d;" },
		{ "a=one,\\\n   two,\\\r\n\tthree", "0|a=one,two,three;" },
		{ "a=\\\n\nb=1", "0|a=;0|b=1;" },
		{ "a=x\\\\\nb=1", "0|a=x\\;0|b=1;" },
		{ "a=\\u00e9\\uD83D\\uDD11\\t\\z", "0|a=\xc3\xa9\xf0\x9f\x94\x91\tz;" },
		{ "a=\xe9", "0|a=\xc3\xa9;" },
		{ "a=C:\\\\temp\\", "0|a=C:\\temp;" },
		{ "a = = b", "0|a== b;" },
		{ "=b", "0|=b;" },
		{ "a=1\na=2", "0|a=1;0|a=2;" },
		{ "# c \\\na=1", "0|a=1;" },
	};
	for (size_t i = 0; i < CE_COUNT(cases); i++) {
		CE_CLEANUP(ce_textp) ce_text *document = edit_text(cases[i].text, SYNTAX);
		CU_ASSERT_STRING_EQUAL(edit_list(document), cases[i].list);
	}
}

static void
documents_are_divided_as_spring_boot_does(void)
{
	CE_CLEANUP(ce_textp) ce_text *document = edit_text("a=1\n#---\na=2\n!--- \na=3\n #---\n#----\na=4\n", SYNTAX);
	CU_ASSERT_STRING_EQUAL(edit_list(document), "0|a=1;1|a=2;2|a=3;2|a=4;");
	CU_ASSERT_STRING_EQUAL(ce_text_value(ce_text_find(document, NULL, "a"), 0), "4");
	CU_ASSERT_STRING_EQUAL(ce_text_value(ce_text_find(document, "1", "a"), 0), "2");
	CU_ASSERT_EQUAL(ce_text_line(ce_text_find(document, "1", "a")), 3);
	CE_CLEANUP(ce_textp) ce_text *touched = edit_text("a=1\n# x\n#---\na=2\n#---\n# y\na=3\n", SYNTAX);
	CU_ASSERT_STRING_EQUAL(edit_list(touched), "0|a=1;0|a=2;0|a=3;");
}

static void
changes_the_value_alone(void)
{
	static const struct edit_case cases[] = {
		{ "# c\r\n a\t:  b \r\nz=1", NULL, "a", "x", "# c\r\n a\t:  x\r\nz=1", NULL },
		{ "a=one,\\\n   two\nb=1\n", NULL, "a", "x", "a=x\nb=1\n", NULL },
		{ "a=\\\n   two\nb=1\n", NULL, "a", "x", "a=\\\n   x\nb=1\n", NULL },
		{ "a\nb=1\n", NULL, "a", "x", "a=x\nb=1\n", NULL },
		{ "a \nb=1\n", NULL, "a", "x", "a x\nb=1\n", NULL },
		{ "a=1\n", NULL, "a", "", "a=\n", NULL },
		{ "a=1\n", NULL, "a", " C:\\k \xc3\xa9\xf0\x9f\x94\x91\n#=:", "a=\\ C:\\\\k \\u00E9\\uD83D\\uDD11\\n#=:\n", NULL },
		{ "a=${x:1}\n", NULL, "a", "${y}", "a=${y}\n", NULL },
		{ "a=\\u0031\n", NULL, "a", "1", "a=\\u0031\n", NULL },
		{ "a=1\n#---\na=2\n", "1", "a", "3", "a=1\n#---\na=3\n", NULL },
		{ "a=1\na=2\n", NULL, "a", "3", NULL, "line 2: 'a' is set in line 1 already" },
		{ "a=1\n", NULL, "a", "\xff", NULL, "UTF-8" },
		{ "a=1\n", NULL, "a", "\xed\xa0\x80", NULL, "UTF-8" },
	};
	edit_cases(SYNTAX, cases, CE_COUNT(cases));
}

static void
adds_beside_its_like(void)
{
	static const struct edit_case cases[] = {
		{ "", NULL, "a", "1", "a=1\n", NULL },
		{ "x=1", NULL, "a b", "1", "x=1\na\\ b=1", NULL },
		{ "# only\r\n", NULL, "a", "1", "a=1\r\n# only\r\n", NULL },
		{ "server.ssl.a=1\nother=2\n", NULL, "server.ssl.b", "3", "server.ssl.a=1\nserver.ssl.b=3\nother=2\n", NULL },
		{ "server.ssl.a=1\\\n 2\nother=2\n", NULL, "server.ssl.b", "3",
			"server.ssl.a=1\\\n 2\nserver.ssl.b=3\nother=2\n", NULL },
		{ "a=1\n#---\np=2\n", NULL, "b", "3", "a=1\nb=3\n#---\np=2\n", NULL },
		{ "a=1\n#---\np=2\n", "1", "b", "3", "a=1\n#---\np=2\nb=3\n", NULL },
		{ "a=1\n#---\n", "1", "b", "3", "a=1\n#---\nb=3\n", NULL },
		{ "a=1\n", "7", "b", "3", NULL, "no section '7'" },
		{ "a=1\n", NULL, "", "3", NULL, "empty" },
	};
	edit_cases(SYNTAX, cases, CE_COUNT(cases));
}

static void
removes_whole_lines(void)
{
	static const struct edit_case cases[] = {
		{ "# c\na=1\nb=2\n", NULL, "a", NULL, "# c\nb=2\n", NULL },
		{ "x=0\na=1\\\n  2\r\nb=2", NULL, "a", NULL, "x=0\nb=2", NULL },
		{ "b=2\na=1", NULL, "a", NULL, "b=2\n", NULL },
		{ "b=2\n", NULL, "a", NULL, "b=2\n", NULL },
		{ "a=1\na=2\n", NULL, "a", NULL, NULL, "already" },
	};
	edit_cases(SYNTAX, cases, CE_COUNT(cases));
}

static void
refuses_what_java_reads_otherwise(void)
{
	edit_unread("\xef\xbb\xbf" "a=1\n", SYNTAX, "byte order mark");
	edit_unread("b=1\na=\\u12g4\n", SYNTAX, "line 2");
	edit_unread("a=\\uD83D\n", SYNTAX, "surrogates");
	edit_unread("a=\\uDC00\n", SYNTAX, "surrogates");
	edit_unread("a=\\u0000\n", SYNTAX, "\\u0000");
}

const struct ce_test text_properties_tests[] = {
	{ "reads as Java does", reads_as_java_does },
	{ "documents are divided as Spring Boot does", documents_are_divided_as_spring_boot_does },
	{ "changes the value alone", changes_the_value_alone },
	{ "adds beside its like", adds_beside_its_like },
	{ "removes whole lines", removes_whole_lines },
	{ "refuses what Java reads otherwise", refuses_what_java_reads_otherwise },
	{ NULL, NULL },
};
