/* Shared by the files of the acme issuer only. The supervisor's side: it holds the account keys and
 * the store, and takes what the network process sends for a stranger's. */
#ifndef CE_ISSUER_ACME_OWN_H
#define CE_ISSUER_ACME_OWN_H

#include "acme/job.h"
#include "acme/json.h"
#include "acme/wire.h"
#include "base/message.h"
#include "base/process.h"
#include "issuer/acme_present.h"
#include "issuer/drivers.h"

extern const struct ce_option ce_acme_options[];

/* How much of an issuer a batch needs; more includes less. */
enum ce_acme_need {
	CE_ACME_NEED_DIRECTORY = 1, /* nothing is signed by the account */
	CE_ACME_NEED_KEYS,          /* the account's, whichever of two is live */
	CE_ACME_NEED_ACCOUNT,       /* one that is there; none is made */
	CE_ACME_NEED_ORDERS         /* an account, made when there is none, and answers to challenges */
};

/* One configured issuer in a batch. */
struct ce_acme_issuer {
	const struct ce_issuer_config *config;
	struct ce_store *store;
	enum ce_acme_need need;
	const char *directory;      /* URL */
	struct ce_ways ways;        /* to answer challenges; only for orders */
	struct ce_key *key;
	bool key_is_new;
	char *thumbprint;
	/* the account record; NULL: there is none */
	char *url;
	char *terms;                /* agreed to */
	char *terms_told;           /* the last that the operator was told of */
	long long agreed_at;
	long long deactivated_at;   /* by us; 0: it was not */
	char *document;             /* the directory, if it was kept and is fresh enough */
	const char *eab_kid;        /* NULL: no external account */
	const char *eab_mac;        /* ce_jws_macs */
	char *eab_kid_used;         /* the one that the account was made with, NULL: none */
	struct ce_buf eab_key;
	struct ce_buf trust;
	char language[64];          /* Accept-Language */
	struct ce_buf client_certificate, client_key;
	long long made_at;          /* when the account was made or found, 0: not known */
	struct ce_presented left;   /* by a run that was killed, and the ways it took */
	struct ce_ways left_ways;
	json_t *counted;            /* acme_quota.c: what was ordered, NULL: not looked up yet */
	bool counted_more;          /* than the record says */
	struct ce_error error;      /* code != 0: it cannot be used; no order of it is in the batch */
	enum ce_refusal refusal;
};

struct ce_acme_order_way {
	struct ce_issue_request *request;
	size_t issuer;
	struct ce_strlist choices;  /* for each name its ways, as of the order job */
	struct ce_presented presented;
	size_t notes;               /* responses that were wanted so far */
	bool answered;
	size_t warnings;             /* lines logged for it */
};

/* One errand (acme/job.h). What is above the line is given, what is below is answered. */
struct ce_acme_errand_way {
	const struct ce_issuer_config *issuer;
	struct ce_acme_errand_job job;
	const struct ce_key *key;    /* of the errand itself: CE_ACME_SIGN_OTHER; NULL: none */
	/* ---- */
	bool answered;
	struct ce_error error;       /* code != 0: it failed */
	enum ce_refusal refusal;
	long long not_before;        /* 0: not known */
	json_t *result;
};

struct ce_acme_listeners {
	int fds[16];
	int ports[16];
	size_t count;
};

struct ce_acme_supervisor {
	const struct ce_issue_context *context;
	struct ce_acme_issuer *issuers;
	size_t issuer_count;
	struct ce_acme_order_way *orders;
	size_t order_count;
	struct ce_acme_errand_way **errands; /* the caller's */
	size_t errand_count;
	struct ce_acme_listeners listeners, tls_listeners;
	struct ce_presenter presenter;
	struct ce_helper helper;
	struct ce_error failure;    /* of ours, while serving; told for orders that got no answer */
	long long worked_ms;        /* when the presenter went on last */
	bool done;
};

/* An option that cannot be meant so. */
struct ce_acme_complaint {
	const char *option;
	struct ce_error why;
};

/* acme_key.c: the account key, in a file or in a token. */
CE_MUSTCHECK int ce_acme_key_check(const struct ce_issuer_config *config, struct ce_problems *problems, struct ce_error *err);
/* Loads it; made when there is none and orders are to be placed. */
CE_MUSTCHECK int ce_acme_key_load(struct ce_acme_issuer *issuer, struct ce_error *err);
/* A new one where the configuration wants it, kept under record before it is used. */
CE_MUSTCHECK int ce_acme_key_make(const struct ce_acme_issuer *issuer, const char *record, struct ce_key **ret_key,
	struct ce_error *err);

