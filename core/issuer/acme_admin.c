/* What an operator asks about an ACME CA and the account there. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "crypto/pem.h"
#include "issuer/acme_own.h"

/* Does one errand; its failure is the result. */
static int
do_errand(struct ce_acme_errand_way *errand, const struct ce_issue_context *context, struct ce_error *err)
{
	int rc = ce_acme_errands_run(errand, 1, context, err);
	if (rc || !errand->error.code)
		return rc;
	*err = errand->error;
	return err->code;
}

static int
copy_texts(const json_t *array, struct ce_strlist *list, struct ce_error *err)
{
	int rc = CE_OK;
	for (size_t i = 0; !rc && i < json_array_size(array); i++) {
		const char *text = json_string_value(json_array_get(array, i));
		if (text)
			rc = ce_strlist_add(list, text, err);
	}
	return rc;
}

/* --- the directory --- */

static int
copy_profiles(const json_t *profiles, struct ce_issuer_info *info, struct ce_error *err)
{
	const char *name;
	json_t *value;
	int rc = CE_OK;
	json_object_foreach((json_t *)profiles, name, value) {
		const char *text = json_string_value(value);
		if (!rc)
			rc = ce_strlist_add(&info->profiles, name, err);
		if (!rc)
			rc = ce_strlist_add(&info->descriptions, text ? text : "", err);
	}
	return rc;
}

int
ce_acme_info(const struct ce_issuer_config *issuer, const struct ce_issue_context *context,
	struct ce_issuer_info *ret_info, struct ce_error *err)
{
	CE_CLEANUP(ce_acme_errand_way_release) struct ce_acme_errand_way errand = { .issuer = issuer,
		.job = { .kind = CE_ACME_DIRECTORY } };
	CE_CLEANUP(ce_issuer_info_release) struct ce_issuer_info info = { 0 };
	int rc = do_errand(&errand, context, err);
	if (rc)
		return rc;
	const json_t *meta = json_object_get(errand.result, "meta");
	rc = ce_text_assign(&info.terms, ce_json_text(meta, "termsOfService"), err);
	if (!rc)
		rc = ce_text_assign(&info.website, ce_json_text(meta, "website"), err);
	if (!rc)
		rc = copy_texts(json_object_get(meta, "caaIdentities"), &info.caa, err);
	if (!rc)
		rc = copy_profiles(json_object_get(meta, "profiles"), &info, err);
	if (rc)
		return rc;
	info.external_account = json_is_true(json_object_get(meta, "externalAccountRequired"));
	info.renewal_hints = ce_json_text(errand.result, "renewalInfo") != NULL;
	info.revokes = ce_json_text(errand.result, "revokeCert") != NULL;
	info.changes_keys = ce_json_text(errand.result, "keyChange") != NULL;
	*ret_info = info;
	memset(&info, 0, sizeof(info));
	return CE_OK;
}

/* --- the account --- */

static int
describe(const struct ce_acme_issuer *issuer, const json_t *result, struct ce_account *account, struct ce_error *err)
{
	const char *url = ce_json_text(result, "url");
	int rc = ce_text_assign(&account->url, url ? url : issuer->url, err);
	if (!rc)
		rc = ce_text_assign(&account->status, ce_json_text(result, "status"), err);
	if (!rc)
		rc = copy_texts(json_object_get(result, "contact"), &account->contact, err);
	if (!rc)
		rc = ce_text_assign(&account->key_kind, ce_key_kind(issuer->key), err);
	if (!rc)
		rc = ce_text_assign(&account->thumbprint, issuer->thumbprint, err);
	if (!rc)
		rc = ce_text_assign(&account->terms, issuer->terms, err);
	if (!rc)
		rc = ce_text_assign(&account->external, issuer->eab_kid_used, err);
	account->agreed_at = issuer->agreed_at;
	return rc;
}

static int
ask(const struct ce_acme_issuer *issuer, enum ce_acme_errand_kind kind, const struct ce_issue_context *context,
	struct ce_account *account, struct ce_error *err)
{
	CE_CLEANUP(ce_acme_errand_way_release) struct ce_acme_errand_way errand = { .issuer = issuer->config,
		.job = { .kind = kind } };
	const char *const *contact = ce_option_list(ce_acme_options, &issuer->config->settings, "contact");
	int rc = kind == CE_ACME_ACCOUNT_UPDATE && contact ? ce_strlist_copy(&errand.job.list, contact, err) : CE_OK;
	if (!rc)
		rc = do_errand(&errand, context, err);
	return rc ? rc : describe(issuer, errand.result, account, err);
}

/* The new key is on stable storage before the CA hears of it. A refusal is certain: the key stays as it was. What is not
 * certain stays as it is, and the next run that needs the account asks. */
