#include "edit_suites.h"

static void
walks_around_dropped_and_shows_added_elements(void)
{
	CE_CLEANUP(ce_xmlp) ce_xml *document = edit_parse("<a><b/><c/><d/></a>");
	ce_xml_element *root = ce_xml_root(document);
	edit_drop(document, edit_at(document, "0"));
	CU_ASSERT_STRING_EQUAL(ce_xml_name(ce_xml_child(root)), "c");
	ce_xml_element *added = edit_add(document, root, edit_at(document, "1"), "x");
	CU_ASSERT_STRING_EQUAL(ce_xml_name(edit_at(document, "1")), "x");
	CU_ASSERT_EQUAL(ce_xml_line(added), 0);
	CU_ASSERT_STRING_EQUAL(ce_xml_name(ce_xml_next(added)), "d");
}

static void
shows_attributes_as_they_are_meant(void)
{
	CE_CLEANUP(ce_xmlp) ce_xml *document = edit_parse("<a x='1' y='2'/>");
	ce_xml_element *root = ce_xml_root(document);
	edit_set(document, root, "x", NULL);
	edit_set(document, root, "z", "3");
	CU_ASSERT_PTR_NULL(ce_xml_attribute(root, "x"));
	CU_ASSERT_STRING_EQUAL(ce_xml_attribute(root, "z"), "3");
	edit_set(document, root, "z", NULL);
	edit_set(document, root, "x", "1");
	edit_set(document, root, "absent", NULL);
	edit_expect(document, "<a x='1' y='2'/>");
}

/* plugin.h: strings that services give live until the callback returns. */
static void
keeps_values_that_were_asked_for(void)
{
	CE_CLEANUP(ce_xmlp) ce_xml *document = edit_parse("<a x='first'/>");
	const char *first = ce_xml_attribute(ce_xml_root(document), "x");
	edit_set(document, ce_xml_root(document), "x", "second");
	const char *second = ce_xml_attribute(ce_xml_root(document), "x");
	edit_set(document, ce_xml_root(document), "x", NULL);
	CU_ASSERT_STRING_EQUAL(first, "first");
	CU_ASSERT_STRING_EQUAL(second, "second");
	edit_set(document, ce_xml_root(document), "x", first);
	edit_expect(document, "<a x='first'/>");
}

static void
refuses_text_that_xml_cannot_carry(void)
{
	static const char *const bad[] = { "\x01", "a\x0b", "\xc3", "\xed\xa0\x80", "\xc0\xaf", "\xef\xbf\xbf",
		"\xf4\x90\x80\x80", "\x80" };
	CE_CLEANUP(ce_xmlp) ce_xml *document = edit_parse("<a/>");
	struct ce_error err = { 0 };
	for (size_t i = 0; i < CE_COUNT(bad); i++)
		CU_ASSERT_EQUAL(ce_xml_set(document, ce_xml_root(document), "x", bad[i], &err), CE_ERR_INVALID);
	edit_set(document, ce_xml_root(document), "x", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x94\x91");
	edit_expect(document, "<a x=\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x94\x91\"/>");
}

static void
refuses_names_that_are_none(void)
{
	static const char *const bad[] = { "", "1a", "a b", "a=", "<", "-a", "a>" };
	CE_CLEANUP(ce_xmlp) ce_xml *document = edit_parse("<a/>");
	struct ce_error err = { 0 };
	ce_xml_element *added = NULL;
	for (size_t i = 0; i < CE_COUNT(bad); i++) {
		CU_ASSERT_EQUAL(ce_xml_set(document, ce_xml_root(document), bad[i], "1", &err), CE_ERR_INVALID);
		CU_ASSERT_EQUAL(ce_xml_add(document, ce_xml_root(document), NULL, bad[i], &added, &err), CE_ERR_INVALID);
	}
	CU_ASSERT_PTR_NULL(added);
}

static void
refuses_changes_outside_the_document(void)
{
	CE_CLEANUP(ce_xmlp) ce_xml *document = edit_parse("<a><b><c/></b><d/></a>");
	CE_CLEANUP(ce_xmlp) ce_xml *other = edit_parse("<a/>");
	ce_xml_element *b = edit_at(document, "0"), *c = edit_at(document, "0.0"), *d = edit_at(document, "1");
	ce_xml_element *added = NULL;
	struct ce_error err = { 0 };
	CU_ASSERT_EQUAL(ce_xml_drop(document, ce_xml_root(document), &err), CE_ERR_INVALID);
	CU_ASSERT_EQUAL(ce_xml_set(other, b, "x", "1", &err), CE_ERR_INVALID);
	CU_ASSERT_EQUAL(ce_xml_add(document, b, d, "x", &added, &err), CE_ERR_INVALID);
	edit_drop(document, b);
	CU_ASSERT_EQUAL(ce_xml_drop(document, b, &err), CE_ERR_INVALID);
	CU_ASSERT_EQUAL(ce_xml_set(document, c, "x", "1", &err), CE_ERR_INVALID);
	CU_ASSERT_EQUAL(ce_xml_add(document, c, NULL, "x", &added, &err), CE_ERR_INVALID);
	CU_ASSERT_EQUAL(ce_xml_add(document, ce_xml_root(document), b, "x", &added, &err), CE_ERR_INVALID);
	edit_expect(document, "<a><d/></a>");
}

static void
limits_the_depth_of_added_elements(void)
{
	CE_CLEANUP(ce_xmlp) ce_xml *document = edit_parse("<a/>");
	ce_xml_element *at = ce_xml_root(document), *more = NULL;
	struct ce_error err = { 0 };
	for (int i = 1; i < CE_XML_DEPTH_MAX; i++)
		at = edit_add(document, at, NULL, "b");
	CU_ASSERT_EQUAL(ce_xml_add(document, at, NULL, "b", &more, &err), CE_ERR_LIMIT);
}

const struct ce_test xml_tree_tests[] = {
	{ "walks around dropped and shows added elements", walks_around_dropped_and_shows_added_elements },
	{ "shows attributes as they are meant", shows_attributes_as_they_are_meant },
	{ "keeps values that were asked for", keeps_values_that_were_asked_for },
	{ "refuses text that XML cannot carry", refuses_text_that_xml_cannot_carry },
	{ "refuses names that are none", refuses_names_that_are_none },
	{ "refuses changes outside the document", refuses_changes_outside_the_document },
	{ "limits the depth of added elements", limits_the_depth_of_added_elements },
	{ NULL, NULL },
};
