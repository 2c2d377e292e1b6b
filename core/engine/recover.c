#include <string.h>

#include "base/sys.h"
#include "engine/engine_own.h"

/* The certificate/target pairs of a recipe, for people. */
static int
name_targets(const json_t *recipe, struct ce_buf *out, struct ce_error *err)
{
	const json_t *targets = json_object_get(recipe, "targets");
	int code = CE_OK;
	for (size_t i = 0; code == CE_OK && i < json_array_size(targets); i++) {
		const json_t *target = json_array_get(targets, i);
		const char *certificate = json_string_value(json_object_get(target, "certificate"));
		const char *name = json_string_value(json_object_get(target, "target"));
		code = ce_buf_addf(out, err, "%s%s/%s", i ? ", " : "", certificate ? certificate : "?", name ? name : "?");
	}
	return code;
}

static int
note(struct ce_engine *engine, const struct ce_recovered *recovered, struct ce_report *report, struct ce_error *err)
{
	if (!recovered->recipe)
		return CE_OK; /* nothing had been touched */
	CE_CLEANUP(ce_buf_release) struct ce_buf targets = CE_BUF_INIT;
	int code = name_targets(recovered->recipe, &targets, err);
	if (code < 0)
		return code;
	if (recovered->outcome == CE_HELP_NEEDED)
		report->exit = CE_EXIT_HELP;
	if (recovered->unreachable) /* what is there now is neither old nor new: nothing may be put on top of it */
		ce_hosts_bar(engine, recovered->unreachable, recovered->text);
	return ce_strlist_addf(&report->recovered, err, "%s: %s", ce_buf_text(&targets), recovered->text);
}

/* One that could not be read asks for help, but the others must not wait for that: on, as long as it is out of the way. */
static int
pass_over(const char *directory, size_t *left, const struct ce_error *why, struct ce_report *report,
	struct ce_error *err)
{
	size_t before = *left;
	report->exit = CE_EXIT_HELP;
	int code = ce_strlist_add(&report->recovered, why->text, err);
	if (code == CE_OK)
		code = ce_transaction_unfinished(directory, left, err);
	return code < 0 || *left < before ? code : ce_fail(err, why->code, "%s", why->text);
}

int
ce_recover_all(struct ce_engine *engine, struct ce_report *report, struct ce_error *err)
{
	const char *directory = ce_store_journal_directory(engine->store);
	struct ce_hooks hooks = { engine, NULL };
	struct ce_transaction_hooks table;
	CE_CLEANUP(ce_strlist_release) struct ce_strlist passed_over = CE_STRLIST_INIT;
	ce_hooks_fill(&hooks, &table);
	size_t left = 0;
	int code = ce_transaction_unfinished(directory, &left, err);
	while (code == CE_OK) {
		CE_CLEANUP(ce_recovered_release) struct ce_recovered recovered = { 0 };
		struct ce_error own = { 0 };
		code = ce_transaction_recover(directory, &passed_over, &table, &recovered, &own);
		if (code == CE_UNCHANGED)
			return CE_OK;
		code = code < 0 ? pass_over(directory, &left, &own, report, err) : note(engine, &recovered, report, err);
	}
	return code;
}

int
ce_engine_recover(struct ce_engine *engine, struct ce_report *ret_report, struct ce_error *err)
{
	memset(ret_report, 0, sizeof(*ret_report));
	int code = ce_engine_lock(engine, err);
	return code == CE_OK ? ce_recover_all(engine, ret_report, err) : code;
}
