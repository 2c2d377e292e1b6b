/* How Tomcat comes to serve what was committed. sslReload reads keystores and PEM files again but not server.xml:
 * when that changed, or the password, only a restart will do. */
#include "tomcat.h"

#include <string.h>

static const char *
restart_text(const struct tomcat_work *work)
{
	const struct tomcat_settings *settings = &work->settings;
	if (settings->restart_command && settings->restart_command[0])
		return work->services->format(work->call, "restart of Tomcat at %s by %s", settings->base,
			settings->restart_command[0]);
	return work->services->format(work->call, "restart of unit %s", settings->unit);
}

static const char *
reload_text(const struct tomcat_work *work)
{
	const struct tomcat_settings *settings = &work->settings;
	if (work->restart || settings->reload == TOMCAT_RELOAD_RESTART)
		return restart_text(work);
	if (settings->reload == TOMCAT_RELOAD_COMMAND)
		return work->services->format(work->call, "reload of Tomcat at %s by %s", settings->base,
			settings->reload_command[0]);
	return work->services->format(work->call, "sslReload of Tomcat at %s through %s", settings->base,
		settings->manager_url);
}

int
ce_tomcat_reload_by(struct tomcat_work *work)
{
	const struct ce_services *services = work->services;
	if (work->restart && !ce_tomcat_can_restart(&work->settings))
		return services->fail(work->call, CE_ERR_CONFIG,
			"Tomcat at %s reads changes of server.xml and of the keystore's password only when it starts, and nothing says how "
			"to restart it: set 'unit' or 'restart_command'", work->settings.base);

	const char *key = services->format(work->call, "tomcat %s", work->settings.base);
	const char *what = reload_text(work);
	if (!key || !what)
		return ce_plug_no_memory(services, work->call);
	return services->reload_by(work->call, key, what);
}

/* What the manager means by its answers; 200 alone says nothing, its text begins "OK -" or "FAIL -". */
static int
judge_status(const struct ce_services *services, ce_call *call, const char *url, int status)
{
	static const struct {
		int status;
		const char *text;
	} meanings[] = {
		{ 401, "the manager did not accept the user and password in 'manager_credentials' (or a valve of this Tomcat asks "
		       "for a client certificate: then reload by 'unit')" },
		{ 403, "the user in 'manager_credentials' lacks the role manager-script, or the manager takes no requests from this "
		       "address" },
		{ 404, "there is no manager application there; install it (Debian: tomcat10-admin), correct 'manager_url', or reload "
		       "by 'unit'" },
		{ 500, "Tomcat could not load the new certificate and goes on with the old one; its log says why" },
	};
	for (size_t i = 0; i < CE_PLUG_COUNT(meanings); i++)
		if (meanings[i].status == status)
			return services->fail(call, CE_ERR_PRODUCT, "sslReload through %s: %s (HTTP %d)", url, meanings[i].text, status);
	return services->fail(call, CE_ERR_PRODUCT, "sslReload through %s: unexpected answer HTTP %d", url, status);
}

static int
ssl_reload(const struct tomcat_work *work)
{
	const struct ce_services *services = work->services;
	const char *base = work->settings.manager_url;
	size_t size = strlen(base);
	const char *url = services->format(work->call, "%s%stext/sslReload", base, base[size - 1] == '/' ? "" : "/");
	if (!url)
		return ce_plug_no_memory(services, work->call);

	struct ce_http_request request = { .size = sizeof(request), .method = "GET", .url = url,
		.credentials_file = work->settings.manager_credentials, .ca_file = work->settings.manager_ca };
	struct ce_http_reply reply = { .size = sizeof(reply) };
	int rc = services->http(work->call, &request, &reply);
	if (rc < 0)
		return rc;
	if (reply.status != 200)
		return judge_status(services, work->call, url, reply.status);

	const char *line = ce_plug_first_line(services, work->call, reply.body);
	if (!line)
		return ce_plug_no_memory(services, work->call);
	if (ce_plug_starts(line, "OK -"))
		return CE_OK;
	if (ce_plug_starts(line, "FAIL -"))
		return services->fail(work->call, CE_ERR_PRODUCT, "sslReload through %s: the manager says '%s'", url, line);
	return services->fail(work->call, CE_ERR_PRODUCT, "sslReload through %s: the answer is not the manager's; correct "
		"'manager_url'", url);
}

/* Whether the transaction wrote the password file. A server.xml that cannot be judged any more was changed, which is
 * known by then. */
static int
password_committed(const struct ce_services *services, ce_call *call, bool *ret_committed)
{
	struct tomcat_work work;
	struct tomcat_connector *connector = NULL;
	struct tomcat_place place = { .holder = NULL };
	const char *path = NULL;
	int rc = ce_tomcat_open(services, call, &work);
	if (rc >= 0)
		rc = ce_tomcat_choose(&work, &connector);
	if (rc >= 0 && connector)
		rc = ce_tomcat_find_place(&work, connector, &place);
	if (rc < 0 || !place.holder || !ce_tomcat_get(&work, &place, TOMCAT_STORE_PASSWORD_FILE))
		return rc;

	rc = ce_tomcat_resolve(&work, &place, TOMCAT_STORE_PASSWORD_FILE, &path);
	if (rc >= 0)
		*ret_committed = services->committed(call, path) != 0;
	return rc;
}

static int
restart(const struct tomcat_work *work)
{
	const struct tomcat_settings *settings = &work->settings;
	if (!ce_tomcat_can_restart(settings))
		return work->services->fail(work->call, CE_ERR_CONFIG,
			"Tomcat at %s must be restarted, and nothing says how: set 'unit' or 'restart_command'", settings->base);
	if (settings->restart_command && settings->restart_command[0])
		return ce_plug_run(work->services, work->call, "restart_command", settings->restart_command);
	return ce_plug_restart_unit(work->services, work->call, settings->unit);
}

int
ce_tomcat_reload(const struct ce_services *services, ce_call *call, void *instance)
{
	struct tomcat_work work = { .services = services, .call = call };
	bool password = false;
	(void)instance;
	int rc = ce_tomcat_settings(services, call, &work.settings);
	if (rc < 0)
		return rc;
	if (work.settings.reload == TOMCAT_RELOAD_RESTART || services->committed(call, work.settings.config) != 0)
		return restart(&work);

	rc = password_committed(services, call, &password);
	if (rc < 0)
		return rc;
	if (password)
		return restart(&work);
	if (work.settings.reload == TOMCAT_RELOAD_COMMAND)
		return ce_plug_run(services, call, "reload_command", work.settings.reload_command);
	return ssl_reload(&work);
}
