#include "plugin/runner.h"

#include <string.h>

#include "base/dirs.h"
#include "base/text.h"
#include "plugin/pool.h"
#include "plugin/table.h"
#include "plugin/wire.h"

static const struct ce_plugin_limits usual_limits = { 10000, 30000, 300000, 60000 };

int
ce_plugins_new(const struct ce_plugin_backend *backend, struct ce_plugins **ret_plugins, struct ce_error *err)
{
	struct ce_plugins *plugins = calloc(1, sizeof(*plugins));
	if (!plugins)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	plugins->backend = backend;
	plugins->limits = usual_limits;
	*ret_plugins = plugins;
	return CE_OK;
}

void
ce_plugins_free(struct ce_plugins *plugins)
{
	if (!plugins)
		return;
	for (size_t i = 0; i < plugins->count; i++)
		ce_process_free(plugins->items[i]);
	free(plugins->items);
	free(plugins);
}

void
ce_pluginsp(struct ce_plugins **plugins)
{
	ce_plugins_free(*plugins);
	*plugins = NULL;
}

void
ce_plugins_limits(struct ce_plugins *plugins, const struct ce_plugin_limits *limits)
{
	plugins->limits = *limits;
}

int
ce_plugins_list(struct ce_strlist *ret_names, struct ce_error *err)
{
	CE_CLEANUP(ce_strlist_release) struct ce_strlist files = CE_STRLIST_INIT;
	CE_CLEANUP(ce_strlist_release) struct ce_strlist names = CE_STRLIST_INIT;
	int code = ce_dir_list(ce_dirs_built.plugins, CE_PLUGIN_NAMES_MAX, &files, err);
	if (code != CE_OK)
		return code;
	for (size_t i = 0; i < files.count && code == CE_OK; i++) {
		char *dot = strrchr(files.items[i], '.');
		if (!dot || strcmp(dot, ".so") != 0)
			continue;
		*dot = '\0';
		if (ce_name_is_plain(files.items[i]))
			code = ce_strlist_add(&names, files.items[i], err);
	}
	if (code != CE_OK)
		return code;
	ce_strlist_release(ret_names);
	*ret_names = names;
	names = (struct ce_strlist)CE_STRLIST_INIT;
	return CE_OK;
}

/* "there is no plugin 'tomcta'", with the one that may be meant. */
static int
fail_unknown(const char *name, const struct ce_error *why, struct ce_error *err)
{
	CE_CLEANUP(ce_strlist_release) struct ce_strlist names = CE_STRLIST_INIT;
	const char *near = NULL;
	if (ce_plugins_list(&names, NULL) == CE_OK)
		near = ce_text_nearest(name, (const char *const *)names.items);
	if (near)
		return ce_fail(err, CE_ERR_NOT_FOUND, "%s, did you mean '%s'?", why->text, near);
	return ce_fail(err, CE_ERR_NOT_FOUND, "%s", why->text);
}

CE_MUSTCHECK static int
get_ready(struct ce_plugins *plugins, const char *name, struct ce_plugin_process **ret_process, struct ce_error *err)
{
	struct ce_error why;
	ce_error_clear(&why);
	int code = ce_process_find(plugins, name, ret_process, err);
	if (code != CE_OK)
		return code;
	code = ce_process_ready(*ret_process, &why);
	if (code == CE_ERR_NOT_FOUND)
		return fail_unknown(name, &why, err);
	return code == CE_OK ? CE_OK : ce_fail(err, code, "%s", why.text);
}

int
ce_plugins_info(struct ce_plugins *plugins, const char *name, const struct ce_plugin_info **ret_info,
	struct ce_error *err)
{
	struct ce_plugin_process *process = NULL;
	int code = get_ready(plugins, name, &process, err);
	if (code != CE_OK)
		return code;
	*ret_info = &process->info;
	return CE_OK;
}

/* ------------------------------------------------------------------ targets */

void
ce_staged_release(struct ce_staged *staged)
{
	ce_changes_release(&staged->changes);
	for (size_t i = 0; i < staged->endpoint_count; i++) {
		free(staged->endpoints[i].host);
		free(staged->endpoints[i].sni);
	}
	free(staged->endpoints);
	free(staged->reload_key);
	free(staged->reload_text);
	memset(staged, 0, sizeof(*staged));
}

/* Finds the process and the instance; serving->changes and serving->target are set. */
CE_MUSTCHECK static int
begin(struct ce_plugins *plugins, struct ce_serving *serving, struct ce_error *err)
{
	int code = get_ready(plugins, serving->target->plugin, &serving->process, err);
	return code == CE_OK ? ce_instance_ready(serving, err) : code;
}

/* One callback of the target. Counters start anew with each. */
CE_MUSTCHECK static int
call(struct ce_serving *serving, int kind, const struct ce_strlist *committed, struct ce_patience *patience,
	struct ce_error *err)
{
	const struct ce_plugin_target *target = serving->target;
	CE_CLEANUP(ce_message_release) struct ce_message request = CE_MESSAGE_INIT(kind);
	ce_message_put_int(&request, serving->instance->id);
	ce_message_put_str(&request, target->certificate);
	ce_message_put_list(&request, target->names);
	ce_message_put_str(&request, target->key_kind);
	ce_message_put_str(&request, target->fingerprint);
	ce_message_put_int(&request, target->generation);
	if (kind == CE_WIRE_RELOAD)
		ce_message_put_list(&request, committed ? (const char *const *)committed->items : NULL);

