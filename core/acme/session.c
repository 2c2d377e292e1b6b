/* The session's life: directory, then account, then orders; and its queue of requests. */
#include "acme/session.h"

#include <string.h>

#include "acme/account.h"
#include "acme/call.h"
#include "acme/order.h"
#include "base/sys.h"

#define TRIES_MAX 3

long long
ce_acme_backoff(int n)
{
	uint16_t chance = 0;
	if (ce_sys->getrandom(&chance, sizeof(chance), 0) != sizeof(chance))
		chance = UINT16_MAX; /* the longest wait is good too */
	return (500LL << n) * chance / UINT16_MAX;
}

long long
ce_acme_not_before(const struct ce_acme_answer *answer)
{
	return answer->retry_after > 0 ? ce_now() + answer->retry_after : 0;
}

void
ce_acme_answer_sentence(const struct ce_acme_answer *answer, char *out, size_t room)
{
	if (answer->code == CE_OK || answer->code == CE_ERR_ISSUER)
		ce_acme_problem_sentence(&answer->problem, out, room);
	else
		snprintf(out, room, "no usable answer: %s", answer->http ? answer->http->problem : "it was not sent");
}

void
ce_acme_session_init(struct ce_acme_session *session, struct ce_acme_run *run, size_t index)
{
	session->run = run;
	session->index = index;
	session->job = &run->batch->issuers[index];
	TAILQ_INIT(&session->waiting);
	TAILQ_INIT(&session->flying);
}

static void
release_calls(struct ce_acme_calls *calls)
{
	struct ce_acme_call *call;
	while ((call = TAILQ_FIRST(calls)) != NULL) {
		TAILQ_REMOVE(calls, call, place);
		ce_acme_call_free(call);
	}
}

void
ce_acme_session_release(struct ce_acme_session *session)
{
	release_calls(&session->waiting);
	release_calls(&session->flying);
	ce_acme_nonces_release(&session->nonces);
	ce_acme_directory_release(&session->directory);
}

void
ce_acme_session_start(struct ce_acme_session *session)
{
	const char *kept = session->job->document;
	struct ce_error ignored = { 0 };
	if (!kept || ce_acme_directory_read((struct ce_bytes){ (const unsigned char *)kept, strlen(kept) },
			&session->directory, &ignored)) {
		ce_acme_directory_fetch(session);
		return;
	}
	session->directory_kept = true;
	ce_acme_account_begin(session);
}

void
ce_acme_session_ready(struct ce_acme_session *session)
{
	session->phase = CE_ACME_READY;
	ce_acme_orders_begin(session);
	ce_acme_session_pump(session);
}

/* Calls that wait belong to orders, which are told in one go. */
void
ce_acme_session_fail(struct ce_acme_session *session, const struct ce_acme_outcome *outcome)
{
	if (session->phase == CE_ACME_FAILED)
		return;
	session->phase = CE_ACME_FAILED;
	snprintf(session->failure, sizeof(session->failure), "%s", outcome->text);
	session->outcome = *outcome;
	session->outcome.text = session->failure;
	ce_acme_timer_stop(&session->run->timers, &session->timer);
	release_calls(&session->waiting);
	ce_acme_orders_fail(session);
}

void
ce_acme_session_refuse(struct ce_acme_session *session, const char *step, const char *what,
	const struct ce_acme_answer *answer)
{
	char why[800];
	struct ce_error err = { 0 };
	ce_acme_answer_sentence(answer, why, sizeof(why));
	(void)ce_fail(&err, answer->code, "%s of issuer '%s' at %s: %s", what, session->job->name, session->job->directory, why);
	const struct ce_acme_outcome outcome = { .kind = CE_ACME_REFUSED, .class = answer->problem.class, .code = err.code,
		.step = step, .text = err.text, .not_before = ce_acme_not_before(answer) };
	ce_acme_session_fail(session, &outcome);
}

/* --- nonces that no answer brought --- */

static void take_nonce(const struct ce_http_answer *http, void *context);

static void
ask_nonce(void *context)
{
	struct ce_acme_session *session = context;
	struct ce_acme_run *run = session->run;
	struct ce_error err = { 0 };
	const struct ce_http_call call = { .method = "HEAD", .url = session->directory.urls[CE_ACME_NEW_NONCE],
		.https_only = true, .trust = ce_buf_bytes(&session->job->trust) };
	int rc = run->carrier->send(run->carrier->context, &call, take_nonce, session, &err);
	if (ce_acme_run_check(run, rc, &err)) {
		session->heads++;
		run->requests++;
	}
}

static void
lack_nonce(struct ce_acme_session *session, const struct ce_http_answer *http)
{
	struct ce_acme_answer answer = { .code = http->code, .status = http->status, .http = http, .retry_after = -1 };
	if (session->directory_kept && http->code == CE_OK && (http->status == 404 || http->status == 405 || http->status == 410)) {
		session->directory_kept = false;
		ce_acme_directory_fetch(session);
	} else if (++session->tries < TRIES_MAX) {
		if (!session->timer.armed)
			ce_acme_timer_set(&session->run->timers, &session->timer, ce_acme_backoff(session->tries));
	} else {
		ce_acme_problem_of(&answer.problem, http);
		if (answer.code == CE_OK)
			answer.code = CE_ERR_ISSUER;
		ce_acme_session_refuse(session, "nonce", "asking a nonce", &answer);
	}
}

static void
take_nonce(const struct ce_http_answer *http, void *context)
{
	struct ce_acme_session *session = context;
	session->heads--;
	if (session->phase == CE_ACME_FAILED)
		return;
	bool good = http->code == CE_OK && http->status >= 200 && http->status < 300;
	if (!good || !ce_acme_nonce_add(&session->nonces, ce_http_header(http, "Replay-Nonce", 0))) {
		lack_nonce(session, http);
		return;
	}
	session->tries = 0;
	ce_acme_session_pump(session);
}

static void
pump_again(void *context)
{
	ce_acme_session_pump(context);
}

/* A request under way brings a nonce in one round trip, as a HEAD would: only what is missing
 * beyond those is asked for. */
static void
ask_nonces(struct ce_acme_session *session, size_t wanted)
{
	size_t coming = session->posts + session->heads;
	if (session->timer.armed)
		return;
	session->timer.fire = pump_again;
	session->timer.context = session;
	for (; coming < wanted && coming < CE_ACME_WIDTH && !session->run->failure.code; coming++)
		ask_nonce(session);
}

static bool
may_go(const struct ce_acme_session *session, const struct ce_acme_call *call)
{
	return session->phase == CE_ACME_READY || (session->phase == CE_ACME_NEEDS_ACCOUNT && call->by_key);
}

void
ce_acme_session_pump(struct ce_acme_session *session)
{
	struct ce_acme_call *call;
	while ((call = TAILQ_FIRST(&session->waiting)) != NULL && may_go(session, call)
	       && session->posts < CE_ACME_WIDTH && session->nonces.count > 0 && !session->run->failure.code)
		ce_acme_call_send(call, ce_acme_nonce_take(&session->nonces));
	size_t wanted = 0;
	TAILQ_FOREACH(call, &session->waiting, place) {
		if (!may_go(session, call) || wanted == CE_ACME_WIDTH)
			break;
		wanted++;
	}
	if (wanted > session->nonces.count)
		ask_nonces(session, wanted - session->nonces.count);
}
