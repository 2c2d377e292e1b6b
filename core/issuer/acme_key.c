/* The account key of an ACME issuer: in a file of the store, or in a token. */
#include <string.h>

#include "acme/json.h"
#include "crypto/token.h"
#include "issuer/acme_own.h"

static const char *
option(const struct ce_issuer_config *config, const char *name)
{
	return ce_option_text(ce_acme_options, &config->settings, name);
}

/* ------------------------------------------------------------- configuration */

static int
complain(const struct ce_issuer_config *config, const char *name, struct ce_problems *problems, struct ce_error *err,
	const char *text)
{
	const struct ce_setting *setting = ce_settings_find(&config->settings, name);
	return ce_problems_add(problems, setting->file, setting->line, err, "option '%s' of issuer '%s': %s", name,
		config->name, text);
}

static const struct ce_setting *
find_text(const struct ce_issuer_config *config, const char *name)
{
	const struct ce_setting *setting = ce_settings_find(&config->settings, name);
	return setting && setting->kind == CE_SETTING_STRING ? setting : NULL;
}

/* The value is not repeated: it might be a URI gone wrong, with a PIN in it. */
static int
check_uri(const struct ce_issuer_config *config, const struct ce_setting *setting, bool wants_key,
	struct ce_problems *problems, struct ce_error *err)
{
	struct ce_error why = { 0 };
	int rc = ce_token_is_uri(setting->text) ? ce_token_check(setting->text, wants_key, &why)
	                                        : ce_fail(&why, CE_ERR_INVALID, "it begins with 'pkcs11:'");
	return rc ? complain(config, setting->name, problems, err, why.text) : CE_OK;
}

static bool
is_kind(const char *text)
{
	for (const char *const *kind = ce_key_kinds; *kind; kind++)
		if (!strcmp(*kind, text))
			return true;
	return false;
}

int
ce_acme_key_check(const struct ce_issuer_config *config, struct ce_problems *problems, struct ce_error *err)
{
	const struct ce_setting *key = find_text(config, "account_key"), *token = find_text(config, "account_token");
	bool given = key && ce_token_is_uri(key->text);
	int rc = CE_OK;
	if (token)
		rc = check_uri(config, token, false, problems, err);
	if (!rc && given)
		rc = check_uri(config, key, true, problems, err);
	if (!rc && key && !given && !is_kind(key->text))
		rc = complain(config, "account_key", problems, err, "it is one of rsa-2048, rsa-3072, rsa-4096, ec-p256, ec-p384, "
			"ed25519, or the PKCS#11 URI of a key");
	if (!rc && given && token)
		rc = complain(config, "account_token", problems, err, "it says where a key is made, but account_key names one that "
			"is there already: leave one of them out");
	return rc;
}

/* The token, or the key in one, that is configured; NULL: files. */
static const char *
configured_uri(const struct ce_issuer_config *config)
{
	const char *key = option(config, "account_key");
	return ce_token_is_uri(key) ? key : option(config, "account_token");
}

/* -------------------------------------------------------------------- making */

static int
put(const struct ce_acme_issuer *issuer, const char *record, const struct ce_buf *bytes, struct ce_error *err)
{
	return ce_store_issuer_put(issuer->store, issuer->config->name, record, ce_buf_bytes(bytes), err);
}

static int
make_in_file(const struct ce_acme_issuer *issuer, const char *record, struct ce_key **ret_key, struct ce_error *err)
{
	CE_CLEANUP(ce_keyp) struct ce_key *key = NULL;
	CE_CLEANUP(ce_buf_release) struct ce_buf pem = CE_BUF_SECRET;
	int rc = ce_key_generate(option(issuer->config, "account_key"), &key, err);
	if (!rc)
		rc = ce_key_to_pem(key, &pem, err);
	if (!rc)
		rc = put(issuer, record, &pem, err);
	if (rc)
		return rc;
	*ret_key = CE_STEAL(key);
	return CE_OK;
}

/* The record first: a run that is killed leaves no key that the next one does not know. */
int
ce_acme_key_make(const struct ce_acme_issuer *issuer, const char *record, struct ce_key **ret_key, struct ce_error *err)
{
	const struct ce_issuer_config *config = issuer->config;
	const char *uri = configured_uri(config), *kind = option(config, "account_key");
	CE_CLEANUP(ce_buf_release) struct ce_buf text = CE_BUF_INIT;
	if (!uri)
		return make_in_file(issuer, record, ret_key, err);
	bool given = ce_token_is_uri(kind);
	CE_CLEANUP(ce_freep) char *label = NULL;
	if (asprintf(&label, "certengine/account/%s", config->name) < 0) {
		label = NULL;
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	}
	int rc = given ? ce_token_given(uri, &text, err) : ce_token_reserve(uri, label, &text, err);
	if (!rc)
		rc = put(issuer, record, &text, err);
	if (rc)
		return rc;
	return given ? ce_token_open(ce_buf_bytes(&text), ret_key, err)
	             : ce_token_generate(ce_buf_bytes(&text), kind, ret_key, err);
}

