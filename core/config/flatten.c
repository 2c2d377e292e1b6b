/* Keys that an issuer's or plugin's own table knows: kept as settings. */
#include <string.h>

#include "config/reader.h"

#define NAME_MAX_BYTES 128

/* ret_setting->kind stays 0 after a finding. */
CE_MUSTCHECK static int
read_value(struct ce_reader *reader, const config_setting_t *setting, struct ce_setting *ret_setting,
	struct ce_error *err)
{
	int code = CE_OK;
	switch (config_setting_type(setting)) {
	case CONFIG_TYPE_STRING:
		code = ce_reader_string(reader, setting, &ret_setting->text, err);
		ret_setting->kind = ret_setting->text ? CE_SETTING_STRING : 0;
		return code;
	case CONFIG_TYPE_INT:
	case CONFIG_TYPE_INT64:
		ret_setting->number = config_setting_get_int64(setting);
		ret_setting->kind = CE_SETTING_INT;
		return CE_OK;
	case CONFIG_TYPE_FLOAT:
		ret_setting->fraction = config_setting_get_float(setting);
		ret_setting->kind = CE_SETTING_FLOAT;
		return CE_OK;
	case CONFIG_TYPE_BOOL:
		ret_setting->truth = config_setting_get_bool(setting) != 0;
		ret_setting->kind = CE_SETTING_BOOL;
		return CE_OK;
	default:
		ret_setting->kind = CE_SETTING_LIST;
		return ce_reader_list(reader, setting, &ret_setting->list, err);
	}
}

CE_MUSTCHECK static int
append(struct ce_settings *settings, struct ce_setting *setting, struct ce_error *err)
{
	struct ce_setting *items = realloc(settings->items, (settings->count + 1) * sizeof(*items));
	if (!items)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");

	settings->items = items;
	items[settings->count++] = *setting;
	memset(setting, 0, sizeof(*setting));
	return CE_OK;
}

CE_MUSTCHECK static int
add_value(struct ce_reader *reader, const config_setting_t *setting, const char *name, struct ce_settings *settings,
	struct ce_error *err)
{
	CE_CLEANUP(ce_setting_release) struct ce_setting value = { .line = (int)config_setting_source_line(setting) };
	value.name = strdup(name);
	value.file = strdup(reader->file);
	if (!value.name || !value.file)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");

	int code = read_value(reader, setting, &value, err);
	if (code < 0 || value.kind == 0)
		return code;
	return append(settings, &value, err);
}

/* A group without keys would pass for whatever is expected there, and say nothing. */
CE_MUSTCHECK static int
add_members(struct ce_reader *reader, const config_setting_t *group, const char *prefix, struct ce_settings *settings,
	struct ce_error *err)
{
	if (config_setting_length(group) == 0)
		return ce_reader_complain(reader, group, err, "the group '%s' is empty: give it keys, or leave it out", prefix);
	for (int i = 0; i < config_setting_length(group); i++) {
		int code = ce_reader_setting(reader, config_setting_get_elem(group, (unsigned)i), prefix, settings, err);
		if (code < 0)
			return code;
	}
	return CE_OK;
}

/* A list of groups: "challenge[0].kind", "challenge[1].kind". */
CE_MUSTCHECK static int
add_groups(struct ce_reader *reader, const config_setting_t *list, const char *name, struct ce_settings *settings,
	struct ce_error *err)
{
	for (int i = 0; i < config_setting_length(list); i++) {
		const config_setting_t *element = config_setting_get_elem(list, (unsigned)i);
		CE_CLEANUP(ce_buf_release) struct ce_buf numbered = CE_BUF_INIT;
		int code = ce_buf_addf(&numbered, err, "%s[%d]", name, i);
		if (code == CE_OK && !config_setting_is_group(element))
			code = ce_reader_complain(reader, element, err, "'%s' must hold groups only: ( { ... }, { ... } )", name);
		else if (code == CE_OK)
			code = add_members(reader, element, ce_buf_text(&numbered), settings, err);
		if (code < 0)
			return code;
	}
	return CE_OK;
}

static bool
holds_groups(const config_setting_t *setting)
{
	return config_setting_is_list(setting) && config_setting_length(setting) > 0
	       && config_setting_is_group(config_setting_get_elem(setting, 0));
}

/* Depth is bounded by the length of the name. */
int
ce_reader_setting(struct ce_reader *reader, const config_setting_t *setting, const char *prefix,
	struct ce_settings *settings, struct ce_error *err)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf name = CE_BUF_INIT;
	int code = ce_buf_addf(&name, err, "%s%s%s", prefix, prefix[0] ? "." : "", config_setting_name(setting));
	if (code < 0)
		return code;
	if (name.size > NAME_MAX_BYTES)
		return ce_reader_complain(reader, setting, err, "the key '%.32s...' is too long or nested too deeply",
			ce_buf_text(&name));

	if (config_setting_is_group(setting))
		return add_members(reader, setting, ce_buf_text(&name), settings, err);
	if (holds_groups(setting))
		return add_groups(reader, setting, ce_buf_text(&name), settings, err);
	return add_value(reader, setting, ce_buf_text(&name), settings, err);
}
