#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/show.h"

static void
show_endpoints(struct ce_page *page, const struct ce_target_report *target)
{
	for (size_t i = 0; i < target->endpoint_count; i++) {
		const struct ce_endpoint_report *endpoint = &target->endpoints[i];
		ce_page_add(page, "  %s port %d%s%s: ", endpoint->host, endpoint->port, endpoint->sni ? " as " : "",
			endpoint->sni ? endpoint->sni : "");
		if (endpoint->problem)
			ce_page_cell(page, CE_PAINT_BAD, 0, endpoint->problem);
		else
			ce_page_cell(page, CE_PAINT_GOOD, 0, "serves it");
		ce_page_end(page);
	}
}

static void
show_target(struct ce_page *page, const struct ce_certificate_report *certificate,
	const struct ce_target_report *target)
{
	ce_page_add(page, "%s/%s (%s): ", certificate->name, target->name, target->plugin);
	ce_page_cell(page, ce_paint_of_target(target->state), 0, ce_target_state_name(target->state));
	ce_page_end(page);
	if (target->error)
		ce_page_line(page, "  failed%s%s: %s", target->step ? " at " : "", target->step ? target->step : "",
			target->error);
	if (target->diff)
		ce_page_diff(page, "  ", target->diff);
	show_endpoints(page, target);
}

static void
show(struct ce_page *page, const struct ce_report *report)
{
	ce_show_recovered(page, report);
	for (size_t i = 0; i < report->certificate_count; i++) {
		const struct ce_certificate_report *certificate = &report->certificates[i];
		if (certificate->reason)
			ce_page_line(page, "%s: %s", certificate->name, certificate->reason);
		ce_show_error(page, certificate->name, certificate->step, certificate->error);
		for (size_t k = 0; k < certificate->target_count; k++)
			show_target(page, certificate, &certificate->targets[k]);
	}
	ce_show_summary(page, report);
}

int
ce_cli_verify(struct ce_cli *cli)
{
	static const struct ce_session session = { .run = ce_engine_verify, .show = show };
	return ce_session(cli, &session);
}
