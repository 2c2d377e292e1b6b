/* What a private CA has revoked, and the CRL of each of its generations. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/sys.h"
#include "issuer/local_own.h"

/* JSON: an array of { generation, serial, when, reason, until }. Entries leave when their certificate has expired. */
#define RECORD_REVOKED "revoked"
#define REASON_NONE 0 /* unspecified: said by leaving it out */

static int
read_revoked(struct ce_store *store, const struct ce_issuer_config *issuer, json_t **ret_list, struct ce_error *err)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf bytes = CE_BUF_INIT;
	int code = ce_store_issuer_get(store, issuer->name, RECORD_REVOKED, &bytes, err);
	if (code < 0 && code != CE_ERR_NOT_FOUND)
		return code;
	if (code == CE_ERR_NOT_FOUND)
		ce_error_forget(err);
	json_t *list = code < 0 ? json_array() : json_loadb((const char *)bytes.data, bytes.size, 0, NULL);
	if (!json_is_array(list)) {
		json_decref(list);
		return ce_fail(err, CE_ERR_INVALID, "record '%s' of issuer '%s' is damaged: put it back from a backup, so that nothing "
			"that was revoked is trusted again", RECORD_REVOKED, issuer->name);
	}
	*ret_list = list;
	return CE_OK;
}

static int
write_revoked(struct ce_store *store, const struct ce_issuer_config *issuer, const json_t *list, struct ce_error *err)
{
	CE_CLEANUP(ce_freep) char *text = json_dumps(list, JSON_INDENT(1));
	if (!text)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	struct ce_bytes bytes = { (const unsigned char *)text, strlen(text) };
	return ce_store_issuer_put(store, issuer->name, RECORD_REVOKED, bytes, err);
}

static long long
number_of(const json_t *entry, const char *name)
{
	return json_integer_value(json_object_get(entry, name));
}

/* The entries of one generation whose certificates have not expired; strings belong to the list. */
static size_t
entries_of(const json_t *list, int generation, struct ce_revoked *entries)
{
	size_t count = 0;
	long long now = ce_now();
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *entry = json_array_get(list, i);
		const char *serial = json_string_value(json_object_get(entry, "serial"));
		if (serial && number_of(entry, "generation") == generation && number_of(entry, "until") >= now)
			entries[count++] = (struct ce_revoked){ serial, number_of(entry, "when"), (int)number_of(entry, "reason") };
	}
	return count;
}

/* At two thirds of its time, or when it does not say what is revoked. */
static bool
is_due(const struct ce_crl_facts *crl, size_t count, long long days)
{
	long long now = ce_now(), left = (crl->next_update - crl->this_update) / 3;
	return crl->count != count || now < crl->this_update || now >= crl->next_update - left
	       || crl->next_update > now + days * CE_LOCAL_DAY_S;
}

static int
make_crl(struct ce_store *store, struct ce_local_ca *ca, const struct ce_revoked *entries, size_t count, long number,
	struct ce_error *err)
{
	char record[32];
	long long now = ce_now(), days = ce_option_int(ce_local_options, &ca->issuer->settings, "crl_days");
	CE_CLEANUP(ce_buf_release) struct ce_buf pem = CE_BUF_INIT;
	int code = ce_local_key(store, ca, err);
	if (code == CE_OK)
		code = ce_authority_crl(ca->key, ce_buf_bytes(&ca->root_pem), entries, count, number, now,
			now + days * CE_LOCAL_DAY_S, &pem, err);
	if (code < 0)
		return code;
	return ce_store_issuer_put(store, ca->issuer->name, ce_local_record(record, ca->generation, "crl"), ce_buf_bytes(&pem),
		err);
}

/* A CRL that cannot be read is replaced; the clock is a larger number than it can have had. */
static int
refresh(struct ce_store *store, struct ce_local_ca *ca, const struct ce_revoked *entries, size_t count,
	struct ce_error *err)
{
	char record[32];
	struct ce_crl_facts facts = { .number = 0 };
	CE_CLEANUP(ce_buf_release) struct ce_buf old = CE_BUF_INIT;
	ce_local_record(record, ca->generation, "crl");
	int code = ce_store_issuer_get(store, ca->issuer->name, record, &old, err);
	if (code < 0 && code != CE_ERR_NOT_FOUND)
		return code;
	if (code == CE_OK && ce_crl_read(ce_buf_bytes(&old), &facts, err) < 0)
		facts.number = (long)ce_now();
	else if (code == CE_OK && !is_due(&facts, count, ce_option_int(ce_local_options, &ca->issuer->settings, "crl_days")))
		return CE_UNCHANGED;
	ce_error_forget(err);
	return make_crl(store, ca, entries, count, facts.number + 1, err);
}

