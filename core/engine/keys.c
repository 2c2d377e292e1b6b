/* Where the keys of certificates live: files of the store, or tokens. */
#include <string.h>

#include "base/log.h"
#include "crypto/token.h"
#include "engine/engine_own.h"

int
ce_keys_begin(const struct ce_config *config, struct ce_error *err)
{
	const struct ce_pkcs11_config *pkcs11 = &config->pkcs11;
	int code = ce_tokens_configure(pkcs11->module, (const char *const *)pkcs11->environment.items, err);
	for (size_t i = 0; code == CE_OK && i < config->certificate_count; i++)
		if (config->certificates[i].token)
			code = ce_tokens_add(config->certificates[i].token, err);
	return code;
}

static bool
is_in_token(const struct ce_bundle *bundle)
{
	return ce_token_is_record(ce_buf_bytes(&bundle->key));
}

const char *
ce_key_misplaced(const struct ce_certificate_run *certificate)
{
	const struct ce_certificate_config *config = certificate->config;
	const struct ce_bundle *bundle = &certificate->bundle;
	if (!config->token)
		return is_in_token(bundle) ? "its key is in a token, and no token is configured" : NULL;
	if (is_in_token(bundle) && ce_token_holds(config->token, ce_buf_bytes(&bundle->key)))
		return NULL;
	return config->key_given ? "its key is not the configured one" : "its key is not in the configured token";
}

int
ce_key_demand_file(const struct ce_target_run *target, const char *what, struct ce_error *err)
{
	const struct ce_certificate_run *certificate = target->certificate;
	const struct ce_bundle *bundle = &certificate->bundle;
	bool expected = certificate->expects_new || bundle->generation == 0;
	const char *uri = expected ? certificate->config->token : is_in_token(bundle) ? ce_buf_text(&bundle->key) : NULL;
	char title[CE_TOKEN_TITLE];
	if (!uri)
		return CE_OK;
	return ce_fail(err, CE_ERR_REFUSED, "the key of certificate '%s' is in token '%s' and cannot be taken out, but target '%s' "
		"(plugin '%s') needs it in a file (%s): remove the target, or give it a certificate whose key is a file",
		certificate->config->name, ce_token_title(uri, title), target->config->name, target->config->plugin, what);
}

/* Whether a generation has the key of the record. */
static int
is_kept(struct ce_store *store, const char *name, struct ce_bytes record, const long *without, size_t without_count,
	bool *ret_kept, struct ce_error *err)
{
	CE_CLEANUP(ce_freep) long *generations = NULL;
	size_t count = 0;
	int code = ce_store_generations(store, name, &generations, &count, err);
	*ret_kept = false;
	for (size_t i = 0; code == CE_OK && i < count && !*ret_kept; i++) {
		bool skipped = false;
		for (size_t j = 0; j < without_count; j++)
			skipped = skipped || without[j] == generations[i];
		CE_CLEANUP(ce_buf_release) struct ce_buf own = CE_BUF_INIT;
		code = skipped ? CE_ERR_NOT_FOUND : ce_store_key_record(store, name, generations[i], &own, err);
		if (code == CE_OK)
			*ret_kept = own.size == record.size && memcmp(own.data, record.data, own.size) == 0;
		else if (code == CE_ERR_NOT_FOUND)
			code = CE_OK;
	}
	return code;
}

/* A record for a key that no generation has: the one that an earlier run reserved, if it fits, so that runs
 * which are killed or refused do not fill the token. */
static int
reserve(const struct ce_certificate_run *certificate, struct ce_buf *ret_record, struct ce_error *err)
{
	const struct ce_certificate_config *config = certificate->config;
	struct ce_store *store = certificate->engine->store;
	bool used = false;
	int code = ce_store_reserved_key(store, config->name, ret_record, err);
	if (code == CE_OK)
		code = is_kept(store, config->name, ce_buf_bytes(ret_record), NULL, 0, &used, err);
	if (code == CE_OK && !used && ce_token_holds(config->token, ce_buf_bytes(ret_record)))
		return CE_OK;
	if (code < 0 && code != CE_ERR_NOT_FOUND)
		return code;
	if (code == CE_OK && !used)
		ce_key_drop(certificate, ce_buf_bytes(ret_record)); /* in a token that is no longer the one */
	ce_error_forget(err);
	CE_CLEANUP(ce_freep) char *label = NULL;
	if (asprintf(&label, "certengine/%s/%ld", config->name, certificate->bundle.generation + 1) < 0) {
		label = NULL;
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	}
	code = ce_token_reserve(config->token, label, ret_record, err);
	return code < 0 ? code : ce_store_reserved_key_put(store, config->name, ce_buf_bytes(ret_record), err);
}

