/* A rehearsal at the staging environment of the CA: everything up to the certificate, which is checked and thrown away. */
#include <string.h>

#include "base/sys.h"
#include "crypto/csr.h"
#include "engine/engine_own.h"

/* One certificate that is rehearsed. */
struct rehearsal {
	struct ce_issue_request request; /* first: drivers hand back its address */
	struct ce_certificate_run *certificate;
	struct ce_issuer_config *issuer; /* shared by all of the same issuer; the first one owns it */
	bool owner;
	struct ce_key *key;
	struct ce_buf csr;
};

static void
release(struct rehearsal *rehearsals, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		ce_issue_request_release(&rehearsals[i].request);
		ce_key_free(rehearsals[i].key);
		ce_buf_release(&rehearsals[i].csr);
		if (!rehearsals[i].owner)
			continue;
		ce_issuer_staging_release(rehearsals[i].issuer);
		free(rehearsals[i].issuer);
	}
}

static int
fail(struct rehearsal *rehearsal, const struct ce_error *failure, struct ce_error *err)
{
	struct ce_certificate_report *report = rehearsal->certificate->report;
	const char *step = failure->step[0] ? failure->step : "rehearsal";
	report->state = CE_CERTIFICATE_FAILED;
	ce_engine_tell(rehearsal->certificate->engine, rehearsal->certificate, NULL, step, failure->code, failure->text);
	int code = ce_text_assign(&report->error, failure->text, err);
	return code < 0 ? code : ce_text_assign(&report->step, step, err);
}

/* The preferred issuer's staging environment; made once for all certificates of the issuer. */
static int
find_issuer(struct rehearsal *rehearsals, size_t at, struct ce_error *err)
{
	struct rehearsal *rehearsal = &rehearsals[at];
	const struct ce_config *config = &rehearsal->certificate->engine->config;
	const struct ce_issuer_config *wanted = ce_config_issuer(config, rehearsal->certificate->config->issuer);
	const struct ce_issuer_driver *driver = ce_issuer_driver(wanted->kind);
	for (size_t i = 0; i < at; i++)
		if (rehearsals[i].issuer && strcmp(rehearsals[i].certificate->config->issuer, wanted->name) == 0) {
			rehearsal->issuer = rehearsals[i].issuer;
			return CE_OK;
		}
	if (!driver->staging)
		return ce_fail(err, CE_ERR_CONFIG, "issuer '%s' of kind '%s' has no staging environment", wanted->name, wanted->kind);
	struct ce_issuer_config made = { 0 };
	int code = driver->staging(wanted, &made, err);
	if (code == CE_OK && ce_config_issuer(config, made.name))
		code = ce_fail(err, CE_ERR_CONFIG, "the staging environment of issuer '%s' would be named '%s', which is configured already",
			wanted->name, made.name);
	if (code == CE_OK) {
		rehearsal->issuer = malloc(sizeof(made));
		code = rehearsal->issuer ? CE_OK : ce_fail(err, CE_ERR_MEMORY, "out of memory");
	}
	if (code < 0) {
		ce_issuer_staging_release(&made);
		return code;
	}
	*rehearsal->issuer = made;
	rehearsal->owner = true;
	return CE_OK;
}

/* The key is for this once, wherever the real one lives. */
static int
prepare(struct rehearsal *rehearsals, size_t at, struct ce_error *err)
{
	struct rehearsal *rehearsal = &rehearsals[at];
	const struct ce_certificate_config *config = rehearsal->certificate->config;
	ce_error_step(err, "rehearsal");
	int code = find_issuer(rehearsals, at, err);
	if (code == CE_OK)
		code = ce_key_generate(config->key, &rehearsal->key, err);
	if (code == CE_OK)
		code = ce_csr_build(rehearsal->key, &config->names, &config->subject, &rehearsal->csr, err);
	rehearsal->request.certificate = config;
	rehearsal->request.issuer = rehearsal->issuer;
	rehearsal->request.key = rehearsal->key;
	rehearsal->request.csr_der = ce_buf_bytes(&rehearsal->csr);
	return code;
}

static int
forget_state(struct ce_issue_request *request, struct ce_bytes state, void *context, struct ce_error *err)
{
	(void)request;
	(void)state;
	(void)context;
	(void)err;
	return CE_OK;
}

