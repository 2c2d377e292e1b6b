/* What came of asking issuers: kept from run to run, so that a failure is neither forgotten nor repeated without end. */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/sys.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "engine/engine_own.h"
#include "engine/retry.h"

/* A clock that was set back by more than this makes what was kept worthless: nothing may wait for a time that was wrong. */
#define CLOCK_SLACK_S 300
/* A limit that the CA told for one order may be about its names alone: the other certificates of the issuer keep away
 * for so long at most, instead of the whole time. */
#define SHARED_MAX_S 3600

#define CLASS_OPERATOR "operator"
#define CLASS_WAITING "waiting"

static bool
is_class(const struct ce_issue_attempt *attempt, const char *class)
{
	return attempt && attempt->class && strcmp(attempt->class, class) == 0;
}

int
ce_attempts_load(struct ce_certificate_run *certificate, struct ce_error *err)
{
	struct ce_store *store = certificate->engine->store;
	const char *name = certificate->config->name;
	ce_issue_result_release(&certificate->issue);
	int code = ce_store_issue_result(store, name, &certificate->issue, err);
	if (code < 0)
		return code;
	const char *issued_by = certificate->issue.issuer;
	if (issued_by && ce_strlist_has(&certificate->config->issuers, issued_by)) {
		certificate->issuer = ce_config_issuer(&certificate->engine->config, issued_by);
		certificate->driver = ce_issuer_driver(certificate->issuer->kind);
		return ce_text_assign(&certificate->report->issuer, issued_by, err);
	}
	return CE_OK;
}

/* --- the configuration that an attempt was made with: another one is tried at once --- */

static int
add_settings(struct ce_buf *text, const struct ce_issuer_config *issuer, struct ce_error *err)
{
	int code = ce_buf_addf(text, err, "%s\n%s\n", issuer->name, issuer->kind);
	for (size_t i = 0; code == CE_OK && i < issuer->settings.count; i++) {
		const struct ce_setting *setting = &issuer->settings.items[i];
		code = ce_buf_addf(text, err, "%s=%d %s %lld %g %d\n", setting->name, setting->kind, setting->text ? setting->text : "",
			setting->number, setting->fraction, setting->truth);
		for (size_t k = 0; code == CE_OK && k < setting->list.count; k++)
			code = ce_buf_addf(text, err, " %s\n", setting->list.items[k]);
	}
	return code;
}

static int
digest_issuer(const struct ce_issuer_config *issuer, char ret_hex[CE_SHA256_HEX], struct ce_error *err)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf text = CE_BUF_INIT;
	int code = add_settings(&text, issuer, err);
	return code < 0 ? code : ce_sha256_hex(ce_buf_bytes(&text), ret_hex, err);
}

static int
digest_asked(const struct ce_certificate_run *certificate, const struct ce_issuer_config *issuer,
	char ret_hex[CE_SHA256_HEX], struct ce_error *err)
{
	const struct ce_certificate_config *config = certificate->config;
	const struct ce_subject *subject = &config->subject;
	const char *const parts[] = { config->key, config->profile, subject->country, subject->state, subject->locality,
		subject->organization, subject->organizational_unit, subject->common_name };
	CE_CLEANUP(ce_buf_release) struct ce_buf text = CE_BUF_INIT;
	int code = add_settings(&text, issuer, err);
	for (size_t i = 0; code == CE_OK && i < CE_COUNT(parts); i++)
		code = ce_buf_addf(&text, err, "%s\n", parts[i] ? parts[i] : "");
	for (size_t i = 0; code == CE_OK && i < config->names.count; i++)
		code = ce_buf_addf(&text, err, "%s\n", config->names.items[i]);
	return code < 0 ? code : ce_sha256_hex(ce_buf_bytes(&text), ret_hex, err);
}

/* --- who is asked, and when --- */

/* The operator named the certificate, or wants it renewed: a back-off is passed over, a limit of the CA is not. */
static bool
is_bidden(const struct ce_certificate_run *certificate)
{
	const struct ce_engine *engine = certificate->engine;
	return !engine->options.store_only && (engine->options.force_renew || engine->names.count > 0);
}

