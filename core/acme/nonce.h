/* Nonces that a CA gave: each is used once, the newest first (RFC 8555 section 6.5). */
#ifndef CE_ACME_NONCE_H
#define CE_ACME_NONCE_H

#include <stdbool.h>
#include <stddef.h>

#define CE_ACME_NONCES_MAX 64
#define CE_ACME_NONCE_LENGTH_MAX 255

struct ce_acme_nonces {
	char *items[CE_ACME_NONCES_MAX];
	size_t count;
};

/* False when it is no nonce (alphabet of base64url) and was dropped; a full pool drops its oldest. NULL is none. */
bool ce_acme_nonce_add(struct ce_acme_nonces *nonces, const char *nonce);
/* The newest, which the caller frees; NULL: none left. */
char *ce_acme_nonce_take(struct ce_acme_nonces *nonces);
void ce_acme_nonces_release(struct ce_acme_nonces *nonces);

#endif
