/* What the protocol asks of whoever holds the keys and the store, and of whoever carries requests. In
 * the program the keeper is the supervisor behind messages (asker.c) and the carrier is net/http; in
 * tests both are tables. */
#ifndef CE_ACME_KEEPER_H
#define CE_ACME_KEEPER_H

#include "acme/wire.h"
#include "net/http.h"

struct ce_acme_signing {
	const char *url;
	const char *nonce;
	const char *payload;  /* NULL: POST-as-GET */
	bool by_key;          /* with the key itself instead of the account's URL */
};

struct ce_acme_outcome {
	enum ce_acme_kind kind;
	enum ce_acme_class class;  /* REFUSED */
	int code;                  /* REFUSED: CE_ERR_* */
	const char *step;          /* REFUSED */
	const char *text;          /* REFUSED, OPERATOR */
	long long not_before;      /* seconds since the epoch, 0: not known */
	struct ce_bytes chain;     /* ISSUED */
};

/* How an errand ended. */
struct ce_acme_errand_end {
	int code;                  /* CE_OK: result; CE_ERR_WAIT: a person has to act, text says how; else CE_ERR_* */
	enum ce_acme_class class;  /* code != CE_OK */
	long long not_before;      /* seconds since the epoch, 0: not known */
	const char *step;          /* code != CE_OK */
	const char *text;          /* code != CE_OK */
	const char *result;        /* JSON, NULL: none */
};

/* A response to a challenge that the keeper shall put in place. */
struct ce_acme_wanted {
	size_t way;                /* of the issuer's job */
	const char *identifier;    /* without "*." */
	bool wildcard;
	const char *token;         /* NULL: challenges of this kind have none */
	const char *detail;        /* dns-persist-01: what the challenge says, JSON; else NULL */
};

/* An error of any of these ends the whole batch: without its keeper nothing can go on. CE_ERR_REFUSED
 * and CE_ERR_CONFIG of sign and bind end only the order or issuer they are about. */
struct ce_acme_keeper {
	int (*sign)(void *context, size_t issuer, const struct ce_acme_signing *what, struct ce_buf *ret_jws,
		struct ce_error *err);
	/* With the errand's own key (wire.h); what->nonce may be NULL. */
	int (*sign_other)(void *context, size_t errand, const struct ce_acme_signing *what, struct ce_buf *ret_jws,
		struct ce_error *err);
	int (*bind)(void *context, size_t issuer, const char *url, struct ce_buf *ret_json, struct ce_error *err);
	int (*save_directory)(void *context, size_t issuer, const char *document, const char *terms,
		struct ce_error *err);
	int (*save_account)(void *context, size_t issuer, const char *url, const char *terms, struct ce_error *err);
	int (*save_state)(void *context, size_t order, const char *state, struct ce_error *err);
	/* A CSR for the order's names but those left out, as DER in base64url. */
	int (*csr)(void *context, size_t order, const struct ce_strlist *left_out, struct ce_buf *ret_csr, struct ce_error *err);
	/* Notes a response; then begins to put all of the order in place, which ce_acme_order_deployed tells the
	 * end of. cleanup begins to take them away. None waits. */
	int (*present)(void *context, size_t order, const struct ce_acme_wanted *wanted, struct ce_error *err);
	int (*deploy)(void *context, size_t order, struct ce_error *err);
	int (*cleanup)(void *context, size_t order, bool proved, struct ce_error *err);
	int (*progress)(void *context, size_t order, const char *step, const char *text, struct ce_error *err);
	/* One line that the operator is to see although it goes on. */
	int (*warn)(void *context, size_t order, const char *text, struct ce_error *err);
	int (*outcome)(void *context, size_t order, const struct ce_acme_outcome *outcome, struct ce_error *err);
	int (*errand_done)(void *context, size_t errand, const struct ce_acme_errand_end *end, struct ce_error *err);
	void *context;
};

struct ce_acme_carrier {
	/* As ce_http_send. */
	int (*send)(void *context, const struct ce_http_call *call, ce_http_done done, void *done_context,
		struct ce_error *err);
	void *context;
};

#endif
