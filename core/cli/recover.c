#include "cli/cli.h"
#include "cli/show.h"

static void
show(struct ce_page *page, const struct ce_report *report)
{
	ce_show_recovered(page, report);
	if (report->recovered.count == 0)
		ce_page_line(page, "nothing to recover");
}

int
ce_cli_recover(struct ce_cli *cli)
{
	static const struct ce_session session = { .run = ce_engine_recover, .show = show, .store_only = true, .events = true };
	return ce_session(cli, &session);
}
