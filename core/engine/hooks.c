/* Reload and verify as a transaction calls them: from its recipe, live or recovered. */
#include <string.h>

#include "base/sys.h"
#include "engine/engine_own.h"
#include "engine/recipe.h"

#define PATIENCE_WITH_OLD 3 /* times the deadline: a product that is being put back gets longer than one on trial */
#define PAUSE_FIRST_MS 50
#define PAUSE_MOST_MS 1000

static int
find_target(const struct ce_hooks *hooks, const json_t *recipe, size_t number, const struct ce_target_run **ret_target,
	struct ce_error *err)
{
	if (hooks->group) {
		*ret_target = hooks->group->targets[number];
		return CE_OK;
	}
	const struct ce_host *host = NULL;
	int code = ce_hosts_of_recipe(hooks->engine, recipe, &host, err);
	return code < 0 ? code : ce_recipe_target(hooks->engine, json_array_get(json_object_get(recipe, "targets"), number), host,
		ret_target, err);
}

static int
find_host(const json_t *recipe, const struct ce_host **ret_host, void *context, struct ce_error *err)
{
	const struct ce_hooks *hooks = context;
	return ce_hosts_of_recipe(hooks->engine, recipe, ret_host, err);
}

/* The targets share one reload, so the first of them is asked. */
static int
reload(const json_t *recipe, const struct ce_strlist *paths, void *context, struct ce_error *err)
{
	const struct ce_hooks *hooks = context;
	const struct ce_target_run *target = NULL;
	int code = find_target(hooks, recipe, 0, &target, err);
	return code < 0 ? code : ce_plugin_reload(hooks->engine->plugins, &target->plugin, paths, err);
}

static void
pause_ms(long ms)
{
	struct timespec wanted = { ms / 1000, ms % 1000 * 1000000 };
	(void)ce_sys->nanosleep(&wanted, NULL); /* woken early: one probe more */
}

static int
judge_new(const json_t *target, const struct ce_probe *probe, struct ce_error *err)
{
	const char *anchors = json_string_value(json_object_get(target, "anchors"));
	const char *fingerprint = json_string_value(json_object_get(target, "fingerprint"));
	if (!anchors || !fingerprint)
		return ce_fail(err, CE_ERR_INVALID, "the recipe is damaged");
	struct ce_bytes pem = { (const unsigned char *)anchors, strlen(anchors) };
	return ce_judge(probe, fingerprint, pem, probe->sni, err);
}

/* Where no certificate was served before it is enough that the new one is not. */
static int
judge_old(const json_t *target, const json_t *endpoint, const struct ce_probe *probe, struct ce_error *err)
{
	const char *before = json_string_value(json_object_get(endpoint, "before"));
	const char *after = json_string_value(json_object_get(target, "fingerprint"));
	if (!before || !after)
		return ce_fail(err, CE_ERR_INVALID, "the recipe is damaged");
	if (before[0] == '\0' ? strcmp(probe->fingerprint, after) != 0
	                      : probe->code == CE_OK && strcmp(probe->fingerprint, before) == 0)
		return CE_OK;
	if (probe->code < 0)
		return ce_fail(err, CE_ERR_VERIFY, "%s:%d: %s", probe->host, probe->port, probe->problem);
	return ce_fail(err, CE_ERR_VERIFY, "%s:%d serves another certificate (%.16s, before it was %.16s)", probe->host,
		probe->port, probe->fingerprint, before[0] ? before : "none");
}

/* One look at one endpoint. */
static int
look(struct ce_engine *engine, const json_t *target, const json_t *endpoint, enum ce_side side, struct ce_error *err)
{
	struct ce_probe probe = { .host = json_string_value(json_object_get(endpoint, "host")),
		.port = (int)json_integer_value(json_object_get(endpoint, "port")),
		.sni = json_string_value(json_object_get(endpoint, "sni")), .timeout_ms = CE_PROBE_TIMEOUT_MS };
	if (!probe.host)
		return ce_fail(err, CE_ERR_INVALID, "the recipe is damaged");
	int code = ce_probe_run(&engine->probe, &probe, 1, err);
	if (code == CE_OK)
		code = side == CE_SIDE_NEW ? judge_new(target, &probe, err) : judge_old(target, endpoint, &probe, err);
	ce_probe_release(&probe);
	return code;
}

