/* From "due" to a checked generation in the store. */
#include <string.h>

#include "base/log.h"
#include "base/sys.h"
#include "base/text.h"
#include "crypto/csr.h"
#include "crypto/digest.h"
#include "engine/engine_own.h"
#include "engine/retry.h"

/* One request on its way, with what it borrows. */
struct under_way {
	struct ce_issue_request request; /* first: drivers hand back its address */
	struct ce_certificate_run *certificate;
	struct ce_key *key;
	struct ce_buf key_pem, csr, state;
	char digest[CE_SHA256_HEX];      /* of what is asked for */
	char order[CE_SHA256_HEX];       /* of it without key and subject */
};

static void
release_under_way(struct under_way *way)
{
	ce_issue_request_release(&way->request);
	ce_key_free(way->key);
	ce_buf_release(&way->key_pem);
	ce_buf_release(&way->csr);
	ce_buf_release(&way->state);
}

/* class 0: nobody was asked. told: the moment that the CA named, 0: none. */
static int
set_failure(struct ce_certificate_run *certificate, enum ce_refusal class, const struct ce_error *failure, long long told,
	struct ce_error *err)
{
	struct ce_certificate_report *report = certificate->report;
	const char *step = failure->step[0] ? failure->step : "issue";
	report->state = CE_CERTIFICATE_FAILED;
	ce_engine_tell(certificate->engine, certificate, NULL, step, failure->code, failure->text);
	int code = ce_set_text(&report->error, failure->text, err);
	if (code == CE_OK)
		code = ce_set_text(&report->step, step, err);
	return code < 0 ? code : ce_attempts_failed(certificate, class, failure, told, err);
}

static int
set_waiting(struct ce_certificate_run *certificate, bool operator, long long until, const char *text, struct ce_error *err)
{
	certificate->report->state = CE_CERTIFICATE_WAITING;
	certificate->report->wait_until = until;
	ce_engine_tell(certificate->engine, certificate, NULL, "issue", CE_ERR_WAIT, text);
	int code = ce_set_text(&certificate->report->error, text, err);
	if (code == CE_OK)
		code = ce_set_text(&certificate->report->step, "issue", err);
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
		code = ce_set_text(&report->reason, reason, err);
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

static int
digest_parts(const struct under_way *way, const char *const *parts, size_t count, char ret_hex[CE_SHA256_HEX],
	struct ce_error *err)
{
	const struct ce_strlist *names = &way->certificate->config->names;
	CE_CLEANUP(ce_buf_release) struct ce_buf text = CE_BUF_INIT;
	int code = CE_OK;
	for (size_t i = 0; code == CE_OK && i < count; i++)
		code = ce_buf_addf(&text, err, "%s\n", parts[i] ? parts[i] : "");
	for (size_t i = 0; code == CE_OK && i < names->count; i++)
		code = ce_buf_addf(&text, err, "%s\n", names->items[i]);
	return code < 0 ? code : ce_sha256_hex(ce_buf_bytes(&text), ret_hex, err);
}

/* Tells requests apart: a key and CSR that are under way are used again only for the very same request. */
static int
digest_request(struct under_way *way, struct ce_error *err)
{
	const struct ce_certificate_config *config = way->certificate->config;
	const struct ce_subject *subject = &config->subject;
	const char *const parts[] = { way->certificate->issuer->name, config->profile, config->key, config->token, subject->country,
		subject->state, subject->locality, subject->organization, subject->organizational_unit, subject->common_name };
	int code = digest_parts(way, parts, CE_COUNT(parts), way->digest, err);
	return code < 0 ? code : digest_parts(way, parts, 2, way->order, err);
}

/* The stored blob is the request's two digests, a newline, and the driver's own state. */
static int
store_state(const struct under_way *way, struct ce_bytes state, struct ce_error *err)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf blob = CE_BUF_INIT;
	int code = ce_buf_addf(&blob, err, "%s %s\n", way->digest, way->order);
	if (code == CE_OK && state.size > 0)
		code = ce_buf_add(&blob, state.data, state.size, err);
	if (code < 0)
		return code;
	return ce_store_pending_state(way->certificate->engine->store, way->certificate->config->name, ce_buf_bytes(&blob), err);
}

