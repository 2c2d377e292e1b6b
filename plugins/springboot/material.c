/* The certificate and its key, and the values that name them. Values that are there already, as they are or behind a
 * placeholder, are left as they are written. */
#include "springboot.h"

#include <string.h>

/* Options count; a file that is there stays as it is otherwise. A new one gets the configuration's owner and group:
 * whoever may read that may read the key. */
static int
file_mode(struct springboot_work *work, const char *path, struct ce_file_mode *ret_mode)
{
	const struct ce_services *services = work->services;
	const struct springboot_settings *settings = &work->settings;
	struct ce_file_mode mode = { sizeof(mode), settings->owner, settings->group, settings->mode };
	struct ce_stat file = { .size = sizeof(file) }, config = { .size = sizeof(config) };
	int rc = services->stat(work->call, path, &file);
	if (rc >= 0 && !file.exists)
		rc = services->stat(work->call, settings->config, &config);
	if (rc < 0)
		return rc;
	if (!file.exists) {
		if (!mode.owner)
			mode.owner = services->format(work->call, "%lu", config.uid);
		if (!mode.group)
			mode.group = services->format(work->call, "%lu", config.gid);
		if (!mode.mode)
			mode.mode = config.mode & 040 ? "0640" : "0600";
		if (!mode.owner || !mode.group)
			return ce_plug_no_memory(services, work->call);
	}
	*ret_mode = mode;
	return CE_OK;
}

static int
write_material(struct springboot_work *work, const char *path, struct ce_material *material, int kind)
{
	struct ce_file_mode mode;
	int rc = file_mode(work, path, &mode);
	if (rc < 0)
		return rc;
	material->size = sizeof(*material);
	material->kind = kind;
	return work->services->write_material(work->call, path, material, &mode);
}

/* --------------------------------------------------------------------- paths */

/* A location as Spring Boot takes it: a path, or file: and a path. What is inside the jar cannot be written. */
static int
path_of(struct springboot_work *work, const char *key, const char *location, const char **ret_path)
{
	const struct ce_services *services = work->services;
	const char *path = location;
	if (ce_plug_starts(path, "file:")) {
		path += 5;
		path += ce_plug_starts(path, "//") ? 2 : 0;
	} else if (strstr(path, "-----BEGIN")) {
		return services->fail(work->call, CE_ERR_REFUSED,
			"'%s' holds the certificate itself in '%s'; put it into a file and name that", key, work->settings.config);
	} else if (strchr(path, ':')) {
		return services->fail(work->call, CE_ERR_REFUSED, "'%s' is '%s' in '%s', which is no file that can be written", key, path,
			work->settings.config);
	}
	if (path[0] != '/' && !work->directory)
		return services->fail(work->call, CE_ERR_CONFIG,
			"'%s' is the relative path '%s' in '%s', and nothing says from where it counts; set 'directory'", key, path,
			work->settings.config);
	*ret_path = path[0] == '/' ? path : services->format(work->call, "%s/%s", work->directory, path);
	return *ret_path ? CE_OK : ce_plug_no_memory(services, work->call);
}

static int
new_path(struct springboot_work *work, const char *ending, const char **ret_path)
{
	const struct ce_certificate_facts *facts = NULL;
	const char *directory = ce_plug_directory(work->services, work->call, work->settings.config);
	int rc = work->services->certificate(work->call, &facts);
	if (rc < 0)
		return rc;
	*ret_path = directory ? work->services->format(work->call, "%s/%s%s", directory, facts->name, ending) : NULL;
	return *ret_path ? CE_OK : ce_plug_no_memory(work->services, work->call);
}

/* As configured, as it stands there, or new beside the configuration. In a bundle a new one is written as a URL: only such
 * files can be watched. */
static int
settle_path(struct springboot_work *work, const struct springboot_keys *keys, const char *key, const char *configured,
	const char *ending, const char **ret_path)
{
	const char *location = NULL, *there = NULL;
	int rc = ce_springboot_get(work, key, &location);
	if (rc >= 0 && location && !configured)
		return path_of(work, key, location, ret_path);
	if (rc < 0)
		return rc;
	const char *path = configured;
	rc = path ? CE_OK : new_path(work, ending, &path);
	if (rc < 0)
		return rc;
	if (location)
		rc = path_of(work, key, location, &there);
	if (rc < 0 || ce_plug_equal(there, path)) {
		*ret_path = path;
		return rc;
	}
	*ret_path = path;
	path = keys->bundle ? work->services->format(work->call, "file:%s", path) : path;
	return path ? ce_springboot_set(work, key, path) : ce_plug_no_memory(work->services, work->call);
}

/* ------------------------------------------------------------------- keystores */

