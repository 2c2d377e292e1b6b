/* Installs, staged and not yet committed, and the groups that commit together. */
#include <string.h>

#include "base/sys.h"
#include "deploy/diff.h"
#include "engine/engine_own.h"

/* Fails a target before anything was changed. */
static int
fail_target(struct ce_target_run *target, const char *step, const struct ce_error *failure, struct ce_error *err)
{
	target->report->state = CE_TARGET_FAILED;
	ce_engine_tell(target->certificate->engine, NULL, target, step, failure->code, failure->text);
	int code = ce_text_assign(&target->report->step, step, err);
	if (code == CE_OK)
		code = ce_text_assign(&target->report->error, failure->text, err);
	if (code < 0 || target->certificate->engine->read_only)
		return code;
	struct ce_error told = *failure;
	ce_error_step(&told, step);
	return ce_remember(target, &told, err);
}

/* The checks that precede every installation: key, chain, names, dates. */
static int
check_bundle(struct ce_certificate_run *certificate, struct ce_error *err)
{
	certificate->usable = false;
	if (certificate->bundle.generation == 0)
		return CE_OK;
	struct ce_error own = { 0 };
	enum ce_certificate_state state = certificate->report->state;
	bool desired = (state == CE_CERTIFICATE_OK || state == CE_CERTIFICATE_ISSUED) && !certificate->rolling_back;
	const struct ce_strlist *names = desired ? &certificate->names : &certificate->bundle.facts.names;
	int code = ce_bundle_check(&certificate->bundle, names, ce_now(), &own);
	if (code == CE_OK) {
		certificate->usable = true;
		return CE_OK;
	}
	ce_engine_tell(certificate->engine, certificate, NULL, "check", own.code, own.text);
	if (certificate->report->error)
		return CE_OK; /* the reason why there is no better one has been told */
	certificate->report->state = CE_CERTIFICATE_FAILED;
	code = ce_text_assign(&certificate->report->step, "check", err);
	return code < 0 ? code : ce_text_assign(&certificate->report->error, own.text, err);
}

static int
load_last(struct ce_target_run *target, struct ce_error *err)
{
	ce_target_result_release(&target->last);
	return ce_store_target_result(target->certificate->engine->store, target->plugin.certificate, target->config->name,
		&target->last, err);
}

/* Whether an install would go through, as far as a plan can tell. */
static int
rehearse_target(struct ce_target_run *target, struct ce_error *err)
{
	struct ce_staged staged = { .changes = CE_CHANGES_INIT };
	if (target->unloadable)
		return ce_fail(err, CE_ERR_PLUGIN, "%s", target->unloadable);
	int code = load_last(target, err);
	if (code == CE_OK)
		code = ce_plugin_stage(target->certificate->engine->plugins, &target->plugin, &staged, err);
	ce_staged_release(&staged);
	return code;
}

static int
rehearse(struct ce_certificate_run *certificate, struct ce_error *err)
{
	struct ce_error why = { 0 };
	const struct ce_target_run *failed = NULL;
	bool in_token = certificate->config->token != NULL, taken = false;
	for (size_t i = 0; i < certificate->config->target_count; i++) {
		if (!certificate->targets[i].selected)
			continue;
		ce_error_clear(&why);
		if (rehearse_target(&certificate->targets[i], &why) >= 0) {
			taken = true; /* one that can take it is enough */
			if (!in_token)
				return CE_OK;
			continue;
		}
		failed = &certificate->targets[i];
		if (in_token) /* a key that it can never get is told before the order, whatever the others do */
			ce_engine_tell(certificate->engine, NULL, failed, "rehearse", why.code, why.text);
	}
	if (!failed || taken)
		return CE_OK;
	if (!in_token)
		ce_engine_tell(certificate->engine, NULL, failed, "rehearse", why.code, why.text);
	certificate->report->state = CE_CERTIFICATE_FAILED;
	int code = ce_text_assign(&certificate->report->step, "rehearse", err);
	CE_CLEANUP(ce_freep) char *text = NULL;
	if (asprintf(&text, "not ordered, since no target could take it: target '%s': %s", failed->config->name, why.text) < 0) {
		text = NULL;
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	}
	return code < 0 ? code : ce_text_assign(&certificate->report->error, text, err);
}

int
ce_stage_rehearse(struct ce_engine *engine, struct ce_error *err)
{
	int code = CE_OK;
	engine->read_only = true;
	for (size_t i = 0; code == CE_OK && i < engine->config.certificate_count; i++) {
		struct ce_certificate_run *certificate = &engine->certificates[i];
		if (!certificate->selected || certificate->report->state != CE_CERTIFICATE_DUE)
			continue;
		certificate->expects_new = true;
		code = rehearse(certificate, err);
		certificate->expects_new = false;
	}
	engine->read_only = false;
	return code;
}

