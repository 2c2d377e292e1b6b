/* Revocation: of any generation, and for a key that was lost to others only after its successor is in place. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "engine/engine_own.h"

/* RFC 5280 section 5.3.1; 7 is not used, and 8 only in CRLs that grow. */
static const struct {
	const char *word;
	int number;
} reasons[] = {
	{ "unspecified", 0 }, { "keyCompromise", 1 }, { "cACompromise", 2 }, { "affiliationChanged", 3 }, { "superseded", 4 },
	{ "cessationOfOperation", 5 }, { "certificateHold", 6 }, { "removeFromCRL", 8 }, { "privilegeWithdrawn", 9 },
	{ "aACompromise", 10 },
};

int
ce_revocation_reason(const char *word, int *ret_reason, struct ce_error *err)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf known = CE_BUF_INIT;
	int code = CE_OK;
	for (size_t i = 0; code == CE_OK && i < CE_COUNT(reasons); i++) {
		if (strcasecmp(reasons[i].word, word) == 0) {
			*ret_reason = reasons[i].number;
			return CE_OK;
		}
		code = ce_buf_addf(&known, err, "%s%s", i ? ", " : "", reasons[i].word);
	}
	return code < 0 ? code : ce_fail(err, CE_ERR_CONFIG, "'%s' is no reason for a revocation; they are %s", word,
		ce_buf_text(&known));
}

/* ------------------------------------------------------------------- the marks */

int
ce_key_allowed(const struct ce_certificate_run *certificate, const struct ce_key *key, struct ce_error *err)
{
	char id[65];
	bool forbidden = false;
	int code = ce_key_id(key, id, err);
	if (code == CE_OK)
		code = ce_store_marked(certificate->engine->store, CE_MARK_FORBIDDEN, id, &forbidden, err);
	if (code < 0 || !forbidden)
		return code;
	return ce_fail(err, CE_ERR_REFUSED, "the key of certificate '%s' was revoked as compromised and must not be used again%s",
		certificate->config->name, certificate->config->key_given ? ": configure another key" : "");
}

int
ce_bundle_allowed(struct ce_engine *engine, const struct ce_bundle *bundle, struct ce_error *err)
{
	bool revoked = false, forbidden = false;
	int code = ce_store_marked(engine->store, CE_MARK_REVOKED, bundle->facts.fingerprint, &revoked, err);
	if (code == CE_OK)
		code = ce_store_marked(engine->store, CE_MARK_FORBIDDEN, bundle->facts.key_id, &forbidden, err);
	if (code < 0 || (!revoked && !forbidden))
		return code;
	return ce_fail(err, CE_ERR_REFUSED, revoked ? "it was revoked" : "its key was revoked as compromised");
}

/* -------------------------------------------------------------- one revocation */

struct work {
	struct ce_engine *engine;
	const struct ce_revocation_order *order;
	struct ce_certificate_run *certificate;
	const struct ce_issuer_config *issuer;
	const struct ce_issuer_driver *driver;
	struct ce_bundle bundle;
	struct ce_key *key;      /* by which it is revoked; NULL: the account's */
};

static void
release(struct work *work)
{
	ce_bundle_release(&work->bundle);
	ce_key_free(work->key);
}

/* Who issued it: on record for the live one, else the configured issuer. */
static int
find_issuer(struct work *work, struct ce_error *err)
{
	CE_CLEANUP(ce_issue_result_release) struct ce_issue_result result = { 0 };
	const struct ce_certificate_config *config = work->certificate->config;
	int code = ce_store_issue_result(work->engine->store, config->name, &result, err);
	if (code < 0)
		return code;
	const char *name = result.issuer ? result.issuer : config->issuer;
	work->issuer = ce_config_issuer(&work->engine->config, name);
	work->driver = work->issuer ? ce_issuer_driver(work->issuer->kind) : NULL;
	if (!work->driver)
		return ce_fail(err, CE_ERR_CONFIG, "certificate '%s' was issued by '%s', which is no longer configured: put that issuer "
			"back to revoke it", config->name, name);
	if (!work->driver->revoke)
		return ce_fail(err, CE_ERR_CONFIG, "issuer '%s' is of kind '%s', which does not revoke", name, work->issuer->kind);
	return CE_OK;
}

