/* Keys and roots of a private CA. A root ends one day, so its successor is made ahead: truststores can carry both for as
 * long as the old one lasts. Which one signs follows from the dates alone, so there is nothing to switch. */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/sys.h"
#include "base/text.h"
#include "issuer/local_own.h"

#define BACKDATE_S 3600LL
#define COMMON_NAME_MAX 64 /* ub-common-name, RFC 5280 appendix A.1 */
#define GENERATIONS_MAX 9999

static void
ca_release(struct ce_local_ca *ca)
{
	ce_keyp(&ca->key);
	ce_buf_release(&ca->root_pem);
	ce_facts_release(&ca->root);
	*ca = (struct ce_local_ca){ 0 };
}

void
ce_local_release(struct ce_local *local)
{
	for (size_t i = 0; i < local->count; i++)
		ca_release(&local->cas[i]);
	*local = (struct ce_local){ 0 };
}

const char *
ce_local_record(char out[32], int generation, const char *what)
{
	if (generation == 1)
		snprintf(out, 32, "ca.%s", what);
	else
		snprintf(out, 32, "ca-%d.%s", generation, what);
	return out;
}

/* --- keys --- */

static int
read_key(struct ce_store *store, const struct ce_local_ca *ca, struct ce_key **ret_key, struct ce_error *err)
{
	char record[32];
	CE_CLEANUP(ce_buf_release) struct ce_buf pem = CE_BUF_SECRET;
	ce_local_record(record, ca->generation, "key");
	int code = ce_store_issuer_get(store, ca->issuer->name, record, &pem, err);
	if (code < 0)
		return code;
	code = ce_key_from_pem(ce_buf_bytes(&pem), ret_key, err);
	return code < 0 ? ce_error_wrap(err, "record '%s' of issuer '%s'", record, ca->issuer->name) : code;
}

/* A root that is there without its key must not get a second key: clients trust the root they know. */
int
ce_local_key(struct ce_store *store, struct ce_local_ca *ca, struct ce_error *err)
{
	char key_record[32], root_record[32], key_id[65];
	if (ca->key)
		return CE_OK;
	CE_CLEANUP(ce_keyp) struct ce_key *key = NULL;
	ce_local_record(key_record, ca->generation, "key");
	ce_local_record(root_record, ca->generation, "pem");
	int code = read_key(store, ca, &key, err);
	if (code == CE_ERR_NOT_FOUND)
		return ce_fail(err, CE_ERR_INVALID,
			"the CA key of issuer '%s' is gone while its certificate is there; put record '%s' back from a backup, "
			"or remove record '%s' to begin a new CA", ca->issuer->name, key_record, root_record);
	if (code == CE_OK)
		code = ce_key_id(key, key_id, err);
	if (code < 0)
		return code;
	if (strcmp(key_id, ca->root.key_id) != 0)
		return ce_fail(err, CE_ERR_INVALID, "records '%s' and '%s' of issuer '%s' do not belong together; "
			"put both back from one backup", key_record, root_record, ca->issuer->name);
	ca->key = CE_STEAL(key);
	return CE_OK;
}

static int
make_key(struct ce_store *store, struct ce_local_ca *ca, struct ce_error *err)
{
	char record[32];
	CE_CLEANUP(ce_keyp) struct ce_key *key = NULL;
	CE_CLEANUP(ce_buf_release) struct ce_buf pem = CE_BUF_SECRET;
	int code = ce_key_generate(ce_option_text(ce_local_options, &ca->issuer->settings, "key"), &key, err);
	if (code == CE_OK)
		code = ce_key_to_pem(key, &pem, err);
	if (code == CE_OK)
		code = ce_store_issuer_put(store, ca->issuer->name, ce_local_record(record, ca->generation, "key"),
			ce_buf_bytes(&pem), err);
	if (code < 0)
		return code;
	ca->key = CE_STEAL(key);
	return CE_OK;
}

/* --- roots --- */

/* Two CAs must not look alike to a trust store, so the default name carries the key, and a configured one the number of
 * its generation. */
static int
root_name(const struct ce_local_ca *ca, char out[COMMON_NAME_MAX + 1], struct ce_error *err)
{
	const char *wanted = ce_option_text(ce_local_options, &ca->issuer->settings, "common_name");
	char key_id[65];
	int code = ce_key_id(ca->key, key_id, err);
	if (code < 0)
		return code;
	if (!wanted)
		snprintf(out, COMMON_NAME_MAX + 1, "certengine CA %.40s %.8s", ca->issuer->name, key_id);
	else if (ca->generation == 1)
		snprintf(out, COMMON_NAME_MAX + 1, "%s", wanted);
	else
		snprintf(out, COMMON_NAME_MAX + 1, "%.58s %d", wanted, ca->generation);
	return CE_OK;
}

