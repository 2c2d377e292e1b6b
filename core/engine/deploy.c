/* Making installed and served equal to desired, group by group. */
#include <string.h>

#include "base/log.h"
#include "base/sys.h"
#include "engine/engine_own.h"
#include "engine/recipe.h"

#define GENERATIONS_KEPT 5

static bool
is_usable(const struct ce_target_run *target)
{
	return target->selected && target->staged_ok && target->certificate->usable;
}

/* Whether a group has anything to do: something staged, something not served, or force. */
static bool
has_work(const struct ce_engine *engine, const struct ce_group *group)
{
	bool work = group->changes.count > 0 || engine->options.force_reload || engine->options.force_deploy;
	for (size_t i = 0; i < group->count; i++)
		work = work || !group->targets[i]->served_ok;
	return work;
}

/* The product is as it is whether or not that could be written down: the other targets must not wait for it, and the next
 * run sees for itself. */
static void
put_result(const struct ce_target_run *target)
{
	struct ce_error err = { 0 };
	const char *certificate = target->plugin.certificate, *name = target->config->name;
	if (ce_store_target_result_put(target->certificate->engine->store, certificate, name, &target->last, &err) < 0)
		ce_log(CE_LOG_WARNING, "the outcome of target '%s/%s' could not be stored: %s", certificate, name, err.text);
}

int
ce_remember(struct ce_target_run *target, const struct ce_error *failure, struct ce_error *err)
{
	struct ce_target_result *last = &target->last;
	long generation = target->certificate->bundle.generation;
	bool known = !failure && last->generation == generation && !last->failure && !target->report->reloaded;
	if (known)
		return CE_OK;
	if (failure) {
		last->failed_at = ce_now();
	} else {
		last->generation = generation;
		last->when = ce_now();
	}
	int code = ce_text_assign(&last->failure, failure ? failure->text : NULL, err);
	if (code == CE_OK)
		code = ce_text_assign(&last->failure_step, failure ? failure->step : NULL, err);
	if (code < 0)
		return code;
	target->report->generation = last->generation;
	target->report->when = last->when;
	put_result(target);
	return CE_OK;
}

static int
report_success(struct ce_target_run *target, bool worked, struct ce_error *err)
{
	struct ce_target_report *report = target->report;
	bool unverified = ce_target_unverified(target);
	report->reloaded = worked;
	report->state = unverified ? CE_TARGET_UNVERIFIED : worked ? CE_TARGET_DEPLOYED : CE_TARGET_OK;
	for (size_t i = 0; worked && !unverified && i < report->endpoint_count; i++) {
		memcpy(report->endpoints[i].served, target->certificate->bundle.facts.fingerprint,
			sizeof(report->endpoints[i].served));
		int code = ce_text_assign(&report->endpoints[i].problem, NULL, err);
		if (code < 0)
			return code;
	}
	return ce_remember(target, NULL, err);
}

static int
report_failure(struct ce_target_run *target, enum ce_transaction_outcome outcome, const struct ce_error *failure,
	const char *trouble, struct ce_error *err)
{
	static const enum ce_target_state states[] = { [CE_FAILED] = CE_TARGET_FAILED,
		[CE_ROLLED_BACK] = CE_TARGET_ROLLED_BACK, [CE_HELP_NEEDED] = CE_TARGET_UNKNOWN };
	struct ce_error told = *failure;
	if (trouble)
		ce_fail(&told, failure->code, "%s; and it could not be taken back: %s", failure->text, trouble);
	memcpy(told.step, failure->step, sizeof(told.step));
	target->report->state = states[outcome];
	int code = ce_text_assign(&target->report->step, told.step, err);
	if (code == CE_OK)
		code = ce_text_assign(&target->report->error, told.text, err);
	return code < 0 ? code : ce_remember(target, &told, err);
}

void
ce_deploy_group(struct ce_engine *engine, const struct ce_group *group, struct ce_deployment *ret_deployment)
{
	json_t *recipe = NULL;
	*ret_deployment = (struct ce_deployment){ .outcome = CE_FAILED };
	struct ce_hooks hooks = { engine, group };
	struct ce_transaction_hooks table;
	ce_hooks_fill(&hooks, &table);
	if (ce_recipe_build(group, &recipe, &ret_deployment->failure) < 0)
		return;
	const struct ce_changes *changes = &group->changes;
	ret_deployment->outcome = ce_transaction_run(ce_store_journal_directory(engine->store),
		group->targets[0]->plugin.host, &changes, 1, recipe, &table, &ret_deployment->trouble, &ret_deployment->failure);
	json_decref(recipe);
}

