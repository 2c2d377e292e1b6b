/* Private keys in PKCS#11 tokens, named by URI (RFC 7512). They are made there and never leave; what is kept of one is
 * a record: its URI, without any secret, and whether we made it. One process has one set of tokens, since
 * modules know no more than one user. */
#ifndef CE_CRYPTO_TOKEN_H
#define CE_CRYPTO_TOKEN_H

#include <stdbool.h>

#include "crypto/key.h"

#define CE_TOKEN_TITLE 72 /* room for a token's or key's name */

/* Whether text begins as a PKCS#11 URI does: what a configuration says, or a record. */
bool ce_token_is_uri(const char *text);
bool ce_token_is_record(struct ce_bytes record);

/* Checks a URI of the configuration: it names a token (token or serial), with wants_key also a key in it (object or
 * id), else none; pin-source is an absolute path; a PIN in the URI itself is refused. Where the PIN file exists
 * others must not be able to read it. CE_ERR_INVALID; the text never repeats the URI. */
CE_MUSTCHECK int ce_token_check(const char *uri, bool wants_key, struct ce_error *err);

/* The module to load and environment variables ("NAME=value") for it; module NULL: the modules that p11-kit knows.
 * Loads nothing: that happens when a key is needed first. */
CE_MUSTCHECK int ce_tokens_configure(const char *module, const char *const *environment, struct ce_error *err);
/* Makes a checked URI of the configuration known, so that the PIN of its token can be found. CE_ERR_CONFIG when the same
 * token has another PIN file already. */
CE_MUSTCHECK int ce_tokens_add(const char *uri, struct ce_error *err);
/* Ends all sessions, before the process does: modules dislike to be left open. Every key has been freed. */
void ce_tokens_end(void);

/* A record for a key that is yet to be made in the token: random id, the given label. Keep it first, then generate,
 * so that no run that is killed leaves a key that nobody knows of. */
CE_MUSTCHECK int ce_token_reserve(const char *token_uri, const char *label, struct ce_buf *ret_record,
	struct ce_error *err);
/* Makes the key of a reserved record: private, sensitive, never to be taken out. */
CE_MUSTCHECK int ce_token_generate(struct ce_bytes record, const char *kind, struct ce_key **ret_key,
	struct ce_error *err);
/* The record of a key that an operator made and names in the configuration. */
CE_MUSTCHECK int ce_token_given(const char *key_uri, struct ce_buf *ret_record, struct ce_error *err);
/* CE_ERR_NOT_FOUND: the token is there, the key is not. Any other failure says nothing about the key. */
CE_MUSTCHECK int ce_token_open(struct ce_bytes record, struct ce_key **ret_key, struct ce_error *err);
/* Removes a key that we made; one that is gone already, or that an operator made, is CE_UNCHANGED. */
CE_MUSTCHECK int ce_token_remove(struct ce_bytes record, struct ce_error *err);

/* Whether the key of a record lies in the token, or is the key, that a URI of the configuration names. */
bool ce_token_holds(const char *uri, struct ce_bytes record);
/* The token's name, printable, for a sentence. Takes a URI or a record's text. */
const char *ce_token_title(const char *uri, char out[CE_TOKEN_TITLE]);

#endif
