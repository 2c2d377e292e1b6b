/* The session's life: directory, then account, then orders; and its queue of requests. */
#include "acme/session.h"

#include <string.h>

#include "acme/account.h"
#include "acme/call.h"
#include "acme/errand.h"
#include "acme/order.h"
#include "base/sys.h"

#define TRIES_MAX 3
#define WAIT_MAX_S 30

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
	session->route = (struct ce_http_route){ .language = session->job->language, .proxy = session->job->proxy,
		.interface = session->job->interface, .dns = session->job->dns,
		.certificate = ce_buf_bytes(&session->job->client_certificate), .key = ce_buf_bytes(&session->job->client_key) };
	ce_acme_width_init(&session->width);
	ce_acme_gate_init(&session->gate, session->job->directory, session->job->requests);
	TAILQ_INIT(&session->waiting);
	TAILQ_INIT(&session->flying);
}

struct ce_http_call
ce_acme_session_call(const struct ce_acme_session *session, const char *method, const char *url)
{
	return (struct ce_http_call){ .method = method, .url = url, .https_only = true,
		.trust = ce_buf_bytes(&session->job->trust), .route = &session->route };
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
	ce_acme_timer_stop(&session->run->timers, &session->errands_timer);
	ce_acme_nonces_release(&session->nonces);
	ce_acme_directory_release(&session->directory);
	free(session->document);
	free(session->account);
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
	session->document = strdup(kept);
	ce_acme_session_directed(session);
}

void
ce_acme_session_directed(struct ce_acme_session *session)
{
	if (session->wants_account) {
		ce_acme_account_begin(session);
		ce_acme_errands_begin(session);
		return;
	}
	session->phase = CE_ACME_READY;
	ce_acme_errands_begin(session);
	ce_acme_session_pump(session);
}

void
ce_acme_session_ready(struct ce_acme_session *session)
{
	session->phase = CE_ACME_READY;
	ce_acme_orders_begin(session);
	ce_acme_errands_begin(session);
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
	ce_acme_timer_stop(&session->run->timers, &session->gate_timer);
	release_calls(&session->waiting);
	ce_acme_orders_fail(session);
	ce_acme_errands_fail(session);
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

/* The configuration names a way that cannot be gone. */
static void
refuse_way(struct ce_acme_session *session, const struct ce_error *why)
{
	struct ce_error err = { 0 };
	(void)ce_fail(&err, CE_ERR_CONFIG, "the way to the CA of issuer '%s': %s", session->job->name, why->text);
	const struct ce_acme_outcome outcome = { .kind = CE_ACME_REFUSED, .class = CE_ACME_INPUT, .code = err.code,
		.step = "nonce", .text = err.text };
	ce_acme_session_fail(session, &outcome);
}

static void
ask_nonce(struct ce_acme_session *session)
{
	struct ce_acme_run *run = session->run;
	struct ce_error err = { 0 };
	const struct ce_http_call call = ce_acme_session_call(session, "HEAD", session->directory.urls[CE_ACME_NEW_NONCE]);
	int rc = run->carrier->send(run->carrier->context, &call, take_nonce, session, &err);
	if (rc == CE_ERR_REFUSED) {
		refuse_way(session, &err);
	} else if (ce_acme_run_check(run, rc, &err)) {
		session->heads++;
		session->heads_ms = ce_monotonic_ms();
		run->requests++;
	}
}

static void
pump_again(void *context)
{
	ce_acme_session_pump(context);
}

/* Answers under way bring nonces too; only when there are none the try counts, and a burst of refusals is one. */
static void
lack_nonce(struct ce_acme_session *session, const struct ce_http_answer *http)
{
	struct ce_acme_answer answer = { .code = http->code, .status = http->status, .http = http, .retry_after = -1 };
	if (http->code == CE_OK) {
		answer.code = CE_ERR_ISSUER;
		answer.retry_after = ce_http_retry_after(http, ce_now());
	}
	if (http->status == 429 || http->status == 503)
		ce_acme_width_refused(&session->width, session->heads_ms, ce_monotonic_ms());
	if (session->timer.armed)
		return;
	session->tries += session->posts + session->nonces.count == 0;
	if (session->tries >= TRIES_MAX || (answer.retry_after > WAIT_MAX_S && session->posts == 0)) {
		ce_acme_problem_of(&answer.problem, http);
		ce_acme_session_refuse(session, "nonce", "asking a nonce", &answer);
		return;
	}
	session->timer.fire = pump_again;
	session->timer.context = session;
	long long wait_ms = answer.retry_after > WAIT_MAX_S ? WAIT_MAX_S * 1000LL : answer.retry_after * 1000;
	ce_acme_timer_set(&session->run->timers, &session->timer, wait_ms > 0 ? wait_ms : ce_acme_backoff(session->tries + 1));
}

static void
take_nonce(const struct ce_http_answer *http, void *context)
{
	struct ce_acme_session *session = context;
	session->heads--;
	if (session->phase == CE_ACME_FAILED)
		return;
	bool good = http->code == CE_OK && http->status >= 200 && http->status < 300;
	bool moved = http->status == 404 || http->status == 405 || http->status == 410;
	if (good && ce_acme_nonce_add(&session->nonces, ce_http_header(http, "Replay-Nonce", 0))) {
		session->tries = 0;
		ce_acme_width_good(&session->width, !TAILQ_EMPTY(&session->waiting), -1, ce_monotonic_ms());
		ce_acme_session_pump(session);
	} else if (session->directory_kept && http->code == CE_OK && moved) {
		session->directory_kept = false;
		ce_acme_directory_fetch(session);
	} else {
		lack_nonce(session, http);
	}
}

static bool
may_go(const struct ce_acme_session *session, const struct ce_acme_call *call)
{
	return session->phase == CE_ACME_READY || (session->phase == CE_ACME_NEEDS_ACCOUNT && call->by_key);
}

/* A request under way brings a nonce in one round trip, as a HEAD would: only what is missing beyond those, and
 * no more than there is work, is asked for. */
static void
ask_nonces(struct ce_acme_session *session, size_t work)
{
	size_t wanted = work < session->width.now ? work : session->width.now;
	if (session->timer.armed)
		return;
	for (size_t have = session->nonces.count + session->posts + session->heads;
	     have < wanted && session->phase != CE_ACME_FAILED && !session->run->failure.code
	     && ce_acme_gate_opens(session, CE_ACME_NEW_NONCE); have++)
		ask_nonce(session);
}

void
ce_acme_session_pump(struct ce_acme_session *session)
{
	struct ce_acme_call *call;
	while ((call = TAILQ_FIRST(&session->waiting)) != NULL && may_go(session, call)
	       && session->posts < session->width.now && session->nonces.count > 0 && !session->run->failure.code
	       && ce_acme_gate_opens(session, call->resource))
		ce_acme_call_send(call, ce_acme_nonce_take(&session->nonces));
	size_t work = session->posts;
	TAILQ_FOREACH(call, &session->waiting, place) {
		if (!may_go(session, call) || work >= session->width.now)
			break;
		work++;
	}
	if (!TAILQ_EMPTY(&session->waiting))
		ask_nonces(session, work);
}
