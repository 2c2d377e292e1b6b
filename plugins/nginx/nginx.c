/* nginx: the http servers of nginx, wherever its configuration puts them. The manual is certengine-nginx(5); nginx.md
 * says what it does for each step of a vendor's instructions. */
#include "nginx.h"

static const struct ce_option options[] = {
	{ "config", CE_OPTION_PATH, 0, "/etc/nginx/nginx.conf", 0, 0, NULL, "nginx's configuration" },
	{ "program", CE_OPTION_PATH, 0, "/usr/sbin/nginx", 0, 0, NULL, "nginx itself, for its check and its reload" },
	{ "prefix", CE_OPTION_PATH, 0, NULL, 0, 0, NULL, "nginx's prefix (its option -p); default: the one it was built with" },
	{ "server_name", CE_OPTION_STRING, 0, NULL, 0, 0, NULL,
		"a name of the servers that are meant; default: those with a name of the certificate" },
	{ "port", CE_OPTION_INT, 0, NULL, 1, 65535, NULL,
		"only servers that listen on this port; a server without TLS gets a TLS listener on it" },
	{ "certificate_file", CE_OPTION_PATH, 0, NULL, 0, 0, NULL,
		"PEM certificate with its chain; default: as in the configuration, else beside it" },
	{ "key_file", CE_OPTION_PATH, 0, NULL, 0, 0, NULL, "PEM key; default: as in the configuration, else beside it" },
	{ "owner", CE_OPTION_STRING, 0, NULL, 0, 0, NULL, "owner of the files; default: as is, the directory's for a new file" },
	{ "group", CE_OPTION_STRING, 0, NULL, 0, 0, NULL, "group of the files; default: as is, the directory's for a new file" },
	{ "mode", CE_OPTION_STRING, 0, NULL, 0, 0, NULL, "mode of the key; default: as is, 0600 for a new file" },
	{ "reload_command", CE_OPTION_LIST, 0, NULL, 0, 0, NULL, "command that makes nginx reload; goes before unit" },
	{ "unit", CE_OPTION_STRING, 0, NULL, 0, 0, NULL, "systemd unit to reload; default: nginx's own -s reload" },
	{ NULL, 0, 0, NULL, 0, 0, NULL, NULL },
};

/* The options are read anew in every callback, so a target needs no memory of its own. */
static int
nginx_create(const struct ce_services *services, ce_call *call, void **ret_instance)
{
	struct nginx_settings settings;
	int rc = ce_nginx_settings(services, call, &settings);
	if (rc >= 0)
		*ret_instance = NULL;
	return rc;
}

static int
write_pair(struct nginx_work *work, const struct nginx_pair *pair)
{
	const struct nginx_settings *settings = &work->settings;
	bool one = ce_plug_equal(pair->leaf_path, pair->key_path);
	struct ce_file_mode key_mode = { sizeof(key_mode), settings->owner, settings->group, settings->mode };
	struct ce_file_mode leaf_mode = { sizeof(leaf_mode), settings->owner, settings->group, NULL };
	struct ce_material material = { .size = sizeof(material), .kind = one ? CE_MATERIAL_PEM_ALL : CE_MATERIAL_PEM_KEY };
	int rc = work->services->write_material(work->call, pair->key_path, &material, &key_mode);
	if (rc < 0 || one)
		return rc;
	material.kind = CE_MATERIAL_PEM_FULLCHAIN;
	return work->services->write_material(work->call, pair->leaf_path, &material, &leaf_mode);
}

static void
tell_uncovered(struct nginx_work *work, const struct nginx_server *server)
{
	const char *name = ce_nginx_name(work, server, false);
	if (name)
		work->services->log(work->call, CE_LEVEL_NOTICE, "%s: the server is called %s too, which the certificate does not have",
			ce_nginx_where(work, server->file, server->block), name);
}

static int
install_into(struct nginx_work *work, struct nginx_server *server, bool plain)
{
	struct nginx_pair pair;
	int rc = plain ? ce_nginx_add_tls(work, server) : CE_OK;
	if (rc >= 0)
		rc = ce_nginx_pair(work, server, &pair);
	if (rc >= 0)
		rc = ce_nginx_settle(work, server, &pair);
	if (rc >= 0)
		rc = ce_nginx_unshared(work, &pair);
	if (rc >= 0)
		rc = write_pair(work, &pair);
	if (rc >= 0)
		tell_uncovered(work, server);
	return rc;
}

static int
nginx_install(const struct ce_services *services, ce_call *call, void *instance)
{
	struct nginx_work work;
	(void)instance;
	int rc = ce_nginx_open(services, call, &work);
	if (rc >= 0)
		rc = ce_nginx_choose(&work);
	bool plain = rc == CE_UNCHANGED;
	for (struct nginx_server *server = work.servers; server && rc >= 0; server = server->next)
		if (server->chosen)
			rc = install_into(&work, server, plain);
	for (const struct nginx_file *file = work.files; file && rc >= 0; file = file->next)
		rc = services->text->stage(call, file->text);
	if (rc >= 0)
		rc = ce_nginx_reload_by(&work);
	return rc < 0 ? rc : CE_OK;
}

CERTENGINE_EXPORT extern const struct certengine_plugin certengine_plugin;

const struct certengine_plugin certengine_plugin = {
	.abi = CERTENGINE_ABI,
	.size = sizeof(struct certengine_plugin),
	.name = "nginx",
	.version = "1.0",
	.summary = "nginx: PEM files of its http servers, through all that its configuration includes",
	.options = options,
	.option_size = sizeof(struct ce_option),
	.create = nginx_create,
	.discover = ce_nginx_discover,
	.install = nginx_install,
	.reload = ce_nginx_reload,
	.endpoints = ce_nginx_endpoints,
};
