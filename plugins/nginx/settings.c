/* The options, related and checked. */
#include "nginx.h"

#include <string.h>

static int
check(const struct ce_services *services, ce_call *call, const struct nginx_settings *settings)
{
	if ((settings->certificate_file != NULL) != (settings->key_file != NULL))
		return services->fail(call, CE_ERR_CONFIG, "'certificate_file' and 'key_file' are set together, or neither of them");
	if (settings->mode && (strlen(settings->mode) > 4 || strlen(settings->mode) < 3 ||
		settings->mode[strspn(settings->mode, "01234567")] != '\0' || settings->mode[strlen(settings->mode) - 1] != '0'))
		return services->fail(call, CE_ERR_CONFIG, "option 'mode': '%s' is no mode of octal digits that ends in 0",
			settings->mode);
	int rc = ce_plug_check_unit(services, call, "unit");
	return rc < 0 ? rc : ce_plug_check_command(services, call, "reload_command");
}

int
ce_nginx_settings(const struct ce_services *services, ce_call *call, struct nginx_settings *ret_settings)
{
	struct nginx_settings settings = {
		.config = services->option(call, "config"),
		.program = services->option(call, "program"),
		.prefix = services->option(call, "prefix"),
		.server_name = services->option(call, "server_name"),
		.port = (long)services->option_int(call, "port"),
		.certificate_file = services->option(call, "certificate_file"),
		.key_file = services->option(call, "key_file"),
		.owner = services->option(call, "owner"),
		.group = services->option(call, "group"),
		.mode = services->option(call, "mode"),
		.reload_command = services->option_list(call, "reload_command"),
		.unit = services->option(call, "unit"),
	};
	if (settings.reload_command && !settings.reload_command[0])
		settings.reload_command = NULL;
	int rc = check(services, call, &settings);
	if (rc >= 0)
		*ret_settings = settings;
	return rc;
}
