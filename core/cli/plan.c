#include "cli/cli.h"
#include "cli/show.h"

static void
show_endpoints(struct ce_page *page, const struct ce_target_report *target)
{
	for (size_t i = 0; i < target->endpoint_count; i++) {
		const struct ce_endpoint_report *endpoint = &target->endpoints[i];
		/* Where no file differs, what is served does. */
		const char *problem = target->diff ? NULL : endpoint->problem;
		ce_page_line(page, "    verified at: %s port %d%s%s%s%s", endpoint->host, endpoint->port,
			endpoint->sni ? " as " : "", endpoint->sni ? endpoint->sni : "", problem ? ": " : "", problem ? problem : "");
	}
}

static void
show_target(struct ce_page *page, const struct ce_target_report *target)
{
	ce_page_add(page, "  %s (%s): ", target->name, target->plugin);
	ce_page_cell(page, ce_paint_of_target(target->state), 0, ce_target_state_name(target->state));
	ce_page_end(page);
	if (target->error)
		ce_page_line(page, "    failed%s%s: %s", target->step ? " at " : "", target->step ? target->step : "",
			target->error);
	if (target->diff)
		ce_page_diff(page, "    ", target->diff);
	if (target->reload)
		ce_page_line(page, "    reloaded by: %s", target->reload);
	if (target->state == CE_TARGET_PENDING)
		show_endpoints(page, target);
}

static void
show_certificate(struct ce_page *page, const struct ce_certificate_report *certificate)
{
	ce_page_add(page, "%s (%s): ", certificate->name, certificate->issuer);
	ce_page_cell(page, ce_paint_of_certificate(certificate->state), 0, ce_certificate_state_name(certificate->state));
	if (certificate->reason)
		ce_page_add(page, ": %s", certificate->reason);
	ce_page_end(page);
	ce_show_trouble(page, "  ", certificate);
	ce_show_renewal(page, "  ", certificate);
	for (size_t i = 0; i < certificate->target_count; i++)
		show_target(page, &certificate->targets[i]);
}

static void
show(struct ce_page *page, const struct ce_report *report)
{
	ce_show_recovered(page, report);
	for (size_t i = 0; i < report->certificate_count; i++)
		show_certificate(page, &report->certificates[i]);
	ce_show_summary(page, report);
}

int
ce_cli_plan(struct ce_cli *cli)
{
	static const struct ce_session session = { .run = ce_engine_plan, .show = show };
	return ce_session(cli, &session);
}
