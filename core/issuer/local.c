/* The embedded private CA: its keys and root certificates are made when first needed and kept in the store. It works
 * offline and at once. */
#include <stdio.h>
#include <string.h>

#include "base/sys.h"
#include "base/text.h"
#include "issuer/local_own.h"

#define COMMON_NAME_MAX 64 /* ub-common-name, RFC 5280 appendix A.1 */
#define CA_LIFETIMES 4     /* of certificates that a CA lasts at least: its successor needs time to become known */

const struct ce_option ce_local_options[] = {
	{ "days", CE_OPTION_INT, 0, "90", 1, 825, NULL, "lifetime of a certificate in days" },
	{ "common_name", CE_OPTION_STRING, 0, NULL, 0, 0, NULL,
		"common name of the CA's own certificate, used when it is made" },
	{ "key", CE_OPTION_ENUM, 0, "ec-p256", 0, 0, ce_key_kinds, "kind of the CA's own key, used when it is made" },
	{ "ca_days", CE_OPTION_INT, 0, "3650", 4, 36500, NULL,
		"lifetime of the CA's own certificate in days, used when it is made" },
	{ "crl_days", CE_OPTION_INT, 0, "30", 1, 365, NULL, "days that a revocation list is good for" },
	{ "permit", CE_OPTION_LIST, 0, NULL, 0, 0, NULL,
		"domains and ranges of addresses that the CA may sign for, used when it is made; default: all" },
	{ NULL, 0, 0, NULL, 0, 0, NULL, NULL },
};

/* --- the configuration --- */

static int
check_common_name(const struct ce_issuer_config *issuer, struct ce_problems *problems, struct ce_error *err)
{
	const struct ce_setting *name = ce_settings_find(&issuer->settings, "common_name");
	if (!name || name->kind != CE_SETTING_STRING)
		return CE_OK;
	size_t size = strlen(name->text);
	if (size >= 1 && size <= COMMON_NAME_MAX)
		return CE_OK;
	return ce_problems_add(problems, name->file, name->line, err,
		"common_name of issuer '%s' has %zu bytes; 1 to %d are allowed", issuer->name, size, COMMON_NAME_MAX);
}

static int
check_days(const struct ce_issuer_config *issuer, struct ce_problems *problems, struct ce_error *err)
{
	const struct ce_settings *settings = &issuer->settings;
	const struct ce_setting *ca_days = ce_settings_find(settings, "ca_days");
	long long days = ce_option_int(ce_local_options, settings, "days");
	if (!ca_days || ca_days->kind != CE_SETTING_INT || ca_days->number >= CA_LIFETIMES * days)
		return CE_OK;
	return ce_problems_add(problems, ca_days->file, ca_days->line, err,
		"ca_days of issuer '%s' must be %d times 'days' or more, %lld: a CA's successor is made ahead", issuer->name,
		CA_LIFETIMES, CA_LIFETIMES * days);
}

static int
check_permit(const struct ce_issuer_config *issuer, struct ce_problems *problems, struct ce_error *err)
{
	const struct ce_setting *permit = ce_settings_find(&issuer->settings, "permit");
	for (size_t i = 0; permit && permit->kind == CE_SETTING_LIST && i < permit->list.count; i++) {
		struct ce_error why = { 0 };
		int code = ce_constraint_check(permit->list.items[i], &why);
		if (code < 0)
			code = ce_problems_add(problems, permit->file, permit->line, err, "permit of issuer '%s': %s", issuer->name, why.text);
		if (code < 0)
			return code;
	}
	return CE_OK;
}

static int
check(const struct ce_issuer_config *issuer, struct ce_problems *problems, struct ce_error *err)
{
	int code = check_common_name(issuer, problems, err);
	if (code == CE_OK)
		code = check_days(issuer, problems, err);
	return code == CE_OK ? check_permit(issuer, problems, err) : code;
}

/* --- issuing --- */

/* No leaf outlives its root: clients would refuse it from that day on. It comes to that only where 'days' was set higher
 * after the CA was made. */
static void
fit_into_root(const struct ce_local_ca *ca, struct ce_issue_request *request, const struct ce_issue_context *context,
	struct ce_certificate_template *wanted)
{
	const struct ce_facts *root = &ca->root;
	if (wanted->not_before < root->not_before)
		wanted->not_before = root->not_before;
	if (wanted->not_after <= root->not_after)
		return;
	wanted->not_after = root->not_after;
	char until[21], text[128];
	ce_text_time(until, root->not_after);
	snprintf(text, sizeof(text), "the certificate ends at %s, when the CA's own certificate ends", until);
	ce_issue_progress(context, request, "sign", text);
}

static int
sign(struct ce_local *local, struct ce_issue_request *request, const struct ce_issue_context *context,
	struct ce_error *err)
{
	long long days = ce_option_int(ce_local_options, &request->issuer->settings, "days");
	struct ce_certificate_template wanted;
	int code = ce_issue_template(request, ce_now(), days, &wanted, err);
	if (code < 0)
		return code;
	struct ce_local_ca *ca = ce_local_signer(local, wanted.not_after);
	fit_into_root(ca, request, context, &wanted);