/* Whether a request has not led to the live certificate yet: a run may have been killed before it could close it,
 * and the next certificate must not get the key of this one. */
static bool
is_open(const struct under_way *way)
{
	const struct ce_bundle *live = &way->certificate->bundle;
	char id[65];
	struct ce_error ignored = { 0 };
	return live->generation == 0 || way->certificate->config->key_given || ce_key_id(way->key, id, &ignored) < 0 || strcmp(id, live->facts.key_id) != 0;
}

/* The driver's state in a blob; false when it is of another request. whole: of this very one, not only of its order. */
static bool
find_state(const struct under_way *way, const struct ce_buf *blob, bool whole, struct ce_bytes *ret_state)
{
	const char *text = ce_buf_text(blob);
	size_t one = strlen(way->digest), both = 2 * one + 1;
	if (blob->size <= both || text[one] != ' ' || text[both] != '\n' || memcmp(text + one + 1, way->order, one)
		|| (whole && memcmp(text, way->digest, one)))
		return false;
	*ret_state = (struct ce_bytes){ blob->data + both + 1, blob->size - both - 1 };
	return true;
}

/* Takes up what an earlier run left; CE_ERR_NOT_FOUND when there is nothing that fits. An order may be gone on with by
 * another key and request than it was begun with (RFC 8555 section 7.4: a corrected CSR). */
static int
resume(struct under_way *way, struct ce_error *err)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf blob = CE_BUF_INIT;
	struct ce_store *store = way->certificate->engine->store;
	const char *name = way->certificate->config->name;
	struct ce_bytes state = { NULL, 0 };
	way->key_pem.secret = true;
	int code = ce_store_pending(store, name, &way->key_pem, &way->csr, &blob, err);
	if (code < 0)
		return code;
	if (find_state(way, &blob, true, &state))
		code = ce_key_resume(ce_buf_bytes(&way->key_pem), &way->key, err);
	if (code < 0 && code != CE_ERR_NOT_FOUND)
		return code;
	if (way->key && is_open(way))
		return ce_buf_add(&way->state, state.data, state.size, err);
	bool other = !way->key && way->certificate->driver->orders_names;
	ce_keyp(&way->key);
	ce_buf_release(&way->key_pem);
	ce_buf_release(&way->csr);
	if (other && find_state(way, &blob, false, &state)) {
		code = ce_buf_add(&way->state, state.data, state.size, err);
		if (code < 0)
			return code;
	}
	return ce_fail(err, CE_ERR_NOT_FOUND, "the request that is under way is another one");
}

static int
make_key_and_csr(struct under_way *way, struct ce_error *err)
{
	const struct ce_certificate_config *config = way->certificate->config;
	struct ce_store *store = way->certificate->engine->store;
	int code = ce_key_make(way->certificate, &way->key, err);
	if (code == CE_OK)
		code = ce_csr_build(way->key, &config->names, &config->subject, &way->csr, err);
	if (code == CE_OK)
		code = ce_key_record(way->key, &way->key_pem, err);
	if (code == CE_OK)
		code = ce_store_pending_begin(store, config->name, ce_buf_bytes(&way->key_pem), ce_buf_bytes(&way->csr), err);
	return code == CE_OK ? store_state(way, ce_buf_bytes(&way->state), err) : code;
}

/* What a driver is given of it. */
static void
borrow(struct under_way *way)
{
	way->request.certificate = way->certificate->config;
	way->request.issuer = way->certificate->issuer;
	way->request.key = way->key;
	way->request.csr_der = ce_buf_bytes(&way->csr);
	way->request.state = ce_buf_bytes(&way->state);
	const char *issued_by = way->certificate->issue.issuer;
	if (way->certificate->bundle.generation > 0 && issued_by && strcmp(issued_by, way->certificate->issuer->name) == 0)
		way->request.replaces_pem = ce_buf_bytes(&way->certificate->bundle.leaf);
}

