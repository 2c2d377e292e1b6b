#include "edit_suites.h"

static void
directives_are_names_with_values_as_they_stand(void)
{
	CE_CLEANUP(ce_textp) ce_text *document = edit_text("\xef\xbb\xbf" "A=1\r\n#B=2\r\n  C_d.e = \"x\" # y\\ \r\nhas blank=1\r\n"
		"=no\r\nnothing\r\nD=", CE_TEXT_DIRECTIVES);
	CU_ASSERT_STRING_EQUAL(edit_list(document), "|A=1;|C_d.e=\"x\" # y\\;|D=;");
	CU_ASSERT_EQUAL(ce_text_line(ce_text_find(document, "", "C_d.e")), 3);
}

/* products.md 4: the WebSocket server's directives. */
static void
directives_are_changed_in_their_line(void)
{
	static const struct edit_case cases[] = {
		{ "# x\r\nWEBSOCKET_ENABLE_SSL=false \r\nZ=1", NULL, "WEBSOCKET_ENABLE_SSL", "true",
			"# x\r\nWEBSOCKET_ENABLE_SSL=true \r\nZ=1", NULL },
		{ "\xef\xbb\xbf" "A=1\n", NULL, "A", "2", "\xef\xbb\xbf" "A=2\n", NULL },
		{ "\xef\xbb\xbf", NULL, "A", "2", "\xef\xbb\xbf" "A=2\n", NULL },
		{ "A=\n", NULL, "A", "2", "A=2\n", NULL },
		{ "A = \n", NULL, "A", "2", "A = 2\n", NULL },
		{ "#A=1\nB=1", NULL, "A", "2", "#A=1\nB=1\nA=2", NULL },
		{ "WS_A=1\nB=1\n", NULL, "WS_C", "2", "WS_A=1\nWS_C=2\nB=1\n", NULL },
		{ "A=1\nB=1\n", NULL, "A", NULL, "B=1\n", NULL },
		{ "A=1\nA=1\n", NULL, "A", "2", NULL, "line 2: 'A' is set in line 1 already" },
		{ "A=1\n", NULL, "A", "x\ny", NULL, "control character" },
		{ "A=1\n", NULL, "A", " x", NULL, "blanks around" },
		{ "A=1\n", NULL, "B=C", "x", NULL, "cannot be a key" },
		{ "A=1\n", NULL, "B C", "x", NULL, "would not read back" },
		{ "A=1\n", NULL, "#B", "x", NULL, "cannot be a key" },
	};
	edit_cases(CE_TEXT_DIRECTIVES, cases, CE_COUNT(cases));
}

static void
ini_has_sections(void)
{
	CE_CLEANUP(ce_textp) ce_text *document = edit_text("top=0\n[a]\nk = v\nl: w\n; k=x\n# k=y\n[b c]\nk=1\n more\n\nm=2\\\n"
		"n=3\no\n", CE_TEXT_INI);
	CU_ASSERT_STRING_EQUAL(edit_list(document), "|top=0;a|k=v;a|l=w;b c|k=1\nmore;b c|m=2\\\nn=3;");
	CU_ASSERT_EQUAL(ce_text_line(ce_text_find(document, "b c", "m")), 11);
}

static void
ini_is_changed_in_its_section(void)
{
	static const struct edit_case cases[] = {
		{ "[a]\nk = 1\r\n[b]\nk=2\n", "b", "k", "3", "[a]\nk = 1\r\n[b]\nk=3\n", NULL },
		{ "[a]\nk = 1\n\n[b]\nk=2\n", "a", "l", "3", "[a]\nk = 1\nl=3\n\n[b]\nk=2\n", NULL },
		{ "[a]\n; none\n[b]\nk=2\n", "a", "l", "3", "[a]\nl=3\n; none\n[b]\nk=2\n", NULL },
		{ "[a]\nk=1", "new", "l", "3", "[a]\nk=1\n[new]\nl=3", NULL },
		{ "[a]\nk=1\n more\nl=2\n", "a", "k", NULL, "[a]\nl=2\n", NULL },
		{ "[a]\nk=1\n more\n", "a", "k", "2", NULL, "line 2: 'k' cannot be changed safely" },
		{ "[a]\nk=1\\\nmore\n", "a", "k", "2", NULL, "several lines" },
		{ "[a]\nk=1 ; now\n", "a", "k", "2", NULL, "comment" },
		{ " k=1\n", NULL, "k", "2", NULL, "blanks stand before" },
		{ "[a]\nk=1\n[a]\nl=1\n", "a", "m", "2", NULL, "stands in the file twice" },
		{ "[a]\nk=1\n", "a", "k", "2 ;3", NULL, "comment" },
		{ "[a]\nk=1\n", "a", "k", "C:\\", NULL, "backslash" },
		{ "[a]\nk=1\n", "x]y", "k", "1", NULL, "cannot be a key" },
		{ "[a]\nk=1\n", "a", "[k", "1", NULL, "cannot be a key" },
	};
	edit_cases(CE_TEXT_INI, cases, CE_COUNT(cases));
	edit_unread("a=1\n[b\n", CE_TEXT_INI, "line 2");
}

const struct ce_test text_plain_tests[] = {
	{ "directives are names with values as they stand", directives_are_names_with_values_as_they_stand },
	{ "directives are changed in their line", directives_are_changed_in_their_line },
	{ "ini has sections", ini_has_sections },
	{ "ini is changed in its section", ini_is_changed_in_its_section },
	{ NULL, NULL },
};
