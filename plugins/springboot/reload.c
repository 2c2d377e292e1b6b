/* Making the application load what was committed, and where it serves it. Keystores and PEM files are read when it starts;
 * bundles with reload-on-update also when their files change, some seconds after (spring.ssl.bundle.watch.file.quiet-period). */
#include "springboot.h"

static bool
can_restart(const struct springboot_settings *settings)
{
	return settings->restart_command || settings->unit;
}

int
ce_springboot_reload_by(struct springboot_work *work, const struct springboot_keys *keys, bool changed)
{
	const struct ce_services *services = work->services;
	const struct springboot_settings *settings = &work->settings;
	const char *key = services->format(work->call, "springboot %s", settings->config), *what = NULL;
	bool waits = keys->reloads && !changed;
	if (!waits && !can_restart(settings))
		return services->fail(work->call, CE_ERR_CONFIG,
			"the application reads '%s' and its key material only when it starts, and nothing says how to restart it: set 'unit' or "
			"'restart_command'", settings->config);
	if (waits)
		what = services->format(work->call, "nothing: bundle %s is loaded again when its files change", keys->bundle);
	else if (settings->restart_command)
		what = services->format(work->call, "restart by %s", settings->restart_command[0]);
	else
		what = services->format(work->call, "restart of unit %s", settings->unit);
	return key && what ? services->reload_by(work->call, key, what) : ce_plug_no_memory(services, work->call);
}

/* A configuration that changed is not judged any more: it is the reason for the restart. */
int
ce_springboot_reload(const struct ce_services *services, ce_call *call, void *instance)
{
	struct springboot_work work;
	struct springboot_settings settings;
	struct springboot_keys keys = { .reloads = false };
	(void)instance;
	int rc = ce_springboot_settings(services, call, &settings);
	if (rc < 0)
		return rc;
	if (services->committed(call, settings.config) == 0) {
		rc = ce_springboot_open(services, call, &work);
		if (rc >= 0)
			rc = ce_springboot_keys(&work, &keys);
		if (rc < 0 || keys.reloads)
			return rc < 0 ? rc : CE_OK;
	}
	if (settings.restart_command)
		return ce_plug_run(services, call, "restart_command", settings.restart_command);
	if (settings.unit)
		return ce_plug_restart_unit(services, call, settings.unit);
	return services->fail(call, CE_ERR_CONFIG, "the application must be restarted, and nothing says how: set 'unit' or "
		"'restart_command'");
}

/* ------------------------------------------------------------------ endpoints */

static const char *
reachable(const char *address)
{
	if (!address || ce_plug_equal(address, "0.0.0.0"))
		return "127.0.0.1";
	return ce_plug_equal(address, "::") ? "::1" : address;
}

int
ce_springboot_endpoints(const struct ce_services *services, ce_call *call, void *instance)
{
	struct springboot_work work;
	const char *port_text = NULL, *address = NULL;
	long port = 8080;
	(void)instance;
	int rc = ce_springboot_open(services, call, &work);
	if (rc >= 0)
		rc = ce_springboot_get(&work, "server.port", &port_text);
	if (rc >= 0)
		rc = ce_springboot_get(&work, "server.address", &address);
	if (rc < 0)
		return rc;
	if (port_text && !ce_plug_number(port_text, 65535, &port))
		port = 0;
	port = work.settings.port > 0 ? work.settings.port : port;
	if (port == 0)
		return services->fail(call, CE_ERR_CONFIG, "server.port is '%s' in '%s', which is no fixed port; set 'port'", port_text,
			work.settings.config);
	return services->endpoint(call, reachable(work.settings.address ? work.settings.address : address), (int)port, NULL);
}