static int
stage_target(struct ce_target_run *target, struct ce_error *err)
{
	struct ce_engine *engine = target->certificate->engine;
	struct ce_error own = { 0 };
	int code = load_last(target, err);
	if (code < 0)
		return code;
	target->report->generation = target->last.generation;
	target->report->when = target->last.when;
	if (target->unloadable) {
		ce_fail(&own, CE_ERR_PLUGIN, "%s", target->unloadable);
		return fail_target(target, "load", &own, err);
	}
	code = ce_plugin_stage(engine->plugins, &target->plugin, &target->staged, &own);
	if (code < 0)
		return fail_target(target, "install", &own, err);
	target->staged_ok = true;
	target->served_ok = true; /* until somebody looks: what is not to be looked at is no reason to reload */
	code = ce_text_assign(&target->report->reload, target->staged.reload_text, err);
	if (code == CE_OK)
		code = ce_observe_endpoints(target, &own);
	return code < 0 ? fail_target(target, "endpoints", &own, err) : CE_OK;
}

int
ce_stage_targets(struct ce_engine *engine, struct ce_error *err)
{
	for (size_t i = 0; i < engine->config.certificate_count; i++) {
		struct ce_certificate_run *certificate = &engine->certificates[i];
		if (!certificate->selected)
			continue;
		int code = certificate->expects_new ? CE_OK : check_bundle(certificate, err);
		if (code < 0)
			return code;
		for (size_t j = 0; j < certificate->config->target_count; j++) {
			struct ce_target_run *target = &certificate->targets[j];
			if (!target->selected || ce_engine_interrupted())
				continue;
			target->report->state = CE_TARGET_PENDING;
			if (certificate->usable || certificate->expects_new)
				code = stage_target(target, err);
			if (code < 0)
				return code;
		}
	}
	return CE_OK;
}

static const char *
reload_key(const struct ce_target_run *target)
{
	return target->staged.reload_key ? target->staged.reload_key : "";
}

/* By reload key, host and plugin, then in the order of the configuration: what is staged on top of what is the same in every run. */
static int
compare(const void *left, const void *right)
{
	const struct ce_target_run *a = *(struct ce_target_run *const *)left, *b = *(struct ce_target_run *const *)right;
	int order = strcmp(reload_key(a), reload_key(b));
	if (order == 0)
		order = strcmp(a->plugin.host->name, b->plugin.host->name);
	if (order == 0)
		order = strcmp(a->config->plugin, b->config->plugin);
	if (order == 0 && a->certificate != b->certificate)
		order = a->certificate < b->certificate ? -1 : 1; /* both in one array, and so are one's targets */
	return order != 0 ? order : a < b ? -1 : a > b;
}

static bool
belong_together(const struct ce_target_run *a, const struct ce_target_run *b)
{
	return a->staged.reload_key && b->staged.reload_key && strcmp(a->staged.reload_key, b->staged.reload_key) == 0
	       && strcmp(a->config->plugin, b->config->plugin) == 0 && a->plugin.host == b->plugin.host;
}

void
ce_groups_release(struct ce_groups *groups)
{
	for (size_t i = 0; i < groups->count; i++) {
		free(groups->items[i].targets);
		ce_changes_release(&groups->items[i].changes);
	}
	free(groups->items);
	groups->items = NULL;
	groups->count = 0;
}

/* Several targets of one instance may write the same file, so each is staged on top of the ones before. */
static int
stage_together(struct ce_engine *engine, struct ce_group *group, struct ce_error *err)
{
	bool changes = false;
	for (size_t i = 0; i < group->count; i++)
		changes = changes || group->targets[i]->staged.changes.count > 0;
	if (!changes)
		return CE_OK;
	if (group->count == 1) {
		group->changes = group->targets[0]->staged.changes;
		group->targets[0]->staged.changes = (struct ce_changes)CE_CHANGES_INIT;
		return CE_OK;
	}
	for (size_t i = 0; i < group->count; i++) {
		struct ce_target_run *target = group->targets[i];
		struct ce_error own = { 0 };
		ce_staged_release(&target->staged);
		target->plugin.shared = &group->changes;
		int code = ce_plugin_stage(engine->plugins, &target->plugin, &target->staged, &own);
		target->plugin.shared = NULL;
		if (code < 0) {
			target->staged_ok = false;
			return fail_target(target, "install", &own, err);
		}
	}
	return CE_OK;
}

