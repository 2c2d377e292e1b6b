/* tomcat: Apache Tomcat 8.5, 9, 10.1 and 11. The manual is tomcat.md. */
#include "tomcat.h"

static const char *const form_choices[] = { "auto", "keystore", "pem", NULL };
static const char *const password_choices[] = { "auto", "file", "attribute", NULL };
static const char *const profile_choices[] = { "modern", "legacy", NULL };
static const char *const reload_choices[] = { "auto", "manager", "command", "unit", NULL };

static const struct ce_option options[] = {
	{ "base", CE_OPTION_PATH, 1, NULL, 0, 0, NULL, "CATALINA_BASE: the directory that holds conf/server.xml" },
	{ "home", CE_OPTION_PATH, 0, NULL, 0, 0, NULL,
		"CATALINA_HOME, for lib/catalina.jar; default: base, else /usr/share/NAME for a base /var/lib/NAME" },
	{ "config", CE_OPTION_PATH, 0, NULL, 0, 0, NULL, "server.xml; default: BASE/conf/server.xml" },
	{ "version", CE_OPTION_STRING, 0, NULL, 0, 0, NULL, "Tomcat's version (10.1.16); default: read from lib/catalina.jar" },
	{ "port", CE_OPTION_INT, 0, NULL, 1, 65535, NULL,
		"port of the TLS connector; default: the only TLS connector's, 8443 for one that is added" },
	{ "address", CE_OPTION_STRING, 0, NULL, 0, 0, NULL,
		"address attribute of the TLS connector, where several share a port or one is added" },
	{ "host_name", CE_OPTION_STRING, 0, NULL, 0, 0, NULL,
		"hostName of the SSLHostConfig; default: the connector's default host, usually _default_" },
	{ "form", CE_OPTION_ENUM, 0, "auto", 0, 0, form_choices, "keystore, pem, or auto: what server.xml has, else keystore" },
	{ "keystore", CE_OPTION_PATH, 0, NULL, 0, 0, NULL, "the keystore; default: as in server.xml, else beside it" },
	{ "alias", CE_OPTION_STRING, 0, NULL, 0, 0, NULL, "alias of the key; default: as in server.xml, else tomcat" },
	{ "password_in", CE_OPTION_ENUM, 0, "auto", 0, 0, password_choices,
		"where the keystore's password stands: file (8.5.96, 9.0.83, 10.1.16, 11), attribute, or auto" },
	{ "password_file", CE_OPTION_PATH, 0, NULL, 0, 0, NULL, "the password file; default: as in server.xml, else beside it" },
	{ "profile", CE_OPTION_ENUM, 0, "modern", 0, 0, profile_choices,
		"keystore algorithms; legacy for Java before 8u301 or 11.0.12" },
	{ "certificate_file", CE_OPTION_PATH, 0, NULL, 0, 0, NULL,
		"PEM certificate with its chain; default: as in server.xml, else beside it" },
	{ "key_file", CE_OPTION_PATH, 0, NULL, 0, 0, NULL, "PEM key; default: as in server.xml, else beside it" },
	{ "chain_file", CE_OPTION_PATH, 0, NULL, 0, 0, NULL, "PEM intermediates in a file of their own; default: as in server.xml" },
	{ "redirect_from", CE_OPTION_INT, 0, NULL, 1, 65535, NULL,
		"port of the http connector whose redirectPort is set to the TLS port" },
	{ "reload", CE_OPTION_ENUM, 0, "auto", 0, 0, reload_choices,
		"what makes Tomcat load a renewed certificate; auto: manager, command, unit, whichever is set first" },
	{ "manager_url", CE_OPTION_STRING, 0, NULL, 0, 0, NULL, "the manager application, http://127.0.0.1:8080/manager" },
	{ "manager_credentials", CE_OPTION_PATH, 0, NULL, 0, 0, NULL, "file that holds user:password with role manager-script" },
	{ "manager_ca", CE_OPTION_PATH, 0, NULL, 0, 0, NULL, "PEM to trust for an https manager_url; default: the system's" },
	{ "reload_command", CE_OPTION_LIST, 0, NULL, 0, 0, NULL, "command that makes Tomcat read its key material again" },
	{ "restart_command", CE_OPTION_LIST, 0, NULL, 0, 0, NULL, "command that restarts Tomcat; goes before unit" },
	{ "unit", CE_OPTION_STRING, 0, NULL, 0, 0, NULL, "systemd unit to restart, tomcat10.service" },
	{ "owner", CE_OPTION_STRING, 0, NULL, 0, 0, NULL, "owner of key material; default: as is, server.xml's for a new file" },
	{ "group", CE_OPTION_STRING, 0, NULL, 0, 0, NULL, "group of key material; default: as is, server.xml's for a new file" },
	{ "mode", CE_OPTION_STRING, 0, NULL, 0, 0, NULL, "mode of key material; default: as is, 0640 or 0600 for a new file" },
	{ NULL, 0, 0, NULL, 0, 0, NULL, NULL },
};

/* The options are read anew in every callback, so a target needs no memory of its own. */
static int
tomcat_create(const struct ce_services *services, ce_call *call, void **ret_instance)
{
	struct tomcat_settings settings;
	int rc = ce_tomcat_settings(services, call, &settings);
	if (rc < 0)
		return rc;

	*ret_instance = NULL;
	return CE_OK;
}

static int
install_into(struct tomcat_work *work)
{
	struct tomcat_connector *connector = NULL;
	struct tomcat_place place;
	int rc = ce_tomcat_choose(work, &connector);
	if (rc >= 0 && !connector) {
		/* Read now: a Tomcat too old for what is about to be written is to be refused. */
		rc = ce_tomcat_version(work);
		if (rc >= 0)
			rc = ce_tomcat_add_connector(work, &connector);
	}
	if (rc >= 0)
		rc = ce_tomcat_make_place(work, connector, &place);
	if (rc >= 0)
		rc = ce_tomcat_own_connector(work, connector);
	if (rc >= 0)
		rc = ce_tomcat_material(work, &place);
	return rc < 0 ? rc : ce_tomcat_redirect(work, connector);
}

static int
tomcat_install(const struct ce_services *services, ce_call *call, void *instance)
{
	struct tomcat_work work;
	(void)instance;
	int rc = ce_tomcat_open(services, call, &work);
	if (rc >= 0)
		rc = install_into(&work);
	if (rc >= 0)
		rc = services->xml->stage(call, work.document);
	if (rc < 0)
		return rc;

	if (rc != CE_UNCHANGED)
		work.restart = true;
	rc = ce_tomcat_reload_by(&work);
	return rc < 0 ? rc : CE_OK;
}

CERTENGINE_EXPORT extern const struct certengine_plugin certengine_plugin;

const struct certengine_plugin certengine_plugin = {
	.abi = CERTENGINE_ABI,
	.size = sizeof(struct certengine_plugin),
	.name = "tomcat",
	.version = "1.0",
	.summary = "Apache Tomcat 8.5, 9, 10.1 and 11: keystore or PEM files in server.xml",
	.options = options,
	.option_size = sizeof(struct ce_option),
	.create = tomcat_create,
	.discover = ce_tomcat_discover,
	.install = tomcat_install,
	.reload = ce_tomcat_reload,
	.endpoints = ce_tomcat_endpoints,
};