/* 0: the attempt binds nobody. */
static long long
bound_until(const struct ce_certificate_run *certificate, const struct ce_issue_attempt *attempt, long long now)
{
	bool limit = is_class(attempt, "limit") && attempt->told;
	if (attempt->not_before <= now || attempt->when > now + CLOCK_SLACK_S || (is_bidden(certificate) && !limit))
		return 0;
	return attempt->not_before;
}

/* The limit of the issuer that any of its certificates met; 0: none. */
static int
shared_until(const struct ce_certificate_run *certificate, const struct ce_issuer_config *issuer, long long now,
	long long *ret_until, char **ret_text, struct ce_error *err)
{
	CE_CLEANUP(ce_issuer_wait_release) struct ce_issuer_wait record = { 0 };
	char configured[CE_SHA256_HEX];
	int code = ce_store_issuer_wait(certificate->engine->store, issuer->name, &record, err);
	if (code == CE_OK)
		code = digest_issuer(issuer, configured, err);
	if (code < 0)
		return code;
	if (record.until <= now || record.since > now + CLOCK_SLACK_S || !record.configured
		|| strcmp(record.configured, configured) != 0)
		return CE_OK;
	*ret_until = record.until;
	*ret_text = CE_STEAL(record.text);
	return CE_OK;
}

/* One issuer of a certificate, as the moment finds it. */
struct candidate {
	const struct ce_issuer_config *issuer;
	const struct ce_issue_attempt *attempt; /* NULL: never asked */
	bool same;                              /* asked for the same as now */
	long long until;                        /* 0: it may be asked now */
	char *limit;                            /* the shared limit's text, when that is what binds */
};

static int
weigh(const struct ce_certificate_run *certificate, const char *name, long long now, struct candidate *ret_candidate,
	struct ce_error *err)
{
	struct candidate candidate = { .issuer = ce_config_issuer(&certificate->engine->config, name),
		.attempt = ce_issue_attempt_find(&certificate->issue, name) };
	char asked[CE_SHA256_HEX] = "";
	long long shared = 0;
	int code = candidate.attempt ? digest_asked(certificate, candidate.issuer, asked, err) : CE_OK;
	candidate.same = candidate.attempt && candidate.attempt->asked && strcmp(candidate.attempt->asked, asked) == 0;
	if (code == CE_OK && ce_issuer_driver(candidate.issuer->kind)->unmetered) {
		*ret_candidate = candidate;
		return CE_OK;
	}
	if (code == CE_OK)
		code = shared_until(certificate, candidate.issuer, now, &shared, &candidate.limit, err);
	if (code < 0)
		return code;
	candidate.until = candidate.same ? bound_until(certificate, candidate.attempt, now) : 0;
	if (shared > candidate.until) {
		candidate.until = shared;
	} else {
		free(candidate.limit);
		candidate.limit = NULL;
	}
	*ret_candidate = candidate;
	return CE_OK;
}

/* Whether a request lies with an issuer already: nobody else is asked meanwhile. */
static bool
is_engaged(const struct ce_issue_attempt *attempt)
{
	return is_class(attempt, CLASS_WAITING) || is_class(attempt, CLASS_OPERATOR);
}

/* Whether a candidate is no better than the best one so far: all of them wait for their time. */
static bool
is_later(const struct candidate *candidate, const struct candidate *best)
{
	return best->issuer && candidate->until >= best->until;
}

static void
candidate_release(struct candidate *candidate)
{
	free(candidate->limit);
	*candidate = (struct candidate){ 0 };
}

/* The issuer that has the request already; else the first one that was not given up for now; when all were, the one
 * whose time comes first. */
