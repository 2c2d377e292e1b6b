#include <stdlib.h>

#include "edit_suites.h"

static void
an_edit_that_is_taken_back_is_no_change(void)
{
	struct ce_error err = { 0 };
	CE_CLEANUP(ce_textp) ce_text *document = edit_text("a=1\nb=2", CE_TEXT_PROPERTIES);
	CU_ASSERT_EQUAL(ce_text_set(document, NULL, "a", "22", &err), CE_OK);
	CU_ASSERT(ce_text_changed(document));
	CU_ASSERT_EQUAL(ce_text_set(document, NULL, "a", "1", &err), CE_OK);
	CU_ASSERT_FALSE(ce_text_changed(document));
}

/* Entries and their texts stay with the plugin until the callback ends. */
static void
entries_outlive_edits(void)
{
	struct ce_error err = { 0 };
	CE_CLEANUP(ce_textp) ce_text *document = edit_text("a: 1\nb: 2\nc: 3\n", CE_TEXT_YAML);
	ce_text_entry *a = ce_text_find(document, NULL, "a"), *b = ce_text_find(document, NULL, "b");
	const char *text = ce_text_value(a, 0);
	CU_ASSERT_EQUAL(ce_text_change(document, a, 0, "eleven", &err), CE_OK);
	CU_ASSERT_EQUAL(ce_text_drop(document, b, &err), CE_OK);
	CU_ASSERT_STRING_EQUAL(text, "1");
	CU_ASSERT_STRING_EQUAL(ce_text_value(a, 0), "eleven");
	CU_ASSERT(ce_text_holds(document, a));
	CU_ASSERT_FALSE(ce_text_holds(document, b));
	CU_ASSERT_FALSE(ce_text_holds(document, NULL));
	CU_ASSERT_STRING_EQUAL(ce_text_key(b), "b");
	CU_ASSERT_EQUAL(ce_text_line(ce_text_find(document, NULL, "c")), 3);
	CU_ASSERT_STRING_EQUAL(edit_list(document), "0|a=eleven;0|c=3;");
}

static void
nothing_is_asked_of_no_entry(void)
{
	CU_ASSERT_PTR_NULL(ce_text_key(NULL));
	CU_ASSERT_PTR_NULL(ce_text_value(NULL, 0));
	CU_ASSERT_PTR_NULL(ce_text_next(NULL));
	CU_ASSERT_PTR_NULL(ce_text_parent(NULL));
	CU_ASSERT_PTR_NULL(ce_text_section(NULL));
	CU_ASSERT_EQUAL(ce_text_line(NULL), 0);
}

static void
limits_are_kept(void)
{
	struct ce_error err = { 0 };
	CE_CLEANUP(ce_buf_release) struct ce_buf large = CE_BUF_INIT;
	ce_text *document = NULL;
	for (int i = 0; i <= CE_TEXT_ENTRIES_MAX; i++)
		CU_ASSERT_EQUAL_FATAL(ce_buf_addf(&large, &err, "k%d=1\n", i), CE_OK);
	CU_ASSERT_EQUAL(ce_text_open(ce_buf_bytes(&large), CE_TEXT_PROPERTIES, &document, &err), CE_ERR_LIMIT);
	while (large.size <= CE_TEXT_BYTES_MAX)
		CU_ASSERT_EQUAL_FATAL(ce_buf_adds(&large, "# a comment that is there to be long, and nothing else\n", &err), CE_OK);
	CU_ASSERT_EQUAL(ce_text_open(ce_buf_bytes(&large), CE_TEXT_PROPERTIES, &document, &err), CE_ERR_REFUSED);
	CU_ASSERT_EQUAL(ce_text_open((struct ce_bytes){ (const unsigned char *)"a\0b", 3 }, CE_TEXT_INI, &document, &err),
		CE_ERR_REFUSED);
	CU_ASSERT_EQUAL(ce_text_open((struct ce_bytes){ NULL, 0 }, 0, &document, &err), CE_ERR_INVALID);
	CU_ASSERT_EQUAL(ce_text_open((struct ce_bytes){ NULL, 0 }, 99, &document, &err), CE_ERR_INVALID);
	CU_ASSERT_PTR_NULL(document);
}

static void
depth_is_limited(void)
{
	char braces[2 * CE_TEXT_DEPTH_MAX + 16], lists[2 * CE_TEXT_DEPTH_MAX + 16] = "a: ";
	size_t used = 0;
	for (int i = 0; i <= CE_TEXT_DEPTH_MAX; i++) {
		braces[used++] = 'a';
		braces[used++] = '{';
	}
	braces[used] = '\0';
	memset(lists + 3, '[', CE_TEXT_DEPTH_MAX + 1);
	edit_unread(braces, CE_TEXT_NGINX, "nested deeper");
	edit_unread(lists, CE_TEXT_YAML, "nested deeper");
}

static void
endless_changing_ends(void)
{
	struct ce_error err = { 0 };
	CE_CLEANUP(ce_buf_release) struct ce_buf large = CE_BUF_INIT;
	ce_text *document = NULL;
	for (int i = 0; i < 2000; i++)
		CU_ASSERT_EQUAL_FATAL(ce_buf_addf(&large, &err, "k%d=1\n", i), CE_OK);
	CU_ASSERT_EQUAL_FATAL(ce_text_open(ce_buf_bytes(&large), CE_TEXT_DIRECTIVES, &document, &err), CE_OK);
	int rc = CE_OK;
	for (int i = 0; i < 10000 && rc == CE_OK; i++)
		rc = ce_text_set(document, NULL, "k7", i % 2 ? "1" : "2", &err);
	CU_ASSERT(rc < 0);
	ce_text_free(document);
}

const struct ce_test text_edit_tests[] = {
	{ "an edit that is taken back is no change", an_edit_that_is_taken_back_is_no_change },
	{ "entries outlive edits", entries_outlive_edits },
	{ "nothing is asked of no entry", nothing_is_asked_of_no_entry },
	{ "limits are kept", limits_are_kept },
	{ "depth is limited", depth_is_limited },
	{ "endless changing ends", endless_changing_ends },
	{ NULL, NULL },
};
