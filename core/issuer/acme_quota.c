/* Orders that the CA would refuse for its limits are not placed: what was ordered is counted, in a record of the issuer that
 * outlives the run. */
#include <jansson.h>
#include <string.h>

#include "acme/domain.h"
#include "acme/limits.h"
#include "base/log.h"
#include "base/sys.h"
#include "base/text.h"
#include "crypto/certificate.h"
#include "crypto/digest.h"
#include "issuer/acme_own.h"

#define RECORD "limits.json"
#define MILLION 1000000LL
#define KEY_MAX 300

static const struct {
	const char *option;
	const char *label;     /* before the name in the record */
	const char *what;      /* of how many the limit is */
} quotas[CE_ACME_QUOTAS] = {
	[CE_ACME_PER_ACCOUNT] = { "limits.orders", "orders", "orders of an account" },
	[CE_ACME_PER_DOMAIN] = { "limits.certificates", "domain", "certificates for" },
	[CE_ACME_PER_SET] = { "limits.identical", "set", "certificates for exactly these names" },
	[CE_ACME_PER_FAILURE] = { "limits.failures", "failures", "failed proofs of" },
};

static struct ce_rate
rate_of(const struct ce_acme_issuer *issuer, enum ce_acme_quota quota)
{
	const char *text = ce_option_text(ce_acme_options, &issuer->config->settings, quotas[quota].option);
	struct ce_rate rate = ce_acme_limits_of(issuer->directory)->quotas[quota];
	struct ce_error ignored = { 0 };
	if (text && ce_rate_parse(text, &rate, &ignored))
		return (struct ce_rate){ 0 }; /* was refused when the configuration was checked */
	return rate;
}

int
ce_acme_quota_check(const struct ce_issuer_config *issuer, struct ce_problems *problems, struct ce_error *err)
{
	const char *const options[] = { "limits.requests", "limits.orders", "limits.certificates", "limits.identical",
		"limits.failures" };
	for (size_t i = 0; i < CE_COUNT(options); i++) {
		const struct ce_setting *setting = ce_settings_find(&issuer->settings, options[i]);
		struct ce_rate rate;
		struct ce_error why = { 0 };
		if (!setting || setting->kind != CE_SETTING_STRING || !ce_rate_parse(setting->text, &rate, &why))
			continue;
		int rc = ce_problems_add(problems, setting->file, setting->line, err, "issuer '%s': %s: %s", issuer->name, options[i],
			why.text);
		if (rc)
			return rc;
	}
	return CE_OK;
}

/* --- the record: from "domain example.com" to the moment at which that bucket is full --- */

static json_t *
load(struct ce_acme_issuer *issuer)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf text = CE_BUF_INIT;
	struct ce_error err = { 0 };
	int rc = ce_store_issuer_get(issuer->store, issuer->config->name, RECORD, &text, &err);
	json_t *record = rc ? NULL : ce_json_object(ce_buf_bytes(&text));
	if (!record && rc != CE_ERR_NOT_FOUND)
		ce_log(CE_LOG_WARNING, "record '%s' of issuer '%s' is damaged: what was ordered is counted anew", RECORD,
			issuer->config->name);
	const char *directory = ce_json_text(record, "directory");
	if (directory && strcmp(directory, issuer->directory) == 0)
		return record;
	json_decref(record);
	return json_pack("{s:s, s:{}}", "directory", issuer->directory, "full_at", NULL);
}

static json_t *
buckets(struct ce_acme_issuer *issuer)
{
	if (!issuer->counted)
		issuer->counted = load(issuer);
	if (!json_is_object(json_object_get(issuer->counted, "full_at")))
		json_object_set_new(issuer->counted, "full_at", json_object());
	return json_object_get(issuer->counted, "full_at");
}

/* Buckets that are full say nothing. */
static void
forget_full(json_t *all, long long now)
{
	const char *key;
	json_t *value;
	void *next;
	json_object_foreach_safe(all, next, key, value)
		if (json_integer_value(value) <= now)
			json_object_del(all, key);
}

