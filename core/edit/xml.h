/* XML edited without being rewritten. A document is parsed into elements that know their byte
 * ranges; changes are recorded on elements; ce_xml_apply splices them into the original bytes,
 * parses the result again and compares it with the tree that was meant. */
#ifndef CE_EDIT_XML_H
#define CE_EDIT_XML_H

#include <stdbool.h>

#include "base/buf.h"

#define CE_XML_BYTES_MAX (4u << 20)
#define CE_XML_DEPTH_MAX 64

/* UTF-8 (with or without BOM), US-ASCII and ISO-8859-1; anything else, a DOCTYPE or an entity
 * declaration is CE_ERR_REFUSED, what does not parse CE_ERR_INVALID with the line. bytes are copied. */
CE_MUSTCHECK int ce_xml_parse(struct ce_bytes bytes, ce_xml **ret_document, struct ce_error *err);
void ce_xml_free(ce_xml *document);
void ce_xmlp(ce_xml **document);

/* Walking; see struct ce_xml_services in certengine/plugin.h for the meaning of each. */
ce_xml_element *ce_xml_root(ce_xml *document);
ce_xml_element *ce_xml_child(const ce_xml_element *element);
ce_xml_element *ce_xml_next(const ce_xml_element *element);
const char *ce_xml_name(const ce_xml_element *element);
/* The text lives as long as the document, also when the attribute is changed meanwhile. */
const char *ce_xml_attribute(const ce_xml_element *element, const char *name);
long ce_xml_line(const ce_xml_element *element);

/* Calls visit for every attribute of the document. */
void ce_xml_each_attribute(const ce_xml *document,
	void (*visit)(const char *name, const char *value, void *context), void *context);

/* Changing. Control characters that XML 1.0 cannot carry are CE_ERR_INVALID. */
CE_MUSTCHECK int ce_xml_set(ce_xml *document, ce_xml_element *element, const char *name, const char *value_or_null,
	struct ce_error *err);
CE_MUSTCHECK int ce_xml_add(ce_xml *document, ce_xml_element *parent, ce_xml_element *before, const char *name,
	ce_xml_element **ret_element, struct ce_error *err);
CE_MUSTCHECK int ce_xml_drop(ce_xml *document, ce_xml_element *element, struct ce_error *err);

/* CE_UNCHANGED and the original bytes when nothing differs. */
CE_MUSTCHECK int ce_xml_apply(ce_xml *document, struct ce_buf *ret_bytes, struct ce_error *err);

#endif
