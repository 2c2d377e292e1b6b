/* files: key and certificate at given paths, for everything that has no plugin of its own. The manual is
 * certengine-files(5). It is also the sample for authors of plugins: it uses most services, and nothing else. */
#include "common/plug.h"

#include <string.h>

static const char *const profile_choices[] = { "modern", "legacy", NULL };
static const char *const action_choices[] = { "reload-or-restart", "reload", "restart", NULL };

static const struct ce_option options[] = {
	{ "key", CE_OPTION_PATH, 0, NULL, 0, 0, NULL, "PEM key (PKCS#8, not encrypted)" },
	{ "leaf", CE_OPTION_PATH, 0, NULL, 0, 0, NULL, "PEM certificate alone" },
	{ "chain", CE_OPTION_PATH, 0, NULL, 0, 0, NULL, "PEM intermediates alone; empty for a certificate without" },
	{ "fullchain", CE_OPTION_PATH, 0, NULL, 0, 0, NULL, "PEM certificate with its intermediates" },
	{ "combined", CE_OPTION_PATH, 0, NULL, 0, 0, NULL, "PEM key, certificate and intermediates in one file" },
	{ "der", CE_OPTION_PATH, 0, NULL, 0, 0, NULL, "certificate in DER" },
	{ "pkcs12", CE_OPTION_PATH, 0, NULL, 0, 0, NULL, "PKCS#12 with key, certificate and intermediates" },
	{ "jks", CE_OPTION_PATH, 0, NULL, 0, 0, NULL, "Java keystore (JKS) with the same" },
	{ "alias", CE_OPTION_STRING, 0, "certificate", 0, 0, NULL, "alias of the key in a keystore, in lower case" },
	{ "password", CE_OPTION_SECRET, 0, NULL, 0, 0, NULL, "password of the keystore" },
	{ "password_file", CE_OPTION_PATH, 0, NULL, 0, 0, NULL,
		"file that holds the keystore's password; written with a new one if it is not there" },
	{ "profile", CE_OPTION_ENUM, 0, "modern", 0, 0, profile_choices,
		"keystore algorithms; legacy for Java before 8u301 or 11.0.12" },
	{ "owner", CE_OPTION_STRING, 0, NULL, 0, 0, NULL, "owner of the files; default: as is, the directory's for a new file" },
	{ "group", CE_OPTION_STRING, 0, NULL, 0, 0, NULL, "group of the files; default: as is, the directory's for a new file" },
	{ "mode", CE_OPTION_STRING, 0, NULL, 0, 0, NULL, "mode of files with the key; default: as is, 0600 for a new file" },
	{ "public_mode", CE_OPTION_STRING, 0, NULL, 0, 0, NULL, "mode of files without it; default: as is, 0640 for a new file" },
	{ "check_command", CE_OPTION_LIST, 0, NULL, 0, 0, NULL,
		"command that looks at the new files before the reload; if it fails, all is put back" },
	{ "reload_command", CE_OPTION_LIST, 0, NULL, 0, 0, NULL, "command that makes the product load them; goes before unit" },
	{ "unit", CE_OPTION_STRING, 0, NULL, 0, 0, NULL, "systemd unit that serves the certificate" },
	{ "unit_action", CE_OPTION_ENUM, 0, "reload-or-restart", 0, 0, action_choices, "what systemctl does with the unit" },
	{ "endpoints", CE_OPTION_LIST, 0, NULL, 0, 0, NULL,
		"where it is served: \"host:port\" or \"host:port sni\", an IPv6 address in brackets" },
	{ NULL, 0, 0, NULL, 0, 0, NULL, NULL },
};

/* What can be written where. */
static const struct output {
	const char *option;
	int kind;
	bool key, store;
} outputs[] = {
	{ "key", CE_MATERIAL_PEM_KEY, true, false },
	{ "leaf", CE_MATERIAL_PEM_LEAF, false, false },
	{ "chain", CE_MATERIAL_PEM_CHAIN, false, false },
	{ "fullchain", CE_MATERIAL_PEM_FULLCHAIN, false, false },
	{ "combined", CE_MATERIAL_PEM_ALL, true, false },
	{ "der", CE_MATERIAL_DER_LEAF, false, false },
	{ "pkcs12", CE_MATERIAL_PKCS12, true, true },
	{ "jks", CE_MATERIAL_JKS, true, true },
};

/* --------------------------------------------------------------------- create */

static bool
is_mode(const char *text)
{
	size_t size = text ? strlen(text) : 0;
	return !text || (size >= 3 && size <= 4 && text[strspn(text, "01234567")] == '\0');
}