static void
progress(struct ce_issue_request *request, const char *step, const char *text, void *context)
{
	const struct rehearsal *rehearsal = (const struct rehearsal *)request;
	ce_engine_tell(context, rehearsal->certificate, NULL, step, CE_UNCHANGED, text);
}

static int
conclude(struct rehearsal *rehearsal, struct ce_error *err)
{
	struct ce_certificate_run *certificate = rehearsal->certificate;
	struct ce_certificate_report *report = certificate->report;
	const struct ce_issue_request *request = &rehearsal->request;
	if (request->outcome == CE_ISSUE_REFUSED)
		return fail(rehearsal, &request->error, err);
	if (request->outcome != CE_ISSUE_ISSUED) {
		report->state = CE_CERTIFICATE_WAITING;
		report->wait_until = request->not_before;
		return ce_text_assign(&report->error, request->text ? request->text : "the staging environment asks to wait", err);
	}
	struct ce_chain_demands demands = { .key = rehearsal->key, .names = &certificate->config->names,
		.exact_names = !certificate->driver->adds_names, .now = ce_now() };
	struct ce_error failure = { 0 };
	struct ce_bundle bundle;
	ce_bundle_init(&bundle);
	ce_error_step(&failure, "check");
	int code = ce_chain_accept(ce_buf_bytes(&request->chain_pem), &demands, &bundle, &failure);
	ce_bundle_release(&bundle);
	if (code < 0)
		return fail(rehearsal, &failure, err);
	ce_engine_tell(certificate->engine, certificate, NULL, "rehearsal", CE_OK, "nothing is installed or kept");
	return ce_text_assign(&report->reason, "the rehearsal at the staging environment went well", err);
}

static int
rehearse(struct ce_engine *engine, struct rehearsal *rehearsals, size_t count, struct ce_error *err)
{
	CE_CLEANUP(ce_freep) struct ce_issue_request **requests = calloc(count + 1, sizeof(*requests));
	const struct ce_issuer_driver *driver = NULL;
	size_t chosen = 0;
	int code = requests ? CE_OK : ce_fail(err, CE_ERR_MEMORY, "out of memory");
	for (size_t i = 0; i < count && code == CE_OK; i++) {
		struct ce_error failure = { 0 };
		if (prepare(rehearsals, i, &failure) < 0) {
			code = fail(&rehearsals[i], &failure, err);
			continue;
		}
		driver = ce_issuer_driver(rehearsals[i].issuer->kind); /* one kind alone has such a thing */
		requests[chosen++] = &rehearsals[i].request;
	}
	if (code < 0 || chosen == 0)
		return code;
	struct ce_issue_context context = ce_engine_asking(engine);
	context.save_state = forget_state;
	context.progress = progress;
	struct ce_error failure = { 0 };
	int tried = driver->issue(requests, chosen, &context, &failure);
	for (size_t i = 0; i < chosen && code == CE_OK; i++) {
		struct rehearsal *rehearsal = (struct rehearsal *)requests[i];
		code = tried < 0 ? fail(rehearsal, &failure, err) : conclude(rehearsal, err);
	}
	return code;
}

int
ce_engine_staging(struct ce_engine *engine, struct ce_report *ret_report, struct ce_error *err)
{
	size_t count = 0, total = engine->config.certificate_count;
	for (size_t i = 0; i < total; i++) /* no target takes part */
		for (size_t k = 0; k < engine->certificates[i].config->target_count; k++)
			engine->certificates[i].targets[k].selected = false;
	int code = ce_run_report(engine, ret_report, err);
	if (code == CE_OK)
		code = ce_engine_lock(engine, err);
	if (code < 0)
		return code;
	CE_CLEANUP(ce_freep) struct rehearsal *rehearsals = calloc(total + 1, sizeof(*rehearsals));
	if (!rehearsals)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	for (size_t i = 0; i < total; i++)
		if (engine->certificates[i].selected)
			rehearsals[count++].certificate = &engine->certificates[i];
	code = rehearse(engine, rehearsals, count, err);
	release(rehearsals, count);
	ret_report->exit = ce_report_exit(ret_report, false);
	return code;
}
