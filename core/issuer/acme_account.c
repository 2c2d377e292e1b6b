/* What is kept of an ACME issuer beside its key: the account's URL, what was agreed to, the directory. */
#include <string.h>

#include "acme/json.h"
#include "base/file.h"
#include "base/log.h"
#include "base/sys.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "crypto/jws.h"
#include "issuer/acme_own.h"

#define RECORD_DIRECTORY "directory"
#define DIRECTORY_MAX_AGE_S 86400
#define EAB_KEY_MAX 4096

static int
load_key(struct ce_acme_issuer *issuer, struct ce_error *err)
{
	int rc = ce_acme_key_load(issuer, err);
	return rc ? rc : ce_acme_issuer_name_key(issuer, err);
}

int
ce_acme_issuer_name_key(struct ce_acme_issuer *issuer, struct ce_error *err)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf thumbprint = CE_BUF_INIT;
	int rc = ce_jwk_thumbprint(issuer->key, &thumbprint, err);
	if (rc)
		return rc;
	free(issuer->thumbprint);
	issuer->thumbprint = ce_buf_steal_text(&thumbprint);
	return issuer->thumbprint ? CE_OK : ce_fail(err, CE_ERR_MEMORY, "out of memory");
}

/* --- records --- */

/* All that a record says can be had again: from the CA, by the account's key. */
static int
put_aside(struct ce_acme_issuer *issuer, const char *record, struct ce_error *err)
{
	const char *name = issuer->config->name;
	char aside[64];
	snprintf(aside, sizeof(aside), "%s.damaged", record);
	ce_log(CE_LOG_WARNING, "the record '%s' of issuer '%s' is damaged and is put aside as '%s'; the CA is asked again", record,
		name, aside);
	if (ce_store_is_readonly(issuer->store))
		return CE_OK;
	int rc = ce_store_issuer_rename(issuer->store, name, record, aside, err);
	return rc < 0 ? rc : CE_OK;
}

/* NULL when there is none, or when it is about another CA than the one configured now. */
static int
load_record(struct ce_acme_issuer *issuer, const char *record, json_t **ret_json, struct ce_error *err)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf text = CE_BUF_INIT;
	int rc = ce_store_issuer_get(issuer->store, issuer->config->name, record, &text, err);
	*ret_json = NULL;
	if (rc == CE_ERR_NOT_FOUND) {
		ce_error_clear(err);
		return CE_OK;
	}
	if (rc)
		return rc;
	CE_CLEANUP(json_decrefp) json_t *json = ce_json_object(ce_buf_bytes(&text));
	if (!json)
		return put_aside(issuer, record, err);
	const char *directory = ce_json_text(json, "directory");
	if (directory && !strcmp(directory, issuer->directory))
		*ret_json = CE_STEAL(json);
	return CE_OK;
}

static int
save_record(struct ce_acme_issuer *issuer, const char *record, json_t *json, struct ce_error *err)
{
	CE_CLEANUP(ce_freep) char *text = ce_json_steal_text(json);
	if (!text)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	const struct ce_bytes bytes = { (const unsigned char *)text, strlen(text) };
	return ce_store_issuer_put(issuer->store, issuer->config->name, record, bytes, err);
}

/* The account belongs to the key: beside a new one (somebody removed the old) a record tells of another account. */
static int
load_account(struct ce_acme_issuer *issuer, struct ce_error *err)
{
	CE_CLEANUP(json_decrefp) json_t *json = NULL;
	if (issuer->key_is_new)
		return CE_OK;
	int rc = load_record(issuer, CE_ACME_RECORD_ACCOUNT, &json, err);
	if (rc || !json)
		return rc;
	rc = ce_text_assign(&issuer->url, ce_json_text(json, "url"), err);
	if (!rc)
		rc = ce_text_assign(&issuer->terms, ce_json_text(json, "terms"), err);
	if (!rc)
		rc = ce_text_assign(&issuer->terms_told, ce_json_text(json, "terms_told"), err);
	if (!rc)
		rc = ce_text_assign(&issuer->eab_kid_used, ce_json_text(json, "external_account"), err);
	issuer->agreed_at = json_integer_value(json_object_get(json, "agreed_at"));
	issuer->made_at = json_integer_value(json_object_get(json, "made_at"));
	issuer->deactivated_at = json_integer_value(json_object_get(json, "deactivated_at"));
	return rc;
}

/* Whoever ended the account will not want another one made behind their back. */
static int
check_active(struct ce_acme_issuer *issuer, struct ce_error *err)
{
	char when[21];
	if (issuer->deactivated_at == 0)
		return CE_OK;
	ce_text_time(when, issuer->deactivated_at);
	return ce_fail(err, CE_ERR_CONFIG, "the account of issuer '%s' was deactivated by 'certengine account deactivate' on %s: "
		"'certengine account new %s' makes another", issuer->config->name, when, issuer->config->name);
}

