#include "plugin/describe.h"

#include <string.h>

#include "plugin/table.h"
#include "plugin/wire.h"

#define VERSION_LONGEST 64
#define SUMMARY_LONGEST 256

void
ce_describe_release(struct ce_plugin_info *info)
{
	for (struct ce_option *row = info->options; row && row->name; row++)
		free((void *)row->choices);
	free(info->options);
	free(info->path);
	memset(info, 0, sizeof(*info));
}

CE_MUSTCHECK static int
malformed(struct ce_error *err)
{
	return ce_fail(err, CE_ERR_PLUGIN, "its process described it in a malformed message");
}

/* The choices of one row; the array is the row's. */
CE_MUSTCHECK static int
get_choices(struct ce_message *ready, struct ce_option *row, struct ce_error *err)
{
	bool has = ce_message_get_int(ready) != 0;
	int64_t count = ce_message_get_int(ready);
	if (ready->broken)
		return malformed(err);
	if (count < 0 || count > CE_PLUGIN_CHOICES_MAX)
		return ce_fail(err, CE_ERR_PLUGIN, "one of its options has more than %d choices", CE_PLUGIN_CHOICES_MAX);
	if (!has && count == 0)
		return CE_OK;

	const char **choices = calloc((size_t)count + 1, sizeof(*choices));
	if (!choices)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	row->choices = choices;
	for (int64_t i = 0; i < count; i++) {
		choices[i] = ce_message_get_str(ready);
		if (!choices[i])
			return malformed(err);
	}
	return CE_OK;
}

CE_MUSTCHECK static int
get_row(struct ce_message *ready, struct ce_option *row, struct ce_error *err)
{
	row->name = ce_message_get_str(ready);
	row->type = (int)ce_message_get_int(ready);
	row->required = ce_message_get_int(ready) != 0;
	row->fallback = ce_message_get_str(ready);
	row->minimum = ce_message_get_int(ready);
	row->maximum = ce_message_get_int(ready);
	int code = row->name ? get_choices(ready, row, err) : malformed(err);
	row->help = ce_message_get_str(ready);
	return code;
}

CE_MUSTCHECK static int
get_options(struct ce_message *ready, struct ce_plugin_info *info, struct ce_error *err)
{
	int64_t count = ce_message_get_int(ready);
	if (ready->broken)
		return malformed(err);
	if (count < 0 || count > CE_PLUGIN_OPTIONS_MAX)
		return ce_fail(err, CE_ERR_PLUGIN, "its option table has more than %d rows", CE_PLUGIN_OPTIONS_MAX);
	info->options = calloc((size_t)count + 1, sizeof(*info->options));
	if (!info->options)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");

	int code = CE_OK;
	for (int64_t i = 0; i < count && code == CE_OK; i++)
		code = get_row(ready, &info->options[i], err);
	if (code == CE_OK && ce_message_end(ready, err) != CE_OK)
		code = malformed(err);
	return code;
}

/* The callbacks, in the order of the message. */
CE_MUSTCHECK static int
get_callbacks(struct ce_message *ready, struct ce_plugin_info *info, struct ce_error *err)
{
	static const struct {
		const char *name;
		bool needed;
	} callbacks[] = {
		{ "create", true }, { "destroy", false }, { "discover", false }, { "install", true },
		{ "reload", true }, { "endpoints", true }, { "verify", false },
	};
	bool has[CE_COUNT(callbacks)];
	for (size_t i = 0; i < CE_COUNT(callbacks); i++)
		has[i] = ce_message_get_int(ready) != 0;
	for (size_t i = 0; i < CE_COUNT(callbacks) && !ready->broken; i++)
		if (callbacks[i].needed && !has[i])
			return ce_fail(err, CE_ERR_PLUGIN, "it has no callback '%s'", callbacks[i].name);
	info->has_discover = has[2];
	info->has_verify = has[6];
	return CE_OK;
}

CE_MUSTCHECK static int
check_head(const struct ce_plugin_info *info, const char *name, struct ce_error *err)
{
	if (!info->name || strcmp(info->name, name) != 0)
		return ce_fail(err, CE_ERR_PLUGIN, "it calls itself '%.64s', not as its file is called", info->name ? info->name : "");
	if (info->abi != CERTENGINE_ABI)
		return ce_fail(err, CE_ERR_PLUGIN, "it is made for ABI %u, this engine has ABI %d", info->abi, CERTENGINE_ABI);
	if (!ce_text_is_line(info->version, VERSION_LONGEST))
		return ce_fail(err, CE_ERR_PLUGIN, "its version is no line of 1 to %d bytes", VERSION_LONGEST);
	if (!ce_text_is_line(info->summary, SUMMARY_LONGEST))
		return ce_fail(err, CE_ERR_PLUGIN, "its summary is no line of 1 to %d bytes", SUMMARY_LONGEST);
	return CE_OK;
}

int
ce_describe(struct ce_message *ready, const char *name, struct ce_plugin_info *ret_info, struct ce_error *err)
{
	CE_CLEANUP(ce_describe_release) struct ce_plugin_info info = { .name = (char *)ce_message_get_str(ready) };
	info.version = (char *)ce_message_get_str(ready);
	info.summary = (char *)ce_message_get_str(ready);
	info.abi = (unsigned)ce_message_get_int(ready);
	int code = ready->broken ? malformed(err) : check_head(&info, name, err);
	if (code == CE_OK)
		code = get_callbacks(ready, &info, err);
	if (code == CE_OK)
		code = get_options(ready, &info, err);
	if (code != CE_OK)
		return code;
	struct ce_error why;
	ce_error_clear(&why);
	if (ce_table_check(info.options, &why) != CE_OK)
		return ce_fail(err, CE_ERR_PLUGIN, "its option table is wrong: %s", why.text);

	*ret_info = info;
	memset(&info, 0, sizeof(info));
	return CE_OK;
}
