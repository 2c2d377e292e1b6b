#include <stdio.h>

#include "store/tree.h"

static int
record_path(const char *issuer, const char *record, struct ce_store_path *ret_path, struct ce_error *err)
{
	int code = ce_store_name_check("issuer", issuer, err);
	if (code < 0)
		return code;
	code = ce_store_name_check("record", record, err);
	if (code < 0)
		return code;
	snprintf(ret_path->text, sizeof(ret_path->text), "issuers/%s/%s", issuer, record);
	return CE_OK;
}

int
ce_store_issuer_get(struct ce_store *store, const char *issuer, const char *record, struct ce_buf *ret_bytes,
	struct ce_error *err)
{
	struct ce_store_path path;
	int code = record_path(issuer, record, &path, err);
	return code < 0 ? code : ce_store_read(store, path.text, ret_bytes, err);
}

int
ce_store_issuer_put(struct ce_store *store, const char *issuer, const char *record, struct ce_bytes bytes,
	struct ce_error *err)
{
	struct ce_store_path path;
	int code = record_path(issuer, record, &path, err);
	return code < 0 ? code : ce_store_write(store, path.text, bytes, err);
}

int
ce_store_issuer_remove(struct ce_store *store, const char *issuer, const char *record, struct ce_error *err)
{
	struct ce_store_path path;
	int code = record_path(issuer, record, &path, err);
	return code < 0 ? code : ce_store_remove(store, path.text, err);
}

int
ce_store_issuer_rename(struct ce_store *store, const char *issuer, const char *record, const char *to,
	struct ce_error *err)
{
	struct ce_store_path from, onto;
	int code = record_path(issuer, record, &from, err);
	if (code >= 0)
		code = record_path(issuer, to, &onto, err);
	return code < 0 ? code : ce_store_rename(store, from.text, onto.text, err);
}
