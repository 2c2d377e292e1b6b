#include <stdlib.h>
#include <string.h>

#include "crypto/digest.h"
#include "store/tree.h"

/* Long enough that guessing is out of the question (142 bits), short enough for every product. */
#define SECRET_LENGTH 24

static int
create_secret(struct ce_store *store, const char *path, char **ret_text, struct ce_error *err)
{
	int code = ce_store_writable(store, err);
	if (code < 0)
		return code;
	CE_CLEANUP(ce_wipe_strp) char *text = NULL;
	code = ce_random_password(SECRET_LENGTH, &text, err);
	if (code < 0)
		return code;
	code = ce_store_write(store, path, (struct ce_bytes){ (const unsigned char *)text, strlen(text) }, err);
	if (code < 0)
		return code;

	*ret_text = CE_STEAL(text);
	return CE_OK;
}

int
ce_store_secret(struct ce_store *store, const char *certificate, const char *target, const char *name, bool create,
	char **ret_text, struct ce_error *err)
{
	int code = ce_store_name_check("target", target, err);
	if (code < 0)
		return code;
	code = ce_store_name_check("secret", name, err);
	if (code < 0)
		return code;
	struct ce_store_path path;
	code = ce_store_certificate_path(certificate, &path, err, "targets/%s/secret.%s", target, name);
	if (code < 0)
		return code;

	CE_CLEANUP(ce_buf_release) struct ce_buf bytes = CE_BUF_SECRET;
	code = ce_store_read(store, path.text, &bytes, err);
	if (code == CE_ERR_NOT_FOUND && create) {
		ce_error_forget(err);
		return create_secret(store, path.text, ret_text, err);
	}
	if (code < 0)
		return code;
	if (bytes.size == 0 || memchr(bytes.data, '\0', bytes.size))
		return ce_fail(err, CE_ERR_INVALID, "secret '%s' of target '%s' of certificate '%s' is damaged", name, target,
			certificate);

	char *text = strdup(ce_buf_text(&bytes));
	if (!text)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	*ret_text = text;
	return CE_OK;
}