static int
choose(const struct ce_certificate_run *certificate, long long now, struct candidate *ret_candidate, struct ce_error *err)
{
	const struct ce_strlist *issuers = &certificate->config->issuers;
	CE_CLEANUP(candidate_release) struct candidate best = { 0 };
	for (size_t i = 0; i < 2 * issuers->count; i++) {
		const char *name = issuers->items[i % issuers->count];
		bool engaged_only = i < issuers->count;
		CE_CLEANUP(candidate_release) struct candidate candidate = { 0 };
		if (engaged_only && !is_engaged(ce_issue_attempt_find(&certificate->issue, name)))
			continue;
		int code = weigh(certificate, name, now, &candidate, err);
		if (code < 0)
			return code;
		bool given_up = candidate.until > 0 && candidate.attempt && candidate.attempt->ca_failures >= CE_RETRY_PATIENCE;
		if ((engaged_only && !candidate.same) || (given_up && is_later(&candidate, &best)))
			continue;
		candidate_release(&best);
		best = candidate;
		candidate = (struct candidate){ 0 };
		if (!given_up)
			break;
	}
	*ret_candidate = best;
	best = (struct candidate){ 0 };
	return CE_OK;
}

/* Why it waits, in one sentence. */
static int
say_wait(const struct ce_certificate_run *certificate, const struct candidate *candidate, struct ce_buf *text,
	struct ce_error *err)
{
	const struct ce_issue_attempt *attempt = candidate->attempt;
	const char *said = candidate->limit ? candidate->limit : attempt ? attempt->text : NULL;
	char when[32];
	ce_text_time(when, candidate->until);
	int code;
	if (candidate->limit || (is_class(attempt, "limit") && attempt->told))
		code = ce_buf_addf(text, err, "issuer '%s' asked not to be called before %s", candidate->issuer->name, when);
	else if (is_engaged(attempt))
		code = ce_buf_addf(text, err, "issuer '%s' asked to wait until %s", candidate->issuer->name, when);
	else
		code = ce_buf_addf(text, err, "issuer '%s' failed %d %s in a row (%s) and is tried again at %s; `certengine apply %s` "
			"tries at once", candidate->issuer->name, attempt->failures, attempt->failures == 1 ? "time" : "times",
			attempt->class, when, certificate->config->name);
	return code < 0 || !said ? code : ce_buf_addf(text, err, ": %s", said);
}

int
ce_attempts_choose(struct ce_certificate_run *certificate, long long now, struct ce_error *err)
{
	CE_CLEANUP(candidate_release) struct candidate candidate = { 0 };
	int code = choose(certificate, now, &candidate, err);
	if (code < 0)
		return code;
	certificate->issuer = candidate.issuer;
	certificate->driver = ce_issuer_driver(candidate.issuer->kind);
	struct ce_certificate_report *report = certificate->report;
	code = ce_text_assign(&report->issuer, candidate.issuer->name, err);
	if (code < 0 || candidate.until == 0)
		return code;
	CE_CLEANUP(ce_buf_release) struct ce_buf text = CE_BUF_INIT;
	code = say_wait(certificate, &candidate, &text, err);
	if (code < 0)
		return code;
	report->state = CE_CERTIFICATE_WAITING;
	report->wait_until = candidate.until;
	if (!certificate->engine->options.store_only)
		ce_engine_tell(certificate->engine, certificate, NULL, "issue", CE_ERR_WAIT, ce_buf_text(&text));
	code = ce_text_assign(&report->error, ce_buf_text(&text), err);
	return code < 0 ? code : ce_text_assign(&report->step, candidate.attempt ? candidate.attempt->step : "issue", err);
}

int
ce_attempts_next(const struct ce_certificate_run *certificate, long long now, const struct ce_issuer_config **ret_issuer,
	struct ce_error *err)
{
	const struct ce_strlist *issuers = &certificate->config->issuers;
	*ret_issuer = NULL;
	for (size_t i = 0; i < issuers->count; i++) {
		CE_CLEANUP(candidate_release) struct candidate candidate = { 0 };
		if (strcmp(issuers->items[i], certificate->issuer->name) == 0
			|| ce_strlist_has(&certificate->asked, issuers->items[i]))
			continue;
		int code = weigh(certificate, issuers->items[i], now, &candidate, err);
		if (code < 0)
			return code;
		if (candidate.until > 0)
			continue;
		*ret_issuer = candidate.issuer;
		return CE_OK;
	}
	return CE_OK;
}

