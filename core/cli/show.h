/* Reports as text for people. */
#ifndef CE_CLI_SHOW_H
#define CE_CLI_SHOW_H

#include "cli/page.h"
#include "engine/report.h"

void ce_show_apply(struct ce_page *page, const struct ce_report *report);
/* What was done to each certificate, a line for each; for commands about one. */
void ce_show_reasons(struct ce_page *page, const struct ce_report *report);
void ce_show_recovered(struct ce_page *page, const struct ce_report *report);

/* "2 certificates (1 due, 1 ok), 3 targets (2 ok, 1 pending)" as a line. */
void ce_show_summary(struct ce_page *page, const struct ce_report *report);
/* "what: failed at step: error" as a line; nothing without an error. */
void ce_show_error(struct ce_page *page, const char *what, const char *step, const char *error);
/* How a certificate stands whose issuer failed or wants to wait, with class, count and next try, and the alert; each line
 * begins with what. Nothing when all is well. */
void ce_show_trouble(struct ce_page *page, const char *what, const struct ce_certificate_report *certificate);
/* "what: renewal at ...: why" as a line; nothing without a certificate. */
void ce_show_renewal(struct ce_page *page, const char *what, const struct ce_certificate_report *certificate);
/* The same for each certificate of a report, by name. */
void ce_show_renewals(struct ce_page *page, const struct ce_report *report);
/* How far away a moment is, "59 days", "3 hours"; out has room for 32 bytes. */
void ce_show_distance(char *out, long long seconds);
enum ce_paint ce_paint_of_target(enum ce_target_state state);
enum ce_paint ce_paint_of_certificate(enum ce_certificate_state state);

#endif
