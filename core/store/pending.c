#include "base/log.h"
#include "store/tree.h"

int
ce_store_pending_begin(struct ce_store *store, const char *certificate, struct ce_bytes key_pem,
	struct ce_bytes csr_der, struct ce_error *err)
{
	const struct ce_store_part parts[] = { { ce_store_key_file(key_pem), key_pem }, { "csr.der", csr_der } };
	struct ce_store_path fresh, place;
	int code = ce_store_certificate_path(certificate, &fresh, err, ".pending");
	if (code == CE_OK)
		code = ce_store_certificate_path(certificate, &place, err, "pending");
	return code < 0 ? code : ce_store_put_directory(store, fresh.text, place.text, parts, CE_COUNT(parts), err);
}

static int
read_part(struct ce_store *store, const char *certificate, const char *name, struct ce_buf *ret_bytes,
	struct ce_error *err)
{
	struct ce_store_path path;
	int code = ce_store_certificate_path(certificate, &path, err, "pending/%s", name);
	return code < 0 ? code : ce_store_read(store, path.text, ret_bytes, err);
}

/* Key and request appear together, so one without the other is damage. A request can be made again for its key; without
 * the key nobody can finish it: it counts as none, and a new one takes its place. */
static int
read_request(struct ce_store *store, const char *certificate, struct ce_buf *key, struct ce_buf *csr,
	struct ce_error *err)
{
	int has_key = read_part(store, certificate, "key.pem", key, err);
	if (has_key == CE_ERR_NOT_FOUND)
		has_key = read_part(store, certificate, "key.uri", key, err);
	if (has_key < 0 && has_key != CE_ERR_NOT_FOUND)
		return has_key;
	int has_csr = read_part(store, certificate, "csr.der", csr, err);
	if (has_csr < 0 && has_csr != CE_ERR_NOT_FOUND)
		return has_csr;
	if (has_csr < 0)
		ce_error_forget(err);
	if (key->size > 0)
		return CE_OK;
	if (has_key >= 0 || has_csr >= 0)
		ce_log(CE_LOG_WARNING, "the request under way for certificate '%s' is damaged and counts as none", certificate);
	return ce_fail(err, CE_ERR_NOT_FOUND, "no request is under way for certificate '%s'", certificate);
}

int
ce_store_pending(struct ce_store *store, const char *certificate, struct ce_buf *ret_key_pem,
	struct ce_buf *ret_csr_der, struct ce_buf *ret_state, struct ce_error *err)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf key = CE_BUF_SECRET;
	CE_CLEANUP(ce_buf_release) struct ce_buf csr = CE_BUF_SECRET;
	CE_CLEANUP(ce_buf_release) struct ce_buf state = CE_BUF_SECRET;
	int code = read_request(store, certificate, &key, &csr, err);
	if (code < 0)
		return code;
	code = read_part(store, certificate, "state", &state, err);
	if (code < 0 && code != CE_ERR_NOT_FOUND)
		return code;
	if (code < 0)
		ce_error_forget(err);

	ce_buf_release(ret_key_pem);
	ce_buf_release(ret_csr_der);
	ce_buf_release(ret_state);
	*ret_key_pem = key;
	*ret_csr_der = csr;
	*ret_state = state;
	key = csr = state = (struct ce_buf)CE_BUF_SECRET;
	return CE_OK;
}

int
ce_store_pending_csr(struct ce_store *store, const char *certificate, struct ce_bytes csr_der, struct ce_error *err)
{
	struct ce_store_path path;
	int code = ce_store_certificate_path(certificate, &path, err, "pending/csr.der");
	return code < 0 ? code : ce_store_write(store, path.text, csr_der, err);
}

int
ce_store_pending_state(struct ce_store *store, const char *certificate, struct ce_bytes state, struct ce_error *err)
{
	struct ce_store_path path;
	int code = ce_store_certificate_path(certificate, &path, err, "pending/csr.der");
	if (code < 0)
		return code;
	bool there = false;
	code = ce_store_has(store, path.text, &there, err);
	if (code < 0)
		return code;
	if (!there)
		return ce_fail(err, CE_ERR_NOT_FOUND, "no request is under way for certificate '%s'", certificate);
	code = ce_store_certificate_path(certificate, &path, err, "pending/state");
	return code < 0 ? code : ce_store_write(store, path.text, state, err);
}

int
ce_store_pending_end(struct ce_store *store, const char *certificate, struct ce_error *err)
{
	struct ce_store_path path;
	int code = ce_store_certificate_path(certificate, &path, err, "pending");
	return code < 0 ? code : ce_store_drop_directory(store, path.text, ".pending", err);
}
