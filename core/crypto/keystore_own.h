/* The two formats behind keystore.h, and what they share. Private to this folder. */
#ifndef CE_CRYPTO_KEYSTORE_OWN_H
#define CE_CRYPTO_KEYSTORE_OWN_H

#include "crypto/gnutls_own.h"
#include "crypto/keystore.h"

#define CE_KEYSTORE_BYTES_MAX (4u << 20) /* Debian's cacerts has 160 KB */

/* What a new store holds; borrowed. */
struct ce_keystore_content {
	const struct ce_key *key; /* NULL: a truststore, whose entries are the certificates */
	gnutls_x509_crt_t chain[CE_CHAIN_MAX]; /* leaf first */
	size_t count;
	const char *alias, *password;
	int profile; /* enum ce_material_profile; PKCS#12 only */
	long long when; /* creation date of the entry; JKS only */
};

/* The alias of an entry of a truststore: the given one, then with "-2", "-3" behind it. */
#define CE_ALIAS_ROOM 144
const char *ce_keystore_alias(const struct ce_keystore_content *content, size_t number, char out[CE_ALIAS_ROOM]);

CE_MUSTCHECK int ce_pkcs12_write(const struct ce_keystore_content *content, struct ce_buf *ret_bytes,
	struct ce_error *err);
CE_MUSTCHECK int ce_pkcs12_write_trusted(const struct ce_keystore_content *content, struct ce_buf *ret_bytes,
	struct ce_error *err);
CE_MUSTCHECK int ce_jks_write(const struct ce_keystore_content *content, struct ce_buf *ret_bytes,
	struct ce_error *err);

CE_MUSTCHECK int ce_pkcs12_read(struct ce_bytes bytes, const char *password, struct ce_keystore *ret_keystore,
	struct ce_error *err);
CE_MUSTCHECK int ce_jks_read(struct ce_bytes bytes, const char *password, struct ce_keystore *ret_keystore,
	struct ce_error *err);

/* Appends an entry to a keystore under construction; its alias is copied, made printable. */
CE_MUSTCHECK int ce_keystore_add(struct ce_keystore *keystore, struct ce_bytes alias, bool is_key,
	const char fingerprint[65], size_t chain_length, struct ce_error *err);

/* ------------------------------------------------------- adding to a truststore */

/* What an edit has met so far. */
struct ce_trust_finding {
	const struct ce_truststore_edit *edit;
	char fingerprint[65]; /* of the certificate to be added, "" when there is none yet */
	bool present;         /* it is there and trusted */
	bool taken;           /* the alias is somebody else's */
};
CE_MUSTCHECK int ce_trust_begin(const struct ce_truststore_edit *edit, struct ce_trust_finding *ret_finding,
	struct ce_error *err);
/* Looks at one entry; true: it is an older one of ours under the alias, and goes. */
bool ce_trust_look(struct ce_trust_finding *finding, struct ce_bytes alias, bool trusted, const char *fingerprint);
/* After all entries: CE_OK, the certificate is to be added; CE_UNCHANGED, nothing is; CE_ERR_REFUSED. */
CE_MUSTCHECK int ce_trust_verdict(const struct ce_trust_finding *finding, struct ce_error *err);

/* Results as ce_truststore_add. */
CE_MUSTCHECK int ce_jks_trust(struct ce_bytes bytes, const struct ce_truststore_edit *edit, struct ce_buf *ret_bytes,
	struct ce_error *err);
CE_MUSTCHECK int ce_pkcs12_trust(struct ce_bytes bytes, const struct ce_truststore_edit *edit, struct ce_buf *ret_bytes,
	struct ce_error *err);

#endif
