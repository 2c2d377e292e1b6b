/* The engine's answers about issuers and accounts. */
#include <string.h>
#include <strings.h>

#include "fake_engine.h"

static struct ce_issuer_config issuers[] = {
	{ .name = (char *)"house", .kind = (char *)"house" },
	{ .name = (char *)"le", .kind = (char *)"house" },
};
static char *chosen[] = { (char *)"le", NULL };
static struct ce_certificate_config certificates[] = { { .name = (char *)"shop", .issuer = (char *)"le", .issuers = { chosen, 1 } } };
static const struct ce_config config = { .issuers = issuers, .issuer_count = 2, .certificates = certificates,
	.certificate_count = 1 };

const struct ce_config *
ce_engine_config(const struct ce_engine *engine)
{
	(void)engine;
	return &config;
}

const struct ce_issuer_config *
ce_config_issuer(const struct ce_config *where, const char *name)
{
	for (size_t i = 0; i < where->issuer_count; i++)
		if (strcmp(where->issuers[i].name, name) == 0)
			return &where->issuers[i];
	return NULL;
}

int
ce_engine_issuer_info(struct ce_engine *engine, const char *issuer, struct ce_issuer_info *ret_info, struct ce_error *err)
{
	static char *profiles[] = { (char *)"short", NULL }, *descriptions[] = { (char *)"six \033 days", NULL };
	(void)engine;
	if (fake.run_code < 0)
		return ce_fail(err, fake.run_code, "cannot ask '%s'", issuer);
	if (strcmp(issuer, "house") == 0)
		return CE_UNCHANGED;
	*ret_info = (struct ce_issuer_info){ .terms = (char *)"https://ca.example/terms", .profiles = { profiles, 1 },
		.descriptions = { descriptions, 1 }, .renewal_hints = true };
	return CE_OK;
}

void
ce_issuer_info_release(struct ce_issuer_info *info)
{
	(void)info; /* nothing of it is its own */
}

int
ce_engine_account(struct ce_engine *engine, const char *issuer, enum ce_account_action action,
	struct ce_account *ret_account, struct ce_error *err)
{
	(void)engine;
	fake.action = action;
	if (fake.run_code < 0)
		return ce_fail(err, fake.run_code, "cannot ask '%s'", issuer);
	if (action == CE_ACCOUNT_NEW)
		return CE_UNCHANGED;
	*ret_account = (struct ce_account){ .url = (char *)"https://ca.example/1", .status = (char *)"valid",
		.terms = (char *)"https://ca.example/terms", .agreed_at = FAKE_NOW, .key_kind = (char *)"ec-p256" };
	return CE_OK;
}

void
ce_account_release(struct ce_account *account)
{
	(void)account;
}

int
ce_revocation_reason(const char *word, int *ret_reason, struct ce_error *err)
{
	if (strcasecmp(word, "keyCompromise") != 0)
		return ce_fail(err, CE_ERR_CONFIG, "'%s' is no reason", word);
	*ret_reason = 1;
	return CE_OK;
}

int
ce_engine_revoke(struct ce_engine *engine, const struct ce_revocation_order *order, struct ce_report *ret_report,
	struct ce_error *err)
{
	(void)engine;
	fake.revocation = *order;
	if (fake.report)
		*ret_report = *fake.report;
	return fake.run_code < 0 ? ce_fail(err, fake.run_code, "cannot go on") : CE_OK;
}
