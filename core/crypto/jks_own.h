/* What reading, writing and editing a JKS share. */
#ifndef CE_CRYPTO_JKS_OWN_H
#define CE_CRYPTO_JKS_OWN_H

#include "crypto/keystore_own.h"

#define CE_JKS_VERSION 2 /* of what is written; 1 is older than Java 1.2 and only read */

/* One entry; alias in modified UTF-8. The bytes are those of the store. */
struct ce_jks_entry {
	struct ce_bytes whole, alias;
	bool is_key;
	char fingerprint[65]; /* leaf's, "" where there is none */
	size_t chain_length;
};
typedef int (*ce_jks_visitor)(const struct ce_jks_entry *entry, void *context, struct ce_error *err);

/* Checks the digest, then gives each entry to visit. Returns the version of the format. */
CE_MUSTCHECK int ce_jks_walk(struct ce_bytes bytes, const char *password, ce_jks_visitor visit, void *context,
	struct ce_error *err);

/* A store is head, entries, seal. when: seconds since the epoch. */
CE_MUSTCHECK int ce_jks_add_head(struct ce_buf *out, size_t count, struct ce_error *err);
CE_MUSTCHECK int ce_jks_add_trusted(struct ce_buf *out, const char *alias, long long when, gnutls_x509_crt_t crt,
	struct ce_error *err);
CE_MUSTCHECK int ce_jks_seal(struct ce_buf *out, const char *password, struct ce_error *err);

#endif
