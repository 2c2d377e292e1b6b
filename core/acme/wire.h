/* What passes between the supervisor and certengine-net about orders and errands (base/message.h). Jobs go
 * down, what the helper may not do itself comes up and is answered one by one. Issuers, orders and errands
 * are named by their number in the batch. */
#ifndef CE_ACME_WIRE_H
#define CE_ACME_WIRE_H

#include "net/wire.h"

enum ce_acme_message {
	/* To the helper: a batch is its issuers, its orders and errands, and the word to begin (acme/job.h). */
	CE_ACME_ISSUER = CE_NET_ACME_FIRST,
	CE_ACME_ORDER,
	CE_ACME_BEGIN,
	/* From the helper, each answered by CE_ACME_REPLY. */
	CE_ACME_SIGN,           /* issuer, by key instead of account (int), url, nonce, payload or none -> JWS */
	CE_ACME_BIND,           /* issuer, url -> externalAccountBinding */
	CE_ACME_SAVE_DIRECTORY, /* issuer, document, terms of service or none */
	CE_ACME_SAVE_ACCOUNT,   /* issuer, account URL, terms of service or none */
	CE_ACME_SAVE_STATE,     /* order, state */
	/* From the helper, not answered. */
	CE_ACME_PRESENT,        /* order, way, identifier, wildcard (int), token or none, detail or none: a response is wanted */
	CE_ACME_DEPLOY,         /* order: all its responses were told; CE_ACME_DEPLOYED follows, at any time */
	CE_ACME_CLEANUP,        /* order, proved (int): its responses are not needed any more */
	CE_ACME_PROGRESS,       /* order, step, text or none */
	CE_ACME_WARNING,        /* order, text */
	CE_ACME_OUTCOME,        /* order, kind, class, code, not before, step, text, chain (bytes) */
	CE_ACME_DONE,           /* HTTP requests made (int); the batch is over */
	/* To the helper: code, error text, result (bytes). */
	CE_ACME_REPLY,
	/* To the helper, part of a batch. */
	CE_ACME_ERRAND,
	/* From the helper, answered: errand, url, nonce or none, payload or none -> JWS by the errand's own key: the
	 * account's next key (acme/rollover.c), or the key of the certificate to be revoked. */
	CE_ACME_SIGN_OTHER,
	/* From the helper, not answered: errand, code, class, not before, step, text, result (JSON) or none. */
	CE_ACME_ERRAND_DONE,
	/* To the helper: order, code, text or none. Its responses are in place, or cannot be (code < 0); CE_ERR_WAIT: a
	 * person has to put them in place, text says how. */
	CE_ACME_DEPLOYED,
	/* From the helper, answered: order, names left out (list) -> DER in base64url of a CSR for the others. */
	CE_ACME_CSR,
};

/* How an order ended; values as on the wire. */
enum ce_acme_kind { CE_ACME_ISSUED = 1, CE_ACME_PENDING, CE_ACME_OPERATOR, CE_ACME_REFUSED };

/* Whose fault a failure is. */
enum ce_acme_class { CE_ACME_INPUT = 1, CE_ACME_ENVIRONMENT, CE_ACME_CA, CE_ACME_LIMIT };

/* A whole request stays below what Boulder takes. */
#define CE_ACME_REQUEST_MAX 50000
#define CE_ACME_DOCUMENT_MAX 65536
#define CE_ACME_STATE_MAX 8192
#define CE_ACME_CHAIN_MAX 65536
#define CE_ACME_RESULT_MAX CE_ACME_DOCUMENT_MAX

#endif
