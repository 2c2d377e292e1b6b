/* A list of strings, NULL-terminated so that it can serve as argv. */
#ifndef CE_BASE_STRLIST_H
#define CE_BASE_STRLIST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct ce_strlist {
	char **items; /* items[count] is NULL; items itself is NULL while empty */
	size_t count;
};

#define CE_STRLIST_INIT { NULL, 0 }

CE_MUSTCHECK int ce_strlist_add(struct ce_strlist *list, const char *text, struct ce_error *err);
CE_MUSTCHECK int ce_strlist_addf(struct ce_strlist *list, struct ce_error *err, const char *format, ...)
	CE_PRINTF(3, 4);
CE_MUSTCHECK int ce_strlist_copy(struct ce_strlist *list, const char *const *items, struct ce_error *err);
bool ce_strlist_has(const struct ce_strlist *list, const char *text);
void ce_strlist_sort(struct ce_strlist *list);
void ce_strlist_release(struct ce_strlist *list);

#endif
