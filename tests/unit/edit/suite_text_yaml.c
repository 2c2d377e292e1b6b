#include "edit_suites.h"

#define SYNTAX CE_TEXT_YAML

static void
keys_are_paths(void)
{
	static const struct {
		const char *text, *list;
	} cases[] = {
		{ "", "" },
		{ "# nothing\n", "" },
		{ "a: 1\nb:\n  c: x y\n  d.e: 'z'\n", "0|a=1;0|b.c=x y;0|b.d.e=z;" },
		{ "a:\n- 1\n- b: 2\n  c: 3\n", "0|a[0]=1;0|a[1].b=2;0|a[1].c=3;" },
		{ "a: {b: 1, c: [2, 3]}\n", "0|a.b=1;0|a.c[0]=2;0|a.c[1]=3;" },
		{ "a:\nb: ~\nc: {}\nd: []\n", "0|a=;0|b=~;0|c=;0|d=;" },
		{ "a: 1\n---\na: 2\n...\n---\n# none\n---\nb: 3\n", "0|a=1;1|a=2;3|b=3;" },
		{ "a: &x 1\nb: *x\n", "0|a=1;0|b;" },
		{ "a: >\n  one\n  two\nb: \"x\\ty\"\n", "0|a=one two\n;0|b=x\ty;" },
		{ "\xef\xbb\xbf" "a: \xc3\xa9\r\nb: 2\r\n", "0|a=\xc3\xa9;0|b=2;" },
	};
	for (size_t i = 0; i < CE_COUNT(cases); i++) {
		CE_CLEANUP(ce_textp) ce_text *document = edit_text(cases[i].text, SYNTAX);
		CU_ASSERT_STRING_EQUAL(edit_list(document), cases[i].list);
	}
}

static void
changes_the_scalar_alone(void)
{
	static const struct edit_case cases[] = {
		{ "a: 1 # one\nb: 2\n", NULL, "a", "8443", "a: 8443 # one\nb: 2\n", NULL },
		{ "\xef\xbb\xbf# \xc3\xa9\xf0\x9f\x94\x91\r\na:\r\n    b: \xc3\xa9\r\nc: 1", NULL, "a.b", "/etc/x.p12",
			"\xef\xbb\xbf# \xc3\xa9\xf0\x9f\x94\x91\r\na:\r\n    b: /etc/x.p12\r\nc: 1", NULL },
		{ "a: 'x' \n", NULL, "a", "it's", "a: 'it''s' \n", NULL },
		{ "a: \"x\"\n", NULL, "a", "q\"\\\xc3\xa9\n", "a: \"q\\\"\\\\\xc3\xa9\\x0A\"\n", NULL },
		{ "a: x\n", NULL, "a", "no", "a: 'no'\n", NULL },
		{ "a: x\n", NULL, "a", "0123", "a: '0123'\n", NULL },
		{ "a: x\n", NULL, "a", "a: b #c", "a: 'a: b #c'\n", NULL },
		{ "a: x\n", NULL, "a", "${x}", "a: '${x}'\n", NULL },
		{ "a: x\n", NULL, "a", "\xc3\xa9", "a: \"\xc3\xa9\"\n", NULL },
		{ "a: x\n", NULL, "a", "", "a: ''\n", NULL },
		{ "a:\nb: 1\n", NULL, "a", "x", "a: x\nb: 1\n", NULL },
		{ "a: {b: 1, c: 2}\n", NULL, "a.b", "x", "a: {b: x, c: 2}\n", NULL },
		{ "a: {b: 1, c: 2}\n", NULL, "a.b", "x, y", "a: {b: 'x, y', c: 2}\n", NULL },
		{ "a: one\n  two\nb: 1\n", NULL, "a", "x", "a: x\nb: 1\n", NULL },
		{ "a:\n- x\n- y\n", NULL, "a[1]", "z", "a:\n- x\n- z\n", NULL },
		{ "a: 1\n---\na: 2\n", "1", "a", "3", "a: 1\n---\na: 3\n", NULL },
		{ "a: 1\n---\na: 2\n", NULL, "a", "3", NULL, "already" },
		{ "a:\n  b: 1\na.b: 2\n", NULL, "a.b", "3", NULL, "line 3: 'a.b' is set in line 2 already" },
	};
	edit_cases(SYNTAX, cases, CE_COUNT(cases));
}

