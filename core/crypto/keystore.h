/* Java keystores: PKCS#12 (RFC 7292) and JKS. */
#ifndef CE_CRYPTO_KEYSTORE_H
#define CE_CRYPTO_KEYSTORE_H

#include "crypto/certificate.h"

/* Bytes for a material other than a plain PEM as well: everything in enum ce_material_kind. For
 * keystores alias and password follow products.md's rule: printable ASCII, alias lower case,
 * password 6 characters or more; else CE_ERR_INVALID. Salts are random: build once, keep the bytes. */
CE_MUSTCHECK int ce_material_build(const struct ce_bundle *bundle, const struct ce_material *material,
	struct ce_buf *ret_bytes, struct ce_error *err);

/* A truststore of certificates (PEM, at most CE_CHAIN_MAX): CE_MATERIAL_PKCS12 or CE_MATERIAL_JKS of material, with its
 * alias, password and profile by the same rules; when: the date of JKS entries. */
CE_MUSTCHECK int ce_truststore_build(struct ce_bytes pem, const struct ce_material *material, long long when,
	struct ce_buf *ret_bytes, struct ce_error *err);

/* One certificate more in a truststore of foreign origin. */
struct ce_truststore_edit {
	struct ce_bytes ca;         /* DER; empty: only look whether it could be added */
	const char *alias;          /* printable ASCII, lower case */
	const char *password;       /* printable ASCII; not used for a PKCS#12 that has neither MAC nor encryption */
	const char *const *ours;    /* fingerprints that stand under this alias by our doing and may go; NULL-terminated */
	long long when;             /* date of the entry; JKS only */
};
/* Adds the certificate as trusted to a JKS or PKCS#12, told apart by the first bytes. The format stays, and so does every
 * byte of the other entries: of a JKS only count and digest are made anew, of a PKCS#12 lengths and MAC (same algorithm, salt and
 * rounds). CE_UNCHANGED: it is there already, under whatever alias, or ca is empty. CE_ERR_REFUSED: the alias is
 * somebody else's, or the file cannot be edited without touching the rest. CE_ERR_INVALID: it is damaged, or the password is
 * another one. */
CE_MUSTCHECK int ce_truststore_add(struct ce_bytes bytes, const struct ce_truststore_edit *edit, struct ce_buf *ret_bytes,
	struct ce_error *err);

/* The certificate that signed the bundle's leaf, as DER: out of its chain, else out of anchors (PEM), else, where it
 * signed itself, the leaf. CE_ERR_NOT_FOUND: none of these did. */
CE_MUSTCHECK int ce_bundle_issuer(const struct ce_bundle *bundle, struct ce_bytes anchors, struct ce_buf *ret_der,
	struct ce_error *err);

/* "PKCS#12", "JKS", "PEM private key", ... for plans. */
const char *ce_material_label(int kind);
/* Whether the bytes hold a private key (mode 0600 by default, never diffed). */
bool ce_material_is_secret(int kind);

/* One entry of a keystore. */
struct ce_keystore_entry {
	char *alias;
	bool is_key;
	char fingerprint[65]; /* leaf's */
	size_t chain_length;
};
struct ce_keystore {
	const char *kind;     /* "PKCS#12" or "JKS", by the first bytes */
	struct ce_keystore_entry *entries;
	size_t count;
};

/* Reads a keystore of foreign origin. PKCS#12 with more than 10 million rounds together, 32 or more
 * certificates in a bag (GnuTLS drops the rest in silence), or several keys that cannot be told
 * apart: CE_ERR_REFUSED. Wrong password: CE_ERR_INVALID. */
CE_MUSTCHECK int ce_keystore_read(struct ce_bytes bytes, const char *password, struct ce_keystore *ret_keystore,
	struct ce_error *err);
void ce_keystore_release(struct ce_keystore *keystore);

#endif
