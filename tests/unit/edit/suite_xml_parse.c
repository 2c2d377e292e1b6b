#include <stdio.h>
#include <stdlib.h>

#include "edit_suites.h"

static int
parse_code(const char *text, size_t size, struct ce_error *err)
{
	CE_CLEANUP(ce_xmlp) ce_xml *document = NULL;
	struct ce_bytes bytes = { (const unsigned char *)text, size };
	return ce_xml_parse(bytes, &document, err);
}

static int
parse_text(const char *text, struct ce_error *err)
{
	return parse_code(text, strlen(text), err);
}

static void
gives_names_values_and_lines(void)
{
	CE_CLEANUP(ce_xmlp) ce_xml *document =
		edit_parse("<?xml version='1.0'?>\n<!-- c -->\n<a x='1&amp;2'>\n  text <b y=\"&quot;\"/>\n\n<c/></a>\n");
	ce_xml_element *b = edit_at(document, "0"), *c = edit_at(document, "1");
	CU_ASSERT_STRING_EQUAL(ce_xml_name(ce_xml_root(document)), "a");
	CU_ASSERT_STRING_EQUAL(ce_xml_attribute(ce_xml_root(document), "x"), "1&2");
	CU_ASSERT_STRING_EQUAL(ce_xml_attribute(b, "y"), "\"");
	CU_ASSERT_PTR_NULL(ce_xml_attribute(b, "x"));
	CU_ASSERT_EQUAL(ce_xml_line(ce_xml_root(document)), 3);
	CU_ASSERT_EQUAL(ce_xml_line(b), 4);
	CU_ASSERT_EQUAL(ce_xml_line(c), 6);
	CU_ASSERT_PTR_NULL(ce_xml_next(c));
	CU_ASSERT_PTR_NULL(ce_xml_child(c));
}

/* SEC-13: no document type, whatever it holds; one in a comment is only text. */
static void
refuses_a_doctype(void)
{
	static const char *const refused[] = {
		"<!DOCTYPE a><a/>",
		"<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>",
		"<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>",
		"<!DOCTYPE a [<!ENTITY % p SYSTEM 'http://127.0.0.1:1/'>%p;]><a/>",
	};
	struct ce_error err = { 0 };
	for (size_t i = 0; i < CE_COUNT(refused); i++) {
		CU_ASSERT_EQUAL(parse_text(refused[i], &err), CE_ERR_REFUSED);
		CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "line 1"));
	}
	CU_ASSERT_EQUAL(parse_text("<!-- <!DOCTYPE a> --><a/>", &err), CE_OK);
}

static void
names_the_line_of_what_does_not_parse(void)
{
	static const char *const broken[] = {
		"<a>\n<b>\n</a>", "<a>\n\n<b x='1' x='2'/></a>", "<a>\n\n<b x='<'/></a>", "<a>\n\n&unknown;</a>",
		"<a>\n<b/>\n<b/", "<a>\n<b/>\n</a",
	};
	struct ce_error err = { 0 };
	for (size_t i = 0; i < CE_COUNT(broken); i++) {
		CU_ASSERT_EQUAL(parse_text(broken[i], &err), CE_ERR_INVALID);
		CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "line 3"));
	}
	CU_ASSERT_EQUAL(parse_text("", &err), CE_ERR_INVALID);
	CU_ASSERT_EQUAL(parse_text("<a/><b/>", &err), CE_ERR_INVALID);
	CU_ASSERT_EQUAL(parse_code("<a>text\0</a>", 12, &err), CE_ERR_INVALID);
}

static void
reads_only_encodings_whose_bytes_can_be_spliced(void)
{
	struct ce_error err = { 0 };
	CU_ASSERT_EQUAL(parse_text("\xef\xbb\xbf<a/>", &err), CE_OK);
	CU_ASSERT_EQUAL(parse_text("<?xml version='1.0' encoding='utf-8'?><a/>", &err), CE_OK);
	CU_ASSERT_EQUAL(parse_text("<?xml version='1.0' encoding='US-ASCII'?><a/>", &err), CE_OK);
	CU_ASSERT_EQUAL(parse_text("<?xml version='1.0' encoding='iso-8859-1'?><a b='\xe9'/>", &err), CE_OK);
	CU_ASSERT_EQUAL(parse_text("<?xml version='1.0' encoding='UTF-16'?><a/>", &err), CE_ERR_REFUSED);
	CU_ASSERT_EQUAL(parse_text("<?xml version='1.0' encoding='windows-1252'?><a/>", &err), CE_ERR_REFUSED);
	CU_ASSERT_EQUAL(parse_code("\xff\xfe<\0a\0/\0>\0", 10, &err), CE_ERR_REFUSED);
	CU_ASSERT_EQUAL(parse_code("\0<\0a\0/\0>", 8, &err), CE_ERR_REFUSED);
	CU_ASSERT_EQUAL(parse_text("<a b='\xe9'/>", &err), CE_ERR_INVALID);
}

static void
limits_depth(void)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf text = CE_BUF_INIT;
	struct ce_error err = { 0 };
	for (int extra = 0; extra < 2; extra++) {
		ce_buf_release(&text);
		int rc = CE_OK;
		for (int i = 0; i < CE_XML_DEPTH_MAX + extra && rc >= 0; i++)
			rc = ce_buf_adds(&text, "<a>", &err);
		for (int i = 0; i < CE_XML_DEPTH_MAX + extra && rc >= 0; i++)
			rc = ce_buf_adds(&text, "</a>", &err);
		CU_ASSERT_EQUAL(rc, CE_OK);
		CU_ASSERT_EQUAL(parse_text(ce_buf_text(&text), &err), extra ? CE_ERR_REFUSED : CE_OK);
	}
}

static void
limits_size_and_count(void)
{
	size_t size = CE_XML_BYTES_MAX + 1;
	CE_CLEANUP(ce_freep) char *text = malloc(size);
	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	struct ce_error err = { 0 };
	memset(text, ' ', size);
	memcpy(text, "<a/>", 4);
	CU_ASSERT_EQUAL(parse_code(text, size, &err), CE_ERR_REFUSED);
	CU_ASSERT_EQUAL(parse_code(text, size - 1, &err), CE_OK);

	memcpy(text, "<a >", 4);
	for (size_t i = 4; i + 4 <= CE_XML_BYTES_MAX; i += 4)
		memcpy(text + i, "<a/>", 4);
	CU_ASSERT_EQUAL(parse_code(text, CE_XML_BYTES_MAX, &err), CE_ERR_LIMIT);
}

static void
add_p(const char *name, const char *value, void *context)
{
	if (strcmp(name, "p") == 0)
		*(int *)context += atoi(value);
}

static void
visits_every_attribute(void)
{
	CE_CLEANUP(ce_xmlp) ce_xml *document = edit_parse("<a p='1'><b p='2'/><c p='4' q='8'/></a>");
	int sum = 0;
	ce_xml_each_attribute(document, add_p, &sum);
	CU_ASSERT_EQUAL(sum, 7);
}

const struct ce_test xml_parse_tests[] = {
	{ "gives names, values and lines", gives_names_values_and_lines },
	{ "refuses a DOCTYPE", refuses_a_doctype },
	{ "names the line of what does not parse", names_the_line_of_what_does_not_parse },
	{ "reads only encodings whose bytes can be spliced", reads_only_encodings_whose_bytes_can_be_spliced },
	{ "limits depth", limits_depth },
	{ "limits size and count", limits_size_and_count },
	{ "visits every attribute", visits_every_attribute },
	{ NULL, NULL },
};
