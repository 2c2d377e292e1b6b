/* Making a product load what was committed. */
#include "common/plug.h"

#include <string.h>

#define SYSTEMCTL "/usr/bin/systemctl"
/* Stopping may take a product its whole grace period, and starting comes on top of it. */
#define RESTART_TIMEOUT_MS 180000

int
ce_plug_check_unit(const struct ce_services *services, ce_call *call, const char *option)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789:-_.\\@";
	const char *unit = services->option(call, option);
	if (!unit || (unit[0] != '\0' && unit[0] != '-' && unit[strspn(unit, allowed)] == '\0'))
		return CE_OK;
	return services->fail(call, CE_ERR_CONFIG, "option '%s': '%s' is no name of a systemd unit", option, unit);
}

int
ce_plug_check_command(const struct ce_services *services, ce_call *call, const char *option)
{
	const char *const *argv = services->option_list(call, option);
	if (!argv || !argv[0] || argv[0][0] == '/')
		return CE_OK;
	return services->fail(call, CE_ERR_CONFIG,
		"option '%s': the program '%s' must be given with its absolute path; no shell looks for it", option, argv[0]);
}

int
ce_plug_run(const struct ce_services *services, ce_call *call, const char *what, const char *const *argv)
{
	struct ce_run run = { sizeof(run), argv, { NULL, 0 }, RESTART_TIMEOUT_MS };
	struct ce_run_result result = { sizeof(result), 0, { NULL, 0 }, { NULL, 0 } };
	int rc = services->run(call, &run, &result);
	if (rc < 0)
		return rc;
	if (result.status == 0)
		return CE_OK;

	const char *line = ce_plug_first_line(services, call, result.err.size > 0 ? result.err : result.out);
	return services->fail(call, CE_ERR_PRODUCT, "%s: '%s' ended with status %d%s%s", what, argv[0], result.status,
		line && line[0] != '\0' ? ": " : "", line ? line : "");
}

int
ce_plug_restart_unit(const struct ce_services *services, ce_call *call, const char *unit)
{
	return ce_plug_unit(services, call, "restart", unit);
}

int
ce_plug_unit(const struct ce_services *services, ce_call *call, const char *action, const char *unit)
{
	const char *const argv[] = { SYSTEMCTL, action, "--", unit, NULL };
	const char *what = services->format(call, "%s of unit %s", action, unit);
	if (!what)
		return ce_plug_no_memory(services, call);
	return ce_plug_run(services, call, what, argv);
}
