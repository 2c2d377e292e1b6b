/* Requests that wait for a person: what a CA sent is imported, or the request is withdrawn. */
#include <string.h>

#include "base/file.h"
#include "base/sys.h"
#include "crypto/collect.h"
#include "engine/engine_own.h"

#define FILES_MAX 100

/* --- commands about one certificate --- */

static int
select_one(struct ce_engine *engine, const char *name, struct ce_certificate_run **ret_certificate,
	struct ce_error *err)
{
	int code = ce_run_find(engine, name, ret_certificate, err);
	for (size_t i = 0; code == CE_OK && i < engine->config.certificate_count; i++) {
		struct ce_certificate_run *certificate = &engine->certificates[i];
		certificate->selected = certificate == *ret_certificate;
		for (size_t k = 0; k < certificate->config->target_count; k++)
			certificate->targets[k].selected = false;
	}
	return code;
}

/* Of several issuers the first one whose requests wait for a person. */
static void
turn_to_person(struct ce_certificate_run *certificate)
{
	const struct ce_strlist *issuers = &certificate->config->issuers;
	for (size_t i = 0; i < issuers->count; i++) {
		const struct ce_issuer_config *issuer = ce_config_issuer(&certificate->engine->config, issuers->items[i]);
		const struct ce_issuer_driver *driver = issuer ? ce_issuer_driver(issuer->kind) : NULL;
		if (!driver || !driver->import)
			continue;
		certificate->issuer = issuer;
		certificate->driver = driver;
		return;
	}
}

/* Under the lock, with the live bundle known. */
static int
begin(struct ce_engine *engine, const char *name, struct ce_certificate_run **ret_certificate,
	struct ce_report *ret_report, struct ce_error *err)
{
	memset(ret_report, 0, sizeof(*ret_report));
	int code = select_one(engine, name, ret_certificate, err);
	if (code == CE_OK)
		turn_to_person(*ret_certificate);
	if (code == CE_OK && !(*ret_certificate)->driver->import)
		code = ce_fail(err, CE_ERR_REFUSED, "certificate '%s' does not wait for a person: its issuer '%s' is of kind '%s'", name,
			(*ret_certificate)->config->issuer, (*ret_certificate)->driver->kind);
	if (code == CE_OK)
		code = ce_run_report(engine, ret_report, err);
	if (code == CE_OK)
		code = ce_engine_lock(engine, err);
	if (code == CE_OK)
		code = ce_run_load(engine, err);
	if (code == CE_OK)
		turn_to_person(*ret_certificate);
	return code;
}

static int
nothing_waits(const char *name, struct ce_error *err)
{
	return ce_fail(err, CE_ERR_REFUSED, "certificate '%s' has no request that waits for an answer; `certengine apply %s` writes "
		"one when it is due", name, name);
}

static int
finish(struct ce_certificate_run *certificate, const char *text, struct ce_report *ret_report, struct ce_error *err)
{
	certificate->report->state = CE_CERTIFICATE_DUE;
	ret_report->exit = CE_EXIT_OK;
	return ce_text_assign(&certificate->report->reason, text, err);
}

/* --- import --- */

static int
read_files(const char *const *files, struct ce_buf *out, struct ce_error *err)
{
	for (size_t i = 0; files[i]; i++) {
		CE_CLEANUP(ce_buf_release) struct ce_buf bytes = CE_BUF_SECRET;
		if (i == FILES_MAX)
			return ce_fail(err, CE_ERR_LIMIT, "more than %d files", FILES_MAX);
		int code = ce_file_read(files[i], CE_COLLECT_BYTES_MAX, &bytes, NULL, err);
		if (code < 0)
			return code;
		code = ce_certificates_add(out, ce_buf_bytes(&bytes), err);
		if (code < 0)
			return ce_error_wrap(err, "file '%s'", files[i]);
	}
	return CE_OK;
}

struct import {
	struct ce_certificate_run *certificate;
	struct ce_bytes pem;
};

static int
take(struct ce_issue_request *request, void *context, struct ce_error *err)
{
	const struct import *import = context;
	CE_CLEANUP(ce_buf_release) struct ce_buf state = CE_BUF_INIT;
	int code = import->certificate->driver->import(request, import->pem, &state, err);
	return code < 0 ? code : ce_issue_keep_state(request, ce_buf_bytes(&state), err);
}

