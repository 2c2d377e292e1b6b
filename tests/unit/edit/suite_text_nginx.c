#include "edit_suites.h"

#define SYNTAX CE_TEXT_NGINX

static ce_text_entry *
at(ce_text *document, const char *key)
{
	ce_text_entry *entry = ce_text_first(document);
	while (entry && strcmp(ce_text_key(entry), key) != 0)
		entry = ce_text_next(entry);
	if (!entry)
		abort();
	return entry;
}

static void
expect(ce_text *document, const char *wanted)
{
	struct ce_bytes bytes = ce_text_bytes(document);
	if (strcmp((const char *)bytes.data, wanted) != 0)
		(void)fprintf(stderr, "\ngot\n%s\nwanted\n%s\n", (const char *)bytes.data, wanted);
	CU_ASSERT_STRING_EQUAL((const char *)bytes.data, wanted);
}

/* ngx_conf_read_token in nginx's ngx_conf_file.c. */
static void
words_are_cut_as_nginx_does(void)
{
	static const struct {
		const char *text, *list;
	} cases[] = {
		{ "", "" },
		{ "# only\n", "" },
		{ "a;", "|a;" },
		{ "a b  c\t'd e' \"f;g\" ;", "|a=b,c,d e,f;g;" },
		{ "http { server { listen 443 ssl; } }", "|http;|server;|listen=443,ssl;" },
		{ "a # c ;\n b;", "|a=b;" },
		{ "a b#c;", "|a=b#c;" },
		{ "a ${x}y { b; }", "|a=${x}y;|b;" },
		{ "a \\\"b\\ c d\\;e;", "|a=\"b\\ c,d\\;e;" },
		{ "a \"x\\\"y\" 'x\"y' \"\\t\\q\";", "|a=x\"y,x\"y,\t\\q;" },
		{ "if ($x = \"y\") { b; }", "|if=($x,=,y,);|b;" },
		{ "a b\"c\";", "|a=b\"c\";" },
	};
	for (size_t i = 0; i < CE_COUNT(cases); i++) {
		CE_CLEANUP(ce_textp) ce_text *document = edit_text(cases[i].text, SYNTAX);
		CU_ASSERT_STRING_EQUAL(edit_list(document), cases[i].list);
	}
}

static void
blocks_know_what_is_in_them(void)
{
	CE_CLEANUP(ce_textp) ce_text *document = edit_text("a;\nb {\n  c;\n  d { e; }\n  f;\n}\ng;\n", SYNTAX);
	CU_ASSERT_PTR_NULL(ce_text_parent(at(document, "a")));
	CU_ASSERT_PTR_EQUAL(ce_text_parent(at(document, "c")), at(document, "b"));
	CU_ASSERT_PTR_EQUAL(ce_text_parent(at(document, "e")), at(document, "d"));
	CU_ASSERT_PTR_EQUAL(ce_text_parent(at(document, "f")), at(document, "b"));
	CU_ASSERT_PTR_NULL(ce_text_parent(at(document, "g")));
	CU_ASSERT_EQUAL(ce_text_line(at(document, "f")), 5);
	CU_ASSERT_PTR_NULL(ce_text_find(document, NULL, "c"));
}

static void
changes_one_word(void)
{
	struct ce_error err = { 0 };
	CE_CLEANUP(ce_textp) ce_text *document =
		edit_text("server {\r\n  ssl_certificate   \"/a b\" ; # mine\r\n  listen 443  ssl;\r\n}", SYNTAX);
	CU_ASSERT_EQUAL(ce_text_change(document, at(document, "ssl_certificate"), 0, "/x", &err), CE_OK);
	CU_ASSERT_EQUAL(ce_text_change(document, at(document, "listen"), 0, "8443", &err), CE_OK);
	expect(document, "server {\r\n  ssl_certificate   /x ; # mine\r\n  listen 8443  ssl;\r\n}");
	CU_ASSERT_EQUAL(ce_text_change(document, at(document, "ssl_certificate"), 0, "/a \"b\\", &err), CE_OK);
	expect(document, "server {\r\n  ssl_certificate   \"/a \\\"b\\\\\" ; # mine\r\n  listen 8443  ssl;\r\n}");
	CU_ASSERT_EQUAL(ce_text_change(document, at(document, "listen"), 1, "ssl", &err), CE_UNCHANGED);
	CU_ASSERT_EQUAL(ce_text_change(document, at(document, "listen"), 2, "ssl", &err), CE_ERR_NOT_FOUND);
	CU_ASSERT_EQUAL(ce_text_change(document, at(document, "listen"), 0, "$x", &err), CE_ERR_INVALID);
	CU_ASSERT_EQUAL(ce_text_change(document, at(document, "listen"), 0, "\x01", &err), CE_ERR_INVALID);
}

