#include <stdio.h>
#include <stdlib.h>

#include "edit_suites.h"

static void
must(int rc, const struct ce_error *err)
{
	if (rc == CE_OK)
		return;
	fprintf(stderr, "unexpected result %d: %s\n", rc, err->text);
	abort();
}

ce_xml *
edit_parse(const char *text)
{
	struct ce_bytes bytes = { (const unsigned char *)text, strlen(text) };
	struct ce_error err = { 0 };
	ce_xml *document = NULL;
	must(ce_xml_parse(bytes, &document, &err), &err);
	return document;
}

ce_xml_element *
edit_at(ce_xml *document, const char *path)
{
	ce_xml_element *element = ce_xml_root(document);
	while (*path != '\0') {
		char *end = NULL;
		long count = strtol(path, &end, 10);
		element = ce_xml_child(element);
		while (element && count-- > 0)
			element = ce_xml_next(element);
		if (!element)
			abort();
		path = *end == '.' ? end + 1 : end;
	}
	return element;
}

void
edit_expect(ce_xml *document, const char *expected)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf out = CE_BUF_INIT;
	struct ce_error err = { 0 };
	int rc = ce_xml_apply(document, &out, &err);
	if (rc < 0)
		fprintf(stderr, "\napply: %s\n", err.text);
	CU_ASSERT(rc >= 0);
	if (strcmp(ce_buf_text(&out), expected) != 0)
		fprintf(stderr, "\ngot:\n%s\nexpected:\n%s\n", ce_buf_text(&out), expected);
	CU_ASSERT_STRING_EQUAL(ce_buf_text(&out), expected);
}

void
edit_set(ce_xml *document, ce_xml_element *element, const char *name, const char *value)
{
	struct ce_error err = { 0 };
	must(ce_xml_set(document, element, name, value, &err), &err);
}

ce_xml_element *
edit_add(ce_xml *document, ce_xml_element *parent, ce_xml_element *before, const char *name)
{
	struct ce_error err = { 0 };
	ce_xml_element *element = NULL;
	must(ce_xml_add(document, parent, before, name, &element, &err), &err);
	return element;
}

void
edit_drop(ce_xml *document, ce_xml_element *element)
{
	struct ce_error err = { 0 };
	must(ce_xml_drop(document, element, &err), &err);
}
