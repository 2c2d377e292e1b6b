/* A signed request: sent, judged, sent again where that may help, and told to its owner. */
#include "acme/call.h"

#include <string.h>

#include "acme/account.h"
#include "base/sys.h"

#define TRIES_MAX 3
#define NONCE_TRIES_MAX 8
/* Waits that the CA asks for and that are sat out. */
#define WAIT_MAX_S 30
#define STALL_S 25

void
ce_acme_call_free(struct ce_acme_call *call)
{
	if (!call)
		return;
	ce_acme_timer_stop(&call->session->run->timers, &call->timer);
	free(call->url);
	free(call->payload);
	free(call);
}

const char *
ce_acme_call_url(const struct ce_acme_call *call)
{
	return call->resource < 0 ? call->url : call->session->directory.urls[call->resource];
}

void
ce_acme_call_again(struct ce_acme_call *call)
{
	struct ce_acme_session *session = call->session;
	TAILQ_REMOVE(&session->flying, call, place);
	TAILQ_INSERT_HEAD(&session->waiting, call, place);
}

/* The session may have failed while the call waited for its next try. */
static void
again_later(void *context)
{
	struct ce_acme_call *call = context;
	struct ce_acme_session *session = call->session;
	if (session->phase == CE_ACME_FAILED)
		return;
	ce_acme_call_again(call);
	ce_acme_session_pump(session);
}

void
ce_acme_call_end(struct ce_acme_call *call, const struct ce_acme_answer *answer)
{
	struct ce_acme_session *session = call->session;
	TAILQ_REMOVE(&session->flying, call, place);
	ce_acme_done done = call->done;
	void *context = call->context;
	ce_acme_call_free(call);
	if (session->phase != CE_ACME_FAILED)
		done(answer, context);
}

/* Whether an answer is worth a wait, and how long; -1: no. */
static long long
wait_before_again(const struct ce_acme_call *call, const struct ce_acme_answer *answer)
{
	if (!call->repeatable || call->tries + 1 >= TRIES_MAX || answer->retry_after > WAIT_MAX_S)
		return -1;
	if (answer->code != CE_ERR_ISSUER)
		return answer->code == CE_ERR_NETWORK || answer->code == CE_ERR_TIMEOUT ? ce_acme_backoff(call->tries + 1) : -1;
	if (answer->status == 429 && answer->retry_after >= 0)
		return answer->retry_after * 1000 + ce_acme_backoff(1);
	if (answer->status >= 500)
		return answer->retry_after > 0 ? answer->retry_after * 1000 : ce_acme_backoff(call->tries + 1);
	return -1;
}

/* A kept directory may be out of date: it is fetched anew once, and the request made again. */
static bool
renews_directory(struct ce_acme_call *call, const struct ce_acme_answer *answer)
{
	struct ce_acme_session *session = call->session;
	int status = answer->status;
	bool suspicious = status == 404 || status == 405 || status == 410 || !strcmp(answer->problem.type, "malformed");
	if (!suspicious || !session->directory_kept || call->resource < 0 || call->moved)
		return false;
	call->moved = true;
	session->directory_kept = false;
	ce_acme_call_again(call);
	ce_acme_directory_fetch(session);
	return true;
}

/* An order that the account may not place: either it may not, or it is no account any more (RFC 8555 section 7.3.6). */
static bool
doubts_account(const struct ce_acme_call *call, const struct ce_acme_answer *answer)
{
	return !strcmp(answer->problem.type, "accountDoesNotExist")
	       || (call->resource == CE_ACME_NEW_ORDER && !call->may_be_refused && ce_acme_account_is_gone(answer));
}

/* The CA lost the account (a test CA that was reset): it is looked up, and made again once. */
static bool
renews_account(struct ce_acme_call *call, const struct ce_acme_answer *answer)
{
	struct ce_acme_session *session = call->session;
	if (call->by_key || call->moved || !doubts_account(call, answer))
		return false;
	call->moved = true;
	ce_acme_call_again(call);
	if (!session->account_again) {
		session->account_again = true;
		ce_acme_account_renew(session);
	}
	return true;
}

static bool
retries_nonce(struct ce_acme_call *call, const struct ce_acme_answer *answer)
{
	if (strcmp(answer->problem.type, "badNonce") || ++call->nonce_tries > NONCE_TRIES_MAX)
		return false;
	ce_acme_call_again(call); /* at the front, so the nonce of this very answer is used */
	return true;
}

static void
judge(struct ce_acme_call *call, const struct ce_acme_answer *answer)
{
	struct ce_acme_session *session = call->session;
	if (ce_acme_account_wants_action(answer)) {
		ce_acme_account_call_operator(session, answer);
	} else if (answer->code != CE_OK) {
		if (retries_nonce(call, answer) || renews_directory(call, answer) || renews_account(call, answer)) {
			ce_acme_session_pump(session);
			return;
		}
		long long wait = wait_before_again(call, answer);
		if (wait >= 0) {
			call->tries++;
			call->timer.fire = again_later;
			call->timer.context = call;
			ce_acme_timer_set(&session->run->timers, &call->timer, wait);
			return;
		}
	}
	ce_acme_call_end(call, answer);
	ce_acme_session_pump(session);
}

