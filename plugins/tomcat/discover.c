/* Looking for Tomcats where packages and administrators put them. */
#include "tomcat.h"

#include <string.h>

static int
report(const struct ce_services *services, ce_call *call, const char *base, const char *home, const char *unit)
{
	const char *config = services->format(call, "%s/conf/server.xml", base);
	const char *title = services->format(call, "Tomcat at %s", base);
	struct ce_stat stat = { .size = sizeof(stat) };
	if (!config || !title)
		return ce_plug_no_memory(services, call);

	int rc = services->stat(call, config, &stat);
	if (rc < 0 || !stat.exists)
		return rc;

	rc = services->found_begin(call, title);
	if (rc >= 0)
		rc = services->found_option(call, "base", base);
	if (rc >= 0 && home)
		rc = services->found_option(call, "home", home);
	if (rc >= 0 && unit)
		rc = services->found_option(call, "unit", unit);
	return rc;
}

/* Packages: the base in /var/lib, the home in /usr/share, the unit of the same name. */
static int
look_for_packages(const struct ce_services *services, ce_call *call)
{
	static const char *const names[] = { "tomcat", "tomcat8", "tomcat9", "tomcat10", "tomcat11" };
	int rc = CE_OK;
	for (size_t i = 0; i < CE_PLUG_COUNT(names) && rc >= 0; i++) {
		const char *base = services->format(call, "/var/lib/%s", names[i]);
		const char *home = services->format(call, "/usr/share/%s", names[i]);
		const char *unit = services->format(call, "%s.service", names[i]);
		if (!base || !home || !unit)
			return ce_plug_no_memory(services, call);
		rc = report(services, call, base, home, unit);
	}
	return rc;
}

/* Unpacked archives: base and home are one, the unit is the administrator's to name. */
static int
look_into(const struct ce_services *services, ce_call *call, const char *directory)
{
	struct ce_stat stat = { .size = sizeof(stat) };
	const char *const *names = NULL;
	int rc = services->stat(call, directory, &stat);
	if (rc < 0 || !stat.exists || !stat.is_directory)
		return rc;

	rc = services->list(call, directory, &names);
	for (size_t i = 0; rc >= 0 && names[i]; i++) {
		if (!ce_plug_starts(names[i], "tomcat") && !ce_plug_starts(names[i], "apache-tomcat"))
			continue;
		const char *base = services->format(call, "%s/%s", directory, names[i]);
		if (!base)
			return ce_plug_no_memory(services, call);
		rc = report(services, call, base, NULL, NULL);
	}
	return rc;
}

int
ce_tomcat_discover(const struct ce_services *services, ce_call *call)
{
	static const char *const directories[] = { "/opt", "/usr/local", "/srv" };
	int rc = look_for_packages(services, call);
	for (size_t i = 0; i < CE_PLUG_COUNT(directories) && rc >= 0; i++)
		rc = look_into(services, call, directories[i]);
	return rc < 0 ? rc : CE_OK;
}
