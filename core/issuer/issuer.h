/* One interface for every CA. A driver takes requests and answers each with an
 * outcome; the engine cannot tell a slow ACME CA from a person with a web form. */
#ifndef CE_ISSUER_ISSUER_H
#define CE_ISSUER_ISSUER_H

#include "config/config.h"
#include "store/store.h"

enum ce_outcome_kind {
	CE_ISSUE_ISSUED = 1,   /* chain_pem */
	CE_ISSUE_PENDING,      /* ask again not before `not_before`; state says how */
	CE_ISSUE_OPERATOR,     /* text says what a person has to do */
	CE_ISSUE_REFUSED       /* text says why; class says whose fault it is */
};

/* Sorts failures (protocols.md E7): decides about the next try. */
enum ce_refusal {
	CE_REFUSAL_INPUT = 1,  /* the request itself: slow retry, alert */
	CE_REFUSAL_ENVIRONMENT,/* DNS, firewall, webroot: normal back-off */
	CE_REFUSAL_CA,         /* the CA or the way to it: normal back-off, another CA may do */
	CE_REFUSAL_LIMIT       /* wait as told */
};

/* One certificate to be issued. What is above the line is given, what is below is answered. */
struct ce_issue_request {
	const struct ce_certificate_config *certificate;
	const struct ce_issuer_config *issuer;
	const struct ce_key *key;            /* already on stable storage */
	struct ce_bytes csr_der;
	struct ce_bytes state;               /* what the driver left last time, empty: new */
	struct ce_bytes replaces_pem;        /* the live leaf, when the same issuer issued it; else empty */
	/* ---- */
	enum ce_outcome_kind outcome;
	struct ce_buf chain_pem;             /* leaf first; checked by the engine, not by the driver */
	struct ce_error error;               /* REFUSED: text and step */
	enum ce_refusal refusal;
	char *text;                          /* OPERATOR: what to do */
	bool overdue;                        /* OPERATOR: it takes longer than it may: an alert */
	long long not_before;                /* PENDING, and REFUSED with LIMIT; 0: not known */
	struct ce_strlist left_out;          /* ISSUED: names that the CA refused, and that the operator can do without */
};
void ce_issue_request_release(struct ce_issue_request *request);

/* What a driver may ask of the engine while it works. */
struct ce_issue_context {
	struct ce_store *store;
	/* Keeps a request's state blob, durably, before the driver goes on. */
	int (*save_state)(struct ce_issue_request *request, struct ce_bytes state, void *context, struct ce_error *err);
	/* Tells what happens: step "order", "challenge", "finalize", ... text may be NULL. */
	void (*progress)(struct ce_issue_request *request, const char *step, const char *text, void *context);
	/* Whether the run shall end: what is under way is cleaned up, its state is kept for the next one. */
	bool (*interrupted)(void *context);
	void *context;
};

/* When its CA would like a certificate to be renewed. What is above the line is given, what is below is answered. */
struct ce_renewal_query {
	const struct ce_certificate_config *certificate;
	const struct ce_issuer_config *issuer;
	struct ce_bytes leaf_pem;
	/* ---- */
	int code;                 /* CE_OK: a window; else the error's, CE_ERR_NOT_FOUND: the CA gives none */
	struct ce_error error;
	bool passing;             /* of an error: the CA could not be reached or failed, sooner may help */
	long long start, end;     /* seconds since the epoch; end is later than start */
	long long retry_after;    /* seconds until it may be asked again, -1: not told */
	char *explanation;        /* URL of a page for the operator, NULL: none */
};
void ce_renewal_query_release(struct ce_renewal_query *query);

struct ce_revocation {
	const struct ce_issuer_config *issuer;
	struct ce_bytes leaf_pem;
	const struct ce_key *key; /* the certificate's own, to revoke by; NULL: by what the issuer knows us by */
	int reason;               /* RFC 5280 section 5.3.1, 0 to 10 without 7; -1: none */
};

/* What an issuer says about itself; owned by the struct. */
struct ce_issuer_info {
	char *terms;                   /* URL of the terms of service, NULL: none */
	char *website;                 /* NULL: none */
	struct ce_strlist caa;         /* what a CAA record in DNS would name it by */
	struct ce_strlist profiles;    /* names of the kinds of certificates it offers */
	struct ce_strlist descriptions;/* one for each profile, maybe empty */
	bool external_account;         /* it makes accounts for its customers only */
	bool renewal_hints, revokes, changes_keys;
};
void ce_issuer_info_release(struct ce_issuer_info *info);

/* What can be done with the account at a CA. */
enum ce_account_action {
	CE_ACCOUNT_SHOW = 1,
	CE_ACCOUNT_UPDATE,      /* the CA learns the contacts of the configuration */
	CE_ACCOUNT_ROLLOVER,    /* it gets another key */
	CE_ACCOUNT_DEACTIVATE,  /* for good */
	CE_ACCOUNT_NEW          /* what is kept of it is put aside; the next issuance makes another */
};

