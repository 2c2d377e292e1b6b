#include "acme/serve.h"

#include "acme/asker.h"
#include "acme/order.h"
#include "acme/run.h"

#define WAIT_MS 1000

static int
send_http(void *context, const struct ce_http_call *call, ce_http_done done, void *done_context, struct ce_error *err)
{
	return ce_http_send(context, call, done, done_context, err);
}

static int
take_deployed(struct ce_acme_run *run, struct ce_message *message, struct ce_error *err)
{
	int64_t order = ce_message_get_int(message);
	int code = (int)ce_message_get_int(message);
	const char *text = ce_message_get_str(message);
	int rc = ce_message_end(message, err);
	if (rc)
		return rc;
	if (message->kind != CE_ACME_DEPLOYED || order < 0 || (size_t)order >= run->batch->order_count)
		return ce_fail(err, CE_ERR_INVALID, "a message of kind %d that nobody waits for", message->kind);
	ce_acme_order_deployed(&run->orders[order], code, text);
	return CE_OK;
}

/* What the supervisor tells unasked: it was kept, or can be read now. */
static int
take_told(struct ce_acme_asker *asker, bool readable, struct ce_acme_run *run, struct ce_error *err)
{
	CE_CLEANUP(ce_message_release) struct ce_message message = CE_MESSAGE_INIT(0);
	while (!ce_acme_asker_told(asker, &message)) {
		int rc = take_deployed(run, &message, err);
		ce_message_release(&message);
		if (rc)
			return rc;
	}
	if (!readable)
		return CE_OK;
	int rc = ce_message_receive(asker->fd, CE_MESSAGE_PATIENCE_MS, &message, err);
	if (rc == CE_ERR_NOT_FOUND)
		return ce_fail(err, CE_ERR_NOT_FOUND, "the supervisor is gone");
	return rc ? rc : take_deployed(run, &message, err);
}

static int
wait_once(struct ce_acme_asker *asker, struct ce_http *http, struct ce_acme_run *run, struct ce_error *err)
{
	int fds[1 + CE_RESPONDER_FDS_MAX] = { asker->fd };
	bool ready[CE_COUNT(fds)];
	size_t count = 1;
	if (run->responder)
		count += ce_responder_fds(run->responder, fds + 1, CE_RESPONDER_FDS_MAX);
	int wait_ms = asker->first ? 0 : ce_acme_timers_next(&run->timers, WAIT_MS);
	int rc = ce_http_wait(http, fds, count, ready, wait_ms, err);
	if (!rc)
		rc = take_told(asker, ready[0], run, err);
	if (rc)
		return rc;
	if (run->responder) {
		size_t served = ce_responder_served(run->responder);
		ce_responder_step(run->responder);
		if (ce_responder_served(run->responder) != served)
			ce_acme_orders_hurry(run);
	}
	ce_acme_timers_fire(&run->timers);
	return CE_OK;
}

static int
go(struct ce_acme_asker *asker, struct ce_http *http, struct ce_acme_run *run, struct ce_error *err)
{
	ce_acme_run_start(run);
	while (!ce_acme_run_over(run)) {
		int rc = wait_once(asker, http, run, err);
		if (rc)
			return rc;
	}
	if (run->failure.code) {
		*err = run->failure;
		return err->code;
	}
	struct ce_message message = CE_MESSAGE_INIT(CE_ACME_DONE);
	ce_message_put_int(&message, (int64_t)run->requests);
	int rc = ce_message_send(asker->fd, &message, err);
	ce_message_release(&message);
	return rc;
}

int
ce_acme_serve(int fd, struct ce_http *http, struct ce_responder *responder, const struct ce_acme_batch *batch,
	struct ce_error *err)
{
	struct ce_acme_keeper keeper;
	CE_CLEANUP(ce_acme_asker_release) struct ce_acme_asker asker;
	const struct ce_acme_carrier carrier = { send_http, http };
	struct ce_acme_run *run = NULL;
	ce_acme_asker_init(&asker, &keeper, fd);
	int rc = ce_acme_run_open(batch, &keeper, &carrier, responder, &run, err);
	if (rc)
		return rc;
	rc = go(&asker, http, run, err);
	ce_http_cancel(http); /* what is still under way points into the run */
	ce_acme_run_close(run);
	return rc;
}