int
ce_deploy_conclude(const struct ce_group *group, struct ce_deployment *deployment, struct ce_error *err)
{
	CE_CLEANUP(ce_freep) char *trouble = CE_STEAL(deployment->trouble);
	for (size_t i = 0; i < group->count; i++) {
		int code = deployment->outcome == CE_DEPLOYED
		                   ? report_success(group->targets[i], true, err)
		                   : report_failure(group->targets[i], deployment->outcome, &deployment->failure, trouble, err);
		if (code < 0)
			return code;
	}
	return CE_OK;
}

/* Whether all of a group could be staged: else staging on top of the others failed, and nobody commits. */
static bool
is_whole(const struct ce_group *group)
{
	for (size_t i = 0; i < group->count; i++)
		if (!is_usable(group->targets[i]))
			return false;
	return true;
}

/* Concludes groups that are as they should be; the others are what is to do. */
static int
sort_out(struct ce_engine *engine, const struct ce_groups *groups, struct ce_group **unequal, size_t *ret_count,
	struct ce_error *err)
{
	size_t count = 0;
	for (size_t i = 0; i < groups->count; i++) {
		struct ce_group *group = &groups->items[i];
		if (!is_whole(group))
			continue;
		int code = ce_stage_show(group, err);
		if (code == CE_OK && has_work(engine, group))
			unequal[count++] = group;
		else
			for (size_t k = 0; code == CE_OK && k < group->count; k++)
				code = report_success(group->targets[k], false, err);
		if (code < 0)
			return code;
	}
	*ret_count = count;
	return CE_OK;
}

static int
deploy_one_by_one(struct ce_engine *engine, struct ce_group *const *groups, size_t count, struct ce_error *err)
{
	for (size_t i = 0; i < count && !ce_engine_interrupted(); i++) {
		struct ce_deployment deployment;
		ce_deploy_group(engine, groups[i], &deployment);
		int code = ce_deploy_conclude(groups[i], &deployment, err);
		if (code < 0)
			return code;
	}
	return CE_OK;
}

static int
deploy_groups(struct ce_engine *engine, const struct ce_groups *groups, struct ce_report *report, struct ce_error *err)
{
	CE_CLEANUP(ce_freep) struct ce_group **unequal = calloc(groups->count + 1, sizeof(*unequal));
	if (!unequal)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	size_t count = 0;
	int code = sort_out(engine, groups, unequal, &count, err);
	if (code < 0)
		return code;
	return count > 1 && engine->options.jobs != 1 ? ce_side_deploy(engine, unequal, count, report, err)
	                                              : deploy_one_by_one(engine, unequal, count, err);
}

/* Generations that nobody needs any more; they do no harm where they cannot be removed now. */
static void
prune(struct ce_engine *engine)
{
	for (size_t i = 0; i < engine->config.certificate_count; i++) {
		const struct ce_certificate_run *certificate = &engine->certificates[i];
		struct ce_error err = { 0 };
		if (!certificate->selected || certificate->report->state != CE_CERTIFICATE_ISSUED)
			continue;
		if (ce_keys_prune(certificate, GENERATIONS_KEPT, &err) < 0)
			ce_log(CE_LOG_WARNING, "old generations of certificate '%s' could not be removed: %s",
				certificate->config->name, err.text);
	}
}

int
ce_deploy_all(struct ce_engine *engine, struct ce_report *report, struct ce_error *err)
{
	CE_CLEANUP(ce_groups_release) struct ce_groups groups = { NULL, 0 };
	int code = ce_stage_targets(engine, err);
	if (code == CE_OK)
		code = ce_observe_targets(engine, err);
	if (code == CE_OK)
		code = ce_stage_groups(engine, &groups, err);
	if (code == CE_OK)
		code = deploy_groups(engine, &groups, report, err);
	if (code == CE_OK)
		prune(engine);
	return code;
}