/* An account as the CA and our records know it; owned by the struct. What is not known is NULL or 0. */
struct ce_account {
	char *url;
	char *status;              /* as the CA says: "valid", "deactivated", "revoked" */
	struct ce_strlist contact;
	char *key_kind;            /* as ce_key_kinds */
	char *thumbprint;          /* of its key, RFC 7638 */
	char *terms;               /* URL of what was agreed to */
	long long agreed_at;
	char *external;            /* identifier of the external account that it belongs to */
};
void ce_account_release(struct ce_account *account);

struct ce_issuer_driver {
	const char *kind;
	const char *summary;
	bool unmetered;                      /* asking costs nobody anything: no back-off after a failure */
	const struct ce_option *options;     /* what an issuer of this kind may configure */
	/* Relations that the table cannot say; NULL: none. */
	int (*check)(const struct ce_issuer_config *issuer, struct ce_problems *problems, struct ce_error *err);
	/* Works on all requests at once; each has an outcome afterwards. The result is an error only when nothing
	 * could be tried; then no request was touched. */
	int (*issue)(struct ce_issue_request **requests, size_t count, const struct ce_issue_context *context,
		struct ce_error *err);
	/* The certificates (PEM) that a client must trust to accept what this issuer signs, when the issuer
	 * is its own authority; NULL or CE_ERR_NOT_FOUND: the highest certificate that was issued (a self-signed leaf
	 * is its own). */
	int (*anchors)(const struct ce_issuer_config *issuer, struct ce_store *store, struct ce_buf *ret_pem,
		struct ce_error *err);
	/* Answers all queries at once. The result is an error only when nothing could be tried. NULL: this kind
	 * has no wishes. */
	int (*renewal_hints)(struct ce_renewal_query *queries, size_t count, const struct ce_issue_context *context,
		struct ce_error *err);
	/* Asks the CA, or says what is known without; NULL: there is nothing to say. */
	int (*info)(const struct ce_issuer_config *issuer, const struct ce_issue_context *context,
		struct ce_issuer_info *ret_info, struct ce_error *err);
	/* CE_UNCHANGED: there was nothing to do. CE_ERR_NOT_FOUND: there is no account yet. NULL: this kind has none. */
	int (*account)(const struct ce_issuer_config *issuer, enum ce_account_action action,
		const struct ce_issue_context *context, struct ce_account *ret_account, struct ce_error *err);
	/* CE_UNCHANGED: it was revoked already. NULL: this kind cannot. */
	int (*revoke)(const struct ce_revocation *revocation, const struct ce_issue_context *context, struct ce_error *err);
	/* Its revocation lists, as PEM; CE_ERR_NOT_FOUND; NULL: it has none. */
	int (*crls)(const struct ce_issuer_config *issuer, struct ce_store *store, struct ce_buf *ret_pem,
		struct ce_error *err);
	/* The issuer's staging environment as an issuer of its own, with its name and ".staging"; it borrows from the configuration
	 * and is given back by ce_issuer_staging_release. NULL: this kind has none. */
	int (*staging)(const struct ce_issuer_config *issuer, struct ce_issuer_config *ret_issuer, struct ce_error *err);
	/* What it issues may carry more names than were asked for: CAs add "www." and the like. */
	bool adds_names;
	/* Its state is about the names alone: it may be gone on with by another key and CSR. */
	bool orders_names;
	/* The profiles it knows, ended by NULL; NULL: it does not say. */
	const char *const *profiles;

	/* --- for kinds whose requests wait for a person; NULL: none does --- */
	/* Takes what was brought for a request (certificates as PEM, in any order): checks it, and gives the state with
	 * which issue() will answer ISSUED. */
	int (*import)(const struct ce_issue_request *request, struct ce_bytes pem, struct ce_buf *ret_state,
		struct ce_error *err);
	/* Takes back what a request left outside of its state. */
	int (*withdraw)(const struct ce_issue_request *request, struct ce_store *store, struct ce_error *err);
	/* How a request stands, as issue() would answer it: outcome, text, overdue. Changes nothing. */
	int (*standing)(struct ce_issue_request *request, struct ce_store *store, struct ce_error *err);

	/* What an authority of our own needs with every run that may write: its CRL, its successor. CE_UNCHANGED: nothing
	 * was due. NULL: nothing ever is. */
	int (*upkeep)(const struct ce_issuer_config *issuer, struct ce_store *store, struct ce_error *err);
};

void ce_issuer_staging_release(struct ce_issuer_config *issuer);

/* NULL when there is no such kind. */
const struct ce_issuer_driver *ce_issuer_driver(const char *kind);
/* Kinds, NULL-terminated, for messages. */
const char *const *ce_issuer_kinds(void);

/* Checks every issuer of a configuration against its driver. */
CE_MUSTCHECK int ce_issuers_check(const struct ce_config *config, struct ce_problems *problems, struct ce_error *err);

#endif
