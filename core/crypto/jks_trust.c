/* One more trusted certificate in a JKS: the bytes of every other entry stay, count and digest are made anew. */
#include "crypto/jks_own.h"

struct edit {
	struct ce_trust_finding finding;
	struct ce_buf kept;
	size_t count;
};

static void
edit_release(struct edit *edit)
{
	ce_buf_release(&edit->kept);
}

static int
keep_entry(const struct ce_jks_entry *entry, void *context, struct ce_error *err)
{
	struct edit *edit = context;
	if (ce_trust_look(&edit->finding, entry->alias, !entry->is_key, entry->fingerprint))
		return CE_OK;
	edit->count++;
	return ce_buf_add(&edit->kept, entry->whole.data, entry->whole.size, err);
}

CE_MUSTCHECK static int
write_store(const struct edit *edit, struct ce_buf *out, struct ce_error *err)
{
	const struct ce_truststore_edit *wish = edit->finding.edit;
	CE_CLEANUP(ce_gnutls_crtp) gnutls_x509_crt_t crt = NULL;
	int code = ce_crt_read(wish->ca, &crt, err);
	if (code >= 0)
		code = ce_jks_add_head(out, edit->count + 1, err);
	if (code >= 0)
		code = ce_buf_add(out, edit->kept.data, edit->kept.size, err);
	if (code >= 0)
		code = ce_jks_add_trusted(out, wish->alias, wish->when, crt, err);
	return code < 0 ? code : ce_jks_seal(out, wish->password, err);
}

int
ce_jks_trust(struct ce_bytes bytes, const struct ce_truststore_edit *wish, struct ce_buf *ret_bytes,
	struct ce_error *err)
{
	CE_CLEANUP(edit_release) struct edit edit = { .kept = CE_BUF_SECRET };
	int code = ce_trust_begin(wish, &edit.finding, err);
	if (code >= 0)
		code = ce_jks_walk(bytes, wish->password, keep_entry, &edit, err);
	if (code < 0)
		return code;
	if (code != CE_JKS_VERSION)
		return ce_fail(err, CE_ERR_REFUSED, "the JKS is of version %d, whose entries cannot be kept as they are; convert it with "
			"keytool", code);
	code = ce_trust_verdict(&edit.finding, err);
	if (code != CE_OK)
		return code;

	CE_CLEANUP(ce_buf_release) struct ce_buf out = CE_BUF_SECRET;
	code = write_store(&edit, &out, err);
	if (code < 0)
		return code;
	ce_buf_give(ret_bytes, &out);
	return CE_OK;
}
