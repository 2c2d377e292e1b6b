#include "cli/cli.h"
#include "cli/show.h"

static int
act(struct ce_engine *engine, const struct ce_cli *cli, struct ce_report *ret_report, struct ce_error *err)
{
	long generation = 0; /* the one before the live one */
	int code = ce_cli_generation(cli->arguments[1], &generation, err);
	return code < 0 ? code : ce_engine_rollback(engine, cli->arguments[0], generation, ret_report, err);
}

int
ce_cli_rollback(struct ce_cli *cli)
{
	static const struct ce_session session = { .act = act, .show = ce_show_apply, .events = true };
	return ce_session(cli, &session);
}
