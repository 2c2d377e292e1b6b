/* The options and how they relate. */
#include "tomcat.h"

#include <string.h>

static int
choice(const char *text, const char *const *choices)
{
	int index = 0;
	while (choices[index] && !ce_plug_equal(text, choices[index]))
		index++;
	return choices[index] ? index : 0;
}

bool
ce_tomcat_can_restart(const struct tomcat_settings *settings)
{
	return settings->unit || (settings->restart_command && settings->restart_command[0]);
}

static bool
can_run(const char *const *argv)
{
	return argv && argv[0];
}

/* Credentials go over the wire as they are: over plain http only to this host itself. */
static int
check_manager(const struct ce_services *services, ce_call *call, const struct tomcat_settings *settings)
{
	static const char *const safe[] = { "https://", "http://127.0.0.1", "http://[::1]", "http://localhost" };
	const char *url = settings->manager_url;
	if (!url)
		return services->fail(call, CE_ERR_CONFIG,
			"reload by the manager needs 'manager_url', such as http://127.0.0.1:8080/manager");
	if (!settings->manager_credentials)
		return services->fail(call, CE_ERR_CONFIG,
			"reload by the manager needs 'manager_credentials', a file that holds user:password");
	if (strpbrk(url, "@?# ") || strlen(url) < strlen("http://x"))
		return services->fail(call, CE_ERR_CONFIG,
			"manager_url '%s' must be a plain URL: no user, no query, no fragment", url);
	for (size_t i = 0; i < CE_PLUG_COUNT(safe); i++) {
		size_t size = strlen(safe[i]);
		if (ce_plug_starts(url, safe[i]) && (i == 0 || url[size] == ':' || url[size] == '/' || url[size] == '\0'))
			return CE_OK;
	}
	return services->fail(call, CE_ERR_CONFIG,
		"manager_url '%s' would send the manager's password in clear: use https or an address of this host", url);
}

static int
read_reload(const struct ce_services *services, ce_call *call, struct tomcat_settings *settings)
{
	static const char *const choices[] = { "auto", "manager", "command", "unit", NULL };
	int wanted = choice(services->option(call, "reload"), choices);
	if (wanted == 0)
		wanted = settings->manager_url ? 1 : can_run(settings->reload_command) ? 2 : 3;

	if (wanted == 1) {
		settings->reload = TOMCAT_RELOAD_MANAGER;
		return check_manager(services, call, settings);
	}
	if (wanted == 2) {
		settings->reload = TOMCAT_RELOAD_COMMAND;
		return can_run(settings->reload_command)
			? CE_OK
			: services->fail(call, CE_ERR_CONFIG, "reload by command needs 'reload_command'");
	}
	settings->reload = TOMCAT_RELOAD_RESTART;
	return ce_tomcat_can_restart(settings)
		? CE_OK
		: services->fail(call, CE_ERR_CONFIG,
			"nothing says how this Tomcat is to load a new certificate: set 'unit', 'restart_command', "
			"'reload_command' or 'manager_url'");
}

static int
check_form(const struct ce_services *services, ce_call *call, const struct tomcat_settings *settings)
{
	bool store = settings->keystore || settings->alias || settings->password_file
		|| settings->password_in != TOMCAT_PASSWORD_AUTO;
	bool pem = settings->certificate_file || settings->key_file || settings->chain_file;
	if ((store && pem) || (pem && settings->form == TOMCAT_FORM_KEYSTORE) || (store && settings->form == TOMCAT_FORM_PEM))
		return services->fail(call, CE_ERR_CONFIG,
			"options of a keystore (keystore, alias, password_in, password_file) and of PEM files (certificate_file, "
			"key_file, chain_file) are mixed; keep those of one form");
	if (settings->chain_file && ce_plug_equal(settings->chain_file, settings->certificate_file))
		return services->fail(call, CE_ERR_CONFIG, "chain_file and certificate_file are the same file");
	if (settings->password_file && settings->password_in == TOMCAT_PASSWORD_ATTRIBUTE)
		return services->fail(call, CE_ERR_CONFIG, "password_file is set, but password_in says attribute");
	return CE_OK;
}