/* ------------------------------------------------------------------- loading */

/* An account belongs to its key, so a key elsewhere than configured is no reason to make another. */
static int
check_place(const struct ce_acme_issuer *issuer, struct ce_bytes record, struct ce_error *err)
{
	const char *uri = configured_uri(issuer->config);
	char title[CE_TOKEN_TITLE] = "";
	bool in_token = ce_token_is_record(record);
	if (in_token ? uri && ce_token_holds(uri, record) : !uri)
		return CE_OK;
	if (!in_token)
		return ce_fail(err, CE_ERR_CONFIG, "it is in a file of the store, and a token is configured for it: remove the option, "
			"or give the issuer another name to make a new account");
	return ce_fail(err, CE_ERR_CONFIG, "it is in token '%s', which is not what the configuration says: correct account_token "
		"or account_key, or give the issuer another name to make a new account",
		ce_token_title((const char *)record.data, title));
}

/* A token without the key: the run that reserved it was killed before it could make it, unless there is an account. */
static int
make_up(struct ce_acme_issuer *issuer, struct ce_bytes record, struct ce_error *err)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf account = CE_BUF_INIT;
	const char *kind = option(issuer->config, "account_key");
	struct ce_error own = { 0 };
	int rc = ce_store_issuer_get(issuer->store, issuer->config->name, CE_ACME_RECORD_ACCOUNT, &account, &own);
	if (rc != CE_ERR_NOT_FOUND || ce_token_is_uri(kind))
		return err->code;
	ce_error_clear(err);
	issuer->key_is_new = true;
	return ce_token_generate(record, kind, &issuer->key, err);
}

static int
open_key(struct ce_acme_issuer *issuer, struct ce_bytes record, struct ce_error *err)
{
	const char *uri = configured_uri(issuer->config);
	int rc = check_place(issuer, record, err);
	if (!rc && uri)
		rc = ce_tokens_add(uri, err);
	if (!rc)
		rc = ce_key_open(record, &issuer->key, err);
	return rc == CE_ERR_NOT_FOUND && uri ? make_up(issuer, record, err) : rc;
}

/* Nobody gets another account behind their back: where a record tells of one at this CA, its key was lost. */
static int
check_unknown(const struct ce_acme_issuer *issuer, struct ce_error *err)
{
	const char *name = issuer->config->name;
	CE_CLEANUP(ce_buf_release) struct ce_buf record = CE_BUF_INIT;
	struct ce_error own = { 0 };
	int rc = ce_store_issuer_get(issuer->store, name, CE_ACME_RECORD_ACCOUNT, &record, &own);
	if (rc == CE_ERR_NOT_FOUND)
		return CE_OK;
	CE_CLEANUP(json_decrefp) json_t *json = rc ? NULL : ce_json_object(ce_buf_bytes(&record));
	const char *directory = ce_json_text(json, "directory");
	if (directory && strcmp(directory, issuer->directory) != 0)
		return CE_OK;
	return ce_fail(err, CE_ERR_CONFIG, "the account key of issuer '%s' is gone while the record of its account is there: put "
		"issuers/%s/%s back from a backup, or 'certengine account new %s' makes another account", name, name,
		CE_ACME_RECORD_KEY, name);
}

int
ce_acme_key_load(struct ce_acme_issuer *issuer, struct ce_error *err)
{
	const char *name = issuer->config->name, *uri = configured_uri(issuer->config);
	CE_CLEANUP(ce_buf_release) struct ce_buf record = CE_BUF_SECRET;
	int rc = ce_store_issuer_get(issuer->store, name, CE_ACME_RECORD_KEY, &record, err);
	if (!rc) {
		rc = open_key(issuer, ce_buf_bytes(&record), err);
	} else if (rc == CE_ERR_NOT_FOUND && issuer->need != CE_ACME_NEED_ORDERS) {
		return ce_fail(err, rc, "issuer '%s' has no account yet: the next 'certengine apply' makes one", name);
	} else if (rc == CE_ERR_NOT_FOUND) {
		ce_error_clear(err);
		issuer->key_is_new = true;
		rc = check_unknown(issuer, err);
		if (rc)
			return rc;
		rc = uri ? ce_tokens_add(uri, err) : CE_OK;
		if (!rc)
			rc = ce_acme_key_make(issuer, CE_ACME_RECORD_KEY, &issuer->key, err);
	}
	if (rc == CE_ERR_INVALID || rc == CE_ERR_CRYPTO)
		return ce_fail(err, rc, "the account key of issuer '%s' is damaged: %.400s; restore issuers/%s/%s from a backup, or "
			"'certengine account new %s' makes another account", name, err->text, name, CE_ACME_RECORD_KEY, name);
	return rc ? ce_error_wrap(err, "the account key of issuer '%s'", name) : CE_OK;
}
