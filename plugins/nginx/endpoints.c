/* Where the certificate is served: every TLS listener of the servers that were chosen. */
#include "nginx.h"

#include <string.h>

/* Where a listener can be reached from its own host. */
static const char *
reachable(const char *host)
{
	if (ce_plug_equal(host, "*") || ce_plug_equal(host, "0.0.0.0"))
		return "127.0.0.1";
	return ce_plug_equal(host, "::") ? "::1" : host;
}

/* A name to ask for so that this server answers; NULL: any. */
static const char *
askable(const struct nginx_work *work, const struct nginx_server *server)
{
	const char *name = ce_nginx_name(work, server, true);
	if (!name)
		return NULL;
	if (name[0] == '*')
		return work->services->format(work->call, "www%s", name + 1);
	return name[0] == '.' ? name + 1 : name;
}

static int
announce(struct nginx_work *work, const struct nginx_server *server, size_t *count)
{
	int rc = CE_OK;
	for (const struct nginx_item *item = server->listens; item && rc >= 0; item = item->next) {
		struct nginx_listen listen = ce_nginx_listen(work, server, item);
		if (!listen.tls || !listen.host || listen.port == 0)
			continue;
		rc = work->services->endpoint(work->call, reachable(listen.host), (int)listen.port, askable(work, server));
		++*count;
	}
	return rc;
}

int
ce_nginx_endpoints(const struct ce_services *services, ce_call *call, void *instance)
{
	struct nginx_work work;
	size_t count = 0;
	(void)instance;
	int rc = ce_nginx_open(services, call, &work);
	if (rc >= 0)
		rc = ce_nginx_choose(&work);
	for (const struct nginx_server *server = work.servers; server && rc >= 0; server = server->next)
		if (server->chosen)
			rc = announce(&work, server, &count);
	if (rc >= 0 && count == 0)
		return services->fail(call, CE_ERR_PRODUCT,
			"'%s' has no TLS listener on a TCP port for the certificate; name where it is served in 'verify.endpoints'",
			work.settings.config);
	return rc < 0 ? rc : CE_OK;
}