static int
prepare(struct under_way *way, struct ce_error *err)
{
	ce_error_step(err, "key");
	int code = digest_request(way, err);
	if (code < 0)
		return code;
	code = resume(way, err);
	if (code == CE_ERR_NOT_FOUND) {
		ce_error_clear(err);
		ce_error_step(err, "key");
		code = make_key_and_csr(way, err);
	}
	if (code == CE_OK)
		code = ce_key_allowed(way->certificate, way->key, err);
	if (code < 0)
		return code;
	borrow(way);
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

/* Names that the CA refused, and that its issuer's configuration can do without, are noted and not looked for. */
static int
note_left_out(struct under_way *way, struct ce_error *err)
{
	struct ce_certificate_run *certificate = way->certificate;
	const struct ce_strlist *left_out = &way->request.left_out;
	CE_CLEANUP(ce_buf_release) struct ce_buf text = CE_BUF_INIT;
	int code = CE_OK;
	for (size_t i = 0; code == CE_OK && i < left_out->count; i++)
		code = ce_buf_addf(&text, err, "%s%s", i ? " " : "", left_out->items[i]);
	if (code == CE_OK)
		code = ce_set_text(&certificate->issue.left_out, left_out->count ? ce_buf_text(&text) : NULL, err);
	return code < 0 ? code : ce_run_names(certificate, err);
}

/* The issuer's answer is checked before it is stored, and stored before it is live. */
static int
take_in(struct under_way *way, struct ce_error *err)
{
	struct ce_certificate_run *certificate = way->certificate;
	struct ce_store *store = certificate->engine->store;
	const char *name = certificate->config->name;
	ce_error_step(err, "check");
	int code = note_left_out(way, err);
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
forget_dead(const struct under_way *way)
{
	const struct ce_issue_request *request = &way->request;
	struct ce_bytes nothing = { NULL, 0 };
	struct ce_error ignored = { 0 };
	if (request->error.code == CE_ERR_ISSUER && strcmp(request->error.step, "challenge") == 0)
		CE_IGNORE(store_state(way, nothing, &ignored));
}

/* What a driver answered, carried out. A failure of the certificate is in its report, not in the result. */
static int
conclude(struct under_way *way, struct ce_error *err)
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
	return store_state((struct under_way *)request, state, err);
}

static void
progress(struct ce_issue_request *request, const char *step, const char *text, void *context)
{
	(void)context;
	const struct under_way *way = (const struct under_way *)request;
	ce_engine_tell(way->certificate->engine, way->certificate, NULL, step, CE_UNCHANGED, text);
}

static bool
is_interrupted(void *context)
{
	(void)context;
	return ce_engine_interrupted();
}

/* All requests to one kind of issuer go to its driver together. */
static int
issue_kind(struct ce_engine *engine, const struct ce_issuer_driver *driver, struct under_way *ways, size_t count,
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
	struct ce_issue_context context = { .store = engine->store, .save_state = save_state, .progress = progress,
		.interrupted = is_interrupted, .context = engine };
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
issue_all(struct ce_engine *engine, struct under_way *ways, size_t count, struct ce_error *err)
{
	size_t at = 0;
	for (size_t i = 0; i < engine->config.certificate_count; i++) {
		if (!is_due(&engine->certificates[i]))
			continue;
		struct under_way *way = &ways[at++];
		struct ce_error failure = { 0 };
		way->certificate = &engine->certificates[i];
		ce_engine_tell(engine, way->certificate, NULL, "issue", CE_UNCHANGED, way->certificate->report->reason);
		if (prepare(way, &failure) == CE_OK)
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
	CE_CLEANUP(ce_freep) struct under_way *ways = calloc(count, sizeof(*ways));
	if (!ways)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	int code = issue_all(engine, ways, count, err);
	for (size_t i = 0; i < count; i++)
		release_under_way(&ways[i]);
	return code;
}

int
ce_issue_with_pending(struct ce_certificate_run *certificate, ce_issue_user use, void *context, struct ce_error *err)
{
	CE_CLEANUP(release_under_way) struct under_way way = { .certificate = certificate };
	int code = digest_request(&way, err);
	if (code == CE_OK)
		code = resume(&way, err);
	if (code < 0)
		return code;
	borrow(&way);
	return use(&way.request, context, err);
}

int
ce_issue_keep_state(struct ce_issue_request *request, struct ce_bytes state, struct ce_error *err)
{
	return store_state((struct under_way *)request, state, err);
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
	code = ce_set_text(&report->error, NULL, err);
	if (code == CE_OK)
		code = ce_set_text(&report->step, NULL, err);
	return code < 0 ? code : ce_set_text(&report->issuer, next->name, err);
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
