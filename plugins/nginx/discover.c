/* Looking for nginx where packages and administrators put it. */
#include "nginx.h"

static const struct place {
	const char *config, *program, *unit;
} places[] = {
	{ "/etc/nginx/nginx.conf", "/usr/sbin/nginx", "nginx.service" },
	{ "/usr/local/nginx/conf/nginx.conf", "/usr/local/nginx/sbin/nginx", NULL },
	{ "/usr/local/openresty/nginx/conf/nginx.conf", "/usr/local/openresty/nginx/sbin/nginx", "openresty.service" },
	{ "/opt/nginx/conf/nginx.conf", "/opt/nginx/sbin/nginx", NULL },
};

static int
exists(const struct ce_services *services, ce_call *call, const char *path, bool *ret_exists)
{
	struct ce_stat stat = { .size = sizeof(stat) };
	int rc = services->stat(call, path, &stat);
	if (rc >= 0)
		*ret_exists = stat.exists && !stat.is_directory;
	return rc;
}

/* Units lie where packages put them, or where administrators do. */
static int
find_unit(const struct ce_services *services, ce_call *call, const char *unit, bool *ret_exists)
{
	static const char *const directories[] = { "/etc/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system" };
	int rc = CE_OK;
	for (size_t i = 0; i < CE_PLUG_COUNT(directories) && rc >= 0 && !*ret_exists; i++) {
		const char *path = services->format(call, "%s/%s", directories[i], unit);
		rc = path ? exists(services, call, path, ret_exists) : ce_plug_no_memory(services, call);
	}
	return rc;
}

static int
report(const struct ce_services *services, ce_call *call, const struct place *place)
{
	bool config = false, program = false, unit = false;
	int rc = exists(services, call, place->config, &config);
	if (rc >= 0)
		rc = exists(services, call, place->program, &program);
	if (rc < 0 || !config || !program)
		return rc;
	if (place->unit)
		rc = find_unit(services, call, place->unit, &unit);
	if (rc >= 0)
		rc = services->found_begin(call, services->format(call, "nginx with %s", place->config));
	if (rc >= 0)
		rc = services->found_option(call, "config", place->config);
	if (rc >= 0)
		rc = services->found_option(call, "program", place->program);
	return rc >= 0 && unit ? services->found_option(call, "unit", place->unit) : rc;
}

int
ce_nginx_discover(const struct ce_services *services, ce_call *call)
{
	int rc = CE_OK;
	for (size_t i = 0; i < CE_PLUG_COUNT(places) && rc >= 0; i++)
		rc = report(services, call, &places[i]);
	return rc < 0 ? rc : CE_OK;
}