/* Java stores aliases in lower case; an alias that is none there would never be found again. */
static int
check_names(const struct ce_services *services, ce_call *call, struct tomcat_settings *settings)
{
	if (settings->alias) {
		const char *lower = ce_plug_lower(services, call, settings->alias);
		if (!lower)
			return ce_plug_no_memory(services, call);
		if (!ce_plug_is_ascii(lower, 1) || !ce_plug_equal(lower, settings->alias) || strstr(lower, "${"))
			return services->fail(call, CE_ERR_CONFIG, "alias '%s' must be printable ASCII in lower case", settings->alias);
	}
	if (!settings->host_name)
		return CE_OK;

	settings->host_name = ce_plug_lower(services, call, settings->host_name);
	if (!settings->host_name)
		return ce_plug_no_memory(services, call);
	if (settings->host_name[0] == '\0'
	    || settings->host_name[strspn(settings->host_name, "abcdefghijklmnopqrstuvwxyz0123456789._-*")] != '\0')
		return services->fail(call, CE_ERR_CONFIG, "host_name '%s' is no DNS name", settings->host_name);
	return CE_OK;
}

static void
read_paths(const struct ce_services *services, ce_call *call, struct tomcat_settings *settings)
{
	const struct {
		const char *name;
		const char **place;
	} texts[] = {
		{ "base", &settings->base }, { "home", &settings->home }, { "config", &settings->config },
		{ "version", &settings->version }, { "address", &settings->address }, { "host_name", &settings->host_name },
		{ "keystore", &settings->keystore }, { "alias", &settings->alias },
		{ "password_file", &settings->password_file }, { "certificate_file", &settings->certificate_file },
		{ "key_file", &settings->key_file }, { "chain_file", &settings->chain_file },
		{ "manager_url", &settings->manager_url }, { "manager_credentials", &settings->manager_credentials },
		{ "manager_ca", &settings->manager_ca }, { "unit", &settings->unit }, { "owner", &settings->owner },
		{ "group", &settings->group }, { "mode", &settings->mode },
	};
	for (size_t i = 0; i < CE_PLUG_COUNT(texts); i++)
		*texts[i].place = services->option(call, texts[i].name);
}

/* "/opt/tomcat/" and "/opt/tomcat" are one Tomcat: the path is part of the reload key and of other paths. */
static const char *
without_slashes(const struct ce_services *services, ce_call *call, const char *path)
{
	size_t size = path ? strlen(path) : 0;
	size_t kept = size;
	while (kept > 1 && path[kept - 1] == '/')
		kept--;
	return kept == size ? path : services->format(call, "%.*s", (int)kept, path);
}

int
ce_tomcat_settings(const struct ce_services *services, ce_call *call, struct tomcat_settings *ret_settings)
{
	static const char *const forms[] = { "auto", "keystore", "pem", NULL };
	static const char *const places[] = { "auto", "file", "attribute", NULL };
	static const char *const profiles[] = { "modern", "legacy", NULL };
	struct tomcat_settings settings = { .base = NULL };
	read_paths(services, call, &settings);
	settings.base = without_slashes(services, call, settings.base);
	settings.port = (long)services->option_int(call, "port");
	settings.redirect_from = (long)services->option_int(call, "redirect_from");
	settings.form = (enum tomcat_form)choice(services->option(call, "form"), forms);
	settings.password_in = (enum tomcat_password_in)choice(services->option(call, "password_in"), places);
	settings.profile = choice(services->option(call, "profile"), profiles) == 1 ? CE_PROFILE_LEGACY : CE_PROFILE_MODERN;
	settings.reload_command = services->option_list(call, "reload_command");
	settings.restart_command = services->option_list(call, "restart_command");
	if (!settings.config && settings.base)
		settings.config = services->format(call, "%s/conf/server.xml", settings.base);
	if (!settings.config)
		return ce_plug_no_memory(services, call);

	int rc = check_names(services, call, &settings);
	if (rc >= 0)
		rc = check_form(services, call, &settings);
	if (rc >= 0)
		rc = ce_plug_check_unit(services, call, "unit");
	if (rc >= 0)
		rc = ce_plug_check_command(services, call, "reload_command");
	if (rc >= 0)
		rc = ce_plug_check_command(services, call, "restart_command");
	if (rc >= 0)
		rc = read_reload(services, call, &settings);
	if (rc < 0)
		return rc;

	*ret_settings = settings;
	return CE_OK;
}