static int
settle_type(struct springboot_work *work, const struct springboot_keys *keys, const char *path, int *ret_kind)
{
	const struct ce_services *services = work->services;
	const char *type = NULL, *provider = NULL;
	int rc = ce_springboot_get(work, keys->type, &type);
	if (rc >= 0)
		rc = ce_springboot_get(work, keys->provider, &provider);
	if (rc < 0)
		return rc;
	bool jks = type ? ce_plug_equal_nocase(type, "JKS")
	                : !keys->fresh && strlen(path) > 4 && ce_plug_equal_nocase(path + strlen(path) - 4, ".jks");
	if (provider || (type && !jks && !ce_plug_equal_nocase(type, "PKCS12")))
		return services->fail(work->call, CE_ERR_REFUSED, "'%s' is '%s' in '%s', which is no file that can be written",
			provider ? keys->provider : keys->type, provider ? provider : type, work->settings.config);
	*ret_kind = jks ? CE_MATERIAL_JKS : CE_MATERIAL_PKCS12;
	/* Said in so many words, because the default of Java 8 is another. */
	return type ? CE_OK : ce_springboot_set(work, keys->type, jks ? "JKS" : "PKCS12");
}

static int
settle_password(struct springboot_work *work, const struct springboot_keys *keys, const char **ret_password)
{
	const struct ce_services *services = work->services;
	const char *there = NULL, *key_password = NULL, *password = work->settings.password;
	ce_text_entry *entry = NULL;
	int rc = password ? ce_springboot_find(work, keys->password, &entry) : ce_springboot_get(work, keys->password, &there);
	bool hidden = entry && services->text->value(entry, 0) && strstr(services->text->value(entry, 0), "${");
	if (rc >= 0 && !password && !there)
		rc = services->secret(work->call, "keystore", &password);
	if (rc < 0)
		return rc;
	password = password ? password : there;
	rc = services->mask(work->call, password);
	if (rc >= 0 && !ce_plug_is_ascii(password, 6))
		return services->fail(work->call, CE_ERR_PRODUCT,
			"'%s' in '%s' is not 6 printable ASCII characters or more, as Java wants it", keys->password, work->settings.config);
	if (rc >= 0 && !hidden) /* a password behind a placeholder is the one that the option says */
		rc = ce_springboot_set(work, keys->password, password);
	if (rc >= 0)
		rc = ce_springboot_get(work, keys->key_password, &key_password);
	if (rc >= 0 && key_password)
		rc = ce_springboot_set(work, keys->key_password, password);
	*ret_password = password;
	return rc;
}

static int
settle_alias(struct springboot_work *work, const struct springboot_keys *keys, const char **ret_alias)
{
	const char *there = NULL, *alias = work->settings.alias;
	int rc = ce_springboot_get(work, keys->alias, &there);
	if (rc < 0)
		return rc;
	bool wanted = alias || keys->fresh;
	alias = alias ? alias : there ? there : "server";
	*ret_alias = ce_plug_lower(work->services, work->call, alias);
	if (!*ret_alias)
		return ce_plug_no_memory(work->services, work->call);
	if (!ce_plug_is_ascii(alias, 1))
		return work->services->fail(work->call, CE_ERR_REFUSED, "'%s' in '%s' is not printable ASCII; set 'alias'", keys->alias,
			work->settings.config);
	return !wanted || ce_plug_equal_nocase(there, alias) ? CE_OK : ce_springboot_set(work, keys->alias, alias);
}

static int
install_keystore(struct springboot_work *work, const struct springboot_keys *keys)
{
	struct ce_material material = { .profile = work->settings.profile };
	const char *path = NULL;
	int kind = 0;
	int rc = settle_path(work, keys, keys->location, work->settings.keystore, ".p12", &path);
	if (rc >= 0)
		rc = settle_password(work, keys, &material.password);
	if (rc >= 0)
		rc = settle_type(work, keys, path, &kind);
	if (rc >= 0)
		rc = settle_alias(work, keys, &material.alias);
	return rc < 0 ? rc : write_material(work, path, &material, kind);
}

/* ------------------------------------------------------------------------ PEM */

/* A bundle that is new is named by the server, and loaded again when its files change. */
static int
settle_bundle(struct springboot_work *work, const struct springboot_keys *keys)
{
	const char *reload = work->services->format(work->call, "spring.ssl.bundle.pem.%s.reload-on-update", keys->bundle);
	int rc = ce_springboot_set(work, "server.ssl.bundle", keys->bundle);
	if (rc < 0)
		return rc;
	return reload ? ce_springboot_set(work, reload, "true") : ce_plug_no_memory(work->services, work->call);
}

static int
install_pem(struct springboot_work *work, const struct springboot_keys *keys)
{
	struct ce_material material = { .profile = work->settings.profile };
	const char *leaf = NULL, *key = NULL;
	int rc = settle_path(work, keys, keys->certificate, work->settings.certificate_file, ".crt", &leaf);
	if (rc >= 0)
		rc = settle_path(work, keys, keys->private_key, work->settings.key_file, ".key", &key);
	if (rc >= 0 && keys->bundle && keys->fresh)
		rc = settle_bundle(work, keys);
	if (rc < 0)
		return rc;
	if (ce_plug_equal(leaf, key))
		return write_material(work, leaf, &material, CE_MATERIAL_PEM_ALL);
	rc = write_material(work, key, &material, CE_MATERIAL_PEM_KEY);
	return rc < 0 ? rc : write_material(work, leaf, &material, CE_MATERIAL_PEM_FULLCHAIN);
}

int
ce_springboot_material(struct springboot_work *work, const struct springboot_keys *keys)
{
	return keys->certificate ? install_pem(work, keys) : install_keystore(work, keys);
}
