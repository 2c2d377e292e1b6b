/* The commands, each a short road through the parts. */
#include <string.h>

#include "base/sys.h"
#include "engine/engine_own.h"

static int
open_to_read(struct ce_engine *engine, struct ce_error *err)
{
	engine->read_only = true;
	return ce_store_open_readonly(engine->state, &engine->store, err);
}

/* What an earlier run left unfinished is told by commands that only look. */
static int
note_unfinished(struct ce_engine *engine, struct ce_report *report, struct ce_error *err)
{
	size_t count = 0;
	int code = ce_transaction_unfinished(ce_store_journal_directory(engine->store), &count, err);
	if (code < 0 || count == 0)
		return code;
	return ce_strlist_addf(&report->recovered, err, "%zu unfinished %s: the next apply (or recover) repairs it first", count,
		count == 1 ? "transaction is" : "transactions are");
}

static int
begin_reading(struct ce_engine *engine, struct ce_report *report, struct ce_error *err)
{
	int code = open_to_read(engine, err);
	if (code == CE_OK)
		code = ce_run_report(engine, report, err);
	if (code == CE_OK)
		code = ce_run_load(engine, err);
	return code == CE_OK ? note_unfinished(engine, report, err) : code;
}

/* Calls judge for each selected target that could be staged. */
static void
judge_targets(struct ce_engine *engine, const struct ce_groups *groups, enum ce_target_state different)
{
	for (size_t i = 0; i < groups->count; i++)
		for (size_t j = 0; j < groups->items[i].count; j++) {
			struct ce_target_run *target = groups->items[i].targets[j];
			if (!target->staged_ok)
				continue;
			bool same = groups->items[i].changes.count == 0 && target->served_ok
			            && !engine->options.force_deploy && !engine->options.force_reload;
			enum ce_target_state good = ce_target_unverified(target) ? CE_TARGET_UNVERIFIED : CE_TARGET_OK;
			target->report->state = same ? good : different;
		}
}

/* Stages and looks, shows what differs, and drops it all. */
static int
compare(struct ce_engine *engine, enum ce_target_state different, struct ce_error *err)
{
	CE_CLEANUP(ce_groups_release) struct ce_groups groups = { NULL, 0 };
	int code = ce_stage_targets(engine, err);
	if (code == CE_OK)
		code = ce_observe_targets(engine, err);
	if (code == CE_OK)
		code = ce_stage_groups(engine, &groups, err);
	for (size_t i = 0; code == CE_OK && i < groups.count; i++)
		code = ce_stage_show(&groups.items[i], err);
	judge_targets(engine, &groups, different);
	return code;
}

int
ce_engine_plan(struct ce_engine *engine, struct ce_report *ret_report, struct ce_error *err)
{
	int code = begin_reading(engine, ret_report, err);
	if (code == CE_OK)
		code = ce_issue_decide(engine, err);
	if (code == CE_OK)
		code = ce_import_standing(engine, err);
	for (size_t i = 0; code == CE_OK && i < engine->config.certificate_count; i++) {
		struct ce_certificate_run *certificate = &engine->certificates[i];
		certificate->expects_new = certificate->selected && certificate->report->state == CE_CERTIFICATE_DUE;
	}
	if (code == CE_OK)
		code = compare(engine, CE_TARGET_PENDING, err);
	ret_report->exit = ce_report_exit(ret_report, engine->options.exit_code);
	return code;
}

int
ce_engine_verify(struct ce_engine *engine, struct ce_report *ret_report, struct ce_error *err)
{
	int code = begin_reading(engine, ret_report, err);
	if (code == CE_OK)
		code = ce_issue_decide(engine, err);
	if (code == CE_OK)
		code = compare(engine, CE_TARGET_DRIFT, err);
	ret_report->exit = ce_report_exit(ret_report, true);
	return code;
}

int
ce_engine_apply(struct ce_engine *engine, struct ce_report *ret_report, struct ce_error *err)
{
	int code = ce_run_report(engine, ret_report, err);
	if (code == CE_OK)
		code = ce_engine_lock(engine, err);
	if (code == CE_OK)
		code = ce_recover_all(engine, ret_report, err);
	if (code == CE_OK)
		code = ce_run_load(engine, err);
	if (code == CE_OK)
		code = ce_renewal_poll(engine, false, err);
	if (code == CE_OK)
		code = ce_issue_decide(engine, err);
	if (code == CE_OK)
		ce_authorities_upkeep(engine);
	if (code == CE_OK)
		code = ce_stage_rehearse(engine, err);
	if (code == CE_OK)
		code = ce_issue_due(engine, err);
	if (code == CE_OK)
		code = ce_deploy_all(engine, ret_report, err);
	if (code == CE_OK)
		code = ce_renewal_poll(engine, true, err); /* a hint can wait until the certificate is served */
	if (ret_report->exit == CE_EXIT_OK)
		ret_report->exit = ce_report_exit(ret_report, false);
	if (ret_report->exit == CE_EXIT_OK && engine->options.exit_code && ce_report_changed(ret_report))
		ret_report->exit = CE_EXIT_DRIFT;
	return code;
}

/* A target's state as the last run left it. */
static int
recall(struct ce_target_run *target, struct ce_error *err)
{
	struct ce_target_report *report = target->report;
	int code = ce_store_target_result(target->certificate->engine->store, target->plugin.certificate, target->config->name,
		&target->last, err);
	if (code < 0)
		return code;
	report->generation = target->last.generation;
	report->when = target->last.when;
	long live = target->certificate->bundle.generation;
	enum ce_target_state good = target->config->verify.off ? CE_TARGET_UNVERIFIED : CE_TARGET_OK;
	report->state = target->last.failure ? CE_TARGET_FAILED
	                : live > 0 && target->last.generation == live ? good : CE_TARGET_PENDING;
	code = ce_text_assign(&report->error, target->last.failure, err);
	return code < 0 ? code : ce_text_assign(&report->step, target->last.failure_step, err);
}

static int
recall_certificate(struct ce_certificate_run *certificate, struct ce_error *err)
{
	struct ce_certificate_report *report = certificate->report;
	const struct ce_issue_attempt *last = ce_attempts_last(&certificate->issue);
	int code = CE_OK;
	/* An issuer that stands aside since another one issued is no failure of the certificate. */
	bool aside = last && certificate->issue.issuer && strcmp(last->issuer, certificate->issue.issuer) != 0;
	if (last && (report->state == CE_CERTIFICATE_DUE || (report->state == CE_CERTIFICATE_OK && !aside))) {
		report->state = CE_CERTIFICATE_FAILED;
		code = ce_text_assign(&report->error, last->text, err);
		if (code == CE_OK)
			code = ce_text_assign(&report->step, last->step, err);
	}
	for (size_t i = 0; code == CE_OK && i < certificate->config->target_count; i++)
		if (certificate->targets[i].selected)
			code = recall(&certificate->targets[i], err);
	return code;
}

int
ce_engine_status(struct ce_engine *engine, struct ce_report *ret_report, struct ce_error *err)
{
	int code = begin_reading(engine, ret_report, err);
	if (code == CE_OK)
		code = ce_issue_decide(engine, err);
	for (size_t i = 0; code == CE_OK && i < engine->config.certificate_count; i++)
		if (engine->certificates[i].selected)
			code = recall_certificate(&engine->certificates[i], err);
	return code == CE_OK ? ce_import_standing(engine, err) : code;
}
