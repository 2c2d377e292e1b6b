/* One order (RFC 8555 section 7.4): from the names to the chain. */
#ifndef CE_ACME_ORDER_H
#define CE_ACME_ORDER_H

#include "acme/session.h"
#include "crypto/digest.h"

/* Where an order stands; with the status that the CA tells it decides what comes next. */
enum ce_acme_stage { CE_ACME_FRESH = 0, CE_ACME_ANSWERED, CE_ACME_FINALIZED, CE_ACME_STAGES };

struct ce_acme_authz {
	struct ce_acme_order *order;
	char *url;
	char *name;                /* the identifier, without "*." */
	bool wildcard;             /* it is for the names below */
	size_t name_index;         /* of the order's names */
	bool chosen;               /* a challenge is to be answered, by this way of the issuer's job */
	size_t way;
	char *token;               /* of the challenge; NULL: it has none */
	char *detail;              /* what a keeper must know of it besides, NULL: nothing */
	char *challenge;           /* its URL; NULL once it was posted or needs not be */
	bool answered;             /* by the built-in responder */
	bool watched, asked;       /* which tells when it was asked, and that it was */
	bool pending;
	struct ce_acme_problem problem;
	bool failed;               /* problem says why */
};

/* A further chain that the CA offers. */
struct ce_acme_alternate {
	struct ce_acme_order *order;
	char *url;
	struct ce_buf chain;       /* empty: it was not to be had */
};

/* An outcome that is told once what nobody will use any more was given back. */
struct ce_acme_parting {
	struct ce_acme_outcome outcome;
	char step[48], text[CE_ERROR_TEXT_MAX];
};

struct ce_acme_order {
	struct ce_acme_run *run;
	struct ce_acme_session *session;
	const struct ce_acme_order_job *job;
	size_t index;
	bool started, ended;
	bool told;                 /* the keeper knows the outcome */
	struct ce_acme_parting *parting; /* of an order that ended and is not told yet */
	bool resumed;              /* from an earlier run's state */
	bool other_request;        /* which was for another CSR */
	bool profile, replaces;    /* what the order that is under way was asked with */
	struct ce_strlist left_out; /* names that the CA refused, and that the operator can do without */
	bool no_profile, plain;    /* the CA would not take it with its profile, or as a replacement */
	enum ce_acme_stage stage;
	char *url, *finalize, *certificate;
	struct ce_acme_authz *authzs;
	size_t authz_count;
	bool asked;                /* the keeper was asked for responses */
	bool proved;               /* the CA was content with them */
	bool deploying;            /* and has not told that they are in place */
	uint32_t *barred;          /* for each name the ways that failed, a bit each; NULL: none */
	int attempts;              /* orders given up for another way */
	size_t waiting;            /* answers that are still to come before the next step */
	bool hurried;              /* it was read early, since all its answers were fetched */
	int finalizations;
	int polls;
	long long deadline_ms;     /* for the stage's polling; 0: not begun */
	bool timed;                /* the wait that is under way is the CA's wish */
	long long wait_s;          /* what the CA asked for last, -1: nothing */
	struct ce_acme_timer timer;
	struct ce_buf chain;       /* the CA's default, while others are looked at */
	struct ce_acme_alternate *alternates;
	size_t alternate_count;
	char csr_id[CE_SHA256_HEX]; /* tells CSRs apart */
	struct ce_acme_problem problem; /* why the CA gave it up, when no authorization says more */
};

void ce_acme_order_init(struct ce_acme_order *order, struct ce_acme_run *run, size_t index);
void ce_acme_order_release(struct ce_acme_order *order);

/* Begins the orders of a session that was made ready, those not begun yet; fails them all. */
void ce_acme_orders_begin(struct ce_acme_session *session);
void ce_acme_orders_fail(struct ce_acme_session *session);

