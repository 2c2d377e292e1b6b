/* SHA-256, base64url and random bytes. */
#ifndef CE_CRYPTO_DIGEST_H
#define CE_CRYPTO_DIGEST_H

#include <stdbool.h>

#include "base/buf.h"

#define CE_SHA256_SIZE 32
#define CE_SHA256_HEX 65 /* 64 digits and a NUL */

/* Must be called once per process before anything else of crypto. Drops what the environment says
 * about GnuTLS' configuration. */
CE_MUSTCHECK int ce_crypto_begin(struct ce_error *err);

CE_MUSTCHECK int ce_sha256(struct ce_bytes bytes, unsigned char ret_digest[CE_SHA256_SIZE], struct ce_error *err);
CE_MUSTCHECK int ce_sha256_hex(struct ce_bytes bytes, char ret_hex[CE_SHA256_HEX], struct ce_error *err);

/* base64url without padding (RFC 4648 section 5; RFC 8555 section 6.1). */
CE_MUSTCHECK int ce_base64url_add(struct ce_buf *out, struct ce_bytes bytes, struct ce_error *err);
/* tolerant: also takes '=', '+' and '/', for keys that people paste. */
CE_MUSTCHECK int ce_base64url_decode(const char *text, bool tolerant, struct ce_buf *ret_bytes, struct ce_error *err);

CE_MUSTCHECK int ce_random_bytes(void *out, size_t size, struct ce_error *err);
/* length characters of [A-Za-z0-9]; the caller wipes and frees. */
CE_MUSTCHECK int ce_random_password(size_t length, char **ret_text, struct ce_error *err);

#endif
