#include "issuer/issuer.h"

#include <string.h>

#include "base/text.h"
#include "issuer/drivers.h"

#define DAY_S 86400LL
#define BACKDATE_S 3600LL

static const struct ce_issuer_driver *const drivers[] = {
	&ce_issuer_acme,
	&ce_issuer_command,
	&ce_issuer_local,
	&ce_issuer_manual,
	&ce_issuer_selfsigned,
};

const struct ce_issuer_driver *
ce_issuer_driver(const char *kind)
{
	for (size_t i = 0; i < CE_COUNT(drivers); i++)
		if (strcmp(drivers[i]->kind, kind) == 0)
			return drivers[i];
	return NULL;
}

const char *const *
ce_issuer_kinds(void)
{
	static const char *kinds[CE_COUNT(drivers) + 1];
	for (size_t i = 0; i < CE_COUNT(drivers); i++)
		kinds[i] = drivers[i]->kind;
	return kinds;
}

static int
unknown_kind(const struct ce_issuer_config *issuer, struct ce_problems *problems, struct ce_error *err)
{
	const struct ce_settings *at = &issuer->settings;
	const char *nearest = ce_text_nearest(issuer->kind, ce_issuer_kinds());
	if (nearest)
		return ce_problems_add(problems, at->file, at->line, err,
			"issuer '%s' is of unknown kind '%s'; did you mean '%s'?", issuer->name, issuer->kind, nearest);

	CE_CLEANUP(ce_buf_release) struct ce_buf known = CE_BUF_INIT;
	for (const char *const *kind = ce_issuer_kinds(); *kind; kind++) {
		int code = ce_buf_addf(&known, err, "%s%s", known.size > 0 ? ", " : "", *kind);
		if (code < 0)
			return code;
	}
	return ce_problems_add(problems, at->file, at->line, err, "issuer '%s' is of unknown kind '%s'; known are %s",
		issuer->name, issuer->kind, ce_buf_text(&known));
}

static int
check_issuer(const struct ce_issuer_config *issuer, struct ce_problems *problems, struct ce_error *err)
{
	if (!issuer->kind)
		return CE_OK; /* the configuration's reader has said so */
	const struct ce_issuer_driver *driver = ce_issuer_driver(issuer->kind);
	if (!driver)
		return unknown_kind(issuer, problems, err);

	CE_CLEANUP(ce_buf_release) struct ce_buf what = CE_BUF_INIT;
	int code = ce_buf_addf(&what, err, "issuer '%s' of kind '%s'", issuer->name, issuer->kind);
	if (code < 0)
		return code;
	code = ce_options_check(driver->options, &issuer->settings, ce_buf_text(&what), problems, err);
	if (code < 0 || !driver->check)
		return code;
	return driver->check(issuer, problems, err);
}

static int
check_profile(const struct ce_certificate_config *certificate, const struct ce_issuer_config *issuer,
	struct ce_problems *problems, struct ce_error *err)
{
	const struct ce_issuer_driver *driver = issuer && issuer->kind ? ce_issuer_driver(issuer->kind) : NULL;
	if (!certificate->profile || !driver || !driver->profiles)
		return CE_OK;
	CE_CLEANUP(ce_buf_release) struct ce_buf known = CE_BUF_INIT;
	for (const char *const *profile = driver->profiles; *profile; profile++) {
		if (strcmp(*profile, certificate->profile) == 0)
			return CE_OK;
		int code = ce_buf_addf(&known, err, "%s%s", known.size > 0 ? ", " : "", *profile);
		if (code < 0)
			return code;
	}
	return ce_problems_add(problems, certificate->file, certificate->line, err,
		"profile '%s' of certificate '%s' is none that issuer '%s' of kind '%s' knows: %s", certificate->profile,
		certificate->name, issuer->name, issuer->kind, ce_buf_text(&known));
}

static int
check_profiles(const struct ce_config *config, const struct ce_certificate_config *certificate,
	struct ce_problems *problems, struct ce_error *err)
{
	for (size_t i = 0; i < certificate->issuers.count; i++) {
		const struct ce_issuer_config *issuer = ce_config_issuer(config, certificate->issuers.items[i]);
		int code = check_profile(certificate, issuer, problems, err);
		if (code < 0)
			return code;
	}
	return CE_OK;
}

int
ce_issuers_check(const struct ce_config *config, struct ce_problems *problems, struct ce_error *err)
{
	for (size_t i = 0; i < config->issuer_count; i++) {
		int code = check_issuer(&config->issuers[i], problems, err);
		if (code < 0)
			return code;
	}
	for (size_t i = 0; i < config->certificate_count; i++) {
		int code = check_profiles(config, &config->certificates[i], problems, err);
		if (code < 0)
			return code;
	}
	return CE_OK;
}

void
ce_issue_request_release(struct ce_issue_request *request)
{
	ce_buf_release(&request->chain_pem);
	ce_strlist_release(&request->left_out);
	free(request->text);
	request->text = NULL;
}

void
ce_renewal_query_release(struct ce_renewal_query *query)
{
	free(query->explanation);
	query->explanation = NULL;
}

void
ce_issuer_info_release(struct ce_issuer_info *info)
{
	free(info->terms);
	free(info->website);
	ce_strlist_release(&info->caa);
	ce_strlist_release(&info->profiles);
	ce_strlist_release(&info->descriptions);
	memset(info, 0, sizeof(*info));
}

void
ce_account_release(struct ce_account *account)
{
	free(account->url);
	free(account->status);
	ce_strlist_release(&account->contact);
	free(account->key_kind);
	free(account->thumbprint);
	free(account->terms);
	free(account->external);
	memset(account, 0, sizeof(*account));
}

void
ce_issue_refuse(struct ce_issue_request *request, enum ce_refusal refusal, const struct ce_error *why)
{
	request->outcome = CE_ISSUE_REFUSED;
	request->refusal = refusal;
	request->error = *why;
}

void
ce_issue_progress(const struct ce_issue_context *context, struct ce_issue_request *request, const char *step,
	const char *text)
{
	if (context->progress)
		context->progress(request, step, text, context->context);
}

const char *const ce_issue_profiles[] = { "server", "client", "both", NULL };
static const unsigned purposes[] = { CE_PURPOSE_SERVER, CE_PURPOSE_CLIENT, CE_PURPOSE_SERVER | CE_PURPOSE_CLIENT };

int
ce_issue_template(const struct ce_issue_request *request, long long now, long long days,
	struct ce_certificate_template *ret_template, struct ce_error *err)
{
	const char *profile = request->certificate->profile;
	size_t row = 0;
	while (profile && ce_issue_profiles[row] && strcmp(ce_issue_profiles[row], profile) != 0)
		row++;
	if (!ce_issue_profiles[row])
		return ce_fail(err, CE_ERR_CONFIG, "issuer '%s' knows the profiles server, client and both, not '%s'",
			request->issuer->name, profile);
	/* Both ends count (RFC 5280 section 4.1.2.5): clients that limit a lifetime to so many days measure it so. */
	long long begin = now - BACKDATE_S;
	*ret_template = (struct ce_certificate_template){
		.names = &request->certificate->names,
		.subject = &request->certificate->subject,
		.not_before = begin,
		.not_after = begin + days * DAY_S - 1,
		.purposes = purposes[row],
	};
	return CE_OK;
}

void
ce_issuer_staging_release(struct ce_issuer_config *issuer)
{
	free(issuer->name);
	free(issuer->settings.items);
	*issuer = (struct ce_issuer_config){ 0 };
}
