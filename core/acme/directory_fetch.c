/* The directory, by an unsigned GET. */
#include <string.h>

#include "acme/session.h"
#include "base/sys.h"

#define TRIES_MAX 3
#define WAIT_MAX_S 30

static void
refuse(struct ce_acme_session *session, struct ce_error *err)
{
	(void)ce_error_wrap(err, "the directory of issuer '%s' at %s", session->job->name, session->job->directory);
	const struct ce_acme_outcome outcome = { .kind = CE_ACME_REFUSED, .class = CE_ACME_CA, .code = err->code,
		.step = "directory", .text = err->text };
	ce_acme_session_fail(session, &outcome);
}

static void
keep(struct ce_acme_session *session, struct ce_bytes document)
{
	struct ce_acme_run *run = session->run;
	struct ce_error err = { 0 };
	struct ce_acme_directory directory = { 0 };
	if (ce_acme_directory_read(document, &directory, &err)) {
		refuse(session, &err);
		return;
	}
	ce_acme_directory_release(&session->directory);
	session->directory = directory;
	free(session->document);
	session->document = ce_acme_directory_text(document);
	int rc = CE_OK;
	if (session->document && strlen(session->document) <= CE_ACME_DOCUMENT_MAX)
		rc = run->keeper->save_directory(run->keeper->context, session->index, session->document, directory.terms, &err);
	session->tries = 0;
	if (ce_acme_run_check(run, rc, &err))
		ce_acme_session_directed(session);
}

static void
fetch_again(void *context)
{
	ce_acme_directory_fetch(context);
}

static void
lack(struct ce_acme_session *session, struct ce_acme_answer *answer)
{
	bool passing = answer->code == CE_ERR_NETWORK || answer->code == CE_ERR_TIMEOUT || answer->status >= 500;
	if (passing && ++session->tries < TRIES_MAX && answer->retry_after <= WAIT_MAX_S) {
		long long wait = answer->retry_after > 0 ? answer->retry_after * 1000 : ce_acme_backoff(session->tries);
		session->timer.fire = fetch_again;
		session->timer.context = session;
		ce_acme_timer_set(&session->run->timers, &session->timer, wait);
		return;
	}
	ce_acme_session_refuse(session, "directory", "the directory", answer);
}

static void
take_directory(const struct ce_http_answer *http, void *context)
{
	struct ce_acme_session *session = context;
	if (session->phase == CE_ACME_FAILED)
		return;
	(void)ce_acme_nonce_add(&session->nonces, ce_http_header(http, "Replay-Nonce", 0)); /* few send one here */
	if (http->code == CE_OK && http->status == 200) {
		keep(session, ce_buf_bytes(&http->body));
		return;
	}
	struct ce_acme_answer answer = { .code = http->code, .status = http->status, .http = http, .retry_after = -1,
		.problem = { .class = CE_ACME_CA } };
	if (http->code == CE_OK) {
		answer.code = CE_ERR_ISSUER;
		answer.retry_after = ce_http_retry_after(http, ce_now());
		ce_acme_problem_of(&answer.problem, http);
	}
	lack(session, &answer);
}

void
ce_acme_directory_fetch(struct ce_acme_session *session)
{
	struct ce_acme_run *run = session->run;
	struct ce_error err = { 0 };
	session->phase = CE_ACME_NEEDS_DIRECTORY;
	struct ce_http_call call = ce_acme_session_call(session, "GET", session->job->directory);
	call.accept = "application/json";
	int rc = run->carrier->send(run->carrier->context, &call, take_directory, session, &err);
	if (rc == CE_ERR_REFUSED)
		refuse(session, &err);
	else if (ce_acme_run_check(run, rc, &err))
		run->requests++;
}
