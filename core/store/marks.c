#include <stdio.h>

#include "store/tree.h"

static const char *const directories[] = { [CE_MARK_REVOKED] = "revoked", [CE_MARK_FORBIDDEN] = "forbidden" };

static int
mark_path(enum ce_store_mark mark, const char *hex, struct ce_store_path *ret_path, struct ce_error *err)
{
	int code = ce_store_name_check("mark", hex, err);
	if (code < 0)
		return code;
	snprintf(ret_path->text, sizeof(ret_path->text), "%s/%s", directories[mark], hex);
	return CE_OK;
}

int
ce_store_mark(struct ce_store *store, enum ce_store_mark mark, const char *hex, struct ce_error *err)
{
	struct ce_store_path path;
	const struct ce_bytes nothing = { NULL, 0 };
	int code = mark_path(mark, hex, &path, err);
	return code < 0 ? code : ce_store_write(store, path.text, nothing, err);
}

int
ce_store_marked(struct ce_store *store, enum ce_store_mark mark, const char *hex, bool *ret_marked, struct ce_error *err)
{
	struct ce_store_path path;
	int code = mark_path(mark, hex, &path, err);
	return code < 0 ? code : ce_store_has(store, path.text, ret_marked, err);
}