static void
adds_on_a_line_of_its_own(void)
{
	static const struct {
		const char *before, *after;
	} cases[] = {
		{ "server {\n\tlisten 80; # plain\n}\n", "server {\n\tlisten 80; # plain\n\tlisten 443 ssl;\n\tk \"\";\n}\n" },
		{ "server { listen 80; }\n", "server { listen 80; listen 443 ssl; k \"\"; }\n" },
		{ "server {}\n", "server { listen 443 ssl; k \"\";}\n" },
		{ "  server {\r\n  }\r\n", "  server {\r\n      listen 443 ssl;\r\n      k \"\";\r\n  }\r\n" },
		{ "server {\n  location / {\n    x;\n  }\n}\n",
			"server {\n  location / {\n    x;\n  }\n  listen 443 ssl;\n  k \"\";\n}\n" },
	};
	static const char *const listen[] = { "443", "ssl", NULL }, *const empty[] = { "", NULL };
	for (size_t i = 0; i < CE_COUNT(cases); i++) {
		struct ce_error err = { 0 };
		ce_text_entry *added = NULL;
		CE_CLEANUP(ce_textp) ce_text *document = edit_text(cases[i].before, SYNTAX);
		ce_text_entry *block = at(document, "server");
		CU_ASSERT_EQUAL(ce_text_add(document, block, NULL, "listen", listen, &added, &err), CE_OK);
		CU_ASSERT_PTR_EQUAL(ce_text_parent(added), block);
		CU_ASSERT_EQUAL(ce_text_add(document, block, NULL, "k", empty, &added, &err), CE_OK);
		expect(document, cases[i].after);
		CU_ASSERT_EQUAL(ce_text_add(document, added, NULL, "k", empty, &added, &err), CE_ERR_INVALID);
	}
}

static void
drops_a_block_with_all_it_holds(void)
{
	struct ce_error err = { 0 };
	CE_CLEANUP(ce_textp) ce_text *document = edit_text("a;\n  b {\n c { d; }\n }\ne; f;\n", SYNTAX);
	CU_ASSERT_EQUAL(ce_text_drop(document, at(document, "b"), &err), CE_OK);
	CU_ASSERT_EQUAL(ce_text_drop(document, at(document, "f"), &err), CE_OK);
	expect(document, "a;\ne; \n");
	CU_ASSERT_STRING_EQUAL(edit_list(document), "|a;|e;");
}

static void
refuses_what_nginx_refuses(void)
{
	edit_unread("a", SYNTAX, "line 1");
	edit_unread("a 'b;\n", SYNTAX, "ends within");
	edit_unread("a 'b'c;\n", SYNTAX, "right behind a quoted text");
	edit_unread("\n{ }", SYNTAX, "line 2: '{' without a directive");
	edit_unread("a;\n;", SYNTAX, "line 2: ';' without a directive");
	edit_unread("a { b;", SYNTAX, "is not closed");
	edit_unread("a; }", SYNTAX, "'}' without a block");
	edit_unread("a { b }", SYNTAX, "'}' within the directive 'b'");
	edit_unread("\xef\xbb\xbf" "a;", SYNTAX, "byte order mark");
	edit_unread("content_by_lua_block { x = '}' }", SYNTAX, "Lua");
}

const struct ce_test text_nginx_tests[] = {
	{ "words are cut as nginx does", words_are_cut_as_nginx_does },
	{ "blocks know what is in them", blocks_know_what_is_in_them },
	{ "changes one word", changes_one_word },
	{ "adds on a line of its own", adds_on_a_line_of_its_own },
	{ "drops a block with all it holds", drops_a_block_with_all_it_holds },
	{ "refuses what nginx refuses", refuses_what_nginx_refuses },
	{ NULL, NULL },
};
