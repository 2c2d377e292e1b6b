/* A batch of orders and errands, as the supervisor hands it to the process that speaks to the CAs. Nothing in it
 * is secret but a client's key for the CA's own server. */
#ifndef CE_ACME_JOB_H
#define CE_ACME_JOB_H

#include "base/message.h"

#define CE_ACME_ISSUERS_MAX 64
#define CE_ACME_ORDERS_MAX 100000
#define CE_ACME_NAMES_MAX 1000
#define CE_ACME_ERRANDS_MAX 100000

/* Kinds of challenge; values as on the wire. */
enum ce_acme_challenge { CE_ACME_HTTP, CE_ACME_ALPN, CE_ACME_DNS, CE_ACME_DNS_ACCOUNT, CE_ACME_DNS_PERSIST,
	CE_ACME_CHALLENGES };
/* Their names at the CA, NULL-terminated. */
extern const char *const ce_acme_challenge_names[];

#define CE_ACME_WAYS_MAX 32

/* A way to answer challenges, one group of the configuration. */
struct ce_acme_way_job {
	enum ce_acme_challenge kind;
	bool asked;              /* the supervisor puts responses in place; else the built-in responder answers */
};

struct ce_acme_issuer_job {
	char *name;              /* in the configuration, for messages */
	char *directory;         /* URL */
	char *document;          /* the directory as it was kept, NULL: to be fetched */
	char *thumbprint;        /* of the account key */
	char *terms;             /* the terms of service that were agreed to, NULL: none */
	bool has_account;        /* the supervisor knows the account's URL */
	bool key_is_new;         /* made for this batch: there can be no account yet */
	bool agree_to_terms;
	bool existing_only;      /* an account that is not there is not made */
	bool has_binding;        /* an external account key is configured */
	bool binding_is_new;     /* and it is another one than the account was made with */
	struct ce_acme_way_job ways[CE_ACME_WAYS_MAX];
	size_t way_count;
	struct ce_strlist contact;
	struct ce_buf trust;     /* PEM of the roots of the CA's own server; empty: the system's */
	/* the way to it (net/http.h), each NULL or empty when nothing is special */
	char *language, *proxy, *interface, *dns;
	struct ce_buf client_certificate, client_key;
	char *preferred_chain;   /* NULL: the CA's own choice (acme/download.c) */
	char *requests;          /* so many in a time (acme/limits.h), NULL: as the CA publishes it */
	bool partial;            /* names that the CA refuses are left out rather than all given up */
	bool profile_preferred;  /* without the profile of an order rather than not at all */
};

struct ce_acme_order_job {
	size_t issuer;           /* its number in the batch */
	struct ce_strlist names; /* canonical */
	struct ce_strlist choices; /* for each name the numbers of its ways, the preferred first: "0 2" */
	char *csr;               /* DER in base64url */
	char *state;             /* as it was kept, NULL: new */
	char *profile;           /* NULL: the CA's default */
	char *replaces;          /* CertID (RFC 9773 section 4.1) of the certificate that it follows, NULL: none */
	char *not_before, *not_after; /* RFC 3339, NULL: the CA decides */
};

/* What else is asked of a CA. */
enum ce_acme_errand_kind {
	CE_ACME_DIRECTORY = 1,      /* -> the directory as ce_acme_directory_text gives it */
	CE_ACME_RENEWAL_INFO,       /* text: CertID -> start, end, retry_after, explanation (acme/renewal.h) */
	CE_ACME_ACCOUNT_SHOW,       /* -> the account object, and its url */
	CE_ACME_ACCOUNT_UPDATE,     /* list: the contacts from now on -> as SHOW */
	CE_ACME_ACCOUNT_ROLLOVER,   /* to the errand's own key -> live: "new" or "old" */
	CE_ACME_ACCOUNT_SETTLE,     /* after a rollover whose end is not known -> as ROLLOVER */
	CE_ACME_ACCOUNT_DEACTIVATE, /* -> as SHOW */
	CE_ACME_REVOKE,             /* der: the certificate; text: the reason's number or NULL -> already */
	CE_ACME_ERRAND_KINDS
};

struct ce_acme_errand_job {
	size_t issuer;           /* its number in the batch */
	enum ce_acme_errand_kind kind;
	bool own_key;            /* there is one that is not the account's: CE_ACME_SIGN_OTHER */
	char *url;               /* of the account, as it is known; NULL: not known, or not needed */
	char *text;
	struct ce_strlist list;
	struct ce_buf der;
};

struct ce_acme_batch {
	struct ce_acme_issuer_job *issuers;
	size_t issuer_count;
	struct ce_acme_order_job *orders;
	size_t order_count;
	struct ce_acme_errand_job *errands;
	size_t errand_count;
};

/* Both directions of the messages CE_ACME_ISSUER, CE_ACME_ORDER and CE_ACME_ERRAND. */
void ce_acme_issuer_put(struct ce_message *message, const struct ce_acme_issuer_job *job);
void ce_acme_order_put(struct ce_message *message, const struct ce_acme_order_job *job);
void ce_acme_errand_put(struct ce_message *message, const struct ce_acme_errand_job *job);
/* Adds what was received to the batch. */
CE_MUSTCHECK int ce_acme_batch_take(struct ce_acme_batch *batch, struct ce_message *message, struct ce_error *err);

/* A further, zeroed job of the batch; NULL: too many or no memory. */
struct ce_acme_issuer_job *ce_acme_batch_issuer(struct ce_acme_batch *batch);
struct ce_acme_order_job *ce_acme_batch_order(struct ce_acme_batch *batch);
struct ce_acme_errand_job *ce_acme_batch_errand(struct ce_acme_batch *batch);

void ce_acme_batch_release(struct ce_acme_batch *batch);

#endif
