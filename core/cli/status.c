#include <stdio.h>
#include <string.h>

#include "base/sys.h"
#include "cli/cli.h"
#include "cli/show.h"

#define COLUMNS 4
#define NAMED_MAX 4  /* so many targets are named one by one; of more only those that are not well */

static const char *const titles[COLUMNS] = { "CERTIFICATE", "ISSUER", "STATE", "EXPIRES IN" };

static void
expiry(char *out, const struct ce_certificate_report *certificate, long long now)
{
	char distance[32];
	if (certificate->generation == 0) {
		strcpy(out, "not issued");
		return;
	}
	ce_show_distance(distance, certificate->not_after - now);
	(void)snprintf(out, 48, certificate->not_after < now ? "%s ago" : "%s", distance);
}

static enum ce_paint
expiry_paint(const struct ce_certificate_report *certificate, long long now)
{
	if (certificate->generation == 0 || certificate->not_after < now)
		return CE_PAINT_BAD;
	return certificate->renew_at > 0 && certificate->renew_at < now ? CE_PAINT_CHANGE : CE_PAINT_NONE;
}

static void
widen(size_t widths[COLUMNS], const struct ce_certificate_report *certificate, long long now)
{
	char when[48];
	expiry(when, certificate, now);
	const char *const cells[COLUMNS] = {
		certificate->name, certificate->issuer, ce_certificate_state_name(certificate->state), when,
	};
	for (size_t i = 0; i < COLUMNS; i++)
		if (strlen(cells[i]) > widths[i])
			widths[i] = strlen(cells[i]);
}

static bool
is_well(const struct ce_target_report *target)
{
	return target->state == CE_TARGET_OK || target->state == CE_TARGET_DEPLOYED;
}

static void
show_targets(struct ce_page *page, const struct ce_certificate_report *certificate)
{
	const char *comma = "";
	size_t rest = 0;
	for (size_t i = 0; i < certificate->target_count; i++) {
		const struct ce_target_report *target = &certificate->targets[i];
		if (certificate->target_count > NAMED_MAX && is_well(target)) {
			rest++;
			continue;
		}
		ce_page_add(page, "%s%s ", comma, target->name);
		ce_page_cell(page, ce_paint_of_target(target->state), 0, ce_target_state_name(target->state));
		comma = ", ";
	}
	if (rest > 0)
		ce_page_add(page, "%s%zu %s", comma, rest, comma[0] ? "others well" : "well");
	if (certificate->target_count == 0)
		ce_page_add(page, "-");
}

static void
show_row(struct ce_page *page, const struct ce_certificate_report *certificate, const size_t widths[COLUMNS],
	long long now)
{
	char when[48];
	expiry(when, certificate, now);
	ce_page_cell(page, CE_PAINT_NONE, widths[0] + 2, certificate->name);
	ce_page_cell(page, CE_PAINT_NONE, widths[1] + 2, certificate->issuer);
	ce_page_cell(page, ce_paint_of_certificate(certificate->state), widths[2] + 2,
		ce_certificate_state_name(certificate->state));
	ce_page_cell(page, expiry_paint(certificate, now), widths[3] + 2, when);
	show_targets(page, certificate);
	ce_page_end(page);
}

static void
show_errors(struct ce_page *page, const struct ce_certificate_report *certificate)
{
	char prefix[80];
	(void)snprintf(prefix, sizeof(prefix), "%s: ", certificate->name);
	ce_show_trouble(page, prefix, certificate);
	for (size_t i = 0; i < certificate->target_count; i++) {
		char what[160];
		(void)snprintf(what, sizeof(what), "%s/%s", certificate->name, certificate->targets[i].name);
		ce_show_error(page, what, certificate->targets[i].step, certificate->targets[i].error);
	}
}

static void
show(struct ce_page *page, const struct ce_report *report)
{
	long long now = ce_now();
	size_t widths[COLUMNS];
	for (size_t i = 0; i < COLUMNS; i++)
		widths[i] = strlen(titles[i]);
	for (size_t i = 0; i < report->certificate_count; i++)
		widen(widths, &report->certificates[i], now);
	for (size_t i = 0; i < COLUMNS; i++)
		ce_page_cell(page, CE_PAINT_FAINT, widths[i] + 2, titles[i]);
	ce_page_cell(page, CE_PAINT_FAINT, 0, "TARGETS");
	ce_page_end(page);
	for (size_t i = 0; i < report->certificate_count; i++)
		show_row(page, &report->certificates[i], widths, now);
	for (size_t i = 0; i < report->certificate_count; i++)
		show_errors(page, &report->certificates[i]);
	ce_show_renewals(page, report);
	ce_show_recovered(page, report);
}

int
ce_cli_status(struct ce_cli *cli)
{
	static const struct ce_session session = { .run = ce_engine_status, .show = show, .store_only = true };
	return ce_session(cli, &session);
}