/* The reserved key, made now unless an earlier run made it. One of another kind has never left the token. */
static int
make_in_token(const struct ce_certificate_run *certificate, struct ce_key **ret_key, struct ce_error *err)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf record = CE_BUF_INIT;
	CE_CLEANUP(ce_keyp) struct ce_key *key = NULL;
	const char *kind = certificate->config->key;
	int code = reserve(certificate, &record, err);
	if (code == CE_OK)
		code = ce_token_open(ce_buf_bytes(&record), &key, err);
	if (code == CE_OK && strcmp(ce_key_kind(key), kind) != 0) {
		ce_keyp(&key);
		code = ce_token_remove(ce_buf_bytes(&record), err);
		if (code >= CE_OK)
			code = CE_ERR_NOT_FOUND;
	}
	if (code == CE_ERR_NOT_FOUND) {
		ce_error_forget(err);
		code = ce_token_generate(ce_buf_bytes(&record), kind, &key, err);
	}
	if (code < 0)
		return code;
	*ret_key = CE_STEAL(key);
	return CE_OK;
}

static int
open_given(const struct ce_certificate_run *certificate, struct ce_key **ret_key, struct ce_error *err)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf record = CE_BUF_INIT;
	int code = ce_token_given(certificate->config->token, &record, err);
	return code < 0 ? code : ce_token_open(ce_buf_bytes(&record), ret_key, err);
}

int
ce_key_make(const struct ce_certificate_run *certificate, struct ce_key **ret_key, struct ce_error *err)
{
	const struct ce_certificate_config *config = certificate->config;
	if (!config->token)
		return ce_key_generate(config->key, ret_key, err);
	return config->key_given ? open_given(certificate, ret_key, err) : make_in_token(certificate, ret_key, err);
}

int
ce_key_resume(const struct ce_bytes record, struct ce_key **ret_key, struct ce_error *err)
{
	int code = ce_key_open(record, ret_key, err);
	if (code == CE_OK || code == CE_ERR_NOT_FOUND)
		return code;
	/* A token that cannot be reached now may be tomorrow; a file that cannot be read is lost. */
	return ce_token_is_record(record) ? code : ce_fail(err, CE_ERR_NOT_FOUND, "the key of the request cannot be read");
}

void
ce_key_drop(const struct ce_certificate_run *certificate, struct ce_bytes record)
{
	struct ce_error err = { 0 };
	bool kept = false;
	if (!ce_token_is_record(record))
		return;
	int code = is_kept(certificate->engine->store, certificate->config->name, record, NULL, 0, &kept, &err);
	if (code == CE_OK && !kept)
		code = ce_token_remove(record, &err);
	if (code < 0)
		ce_log(CE_LOG_WARNING, "a key of certificate '%s' that is of no more use stays in its token: %s",
			certificate->config->name, err.text);
}

/* Keys first: without its generation a key would never be found again. */
int
ce_keys_prune(const struct ce_certificate_run *certificate, size_t keep, struct ce_error *err)
{
	struct ce_store *store = certificate->engine->store;
	const char *name = certificate->config->name;
	CE_CLEANUP(ce_freep) long *gone = NULL;
	size_t count = 0;
	int code = ce_store_prunable(store, name, keep, &gone, &count, err);
	for (size_t i = 0; code >= CE_OK && i < count; i++) {
		CE_CLEANUP(ce_buf_release) struct ce_buf record = CE_BUF_INIT;
		bool kept = false;
		code = ce_store_key_record(store, name, gone[i], &record, err);
		if (code == CE_ERR_NOT_FOUND) {
			ce_error_forget(err);
			code = CE_OK;
			continue;
		}
		if (code == CE_OK)
			code = is_kept(store, name, ce_buf_bytes(&record), gone, count, &kept, err);
		if (code == CE_OK && !kept)
			code = ce_token_remove(ce_buf_bytes(&record), err);
	}
	return code < 0 ? code : ce_store_prune(store, name, keep, err);
}