int
ce_acme_quota_save(struct ce_acme_issuer *issuer, struct ce_error *err)
{
	if (!issuer->counted || !issuer->counted_more)
		return CE_OK;
	forget_full(buckets(issuer), ce_now());
	CE_CLEANUP(ce_freep) char *text = json_dumps(issuer->counted, JSON_INDENT(1));
	if (!text)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	int rc = ce_store_issuer_put(issuer->store, issuer->config->name, RECORD,
		(struct ce_bytes){ (const unsigned char *)text, strlen(text) }, err);
	issuer->counted_more = rc != CE_OK;
	return rc;
}

/* --- one order --- */

/* A bucket that an order needs a token of. */
struct need {
	enum ce_acme_quota quota;
	char key[KEY_MAX];
};
struct needs {
	struct need *items;
	size_t count;
};

static void
needs_release(struct needs *needs)
{
	free(needs->items);
}

static int
need(struct needs *needs, enum ce_acme_quota quota, const char *name, struct ce_error *err)
{
	struct need one = { .quota = quota };
	snprintf(one.key, sizeof(one.key), "%s%s%s", quotas[quota].label, name[0] ? " " : "", name);
	for (size_t i = 0; i < needs->count; i++)
		if (strcmp(needs->items[i].key, one.key) == 0)
			return CE_OK;
	struct need *items = reallocarray(needs->items, needs->count + 1, sizeof(*items));
	if (!items)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	needs->items = items;
	items[needs->count++] = one;
	return CE_OK;
}

static int
compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names as a set. */
static int
digest_set(const struct ce_strlist *names, char ret_hex[CE_SHA256_HEX], struct ce_error *err)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf text = CE_BUF_INIT;
	CE_CLEANUP(ce_freep) char **sorted = calloc(names->count + 1, sizeof(*sorted));
	if (!sorted)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	memcpy(sorted, names->items, names->count * sizeof(*sorted));
	qsort(sorted, names->count, sizeof(*sorted), compare);
	int rc = CE_OK;
	for (size_t i = 0; i < names->count && !rc; i++)
		rc = ce_buf_addf(&text, err, "%s\n", sorted[i]);
	return rc ? rc : ce_sha256_hex(ce_buf_bytes(&text), ret_hex, err);
}

/* A certificate for the same names is renewed: it counts neither for the account nor for the domain. */
static bool
is_renewal(const struct ce_issue_request *request)
{
	CE_CLEANUP(ce_facts_release) struct ce_facts facts = { 0 };
	struct ce_error ignored = { 0 };
	const struct ce_strlist *names = &request->certificate->names;
	if (request->replaces_pem.size == 0 || ce_facts_read(request->replaces_pem, &facts, &ignored)
		|| facts.names.count != names->count)
		return false;
	for (size_t i = 0; i < names->count; i++)
		if (!ce_strlist_has(&facts.names, names->items[i]))
			return false;
	return true;
}

static int
list_needs(const struct ce_issue_request *request, bool replaces, struct needs *needs, struct ce_error *err)
{
	const struct ce_strlist *names = &request->certificate->names;
	bool renewal = is_renewal(request);
	char set[CE_SHA256_HEX];
	int rc = digest_set(names, set, err);
	for (size_t i = 0; i < names->count && !rc; i++) {
		CE_CLEANUP(ce_freep) char *domain = NULL;
		rc = need(needs, CE_ACME_PER_FAILURE, names->items[i], err);
		if (!rc && !replaces && !renewal)
			rc = ce_acme_domain(names->items[i], &domain, err);
		if (!rc && domain)
			rc = need(needs, CE_ACME_PER_DOMAIN, domain, err);
	}
	if (!rc && !replaces)
		rc = need(needs, CE_ACME_PER_SET, set, err);
	if (!rc && !replaces && !renewal)
		rc = need(needs, CE_ACME_PER_ACCOUNT, "", err);
	return rc;
}

static struct ce_bucket
bucket_of(json_t *all, const char *key)
{
	return (struct ce_bucket){ json_integer_value(json_object_get(all, key)) * MILLION };
}

