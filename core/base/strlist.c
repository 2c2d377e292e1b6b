#include "base/strlist.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Takes text over, also on failure. The array holds the smallest power of two above count, so it
 * grows only when count + 1 reaches one. */
static int
append(struct ce_strlist *list, char *text, struct ce_error *err)
{
	CE_CLEANUP(ce_freep) char *owned = text;
	if (!owned)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");

	size_t next = list->count + 1;
	if (!list->items || (next & (next - 1)) == 0) {
		char **items = reallocarray(list->items, next * 2, sizeof(*items));
		if (!items)
			return ce_fail(err, CE_ERR_MEMORY, "out of memory");
		list->items = items;
	}
	list->items[list->count] = CE_STEAL(owned);
	list->count = next;
	list->items[next] = NULL;
	return CE_OK;
}

int
ce_strlist_add(struct ce_strlist *list, const char *text, struct ce_error *err)
{
	return append(list, strdup(text), err);
}

int
ce_strlist_addf(struct ce_strlist *list, struct ce_error *err, const char *format, ...)
{
	char *text = NULL;
	va_list arguments;
	va_start(arguments, format);
	int length = vasprintf(&text, format, arguments);
	va_end(arguments);
	return append(list, length < 0 ? NULL : text, err);
}

int
ce_strlist_copy(struct ce_strlist *list, const char *const *items, struct ce_error *err)
{
	for (; items && *items; items++) {
		int code = ce_strlist_add(list, *items, err);
		if (code != CE_OK)
			return code;
	}
	return CE_OK;
}

bool
ce_strlist_has(const struct ce_strlist *list, const char *text)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->items[i], text) == 0)
			return true;
	return false;
}

static int
compare(const void *left, const void *right)
{
	return strcmp(*(char *const *)left, *(char *const *)right);
}

void
ce_strlist_sort(struct ce_strlist *list)
{
	if (list->count > 1)
		qsort(list->items, list->count, sizeof(*list->items), compare);
}

void
ce_strlist_release(struct ce_strlist *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->items[i]);
	free(list->items);
	list->items = NULL;
	list->count = 0;
}