/* A key that everybody may read is no key. */
static int
check_modes(const struct ce_services *services, ce_call *call)
{
	const char *mode = services->option(call, "mode"), *public_mode = services->option(call, "public_mode");
	if (!is_mode(mode) || !is_mode(public_mode))
		return services->fail(call, CE_ERR_CONFIG, "option '%s': '%s' is no mode of three or four octal digits",
			is_mode(mode) ? "public_mode" : "mode", is_mode(mode) ? public_mode : mode);
	if (mode && mode[strlen(mode) - 1] != '0')
		return services->fail(call, CE_ERR_CONFIG,
			"option 'mode': '%s' opens the private key to every account; give the last digit 0 and use 'group'", mode);
	return CE_OK;
}

/* Each file is named once. */
static int
check_paths(const struct ce_services *services, ce_call *call)
{
	const char *paths[CE_PLUG_COUNT(outputs) + 1];
	size_t count = 0;
	for (size_t i = 0; i < CE_PLUG_COUNT(outputs); i++)
		if (services->option(call, outputs[i].option))
			paths[count++] = services->option(call, outputs[i].option);
	if (count == 0)
		return services->fail(call, CE_ERR_CONFIG,
			"no file is named; set at least one of key, leaf, chain, fullchain, combined, der, pkcs12 and jks");
	if (services->option(call, "password_file"))
		paths[count++] = services->option(call, "password_file");
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < i; j++)
			if (ce_plug_equal(paths[i], paths[j]))
				return services->fail(call, CE_ERR_CONFIG, "two options name the same file '%s'", paths[i]);
	return CE_OK;
}

static int
check_store(const struct ce_services *services, ce_call *call)
{
	const char *password = services->option(call, "password"), *file = services->option(call, "password_file");
	const char *alias = services->option(call, "alias");
	if (!services->option(call, "pkcs12") && !services->option(call, "jks")) {
		if (password || file)
			return services->fail(call, CE_ERR_CONFIG, "there is a password, but neither 'pkcs12' nor 'jks' names a keystore");
		return CE_OK;
	}
	if ((password != NULL) == (file != NULL))
		return services->fail(call, CE_ERR_CONFIG, "a keystore needs either 'password' or 'password_file'");
	if (password && !ce_plug_is_ascii(password, 6))
		return services->fail(call, CE_ERR_CONFIG, "option 'password': Java takes 6 printable ASCII characters or more");
	if (!ce_plug_is_ascii(alias, 1) || !ce_plug_equal(ce_plug_lower(services, call, alias), alias))
		return services->fail(call, CE_ERR_CONFIG, "option 'alias': '%s' is not printable ASCII in lower case", alias);
	return CE_OK;
}

static int
files_create(const struct ce_services *services, ce_call *call, void **ret_instance)
{
	const char *const *endpoints = services->option_list(call, "endpoints");
	struct ce_plug_endpoint endpoint;
	int rc = check_paths(services, call);
	if (rc >= 0)
		rc = check_modes(services, call);
	if (rc >= 0)
		rc = check_store(services, call);
	if (rc >= 0)
		rc = ce_plug_check_unit(services, call, "unit");
	if (rc >= 0)
		rc = ce_plug_check_command(services, call, "check_command");
	if (rc >= 0)
		rc = ce_plug_check_command(services, call, "reload_command");
	for (; rc >= 0 && endpoints && *endpoints; endpoints++)
		rc = ce_plug_endpoint(services, call, *endpoints, &endpoint);
	if (rc < 0)
		return rc;

	*ret_instance = NULL; /* the options are read anew in every callback */
	return CE_OK;
}

/* -------------------------------------------------------------------- install */

static struct ce_file_mode
mode_of(const struct ce_services *services, ce_call *call, bool key)
{
	struct ce_file_mode mode = { sizeof(mode), services->option(call, "owner"), services->option(call, "group"),
		services->option(call, key ? "mode" : "public_mode") };
	return mode;
}

/* A password that is there is used as it is: others know it. */
static int
read_password(const struct ce_services *services, ce_call *call, const char *path, const char **ret_password)
{
	struct ce_bytes bytes = { NULL, 0 };
	int rc = services->read(call, path, 4096, &bytes);
	if (rc < 0)
		return rc;
	const char *password = ce_plug_first_line(services, call, bytes);
	if (!password)
		return ce_plug_no_memory(services, call);
	rc = services->mask(call, password);
	if (rc < 0)
		return rc;
	if (!ce_plug_is_ascii(password, 6))
		return services->fail(call, CE_ERR_PRODUCT,
			"the password in '%s' is not 6 printable ASCII characters or more, as Java wants it", path);
	*ret_password = password;
	return CE_OK;
}

