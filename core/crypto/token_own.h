/* Shared by the files about tokens in this folder only: PKCS#11 URIs. */
#ifndef CE_CRYPTO_TOKEN_OWN_H
#define CE_CRYPTO_TOKEN_OWN_H

#include "crypto/gnutls_own.h"
#include "crypto/token.h"

/* The path of pin-source, NULL when there is none. The caller frees. */
CE_MUSTCHECK int ce_token_uri_pin_file(const char *uri, char **ret_path, struct ce_error *err);
/* Token and object attributes only. The caller frees. */
CE_MUSTCHECK int ce_token_uri_bare(const char *uri, char **ret_uri, struct ce_error *err);
/* The URI of a key in the token that a URI names. The caller frees. */
CE_MUSTCHECK int ce_token_uri_key(const char *token_uri, const char *label, struct ce_bytes id, char **ret_uri,
	struct ce_error *err);
/* Label and id that a URI gives to its key. The caller frees. */
CE_MUSTCHECK int ce_token_uri_parts(const char *uri, char **ret_label, struct ce_buf *ret_id, struct ce_error *err);
/* Whether all that wide says of the token, and of the key if with_key, is true for narrow. */
bool ce_token_uri_covers(const char *wide, const char *narrow, bool with_key);
/* The name of the key in the URI, printable: its label, else its id in hex. */
const char *ce_token_uri_key_title(const char *uri, char out[CE_TOKEN_TITLE]);

/* Loads the modules, unless that was done. */
CE_MUSTCHECK int ce_tokens_begin(struct ce_error *err);
/* Fails with what GnuTLS' status means for the token of uri: "what: token 'x' ...". */
int ce_fail_token(struct ce_error *err, int status, const char *uri, const char *what);

#endif