/* acme_account.c: loads or makes the key, and reads the records. */
CE_MUSTCHECK int ce_acme_issuer_load(struct ce_acme_issuer *issuer, struct ce_error *err);
/* What is wrong with the options about the account. */
CE_MUSTCHECK int ce_acme_account_check(const struct ce_issuer_config *issuer, struct ce_acme_complaint *ret_complaint);
/* The thumbprint, after a change of the key. */
CE_MUSTCHECK int ce_acme_issuer_name_key(struct ce_acme_issuer *issuer, struct ce_error *err);
CE_MUSTCHECK int ce_acme_issuer_save_deactivated(struct ce_acme_issuer *issuer, struct ce_error *err);
CE_MUSTCHECK int ce_acme_issuer_save_account(struct ce_acme_issuer *issuer, const char *url, const char *terms,
	struct ce_error *err);
CE_MUSTCHECK int ce_acme_issuer_save_directory(struct ce_acme_issuer *issuer, const char *document, const char *terms,
	struct ce_error *err);
void ce_acme_issuer_release(struct ce_acme_issuer *issuer);

/* acme_staging.c: an issuer's staging environment as an issuer of its own (issuer.h). */
CE_MUSTCHECK int ce_acme_staging(const struct ce_issuer_config *issuer, struct ce_issuer_config *ret_issuer, struct ce_error *err);

/* acme_quota.c: orders within what the CA allows. CE_UNCHANGED: not now, the request was answered with the time. */
CE_MUSTCHECK int ce_acme_quota_check(const struct ce_issuer_config *issuer, struct ce_problems *problems, struct ce_error *err);
CE_MUSTCHECK int ce_acme_quota_admit(struct ce_acme_issuer *issuer, struct ce_issue_request *request, struct ce_error *err);
/* Counts the names whose proof failed. */
void ce_acme_quota_failed(struct ce_acme_issuer *issuer, const struct ce_issue_request *request);
/* Keeps what was counted since. */
CE_MUSTCHECK int ce_acme_quota_save(struct ce_acme_issuer *issuer, struct ce_error *err);

/* acme_route.c: how the CA is reached; relations of the options are checked before, files are read by load. */
CE_MUSTCHECK int ce_acme_route_check(const struct ce_issuer_config *issuer, struct ce_acme_complaint *ret_complaint);
CE_MUSTCHECK int ce_acme_route_load(struct ce_acme_issuer *issuer, struct ce_error *err);
/* Fills in members of a job that borrows. */
void ce_acme_route_put(const struct ce_acme_issuer *issuer, struct ce_acme_issuer_job *job);
void ce_acme_route_release(struct ce_acme_issuer *issuer);
/* Whether the CA takes so many names, with the profile. */
CE_MUSTCHECK int ce_acme_order_check_names(const struct ce_acme_issuer *issuer,
	const struct ce_certificate_config *certificate, struct ce_error *err);
/* What is asked for with an order; texts are "" for nothing, replaces is NULL or the caller's to free. */
struct ce_acme_wishes {
	char not_before[32], not_after[32];
	char *replaces;
};
CE_MUSTCHECK int ce_acme_order_wishes(const struct ce_acme_issuer *issuer, const struct ce_issue_request *request,
	struct ce_acme_wishes *ret_wishes, struct ce_error *err);

/* acme_partial.c: a request for fewer names, asked for by a message. */
bool ce_acme_is_partial(const struct ce_acme_issuer *issuer);
CE_MUSTCHECK int ce_acme_take_csr(struct ce_acme_supervisor *supervisor, struct ce_message *message, struct ce_buf *result,
	struct ce_error *err);

/* acme.c: the number of a configured issuer in the batch; loaded when it is met first, its error says whether it can
 * be used. There is room for one per order or errand. */
size_t ce_acme_supervisor_issuer(struct ce_acme_supervisor *supervisor, const struct ce_issuer_config *config,
	enum ce_acme_need need);
/* Starts the network process, serves the batch, and cleans up. Errors of the process are answers of its
 * orders and errands. */
CE_MUSTCHECK int ce_acme_supervisor_run(struct ce_acme_supervisor *supervisor, struct ce_error *err);
void ce_acme_supervisor_release(struct ce_acme_supervisor *supervisor);

/* acme_errand.c: does all errands together; each is answered afterwards. The result is an error only when
 * nothing could be tried. */
CE_MUSTCHECK int ce_acme_errands_run(struct ce_acme_errand_way *errands, size_t count,
	const struct ce_issue_context *context, struct ce_error *err);
void ce_acme_errand_way_release(struct ce_acme_errand_way *errand);
/* For the message loop: sends the errands of the batch; takes the two messages about them; answers those that got no
 * answer. */
CE_MUSTCHECK int ce_acme_errands_send(struct ce_acme_supervisor *supervisor, struct ce_error *err);
CE_MUSTCHECK int ce_acme_errand_sign(struct ce_acme_supervisor *supervisor, struct ce_message *message,
	struct ce_buf *result, struct ce_error *err);
CE_MUSTCHECK int ce_acme_errand_end(struct ce_acme_supervisor *supervisor, struct ce_message *message,
	struct ce_buf *result, struct ce_error *err);
void ce_acme_errands_refuse(struct ce_acme_supervisor *supervisor, const struct ce_error *why);
/* Of the driver. */
CE_MUSTCHECK int ce_acme_renewal_hints(struct ce_renewal_query *queries, size_t count,
	const struct ce_issue_context *context, struct ce_error *err);