static int
new_password(const struct ce_services *services, ce_call *call, const char *path, const char **ret_password)
{
	struct ce_file_mode mode = mode_of(services, call, true);
	if (!mode.mode)
		mode.mode = "0600";
	int rc = services->secret(call, "keystore", ret_password);
	if (rc < 0)
		return rc;
	struct ce_bytes bytes = { (const unsigned char *)*ret_password, strlen(*ret_password) };
	return services->write(call, path, bytes, &mode);
}

static int
settle_password(const struct ce_services *services, ce_call *call, const char **ret_password)
{
	const char *path = services->option(call, "password_file");
	struct ce_stat stat = { .size = sizeof(stat) };
	*ret_password = services->option(call, "password");
	if (!path)
		return CE_OK;
	int rc = services->stat(call, path, &stat);
	if (rc < 0)
		return rc;
	return stat.exists ? read_password(services, call, path, ret_password) : new_password(services, call, path, ret_password);
}

static int
write_output(const struct ce_services *services, ce_call *call, const struct output *output, const char *password)
{
	const char *path = services->option(call, output->option);
	bool legacy = ce_plug_equal(services->option(call, "profile"), "legacy");
	struct ce_file_mode mode = mode_of(services, call, output->key);
	struct ce_material material = { .size = sizeof(material), .kind = output->kind,
		.profile = legacy ? CE_PROFILE_LEGACY : CE_PROFILE_MODERN };
	if (!path)
		return CE_OK;
	if (output->store) {
		material.alias = services->option(call, "alias");
		material.password = password;
	}
	return services->write_material(call, path, &material, &mode);
}

static bool
is_given(const char *const *argv)
{
	return argv && argv[0];
}

/* Targets that are reloaded by the same unit, or the same command, are reloaded together. */
static int
announce_reload(const struct ce_services *services, ce_call *call)
{
	const char *const *argv = services->option_list(call, "reload_command");
	const char *unit = services->option(call, "unit"), *action = services->option(call, "unit_action");
	if (is_given(argv)) {
		const char *key = argv[0];
		for (const char *const *word = argv + 1; *word && key; word++)
			key = services->format(call, "%s %s", key, *word);
		return key ? services->reload_by(call, key, services->format(call, "run of %s", key))
		           : ce_plug_no_memory(services, call);
	}
	if (unit)
		return services->reload_by(call, services->format(call, "unit %s", unit),
			services->format(call, "%s of unit %s", action, unit));
	return CE_OK;
}

static int
files_install(const struct ce_services *services, ce_call *call, void *instance)
{
	const char *password = NULL;
	(void)instance;
	int rc = settle_password(services, call, &password);
	for (size_t i = 0; i < CE_PLUG_COUNT(outputs) && rc >= 0; i++)
		rc = write_output(services, call, &outputs[i], password);
	if (rc >= 0)
		rc = announce_reload(services, call);
	return rc < 0 ? rc : CE_OK;
}

/* --------------------------------------------------------- reload, endpoints */

static int
files_reload(const struct ce_services *services, ce_call *call, void *instance)
{
	const char *const *check = services->option_list(call, "check_command");
	const char *const *argv = services->option_list(call, "reload_command");
	const char *unit = services->option(call, "unit");
	(void)instance;
	int rc = is_given(check) ? ce_plug_run(services, call, "check_command", check) : CE_OK;
	if (rc < 0)
		return rc;
	if (is_given(argv))
		return ce_plug_run(services, call, "reload_command", argv);
	return unit ? ce_plug_unit(services, call, services->option(call, "unit_action"), unit) : CE_OK;
}

static int
files_endpoints(const struct ce_services *services, ce_call *call, void *instance)
{
	const char *const *endpoints = services->option_list(call, "endpoints");
	int rc = CE_OK;
	(void)instance;
	for (; rc >= 0 && endpoints && *endpoints; endpoints++) {
		struct ce_plug_endpoint endpoint;
		rc = ce_plug_endpoint(services, call, *endpoints, &endpoint);
		if (rc >= 0)
			rc = services->endpoint(call, endpoint.host, endpoint.port, endpoint.sni);
	}
	return rc;
}

CERTENGINE_EXPORT extern const struct certengine_plugin certengine_plugin;

const struct certengine_plugin certengine_plugin = {
	.abi = CERTENGINE_ABI,
	.size = sizeof(struct certengine_plugin),
	.name = "files",
	.version = "1.0",
	.summary = "key and certificate at given paths: PEM, DER, PKCS#12 or JKS",
	.options = options,
	.option_size = sizeof(struct ce_option),
	.create = files_create,
	.install = files_install,
	.reload = files_reload,
	.endpoints = files_endpoints,
};