static int
change_key(struct ce_acme_issuer *issuer, const struct ce_issue_context *context, struct ce_error *err)
{
	CE_CLEANUP(ce_keyp) struct ce_key *next = NULL;
	int rc = ce_acme_key_begin_rollover(issuer, &next, err);
	if (rc)
		return rc;
	CE_CLEANUP(ce_acme_errand_way_release) struct ce_acme_errand_way errand = { .issuer = issuer->config, .key = next,
		.job = { .kind = CE_ACME_ACCOUNT_ROLLOVER, .own_key = true } };
	rc = ce_acme_errands_run(&errand, 1, context, err);
	if (rc)
		return rc;
	if (errand.error.code) {
		struct ce_error ignored = { 0 };
		*err = errand.error;
		if (errand.refusal == CE_REFUSAL_INPUT)
			CE_IGNORE(ce_acme_key_end_rollover(issuer, false, &ignored)); /* else the next run finds it unchanged */
		return err->code;
	}
	const char *live = ce_json_text(errand.result, "live");
	bool changed = live && !strcmp(live, "new");
	rc = ce_acme_key_end_rollover(issuer, changed, err);
	if (rc || changed)
		return rc;
	return ce_fail(err, CE_ERR_ISSUER, "the CA of issuer '%s' did not take the new key; the old one stays: run it again",
		issuer->config->name);
}

static int
act(struct ce_acme_issuer *issuer, enum ce_account_action action, const struct ce_issue_context *context,
	struct ce_account *account, struct ce_error *err)
{
	int rc;
	switch (action) {
	case CE_ACCOUNT_UPDATE:
		return ask(issuer, CE_ACME_ACCOUNT_UPDATE, context, account, err);
	case CE_ACCOUNT_ROLLOVER:
		rc = change_key(issuer, context, err);
		return rc ? rc : ask(issuer, CE_ACME_ACCOUNT_SHOW, context, account, err);
	case CE_ACCOUNT_DEACTIVATE:
		rc = ask(issuer, CE_ACME_ACCOUNT_DEACTIVATE, context, account, err);
		return rc ? rc : ce_acme_issuer_save_deactivated(issuer, err);
	default:
		return ask(issuer, CE_ACME_ACCOUNT_SHOW, context, account, err);
	}
}

static int
load(struct ce_acme_issuer *issuer, const struct ce_issuer_config *config, const struct ce_issue_context *context,
	struct ce_error *err)
{
	ce_acme_issuer_release(issuer);
	*issuer = (struct ce_acme_issuer){ .config = config, .store = context->store, .need = CE_ACME_NEED_ACCOUNT };
	int rc = ce_acme_issuer_load(issuer, err);
	return rc ? rc : ce_acme_key_settle(issuer, context, err);
}

/* An account whose URL is not on record (a backup of the key alone) is found by its key first, and noted. */
static int
load_found(struct ce_acme_issuer *issuer, const struct ce_issuer_config *config, const struct ce_issue_context *context,
	struct ce_error *err)
{
	CE_CLEANUP(ce_account_release) struct ce_account found = { 0 };
	int rc = load(issuer, config, context, err);
	if (rc || issuer->url)
		return rc;
	rc = ask(issuer, CE_ACME_ACCOUNT_SHOW, context, &found, err);
	return rc ? rc : load(issuer, config, context, err);
}

int
ce_acme_account(const struct ce_issuer_config *config, enum ce_account_action action,
	const struct ce_issue_context *context, struct ce_account *ret_account, struct ce_error *err)
{
	if (action == CE_ACCOUNT_NEW)
		return ce_acme_account_retire(context->store, config->name, err);
	CE_CLEANUP(ce_acme_issuer_release) struct ce_acme_issuer issuer = { 0 };
	CE_CLEANUP(ce_account_release) struct ce_account account = { 0 };
	int rc = load_found(&issuer, config, context, err);
	if (!rc)
		rc = act(&issuer, action, context, &account, err);
	if (rc)
		return rc;
	*ret_account = account;
	memset(&account, 0, sizeof(account));
	return CE_OK;
}

/* --- revocation --- */

/* The first certificate of a PEM. */
static int
leaf_der(struct ce_bytes text, struct ce_buf *ret_der, struct ce_error *err)
{
	struct ce_pem pem = { text, 0, false };
	struct ce_pem_block block;
	int rc;
	while ((rc = ce_pem_next(&pem, &block, err)) == CE_OK && strcmp(block.label, "CERTIFICATE"))
		;
	if (rc == CE_UNCHANGED)
		return ce_fail(err, CE_ERR_INVALID, "there is no certificate to revoke");
	return rc < 0 ? rc : ce_pem_decode(&block, ret_der, err);
}

int
ce_acme_revoke(const struct ce_revocation *revocation, const struct ce_issue_context *context, struct ce_error *err)
{
	CE_CLEANUP(ce_acme_errand_way_release) struct ce_acme_errand_way errand = { .issuer = revocation->issuer,
		.key = revocation->key, .job = { .kind = CE_ACME_REVOKE, .own_key = revocation->key != NULL } };
	int rc = leaf_der(revocation->leaf_pem, &errand.job.der, err);
	if (!rc && revocation->reason >= 0 && asprintf(&errand.job.text, "%d", revocation->reason) < 0) {
		errand.job.text = NULL;
		rc = ce_fail(err, CE_ERR_MEMORY, "out of memory");
	}
	if (!rc)
		rc = do_errand(&errand, context, err);
	if (rc)
		return rc;
	return json_is_true(json_object_get(errand.result, "already")) ? CE_UNCHANGED : CE_OK;
}
