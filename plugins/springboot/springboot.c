/* springboot: applications of Spring Boot 2.4 and later. The manual is certengine-springboot(5); springboot.md says what it
 * does for each step of a vendor's instructions. */
#include "springboot.h"

#include <string.h>

static const char *const form_choices[] = { "auto", "keystore", "pem", "bundle", NULL };
static const char *const profile_choices[] = { "modern", "legacy", NULL };

static const struct ce_option options[] = {
	{ "config", CE_OPTION_PATH, 1, NULL, 0, 0, NULL, "application.properties, application.yml or application.yaml" },
	{ "version", CE_OPTION_STRING, 0, NULL, 0, 0, NULL, "Spring Boot's version (3.4.0), for PEM files and bundles that are new" },
	{ "profiles", CE_OPTION_LIST, 0, NULL, 0, 0, NULL,
		"active profiles; default: as the unit, else the configuration, says" },
	{ "directory", CE_OPTION_PATH, 0, NULL, 0, 0, NULL,
		"where relative paths in the configuration count from; default: the unit's WorkingDirectory" },
	{ "placeholders", CE_OPTION_LIST, 0, NULL, 0, 0, NULL,
		"\"name=value\" for placeholders that the configuration does not define itself" },
	{ "properties", CE_OPTION_LIST, 0, NULL, 0, 0, NULL,
		"\"name=value\" to be set beside those of the certificate, such as server.port or a base URL" },
	{ "form", CE_OPTION_ENUM, 0, "auto", 0, 0, form_choices,
		"keystore, pem, bundle, or auto: what the configuration has, else keystore" },
	{ "keystore", CE_OPTION_PATH, 0, NULL, 0, 0, NULL, "the keystore; default: as in the configuration, else beside it" },
	{ "alias", CE_OPTION_STRING, 0, NULL, 0, 0, NULL, "alias of the key; default: as in the configuration, else server" },
	{ "password", CE_OPTION_SECRET, 0, NULL, 0, 0, NULL,
		"password of the keystore; default: as in the configuration, else a new one" },
	{ "profile", CE_OPTION_ENUM, 0, "modern", 0, 0, profile_choices,
		"keystore algorithms; legacy for Java before 8u301 or 11.0.12" },
	{ "certificate_file", CE_OPTION_PATH, 0, NULL, 0, 0, NULL,
		"PEM certificate with its chain; default: as in the configuration, else beside it" },
	{ "key_file", CE_OPTION_PATH, 0, NULL, 0, 0, NULL, "PEM key; default: as in the configuration, else beside it" },
	{ "address", CE_OPTION_STRING, 0, NULL, 0, 0, NULL, "address it serves on; default: server.address, else 127.0.0.1" },
	{ "port", CE_OPTION_INT, 0, NULL, 1, 65535, NULL, "port it serves on; default: server.port, else 8080" },
	{ "restart_command", CE_OPTION_LIST, 0, NULL, 0, 0, NULL, "command that restarts the application; goes before unit" },
	{ "unit", CE_OPTION_STRING, 0, NULL, 0, 0, NULL, "systemd unit of the application" },
	{ "owner", CE_OPTION_STRING, 0, NULL, 0, 0, NULL, "owner of key material; default: as is, the configuration's for a new file" },
	{ "group", CE_OPTION_STRING, 0, NULL, 0, 0, NULL, "group of key material; default: as is, the configuration's for a new file" },
	{ "mode", CE_OPTION_STRING, 0, NULL, 0, 0, NULL, "mode of key material; default: as is, 0640 or 0600 for a new file" },
	{ NULL, 0, 0, NULL, 0, 0, NULL, NULL },
};

/* The options are read anew in every callback, so a target needs no memory of its own. */
static int
springboot_create(const struct ce_services *services, ce_call *call, void **ret_instance)
{
	struct springboot_settings settings;
	int rc = ce_springboot_settings(services, call, &settings);
	if (rc >= 0)
		*ret_instance = NULL;
	return rc;
}

/* What else goes with TLS in this application, as it is to be written. */
static int
set_properties(struct springboot_work *work)
{
	int rc = CE_OK;
	for (const char *const *item = work->settings.properties; item && *item && rc >= 0; item++) {
		const char *sign = strchr(*item, '=');
		const char *key = work->services->format(work->call, "%.*s", (int)(sign - *item), *item);
		rc = key ? ce_springboot_put(work, key, sign + 1) : ce_plug_no_memory(work->services, work->call);
	}
	return rc;
}

static int
springboot_install(const struct ce_services *services, ce_call *call, void *instance)
{
	struct springboot_work work;
	struct springboot_keys keys;
	(void)instance;
	int rc = ce_springboot_open(services, call, &work);
	if (rc >= 0)
		rc = ce_springboot_keys(&work, &keys);
	if (rc >= 0)
		rc = ce_springboot_material(&work, &keys);
	if (rc >= 0)
		rc = set_properties(&work);
	if (rc >= 0)
		rc = services->text->stage(call, work.text);
	if (rc < 0)
		return rc;
	rc = ce_springboot_reload_by(&work, &keys, rc != CE_UNCHANGED);
	return rc < 0 ? rc : CE_OK;
}

CERTENGINE_EXPORT extern const struct certengine_plugin certengine_plugin;

const struct certengine_plugin certengine_plugin = {
	.abi = CERTENGINE_ABI,
	.size = sizeof(struct certengine_plugin),
	.name = "springboot",
	.version = "1.0",
	.summary = "Spring Boot 2.4 and later: keystore, PEM files or SSL bundle in properties or YAML",
	.options = options,
	.option_size = sizeof(struct ce_option),
	.create = springboot_create,
	.discover = ce_springboot_discover,
	.install = springboot_install,
	.reload = ce_springboot_reload,
	.endpoints = ce_springboot_endpoints,
};