	serving->phase = ce_phase_of(kind);
	serving->services = 0;
	serving->lines = 0;
	serving->runs = 0;
	return ce_process_call(serving, &request, patience, err);
}

/* What was asked has come to an end: in good order, if the process lives. A create that went well does not count
 * by itself, or a plugin that crashes in every install would be started for ever. */
static int
settle(struct ce_plugin_process *process, int code)
{
	if (process && process->helper.pid > 0)
		process->mishaps = 0;
	return code;
}

int
ce_plugin_stage(struct ce_plugins *plugins, const struct ce_plugin_target *target, struct ce_staged *ret_staged,
	struct ce_error *err)
{
	CE_CLEANUP(ce_staged_release) struct ce_staged staged = { .changes = CE_CHANGES_INIT };
	struct ce_changes *changes = target->shared ? target->shared : &staged.changes;
	struct ce_serving serving = { .target = target, .changes = changes, .staged = &staged };
	struct ce_patience patience = { plugins->limits.stage, plugins->limits.stage };
	int code = begin(plugins, &serving, err);
	if (code == CE_OK)
		code = call(&serving, CE_WIRE_INSTALL, NULL, &patience, err);
	if (code == CE_OK)
		code = call(&serving, CE_WIRE_ENDPOINTS, NULL, &patience, err);
	if (settle(serving.process, code) != CE_OK)
		return code;
	*ret_staged = staged;
	memset(&staged, 0, sizeof(staged));
	return CE_OK;
}

int
ce_plugin_reload(struct ce_plugins *plugins, const struct ce_plugin_target *target, const struct ce_strlist *committed,
	struct ce_error *err)
{
	CE_CLEANUP(ce_changes_release) struct ce_changes none = CE_CHANGES_INIT;
	struct ce_serving serving = { .target = target, .changes = &none };
	struct ce_patience patience = { plugins->limits.reload, plugins->limits.reload };
	int code = begin(plugins, &serving, err);
	if (code == CE_OK)
		code = call(&serving, CE_WIRE_RELOAD, committed, &patience, err);
	return settle(serving.process, code);
}

int
ce_plugin_verify(struct ce_plugins *plugins, const struct ce_plugin_target *target, struct ce_error *err)
{
	CE_CLEANUP(ce_changes_release) struct ce_changes none = CE_CHANGES_INIT;
	struct ce_serving serving = { .target = target, .changes = &none };
	struct ce_patience patience = { plugins->limits.verify, plugins->limits.verify };
	int code = get_ready(plugins, target->plugin, &serving.process, err);
	if (code != CE_OK)
		return code;
	if (!serving.process->info.has_verify)
		return CE_UNCHANGED;
	code = ce_instance_ready(&serving, err);
	if (code == CE_OK)
		code = call(&serving, CE_WIRE_VERIFY, NULL, &patience, err);
	return settle(serving.process, code);
}

/* ---------------------------------------------------------------- discovery */

void
ce_plugin_discovery_release(struct ce_plugin_discovery *discovery)
{
	for (size_t i = 0; i < discovery->count; i++) {
		free(discovery->items[i].title);
		ce_strlist_release(&discovery->items[i].names);
		ce_strlist_release(&discovery->items[i].values);
	}
	free(discovery->items);
	memset(discovery, 0, sizeof(*discovery));
}

/* The defaults of a table as options. */
CE_MUSTCHECK static int
put_defaults(struct ce_message *request, const struct ce_option *table, struct ce_error *err)
{
	struct ce_plugin_option options[CE_PLUGIN_OPTIONS_MAX];
	size_t count = 0;
	for (const struct ce_option *row = table; row->name; row++) {
		int code = row->fallback ? ce_table_value(row, row->fallback, &options[count], err) : CE_OK;
		if (code != CE_OK)
			return code;
		count += row->fallback != NULL;
	}
	ce_put_options(request, options, count);
	return CE_OK;
}

int
ce_plugin_discover(struct ce_plugins *plugins, const char *name, const struct ce_host *host,
	struct ce_plugin_discovery *ret_discovery, struct ce_error *err)
{
	struct ce_plugin_target target = { .plugin = name, .certificate = "", .name = "", .host = host, .fingerprint = "" };
	CE_CLEANUP(ce_changes_release) struct ce_changes none = CE_CHANGES_INIT;
	CE_CLEANUP(ce_plugin_discovery_release) struct ce_plugin_discovery discovery = { NULL, 0 };
	struct ce_serving serving = { .target = &target, .changes = &none, .discovery = &discovery };
	struct ce_patience patience = { plugins->limits.stage, plugins->limits.stage };
	int code = get_ready(plugins, name, &serving.process, err);
	if (code != CE_OK)
		return code;
	if (!serving.process->info.has_discover)
		return CE_UNCHANGED;

	CE_CLEANUP(ce_message_release) struct ce_message request = CE_MESSAGE_INIT(CE_WIRE_DISCOVER);
	code = put_defaults(&request, serving.process->info.options, err);
	serving.phase = ce_phase_of(CE_WIRE_DISCOVER);
	if (code == CE_OK)
		code = ce_process_call(&serving, &request, &patience, err);
	if (settle(serving.process, code) != CE_OK)
		return code;
	*ret_discovery = discovery;
	memset(&discovery, 0, sizeof(discovery));
	return CE_OK;
}
