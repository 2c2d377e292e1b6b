/* Descriptions of plugins, for `certengine plugin`. */
#include <string.h>

#include "base/dirs.h"
#include "engine/engine_own.h"

void
ce_plugin_description_release(struct ce_plugin_description *description)
{
	for (struct ce_option *row = description->options; row && row->name; row++) {
		free((char *)row->name);
		free((char *)row->fallback);
		free((char *)row->help);
		for (const char *const *choice = row->choices; choice && *choice; choice++)
			free((char *)*choice);
		free((void *)row->choices);
	}
	free(description->options);
	free(description->name);
	free(description->version);
	free(description->summary);
	free(description->path);
	free(description->error);
	memset(description, 0, sizeof(*description));
}

static int
copy_choices(struct ce_option *row, const char *const *choices, struct ce_error *err)
{
	size_t count = 0;
	while (choices && choices[count])
		count++;
	if (!choices)
		return CE_OK;
	char **copies = calloc(count + 1, sizeof(*copies));
	row->choices = (const char *const *)copies;
	if (!copies)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	for (size_t i = 0; i < count; i++)
		if (!(copies[i] = strdup(choices[i])))
			return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	return CE_OK;
}

static int
copy_options(const struct ce_option *table, struct ce_plugin_description *description, struct ce_error *err)
{
	size_t count = 0;
	while (table[count].name)
		count++;
	description->options = calloc(count + 1, sizeof(*description->options));
	if (!description->options)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	for (size_t i = 0; i < count; i++) {
		struct ce_option *row = &description->options[i];
		*row = table[i];
		row->name = strdup(table[i].name);
		row->fallback = table[i].fallback ? strdup(table[i].fallback) : NULL;
		row->help = strdup(table[i].help ? table[i].help : "");
		row->choices = NULL;
		int code = copy_choices(row, table[i].choices, err);
		if (code < 0)
			return code;
		if (!row->name || !row->help || (table[i].fallback && !row->fallback))
			return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	}
	return CE_OK;
}

static int
describe(struct ce_plugins *plugins, const char *name, struct ce_plugin_description *description, struct ce_error *err)
{
	const struct ce_plugin_info *info = NULL;
	struct ce_error own = { 0 };
	int code = ce_text_assign(&description->name, name, err);
	if (code == CE_OK && asprintf(&description->path, "%s/%s.so", ce_dirs_built.plugins, name) < 0) {
		description->path = NULL;
		code = ce_fail(err, CE_ERR_MEMORY, "out of memory");
	}
	if (code < 0)
		return code;
	if (ce_plugins_info(plugins, name, &info, &own) < 0)
		return ce_text_assign(&description->error, own.text, err);
	description->abi = info->abi;
	code = ce_text_assign(&description->version, info->version, err);
	if (code == CE_OK)
		code = ce_text_assign(&description->summary, info->summary, err);
	return code == CE_OK ? copy_options(info->options, description, err) : code;
}

int
ce_engine_plugin(const char *name, struct ce_plugin_description *ret_description, struct ce_error *err)
{
	CE_CLEANUP(ce_pluginsp) struct ce_plugins *plugins = NULL;
	memset(ret_description, 0, sizeof(*ret_description));
	int code = ce_plugins_new(&ce_engine_backend, &plugins, err);
	if (code == CE_OK)
		code = describe(plugins, name, ret_description, err);
	if (code < 0)
		ce_plugin_description_release(ret_description);
	return code;
}

int
ce_engine_plugins(struct ce_plugin_description **ret_descriptions, size_t *ret_count, struct ce_error *err)
{
	CE_CLEANUP(ce_strlist_release) struct ce_strlist names = CE_STRLIST_INIT;
	CE_CLEANUP(ce_pluginsp) struct ce_plugins *plugins = NULL;
	int code = ce_plugins_list(&names, err);
	if (code == CE_OK)
		code = ce_plugins_new(&ce_engine_backend, &plugins, err);
	if (code < 0)
		return code;
	struct ce_plugin_description *descriptions = calloc(names.count + 1, sizeof(*descriptions));
	if (!descriptions)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	for (size_t i = 0; code == CE_OK && i < names.count; i++)
		code = describe(plugins, names.items[i], &descriptions[i], err);
	if (code == CE_OK) {
		*ret_descriptions = descriptions;
		*ret_count = names.count;
		return CE_OK;
	}
	for (size_t i = 0; i < names.count; i++)
		ce_plugin_description_release(&descriptions[i]);
	free(descriptions);
	return code;
}