/* An earlier failure puts nothing off any more. */
static int
clear_delay(struct ce_certificate_run *certificate, struct ce_error *err)
{
	struct ce_issue_result *issue = &certificate->issue;
	bool delayed = false;
	for (size_t i = 0; i < issue->attempts.count; i++) {
		delayed = delayed || issue->attempts.items[i].not_before > 0;
		issue->attempts.items[i].not_before = 0;
	}
	return delayed ? ce_store_issue_result_put(certificate->engine->store, certificate->config->name, issue, err) : CE_OK;
}

int
ce_engine_import(struct ce_engine *engine, const char *name, const char *const *files, struct ce_report *ret_report,
	struct ce_error *err)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf pem = CE_BUF_INIT;
	struct import import = { 0 };
	ce_error_step(err, "import");
	int code = begin(engine, name, &import.certificate, ret_report, err);
	if (code == CE_OK)
		code = read_files(files, &pem, err);
	if (code < 0)
		return code;
	ce_error_step(err, "import");
	import.pem = ce_buf_bytes(&pem);
	code = ce_issue_with_pending(import.certificate, take, &import, err);
	if (code == CE_ERR_NOT_FOUND)
		return nothing_waits(name, err);
	if (code < 0)
		return ce_error_wrap(err, "certificate '%s'", name);
	code = clear_delay(import.certificate, err);
	return code < 0 ? code : finish(import.certificate, "imported; the next apply installs it", ret_report, err);
}

/* --- withdraw --- */

static int
clear(struct ce_issue_request *request, void *context, struct ce_error *err)
{
	struct ce_certificate_run *certificate = context;
	return certificate->driver->withdraw(request, certificate->engine->store, err);
}

int
ce_engine_withdraw(struct ce_engine *engine, const char *name, struct ce_report *ret_report, struct ce_error *err)
{
	struct ce_certificate_run *certificate = NULL;
	ce_error_step(err, "withdraw");
	int code = begin(engine, name, &certificate, ret_report, err);
	if (code < 0)
		return code;
	ce_error_step(err, "withdraw");
	code = ce_issue_with_pending(certificate, clear, certificate, err);
	if (code == CE_ERR_NOT_FOUND)
		return nothing_waits(name, err);
	if (code == CE_OK)
		code = ce_store_pending_end(engine->store, name, err);
	return code < 0 ? code : finish(certificate, "withdrawn; the next apply makes a new request when one is due", ret_report, err);
}

/* --- looking --- */

static int
stand(struct ce_issue_request *request, void *context, struct ce_error *err)
{
	struct ce_certificate_run *certificate = context;
	struct ce_certificate_report *report = certificate->report;
	int code = certificate->driver->standing(request, certificate->engine->store, err);
	if (code < 0)
		return code;
	if (request->outcome != CE_ISSUE_OPERATOR)
		return ce_text_assign(&report->reason, request->text, err);
	report->state = request->overdue ? CE_CERTIFICATE_FAILED : CE_CERTIFICATE_WAITING;
	code = ce_text_assign(&report->step, "issue", err);
	return code < 0 ? code : ce_text_assign(&report->error, request->text, err);
}

/* What an earlier run left as a failure says less than the request that waits; what could not be loaded says more. */
static bool
may_wait(const struct ce_certificate_run *certificate)
{
	const struct ce_certificate_report *report = certificate->report;
	if (!certificate->selected || !certificate->driver || !certificate->driver->standing)
		return false;
	return report->state == CE_CERTIFICATE_DUE
	       || (report->state == CE_CERTIFICATE_FAILED && strcmp(report->step ? report->step : "", "load") != 0);
}

int
ce_import_standing(struct ce_engine *engine, struct ce_error *err)
{
	for (size_t i = 0; i < engine->config.certificate_count; i++) {
		struct ce_certificate_run *certificate = &engine->certificates[i];
		if (!may_wait(certificate))
			continue;
		struct ce_error own = { 0 };
		int code = ce_issue_with_pending(certificate, stand, certificate, &own);
		if (code < 0 && code != CE_ERR_NOT_FOUND)
			code = ce_text_assign(&certificate->report->error, own.text, err);
		if (code == CE_ERR_MEMORY)
			return code;
	}
	return CE_OK;
}