static int
refresh_all(struct ce_store *store, struct ce_local *local, const json_t *list, struct ce_error *err)
{
	CE_CLEANUP(ce_freep) struct ce_revoked *entries = calloc(json_array_size(list) + 1, sizeof(*entries));
	if (!entries)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	int all = CE_UNCHANGED;
	for (size_t i = 0; i < local->count; i++) {
		size_t count = entries_of(list, local->cas[i].generation, entries);
		int code = refresh(store, &local->cas[i], entries, count, err);
		if (code < 0)
			return code;
		all = code == CE_OK ? CE_OK : all;
	}
	return all;
}

int
ce_local_crls(struct ce_store *store, struct ce_local *local, struct ce_error *err)
{
	CE_CLEANUP(json_decrefp) json_t *list = NULL;
	int code = read_revoked(store, local->issuer, &list, err);
	return code < 0 ? code : refresh_all(store, local, list, err);
}

/* --- revoking --- */

static const struct ce_local_ca *
find_signer(const struct ce_local *local, struct ce_bytes leaf_pem)
{
	struct ce_error ignored = { 0 };
	for (size_t i = 0; i < local->count; i++)
		if (ce_authority_signed(ce_buf_bytes(&local->cas[i].root_pem), leaf_pem, &ignored) == CE_OK)
			return &local->cas[i];
	return NULL;
}

static bool
is_listed(const json_t *list, int generation, const char *serial)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *entry = json_array_get(list, i);
		const char *known = json_string_value(json_object_get(entry, "serial"));
		if (known && strcmp(known, serial) == 0 && number_of(entry, "generation") == generation)
			return true;
	}
	return false;
}

static void
drop_expired(json_t *list)
{
	long long now = ce_now();
	for (size_t i = json_array_size(list); i > 0; i--)
		if (number_of(json_array_get(list, i - 1), "until") < now)
			(void)json_array_remove(list, i - 1); /* the index is in range */
}

static int
add_entry(struct ce_store *store, const struct ce_revocation *revocation, int generation, const struct ce_facts *facts,
	json_t *list, struct ce_error *err)
{
	int reason = revocation->reason < 0 ? REASON_NONE : revocation->reason;
	drop_expired(list);
	json_t *entry = json_pack("{s:i, s:s, s:I, s:i, s:I}", "generation", generation, "serial", facts->serial, "when",
		(json_int_t)ce_now(), "reason", reason, "until", (json_int_t)facts->not_after);
	if (!entry || json_array_append_new(list, entry) != 0)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	return write_revoked(store, revocation->issuer, list, err);
}

int
ce_local_revoke(const struct ce_revocation *revocation, const struct ce_issue_context *context, struct ce_error *err)
{
	CE_CLEANUP(ce_local_release) struct ce_local local = { 0 };
	CE_CLEANUP(ce_facts_release) struct ce_facts facts = { .names = CE_STRLIST_INIT };
	CE_CLEANUP(json_decrefp) json_t *list = NULL;
	int code = ce_local_open(context->store, revocation->issuer, false, &local, err);
	if (code == CE_OK)
		code = ce_facts_read(revocation->leaf_pem, &facts, err);
	if (code == CE_OK)
		code = read_revoked(context->store, revocation->issuer, &list, err);
	if (code < 0)
		return code;
	const struct ce_local_ca *signer = find_signer(&local, revocation->leaf_pem);
	if (!signer)
		return ce_fail(err, CE_ERR_REFUSED, "the certificate with serial %s was not signed by the CA of issuer '%s'",
			facts.serial, revocation->issuer->name);
	bool listed = is_listed(list, signer->generation, facts.serial);
	code = listed ? CE_OK : add_entry(context->store, revocation, signer->generation, &facts, list, err);
	if (code == CE_OK)
		code = refresh_all(context->store, &local, list, err); /* also what a killed run left undone */
	return code < 0 ? code : listed ? CE_UNCHANGED : CE_OK;
}
