/* Which CAs a target put into a truststore under an alias: a fingerprint a line, oldest first. */
#include <string.h>

#include "crypto/digest.h"
#include "store/tree.h"

#define FINGERPRINT 64

static int
trusted_path(const char *certificate, const char *target, const char *digest_hex, struct ce_store_path *ret_path,
	struct ce_error *err)
{
	int code = ce_store_name_check("target", target, err);
	if (code == CE_OK)
		code = ce_store_name_check("truststore", digest_hex, err);
	return code < 0 ? code : ce_store_certificate_path(certificate, ret_path, err, "targets/%s/trusted.%s", target, digest_hex);
}

/* Lines that are none of ours are passed over: an entry that nobody remembers is not touched. */
static int
read_lines(const char *text, struct ce_strlist *list, struct ce_error *err)
{
	int code = CE_OK;
	while (*text && code == CE_OK) {
		size_t length = strcspn(text, "\n");
		if (length == FINGERPRINT && strspn(text, "0123456789abcdef") == FINGERPRINT && list->count < CE_STORE_TRUSTED_MAX)
			code = ce_strlist_addf(list, err, "%.*s", FINGERPRINT, text);
		text += length + (text[length] == '\n');
	}
	return code;
}

int
ce_store_trusted(struct ce_store *store, const char *certificate, const char *target, const char *digest_hex,
	struct ce_strlist *ret_fingerprints, struct ce_error *err)
{
	struct ce_store_path path;
	CE_CLEANUP(ce_buf_release) struct ce_buf bytes = CE_BUF_INIT;
	CE_CLEANUP(ce_strlist_release) struct ce_strlist list = CE_STRLIST_INIT;
	int code = trusted_path(certificate, target, digest_hex, &path, err);
	if (code == CE_OK)
		code = ce_store_read(store, path.text, &bytes, err);
	if (code == CE_ERR_NOT_FOUND) {
		ce_error_forget(err);
		code = CE_OK;
	}
	if (code == CE_OK && bytes.size > 0)
		code = read_lines(ce_buf_text(&bytes), &list, err);
	if (code < 0)
		return code;
	ce_strlist_release(ret_fingerprints);
	*ret_fingerprints = list;
	list = (struct ce_strlist)CE_STRLIST_INIT;
	return CE_OK;
}

int
ce_store_trusted_add(struct ce_store *store, const char *certificate, const char *target, const char *digest_hex,
	const char *fingerprint, struct ce_error *err)
{
	struct ce_store_path path;
	CE_CLEANUP(ce_buf_release) struct ce_buf bytes = CE_BUF_INIT;
	CE_CLEANUP(ce_strlist_release) struct ce_strlist list = CE_STRLIST_INIT;
	int code = trusted_path(certificate, target, digest_hex, &path, err);
	if (code == CE_OK)
		code = ce_store_trusted(store, certificate, target, digest_hex, &list, err);
	if (code < 0)
		return code;
	for (size_t i = 0; i < list.count; i++)
		if (strcmp(list.items[i], fingerprint) == 0)
			return CE_UNCHANGED;
	for (size_t i = list.count == CE_STORE_TRUSTED_MAX; i < list.count && code == CE_OK; i++)
		code = ce_buf_addf(&bytes, err, "%s\n", list.items[i]);
	if (code == CE_OK)
		code = ce_buf_addf(&bytes, err, "%s\n", fingerprint);
	return code < 0 ? code : ce_store_write(store, path.text, ce_buf_bytes(&bytes), err);
}
