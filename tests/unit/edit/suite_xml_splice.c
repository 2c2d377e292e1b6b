#include <stdio.h>

#include "edit_suites.h"

static void
changes_nothing_when_nothing_differs(void)
{
	static const char text[] = "\xef\xbb\xbf<?xml version='1.0'  ?>\r\n<!-- -->\n<a  x = '1'\t/>\r";
	CE_CLEANUP(ce_xmlp) ce_xml *document = edit_parse(text);
	CE_CLEANUP(ce_buf_release) struct ce_buf out = CE_BUF_INIT;
	struct ce_error err = { 0 };
	edit_set(document, ce_xml_root(document), "x", "2");
	edit_set(document, ce_xml_root(document), "x", "1");
	CU_ASSERT_EQUAL(ce_xml_apply(document, &out, &err), CE_UNCHANGED);
	CU_ASSERT_STRING_EQUAL(ce_buf_text(&out), text);
}

static void
replaces_only_the_value(void)
{
	CE_CLEANUP(ce_xmlp) ce_xml *document =
		edit_parse("<?xml version='1.0'?>\n<!-- x='1' -->\n<a y = 'x=\"1\"'\n   x\n=\t'1'   z=\"&#233;\" >\n</a>\n\n");
	edit_set(document, ce_xml_root(document), "x", "22");
	edit_expect(document,
		"<?xml version='1.0'?>\n<!-- x='1' -->\n<a y = 'x=\"1\"'\n   x\n=\t'22'   z=\"&#233;\" >\n</a>\n\n");
}

/* products.md 2.6: a raw &, < or quote stops Tomcat. */
static void
escapes_for_the_quote_in_use(void)
{
	CE_CLEANUP(ce_xmlp) ce_xml *document = edit_parse("<a x=\"1\" y='1'/>");
	edit_set(document, ce_xml_root(document), "x", "a&b<c>\"d'e\tf\ng\rh");
	edit_set(document, ce_xml_root(document), "y", "a&b<c>\"d'e\tf\ng\rh");
	edit_expect(document, "<a x=\"a&amp;b&lt;c>&quot;d'e&#9;f&#10;g&#13;h\""
		" y='a&amp;b&lt;c>\"d&apos;e&#9;f&#10;g&#13;h'/>");
}

