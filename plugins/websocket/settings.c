/* The options, related and checked. */
#include "websocket.h"

#include <string.h>

static const char *const *
list_of(const struct ce_services *services, ce_call *call, const char *name)
{
	const char *const *list = services->option_list(call, name);
	return list && list[0] ? list : NULL;
}

/* The vendor: no quotes, forward slashes only. Blanks at an end are lost in one reading and not in another. */
bool
ce_websocket_value(const char *text)
{
	return ce_plug_is_ascii(text, 1) && !strpbrk(text, "\"'\\") && text[0] != ' ' && text[strlen(text) - 1] != ' ';
}

static int
check_values(const struct ce_services *services, ce_call *call, const struct websocket_settings *settings)
{
	const char *mode = settings->mode;
	if (settings->password && (!ce_websocket_value(settings->password) || strlen(settings->password) < 6))
		return services->fail(call, CE_ERR_CONFIG, "option 'password': FME Flow takes 6 printable ASCII characters or more, "
			"without quotes, back slashes and blanks at an end");
	if (settings->keystore && !ce_websocket_value(settings->keystore))
		return services->fail(call, CE_ERR_CONFIG, "option 'keystore': '%s' cannot be said in FME Flow's files: no quotes, "
			"forward slashes only, printable ASCII", settings->keystore);
	if (mode && (strlen(mode) > 4 || strlen(mode) < 3 || mode[strspn(mode, "01234567")] != '\0' || mode[strlen(mode) - 1] != '0'))
		return services->fail(call, CE_ERR_CONFIG, "option 'mode': '%s' is no mode of octal digits that ends in 0", mode);
	if (settings->publisher_file && ce_plug_equal(settings->publisher_file, settings->subscriber_file))
		return services->fail(call, CE_ERR_CONFIG, "'publisher_file' and 'subscriber_file' are the same file");
	return CE_OK;
}

static int
check(const struct ce_services *services, ce_call *call, const struct websocket_settings *settings)
{
	static const char *const commands[] = { "restart_command", "publishers_command", "subscribers_command" };
	int rc = check_values(services, call, settings);
	if (rc >= 0)
		rc = ce_plug_check_unit(services, call, "unit");
	for (size_t i = 0; i < CE_PLUG_COUNT(commands) && rc >= 0; i++)
		rc = ce_plug_check_command(services, call, commands[i]);
	if (rc >= 0 && !settings->unit && !settings->restart_command)
		return services->fail(call, CE_ERR_CONFIG, "FME Flow reads its keystore only when its Core starts, and nothing says how "
			"to restart it: set 'unit' or 'restart_command'");
	return rc;
}

/* "/opt/fmeflow/" and "/opt/fmeflow" are one: the path is part of the reload key and of other paths. */
static const char *
without_slashes(const struct ce_services *services, ce_call *call, const char *path)
{
	size_t size = strlen(path);
	while (size > 1 && path[size - 1] == '/')
		size--;
	return services->format(call, "%.*s", (int)size, path);
}

int
ce_websocket_settings(const struct ce_services *services, ce_call *call, struct websocket_settings *ret_settings)
{
	const char *shared = services->option(call, "shared");
	struct websocket_settings settings = {
		.fme = without_slashes(services, call, services->option(call, "fme")),
		.publisher_file = services->option(call, "publisher_file"),
		.subscriber_file = services->option(call, "subscriber_file"),
		.keystore = services->option(call, "keystore"),
		.password = services->option(call, "password"),
		.profile = ce_plug_equal(services->option(call, "profile"), "legacy") ? CE_PROFILE_LEGACY : CE_PROFILE_MODERN,
		.address = services->option(call, "address"),
		.port = (long)services->option_int(call, "port"),
		.publishers_command = list_of(services, call, "publishers_command"),
		.subscribers_command = list_of(services, call, "subscribers_command"),
		.restart_command = list_of(services, call, "restart_command"),
		.unit = services->option(call, "unit"),
		.curl = services->option(call, "curl"),
		.owner = services->option(call, "owner"),
		.group = services->option(call, "group"),
		.mode = services->option(call, "mode"),
	};
	settings.shared = shared ? without_slashes(services, call, shared) : settings.fme;
	if (!settings.fme || !settings.shared)
		return ce_plug_no_memory(services, call);
	int rc = check(services, call, &settings);
	if (rc >= 0)
		*ret_settings = settings;
	return rc;
}