static int
take(struct ce_acme_issuer *issuer, enum ce_acme_quota quota, const char *key, struct ce_error *err)
{
	json_t *all = buckets(issuer);
	struct ce_rate rate = rate_of(issuer, quota);
	struct ce_bucket bucket = bucket_of(all, key);
	if (rate.burst == 0)
		return CE_OK;
	ce_bucket_take(&rate, &bucket, ce_now() * MILLION);
	issuer->counted_more = true;
	/* Rounded up: the record has seconds. */
	if (json_object_set_new(all, key, json_integer((bucket.full_at_us + MILLION - 1) / MILLION)))
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	return CE_OK;
}

static int
postpone(const struct ce_acme_issuer *issuer, struct ce_issue_request *request, const struct need *what, long long when,
	struct ce_error *err)
{
	const char *name = strchr(what->key, ' ');
	bool named = name && what->quota != CE_ACME_PER_SET;
	char moment[32];
	ce_text_time(moment, when);
	free(request->text);
	if (asprintf(&request->text, "issuer '%s' allows only so many %s%s in a time, and no more before %s; nothing was asked of it",
			issuer->config->name, quotas[what->quota].what, named ? name : "", moment) < 0) {
		request->text = NULL;
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	}
	request->outcome = CE_ISSUE_PENDING;
	request->not_before = when;
	return CE_UNCHANGED;
}

int
ce_acme_quota_admit(struct ce_acme_issuer *issuer, struct ce_issue_request *request, struct ce_error *err)
{
	struct ce_rate rates[CE_ACME_QUOTAS];
	bool limited = false;
	for (int i = 0; i < CE_ACME_QUOTAS; i++) {
		rates[i] = rate_of(issuer, (enum ce_acme_quota)i);
		limited = limited || rates[i].burst > 0;
	}
	if (!limited || request->state.size > 0)
		return CE_OK; /* what is under way was counted when it began */
	struct ce_acme_wishes wishes = { 0 };
	CE_CLEANUP(needs_release) struct needs needs = { NULL, 0 };
	int rc = ce_acme_order_wishes(issuer, request, &wishes, err);
	/* Whoever says what it replaces is exempt; only CAs with renewal information are told. */
	bool replaces = wishes.replaces && issuer->document && strstr(issuer->document, "\"renewalInfo\"");
	if (!rc)
		rc = list_needs(request, replaces, &needs, err);
	free(wishes.replaces);
	long long now = ce_now(), longest = 0;
	size_t worst = 0;
	for (size_t i = 0; i < needs.count && !rc; i++) {
		const struct ce_bucket bucket = bucket_of(buckets(issuer), needs.items[i].key);
		long long wait = ce_bucket_wait(&rates[needs.items[i].quota], &bucket, now * MILLION);
		if (wait > longest) {
			longest = wait;
			worst = i;
		}
	}
	if (!rc && longest > 0)
		return postpone(issuer, request, &needs.items[worst], now + (longest + MILLION - 1) / MILLION, err);
	for (size_t i = 0; i < needs.count && !rc; i++)
		if (needs.items[i].quota != CE_ACME_PER_FAILURE)
			rc = take(issuer, needs.items[i].quota, needs.items[i].key, err);
	return rc;
}

void
ce_acme_quota_failed(struct ce_acme_issuer *issuer, const struct ce_issue_request *request)
{
	const struct ce_strlist *names = &request->certificate->names;
	if (request->outcome != CE_ISSUE_REFUSED || strcmp(request->error.step, "challenge") != 0)
		return;
	for (size_t i = 0; i < names->count; i++) {
		char key[KEY_MAX], quoted[KEY_MAX];
		struct ce_error err = { 0 };
		snprintf(quoted, sizeof(quoted), "'%s'", names->items[i]);
		snprintf(key, sizeof(key), "%s %s", quotas[CE_ACME_PER_FAILURE].label, names->items[i]);
		if (strstr(request->error.text, quoted) && take(issuer, CE_ACME_PER_FAILURE, key, &err) < 0)
			ce_log(CE_LOG_WARNING, "a failure of '%s' is not counted: %s", names->items[i], err.text);
	}
}
