/* Documents and their entries; the proof behind an edit. */
#include "edit/text.h"

#include <string.h>

#include "edit/text_own.h"

/* FNV-1a; only to tell whether the bytes are those that were opened. */
uint64_t
ce_text_digest(const struct ce_buf *bytes)
{
	uint64_t sum = 0xcbf29ce484222325u;
	for (size_t i = 0; i < bytes->size; i++)
		sum = (sum ^ bytes->data[i]) * 0x100000001b3u;
	return sum;
}

static const struct ce_text_syntax_of *
syntax_of(int syntax)
{
	static const struct ce_text_syntax_of *const known[] = {
		[CE_TEXT_PROPERTIES] = &ce_text_properties,
		[CE_TEXT_DIRECTIVES] = &ce_text_directives,
		[CE_TEXT_INI] = &ce_text_ini,
		[CE_TEXT_YAML] = &ce_text_yaml,
		[CE_TEXT_NGINX] = &ce_text_nginx,
	};
	return syntax > 0 && syntax < (int)CE_COUNT(known) ? known[syntax] : NULL;
}

void
ce_text_free(ce_text *document)
{
	if (!document)
		return;
	ce_text_drop_pieces(document);
	ce_buf_release(&document->bytes);
	free(document);
}

void
ce_textp(ce_text **document)
{
	ce_text_free(*document);
}

CE_MUSTCHECK static int
scan(const struct ce_text_syntax_of *syntax, struct ce_buf *bytes, ce_text **ret_document, struct ce_error *err)
{
	CE_CLEANUP(ce_textp) ce_text *document = calloc(1, sizeof(*document));
	if (!document)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	document->syntax = syntax;
	document->bytes = *bytes;
	*bytes = (struct ce_buf)CE_BUF_SECRET;
	if (document->bytes.size > 0 && memchr(document->bytes.data, '\0', document->bytes.size))
		return ce_fail(err, CE_ERR_REFUSED, "the file holds zero bytes: it is no text, or one in UTF-16");
	if (document->bytes.size > CE_TEXT_BYTES_MAX)
		return ce_fail(err, CE_ERR_REFUSED, "the file is larger than %u bytes", CE_TEXT_BYTES_MAX);
	int rc = syntax->scan(document, err);
	if (rc < 0)
		return rc;
	*ret_document = CE_STEAL(document);
	return CE_OK;
}

int
ce_text_open(struct ce_bytes bytes, int syntax, ce_text **ret_document, struct ce_error *err)
{
	const struct ce_text_syntax_of *found = syntax_of(syntax);
	CE_CLEANUP(ce_buf_release) struct ce_buf copy = CE_BUF_SECRET;
	if (!found)
		return ce_fail(err, CE_ERR_INVALID, "there is no syntax %d", syntax);
	int rc = ce_buf_add(&copy, bytes.data, bytes.size, err);
	if (rc == CE_OK)
		rc = scan(found, &copy, ret_document, err);
	if (rc < 0)
		return rc;
	(*ret_document)->opened = ce_text_digest(&(*ret_document)->bytes);
	(*ret_document)->opened_size = bytes.size;
	return CE_OK;
}

/* ------------------------------------------------------------------- building */

int
ce_text_entry_new(ce_text *document, const char *section, const char *key, size_t at, struct ce_text_entry **ret_entry,
	struct ce_error *err)
{
	if (document->entry_count >= CE_TEXT_ENTRIES_MAX)
		return ce_fail(err, CE_ERR_LIMIT, "the file has more than %d entries", CE_TEXT_ENTRIES_MAX);
	struct ce_text_entry *entry = ce_text_allocate(document, sizeof(*entry), err);
	if (!entry)
		return CE_ERR_MEMORY;
	entry->section = section;
	entry->key = key;
	entry->start = at;
	if (document->last)
		document->last->next = entry;
	else
		document->first = entry;
	document->last = entry;
	document->entry_count++;
	*ret_entry = entry;
	return CE_OK;
}

int
ce_text_value_new(ce_text *document, struct ce_text_entry *entry, const char *text, size_t start, size_t end,
	struct ce_error *err)
{
	/* Powers of two: an array is grown when its count is one. */
	size_t count = entry->value_count;
	if ((count & (count - 1)) == 0) {
		struct ce_text_value *values =
			ce_text_allocate(document, (count ? 2 * count : 1) * sizeof(*values), err);
		if (!values)
			return CE_ERR_MEMORY;
		if (count > 0)
			memcpy(values, entry->values, count * sizeof(*values));
		entry->values = values;
	}
	entry->values[count] = (struct ce_text_value){ .text = text, .start = start, .end = end };
	entry->value_count++;
	return CE_OK;
}

