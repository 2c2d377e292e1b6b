/* Paths in server.xml, and the files that do not exist yet. */
#include "tomcat.h"

#include <string.h>

/* Tomcat takes a path relative to CATALINA_BASE and puts system properties in the place of ${...}. Of those only the
 * two are known here that say where Tomcat is. A URL is Tomcat's business and no file of ours. */
const char *
ce_tomcat_path(const struct tomcat_work *work, const struct tomcat_place *place, enum tomcat_value value)
{
	const struct tomcat_settings *settings = &work->settings;
	const char *const known[][2] = {
		{ "${catalina.base}/", settings->base },
		{ "${catalina.home}/", settings->home ? settings->home : settings->base },
		{ "", settings->base },
	};
	const char *text = ce_tomcat_get(work, place, value);
	size_t i = 0;
	if (!text || text[0] == '\0' || (text[0] != '/' && text[0] != '$' && strchr(text, ':')))
		return NULL;
	while (!ce_plug_starts(text, known[i][0]))
		i++;
	const char *rest = text + strlen(known[i][0]);
	if (strstr(rest, "${"))
		return NULL;
	return text[0] == '/' ? text : work->services->format(work->call, "%s/%s", known[i][1], rest);
}

int
ce_tomcat_resolve(struct tomcat_work *work, const struct tomcat_place *place, enum tomcat_value value,
	const char **ret_path)
{
	const char *path = ce_tomcat_path(work, place, value);
	if (!path)
		return work->services->fail(work->call, CE_ERR_REFUSED,
			"line %ld of '%s': %s '%s' is no plain path; write the path of the file",
			work->services->xml->line(place->holder), work->settings.config, place->names[value],
			ce_tomcat_get(work, place, value));

	*ret_path = path;
	return CE_OK;
}

/* Beside server.xml, with the certificate, the port and the host in its name: several targets of one Tomcat do not
 * meet there, and the name is the same in every run. */
int
ce_tomcat_new_path(struct tomcat_work *work, const struct tomcat_place *place, const char *ending,
	const char **ret_path)
{
	const struct ce_services *services = work->services;
	const struct ce_certificate_facts *facts = NULL;
	int rc = services->certificate(work->call, &facts);
	if (rc < 0)
		return rc;

	const char *directory = ce_plug_directory(services, work->call, work->settings.config);
	const char *host = ce_plug_starts(place->host_name, "*.") ? place->host_name + 1 : place->host_name;
	const char *path = !directory ? NULL
		: place->is_default
		? services->format(work->call, "%s/%s-%ld%s", directory, facts->name, place->connector->port, ending)
		: services->format(work->call, "%s/%s-%ld-%s%s%s", directory, facts->name, place->connector->port,
			host == place->host_name ? "" : "_", host, ending);
	if (!path)
		return ce_plug_no_memory(services, work->call);

	*ret_path = path;
	return CE_OK;
}

/* A server.xml of root's that all can read does not tell which account Tomcat has. */
static void
warn_unknown_account(struct tomcat_work *work, const struct ce_file_mode *mode, const struct ce_stat *config)
{
	if (work->warned || mode->owner || mode->group || config->uid != 0 || config->gid != 0 || !(config->mode & 04))
		return;
	work->warned = true;
	work->services->log(work->call, CE_LEVEL_NOTICE, "'%s' belongs to root and is open to all, so new key material will be "
		"root's; if Tomcat runs as another account, set 'group'", work->settings.config);
}

/* Options count; a file that is there stays as it is otherwise. A new one gets server.xml's owner and group: whoever
 * may read that may read the key. */
int
ce_tomcat_file_mode(struct tomcat_work *work, const char *path, struct ce_file_mode *ret_mode)
{
	const struct ce_services *services = work->services;
	const struct tomcat_settings *settings = &work->settings;
	struct ce_file_mode mode = { sizeof(mode), settings->owner, settings->group, settings->mode };
	struct ce_stat file = { .size = sizeof(file) }, config = { .size = sizeof(config) };
	int rc = services->stat(work->call, path, &file);
	if (rc >= 0 && !file.exists)
		rc = services->stat(work->call, settings->config, &config);
	if (rc < 0)
		return rc;

	if (!file.exists) {
		warn_unknown_account(work, &mode, &config);
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