/* order_new.c: asks the CA for a new order; what an old one left is forgotten. */
void ce_acme_order_new(struct ce_acme_order *order);
/* Whether an error may be due to something that the order can do without; it was left out then. */
bool ce_acme_order_lowers(struct ce_acme_order *order, const struct ce_acme_answer *answer);
void ce_acme_order_forget(struct ce_acme_order *order);
/* Whether the index-th name of the job is still asked for. */
bool ce_acme_order_wants(const struct ce_acme_order *order, size_t index);
/* Goes on from an order object. */
void ce_acme_order_proceed(struct ce_acme_order *order, const json_t *object);
/* Reads the order again after the wait that is due (poll.c). */
void ce_acme_order_poll(struct ce_acme_order *order);
/* Orders whose answers the CA has fetched are read soon. */
void ce_acme_orders_hurry(struct ce_acme_run *run);
/* Time ran out: keeps the order for the next run. */
void ce_acme_order_late(struct ce_acme_order *order);
void ce_acme_order_read(struct ce_acme_order *order);
void ce_acme_order_finalize(struct ce_acme_order *order);
/* download.c: the certificate, by the preferred chain. */
void ce_acme_order_download(struct ce_acme_order *order);

/* authz.c: reads the authorizations, tells why the order became invalid, and gives back what is pending: true when that takes
 * requests, after which ce_acme_order_part is called. */
void ce_acme_order_authorize(struct ce_acme_order *order);
void ce_acme_order_explain(struct ce_acme_order *order, const json_t *object);
/* When time runs out: a CA that tries again and again tells its errors in challenges that stay pending (Z7). One that has
 * an error is the order's failure; without one the order is only late. */
void ce_acme_order_doubt(struct ce_acme_order *order);
bool ce_acme_order_give_back(struct ce_acme_order *order);
/* The challenge of this type in an authorization; NULL: it offers none. */
const json_t *ce_acme_challenge_of(const json_t *authz, const char *type);
/* choice.c: the challenge to answer, by the preference that the job gives for the name. CE_ERR_CONFIG when the CA offers
 * none that may be used; the text says what it offers. */
CE_MUSTCHECK int ce_acme_choose(struct ce_acme_authz *authz, const json_t *object, const json_t **ret_challenge,
	struct ce_error *err);
/* What the challenge that is answered is called; of an authorization that needed none, the preferred one. */
const char *ce_acme_choice_name(const struct ce_acme_authz *authz);
/* After a failure: bars the ways that failed and says whether a new order has another way for each of their names. */
bool ce_acme_choose_again(struct ce_acme_order *order);
/* challenge.c: puts all answers in place, then tells the CA; takes them away. */
void ce_acme_order_answer(struct ce_acme_order *order);
/* The keeper's answer to deploy; codes as of CE_ACME_DEPLOYED. */
void ce_acme_order_deployed(struct ce_acme_order *order, int code, const char *text);
void ce_acme_order_cleanup(struct ce_acme_order *order);

/* outcome.c: ends; each does nothing on an order that ended already. */
void ce_acme_order_issued(struct ce_acme_order *order, struct ce_bytes chain);
void ce_acme_order_pending(struct ce_acme_order *order, long long not_before);
void ce_acme_order_refuse(struct ce_acme_order *order, enum ce_acme_class class, int code, const char *step,
	const char *format, ...) CE_PRINTF(5, 6);
/* The CA's answer was the end: "WHAT: the answer's problem". */
void ce_acme_order_refuse_answer(struct ce_acme_order *order, const struct ce_acme_answer *answer, const char *step,
	const char *what);
void ce_acme_order_end(struct ce_acme_order *order, const struct ce_acme_outcome *outcome);
/* Tells the outcome of an order that ended, when it was kept back. */
void ce_acme_order_part(struct ce_acme_order *order);
/* A warning for each name that an answer has something against, when these are several. */
void ce_acme_order_tell_names(struct ce_acme_order *order, const struct ce_acme_answer *answer);
/* What goes on, and what the operator should know although it goes on. */
void ce_acme_order_warn(struct ce_acme_order *order, const char *text);
void ce_acme_order_progress(struct ce_acme_order *order, const char *step, const char *text);

/* "'a.example' and 2 more" */
const char *ce_acme_order_names(const struct ce_acme_order *order, char *out, size_t room);

#endif
