/* Reports as JSON documents, "schema_version" 1. Members are only ever added within one version. */
#ifndef CE_CLI_JSON_H
#define CE_CLI_JSON_H

#include "cli/page.h"
#include "config/settings.h"
#include "engine/engine.h"

/* The outcome of a command that has a report; report, problems and error may be NULL. */
struct ce_outcome_document {
	const char *command;
	int status;
	const struct ce_report *report;
	const struct ce_problems *problems;
	const struct ce_error *error;
};
CE_MUSTCHECK int ce_json_outcome(struct ce_page *page, const struct ce_outcome_document *outcome, struct ce_error *err);
CE_MUSTCHECK int ce_json_plugins(struct ce_page *page, const struct ce_plugin_description *descriptions, size_t count,
	struct ce_error *err);
CE_MUSTCHECK int ce_json_plugin(struct ce_page *page, const struct ce_plugin_description *description,
	struct ce_error *err);
CE_MUSTCHECK int ce_json_issuers(struct ce_page *page, const struct ce_config *config, struct ce_error *err);
/* info NULL: its kind has nothing to say. */
CE_MUSTCHECK int ce_json_issuer(struct ce_page *page, const struct ce_issuer_config *issuer,
	const struct ce_issuer_info *info, struct ce_error *err);
/* outcome: what was done, NULL: it was shown. */
CE_MUSTCHECK int ce_json_account(struct ce_page *page, const char *issuer, const char *outcome,
	const struct ce_account *account, struct ce_error *err);
/* "string", "path", ... as the manual calls the types of options. */
const char *ce_option_type_name(int type);

#endif
