#include "acme/run.h"

#include "acme/errand.h"
#include "acme/order.h"
#include "acme/session.h"

int
ce_acme_run_open(const struct ce_acme_batch *batch, const struct ce_acme_keeper *keeper,
	const struct ce_acme_carrier *carrier, struct ce_responder *responder, struct ce_acme_run **ret_run,
	struct ce_error *err)
{
	struct ce_acme_run *run = calloc(1, sizeof(*run));
	if (!run)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	run->batch = batch;
	run->keeper = keeper;
	run->carrier = carrier;
	run->responder = responder;
	TAILQ_INIT(&run->timers);
	run->sessions = calloc(batch->issuer_count ? batch->issuer_count : 1, sizeof(*run->sessions));
	run->orders = calloc(batch->order_count ? batch->order_count : 1, sizeof(*run->orders));
	run->errands = calloc(batch->errand_count ? batch->errand_count : 1, sizeof(*run->errands));
	if (!run->sessions || !run->orders || !run->errands) {
		free(run->sessions);
		free(run->orders);
		free(run->errands);
		free(run);
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	}
	for (size_t i = 0; i < batch->issuer_count; i++)
		ce_acme_session_init(&run->sessions[i], run, i);
	for (size_t i = 0; i < batch->order_count; i++)
		ce_acme_order_init(&run->orders[i], run, i);
	for (size_t i = 0; i < batch->errand_count; i++)
		ce_acme_errand_init(&run->errands[i], run, i);
	run->open_orders = batch->order_count;
	run->open_errands = batch->errand_count;
	*ret_run = run;
	return CE_OK;
}

void
ce_acme_run_start(struct ce_acme_run *run)
{
	for (size_t i = 0; i < run->batch->issuer_count; i++)
		if (run->sessions[i].order_count + run->sessions[i].errand_count > 0)
			ce_acme_session_start(&run->sessions[i]);
}

bool
ce_acme_run_over(const struct ce_acme_run *run)
{
	return (run->open_orders == 0 && run->open_errands == 0) || run->failure.code;
}

bool
ce_acme_run_check(struct ce_acme_run *run, int rc, const struct ce_error *err)
{
	if (rc < 0 && !run->failure.code)
		run->failure = *err;
	return !run->failure.code;
}

void
ce_acme_run_close(struct ce_acme_run *run)
{
	if (!run)
		return;
	for (size_t i = 0; i < run->batch->order_count; i++)
		ce_acme_order_release(&run->orders[i]);
	for (size_t i = 0; i < run->batch->errand_count; i++)
		ce_acme_errand_release(&run->errands[i]);
	for (size_t i = 0; i < run->batch->issuer_count; i++)
		ce_acme_session_release(&run->sessions[i]);
	free(run->sessions);
	free(run->orders);
	free(run->errands);
	free(run);
}