/* What an answer says about how much the CA can take. */
static void
measure(const struct ce_acme_call *call, const struct ce_acme_answer *answer)
{
	struct ce_acme_session *session = call->session;
	long long now_ms = ce_monotonic_ms();
	if (answer->status == 429 || answer->status == 503)
		ce_acme_width_refused(&session->width, call->sent_ms, now_ms);
	else if (answer->status > 0)
		ce_acme_width_good(&session->width, !TAILQ_EMPTY(&session->waiting), call->sent_ms, now_ms);
}

static void
take_answer(const struct ce_http_answer *http, void *context)
{
	struct ce_acme_call *call = context;
	struct ce_acme_session *session = call->session;
	session->posts--;
	(void)ce_acme_nonce_add(&session->nonces, ce_http_header(http, "Replay-Nonce", 0)); /* not every answer has one */
	struct ce_acme_answer answer = { .code = http->code, .status = http->status, .http = http, .retry_after = -1,
		.problem = { .class = CE_ACME_CA } };
	if (http->code == CE_OK) {
		answer.retry_after = ce_http_retry_after(http, ce_now());
		if (http->status < 200 || http->status > 299) {
			answer.code = CE_ERR_ISSUER;
			ce_acme_problem_of(&answer.problem, http);
		}
	}
	CE_CLEANUP(json_decrefp) json_t *json = answer.code == CE_OK ? ce_json_object(ce_buf_bytes(&http->body)) : NULL;
	answer.json = json;
	measure(call, &answer);
	if (session->phase == CE_ACME_FAILED)
		ce_acme_call_end(call, &answer);
	else
		judge(call, &answer);
}

static void
end_unsent(void *context)
{
	struct ce_acme_call *call = context;
	struct ce_http_answer http = { .code = call->unsent.code };
	snprintf(http.problem, sizeof(http.problem), "%.250s", call->unsent.text);
	const struct ce_acme_answer answer = { .code = http.code, .http = &http, .retry_after = -1,
		.problem = { .class = CE_ACME_CA } };
	ce_acme_call_end(call, &answer);
}

/* What may not be signed or sent ends its order alone. The owner is told later, as with any answer. */
static void
refuse_unsent(struct ce_acme_call *call, const struct ce_error *err)
{
	call->unsent = *err;
	call->timer.fire = end_unsent;
	call->timer.context = call;
	ce_acme_timer_set(&call->session->run->timers, &call->timer, 0);
}

static int
sign_and_send(struct ce_acme_call *call, const char *nonce, struct ce_error *err)
{
	struct ce_acme_session *session = call->session;
	struct ce_acme_run *run = session->run;
	CE_CLEANUP(ce_buf_release) struct ce_buf jws = CE_BUF_INIT;
	const struct ce_acme_signing what = { .url = ce_acme_call_url(call), .nonce = nonce, .payload = call->payload,
		.by_key = call->by_key };
	int rc = call->other ? run->keeper->sign_other(run->keeper->context, call->other - 1, &what, &jws, err)
	                     : run->keeper->sign(run->keeper->context, session->index, &what, &jws, err);
	if (rc)
		return rc;
	struct ce_http_call post = ce_acme_session_call(session, "POST", what.url);
	post.content_type = "application/jose+json";
	post.accept = call->accept ? call->accept : "application/json";
	post.body = ce_buf_bytes(&jws);
	post.stall_s = STALL_S;
	post.once = call->once;
	call->sent_ms = ce_monotonic_ms();
	return run->carrier->send(run->carrier->context, &post, take_answer, call, err);
}

void
ce_acme_call_send(struct ce_acme_call *call, char *nonce)
{
	CE_CLEANUP(ce_freep) char *owned = nonce;
	struct ce_acme_session *session = call->session;
	struct ce_error err = { 0 };
	TAILQ_REMOVE(&session->waiting, call, place);
	TAILQ_INSERT_TAIL(&session->flying, call, place);
	int rc = sign_and_send(call, owned, &err);
	if (rc == CE_ERR_REFUSED) {
		refuse_unsent(call, &err);
	} else if (ce_acme_run_check(session->run, rc, &err)) {
		session->posts++;
		session->run->requests++;
	}
}

static struct ce_acme_call *
new_call(struct ce_acme_session *session, const struct ce_acme_post *post)
{
	CE_CLEANUP(ce_freep) char *url = post->resource < 0 ? strdup(post->url) : NULL;
	CE_CLEANUP(ce_freep) char *payload = post->payload ? ce_json_steal_text(post->payload) : NULL;
	struct ce_acme_call *call = calloc(1, sizeof(*call));
	if (!call || (post->resource < 0 && !url) || (post->payload && !payload)) {
		free(call);
		return NULL;
	}
	call->session = session;
	call->resource = post->resource;
	call->url = CE_STEAL(url);
	call->payload = CE_STEAL(payload);
	call->accept = post->accept;
	call->by_key = post->by_key || post->other;
	call->other = post->other;
	call->repeatable = post->repeatable;
	call->may_be_refused = post->may_be_refused;
	call->once = post->once;
	return call;
}

void
ce_acme_session_post(struct ce_acme_session *session, const struct ce_acme_post *post, ce_acme_done done,
	void *context)
{
	struct ce_error err = { 0 };
	struct ce_acme_call *call = new_call(session, post);
	if (!call) {
		(void)ce_acme_run_check(session->run, ce_fail(&err, CE_ERR_MEMORY, "out of memory"), &err);
		return;
	}
	call->done = done;
	call->context = context;
	if (call->by_key)
		TAILQ_INSERT_HEAD(&session->waiting, call, place);
	else
		TAILQ_INSERT_TAIL(&session->waiting, call, place);
	ce_acme_session_pump(session);
}
