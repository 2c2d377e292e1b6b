/* A batch under way: all issuers, orders and errands at once, moved on by answers and timers. */
#ifndef CE_ACME_RUN_H
#define CE_ACME_RUN_H

#include "acme/job.h"
#include "acme/keeper.h"
#include "acme/responder.h"
#include "acme/timer.h"

struct ce_acme_session;
struct ce_acme_order;
struct ce_acme_errand;

struct ce_acme_run {
	const struct ce_acme_batch *batch;
	const struct ce_acme_keeper *keeper;
	const struct ce_acme_carrier *carrier;
	struct ce_responder *responder;     /* NULL: no issuer of the batch needs it */
	struct ce_acme_timers timers;
	struct ce_acme_session *sessions;   /* as many as issuers */
	struct ce_acme_order *orders;
	struct ce_acme_errand *errands;
	size_t open_orders, open_errands;
	size_t requests;                    /* made so far */
	struct ce_error failure;            /* code != 0: the keeper or the carrier failed, all is over */
};

/* Prepares; nothing is sent before ce_acme_run_start. The four pointers must outlive the run. */
CE_MUSTCHECK int ce_acme_run_open(const struct ce_acme_batch *batch, const struct ce_acme_keeper *keeper,
	const struct ce_acme_carrier *carrier, struct ce_responder *responder, struct ce_acme_run **ret_run,
	struct ce_error *err);
void ce_acme_run_start(struct ce_acme_run *run);
/* Every order has its outcome and every errand its end, or the run failed. */
bool ce_acme_run_over(const struct ce_acme_run *run);
/* The carrier must be gone or idle: callbacks of requests under way point into the run. Accepts NULL. */
void ce_acme_run_close(struct ce_acme_run *run);

/* For the parts of the run. Ends it when rc is an error, keeping err; returns whether it may go on. */
bool ce_acme_run_check(struct ce_acme_run *run, int rc, const struct ce_error *err);

#endif
