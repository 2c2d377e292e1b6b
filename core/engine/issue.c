/* From "due" to a checked generation in the store. */
#include <string.h>

#include "base/log.h"
#include "base/sys.h"
#include "base/text.h"
#include "crypto/csr.h"
#include "crypto/digest.h"
#include "engine/engine_own.h"
#include "engine/request.h"
#include "engine/retry.h"

/* class 0: nobody was asked. told: the moment that the CA named, 0: none. */
static int
set_failure(struct ce_certificate_run *certificate, enum ce_refusal class, const struct ce_error *failure, long long told,
	struct ce_error *err)
{
	struct ce_certificate_report *report = certificate->report;
	const char *step = failure->step[0] ? failure->step : "issue";
	report->state = CE_CERTIFICATE_FAILED;
	ce_engine_tell(certificate->engine, certificate, NULL, step, failure->code, failure->text);
	int code = ce_text_assign(&report->error, failure->text, err);
	if (code == CE_OK)
		code = ce_text_assign(&report->step, step, err);
	return code < 0 ? code : ce_attempts_failed(certificate, class, failure, told, err);
}

static int
set_waiting(struct ce_certificate_run *certificate, bool operator, long long until, const char *text, struct ce_error *err)
{
	certificate->report->state = CE_CERTIFICATE_WAITING;
	certificate->report->wait_until = until;
	ce_engine_tell(certificate->engine, certificate, NULL, "issue", CE_ERR_WAIT, text);
	int code = ce_text_assign(&certificate->report->error, text, err);
	if (code == CE_OK)
		code = ce_text_assign(&certificate->report->step, "issue", err);
	return code < 0 ? code : ce_attempts_waiting(certificate, operator, text, until, err);
}

/* A person is waited for; for too long is a failure, but none to be put off by. */
static int
set_operator(struct ce_certificate_run *certificate, const struct ce_issue_request *request, struct ce_error *err)
{
	int code = set_waiting(certificate, true, 0, request->text, err);
	if (request->overdue)
		certificate->report->state = CE_CERTIFICATE_FAILED;
	return code;
}

static int
decide(struct ce_certificate_run *certificate, long long now, struct ce_error *err)
{
	struct ce_certificate_report *report = certificate->report;
	int code = ce_renewal_report(certificate, err);
	if (code < 0 || report->state == CE_CERTIFICATE_FAILED)
		return code; /* it could not be read */
	struct ce_error why = { 0 };
	bool revoked = certificate->bundle.generation > 0
	               && ce_bundle_allowed(certificate->engine, &certificate->bundle, &why) == CE_ERR_REFUSED;
	const char *reason = revoked ? why.text : ce_due_reason(certificate, certificate->issue.issuer, now);
	if (reason) {
		report->state = CE_CERTIFICATE_DUE;
		code = ce_text_assign(&report->reason, reason, err);
		if (code == CE_OK)
			code = ce_attempts_choose(certificate, now, err);
	}
	return code < 0 ? code : ce_attempts_report(certificate, err);
}

int
ce_issue_decide(struct ce_engine *engine, struct ce_error *err)
{
	long long now = ce_now();
	for (size_t i = 0; i < engine->config.certificate_count; i++) {
		struct ce_certificate_run *certificate = &engine->certificates[i];
		int code = certificate->selected ? decide(certificate, now, err) : CE_OK;
		if (code < 0)
			return code;
	}
	return CE_OK;
}

/* The certificate is live already, so what cannot be tidied up now is only told: resume sees that it is done. */
static void
forget_request(struct ce_certificate_run *certificate)
{
	const char *name = certificate->config->name;
	struct ce_error err = { 0 };
	int code = ce_store_pending_end(certificate->engine->store, name, &err);
	if (code >= CE_OK)
		code = ce_attempts_succeeded(certificate, &err);
	if (code < 0)
		ce_log(CE_LOG_WARNING, "certificate '%s' is issued, but its request could not be closed: %s", name, err.text);
}

