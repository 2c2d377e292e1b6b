/* Changing the key of an ACME account. The key that it changes to is kept beside the live one until the CA
 * said which of them it goes by; one rename then makes it the account's. */
#include <string.h>

#include "base/log.h"
#include "base/sys.h"
#include "crypto/token.h"
#include "issuer/acme_own.h"

#define RECORD_NEXT "account.key.next"
#define RECORD_SPARE "account.key.spare"

int
ce_acme_key_begin_rollover(struct ce_acme_issuer *issuer, struct ce_key **ret_key, struct ce_error *err)
{
	if (ce_token_is_uri(ce_option_text(ce_acme_options, &issuer->config->settings, "account_key")))
		return ce_fail(err, CE_ERR_CONFIG, "the account key of issuer '%s' was made by you, in a token: only keys that certengine "
			"makes are changed by it", issuer->config->name);
	return ce_acme_key_make(issuer, RECORD_NEXT, ret_key, err);
}

/* Tokens have little room: what is no account's key any more goes. In a file it costs nothing to be kept. */
static void
leave(const struct ce_acme_issuer *issuer, struct ce_bytes record)
{
	struct ce_error err = { 0 };
	if (ce_token_is_record(record) && ce_token_remove(record, &err) < 0)
		ce_log(CE_LOG_WARNING, "a former account key of issuer '%s' stays in its token: %s", issuer->config->name, err.text);
}

int
ce_acme_key_end_rollover(struct ce_acme_issuer *issuer, bool changed, struct ce_error *err)
{
	const char *name = issuer->config->name;
	CE_CLEANUP(ce_buf_release) struct ce_buf next = CE_BUF_SECRET, old = CE_BUF_SECRET;
	CE_CLEANUP(ce_keyp) struct ce_key *key = NULL;
	int rc = ce_store_issuer_get(issuer->store, name, RECORD_NEXT, &next, err);
	if (!rc && changed)
		rc = ce_store_issuer_get(issuer->store, name, CE_ACME_RECORD_KEY, &old, err);
	if (!rc && changed)
		rc = ce_key_open(ce_buf_bytes(&next), &key, err);
	if (!rc)
		rc = ce_store_issuer_rename(issuer->store, name, RECORD_NEXT, changed ? CE_ACME_RECORD_KEY : RECORD_SPARE, err);
	if (rc < 0)
		return rc;
	leave(issuer, ce_buf_bytes(changed ? &old : &next));
	if (!changed)
		return CE_OK;
	ce_key_free(issuer->key);
	issuer->key = CE_STEAL(key);
	return ce_acme_issuer_name_key(issuer, err);
}

/* One that cannot be read cannot have been told to the CA either: it is kept whole before that. */
static int
next_key(struct ce_acme_issuer *issuer, struct ce_key **ret_key, struct ce_error *err)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf record = CE_BUF_SECRET;
	struct ce_error ignored = { 0 };
	int rc = ce_store_issuer_get(issuer->store, issuer->config->name, RECORD_NEXT, &record, err);
	if (rc)
		return rc;
	rc = ce_key_open(ce_buf_bytes(&record), ret_key, err);
	if (rc != CE_ERR_INVALID && rc != CE_ERR_CRYPTO && rc != CE_ERR_NOT_FOUND)
		return rc;
	ce_log(CE_LOG_WARNING, "the next account key of issuer '%s' is unusable and is put aside as %s: %s", issuer->config->name,
		RECORD_SPARE, err->text);
	rc = ce_acme_key_end_rollover(issuer, false, &ignored);
	return ce_fail(err, rc < 0 ? rc : CE_ERR_NOT_FOUND, "%s", rc < 0 ? ignored.text : "put aside");
}

static int
ask(struct ce_acme_issuer *issuer, const struct ce_key *next, const struct ce_issue_context *context, bool *ret_changed,
	struct ce_error *err)
{
	CE_CLEANUP(ce_acme_errand_way_release) struct ce_acme_errand_way settle = { .issuer = issuer->config, .key = next,
		.job = { .kind = CE_ACME_ACCOUNT_SETTLE, .own_key = true } };
	int rc = ce_acme_errands_run(&settle, 1, context, err);
	if (rc)
		return rc;
	if (settle.error.code) {
		issuer->refusal = settle.refusal;
		*err = settle.error;
		return err->code;
	}
	const char *live = ce_json_text(settle.result, "live");
	*ret_changed = live && !strcmp(live, "new");
	return CE_OK;
}

int
ce_acme_key_settle(struct ce_acme_issuer *issuer, const struct ce_issue_context *context, struct ce_error *err)
{
	CE_CLEANUP(ce_keyp) struct ce_key *next = NULL;
	bool changed = false;
	int rc = next_key(issuer, &next, err);
	if (rc == CE_ERR_NOT_FOUND) {
		ce_error_forget(err);
		return CE_OK;
	}
	if (!rc)
		rc = ask(issuer, next, context, &changed, err);
	if (rc)
		return rc;
	ce_log(CE_LOG_WARNING, "the change of the account key of issuer '%s' was cut off: the CA goes by the %s key",
		issuer->config->name, changed ? "new" : "old");
	return ce_acme_key_end_rollover(issuer, changed, err);
}

int
ce_acme_account_retire(struct ce_store *store, const char *issuer, struct ce_error *err)
{
	static const char *const records[] = { CE_ACME_RECORD_KEY, RECORD_NEXT, CE_ACME_RECORD_ACCOUNT };
	int result = CE_UNCHANGED;
	long long now = ce_now();
	for (size_t i = 0; i < CE_COUNT(records); i++) {
		char aside[64];
		snprintf(aside, sizeof(aside), "%s.old-%lld", records[i], now);
		int rc = ce_store_issuer_rename(store, issuer, records[i], aside, err);
		if (rc < 0)
			return rc;
		if (rc == CE_OK)
			result = CE_OK;
	}
	return result;
}