static void
adds_below_the_mapping_that_is_there(void)
{
	static const struct edit_case cases[] = {
		{ "", NULL, "a.b", "1", "a:\n  b: 1\n", NULL },
		{ "server:\n    port: 1\n# end\nz: 1\n", NULL, "server.ssl.key-store", "/x",
			"server:\n    port: 1\n    ssl:\n        key-store: /x\n# end\nz: 1\n", NULL },
		{ "server:\r\n  ssl:\r\n    a: 1", NULL, "server.ssl.b", "2",
			"server:\r\n  ssl:\r\n    a: 1\r\n    b: 2", NULL },
		{ "a: |\n  x\n\nb: 1\n", NULL, "c", "2", "a: |\n  x\n\nb: 1\nc: 2\n", NULL },
		{ "s:\n  a: |\n    x\nb: 1\n", NULL, "s.c", "2", "s:\n  a: |\n    x\n  c: 2\nb: 1\n", NULL },
		{ "a: 1\n---\nb: 1\n", "0", "c", "2", "a: 1\nc: 2\n---\nb: 1\n", NULL },
		{ "a: 1\n---\n", "1", "c", "2", "a: 1\n---\nc: 2\n", NULL },
		{ "a: {b: 1}\n", NULL, "a.c", "2", NULL, "mapping in braces" },
		{ "a:\n", NULL, "a.b", "1", NULL, "twice" },
		{ "a: 1\n", "4", "c", "2", NULL, "no document number 4" },
		{ "a: 1\n", NULL, "c d", "2", NULL, "cannot be written as a key" },
	};
	edit_cases(SYNTAX, cases, CE_COUNT(cases));
}

static void
removes_pairs_with_what_is_left_empty(void)
{
	static const struct edit_case cases[] = {
		{ "a: 1 # one\nb: 2\n", NULL, "a", NULL, "b: 2\n", NULL },
		{ "s:\n  t:\n    u: 1\nb: 2\n", NULL, "s.t.u", NULL, "b: 2\n", NULL },
		{ "s:\n  t: 1\n  u: 2\n", NULL, "s.t", NULL, "s:\n  u: 2\n", NULL },
		{ "s: {t: 1}\nb: 2\n", NULL, "s.t", NULL, "b: 2\n", NULL },
		{ "s: {t: 1, u: 2}\n", NULL, "s.t", NULL, NULL, "braces" },
		{ "s:\n- t: 1\n  u: 2\n", NULL, "s[0].t", NULL, NULL, "its line holds more" },
		{ "s:\n- t\n- u\n", NULL, "s[0]", NULL, NULL, "list" },
		{ "a: |\n  x\n  y\nb: 1\n", NULL, "a", NULL, "b: 1\n", NULL },
	};
	edit_cases(SYNTAX, cases, CE_COUNT(cases));
}

/* design.md 7: never guess. */
static void
refuses_what_is_shared_or_unclear(void)
{
	static const struct edit_case cases[] = {
		{ "x: &x\n  a: 1\ny: *x\n", NULL, "x.a", "2", NULL, "line 2: 'x.a' cannot be changed safely: it stands below an anchor" },
		{ "x: &x 1\ny: *x\n", NULL, "x", "2", NULL, "anchor" },
		{ "x: &x 1\ny: *x\n", NULL, "y", "2", NULL, "alias" },
		{ "x: &x\n  a: 1\ny:\n  <<: *x\n  b: 1\n", NULL, "y.c", "2", NULL, "merges another" },
		{ "x: &x\n  a: 1\ny: *x\n", NULL, "x.c", "2", NULL, "anchor" },
		{ "x: !!str 1\n", NULL, "x", "2", NULL, "tag" },
		{ "x: |\n  text\n", NULL, "x", "2", NULL, "several lines" },
	};
	edit_cases(SYNTAX, cases, CE_COUNT(cases));
	edit_unread("a: 1\nb: 2\na: 3\n", SYNTAX, "line 3: the key 'a'");
	edit_unread("a:\n\tb: 1\n", SYNTAX, "line 2");
	edit_unread("a: [1\n", SYNTAX, "no YAML");
	edit_unread("- 1\n- 2\n", SYNTAX, "no mapping");
	edit_unread("text\n", SYNTAX, "no mapping");
	edit_unread("? [a]\n: 1\n", SYNTAX, "no plain text");
	edit_unread("a: \"x\\0y\"\n", SYNTAX, "zero byte");
	edit_unread("a: \xff\n", SYNTAX, "line 1");
}

const struct ce_test text_yaml_tests[] = {
	{ "keys are paths", keys_are_paths },
	{ "changes the scalar alone", changes_the_scalar_alone },
	{ "adds below the mapping that is there", adds_below_the_mapping_that_is_there },
	{ "removes pairs with what is left empty", removes_pairs_with_what_is_left_empty },
	{ "refuses what is shared or unclear", refuses_what_is_shared_or_unclear },
	{ NULL, NULL },
};
