#include "cli/cli.h"
#include "cli/show.h"

static void
show(struct ce_page *page, const struct ce_report *report, long long now)
{
	ce_show_recovered(page, report, now);
	if (report->recovered.count == 0)
		ce_page_line(page, "nothing to recover");
}

static int
act(struct ce_engine *engine, const struct ce_cli *cli, struct ce_report *ret_report, struct ce_error *err)
{
	(void)cli;
	return ce_engine_recover(engine, ret_report, err);
}

int
ce_cli_recover(struct ce_cli *cli)
{
	static const struct ce_session session = { true, true, act, show };
	return ce_session(cli, &session);
}
