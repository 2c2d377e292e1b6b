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
ce_show_apply(struct ce_page *page, const struct ce_report *report, long long now)
{
	ce_show_recovered(page, report, now);
	for (size_t i = 0; i < report->certificate_count; i++)
		show_certificate(page, &report->certificates[i]);
	ce_show_summary(page, report);
}

static int
act(struct ce_engine *engine, const struct ce_cli *cli, struct ce_report *ret_report, struct ce_error *err)
{
	(void)cli;
	return ce_engine_apply(engine, ret_report, err);
}

static int
rehearse(struct ce_engine *engine, const struct ce_cli *cli, struct ce_report *ret_report, struct ce_error *err)
{
	(void)cli;
	return ce_engine_staging(engine, ret_report, err);
}

int
ce_cli_apply(struct ce_cli *cli)
{
	static const struct ce_session session = { false, true, act, ce_show_apply };
	static const struct ce_session rehearsal = { false, true, rehearse, ce_show_apply };
	if (cli->staging)
		return ce_session(cli, &rehearsal);
	return cli->dry_run ? ce_cli_plan(cli) : ce_session(cli, &session);
}
