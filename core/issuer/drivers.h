/* The drivers, for the registry (issuer.c), and what they share. Internal to core/issuer. */
#ifndef CE_ISSUER_DRIVERS_H
#define CE_ISSUER_DRIVERS_H

#include "crypto/authority.h"
#include "issuer/issuer.h"

extern const struct ce_issuer_driver ce_issuer_acme;
extern const struct ce_issuer_driver ce_issuer_command;
extern const struct ce_issuer_driver ce_issuer_local;
extern const struct ce_issuer_driver ce_issuer_manual;
extern const struct ce_issuer_driver ce_issuer_selfsigned;

/* Answers a request: refused for the reason in why. */
void ce_issue_refuse(struct ce_issue_request *request, enum ce_refusal refusal, const struct ce_error *why);

/* Tells of a step, if anybody listens. */
void ce_issue_progress(const struct ce_issue_context *context, struct ce_issue_request *request, const char *step,
	const char *text);

/* The certificates in files of an issuer's own (option chain_files), appended to out as PEM. */
CE_MUSTCHECK int ce_issue_chain_files(const char *const *files, struct ce_buf *out, struct ce_error *err);

/* What every driver checks of such a list: absolute paths. */
CE_MUSTCHECK int ce_issue_check_paths(const struct ce_issuer_config *issuer, const char *option,
	struct ce_problems *problems, struct ce_error *err);

/* Profiles of certificates that we sign ourselves: "server" (the default), "client", "both". */
extern const char *const ce_issue_profiles[];

/* What a request's certificate shall say: names, subject and purposes of the order, valid for so many days from an hour
 * ago (for clients whose clock is behind). CE_ERR_CONFIG: a profile that is none of ce_issue_profiles. */
CE_MUSTCHECK int ce_issue_template(const struct ce_issue_request *request, long long now, long long days,
	struct ce_certificate_template *ret_template, struct ce_error *err);

#endif
