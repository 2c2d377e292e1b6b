/* Private keys. */
#ifndef CE_CRYPTO_KEY_H
#define CE_CRYPTO_KEY_H

#include "base/buf.h"

struct ce_key; /* in memory, or in a token (crypto/token.h) */

/* Kind names, NULL-terminated: rsa-2048 rsa-3072 rsa-4096 ec-p256 ec-p384 ed25519. */
extern const char *const ce_key_kinds[];

CE_MUSTCHECK int ce_key_generate(const char *kind, struct ce_key **ret_key, struct ce_error *err);
/* PEM, PKCS#8 (or PKCS#1, SEC1); unencrypted. */
CE_MUSTCHECK int ce_key_from_pem(struct ce_bytes pem, struct ce_key **ret_key, struct ce_error *err);
/* What is kept of a key: its PEM (as ce_key_to_pem), or for one in a token a record without any secret. */
CE_MUSTCHECK int ce_key_record(const struct ce_key *key, struct ce_buf *ret_record, struct ce_error *err);
/* The key of such a record. CE_ERR_NOT_FOUND: the token no longer holds it. */
CE_MUSTCHECK int ce_key_open(struct ce_bytes record, struct ce_key **ret_key, struct ce_error *err);
/* PKCS#8 PEM into a buffer that is marked secret. CE_ERR_REFUSED for a key in a token. */
CE_MUSTCHECK int ce_key_to_pem(const struct ce_key *key, struct ce_buf *ret_pem, struct ce_error *err);
const char *ce_key_kind(const struct ce_key *key);
/* SHA-256 of the SubjectPublicKeyInfo, hex. Equal for a key and its certificate. */
CE_MUSTCHECK int ce_key_id(const struct ce_key *key, char ret_hex[65], struct ce_error *err);
void ce_key_free(struct ce_key *key);
void ce_keyp(struct ce_key **key);

#endif
