/* Options: sent with the target, looked up here, so that a look-up costs nothing. */
#include <string.h>

#include "plugin/host_call.h"

void
ce_host_options_release(struct ce_host_options *options)
{
	for (size_t i = 0; i < options->count; i++)
		ce_strlist_release(&options->items[i].list);
	free(options->items);
	ce_message_release(&options->message);
	memset(options, 0, sizeof(*options));
}

CE_MUSTCHECK static int
take_one(struct ce_message *message, struct ce_host_option *option, struct ce_error *err)
{
	option->name = ce_message_get_str(message);
	option->type = (int)ce_message_get_int(message);
	option->text = ce_message_get_str(message);
	option->number = ce_message_get_int(message);
	int code = ce_message_get_list(message, CE_MESSAGE_LIMIT, &option->list, err);
	if (code == CE_OK && !option->name)
		code = ce_fail(err, CE_ERR_INVALID, "an option without a name was sent");
	return code;
}

int
ce_host_options_take(struct ce_message *message, struct ce_host_options *ret_options, struct ce_error *err)
{
	CE_CLEANUP(ce_host_options_release) struct ce_host_options options = { *message, NULL, 0 };
	*message = (struct ce_message)CE_MESSAGE_INIT(0);
	int64_t count = ce_message_get_int(&options.message);
	if (count < 0 || count > CE_PLUGIN_OPTIONS_MAX)
		return ce_fail(err, CE_ERR_INVALID, "%lld options were sent", (long long)count);
	options.items = calloc((size_t)count + 1, sizeof(*options.items));
	if (!options.items)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");

	int code = CE_OK;
	for (; options.count < (size_t)count && code == CE_OK; options.count++)
		code = take_one(&options.message, &options.items[options.count], err);
	if (code == CE_OK)
		code = ce_message_end(&options.message, err);
	if (code != CE_OK)
		return code;
	*ret_options = options;
	memset(&options, 0, sizeof(options));
	return CE_OK;
}

/* The type that the plugin's own table gives an option, 0 when it has none of the name. */
static int
declared_type(const struct certengine_plugin *plugin, const char *name)
{
	const char *at = (const char *)plugin->options;
	for (size_t i = 0; at && i < CE_PLUGIN_OPTIONS_MAX; i++, at += plugin->option_size) {
		const struct ce_option *row = (const struct ce_option *)(const void *)at;
		if (!row->name)
			return 0;
		if (strcmp(row->name, name) == 0)
			return row->type;
	}
	return 0;
}

#define TYPE(type) (1u << (type))
#define TEXT_TYPES (TYPE(CE_OPTION_STRING) | TYPE(CE_OPTION_PATH) | TYPE(CE_OPTION_SECRET) | TYPE(CE_OPTION_ENUM))

/* NULL when it is not set; asking for what the table does not have, or as what it is not, is a mistake in the plugin
 * that must not pass for "not set". */
static const struct ce_host_option *
look_up(ce_call *call, const char *name, unsigned types)
{
	int type = declared_type(call->plugin, name);
	if (type < CE_OPTION_STRING || type > CE_OPTION_ENUM || (TYPE(type) & types) == 0) {
		ce_call_breach(call, type == 0 ? "it asked for the option '%s', which its table does not have"
			: "it asked for the option '%s' as another type than its table says", name);
		return NULL;
	}
	for (size_t i = 0; call->options && i < call->options->count; i++)
		if (strcmp(call->options->items[i].name, name) == 0)
			return &call->options->items[i];
	return NULL;
}

const char *
ce_host_option(ce_call *call, const char *name)
{
	const struct ce_host_option *option = look_up(call, name, TEXT_TYPES);
	return option ? option->text : NULL;
}

long long
ce_host_option_int(ce_call *call, const char *name)
{
	const struct ce_host_option *option = look_up(call, name, TYPE(CE_OPTION_INT));
	return option ? option->number : 0;
}

int
ce_host_option_bool(ce_call *call, const char *name)
{
	const struct ce_host_option *option = look_up(call, name, TYPE(CE_OPTION_BOOL));
	return option && option->number != 0;
}

const char *const *
ce_host_option_list(ce_call *call, const char *name)
{
	static const char *const none[] = { NULL };
	const struct ce_host_option *option = look_up(call, name, TYPE(CE_OPTION_LIST));
	return option && option->list.items ? (const char *const *)option->list.items : none;
}
