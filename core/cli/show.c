#include "cli/show.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define STATES_MAX 8

enum ce_paint
ce_paint_of_target(enum ce_target_state state)
{
	static const enum ce_paint paints[] = {
		[CE_TARGET_OK] = CE_PAINT_GOOD,
		[CE_TARGET_PENDING] = CE_PAINT_CHANGE,
		[CE_TARGET_DEPLOYED] = CE_PAINT_GOOD,
		[CE_TARGET_DRIFT] = CE_PAINT_CHANGE,
		[CE_TARGET_FAILED] = CE_PAINT_BAD,
		[CE_TARGET_ROLLED_BACK] = CE_PAINT_BAD,
		[CE_TARGET_UNKNOWN] = CE_PAINT_BAD,
		[CE_TARGET_UNVERIFIED] = CE_PAINT_CHANGE,
	};
	return (size_t)state < CE_COUNT(paints) ? paints[state] : CE_PAINT_NONE;
}

enum ce_paint
ce_paint_of_certificate(enum ce_certificate_state state)
{
	static const enum ce_paint paints[] = {
		[CE_CERTIFICATE_OK] = CE_PAINT_GOOD,
		[CE_CERTIFICATE_DUE] = CE_PAINT_CHANGE,
		[CE_CERTIFICATE_ISSUED] = CE_PAINT_GOOD,
		[CE_CERTIFICATE_FAILED] = CE_PAINT_BAD,
		[CE_CERTIFICATE_WAITING] = CE_PAINT_CHANGE,
	};
	return (size_t)state < CE_COUNT(paints) ? paints[state] : CE_PAINT_NONE;
}

void
ce_show_distance(char *out, long long seconds)
{
	static const struct {
		long long unit;
		const char *one, *many;
	} units[] = {
		{ 86400, "day", "days" },
		{ 3600, "hour", "hours" },
		{ 60, "minute", "minutes" },
		{ 1, "second", "seconds" },
	};
	if (seconds < 0)
		seconds = -seconds;
	size_t i = 0;
	while (i + 1 < CE_COUNT(units) && seconds < 2 * units[i].unit)
		i++;
	long long count = seconds / units[i].unit;
	(void)snprintf(out, 32, "%lld %s", count, count == 1 ? units[i].one : units[i].many);
}

void
ce_show_error(struct ce_page *page, const char *what, const char *step, const char *error)
{
	if (!error)
		return;
	ce_page_cell(page, CE_PAINT_BAD, 0, what);
	ce_page_line(page, ": failed%s%s: %s", step ? " at " : "", step ? step : "", error);
}

/* The moment of the next try, unless the sentence before it tells it already. */
static void
add_next_try(struct ce_page *page, const struct ce_certificate_report *certificate)
{
	char when[21];
	ce_text_time(when, certificate->wait_until);
	if (certificate->wait_until > 0 && (!certificate->error || !strstr(certificate->error, when)))
		ce_page_add(page, certificate->state == CE_CERTIFICATE_WAITING ? " (until %s)" : "; next try at %s", when);
}

void
ce_show_trouble(struct ce_page *page, const char *what, const struct ce_certificate_report *certificate)
{
	bool waits = certificate->state == CE_CERTIFICATE_WAITING;
	const char *step = certificate->step && !waits ? certificate->step : NULL;
	if (certificate->error) {
		ce_page_cell(page, waits ? CE_PAINT_CHANGE : CE_PAINT_BAD, 0, what);
		ce_page_add(page, "%s%s%s%s", waits ? "waiting" : "failed", step ? " at " : "", step ? step : "",
			certificate->error[0] ? ": " : "");
		ce_page_add(page, "%s", certificate->error);
		if (certificate->failures > 0 && !waits)
			ce_page_add(page, " (%s, %d in a row)", certificate->failure_class ? certificate->failure_class : "unknown",
				certificate->failures);
		add_next_try(page, certificate);
		ce_page_end(page);
	}
	if (certificate->alert) {
		ce_page_cell(page, CE_PAINT_BAD, 0, what);
		ce_page_line(page, "alert: %s", certificate->alert);
	}
}

void
ce_show_renewal(struct ce_page *page, const char *what, const struct ce_certificate_report *certificate)
{
	char when[21], poll[21];
	if (certificate->renew_at == 0)
		return;
	ce_text_time(when, certificate->renew_at);
	ce_page_add(page, "%srenewal at %s", what, when);
	if (certificate->renew_why)
		ce_page_add(page, ": %s", certificate->renew_why);
	if (certificate->next_poll > 0) {
		ce_text_time(poll, certificate->next_poll);
		ce_page_add(page, "; the CA is asked for a hint again at %s", poll);
	}
	ce_page_end(page);
}

/* When each certificate is renewed and why. */
void
ce_show_renewals(struct ce_page *page, const struct ce_report *report)
{
	for (size_t i = 0; i < report->certificate_count; i++) {
		char prefix[80];
		(void)snprintf(prefix, sizeof(prefix), "%s: ", report->certificates[i].name);
		ce_show_renewal(page, prefix, &report->certificates[i]);
	}
}

void
ce_show_reasons(struct ce_page *page, const struct ce_report *report)
{
	for (size_t i = 0; i < report->certificate_count; i++)
		if (report->certificates[i].reason)
			ce_page_line(page, "%s: %s", report->certificates[i].name, report->certificates[i].reason);
}

void
ce_show_recovered(struct ce_page *page, const struct ce_report *report)
{
	for (size_t i = 0; i < report->recovered.count; i++)
		ce_page_line(page, "%s", report->recovered.items[i]);
}

/* ---------------------------------------------------------------- summary */

static void
add_counts(struct ce_page *page, const size_t *counts, const char *(*name)(int state))
{
	const char *comma = " (";
	for (int state = 0; state < STATES_MAX; state++) {
		if (counts[state] == 0)
			continue;
		ce_page_add(page, "%s%zu %s", comma, counts[state], name(state));
		comma = ", ";
	}
	if (comma[0] == ',')
		ce_page_add(page, ")");
}

static const char *
certificate_name(int state)
{
	return ce_certificate_state_name((enum ce_certificate_state)state);
}

static const char *
target_name(int state)
{
	return ce_target_state_name((enum ce_target_state)state);
}

void
ce_show_summary(struct ce_page *page, const struct ce_report *report)
{
	size_t certificates[STATES_MAX] = { 0 }, targets[STATES_MAX] = { 0 }, target_count = 0;
	for (size_t i = 0; i < report->certificate_count; i++) {
		const struct ce_certificate_report *certificate = &report->certificates[i];
		certificates[certificate->state]++;
		target_count += certificate->target_count;
		for (size_t k = 0; k < certificate->target_count; k++)
			targets[certificate->targets[k].state]++;
	}
	ce_page_add(page, "%zu certificate%s", report->certificate_count, report->certificate_count == 1 ? "" : "s");
	add_counts(page, certificates, certificate_name);
	ce_page_add(page, ", %zu target%s", target_count, target_count == 1 ? "" : "s");
	add_counts(page, targets, target_name);
	ce_page_end(page);
}
