/* What is asked of a CA besides certificates: its directory, renewal information, the account's own
 * affairs, revocation. Errands and orders of a batch progress together. */
#ifndef CE_ACME_ERRAND_H
#define CE_ACME_ERRAND_H

#include "acme/session.h"

/* What may be under way of one CA together; the rest waits for its turn. */
#define CE_ACME_ERRANDS_WIDTH 32

struct ce_acme_errand {
	struct ce_acme_run *run;
	struct ce_acme_session *session;
	const struct ce_acme_errand_job *job;
	size_t index;
	bool begun, ended;
	bool moved;                 /* the directory was renewed for it once */
	int tries;
	struct ce_acme_timer timer; /* for the next try */
};

void ce_acme_errand_init(struct ce_acme_errand *errand, struct ce_acme_run *run, size_t index);
void ce_acme_errand_release(struct ce_acme_errand *errand);

/* It shall begin again later, when the directory was renewed. */
void ce_acme_errand_put_off(struct ce_acme_errand *errand);

/* Begins what can begin in the session's phase and did not yet; fails all. */
void ce_acme_errands_begin(struct ce_acme_session *session);
void ce_acme_errands_fail(struct ce_acme_session *session);

/* The kinds (errand.c has their table); each ends its errand, at once or later. */
void ce_acme_renewal_begin(struct ce_acme_errand *errand);
void ce_acme_show_begin(struct ce_acme_errand *errand);
void ce_acme_update_begin(struct ce_acme_errand *errand);
void ce_acme_deactivate_begin(struct ce_acme_errand *errand);
/* Refused as input: it is certain that the key stays. Refused otherwise: it is not. */
void ce_acme_rollover_begin(struct ce_acme_errand *errand);
void ce_acme_settle_begin(struct ce_acme_errand *errand);
void ce_acme_revoke_begin(struct ce_acme_errand *errand);

/* Ends; each does nothing on an errand that ended already. result is taken over; NULL is no memory. */
void ce_acme_errand_done(struct ce_acme_errand *errand, json_t *result);
void ce_acme_errand_refuse(struct ce_acme_errand *errand, enum ce_acme_class class, int code, const char *format, ...)
	CE_PRINTF(4, 5);
/* The CA's answer was the end: "WHAT of issuer 'x': the answer's problem". */
void ce_acme_errand_refuse_answer(struct ce_acme_errand *errand, const struct ce_acme_answer *answer, const char *what);

/* The account's URL; NULL: not known. */
const char *ce_acme_errand_account(const struct ce_acme_errand *errand);
/* "renewal", "revocation", ... for messages. */
const char *ce_acme_errand_step(const struct ce_acme_errand *errand);

#endif
