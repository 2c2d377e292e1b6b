/* The options, related and checked. */
#include "springboot.h"

#include <string.h>

static int
choice(const char *text, const char *const *choices)
{
	int at = 0;
	while (choices[at] && !ce_plug_equal(text, choices[at]))
		at++;
	return at;
}

static const char *const *
list_of(const struct ce_services *services, ce_call *call, const char *name)
{
	const char *const *list = services->option_list(call, name);
	return list && list[0] ? list : NULL;
}

static int
check_pairs(const struct ce_services *services, ce_call *call, const char *option, const char *const *items)
{
	for (; items && *items; items++)
		if (!strchr(*items, '=') || **items == '=')
			return services->fail(call, CE_ERR_CONFIG, "option '%s': '%s' is not name=value", option, *items);
	return CE_OK;
}

static int
check(const struct ce_services *services, ce_call *call, const struct springboot_settings *settings)
{
	const char *mode = settings->mode;
	if ((settings->certificate_file != NULL) != (settings->key_file != NULL))
		return services->fail(call, CE_ERR_CONFIG, "'certificate_file' and 'key_file' are set together, or neither of them");
	if (mode && (strlen(mode) > 4 || strlen(mode) < 3 || mode[strspn(mode, "01234567")] != '\0' ||
		mode[strlen(mode) - 1] != '0'))
		return services->fail(call, CE_ERR_CONFIG, "option 'mode': '%s' is no mode of octal digits that ends in 0", mode);
	if (settings->password && !ce_plug_is_ascii(settings->password, 6))
		return services->fail(call, CE_ERR_CONFIG, "option 'password': Java takes 6 printable ASCII characters or more");
	if (settings->alias && !ce_plug_equal(ce_plug_lower(services, call, settings->alias), settings->alias))
		return services->fail(call, CE_ERR_CONFIG, "option 'alias': Java's keystores know lower case only");
	int rc = ce_plug_check_unit(services, call, "unit");
	if (rc >= 0)
		rc = ce_plug_check_command(services, call, "restart_command");
	if (rc >= 0)
		rc = check_pairs(services, call, "placeholders", settings->placeholders);
	return rc < 0 ? rc : check_pairs(services, call, "properties", settings->properties);
}

int
ce_springboot_settings(const struct ce_services *services, ce_call *call, struct springboot_settings *ret_settings)
{
	static const char *const forms[] = { "auto", "keystore", "pem", "bundle", NULL };
	struct springboot_settings settings = {
		.config = services->option(call, "config"),
		.version = services->option(call, "version"),
		.directory = services->option(call, "directory"),
		.profiles = list_of(services, call, "profiles"),
		.placeholders = list_of(services, call, "placeholders"),
		.properties = list_of(services, call, "properties"),
		.form = (enum springboot_form)choice(services->option(call, "form"), forms),
		.keystore = services->option(call, "keystore"),
		.alias = services->option(call, "alias"),
		.password = services->option(call, "password"),
		.certificate_file = services->option(call, "certificate_file"),
		.key_file = services->option(call, "key_file"),
		.profile = ce_plug_equal(services->option(call, "profile"), "legacy") ? CE_PROFILE_LEGACY : CE_PROFILE_MODERN,
		.address = services->option(call, "address"),
		.port = (long)services->option_int(call, "port"),
		.restart_command = list_of(services, call, "restart_command"),
		.unit = services->option(call, "unit"),
		.owner = services->option(call, "owner"),
		.group = services->option(call, "group"),
		.mode = services->option(call, "mode"),
	};
	int rc = check(services, call, &settings);
	if (rc >= 0)
		*ret_settings = settings;
	return rc;
}