static int
load_directory(struct ce_acme_issuer *issuer, struct ce_error *err)
{
	CE_CLEANUP(json_decrefp) json_t *json = NULL;
	int rc = load_record(issuer, RECORD_DIRECTORY, &json, err);
	if (rc || !json)
		return rc;
	long long now = ce_now(), at = json_integer_value(json_object_get(json, "fetched_at"));
	if (at > now || at < now - DIRECTORY_MAX_AGE_S)
		return CE_OK;
	return ce_text_assign(&issuer->document, ce_json_text(json, "document"), err);
}

static int
save_account(struct ce_acme_issuer *issuer, struct ce_error *err)
{
	json_t *json = json_pack("{s:s, s:s, s:I, s:I}", "directory", issuer->directory, "url", issuer->url, "agreed_at",
		(json_int_t)issuer->agreed_at, "made_at", (json_int_t)issuer->made_at);
	bool good = json != NULL;
	if (issuer->terms)
		good = good && !json_object_set_new(json, "terms", json_string(issuer->terms));
	if (issuer->terms_told)
		good = good && !json_object_set_new(json, "terms_told", json_string(issuer->terms_told));
	if (issuer->eab_kid_used)
		good = good && !json_object_set_new(json, "external_account", json_string(issuer->eab_kid_used));
	if (issuer->deactivated_at)
		good = good && !json_object_set_new(json, "deactivated_at", json_integer(issuer->deactivated_at));
	if (!good) {
		json_decref(json);
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	}
	return save_record(issuer, CE_ACME_RECORD_ACCOUNT, json, err);
}

/* Consent is recorded with what it was given to, and when (RFC 8555 section 7.3); one that is on record for this account
 * stays as it is. */
static int
note_consent(struct ce_acme_issuer *issuer, const char *terms, bool same, struct ce_error *err)
{
	bool agreed = terms && ce_option_bool(ce_acme_options, &issuer->config->settings, "agree_to_terms");
	if (same && issuer->terms)
		return CE_OK;
	issuer->agreed_at = agreed ? ce_now() : 0;
	return ce_text_assign(&issuer->terms, agreed ? terms : NULL, err);
}

int
ce_acme_issuer_save_account(struct ce_acme_issuer *issuer, const char *url, const char *terms, struct ce_error *err)
{
	bool same = issuer->url && !strcmp(issuer->url, url);
	char shown[400];
	ce_text_printable(shown, sizeof(shown), url);
	if (issuer->url && !same)
		ce_log(CE_LOG_NOTICE, "the CA of issuer '%s' did not know the account any more; it is now %s", issuer->config->name,
			shown);
	if (!same)
		issuer->made_at = ce_now();
	int rc = note_consent(issuer, terms, same, err);
	if (!rc)
		rc = ce_text_assign(&issuer->url, url, err);
	if (!rc && !same)
		rc = ce_text_assign(&issuer->eab_kid_used, issuer->eab_kid, err);
	if (rc || ce_store_is_readonly(issuer->store))
		return rc;
	return save_account(issuer, err);
}

int
ce_acme_issuer_save_deactivated(struct ce_acme_issuer *issuer, struct ce_error *err)
{
	issuer->deactivated_at = ce_now();
	return save_account(issuer, err);
}

/* New terms are told once; they stop nothing (RFC 8555 section 7.3.3). */
static int
tell_terms(struct ce_acme_issuer *issuer, const char *terms, struct ce_error *err)
{
	char link[512];
	if (!terms || !issuer->url || (issuer->terms && !strcmp(terms, issuer->terms))
	    || (issuer->terms_told && !strcmp(terms, issuer->terms_told)))
		return CE_OK;
	ce_text_printable(link, sizeof(link), terms);
	ce_log(CE_LOG_WARNING, "the CA of issuer '%s' has new terms of service, which are told once: %s", issuer->config->name,
		link);
	int rc = ce_text_assign(&issuer->terms_told, terms, err);
	return rc ? rc : save_account(issuer, err);
}

int
ce_acme_issuer_save_directory(struct ce_acme_issuer *issuer, const char *document, const char *terms,
	struct ce_error *err)
{
	if (ce_store_is_readonly(issuer->store))
		return CE_OK; /* it serves this run only */
	json_t *json = json_pack("{s:s, s:I, s:s}", "directory", issuer->directory, "fetched_at", (json_int_t)ce_now(),
		"document", document);
	int rc = save_record(issuer, RECORD_DIRECTORY, json, err);
	return rc ? rc : tell_terms(issuer, terms, err);
}

/* --- what the configuration names --- */

