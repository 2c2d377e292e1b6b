/* A transaction as its journal knows it: enough to reload and verify without the configuration. */
#include <string.h>

#include "engine/engine_own.h"
#include "engine/recipe.h"

static json_t *
list_to_json(const char *const *items)
{
	json_t *array = json_array();
	for (size_t i = 0; array && items && items[i]; i++)
		if (json_array_append_new(array, json_string(items[i])) < 0) {
			json_decref(array);
			return NULL;
		}
	return array;
}

static json_t *
options_to_json(const struct ce_target_run *target)
{
	json_t *array = json_array();
	for (size_t i = 0; array && i < target->option_count; i++) {
		const struct ce_plugin_option *option = &target->options[i];
		json_t *json = json_pack("{s:s, s:i, s:s?, s:I, s:o}", "name", option->name, "type", option->type, "text",
			option->text, "number", (json_int_t)option->number, "list", list_to_json(option->list));
		if (!json || json_array_append_new(array, json) < 0) {
			json_decref(array);
			return NULL;
		}
	}
	return array;
}

static json_t *
endpoints_to_json(const struct ce_target_run *target)
{
	json_t *array = json_array();
	for (size_t i = 0; array && i < target->report->endpoint_count; i++) {
		const struct ce_endpoint_report *endpoint = &target->report->endpoints[i];
		json_t *json = json_pack("{s:s, s:i, s:s?, s:s}", "host", endpoint->host, "port", endpoint->port, "sni",
			endpoint->sni, "before", endpoint->served);
		if (!json || json_array_append_new(array, json) < 0) {
			json_decref(array);
			return NULL;
		}
	}
	return array;
}

static json_t *
target_to_json(const struct ce_target_run *target)
{
	const struct ce_plugin_target *plugin = &target->plugin;
	const struct ce_verify_config *verify = &target->config->verify;
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:i, s:b, s:s, s:o, s:o, s:o}", "certificate", plugin->certificate,
		"target", plugin->name, "plugin", plugin->plugin, "key_kind", plugin->key_kind, "fingerprint", plugin->fingerprint,
		"generation", (json_int_t)plugin->generation, "deadline", verify->deadline_s, "verified", verify->off == NULL,
		"anchors", ce_buf_text(&target->certificate->anchors), "names", list_to_json(plugin->names), "options",
		options_to_json(target), "endpoints", endpoints_to_json(target));
}

int
ce_recipe_build(const struct ce_group *group, json_t **ret_recipe, struct ce_error *err)
{
	json_t *targets = json_array();
	for (size_t i = 0; targets && i < group->count; i++)
		if (json_array_append_new(targets, target_to_json(group->targets[i])) < 0) {
			json_decref(targets);
			targets = NULL;
		}
	const struct ce_target_run *first = group->targets[0]; /* a group is on one host */
	json_t *recipe = targets ? json_pack("{s:o, s:o}", "targets", targets, "host",
		ce_hosts_to_json(first->certificate->engine, first->plugin.host)) : NULL;
	if (!recipe)
		return ce_fail(err, CE_ERR_INVALID, "target '%s' cannot be journalled: one of its options is not UTF-8",
			group->targets[0]->config->name);
	*ret_recipe = recipe;
	return CE_OK;
}

/* A target made from a recipe owns its strings through the JSON it keeps. */
struct ce_recipe_target {
	json_t *json;
	struct ce_engine *engine;
	struct ce_certificate_run certificate; /* so that the backend finds the engine */
	struct ce_certificate_config certificate_config;
	struct ce_target_run run;
	struct ce_target_config config;
	struct ce_plugin_option *options;
	struct ce_strlist *lists;              /* one per option, and the names last */
	size_t option_count;
	struct ce_recipe_target *next;
};

void
ce_recipe_targets_free(struct ce_recipe_target *target)
{
	while (target) {
		struct ce_recipe_target *next = target->next;
		for (size_t i = 0; target->lists && i <= target->option_count; i++)
			ce_strlist_release(&target->lists[i]);
		free(target->lists);
		free(target->options);
		json_decref(target->json);
		free(target);
		target = next;
	}
}

