#include <string.h>

#include "base/sys.h"
#include "engine/engine_own.h"

/* The newest generation before the live one. */
static int
predecessor(struct ce_engine *engine, const char *name, long live, long *ret_generation, struct ce_error *err)
{
	long *generations = NULL;
	size_t count = 0;
	int code = ce_store_generations(engine->store, name, &generations, &count, err);
	CE_CLEANUP(ce_freep) long *all = generations;
	if (code < 0)
		return code;
	for (size_t i = count; i > 0; i--)
		if (all[i - 1] < live) {
			*ret_generation = all[i - 1];
			return CE_OK;
		}
	return ce_fail(err, CE_ERR_NOT_FOUND, "certificate '%s' has no generation before %ld to go back to", name, live);
}

static int
load_generation(struct ce_certificate_run *certificate, long generation, struct ce_error *err)
{
	struct ce_engine *engine = certificate->engine;
	const char *name = certificate->config->name;
	long live = certificate->bundle.generation;
	if (live == 0)
		return ce_fail(err, CE_ERR_NOT_FOUND, "certificate '%s' has not been issued yet", name);
	if (generation == live)
		return ce_fail(err, CE_ERR_CONFIG, "generation %ld of certificate '%s' is the live one already", live, name);
	int code = generation ? CE_OK : predecessor(engine, name, live, &generation, err);
	if (code < 0)
		return code;
	struct ce_bundle bundle;
	ce_bundle_init(&bundle);
	code = ce_store_bundle(engine->store, name, generation, true, &bundle, err);
	if (code == CE_OK)
		code = ce_bundle_check(&bundle, &bundle.facts.names, ce_now(), err);
	if (code == CE_OK)
		code = ce_bundle_allowed(engine, &bundle, err);
	if (code < 0) {
		ce_bundle_release(&bundle);
		return ce_error_wrap(err, "generation %ld of certificate '%s' cannot be put back", generation, name);
	}
	ce_bundle_release(&certificate->bundle);
	certificate->bundle = bundle;
	certificate->has_key = true;
	certificate->rolling_back = true;
	return ce_run_facts(certificate, err);
}

static bool
all_deployed(const struct ce_certificate_report *report)
{
	for (size_t i = 0; i < report->target_count; i++) {
		enum ce_target_state state = report->targets[i].state;
		if (state != CE_TARGET_OK && state != CE_TARGET_DEPLOYED && state != CE_TARGET_UNVERIFIED)
			return false;
	}
	return true;
}

static int
roll_back(struct ce_engine *engine, struct ce_certificate_run *certificate, long generation, struct ce_report *report,
	struct ce_error *err)
{
	int code = load_generation(certificate, generation, err);
	if (code == CE_OK)
		code = ce_deploy_all(engine, report, err);
	if (code < 0 || !all_deployed(certificate->report))
		return code; /* the live generation stays; the next apply brings every target back to it */
	return ce_store_live_set(engine->store, certificate->config->name, certificate->bundle.generation, err);
}

int
ce_engine_rollback(struct ce_engine *engine, const char *name, long generation, struct ce_report *ret_report,
	struct ce_error *err)
{
	memset(ret_report, 0, sizeof(*ret_report));
	struct ce_certificate_run *certificate = NULL;
	int code = ce_run_find(engine, name, &certificate, err);
	if (code < 0)
		return code;
	for (size_t i = 0; i < engine->config.certificate_count; i++)
		engine->certificates[i].selected = &engine->certificates[i] == certificate;
	for (size_t i = 0; i < certificate->config->target_count; i++)
		certificate->targets[i].selected = true;

	code = ce_run_report(engine, ret_report, err);
	if (code == CE_OK)
		code = ce_engine_lock(engine, err);
	if (code == CE_OK)
		code = ce_recover_all(engine, ret_report, err);
	if (code == CE_OK)
		code = ce_run_load(engine, err);
	if (code == CE_OK)
		code = roll_back(engine, certificate, generation, ret_report, err);
	if (ret_report->exit == CE_EXIT_OK)
		ret_report->exit = code < 0 ? CE_EXIT_FAILED : ce_report_exit(ret_report, false);
	return code;
}
