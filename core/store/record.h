/* Small records as JSON objects, by tables of members. Internal to core/store. */
#ifndef CE_STORE_RECORD_H
#define CE_STORE_RECORD_H

#include <stddef.h>

#include "store/tree.h"

/* CE_MEMBER_LIST is an array of objects, in memory a struct of a pointer and a count as below. */
enum ce_member_kind { CE_MEMBER_INT, CE_MEMBER_LONG, CE_MEMBER_MOMENT, CE_MEMBER_TEXT, CE_MEMBER_LIST };

/* One member of a record and where it lies in the struct; a NULL name ends a table. */
struct ce_member {
	const char *name;
	enum ce_member_kind kind;
	size_t offset;
	const struct ce_member *rows; /* LIST: of one element */
	size_t size;                  /* LIST: of one element in memory */
};

struct ce_record_list {
	void *items;
	size_t count;
};

CE_MUSTCHECK int ce_record_put(struct ce_store *store, const char *path, const struct ce_member *members,
	const void *result, struct ce_error *err);

/* CE_ERR_NOT_FOUND also for a damaged file, which is reported: a record that cannot be read must not keep a certificate
 * from being issued or deployed. What was taken before the damage is in result, for the caller to release. */
CE_MUSTCHECK int ce_record_get(struct ce_store *store, const char *path, const struct ce_member *members, void *result,
	struct ce_error *err);

#endif
