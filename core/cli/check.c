#include <stdio.h>

#include "cli/cli.h"
#include "cli/show.h"

static void
show(struct ce_page *page, const struct ce_report *report)
{
	ce_page_line(page, "the configuration is good");
	for (size_t i = 0; report && i < report->certificate_count; i++) {
		char prefix[80];
		(void)snprintf(prefix, sizeof(prefix), "%s: ", report->certificates[i].name);
		ce_show_trouble(page, prefix, &report->certificates[i]);
	}
	if (report)
		ce_show_renewals(page, report);
}

/* Opening the engine is the check. What the store says about the certificates is added if it can be read: whoever checks a
 * configuration need not be allowed to. */
static int
act(struct ce_engine *engine, const struct ce_cli *cli, struct ce_report *ret_report, struct ce_error *err)
{
	(void)cli;
	struct ce_report report = { 0 };
	struct ce_error ignored = { 0 };
	if (ce_engine_status(engine, &report, &ignored) < 0) {
		ce_report_release(&report);
		report = (struct ce_report){ 0 };
	}
	(void)err;
	*ret_report = report;
	return CE_OK;
}

int
ce_cli_check(struct ce_cli *cli)
{
	static const struct ce_session session = { .act = act, .show = show };
	return ce_session(cli, &session);
}
