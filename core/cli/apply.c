#include <stdio.h>

#include "cli/cli.h"
#include "cli/show.h"

/* Whether every endpoint served a certificate before the run, so that its return was proved. */
static bool
served_before(const struct ce_target_report *target)
{
	bool served = target->endpoint_count > 0;
	for (size_t i = 0; i < target->endpoint_count; i++)
		served = served && target->endpoints[i].served[0] != '\0';
	return served;
}

/* What an operator must know afterwards: failures and waits. What went well was told as it happened. */
static void
show_certificate(struct ce_page *page, const struct ce_certificate_report *certificate)
{
	char prefix[80];
	(void)snprintf(prefix, sizeof(prefix), "%s: ", certificate->name);
	ce_show_trouble(page, prefix, certificate);
	for (size_t i = 0; i < certificate->target_count; i++) {
		const struct ce_target_report *target = &certificate->targets[i];
		char what[160];
		(void)snprintf(what, sizeof(what), "%s/%s", certificate->name, target->name);
		ce_show_error(page, what, target->step, target->error);
		if (target->error && target->state == CE_TARGET_ROLLED_BACK)
			ce_page_line(page, "%s: what was there before is back%s", what,
				served_before(target) ? ", and the earlier certificate is served" : "");
		if (target->state == CE_TARGET_UNKNOWN)
			ce_page_line(page, "%s: what is served is not known, please look at it", what);
	}
}

void
ce_show_apply(struct ce_page *page, const struct ce_report *report)
{
	ce_show_recovered(page, report);
	for (size_t i = 0; i < report->certificate_count; i++)
		show_certificate(page, &report->certificates[i]);
	ce_show_summary(page, report);
}

int
ce_cli_apply(struct ce_cli *cli)
{
	static const struct ce_session session = { .run = ce_engine_apply, .show = ce_show_apply, .events = true };
	static const struct ce_session rehearsal = { .run = ce_engine_staging, .show = ce_show_apply, .events = true };
	if (cli->staging)
		return ce_session(cli, &rehearsal);
	return cli->dry_run ? ce_cli_plan(cli) : ce_session(cli, &session);
}