	/* The root goes along, so that whoever accepts the chain sees the leaf signed. */
	CE_CLEANUP(ce_buf_release) struct ce_buf chain = CE_BUF_INIT;
	code = ce_local_key(context->store, ca, err);
	if (code == CE_OK)
		code = ce_authority_issue(ca->key, ce_buf_bytes(&ca->root_pem), request->csr_der, &wanted, &chain, err);
	if (code == CE_OK)
		code = ce_buf_add(&chain, ca->root_pem.data, ca->root_pem.size, err);
	if (code < 0)
		return code;
	ce_buf_release(&request->chain_pem);
	request->chain_pem = chain;
	chain = (struct ce_buf)CE_BUF_INIT;
	return CE_OK;
}

/* The roots, their keys where they sign, and a CRL for each. */
static int
prepare(struct ce_store *store, const struct ce_issuer_config *issuer, struct ce_local *local, struct ce_error *err)
{
	int code = ce_local_open(store, issuer, true, local, err);
	if (code == CE_OK)
		code = ce_local_crls(store, local, err);
	if (code < 0)
		ce_local_release(local);
	return code < 0 ? code : CE_OK;
}

/* Whether it is the request that is wrong, and not the CA. */
static bool
is_input(int code)
{
	return code == CE_ERR_REFUSED || code == CE_ERR_CRYPTO || code == CE_ERR_CONFIG;
}

static int
issue(struct ce_issue_request **requests, size_t count, const struct ce_issue_context *context, struct ce_error *err)
{
	(void)err;
	CE_CLEANUP(ce_local_release) struct ce_local local = { 0 };
	for (size_t i = 0; i < count; i++) {
		struct ce_issue_request *request = requests[i];
		struct ce_error why = { 0 };
		ce_error_step(&why, "sign");
		ce_issue_progress(context, request, "sign", NULL);
		int code = CE_OK;
		if (local.issuer != request->issuer)
			code = prepare(context->store, request->issuer, &local, &why);
		if (code < 0) {
			ce_issue_refuse(request, CE_REFUSAL_ENVIRONMENT, &why);
			continue;
		}
		code = sign(&local, request, context, &why);
		if (code < 0)
			ce_issue_refuse(request, is_input(code) ? CE_REFUSAL_INPUT : CE_REFUSAL_ENVIRONMENT, &why);
		else
			request->outcome = CE_ISSUE_ISSUED;
	}
	return CE_OK;
}

/* --- what others trust --- */

/* All that have not expired: the successor of a root must be known before it signs. */
static int
anchors(const struct ce_issuer_config *issuer, struct ce_store *store, struct ce_buf *ret_pem, struct ce_error *err)
{
	CE_CLEANUP(ce_local_release) struct ce_local local = { 0 };
	int code = ce_local_open(store, issuer, false, &local, err);
	for (size_t i = 0; code == CE_OK && i < local.count; i++)
		code = ce_buf_add(ret_pem, local.cas[i].root_pem.data, local.cas[i].root_pem.size, err);
	return code;
}

static int
crls(const struct ce_issuer_config *issuer, struct ce_store *store, struct ce_buf *ret_pem, struct ce_error *err)
{
	char record[32];
	CE_CLEANUP(ce_local_release) struct ce_local local = { 0 };
	int code = ce_local_open(store, issuer, false, &local, err);
	for (size_t i = 0; code == CE_OK && i < local.count; i++) {
		CE_CLEANUP(ce_buf_release) struct ce_buf crl = CE_BUF_INIT;
		code = ce_store_issuer_get(store, issuer->name, ce_local_record(record, local.cas[i].generation, "crl"), &crl, err);
		if (code == CE_OK)
			code = ce_buf_add(ret_pem, crl.data, crl.size, err);
	}
	return code;
}

/* A CA that nothing was asked of yet needs nothing. */
static int
upkeep(const struct ce_issuer_config *issuer, struct ce_store *store, struct ce_error *err)
{
	CE_CLEANUP(ce_local_release) struct ce_local local = { 0 };
	int code = ce_local_open(store, issuer, false, &local, err);
	if (code == CE_ERR_NOT_FOUND) {
		ce_error_forget(err);
		return CE_UNCHANGED;
	}
	if (code == CE_OK)
		code = ce_local_open(store, issuer, true, &local, err);
	if (code < 0)
		return code;
	code = ce_local_crls(store, &local, err);
	return code == CE_UNCHANGED && local.made ? CE_OK : code;
}

const struct ce_issuer_driver ce_issuer_local = {
	.kind = "local",
	.unmetered = true,
	.summary = "an embedded private CA: works offline and at once",
	.options = ce_local_options,
	.check = check,
	.issue = issue,
	.anchors = anchors,
	.crls = crls,
	.profiles = ce_issue_profiles,
	.revoke = ce_local_revoke,
	.upkeep = upkeep,
};
