#include <errno.h>
#include <stdlib.h>

#include "cli/cli.h"
#include "cli/show.h"

/* 0: the one before the live one; -1: not a number. */
static long
generation_of(const char *text)
{
	if (!text)
		return 0;
	char *end;
	errno = 0;
	long generation = strtol(text, &end, 10);
	return errno == 0 && end != text && *end == '\0' && generation > 0 ? generation : -1;
}

static int
act(struct ce_engine *engine, const struct ce_cli *cli, struct ce_report *ret_report, struct ce_error *err)
{
	long generation = generation_of(cli->arguments[1]);
	if (generation < 0)
		return ce_fail(err, CE_ERR_CONFIG, "'%s' is not the number of a generation", cli->arguments[1]);
	return ce_engine_rollback(engine, cli->arguments[0], generation, ret_report, err);
}

int
ce_cli_rollback(struct ce_cli *cli)
{
	static const struct ce_session session = { false, true, act, ce_show_apply };
	return ce_session(cli, &session);
}