/* RFC 8555 section 7.3: mailto: alone is what CAs must take, with one address and no header fields (RFC 6068). */
static const char *
contact_fault(const char *contact)
{
	const char *address = strncmp(contact, "mailto:", 7) ? contact : contact + 7;
	const char *at = strchr(address, '@');
	for (const char *c = address; *c; c++)
		if ((unsigned char)*c <= ' ' || (unsigned char)*c >= 0x7f)
			return "a mail address of printable ASCII without blanks";
	if (strchr(address, '?') || strchr(address, ','))
		return "one mail address, without header fields";
	if (!at || at == address || !at[1] || strchr(at + 1, '@') || strchr(address, ':'))
		return "a mail address, with or without mailto:";
	return NULL;
}

/* Whoever reads the key file could make accounts in the name of the customer. */
int
ce_acme_account_check(const struct ce_issuer_config *issuer, struct ce_acme_complaint *ret_complaint)
{
	const struct ce_setting *contact = ce_settings_find(&issuer->settings, "contact");
	const struct ce_setting *file = ce_settings_find(&issuer->settings, "eab.hmac_key_file");
	struct ce_error *why = &ret_complaint->why, ignored = { 0 };
	ret_complaint->option = "contact";
	for (size_t i = 0; contact && i < contact->list.count; i++) {
		const char *fault = contact_fault(contact->list.items[i]);
		if (fault)
			return ce_fail(why, CE_ERR_CONFIG, "contact '%.200s' is not %s", contact->list.items[i], fault);
	}
	struct ce_file_info info = { .exists = false };
	ret_complaint->option = "eab.hmac_key_file";
	if (!file || !file->text || ce_file_stat(file->text, &info, &ignored) < 0 || !info.exists || (info.mode & 077) == 0)
		return CE_OK;
	return ce_fail(why, CE_ERR_CONFIG, "'%s' holds a secret and may be read by others (mode %04o): chmod 600 it", file->text,
		(unsigned)info.mode);
}

static int
load_external_account(struct ce_acme_issuer *issuer, struct ce_error *err)
{
	const char *path = ce_option_text(ce_acme_options, &issuer->config->settings, "eab.hmac_key_file");
	issuer->eab_kid = ce_option_text(ce_acme_options, &issuer->config->settings, "eab.kid");
	issuer->eab_key.secret = true;
	issuer->eab_mac = ce_option_text(ce_acme_options, &issuer->config->settings, "eab.mac");
	if (!path)
		return CE_OK;
	CE_CLEANUP(ce_buf_release) struct ce_buf text = CE_BUF_SECRET;
	int rc = ce_file_read(path, EAB_KEY_MAX, &text, NULL, err);
	if (rc)
		return ce_error_wrap(err, "eab.hmac_key_file of issuer '%s'", issuer->config->name);
	while (text.size > 0 && strchr(" \t\r\n", text.data[text.size - 1]))
		text.data[--text.size] = '\0';
	rc = ce_base64url_decode(ce_buf_text(&text), true, &issuer->eab_key, err);
	if (rc || issuer->eab_key.size == 0)
		return ce_fail(err, CE_ERR_CONFIG, "eab.hmac_key_file of issuer '%s': '%s' holds no base64url text",
			issuer->config->name, path);
	return CE_OK;
}

int
ce_acme_issuer_load(struct ce_acme_issuer *issuer, struct ce_error *err)
{
	static const struct {
		enum ce_acme_need need; /* this or more */
		int (*load)(struct ce_acme_issuer *issuer, struct ce_error *err);
	} parts[] = { { CE_ACME_NEED_DIRECTORY, ce_acme_route_load },
		{ CE_ACME_NEED_ORDERS, load_external_account }, { CE_ACME_NEED_KEYS, load_key },
		{ CE_ACME_NEED_DIRECTORY, load_account }, { CE_ACME_NEED_KEYS, check_active },
		{ CE_ACME_NEED_DIRECTORY, load_directory } };
	issuer->directory = ce_option_text(ce_acme_options, &issuer->config->settings, "directory");
	for (size_t i = 0; i < CE_COUNT(parts); i++) {
		int rc = issuer->need < parts[i].need ? CE_OK : parts[i].load(issuer, err);
		if (rc)
			return rc;
	}
	return CE_OK;
}

void
ce_acme_issuer_release(struct ce_acme_issuer *issuer)
{
	json_decref(issuer->counted);
	ce_key_free(issuer->key);
	free(issuer->thumbprint);
	free(issuer->url);
	free(issuer->terms);
	free(issuer->terms_told);
	free(issuer->eab_kid_used);
	free(issuer->document);
	ce_buf_release(&issuer->eab_key);
	ce_acme_route_release(issuer);
	ce_ways_release(&issuer->ways);
	ce_ways_release(&issuer->left_ways);
}
