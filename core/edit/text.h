/* Texts other than XML edited without being rewritten. A document is scanned into entries that know
 * the byte ranges of their values. Each change is spliced into the bytes at once, the result is
 * scanned again and compared with the entries that are meant; what would not read back is refused
 * and leaves the document as it was. */
#ifndef CE_EDIT_TEXT_H
#define CE_EDIT_TEXT_H

#include <stdbool.h>

#include "base/buf.h"

#define CE_TEXT_BYTES_MAX (1u << 20)
#define CE_TEXT_ENTRIES_MAX 20000
#define CE_TEXT_DEPTH_MAX 64

/* syntax is an enum ce_text_syntax. What does not follow it is CE_ERR_INVALID, what cannot be edited
 * safely CE_ERR_REFUSED, both with the line. bytes are copied. */
CE_MUSTCHECK int ce_text_open(struct ce_bytes bytes, int syntax, ce_text **ret_document, struct ce_error *err);
void ce_text_free(ce_text *document);
void ce_textp(ce_text **document);

/* Walking; see struct ce_text_services in certengine/plugin.h for the meaning of each. Texts and
 * entries live as long as the document, also when they are changed or dropped meanwhile. */
ce_text_entry *ce_text_first(ce_text *document);
ce_text_entry *ce_text_next(const ce_text_entry *entry);
ce_text_entry *ce_text_parent(const ce_text_entry *entry);
const char *ce_text_section(const ce_text_entry *entry);
const char *ce_text_key(const ce_text_entry *entry);
const char *ce_text_value(const ce_text_entry *entry, size_t index);
long ce_text_line(const ce_text_entry *entry);
ce_text_entry *ce_text_find(ce_text *document, const char *section, const char *key);
/* Whether the entry is one of the document's, and was not dropped. */
bool ce_text_holds(const ce_text *document, const ce_text_entry *entry);

/* Changing: CE_OK, or CE_UNCHANGED when there is nothing to change. */
CE_MUSTCHECK int ce_text_set(ce_text *document, const char *section, const char *key, const char *value_or_null,
	struct ce_error *err);
CE_MUSTCHECK int ce_text_change(ce_text *document, ce_text_entry *entry, size_t index, const char *value,
	struct ce_error *err);
CE_MUSTCHECK int ce_text_add(ce_text *document, ce_text_entry *parent, const char *section, const char *key,
	const char *const *values, ce_text_entry **ret_entry, struct ce_error *err);
CE_MUSTCHECK int ce_text_drop(ce_text *document, ce_text_entry *entry, struct ce_error *err);

/* The bytes as they are now, valid until the next change; whether they differ from those opened. */
struct ce_bytes ce_text_bytes(const ce_text *document);
bool ce_text_changed(const ce_text *document);

#endif
