/* Changes: the entries become what is meant, then the bytes are made to say so. */
#include <string.h>

#include "edit/text_own.h"

static void
release_splice(struct ce_text_splice *splice)
{
	ce_buf_release(&splice->text);
}

CE_MUSTCHECK static int
may_change(const ce_text_entry *entry, const char *why, struct ce_error *err)
{
	if (!why)
		return CE_OK;
	return ce_fail(err, CE_ERR_REFUSED, "line %ld: '%s' cannot be changed safely: %s", entry->line, entry->key, why);
}

int
ce_text_change(ce_text *document, ce_text_entry *entry, size_t index, const char *value, struct ce_error *err)
{
	int rc = may_change(entry, entry->fixed, err);
	if (rc < 0)
		return rc;
	if (index >= entry->value_count)
		return ce_fail(err, CE_ERR_NOT_FOUND, "line %ld: '%s' has no value number %zu", entry->line, entry->key, index);

	struct ce_text_value *at = &entry->values[index];
	if (at->text && strcmp(at->text, value) == 0)
		return CE_UNCHANGED;
	CE_CLEANUP(release_splice) struct ce_text_splice splice = { at->start, at->end, CE_BUF_SECRET };
	const char *copy = ce_text_copy(document, value, strlen(value), err);
	if (!copy)
		return CE_ERR_MEMORY;
	rc = document->syntax->encode(value, at, &splice.text, err);
	if (rc < 0)
		return err ? ce_error_wrap(err, "line %ld: '%s'", entry->line, entry->key) : rc;

	const char *before = at->text;
	at->text = copy;
	rc = ce_text_rescan(document, &splice, err);
	if (rc < 0)
		at->text = before; /* a scan that failed left the entry's values alone */
	return rc;
}

/* ------------------------------------------------------------------- dropping */

/* The last entry of what hangs together with this one: a block and all that is in it. */
static ce_text_entry *
last_of(ce_text_entry *entry)
{
	ce_text_entry *last = entry;
	while (last->next && last->next->depth > entry->depth)
		last = last->next;
	return last;
}

static ce_text_entry *
before_of(ce_text *document, const ce_text_entry *entry)
{
	ce_text_entry *at = document->first;
	if (at == entry)
		return NULL;
	while (at && at->next != entry)
		at = at->next;
	return at;
}

static void
link_behind(ce_text *document, ce_text_entry *before, ce_text_entry *first, ce_text_entry *last)
{
	ce_text_entry **at = before ? &before->next : &document->first;
	last->next = *at;
	*at = first;
	if (!last->next)
		document->last = last;
}

static void
unlink_behind(ce_text *document, ce_text_entry *before, ce_text_entry *last)
{
	*(before ? &before->next : &document->first) = last->next;
	if (!last->next)
		document->last = before;
}

int
ce_text_drop(ce_text *document, ce_text_entry *entry, struct ce_error *err)
{
	int rc = may_change(entry, entry->rooted, err);
	if (rc < 0)
		return rc;

	struct ce_text_splice splice = { entry->start, entry->end, CE_BUF_INIT };
	ce_text_entry *before = before_of(document, entry), *last = last_of(entry);
	unlink_behind(document, before, last);
	rc = ce_text_rescan(document, &splice, err);
	if (rc < 0)
		link_behind(document, before, entry, last);
	return rc;
}

/* --------------------------------------------------------------------- adding */

CE_MUSTCHECK static int
new_entry(ce_text *document, ce_text_entry *parent, const char *section, const char *key, const char *const *values,
	ce_text_entry **ret_entry, struct ce_error *err)
{
	struct ce_text_entry *entry = ce_text_allocate(document, sizeof(*entry), err);
	const char *own_section = ce_text_copy(document, section, strlen(section), err);
	const char *own_key = ce_text_copy(document, key, strlen(key), err);
	if (!entry || !own_section || !own_key)
		return CE_ERR_MEMORY;
	entry->section = own_section;
	entry->key = own_key;
	entry->parent = parent;
	entry->depth = parent ? parent->depth + 1 : 0;
	for (; *values; values++) {
		const char *text = ce_text_copy(document, *values, strlen(*values), err);
		int rc = text ? ce_text_value_new(document, entry, text, 0, 0, err) : CE_ERR_MEMORY;
		if (rc < 0)
			return rc;
	}
	*ret_entry = entry;
	return CE_OK;
}

/* The entry behind which one that is written at this place will stand. */
static ce_text_entry *
entry_before(ce_text *document, size_t at)
{
	ce_text_entry *before = NULL;
	for (ce_text_entry *entry = document->first; entry && entry->start < at; entry = entry->next)
		before = entry;
	return before;
}

int
ce_text_add(ce_text *document, ce_text_entry *parent, const char *section, const char *key, const char *const *values,
	ce_text_entry **ret_entry, struct ce_error *err)
{
	CE_CLEANUP(release_splice) struct ce_text_splice splice = { 0, 0, CE_BUF_SECRET };
	ce_text_entry *entry = NULL;
	if (parent && parent->inner == 0)
		return ce_fail(err, CE_ERR_INVALID, "line %ld: '%s' is no block", parent->line, parent->key);
	int rc = new_entry(document, parent, parent ? parent->section : section ? section : "", key, values, &entry, err);
	if (rc == CE_OK)
		rc = document->syntax->place(document, entry, &splice, err);
	if (rc < 0)
		return rc;

	ce_text_entry *before = entry_before(document, splice.start);
	link_behind(document, before, entry, entry);
	rc = ce_text_rescan(document, &splice, err);
	if (rc < 0) {
		unlink_behind(document, before, entry);
		return rc;
	}
	*ret_entry = entry;
	return CE_OK;
}

/* --------------------------------------------------------------------- by key */

/* The only entry with this key; NULL: none. A key that is there twice is refused: readers differ in which counts. */
CE_MUSTCHECK static int
only(ce_text *document, const char *section, const char *key, ce_text_entry **ret_entry, struct ce_error *err)
{
	ce_text_entry *found = NULL;
	for (ce_text_entry *entry = document->first; entry; entry = entry->next) {
		if (entry->parent || strcmp(entry->key, key) != 0 || (section && strcmp(entry->section, section) != 0))
			continue;
		if (found)
			return ce_fail(err, CE_ERR_REFUSED, "line %ld: '%s' is set in line %ld already; leave one of them",
				entry->line, key, found->line);
		found = entry;
	}
	*ret_entry = found;
	return CE_OK;
}

int
ce_text_set(ce_text *document, const char *section, const char *key, const char *value, struct ce_error *err)
{
	ce_text_entry *entry = NULL;
	int rc = only(document, section, key, &entry, err);
	if (rc < 0)
		return rc;
	if (!value)
		return entry ? ce_text_drop(document, entry, err) : CE_UNCHANGED;
	if (entry)
		return ce_text_change(document, entry, 0, value, err);

	const char *const values[] = { value, NULL };
	const char *first = document->places ? document->places->section : "";
	return ce_text_add(document, NULL, section ? section : first, key, values, &entry, err);
}