/* --- what came of it --- */

static long long
lifetime_left(const struct ce_certificate_run *certificate, long long now)
{
	return certificate->bundle.generation > 0 ? certificate->bundle.facts.not_after - now : 0;
}

/* A CA may want a person to come first, and then tells no time (Let's Encrypt pauses names that failed for weeks). */
static bool
is_paused(enum ce_refusal class, const char *text, long long told)
{
	return class == CE_REFUSAL_LIMIT && told == 0 && strstr(text, "/unpause");
}

static int
keep_attempt(struct ce_certificate_run *certificate, struct ce_issue_attempt *attempt, const char *class,
	const char *step, const char *text, struct ce_error *err)
{
	char asked[CE_SHA256_HEX];
	int code = digest_asked(certificate, certificate->issuer, asked, err);
	if (code == CE_OK)
		code = ce_text_assign(&attempt->asked, asked, err);
	if (code == CE_OK)
		code = ce_text_assign(&attempt->class, class, err);
	if (code == CE_OK)
		code = ce_text_assign(&attempt->step, step, err);
	if (code == CE_OK)
		code = ce_text_assign(&attempt->text, text, err);
	attempt->when = ce_now();
	if (code == CE_OK)
		code = ce_store_issue_result_put(certificate->engine->store, certificate->config->name, &certificate->issue, err);
	return code < 0 ? code : ce_attempts_report(certificate, err);
}

/* All certificates of the issuer keep to a limit that the CA told. */
static int
share_limit(struct ce_certificate_run *certificate, const char *step, const char *text, long long told, long long now,
	struct ce_error *err)
{
	bool whole = strcmp(step, "directory") == 0 || strcmp(step, "nonce") == 0 || strcmp(step, "account") == 0;
	long long until = whole || told < now + SHARED_MAX_S ? told : now + SHARED_MAX_S;
	const char *issuer = certificate->issuer->name;
	struct ce_store *store = certificate->engine->store;
	CE_CLEANUP(ce_issuer_wait_release) struct ce_issuer_wait record = { 0 };
	int code = ce_store_issuer_wait(store, issuer, &record, err);
	char configured[CE_SHA256_HEX];
	if (code == CE_OK)
		code = digest_issuer(certificate->issuer, configured, err);
	if (code < 0)
		return code;
	bool same = record.configured && strcmp(record.configured, configured) == 0 && record.since <= now + CLOCK_SLACK_S;
	if (same && record.until >= until)
		return CE_OK;
	code = ce_text_assign(&record.text, text, err);
	if (code == CE_OK)
		code = ce_text_assign(&record.configured, configured, err);
	record.until = until;
	record.since = now;
	return code < 0 ? code : ce_store_issuer_wait_put(store, issuer, &record, err);
}

static void
warn(struct ce_certificate_run *certificate, bool person, long long now, const char *text)
{
	const struct ce_facts *facts = &certificate->bundle.facts;
	bool exists = certificate->bundle.generation > 0;
	bool late = exists && facts->not_after - now < (facts->not_after - facts->not_before) / 6;
	if (!person && !late)
		return;
	if (certificate->issue.alert_since == 0 || certificate->issue.alert_since > now)
		certificate->issue.alert_since = now;
	char when[32];
	ce_text_time(when, facts->not_after);
	if (late)
		ce_log(CE_LOG_WARNING, "certificate '%s' is valid until %s and could not be renewed, less than a sixth of its lifetime "
			"is left: %s", certificate->config->name, when, text);
	else
		ce_log(CE_LOG_WARNING, "certificate '%s' needs somebody to look at it, trying again will hardly help: %s",
			certificate->config->name, text);
}