/* acme_rollover.c: changing the account's key. */
/* Makes the key that a rollover changes to and keeps it beside the live one, whose kind it has as configured. */
CE_MUSTCHECK int ce_acme_key_begin_rollover(struct ce_acme_issuer *issuer, struct ce_key **ret_key, struct ce_error *err);
/* The rollover came to an end: the next key is the account's, or is put aside. */
CE_MUSTCHECK int ce_acme_key_end_rollover(struct ce_acme_issuer *issuer, bool changed, struct ce_error *err);
/* After a rollover that was cut off asks the CA which key is live. CE_OK also when there was none. */
CE_MUSTCHECK int ce_acme_key_settle(struct ce_acme_issuer *issuer, const struct ce_issue_context *context,
	struct ce_error *err);
/* Puts key and record of the account aside, so that the next run makes another. CE_UNCHANGED: there was none. */
CE_MUSTCHECK int ce_acme_account_retire(struct ce_store *store, const char *issuer, struct ce_error *err);
#define CE_ACME_RECORD_ACCOUNT "account"
#define CE_ACME_RECORD_KEY "account.key"

/* acme_admin.c: of the driver. */
CE_MUSTCHECK int ce_acme_info(const struct ce_issuer_config *issuer, const struct ce_issue_context *context,
	struct ce_issuer_info *ret_info, struct ce_error *err);
CE_MUSTCHECK int ce_acme_account(const struct ce_issuer_config *issuer, enum ce_account_action action,
	const struct ce_issue_context *context, struct ce_account *ret_account, struct ce_error *err);
CE_MUSTCHECK int ce_acme_revoke(const struct ce_revocation *revocation, const struct ce_issue_context *context,
	struct ce_error *err);

/* acme_serve.c: a refusal's class and code as the network process told them; CE_ERR_INVALID for others. */
CE_MUSTCHECK int ce_acme_take_refusal(long long class, long long code, const char *step, const char *text,
	enum ce_refusal *ret_refusal, struct ce_error *ret_why, struct ce_error *err);
/* A moment that was told, within a week. */
long long ce_acme_within_reason(long long not_before);

/* acme_serve.c: sends the batch and serves the network process until it is done. An error means that it
 * was lost or broke the protocol. */
CE_MUSTCHECK int ce_acme_supervise(struct ce_acme_supervisor *supervisor, struct ce_error *err);

/* The order of a message's first field; CE_ERR_INVALID: it is not in the batch, or has its outcome. */
CE_MUSTCHECK int ce_acme_the_order(struct ce_acme_supervisor *supervisor, struct ce_message *message,
	struct ce_acme_order_way **ret_order, struct ce_error *err);

/* acme_deploy.c: opens the sockets that the names of an order may need and finds its ways; a name without one refuses
 * the order. */
#define CE_ACME_NOTES_MAX (4 * CE_ACME_NAMES_MAX)
CE_MUSTCHECK int ce_acme_order_ways(struct ce_acme_supervisor *supervisor, struct ce_acme_issuer *issuer,
	const struct ce_strlist *names, struct ce_strlist *ret_choices, enum ce_refusal *ret_refusal, struct ce_error *err);
void ce_acme_remove_left(struct ce_acme_supervisor *supervisor);
void ce_acme_remove_presented(struct ce_acme_supervisor *supervisor);
CE_MUSTCHECK int ce_acme_take_present(struct ce_acme_supervisor *supervisor, struct ce_message *message,
	struct ce_buf *result, struct ce_error *err);
CE_MUSTCHECK int ce_acme_take_deploy(struct ce_acme_supervisor *supervisor, struct ce_message *message,
	struct ce_buf *result, struct ce_error *err);
CE_MUSTCHECK int ce_acme_take_cleanup(struct ce_acme_supervisor *supervisor, struct ce_message *message,
	struct ce_buf *result, struct ce_error *err);
CE_MUSTCHECK int ce_acme_tell_deployed(struct ce_acme_supervisor *supervisor, struct ce_error *err);

/* acme_webroot.c: the challenge file of a token that was checked. prepare makes the directories on the way and counts
 * them, remove_directories takes so many away again. cleanup leaves a file of other content alone. */
CE_MUSTCHECK int ce_acme_webroot_prepare(const char *webroot, int *made, struct ce_error *err);
CE_MUSTCHECK int ce_acme_webroot_present(const char *webroot, const char *token, const char *content,
	struct ce_error *err);
CE_MUSTCHECK int ce_acme_webroot_cleanup(const char *webroot, const char *token, const char *content,
	struct ce_error *err);
void ce_acme_webroot_remove_directories(const char *webroot, int made);

/* acme_listen.c: sockets on all addresses, IPv4 and IPv6; a port that is there already is CE_OK. kind: of challenge. */
CE_MUSTCHECK int ce_acme_listen(struct ce_acme_listeners *listeners, int port, const char *kind, struct ce_error *err);
void ce_acme_listeners_close(struct ce_acme_listeners *listeners);

#endif
