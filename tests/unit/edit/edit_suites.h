/* The suites of core/edit, and what they share. */
#ifndef CE_TESTS_EDIT_SUITES_H
#define CE_TESTS_EDIT_SUITES_H

#include <string.h>

#include "edit/text.h"
#include "edit/xml.h"
#include "suites.h"

extern const struct ce_test xml_parse_tests[], xml_tree_tests[], xml_splice_tests[], xml_layout_tests[],
	xml_property_tests[], archive_tests[], text_properties_tests[], text_plain_tests[], text_yaml_tests[],
	text_nginx_tests[], text_edit_tests[];

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

/* One edit of a text and what must come of it. With key NULL nothing is set. */
struct edit_case {
	const char *before, *section, *key, *value;
	const char *after;  /* NULL: refused, and nothing changed */
	const char *words;  /* in the refusal */
};

ce_text *edit_text(const char *text, int syntax);
void edit_cases(int syntax, const struct edit_case *cases, size_t count);
/* The text is not read; the reason has the words in it. */
void edit_unread(const char *text, int syntax, const char *words);
/* All entries as "section|key=value,value;" in order; valid until the next call. */
const char *edit_list(ce_text *document);

#endif
