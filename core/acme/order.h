/* One order (RFC 8555 section 7.4): from the names to the chain. */
#ifndef CE_ACME_ORDER_H
#define CE_ACME_ORDER_H

#include "acme/session.h"

/* Where an order stands; with the status that the CA tells it decides what comes next. */
enum ce_acme_stage { CE_ACME_FRESH = 0, CE_ACME_ANSWERED, CE_ACME_FINALIZED, CE_ACME_STAGES };

struct ce_acme_authz {
	struct ce_acme_order *order;
	char *url;
	char *name;                /* the identifier */
	char *token;               /* of the challenge chosen; NULL: none is needed */
	char *challenge;           /* its URL; NULL once it was posted or needs not be */
	bool presented;
	bool pending;
	struct ce_acme_problem problem;
	bool failed;               /* problem says why */
};

struct ce_acme_order {
	struct ce_acme_run *run;
	struct ce_acme_session *session;
	const struct ce_acme_order_job *job;
	size_t index;
	bool started, ended;
	bool resumed;              /* from an earlier run's state */
	enum ce_acme_stage stage;
	char *url, *finalize, *certificate;
	struct ce_acme_authz *authzs;
	size_t authz_count;
	size_t waiting;            /* answers that are still to come before the next step */
	int finalizations;
	int polls;
	long long deadline_ms;     /* for the stage's polling; 0: not begun */
	long long wait_s;          /* what the CA asked for last, -1: nothing */
	struct ce_acme_timer timer;
	struct ce_acme_problem problem; /* why the CA gave it up, when no authorization says more */
};

void ce_acme_order_init(struct ce_acme_order *order, struct ce_acme_run *run, size_t index);
void ce_acme_order_release(struct ce_acme_order *order);

/* Begins the orders of a session that was made ready, those not begun yet; fails them all. */
void ce_acme_orders_begin(struct ce_acme_session *session);
void ce_acme_orders_fail(struct ce_acme_session *session);

/* Asks the CA for a new order; what an old one left is forgotten. */
void ce_acme_order_new(struct ce_acme_order *order);
/* Goes on from an order object. */
void ce_acme_order_proceed(struct ce_acme_order *order, const json_t *object);
/* Reads the order again after the wait that is due (poll.c). */
void ce_acme_order_poll(struct ce_acme_order *order);
void ce_acme_order_read(struct ce_acme_order *order);
void ce_acme_order_finalize(struct ce_acme_order *order);
void ce_acme_order_download(struct ce_acme_order *order);

/* authz.c: reads the authorizations, and tells why the order became invalid. */
void ce_acme_order_authorize(struct ce_acme_order *order);
void ce_acme_order_explain(struct ce_acme_order *order, const json_t *object);
/* challenge.c: puts all answers in place, then tells the CA; takes them away. */
void ce_acme_order_answer(struct ce_acme_order *order);
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
void ce_acme_order_progress(struct ce_acme_order *order, const char *step, const char *text);

/* "'a.example' and 2 more" */
const char *ce_acme_order_names(const struct ce_acme_order *order, char *out, size_t room);

#endif