int
ce_attempts_failed(struct ce_certificate_run *certificate, enum ce_refusal class, const struct ce_error *failure,
	long long told, struct ce_error *err)
{
	long long now = ce_now();
	const char *step = failure->step[0] ? failure->step : "issue";
	struct ce_issue_attempt *attempt = ce_issue_attempt_at(&certificate->issue, certificate->issuer->name, err);
	if (!attempt)
		return CE_ERR_MEMORY;
	told = ce_retry_told(told, now);
	attempt->told = class == CE_REFUSAL_LIMIT && told > 0;
	attempt->not_before = 0;
	/* What was broken off, or never reached an issuer, is no failure of one. */
	if (class == 0 || ce_engine_interrupted())
		return keep_attempt(certificate, attempt, ce_retry_class_name(CE_REFUSAL_ENVIRONMENT), step, failure->text, err);
	attempt->failures++;
	attempt->ca_failures = class == CE_REFUSAL_CA ? attempt->ca_failures + 1 : 0;
	bool paused = is_paused(class, failure->text, told);
	const struct ce_retry retry = { .class = class, .failures = attempt->failures, .now = now, .told = told, .paused = paused,
		.left = lifetime_left(certificate, now), .chance = ce_spread(NULL, certificate->config->name, attempt->failures) };
	if (!certificate->driver->unmetered)
		attempt->not_before = ce_retry_at(&retry);
	warn(certificate, class == CE_REFUSAL_INPUT || paused, now, failure->text);
	int code = attempt->told ? share_limit(certificate, step, failure->text, told, now, err) : CE_OK;
	if (code < 0)
		return code;
	return keep_attempt(certificate, attempt, ce_retry_class_name(class), step, failure->text, err);
}

int
ce_attempts_waiting(struct ce_certificate_run *certificate, bool operator, const char *text, long long told,
	struct ce_error *err)
{
	struct ce_issue_attempt *attempt = ce_issue_attempt_at(&certificate->issue, certificate->issuer->name, err);
	if (!attempt)
		return CE_ERR_MEMORY;
	attempt->not_before = operator ? 0 : ce_retry_told(told, ce_now());
	attempt->told = attempt->not_before > 0;
	return keep_attempt(certificate, attempt, operator ? CLASS_OPERATOR : CLASS_WAITING, "issue", text, err);
}

int
ce_attempts_succeeded(struct ce_certificate_run *certificate, struct ce_error *err)
{
	struct ce_issue_result *issue = &certificate->issue;
	struct ce_issue_attempt *attempt = ce_issue_attempt_find(issue, certificate->issuer->name);
	if (attempt) {
		ce_issue_attempt_release(attempt);
		*attempt = issue->attempts.items[--issue->attempts.count];
	}
	issue->alert_since = 0;
	int code = ce_text_assign(&issue->issuer, certificate->issuer->name, err);
	if (code == CE_OK)
		code = ce_store_issue_result_put(certificate->engine->store, certificate->config->name, issue, err);
	return code < 0 ? code : ce_attempts_report(certificate, err);
}

/* --- what is told --- */

/* What an issuer that stands aside said counts only as long as nobody else issued. */
const struct ce_issue_attempt *
ce_attempts_last(const struct ce_issue_result *result)
{
	const struct ce_issue_attempt *last = NULL;
	for (size_t i = 0; i < result->attempts.count; i++)
		if (result->attempts.items[i].class && (!last || result->attempts.items[i].when >= last->when))
			last = &result->attempts.items[i];
	return last;
}

int
ce_attempts_report(struct ce_certificate_run *certificate, struct ce_error *err)
{
	struct ce_certificate_report *report = certificate->report;
	const struct ce_issue_attempt *last = ce_attempts_last(&certificate->issue);
	if (last && report->state != CE_CERTIFICATE_ISSUED && ce_strlist_has(&certificate->config->issuers, last->issuer)) {
		report->failures = last->failures;
		if (report->state != CE_CERTIFICATE_OK && last->not_before > 0)
			report->wait_until = last->not_before;
		int code = ce_text_assign(&report->failure_class, last->class, err);
		if (code < 0)
			return code;
	}
	if (certificate->issue.alert_since == 0)
		return ce_text_assign(&report->alert, NULL, err);
	char when[32], text[128];
	ce_text_time(when, certificate->issue.alert_since);
	snprintf(text, sizeof(text), "it cannot be issued and somebody should look at it, since %s", when);
	return ce_text_assign(&report->alert, text, err);
}
