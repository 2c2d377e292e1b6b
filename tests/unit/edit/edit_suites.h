/* The suites of core/edit, and what they share. */
#ifndef CE_TESTS_EDIT_SUITES_H
#define CE_TESTS_EDIT_SUITES_H

#include <string.h>

#include "edit/xml.h"
#include "suites.h"

extern const struct ce_test xml_parse_tests[], xml_tree_tests[], xml_splice_tests[], xml_layout_tests[],
	xml_property_tests[], archive_tests[];

/* The document of a text that must parse; aborts otherwise. The caller frees. */
ce_xml *edit_parse(const char *text);

/* The element reached by child numbers ("0.2": first child's third child, "" the root). */
ce_xml_element *edit_at(ce_xml *document, const char *path);

/* Applies and compares with the expected text; ends a failing test. */
void edit_expect(ce_xml *document, const char *expected);

/* The element's attribute set, an element added, one dropped: each must succeed. */
void edit_set(ce_xml *document, ce_xml_element *element, const char *name, const char *value);
ce_xml_element *edit_add(ce_xml *document, ce_xml_element *parent, ce_xml_element *before, const char *name);
void edit_drop(ce_xml *document, ce_xml_element *element);

#endif