/* The issuer's answer is checked before it is stored, and stored before it is live. */
static int
take_in(struct ce_under_way *way, struct ce_error *err)
{
	struct ce_certificate_run *certificate = way->certificate;
	struct ce_store *store = certificate->engine->store;
	const char *name = certificate->config->name;
	ce_error_step(err, "check");
	int code = ce_run_leave_out(certificate, &way->request.left_out, err);
	if (code < 0)
		return code;
	struct ce_chain_demands demands = { .key = way->key, .names = &certificate->names,
		.exact_names = !certificate->driver->adds_names, .now = ce_now() };
	struct ce_bundle bundle;
	ce_bundle_init(&bundle);
	code = ce_chain_accept(ce_buf_bytes(&way->request.chain_pem), &demands, &bundle, err);
	if (code == CE_OK) {
		ce_error_step(err, "store");
		code = ce_store_generation_add(store, name, &bundle, &bundle.generation, err);
	}
	if (code == CE_OK)
		code = ce_store_live_set(store, name, bundle.generation, err);
	if (code < 0) {
		ce_bundle_release(&bundle);
		return code;
	}
	ce_bundle_release(&certificate->bundle);
	certificate->bundle = bundle;
	certificate->has_key = true;
	certificate->report->state = CE_CERTIFICATE_ISSUED;
	code = ce_run_facts(certificate, err); /* before anything can fail: targets point into the bundle */
	if (code == CE_OK)
		code = ce_renewal_report(certificate, err);
	forget_request(certificate);
	return code;
}

/* An order whose proof failed is dead at the CA: the next try is a new one, by the same key. */
static void
forget_dead(const struct ce_under_way *way)
{
	const struct ce_issue_request *request = &way->request;
	struct ce_bytes nothing = { NULL, 0 };
	struct ce_error ignored = { 0 };
	if (request->error.code == CE_ERR_ISSUER && strcmp(request->error.step, "challenge") == 0)
		CE_IGNORE(ce_under_way_store_state(way, nothing, &ignored));
}

/* What a driver answered, carried out. A failure of the certificate is in its report, not in the result. */
static int
conclude(struct ce_under_way *way, struct ce_error *err)
{
	struct ce_certificate_run *certificate = way->certificate;
	struct ce_issue_request *request = &way->request;
	struct ce_error failure = { 0 };
	switch (request->outcome) {
	case CE_ISSUE_ISSUED:
		if (take_in(way, &failure) == CE_OK) {
			ce_engine_tell(certificate->engine, certificate, NULL, "issue", CE_OK, certificate->report->fingerprint);
			return CE_OK;
		}
		/* What does not fit is not asked for again with the same key. */
		if (failure.code == CE_ERR_CRYPTO) {
			struct ce_error ignored = { 0 };
			ce_keyp(&way->key);
			ce_key_drop(certificate, ce_buf_bytes(&way->key_pem));
			CE_IGNORE(ce_store_pending_end(certificate->engine->store, certificate->config->name, &ignored));
		}
		return set_failure(certificate, failure.code == CE_ERR_CRYPTO ? CE_REFUSAL_CA : CE_REFUSAL_ENVIRONMENT, &failure, 0, err);
	case CE_ISSUE_PENDING:
		return set_waiting(certificate, false, request->not_before, request->text ? request->text
			: "the issuer asks to wait; the next run takes it up again", err);
	case CE_ISSUE_OPERATOR:
		return set_operator(certificate, request, err);
	default:
		forget_dead(way);
		return set_failure(certificate, request->refusal, &request->error, request->not_before, err);
	}
}

static int
save_state(struct ce_issue_request *request, struct ce_bytes state, void *context, struct ce_error *err)
{
	(void)context;
	return ce_under_way_store_state((struct ce_under_way *)request, state, err);
}

static void
progress(struct ce_issue_request *request, const char *step, const char *text, void *context)
{
	(void)context;
	const struct ce_under_way *way = (const struct ce_under_way *)request;
	ce_engine_tell(way->certificate->engine, way->certificate, NULL, step, CE_UNCHANGED, text);
}

