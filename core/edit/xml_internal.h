/* What the XML files of this folder share: the tree with its byte ranges. */
#ifndef CE_EDIT_XML_INTERNAL_H
#define CE_EDIT_XML_INTERNAL_H

#include <stdint.h>

#include "edit/xml.h"

/* Elements and attributes together; a file of 4 MiB could otherwise hold a million of them. */
#define CE_XML_NODES_MAX 200000u

/* Digests of what is between the elements: FNV-1a, 64 bits. It only has to notice an accident. */
#define CE_XML_DIGEST_START 0xcbf29ce484222325u
#define CE_XML_DIGEST_PRIME 0x100000001b3u

struct ce_xml_attribute {
	char *name;
	char *was;        /* the value that was read; NULL: added */
	char *now;        /* the value that is meant; NULL: removed */
	size_t from;      /* where the white space before the name begins */
	size_t value_at;  /* first byte inside the quotes */
	size_t value_end; /* the closing quote */
	char quote;
};

/* A value that was replaced. Whoever asked for it may still hold it, so it lives as long as the document. */
struct ce_xml_past {
	struct ce_xml_past *next;
	char *value;
};

struct ce_xml_element {
	ce_xml *document;
	ce_xml_element *parent;
	ce_xml_element *first, *last; /* children, dropped ones too */
	ce_xml_element *following;    /* next sibling, dropped ones too */
	ce_xml_element *chain;        /* all elements of the document, for release */
	char *name;
	struct ce_xml_attribute *attributes;
	size_t attribute_count;
	unsigned depth;               /* the root has 1 */
	long line;                    /* 0: added */
	bool added, dropped;
	bool empty_tag;               /* <name/> */
	size_t start;                 /* the < of the start tag */
	size_t name_end;              /* behind the name in the start tag */
	size_t tag_end;               /* behind the > of the start tag */
	size_t end_tag;               /* the < of the end tag; tag_end for <name/> */
	size_t end;                   /* behind the whole element */
	uint64_t content;             /* digest of the comments, instructions and text directly in it */
};

struct ce_xml {
	struct ce_buf bytes;
	bool utf8;                    /* else characters beyond ASCII are written as references */
	ce_xml_element *root;
	ce_xml_element *chain;
	struct ce_xml_past *past;
	size_t nodes;
	uint64_t content;             /* the same outside the root element */
};

/* A new element at the end of the document's chain, not in the tree yet. */
CE_MUSTCHECK int ce_xml_element_new(ce_xml *document, const char *name, ce_xml_element **ret_element,
	struct ce_error *err);

/* Room for one more attribute of the name, all else zero. Valid until the next call. */
CE_MUSTCHECK int ce_xml_attribute_new(ce_xml_element *element, const char *name, struct ce_xml_attribute **ret_attribute,
	struct ce_error *err);

/* Appends, or puts in front of before. */
void ce_xml_link(ce_xml_element *parent, ce_xml_element *before, ce_xml_element *child);

/* Reads the byte ranges of a start tag that the parser has accepted; values are attribute values in
 * the parser's form (name, value, ..., NULL). */
CE_MUSTCHECK int ce_xml_scan_start(ce_xml_element *element, const char **values, struct ce_error *err);

/* Layout: questions about the bytes around an element. */
bool ce_xml_at_line_start(const ce_xml *document, size_t at);
size_t ce_xml_line_start(const ce_xml *document, size_t at);
bool ce_xml_line_ends(const ce_xml *document, size_t at, size_t *ret_behind);
size_t ce_xml_behind_comments(const ce_xml *document, size_t at);
const char *ce_xml_line_end_near(const ce_xml *document, size_t at);
CE_MUSTCHECK int ce_xml_child_indent(const ce_xml_element *parent, struct ce_buf *ret_indent, struct ce_error *err);
struct ce_bytes ce_xml_indent(const ce_xml_element *element);
struct ce_bytes ce_xml_indent_unit(const ce_xml *document);

/* CE_ERR_REFUSED, naming the difference, unless both trees mean the same. */
CE_MUSTCHECK int ce_xml_compare(const ce_xml *meant, const ce_xml *got, struct ce_error *err);

#endif
