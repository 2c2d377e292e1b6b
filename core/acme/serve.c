#include "acme/serve.h"

#include "acme/asker.h"
#include "acme/run.h"

#define WAIT_MS 1000

static int
send_http(void *context, const struct ce_http_call *call, ce_http_done done, void *done_context, struct ce_error *err)
{
	return ce_http_send(context, call, done, done_context, err);
}

/* The supervisor says nothing while it is not asked: what can be read is its end. */
static int
wait_once(int fd, struct ce_http *http, struct ce_acme_run *run, struct ce_error *err)
{
	int fds[1 + CE_RESPONDER_LISTENERS_MAX] = { fd };
	bool ready[CE_COUNT(fds)];
	size_t count = 1;
	if (run->responder)
		count += ce_responder_fds(run->responder, fds + 1, CE_RESPONDER_LISTENERS_MAX);
	int rc = ce_http_wait(http, fds, count, ready, ce_acme_timers_next(&run->timers, WAIT_MS), err);
	if (rc)
		return rc;
	if (ready[0])
		return ce_fail(err, CE_ERR_SYSTEM, "the supervisor is gone");
	if (run->responder)
		ce_responder_step(run->responder);
	ce_acme_timers_fire(&run->timers);
	return CE_OK;
}

static int
go(int fd, struct ce_http *http, struct ce_acme_run *run, struct ce_error *err)
{
	ce_acme_run_start(run);
	while (!ce_acme_run_over(run)) {
		int rc = wait_once(fd, http, run, err);
		if (rc)
			return rc;
	}
	if (run->failure.code) {
		*err = run->failure;
		return err->code;
	}
	struct ce_message message = CE_MESSAGE_INIT(CE_ACME_DONE);
	ce_message_put_int(&message, (int64_t)run->requests);
	int rc = ce_message_send(fd, &message, err);
	ce_message_release(&message);
	return rc;
}

int
ce_acme_serve(int fd, struct ce_http *http, struct ce_responder *responder, const struct ce_acme_batch *batch,
	struct ce_error *err)
{
	struct ce_acme_keeper keeper;
	const struct ce_acme_carrier carrier = { send_http, http };
	struct ce_acme_run *run = NULL;
	ce_acme_asker_init(&keeper, fd);
	int rc = ce_acme_run_open(batch, &keeper, &carrier, responder, &run, err);
	if (rc)
		return rc;
	rc = go(fd, http, run, err);
	ce_http_cancel(http); /* what is still under way points into the run */
	ce_acme_run_close(run);
	return rc;
}
