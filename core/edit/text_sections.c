/* Where a new line goes. */
#include <string.h>

#include "edit/text_own.h"

struct ce_text_place *
ce_text_place_of(const ce_text *document, const char *section, const char *path)
{
	struct ce_text_place *place = document->places;
	while (place && (strcmp(place->section, section) != 0 || strcmp(place->path, path) != 0))
		place = place->next;
	return place;
}

/* How much of a key's beginning two keys share, in whole parts: server.ssl. of server.ssl.key-alias. */
static size_t
shared(const char *a, const char *b)
{
	size_t parts = 0;
	for (size_t i = 0; a[i] != '\0' && a[i] == b[i]; i++)
		if (strchr("._-", a[i]))
			parts = i + 1;
	return parts;
}

int
ce_text_place_line(ce_text *document, const struct ce_text_entry *added, size_t *ret_at, struct ce_error *err)
{
	const struct ce_text_entry *beside = NULL;
	size_t most = 0;
	const struct ce_text_place *place = ce_text_place_of(document, added->section, "");
	if (!place)
		return ce_fail(err, CE_ERR_NOT_FOUND, "the file has no section '%s'", added->section);
	if (place->fixed)
		return ce_fail(err, CE_ERR_REFUSED, "nothing can be added to section '%s': %s", added->section, place->fixed);
	for (const struct ce_text_entry *entry = document->first; entry; entry = entry->next) {
		if (strcmp(entry->section, added->section) != 0 || shared(entry->key, added->key) < most)
			continue;
		most = shared(entry->key, added->key);
		beside = entry;
	}
	*ret_at = beside ? beside->end : place->end;
	return CE_OK;
}
