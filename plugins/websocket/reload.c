/* Making FME Flow load what was committed. Definitions that changed, or were put back, are made known to it first; then its
 * Core is restarted: it reads its files and the keystore when it starts, and no other way is known. */
#include "websocket.h"

static const struct {
	const char *option, *script;
} commands[WEBSOCKET_KINDS] = {
	[WEBSOCKET_PUBLISHERS] = { "publishers_command", "addPublishers.sh" },
	[WEBSOCKET_SUBSCRIBERS] = { "subscribers_command", "addSubscribers.sh" },
};

int
ce_websocket_command(const struct ce_services *services, ce_call *call, const struct websocket_settings *settings,
	enum websocket_kind kind, const char *const **ret_argv)
{
	const char *const *configured = kind == WEBSOCKET_PUBLISHERS ? settings->publishers_command : settings->subscribers_command;
	if (configured) {
		*ret_argv = configured;
		return CE_OK;
	}
	const char **argv = services->allocate(call, 2 * sizeof(*argv));
	const char *program = services->format(call, "%s/Clients/utilities/%s", settings->fme, commands[kind].script);
	if (!argv || !program)
		return ce_plug_no_memory(services, call);
	argv[0] = program;
	argv[1] = NULL;
	*ret_argv = argv;
	return CE_OK;
}

int
ce_websocket_reload_by(struct websocket_work *work)
{
	const struct ce_services *services = work->services;
	const struct websocket_settings *settings = &work->settings;
	const char *key = services->format(work->call, "websocket %s", settings->fme);
	const char *first = work->definitions ? "publishers and subscribers made known again, and " : "";
	const char *what = settings->restart_command
		? services->format(work->call, "%srestart of FME Flow by %s", first, settings->restart_command[0])
		: services->format(work->call, "%srestart of unit %s", first, settings->unit);
	return key && what ? services->reload_by(work->call, key, what) : ce_plug_no_memory(services, work->call);
}

static int
make_known(const struct ce_services *services, ce_call *call, const struct websocket_settings *settings,
	enum websocket_kind kind)
{
	const char *path = ce_websocket_definitions(services, call, settings, kind);
	const char *const *argv = NULL;
	if (!path)
		return ce_plug_no_memory(services, call);
	if (services->committed(call, path) == 0)
		return CE_OK;
	int rc = ce_websocket_command(services, call, settings, kind, &argv);
	return rc < 0 ? rc : ce_plug_run(services, call, commands[kind].option, argv);
}

int
ce_websocket_reload(const struct ce_services *services, ce_call *call, void *instance)
{
	struct websocket_settings settings;
	(void)instance;
	int rc = ce_websocket_settings(services, call, &settings);
	for (int kind = 0; kind < WEBSOCKET_KINDS && rc >= 0; kind++)
		rc = make_known(services, call, &settings, (enum websocket_kind)kind);
	if (rc < 0)
		return rc;
	if (settings.restart_command)
		return ce_plug_run(services, call, "restart_command", settings.restart_command);
	return ce_plug_restart_unit(services, call, settings.unit);
}