static int
load(struct work *work, struct ce_error *err)
{
	struct ce_engine *engine = work->engine;
	const char *name = work->order->certificate;
	long generation = work->order->generation;
	int code = ce_run_find(engine, name, &work->certificate, err);
	if (code == CE_OK)
		code = find_issuer(work, err);
	if (code == CE_OK && generation == 0)
		code = ce_store_live(engine->store, name, &generation, err);
	if (code < 0)
		return code;
	if (generation == 0)
		return ce_fail(err, CE_ERR_NOT_FOUND, "certificate '%s' has not been issued yet", name);
	code = ce_store_bundle(engine->store, name, generation, work->order->by_key, &work->bundle, err);
	if (code == CE_ERR_NOT_FOUND)
		return ce_fail(err, code, "certificate '%s' has no generation %ld", name, generation);
	if (code == CE_OK && work->order->by_key)
		code = ce_key_open(ce_buf_bytes(&work->bundle.key), &work->key, err);
	return code;
}

/* Whether what is deployed uses the key in question. */
static int
is_in_use(const struct work *work, bool *ret_used, struct ce_error *err)
{
	struct ce_bundle live;
	long generation = 0;
	int code = ce_store_live(work->engine->store, work->order->certificate, &generation, err);
	if (code < 0 || generation == 0)
		return code;
	ce_bundle_init(&live);
	code = ce_store_bundle(work->engine->store, work->order->certificate, generation, false, &live, err);
	*ret_used = code == CE_OK && strcmp(live.facts.key_id, work->bundle.facts.key_id) == 0;
	ce_bundle_release(&live);
	return code;
}

/* The successor first, issued with another key and proved to be served: else the revocation is an outage. */
static int
replace(struct work *work, struct ce_report *report, struct ce_error *err)
{
	bool used = false;
	int code = is_in_use(work, &used, err);
	if (code < 0 || !used)
		return code;
	work->engine->options.force_renew = true;
	ce_report_release(report);
	code = ce_engine_apply(work->engine, report, err);
	if (code < 0)
		return code;
	if (report->exit == CE_EXIT_OK || report->exit == CE_EXIT_DRIFT)
		return CE_OK;
	return ce_fail(err, report->exit == CE_EXIT_WAIT ? CE_ERR_WAIT : CE_ERR_REFUSED, "certificate '%s' is not revoked yet, since "
		"its replacement is not in place%s%.300s: repeat the command when it is, or revoke at once with --no-replacement",
		work->order->certificate, report->certificate_count && report->certificates[0].error ? ": " : "",
		report->certificate_count && report->certificates[0].error ? report->certificates[0].error : "");
}

static int
tell(struct work *work, bool already, struct ce_report *report, struct ce_error *err)
{
	CE_CLEANUP(ce_freep) char *text = NULL;
	if (asprintf(&text, "generation %ld is %s", work->bundle.generation, already ? "revoked already" : "revoked") < 0) {
		text = NULL;
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	}
	ce_engine_tell(work->engine, work->certificate, NULL, "revoke", CE_OK, text);
	for (size_t i = 0; i < report->certificate_count; i++)
		if (strcmp(report->certificates[i].name, work->order->certificate) == 0)
			return ce_text_assign(&report->certificates[i].reason, text, err);
	return CE_OK;
}

/* A key that is known to others is forbidden before anything else, so that no failure lets it into a new request. */
static int
revoke(struct work *work, struct ce_report *report, struct ce_error *err)
{
	struct ce_store *store = work->engine->store;
	bool compromised = work->order->reason == CE_REVOKE_KEY_COMPROMISE;
	int code = compromised ? ce_store_mark(store, CE_MARK_FORBIDDEN, work->bundle.facts.key_id, err) : CE_OK;
	if (code == CE_OK && compromised && !work->order->no_replacement)
		code = replace(work, report, err);
	if (code < 0)
		return code;
	const struct ce_revocation revocation = { .issuer = work->issuer, .leaf_pem = ce_buf_bytes(&work->bundle.leaf),
		.key = work->key, .reason = work->order->reason };
	const struct ce_issue_context context = ce_engine_asking(work->engine);
	ce_error_step(err, "revoke");
	int done = work->driver->revoke(&revocation, &context, err);
	if (done < 0)
		return done;
	code = ce_store_mark(store, CE_MARK_REVOKED, work->bundle.facts.fingerprint, err);
	return code < 0 ? code : tell(work, done == CE_UNCHANGED, report, err);
}

int
ce_engine_revoke(struct ce_engine *engine, const struct ce_revocation_order *order, struct ce_report *ret_report,
	struct ce_error *err)
{
	CE_CLEANUP(release) struct work work = { .engine = engine, .order = order };
	ce_bundle_init(&work.bundle);
	int code = ce_run_report(engine, ret_report, err);
	if (code == CE_OK)
		code = ce_engine_lock(engine, err);
	if (code == CE_OK)
		code = load(&work, err);
	return code < 0 ? code : revoke(&work, ret_report, err);
}