static int
add_group(struct ce_groups *groups, struct ce_target_run *const *targets, size_t count, struct ce_error *err)
{
	struct ce_group *group = &groups->items[groups->count];
	group->targets = calloc(count, sizeof(struct ce_target_run *));
	if (!group->targets)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	memcpy(group->targets, targets, count * sizeof(struct ce_target_run *));
	group->count = count;
	groups->count++;
	return CE_OK;
}

static size_t
collect(struct ce_engine *engine, struct ce_target_run **ret_targets)
{
	size_t count = 0;
	for (size_t i = 0; i < engine->config.certificate_count; i++)
		for (size_t j = 0; j < engine->certificates[i].config->target_count; j++) {
			struct ce_target_run *target = &engine->certificates[i].targets[j];
			if (!target->selected || !target->staged_ok)
				continue;
			if (ret_targets)
				ret_targets[count] = target;
			count++;
		}
	return count;
}

/* A file, and who staged it. */
struct claim {
	const char *path;
	struct ce_target_run *target;
};

static int
compare_claims(const void *left, const void *right)
{
	const struct claim *a = left, *b = right;
	int order = strcmp(a->path, b->path);
	return order != 0 ? order : strcmp(a->target->plugin.host->name, b->target->plugin.host->name);
}

static int
refuse_overlap(const struct claim *one, const struct claim *other, struct ce_error *err)
{
	const struct claim *both[] = { one, other };
	struct ce_error failure = { 0 };
	ce_fail(&failure, CE_ERR_REFUSED, "'%s' is written by target '%s' of certificate '%s' and by target '%s' of certificate "
		"'%s', which are not reloaded together; give each a file of its own", one->path, one->target->config->name,
		one->target->plugin.certificate, other->target->config->name, other->target->plugin.certificate);
	for (size_t i = 0; i < CE_COUNT(both); i++) {
		if (!both[i]->target->staged_ok)
			continue;
		both[i]->target->staged_ok = false;
		int code = fail_target(both[i]->target, "install", &failure, err);
		if (code < 0)
			return code;
	}
	return CE_OK;
}

/* Two targets that write one file and commit apart would undo each other in every run. */
static int
refuse_overlaps(struct ce_target_run *const *targets, size_t count, struct ce_error *err)
{
	size_t total = 0, at = 0;
	for (size_t i = 0; i < count; i++)
		total += targets[i]->staged.changes.paths.count;
	CE_CLEANUP(ce_freep) struct claim *claims = calloc(total + 1, sizeof(*claims));
	if (!claims)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < targets[i]->staged.changes.paths.count; j++)
			claims[at++] = (struct claim){ targets[i]->staged.changes.paths.items[j], targets[i] };
	qsort(claims, total, sizeof(*claims), compare_claims);
	for (size_t i = 1; i < total; i++) {
		if (compare_claims(&claims[i - 1], &claims[i]) != 0 || belong_together(claims[i - 1].target, claims[i].target))
			continue;
		int code = refuse_overlap(&claims[i - 1], &claims[i], err);
		if (code < 0)
			return code;
	}
	return CE_OK;
}

int
ce_stage_groups(struct ce_engine *engine, struct ce_groups *ret_groups, struct ce_error *err)
{
	size_t count = collect(engine, NULL);
	CE_CLEANUP(ce_freep) struct ce_target_run **targets = calloc(count + 1, sizeof(struct ce_target_run *));
	CE_CLEANUP(ce_groups_release) struct ce_groups groups = { calloc(count + 1, sizeof(struct ce_group)), 0 };
	if (!targets || !groups.items)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	(void)collect(engine, targets);
	int refused = refuse_overlaps(targets, count, err);
	if (refused < 0)
		return refused;
	count = collect(engine, targets);
	qsort(targets, count, sizeof(struct ce_target_run *), compare);
	for (size_t from = 0, to; from < count; from = to) {
		to = from + 1;
		while (to < count && belong_together(targets[from], targets[to]))
			to++;
		int code = add_group(&groups, targets + from, to - from, err);
		if (code == CE_OK)
			code = stage_together(engine, &groups.items[groups.count - 1], err);
		if (code < 0)
			return code;
	}
	*ret_groups = groups;
	groups = (struct ce_groups){ NULL, 0 };
	return CE_OK;
}

int
ce_stage_show(struct ce_group *group, struct ce_error *err)
{
	if (group->changes.count == 0)
		return CE_OK;
	CE_CLEANUP(ce_buf_release) struct ce_buf text = CE_BUF_INIT;
	int code = ce_changes_show(&group->changes, &text, err);
	return code < 0 ? code : ce_text_assign(&group->targets[0]->report->diff, ce_buf_text(&text), err);
}