int
ce_text_place_new(ce_text *document, const char *section, const char *path, size_t end,
	struct ce_text_place **ret_place, struct ce_error *err)
{
	struct ce_text_place *place = ce_text_allocate(document, sizeof(*place), err);
	if (!place)
		return CE_ERR_MEMORY;
	*place = (struct ce_text_place){ .section = section, .path = path, .end = end };
	if (document->last_place)
		document->last_place->next = place;
	else
		document->places = place;
	document->last_place = place;
	*ret_place = place;
	return CE_OK;
}

/* -------------------------------------------------------------------- walking */

ce_text_entry *
ce_text_first(ce_text *document)
{
	return document->first;
}

ce_text_entry *
ce_text_next(const ce_text_entry *entry)
{
	return entry ? entry->next : NULL;
}

ce_text_entry *
ce_text_parent(const ce_text_entry *entry)
{
	return entry ? entry->parent : NULL;
}

const char *
ce_text_section(const ce_text_entry *entry)
{
	return entry ? entry->section : NULL;
}

const char *
ce_text_key(const ce_text_entry *entry)
{
	return entry ? entry->key : NULL;
}

const char *
ce_text_value(const ce_text_entry *entry, size_t index)
{
	return entry && index < entry->value_count ? entry->values[index].text : NULL;
}

long
ce_text_line(const ce_text_entry *entry)
{
	return entry ? entry->line : 0;
}

ce_text_entry *
ce_text_find(ce_text *document, const char *section, const char *key)
{
	ce_text_entry *found = NULL;
	for (ce_text_entry *entry = document->first; entry; entry = entry->next)
		if (!entry->parent && strcmp(entry->key, key) == 0 && (!section || strcmp(entry->section, section) == 0))
			found = entry;
	return found;
}

bool
ce_text_holds(const ce_text *document, const ce_text_entry *entry)
{
	const ce_text_entry *at = document->first;
	while (at && at != entry)
		at = at->next;
	return entry && at == entry;
}

struct ce_bytes
ce_text_bytes(const ce_text *document)
{
	return ce_buf_bytes(&document->bytes);
}

bool
ce_text_changed(const ce_text *document)
{
	return document->bytes.size != document->opened_size || ce_text_digest(&document->bytes) != document->opened;
}

/* ---------------------------------------------------------------------- proof */

static bool
same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static bool
same_entry(const struct ce_text_entry *a, const struct ce_text_entry *b)
{
	if (!same_text(a->section, b->section) || !same_text(a->key, b->key) || a->depth != b->depth ||
		a->value_count != b->value_count)
		return false;
	for (size_t i = 0; i < a->value_count; i++)
		if (!same_text(a->values[i].text, b->values[i].text))
			return false;
	return true;
}

int
ce_text_compare(ce_text *document, ce_text *got, struct ce_error *err)
{
	struct ce_text_entry *a = document->first, *b = got->first;
	for (; a && b && same_entry(a, b); a = a->next)
		b = b->next;
	if (a || b)
		return ce_fail(err, CE_ERR_REFUSED, "the edit would not read back as meant (line %ld of the result, at '%s')",
			b ? b->line : 0, b ? b->key : a->key);

	for (a = document->first, b = got->first; a; a = a->next, b = b->next) {
		a->values = b->values;
		a->start = b->start;
		a->end = b->end;
		a->inner = b->inner;
		a->fixed = b->fixed;
		a->rooted = b->rooted;
	}
	document->places = got->places;
	document->last_place = got->last_place;
	ce_text_adopt(document, got);
	return CE_OK;
}

int
ce_text_rescan(ce_text *document, const struct ce_text_splice *splice, struct ce_error *err)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf bytes = CE_BUF_SECRET;
	CE_CLEANUP(ce_textp) ce_text *got = NULL;
	int rc = ce_buf_add(&bytes, document->bytes.data, splice->start, err);
	if (rc == CE_OK)
		rc = ce_buf_add(&bytes, splice->text.data, splice->text.size, err);
	if (rc == CE_OK && splice->end < document->bytes.size)
		rc = ce_buf_add(&bytes, document->bytes.data + splice->end, document->bytes.size - splice->end, err);
	if (rc == CE_OK)
		rc = scan(document->syntax, &bytes, &got, err);
	if (rc == CE_OK)
		rc = ce_text_compare(document, got, err);
	if (rc < 0)
		return rc == CE_ERR_INVALID ? ce_fail(err, CE_ERR_REFUSED, "the edit would not read back as meant") : rc;

	ce_buf_release(&document->bytes);
	document->bytes = got->bytes;
	got->bytes = (struct ce_buf)CE_BUF_SECRET;
	document->entry_count = got->entry_count;
	return CE_OK;
}
