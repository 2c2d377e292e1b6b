#include "acme/renewal.h"

#include <string.h>

#include "acme/errand.h"
#include "base/moment.h"
#include "base/sys.h"
#include "net/url.h"

#define TRIES_MAX 3
#define WAIT_MAX_S 30
#define EXPLANATION_MAX 1000

static int
read_moment(const json_t *window, const char *member, long long *ret_seconds, struct ce_error *err)
{
	const char *text = ce_json_text(window, member);
	if (!text)
		return ce_fail(err, CE_ERR_INVALID, "the suggested window has no %s", member);
	int rc = ce_moment_parse(text, ret_seconds, err);
	return rc ? ce_error_wrap(err, "the %s of the suggested window", member) : CE_OK;
}

int
ce_acme_renewal_read(const json_t *object, json_t **ret_result, struct ce_error *err)
{
	const json_t *window = json_object_get(object, "suggestedWindow");
	const char *explanation = ce_json_text(object, "explanationURL");
	struct ce_error ignored = { 0 };
	long long start = 0, end = 0;
	int rc = read_moment(window, "start", &start, err);
	if (!rc)
		rc = read_moment(window, "end", &end, err);
	if (rc)
		return rc;
	if (end <= start)
		return ce_fail(err, CE_ERR_INVALID, "the suggested window does not end after its start");
	/* For a person to follow, so nothing but a page. */
	if (explanation && (strlen(explanation) > EXPLANATION_MAX || ce_url_check(explanation, false, &ignored)))
		explanation = NULL;
	*ret_result = json_pack("{s:I, s:I, s:s*}", "start", (json_int_t)start, "end", (json_int_t)end, "explanation",
		explanation);
	return *ret_result ? CE_OK : ce_fail(err, CE_ERR_MEMORY, "out of memory");
}

static void ask(void *context);

static void
take_window(struct ce_acme_errand *errand, const struct ce_http_answer *http)
{
	struct ce_error err = { 0 };
	json_t *result = NULL;
	long long retry_after = ce_http_retry_after(http, ce_now());
	CE_CLEANUP(json_decrefp) json_t *json = ce_json_object(ce_buf_bytes(&http->body));
	if (!json)
		(void)ce_fail(&err, CE_ERR_INVALID, "the answer is no JSON object");
	else if (ce_acme_renewal_read(json, &result, &err) == CE_OK
	         && json_object_set_new(result, "retry_after", json_integer(retry_after)))
		(void)ce_fail(&err, CE_ERR_MEMORY, "out of memory");
	if (!err.code) {
		ce_acme_errand_done(errand, result);
		return;
	}
	json_decref(result);
	ce_acme_errand_refuse(errand, CE_ACME_INPUT, err.code, "the renewal information of issuer '%s' says nothing usable: %s",
		errand->session->job->name, err.text);
}

/* A kept directory may be out of date: it is fetched anew once, and the errand begun again. */
static bool
renews_directory(struct ce_acme_errand *errand, int status)
{
	struct ce_acme_session *session = errand->session;
	if (errand->moved || (status != 404 && status != 405 && status != 410))
		return false;
	if (!session->directory_kept && session->phase != CE_ACME_NEEDS_DIRECTORY)
		return false;
	errand->moved = true;
	ce_acme_errand_put_off(errand);
	if (session->directory_kept) {
		session->directory_kept = false;
		ce_acme_directory_fetch(session);
	}
	return true;
}

static void
ask_in(struct ce_acme_errand *errand, long long wait_ms)
{
	errand->timer.fire = ask;
	errand->timer.context = errand;
	ce_acme_timer_set(&errand->run->timers, &errand->timer, wait_ms);
}

static void
take(const struct ce_http_answer *http, void *context)
{
	struct ce_acme_errand *errand = context;
	if (errand->ended)
		return;
	if (http->code == CE_OK && http->status == 200) {
		take_window(errand, http);
		return;
	}
	struct ce_acme_answer answer = { .code = http->code, .status = http->status, .http = http, .retry_after = -1,
		.problem = { .class = CE_ACME_CA } };
	if (http->code == CE_OK) {
		answer.code = CE_ERR_ISSUER;
		answer.retry_after = ce_http_retry_after(http, ce_now());
		ce_acme_problem_of(&answer.problem, http);
		if (renews_directory(errand, http->status))
			return;
	}
	bool passing = answer.code != CE_ERR_ISSUER || answer.status >= 500;
	if (!passing || ++errand->tries >= TRIES_MAX || answer.retry_after > WAIT_MAX_S) {
		ce_acme_errand_refuse_answer(errand, &answer, "the renewal information");
		return;
	}
	ask_in(errand, answer.retry_after > 0 ? answer.retry_after * 1000 : ce_acme_backoff(errand->tries));
}

/* "Clients MUST NOT" sign it: a plain GET (RFC 9773 section 4.1). */
static void
ask(void *context)
{
	struct ce_acme_errand *errand = context;
	struct ce_acme_session *session = errand->session;
	struct ce_acme_run *run = errand->run;
	long long wait_ms = ce_acme_gate_pass(&session->gate, CE_ACME_RENEWAL, ce_monotonic_ms());
	if (wait_ms > 0) {
		ask_in(errand, wait_ms);
		return;
	}
	const char *base = session->directory.urls[CE_ACME_RENEWAL];
	size_t size = strlen(base);
	CE_CLEANUP(ce_buf_release) struct ce_buf url = CE_BUF_INIT;
	struct ce_error err = { 0 };
	int rc = ce_buf_addf(&url, &err, "%s%s%s", base, size > 0 && base[size - 1] == '/' ? "" : "/", errand->job->text);
	struct ce_http_call call = ce_acme_session_call(session, "GET", ce_buf_text(&url));
	call.accept = "application/json";
	if (!rc)
		rc = run->carrier->send(run->carrier->context, &call, take, errand, &err);
	if (rc == CE_ERR_REFUSED)
		ce_acme_errand_refuse(errand, CE_ACME_CA, rc, "the renewal information of issuer '%s': %s", session->job->name,
			err.text);
	else if (ce_acme_run_check(run, rc, &err))
		run->requests++;
}

void
ce_acme_renewal_begin(struct ce_acme_errand *errand)
{
	if (!errand->job->text || !*errand->job->text)
		ce_acme_errand_refuse(errand, CE_ACME_INPUT, CE_ERR_INVALID, "renewal information without a certificate");
	else if (!errand->session->directory.urls[CE_ACME_RENEWAL])
		ce_acme_errand_refuse(errand, CE_ACME_INPUT, CE_ERR_NOT_FOUND,
			"the CA of issuer '%s' gives no renewal information", errand->session->job->name);
	else
		ask(errand);
}
