/* JSON Web Signatures as ACME wants them (RFC 8555 section 6.2, RFC 7515, 7517, 7518, 7638, 8037). */
#ifndef CE_CRYPTO_JWS_H
#define CE_CRYPTO_JWS_H

#include "crypto/key.h"

/* The public key as a JWK object, compact JSON, members in lexicographic order. */
CE_MUSTCHECK int ce_jwk(const struct ce_key *key, struct ce_buf *ret_json, struct ce_error *err);
/* base64url(SHA-256(JWK)), RFC 7638. */
CE_MUSTCHECK int ce_jwk_thumbprint(const struct ce_key *key, struct ce_buf *ret_text, struct ce_error *err);

struct ce_jws_request {
	const char *url;
	const char *nonce;        /* NULL: none (inner objects) */
	const char *kid;          /* account URL; NULL: the JWK is sent instead */
	const char *payload;      /* JSON text; NULL: POST-as-GET, an empty payload */
};
/* The flattened serialization, ready to be the body. */
CE_MUSTCHECK int ce_jws_sign(const struct ce_key *key, const struct ce_jws_request *request, struct ce_buf *ret_json,
	struct ce_error *err);
/* "HS256", "HS384", "HS512", NULL-terminated (RFC 7518 section 3.2). */
extern const char *const ce_jws_macs[];
/* External account binding (section 7.3.4): one of ce_jws_macs over the account JWK with the CA's MAC key. */
CE_MUSTCHECK int ce_jws_bind(const struct ce_key *account, const char *mac, const char *url, const char *kid,
	struct ce_bytes mac_key, struct ce_buf *ret_json, struct ce_error *err);

#endif
