/* What the files that write and edit PKCS#12 by themselves share (RFC 7292). */
#ifndef CE_CRYPTO_PKCS12_OWN_H
#define CE_CRYPTO_PKCS12_OWN_H

#include "crypto/der.h"
#include "crypto/keystore_own.h"

enum ce_oid {
	CE_OID_NONE,
	CE_OID_DATA,
	CE_OID_ENCRYPTED_DATA,
	CE_OID_CERT_BAG,
	CE_OID_X509_CERTIFICATE,
	CE_OID_FRIENDLY_NAME,
	CE_OID_TRUSTED_KEY_USAGE, /* Oracle's: Java trusts only what carries it */
	CE_OID_ANY_USAGE,
	CE_OID_PBE_3DES,
	CE_OID_PBE_RC2_40,
	CE_OID_PBES2,
	CE_OID_PBKDF2,
	CE_OID_AES_128_CBC,
	CE_OID_AES_192_CBC,
	CE_OID_AES_256_CBC,
	CE_OID_HMAC_SHA1,
	CE_OID_HMAC_SHA256,
	CE_OID_HMAC_SHA384,
	CE_OID_HMAC_SHA512,
	CE_OID_SHA1,
	CE_OID_SHA256,
	CE_OID_SHA384,
	CE_OID_SHA512
};
/* The whole DER value. */
struct ce_bytes ce_oid_bytes(enum ce_oid oid);
/* CE_OID_NONE: it is none of these. */
enum ce_oid ce_oid_of(const struct ce_der_value *value);

/* Appends SEQUENCE { oid, [0] { OCTET STRING { inner } } }: a ContentInfo of data, and a CertBag. */
CE_MUSTCHECK int ce_pkcs12_add_octets(struct ce_buf *out, enum ce_oid oid, struct ce_bytes inner, struct ce_error *err);
/* Appends a SafeBag with a certificate that Java trusts. */
CE_MUSTCHECK int ce_pkcs12_add_trusted_bag(struct ce_buf *out, gnutls_x509_crt_t crt, const char *alias,
	struct ce_error *err);

/* What has been derived from the password so far, in rounds. */
struct ce_rounds {
	unsigned used;
};

/* Key or IV or MAC key (purpose 1, 2, 3) of RFC 7292 appendix B. */
struct ce_pkcs12_salt {
	struct ce_bytes salt;
	unsigned rounds;
};
CE_MUSTCHECK int ce_pkcs12_derive(const char *password, const struct ce_pkcs12_salt *salt, int purpose,
	gnutls_digest_algorithm_t hash, struct ce_rounds *rounds, unsigned char *out, size_t size, struct ce_error *err);

/* The MAC of a store. */
struct ce_pkcs12_mac {
	gnutls_digest_algorithm_t hash;
	struct ce_bytes digest;      /* as it stands in the file */
	struct ce_pkcs12_salt salt;
};
CE_MUSTCHECK int ce_pkcs12_mac_read(struct ce_bytes mac_data, struct ce_pkcs12_mac *ret_mac, struct ce_error *err);
/* The digest over content; out has room for 64 bytes. */
CE_MUSTCHECK int ce_pkcs12_mac_make(const struct ce_pkcs12_mac *mac, struct ce_bytes content, const char *password,
	struct ce_rounds *rounds, unsigned char *out, size_t *ret_size, struct ce_error *err);

/* Decrypts under an AlgorithmIdentifier: PBES2 with AES-CBC, and the two of RFC 7292 that keytool used. */
CE_MUSTCHECK int ce_pkcs12_decrypt(const struct ce_der_value *algorithm, struct ce_bytes hidden, const char *password,
	struct ce_rounds *rounds, struct ce_buf *ret_plain, struct ce_error *err);

#endif