/* All requests to one kind of issuer go to its driver together. */
static int
issue_kind(struct ce_engine *engine, const struct ce_issuer_driver *driver, struct ce_under_way *ways, size_t count,
	struct ce_error *err)
{
	CE_CLEANUP(ce_freep) struct ce_issue_request **requests = calloc(count + 1, sizeof(*requests));
	if (!requests)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	size_t chosen = 0;
	for (size_t i = 0; i < count; i++)
		if (ways[i].key && ways[i].certificate->driver == driver)
			requests[chosen++] = &ways[i].request;
	if (chosen == 0)
		return CE_OK;
	struct ce_issue_context context = ce_engine_asking(engine);
	context.save_state = save_state;
	context.progress = progress;
	struct ce_error failure = { 0 };
	int code = driver->issue(requests, chosen, &context, &failure);
	for (size_t i = 0; i < count; i++) {
		if (!ways[i].key || ways[i].certificate->driver != driver)
			continue;
		/* An error of the driver itself: nobody was asked. */
		int done = code < 0 ? set_failure(ways[i].certificate, 0, &failure, 0, err) : conclude(&ways[i], err);
		if (done < 0)
			return done;
	}
	return CE_OK;
}

static bool
is_due(const struct ce_certificate_run *certificate)
{
	return certificate->selected && certificate->report->state == CE_CERTIFICATE_DUE;
}

static int
issue_all(struct ce_engine *engine, struct ce_under_way *ways, size_t count, struct ce_error *err)
{
	size_t at = 0;
	for (size_t i = 0; i < engine->config.certificate_count; i++) {
		if (!is_due(&engine->certificates[i]))
			continue;
		struct ce_under_way *way = &ways[at++];
		struct ce_error failure = { 0 };
		way->certificate = &engine->certificates[i];
		ce_engine_tell(engine, way->certificate, NULL, "issue", CE_UNCHANGED, way->certificate->report->reason);
		if (ce_under_way_prepare(way, &failure) == CE_OK)
			continue;
		ce_key_free(CE_STEAL(way->key)); /* no key: not handed to a driver */
		int code = set_failure(way->certificate, 0, &failure, 0, err);
		if (code < 0)
			return code;
	}
	for (const char *const *kind = ce_issuer_kinds(); *kind; kind++) {
		int code = issue_kind(engine, ce_issuer_driver(*kind), ways, count, err);
		if (code < 0)
			return code;
	}
	return CE_OK;
}

/* One round: every certificate that is due is asked for at one issuer. */
static int
issue_round(struct ce_engine *engine, size_t count, struct ce_error *err)
{
	CE_CLEANUP(ce_freep) struct ce_under_way *ways = calloc(count, sizeof(*ways));
	if (!ways)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	int code = issue_all(engine, ways, count, err);
	for (size_t i = 0; i < count; i++)
		ce_under_way_release(&ways[i]);
	return code;
}

/* Whether a certificate that its CA failed may be had from another issuer at once; then it is due again. */
static int
turn_to_next(struct ce_certificate_run *certificate, long long now, struct ce_error *err)
{
	struct ce_certificate_report *report = certificate->report;
	const struct ce_issue_attempt *attempt = ce_issue_attempt_find(&certificate->issue, certificate->issuer->name);
	if (report->state != CE_CERTIFICATE_FAILED || !attempt || attempt->ca_failures < CE_RETRY_PATIENCE)
		return CE_OK;
	const struct ce_issuer_config *next = NULL;
	int code = ce_strlist_add(&certificate->asked, certificate->issuer->name, err);
	if (code == CE_OK)
		code = ce_attempts_next(certificate, now, &next, err);
	if (code < 0 || !next)
		return code;
	certificate->issuer = next;
	certificate->driver = ce_issuer_driver(next->kind);
	report->state = CE_CERTIFICATE_DUE;
	code = ce_text_assign(&report->error, NULL, err);
	if (code == CE_OK)
		code = ce_text_assign(&report->step, NULL, err);
	return code < 0 ? code : ce_text_assign(&report->issuer, next->name, err);
}

int
ce_issue_due(struct ce_engine *engine, struct ce_error *err)
{
	for (;;) {
		size_t count = 0;
		for (size_t i = 0; i < engine->config.certificate_count; i++)
			count += is_due(&engine->certificates[i]);
		if (count == 0)
			return CE_OK;
		int code = issue_round(engine, count, err);
		for (size_t i = 0; code == CE_OK && !ce_engine_interrupted() && i < engine->config.certificate_count; i++)
			if (engine->certificates[i].selected)
				code = turn_to_next(&engine->certificates[i], ce_now(), err);
		if (code < 0)
			return code;
	}
}