static int
read_list(const json_t *array, struct ce_strlist *ret_list, struct ce_error *err)
{
	for (size_t i = 0; i < json_array_size(array); i++) {
		const char *text = json_string_value(json_array_get(array, i));
		int code = text ? ce_strlist_add(ret_list, text, err) : ce_fail(err, CE_ERR_INVALID, "the recipe is damaged");
		if (code < 0)
			return code;
	}
	return CE_OK;
}

static int
read_options(struct ce_recipe_target *target, struct ce_error *err)
{
	const json_t *array = json_object_get(target->json, "options");
	target->option_count = json_array_size(array);
	target->options = calloc(target->option_count + 1, sizeof(*target->options));
	target->lists = calloc(target->option_count + 1, sizeof(*target->lists));
	if (!target->options || !target->lists)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	for (size_t i = 0; i < target->option_count; i++) {
		const json_t *json = json_array_get(array, i);
		struct ce_plugin_option *option = &target->options[i];
		option->name = json_string_value(json_object_get(json, "name"));
		option->type = (int)json_integer_value(json_object_get(json, "type"));
		option->text = json_string_value(json_object_get(json, "text"));
		option->number = json_integer_value(json_object_get(json, "number"));
		if (!option->name)
			return ce_fail(err, CE_ERR_INVALID, "the recipe is damaged");
		int code = read_list(json_object_get(json, "list"), &target->lists[i], err);
		if (code < 0)
			return code;
		option->list = (const char *const *)target->lists[i].items;
	}
	return read_list(json_object_get(target->json, "names"), &target->lists[target->option_count], err);
}

static void
connect_parts(struct ce_recipe_target *target)
{
	struct ce_plugin_target *plugin = &target->run.plugin;
	target->certificate.engine = target->engine;
	target->certificate.config = &target->certificate_config;
	target->certificate_config.name = (char *)plugin->certificate;
	target->config.name = (char *)plugin->name;
	target->config.plugin = (char *)plugin->plugin;
	target->run.certificate = &target->certificate;
	target->run.config = &target->config;
	plugin->options = target->options;
	plugin->option_count = target->option_count;
	plugin->names = (const char *const *)target->lists[target->option_count].items;
	plugin->context = &target->run;
}

static int
read_target(struct ce_recipe_target *target, struct ce_error *err)
{
	struct ce_plugin_target *plugin = &target->run.plugin;
	json_int_t generation = 0;
	if (json_unpack(target->json, "{s:s, s:s, s:s, s:s, s:s, s:I}", "certificate", &plugin->certificate, "target",
		&plugin->name, "plugin", &plugin->plugin, "key_kind", &plugin->key_kind, "fingerprint", &plugin->fingerprint,
		"generation", &generation) < 0)
		return ce_fail(err, CE_ERR_INVALID, "the recipe is damaged");
	plugin->generation = (long)generation;
	int code = read_options(target, err);
	if (code == CE_OK)
		connect_parts(target);
	return code;
}

int
ce_recipe_target(struct ce_engine *engine, const json_t *json, const struct ce_host *host,
	const struct ce_target_run **ret_target, struct ce_error *err)
{
	for (const struct ce_recipe_target *known = engine->recipe_targets; known; known = known->next)
		if (known->json == json) { /* kept, so nothing else can have its address */
			*ret_target = &known->run;
			return CE_OK;
		}
	struct ce_recipe_target *target = calloc(1, sizeof(*target));
	if (!target)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	target->json = json_incref((json_t *)json);
	target->engine = engine;
	target->run.plugin.host = host;
	int code = read_target(target, err);
	if (code < 0) {
		ce_recipe_targets_free(target);
		return code;
	}
	target->next = engine->recipe_targets; /* plugin processes keep pointers to it until the run ends */
	engine->recipe_targets = target;
	*ret_target = &target->run;
	return CE_OK;
}