static void
writes_references_where_the_encoding_ends_at_ascii(void)
{
	CE_CLEANUP(ce_xmlp) ce_xml *document = edit_parse("<?xml version='1.0' encoding='ISO-8859-1'?><a \xe9='\xfc' x='1'/>");
	edit_set(document, ce_xml_root(document), "x", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x94\x91!");
	edit_expect(document, "<?xml version='1.0' encoding='ISO-8859-1'?><a \xe9='\xfc' x='&#xE9;&#x20AC;&#x1F511;!'/>");
}

static void
closes_an_opened_tag_with_the_name_as_the_file_has_it(void)
{
	CE_CLEANUP(ce_xmlp) ce_xml *document = edit_parse("<?xml version='1.0' encoding='ISO-8859-1'?><a><\xe9/></a>");
	edit_add(document, edit_at(document, "0"), NULL, "b");
	edit_expect(document, "<?xml version='1.0' encoding='ISO-8859-1'?><a><\xe9><b/></\xe9></a>");
}

static void
adds_attributes_behind_the_last_with_its_separator_and_quote(void)
{
	static const struct {
		const char *before, *after;
	} cases[] = {
		{ "<a/>", "<a n=\"1\" m=\"2\"/>" },
		{ "<a></a>", "<a n=\"1\" m=\"2\"></a>" },
		{ "<a\n/>", "<a n=\"1\" m=\"2\"\n/>" },
		{ "<a x='1'/>", "<a x='1' n='1' m='2'/>" },
		{ "<a x='1' />", "<a x='1' n='1' m='2' />" },
		{ "<a x=\"1\"\r\n   y=\"2\" />", "<a x=\"1\"\r\n   y=\"2\"\r\n   n=\"1\"\r\n   m=\"2\" />" },
		{ "<a x=\"1\"\n\ty=\"2\"\n\t/>", "<a x=\"1\"\n\ty=\"2\"\n\tn=\"1\"\n\tm=\"2\"\n\t/>" },
		{ "<a\n x=\"1\" y=\"2\">t</a>", "<a\n x=\"1\" y=\"2\" n=\"1\" m=\"2\">t</a>" },
	};
	for (size_t i = 0; i < CE_COUNT(cases); i++) {
		CE_CLEANUP(ce_xmlp) ce_xml *document = edit_parse(cases[i].before);
		edit_set(document, ce_xml_root(document), "n", "1");
		edit_set(document, ce_xml_root(document), "m", "2");
		edit_expect(document, cases[i].after);
	}
}

static void
removes_attributes_with_their_leading_white_space(void)
{
	static const struct {
		const char *before, *after;
	} cases[] = {
		{ "<a x='1'/>", "<a/>" },
		{ "<a  x='1' y='2'/>", "<a y='2'/>" },
		{ "<a y='2'\r\n   x = '1'\r\n   z='3' />", "<a y='2'\r\n   z='3' />" },
		{ "<a y='2'\n   x='1'\n/>", "<a y='2'\n/>" },
	};
	for (size_t i = 0; i < CE_COUNT(cases); i++) {
		CE_CLEANUP(ce_xmlp) ce_xml *document = edit_parse(cases[i].before);
		edit_set(document, ce_xml_root(document), "x", NULL);
		edit_expect(document, cases[i].after);
	}
}

static void
removes_and_adds_in_one_tag(void)
{
	CE_CLEANUP(ce_xmlp) ce_xml *document = edit_parse("<a x='1'\n   y='2'/>");
	edit_set(document, ce_xml_root(document), "x", NULL);
	edit_set(document, ce_xml_root(document), "y", NULL);
	edit_set(document, ce_xml_root(document), "z", "3");
	edit_expect(document, "<a\n   z='3'/>");
}

static void
never_touches_what_is_in_comments(void)
{
	CE_CLEANUP(ce_xmlp) ce_xml *document =
		edit_parse("<a>\n  <!--\n  <b x=\"1\"/>\n  -->\n  <b x=\"1\"/>\n  <![CDATA[<b x=\"1\"/>]]>\n</a>");
	CU_ASSERT_EQUAL(ce_xml_line(edit_at(document, "0")), 5);
	edit_set(document, edit_at(document, "0"), "x", "2");
	edit_expect(document, "<a>\n  <!--\n  <b x=\"1\"/>\n  -->\n  <b x=\"2\"/>\n  <![CDATA[<b x=\"1\"/>]]>\n</a>");
}

static void
applies_as_often_as_it_is_asked(void)
{
	CE_CLEANUP(ce_xmlp) ce_xml *document = edit_parse("<a>\n <b/>\n</a>");
	edit_set(document, edit_at(document, "0"), "x", "1");
	edit_expect(document, "<a>\n <b x=\"1\"/>\n</a>");
	edit_add(document, ce_xml_root(document), NULL, "c");
	edit_expect(document, "<a>\n <b x=\"1\"/>\n <c/>\n</a>");
	edit_drop(document, edit_at(document, "1"));
	edit_expect(document, "<a>\n <b x=\"1\"/>\n</a>");
}

static void
refuses_a_result_past_the_size_limit(void)
{
	CE_CLEANUP(ce_xmlp) ce_xml *document = edit_parse("<a/>");
	CE_CLEANUP(ce_freep) char *value = malloc(CE_XML_BYTES_MAX);
	CU_ASSERT_PTR_NOT_NULL_FATAL(value);
	memset(value, 'v', CE_XML_BYTES_MAX - 1);
	value[CE_XML_BYTES_MAX - 1] = '\0';
	CE_CLEANUP(ce_buf_release) struct ce_buf out = CE_BUF_INIT;
	struct ce_error err = { 0 };
	edit_set(document, ce_xml_root(document), "x", value);
	CU_ASSERT_EQUAL(ce_xml_apply(document, &out, &err), CE_ERR_REFUSED);
	CU_ASSERT_EQUAL(out.size, 0);
}

const struct ce_test xml_splice_tests[] = {
	{ "changes nothing when nothing differs", changes_nothing_when_nothing_differs },
	{ "replaces only the value", replaces_only_the_value },
	{ "escapes for the quote in use", escapes_for_the_quote_in_use },
	{ "writes references where the encoding ends at ASCII", writes_references_where_the_encoding_ends_at_ascii },
	{ "closes an opened tag with the name as the file has it", closes_an_opened_tag_with_the_name_as_the_file_has_it },
	{ "adds attributes behind the last, with its separator and quote",
		adds_attributes_behind_the_last_with_its_separator_and_quote },
	{ "removes attributes with their leading white space", removes_attributes_with_their_leading_white_space },
	{ "removes and adds in one tag", removes_and_adds_in_one_tag },
	{ "never touches what is in comments", never_touches_what_is_in_comments },
	{ "applies as often as it is asked", applies_as_often_as_it_is_asked },
	{ "refuses a result past the size limit", refuses_a_result_past_the_size_limit },
	{ NULL, NULL },
};