static int
make_root(struct ce_store *store, struct ce_local_ca *ca, struct ce_error *err)
{
	char name[COMMON_NAME_MAX + 1], record[32];
	const struct ce_settings *settings = &ca->issuer->settings;
	long long now = ce_now(), days = ce_option_int(ce_local_options, settings, "ca_days");
	int code = root_name(ca, name, err);
	if (code == CE_OK)
		code = ce_authority_create(ca->key, name, now - BACKDATE_S, now + days * CE_LOCAL_DAY_S,
			ce_option_list(ce_local_options, settings, "permit"), &ca->root_pem, err);
	if (code == CE_OK)
		code = ce_facts_read(ce_buf_bytes(&ca->root_pem), &ca->root, err);
	if (code < 0)
		return code;
	return ce_store_issuer_put(store, ca->issuer->name, ce_local_record(record, ca->generation, "pem"),
		ce_buf_bytes(&ca->root_pem), err);
}

/* Each piece is made when it is missing, so a run that was killed between two of them is completed here. */
static int
make_ca(struct ce_store *store, struct ce_local_ca *ca, struct ce_error *err)
{
	int code = read_key(store, ca, &ca->key, err);
	if (code == CE_ERR_NOT_FOUND) {
		ce_error_forget(err);
		code = make_key(store, ca, err);
	}
	return code < 0 ? code : make_root(store, ca, err);
}

static int
read_root(struct ce_store *store, struct ce_local_ca *ca, struct ce_error *err)
{
	char record[32];
	ce_local_record(record, ca->generation, "pem");
	int code = ce_store_issuer_get(store, ca->issuer->name, record, &ca->root_pem, err);
	if (code < 0)
		return code;
	ca->root_pem.secret = false;
	code = ce_facts_read(ce_buf_bytes(&ca->root_pem), &ca->root, err);
	return code < 0 ? ce_error_wrap(err, "record '%s' of issuer '%s'", record, ca->issuer->name) : code;
}

/* --- generations --- */

static int
add(struct ce_local *local, struct ce_local_ca *ca, struct ce_error *err)
{
	if (local->count == CE_LOCAL_CAS_MAX)
		return ce_fail(err, CE_ERR_LIMIT, "issuer '%s' has more than %d roots that have not expired", local->issuer->name,
			CE_LOCAL_CAS_MAX);
	local->cas[local->count++] = *ca;
	*ca = (struct ce_local_ca){ 0 };
	return CE_OK;
}

/* Reads them until there is no more; *ret_next is the number of the one that would follow. */
static int
read_all(struct ce_store *store, struct ce_local *local, int *ret_next, struct ce_error *err)
{
	long long now = ce_now();
	for (int generation = 1; generation <= GENERATIONS_MAX; generation++) {
		CE_CLEANUP(ca_release) struct ce_local_ca ca = { .issuer = local->issuer, .generation = generation };
		int code = read_root(store, &ca, err);
		if (code == CE_ERR_NOT_FOUND) {
			ce_error_forget(err);
			*ret_next = generation;
			return CE_OK;
		}
		if (code == CE_OK && ca.root.not_after >= now)
			code = add(local, &ca, err);
		if (code < 0)
			return code;
	}
	return ce_fail(err, CE_ERR_LIMIT, "issuer '%s' has more than %d generations", local->issuer->name, GENERATIONS_MAX);
}

static bool
needs_successor(const struct ce_local *local)
{
	if (local->count == 0)
		return true;
	const struct ce_facts *last = &local->cas[local->count - 1].root;
	return ce_now() >= last->not_after - (last->not_after - last->not_before) / 3;
}

static int
make_next(struct ce_store *store, struct ce_local *local, int generation, struct ce_error *err)
{
	CE_CLEANUP(ca_release) struct ce_local_ca ca = { .issuer = local->issuer, .generation = generation };
	int code = make_ca(store, &ca, err);
	if (code < 0)
		return code;
	char until[21];
	ce_text_time(until, local->count > 0 ? local->cas[local->count - 1].root.not_after : 0);
	if (local->count > 0)
		ce_log(CE_LOG_WARNING, "the CA of issuer '%s' ends at %s and has got its successor '%s': give it to whoever trusts the "
			"old one, by `certengine export --issuer %s`", local->issuer->name, until, ca.root.subject, local->issuer->name);
	local->made = true;
	return add(local, &ca, err);
}

int
ce_local_open(struct ce_store *store, const struct ce_issuer_config *issuer, bool make, struct ce_local *local,
	struct ce_error *err)
{
	int next = 1;
	ce_local_release(local);
	local->issuer = issuer;
	int code = read_all(store, local, &next, err);
	if (code == CE_OK && make && needs_successor(local))
		code = make_next(store, local, next, err);
	if (code == CE_OK && local->count == 0)
		code = ce_fail(err, CE_ERR_NOT_FOUND, "the CA of issuer '%s' has not been made yet, or has expired", issuer->name);
	if (code < 0)
		ce_local_release(local);
	return code;
}

struct ce_local_ca *
ce_local_signer(struct ce_local *local, long long not_after)
{
	for (size_t i = 0; i + 1 < local->count; i++)
		if (not_after <= local->cas[i].root.not_after)
			return &local->cas[i];
	return &local->cas[local->count - 1];
}