/* Looks until the endpoint is as it should be or the deadline has passed. */
static int
await(struct ce_engine *engine, const json_t *target, const json_t *endpoint, enum ce_side side, long long deadline,
	struct ce_error *err)
{
	long pause = PAUSE_FIRST_MS;
	for (;;) {
		struct ce_error own = { 0 };
		int code = look(engine, target, endpoint, side, &own);
		if (code == CE_OK)
			return CE_OK;
		if (side == CE_SIDE_NEW && ce_engine_interrupted())
			return ce_fail(err, CE_ERR_VERIFY, "interrupted while waiting: %s", own.text);
		if (code != CE_ERR_VERIFY || ce_monotonic_ms() + pause >= deadline)
			return ce_fail(err, code, "%s", own.text);
		pause_ms(pause);
		pause = pause * 2 < PAUSE_MOST_MS ? pause * 2 : PAUSE_MOST_MS;
	}
}

static int
verify_target(struct ce_engine *engine, const json_t *target, enum ce_side side, struct ce_error *err)
{
	if (!json_is_true(json_object_get(target, "verified")))
		return CE_OK;
	const json_t *endpoints = json_object_get(target, "endpoints");
	long long seconds = json_integer_value(json_object_get(target, "deadline"));
	long long deadline = ce_monotonic_ms() + 1000 * seconds * (side == CE_SIDE_NEW ? 1 : PATIENCE_WITH_OLD);
	for (size_t i = 0; i < json_array_size(endpoints); i++) {
		int code = await(engine, target, json_array_get(endpoints, i), side, deadline, err);
		if (code < 0)
			return code;
	}
	return CE_OK;
}

static int
verify(const json_t *recipe, enum ce_side side, void *context, struct ce_error *err)
{
	const struct ce_hooks *hooks = context;
	const json_t *targets = json_object_get(recipe, "targets");
	for (size_t i = 0; i < json_array_size(targets); i++) {
		int code = verify_target(hooks->engine, json_array_get(targets, i), side, err);
		const struct ce_target_run *target = NULL;
		if (code == CE_OK && side == CE_SIDE_NEW)
			code = find_target(hooks, recipe, i, &target, err);
		if (code == CE_OK && side == CE_SIDE_NEW)
			code = ce_plugin_verify(hooks->engine->plugins, &target->plugin, err);
		if (code < 0)
			return code;
	}
	return CE_OK;
}

/* Each target has an endpoint that served something else before. */
static bool
proves(const json_t *recipe, void *context)
{
	(void)context;
	const json_t *targets = json_object_get(recipe, "targets");
	for (size_t i = 0; i < json_array_size(targets); i++) {
		const json_t *target = json_array_get(targets, i);
		const json_t *endpoints = json_object_get(target, "endpoints");
		const char *after = json_string_value(json_object_get(target, "fingerprint"));
		bool differs = false;
		for (size_t j = 0; after && j < json_array_size(endpoints); j++) {
			const char *before = json_string_value(json_object_get(json_array_get(endpoints, j), "before"));
			differs = differs || (before && strcmp(before, after) != 0);
		}
		if (!differs || !json_is_true(json_object_get(target, "verified")))
			return false;
	}
	return true;
}

static void
step(const json_t *recipe, const char *name, int code, const char *text, void *context)
{
	const struct ce_hooks *hooks = context;
	const json_t *targets = json_object_get(recipe, "targets");
	for (size_t i = 0; i < json_array_size(targets); i++) {
		const struct ce_target_run *target = NULL;
		struct ce_error ignored = { 0 };
		if (find_target(hooks, recipe, i, &target, &ignored) == CE_OK)
			ce_engine_tell(hooks->engine, NULL, target, name, code, text);
	}
}

void
ce_hooks_fill(struct ce_hooks *hooks, struct ce_transaction_hooks *ret_hooks)
{
	*ret_hooks = (struct ce_transaction_hooks){ .reload = reload, .verify = verify, .proves = proves, .step = step,
		.host = find_host, .context = hooks };
}
