/* What adding to a truststore means, whatever its format. */
#include <string.h>
#include <strings.h>

#include "crypto/digest.h"
#include "crypto/keystore_own.h"
#include "crypto/pem.h"

#define ALIAS_MAX 128
#define PASSWORD_MAX 256

int
ce_trust_begin(const struct ce_truststore_edit *edit, struct ce_trust_finding *ret_finding, struct ce_error *err)
{
	struct ce_trust_finding finding = { .edit = edit };
	int code = edit->ca.size > 0 ? ce_sha256_hex(edit->ca, finding.fingerprint, err) : CE_OK;
	if (code < 0)
		return code;
	*ret_finding = finding;
	return CE_OK;
}

/* Java compares aliases without regard to case. */
static bool
is_alias(struct ce_bytes alias, const char *wanted)
{
	return alias.size == strlen(wanted) && strncasecmp((const char *)alias.data, wanted, alias.size) == 0;
}

static bool
is_ours(const struct ce_truststore_edit *edit, const char *fingerprint)
{
	for (const char *const *ours = edit->ours; ours && *ours; ours++)
		if (strcmp(*ours, fingerprint) == 0)
			return true;
	return false;
}

bool
ce_trust_look(struct ce_trust_finding *finding, struct ce_bytes alias, bool trusted, const char *fingerprint)
{
	if (trusted && finding->fingerprint[0] && strcmp(fingerprint, finding->fingerprint) == 0) {
		finding->present = true;
		return false;
	}
	if (alias.size == 0 || !is_alias(alias, finding->edit->alias))
		return false;
	if (trusted && is_ours(finding->edit, fingerprint))
		return true;
	finding->taken = true;
	return false;
}

int
ce_trust_verdict(const struct ce_trust_finding *finding, struct ce_error *err)
{
	if (finding->present)
		return CE_UNCHANGED;
	if (finding->taken)
		return ce_fail(err, CE_ERR_REFUSED, "the alias '%s' stands for an entry that this target did not put there; choose another "
			"alias, or take the entry out with `keytool -delete`", finding->edit->alias);
	return finding->fingerprint[0] ? CE_OK : CE_UNCHANGED;
}

static bool
is_printable(const char *text, size_t most)
{
	size_t size = text ? strlen(text) : 0;
	for (size_t i = 0; i < size; i++)
		if (text[i] < 0x20 || text[i] > 0x7e)
			return false;
	return size >= 1 && size <= most;
}

int
ce_truststore_add(struct ce_bytes bytes, const struct ce_truststore_edit *edit, struct ce_buf *ret_bytes,
	struct ce_error *err)
{
	static const unsigned char jks[] = { 0xfe, 0xed, 0xfe, 0xed }, jceks[] = { 0xce, 0xce, 0xce, 0xce };
	if (bytes.size > CE_KEYSTORE_BYTES_MAX)
		return ce_fail(err, CE_ERR_LIMIT, "a truststore of %zu bytes is larger than the %u allowed", bytes.size,
			CE_KEYSTORE_BYTES_MAX);
	if (!is_printable(edit->alias, ALIAS_MAX) || strpbrk(edit->alias, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
		return ce_fail(err, CE_ERR_INVALID, "the alias in a truststore is 1 to %d printable ASCII characters in lower case",
			ALIAS_MAX);
	if (!is_printable(edit->password, PASSWORD_MAX))
		return ce_fail(err, CE_ERR_INVALID, "the password of a truststore is 1 to %d printable ASCII characters", PASSWORD_MAX);
	if (bytes.size >= sizeof(jks) && memcmp(bytes.data, jks, sizeof(jks)) == 0)
		return ce_jks_trust(bytes, edit, ret_bytes, err);
	if (bytes.size >= sizeof(jceks) && memcmp(bytes.data, jceks, sizeof(jceks)) == 0)
		return ce_fail(err, CE_ERR_REFUSED, "the truststore is of type JCEKS; convert it to PKCS12 with keytool");
	if (bytes.size >= 2 && bytes.data[0] == 0x30)
		return ce_pkcs12_trust(bytes, edit, ret_bytes, err);
	return ce_fail(err, CE_ERR_INVALID, "the file is neither a PKCS#12 nor a JKS truststore");
}

/* ------------------------------------------------------------------ the issuer */

/* The first certificate of a PEM that signed leaf; CE_UNCHANGED: none did. */
CE_MUSTCHECK static int
find_signer(struct ce_bytes text, gnutls_x509_crt_t leaf, struct ce_buf *ret_der, struct ce_error *err)
{
	struct ce_pem pem = { text, 0, true };
	struct ce_pem_block block;
	int code;
	while ((code = ce_pem_next(&pem, &block, err)) == CE_OK) {
		CE_CLEANUP(ce_gnutls_crtp) gnutls_x509_crt_t crt = NULL;
		code = ce_crt_read(block.whole, &crt, err);
		if (code < 0)
			return code;
		if (!gnutls_x509_crt_check_issuer(leaf, crt) || !ce_crt_signed_by(leaf, crt))
			continue;
		return ce_pem_decode(&block, ret_der, err);
	}
	return code;
}

int
ce_bundle_issuer(const struct ce_bundle *bundle, struct ce_bytes anchors, struct ce_buf *ret_der, struct ce_error *err)
{
	const struct ce_bytes places[] = { ce_buf_bytes(&bundle->chain), anchors, ce_buf_bytes(&bundle->leaf) };
	CE_CLEANUP(ce_gnutls_crtp) gnutls_x509_crt_t leaf = NULL;
	int code = ce_crt_read(places[2], &leaf, err);
	if (code < 0)
		return code;
	for (size_t i = 0; i < CE_COUNT(places); i++) {
		code = places[i].size > 0 ? find_signer(places[i], leaf, ret_der, err) : CE_UNCHANGED;
		if (code != CE_UNCHANGED)
			return code;
	}
	return ce_fail(err, CE_ERR_NOT_FOUND, "the certificate of the CA is not known: it came with no "
		"chain, and no configured issuer has a root that signed it");
}
