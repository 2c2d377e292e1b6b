/* When CAs would like certificates to be renewed (RFC 9773): asked when the time for it has come, kept until then. */
#include <string.h>

#include "base/log.h"
#include "base/sys.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "engine/engine_own.h"

#define MINUTE 60LL
#define HOUR 3600LL
#define DAY 86400LL
#define POLL_DEFAULT_S (6 * HOUR)
#define POLL_MIN_S MINUTE
#define POLL_MAX_S DAY

int
ce_renewal_load(struct ce_certificate_run *certificate, struct ce_error *err)
{
	ce_renewal_record_release(&certificate->renewal);
	if (!certificate->driver || !certificate->driver->renewal_hints || certificate->bundle.generation == 0)
		return CE_OK;
	return ce_store_renewal(certificate->engine->store, certificate->config->name, &certificate->renewal, err);
}

/* Only who issued the live certificate knows when it wants to replace it, and only while it is valid (I7). A record of
 * another leaf is as none; moments that are too far away come from a clock that was wrong. */
static bool
is_poll_due(const struct ce_certificate_run *certificate, long long now)
{
	const struct ce_renewal_record *record = &certificate->renewal;
	const struct ce_facts *facts = &certificate->bundle.facts;
	const char *issued_by = certificate->issue.issuer;
	if (!certificate->selected || !certificate->driver || !certificate->driver->renewal_hints
		|| certificate->bundle.generation == 0 || !issued_by || strcmp(issued_by, certificate->issuer->name) != 0)
		return false;
	if (now >= facts->not_after)
		return false;
	if (!record->leaf || strcmp(record->leaf, facts->fingerprint) != 0)
		return true;
	return record->next_poll <= now || record->next_poll > now + POLL_MAX_S || record->polled_at > now + 5 * MINUTE;
}

long long
ce_renewal_next_poll(const struct ce_renewal_query *query, int failures, long long now)
{
	long long wait = query->retry_after < 0 ? POLL_DEFAULT_S : query->retry_after;
	if (query->code == CE_ERR_NOT_FOUND)
		wait = POLL_MAX_S;
	else if (query->code != CE_OK && query->passing) {
		wait = MINUTE;
		for (int n = 1; n < failures && wait < POLL_DEFAULT_S; n++)
			wait *= 4;
		wait = wait > POLL_DEFAULT_S ? POLL_DEFAULT_S : wait;
		wait = wait < query->retry_after ? query->retry_after : wait;
	}
	return now + (wait < POLL_MIN_S ? POLL_MIN_S : wait > POLL_MAX_S ? POLL_MAX_S : wait);
}

/* Any moment of the window, each as likely as the others. */
static int
choose_moment(long long start, long long end, long long *ret_moment, struct ce_error *err)
{
	uint64_t chance = 0;
	int code = ce_random_bytes(&chance, sizeof(chance), err);
	if (code == CE_OK)
		*ret_moment = start + (long long)(chance % (uint64_t)(end - start));
	return code;
}

/* What a driver answered, into the record. A moment once chosen is kept until the window changes (I3). */
int
ce_renewal_take(struct ce_renewal_record *record, const char *leaf, const struct ce_renewal_query *query, long long now,
	struct ce_error *err)
{
	bool same_leaf = record->leaf && strcmp(record->leaf, leaf) == 0;
	bool answered = query->code == CE_OK && query->end > query->start;
	bool kept = same_leaf && (answered ? record->chosen > 0 && record->start == query->start && record->end == query->end
		: query->passing);
	int code = CE_OK;
	record->failures = answered || query->code == CE_ERR_NOT_FOUND ? 0 : same_leaf ? record->failures + 1 : 1;
	if (!kept)
		record->start = record->end = record->chosen = 0;
	if (answered && !kept) {
		record->start = query->start;
		record->end = query->end;
		code = choose_moment(query->start, query->end, &record->chosen, err);
	}
	if (code == CE_OK && (answered || !kept))
		code = ce_text_assign(&record->explanation, answered ? query->explanation : NULL, err);
	if (code == CE_OK)
		code = ce_text_assign(&record->problem, answered ? NULL : query->error.text, err);
	if (code == CE_OK)
		code = ce_text_assign(&record->leaf, leaf, err);
	record->polled_at = now;
	record->next_poll = ce_renewal_next_poll(query, record->failures, now);
	return code;
}

static void
tell(const struct ce_certificate_run *certificate, bool changed)
{
	const struct ce_renewal_record *record = &certificate->renewal;
	char start[32], end[32], chosen[32];
	if (record->problem) {
		ce_log(CE_LOG_INFO, "certificate '%s': no renewal hint of issuer '%s': %s", certificate->config->name,
			certificate->issuer->name, record->problem);
		return;
	}
	ce_text_time(start, record->start);
	ce_text_time(end, record->end);
	ce_text_time(chosen, record->chosen);
	ce_log(changed && record->explanation ? CE_LOG_NOTICE : CE_LOG_INFO,
		"certificate '%s': issuer '%s' would like it to be renewed between %s and %s, it will be at %s%s%s",
		certificate->config->name, certificate->issuer->name, start, end, chosen, record->explanation ? ": " : "",
		record->explanation ? record->explanation : "");
}

static int
take(struct ce_certificate_run *certificate, const struct ce_renewal_query *query, struct ce_error *err)
{
	long long before = certificate->renewal.chosen;
	int code = ce_renewal_take(&certificate->renewal, certificate->bundle.facts.fingerprint, query, ce_now(), err);
	if (code == CE_OK)
		code = ce_store_renewal_put(certificate->engine->store, certificate->config->name, &certificate->renewal, err);
	if (code == CE_OK)
		tell(certificate, before != certificate->renewal.chosen);
	return code == CE_OK ? ce_renewal_report(certificate, err) : code;
}

/* Nobody could be asked: as if each CA had been out of reach. */
static void
fail_all(struct ce_renewal_query *queries, size_t count, const struct ce_error *why)
{
	for (size_t i = 0; i < count; i++) {
		queries[i].code = why->code;
		queries[i].error = *why;
		queries[i].passing = true;
		queries[i].retry_after = -1;
	}
}

/* The certificates of one kind of issuer in one batch. */
static int
poll_kind(struct ce_engine *engine, const struct ce_issuer_driver *driver, struct ce_certificate_run **due, size_t count,
	struct ce_error *err)
{
	CE_CLEANUP(ce_freep) struct ce_renewal_query *queries = calloc(count, sizeof(*queries));
	CE_CLEANUP(ce_freep) struct ce_certificate_run **whose = calloc(count, sizeof(*whose));
	size_t chosen = 0;
	if (!queries || !whose)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	for (size_t i = 0; i < count; i++) {
		if (due[i]->driver != driver)
			continue;
		whose[chosen] = due[i];
		queries[chosen++] = (struct ce_renewal_query){ .certificate = due[i]->config, .issuer = due[i]->issuer,
			.leaf_pem = ce_buf_bytes(&due[i]->bundle.leaf), .retry_after = -1 };
	}
	if (chosen == 0)
		return CE_OK;
	const struct ce_issue_context context = ce_engine_asking(engine);
	struct ce_error why = { 0 };
	if (driver->renewal_hints(queries, chosen, &context, &why) < 0)
		fail_all(queries, chosen, &why);
	int code = CE_OK;
	for (size_t i = 0; i < chosen; i++) {
		if (code == CE_OK && !ce_engine_interrupted())
			code = take(whose[i], &queries[i], err);
		ce_renewal_query_release(&queries[i]);
	}
	return code;
}

int
ce_renewal_poll(struct ce_engine *engine, bool issued_only, struct ce_error *err)
{
	size_t count = 0;
	long long now = ce_now();
	CE_CLEANUP(ce_freep) struct ce_certificate_run **due = calloc(engine->config.certificate_count + 1, sizeof(*due));
	if (!due)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	for (size_t i = 0; i < engine->config.certificate_count; i++) {
		struct ce_certificate_run *certificate = &engine->certificates[i];
		bool issued = certificate->selected && certificate->report->state == CE_CERTIFICATE_ISSUED;
		if (is_poll_due(certificate, now) && (issued || !issued_only))
			due[count++] = certificate;
	}
	int code = CE_OK;
	for (const char *const *kind = ce_issuer_kinds(); *kind && count > 0 && code == CE_OK; kind++)
		code = poll_kind(engine, ce_issuer_driver(*kind), due, count, err);
	return code;
}

int
ce_renewal_report(struct ce_certificate_run *certificate, struct ce_error *err)
{
	struct ce_certificate_report *report = certificate->report;
	const struct ce_renewal_record *hint = &certificate->renewal;
	if (certificate->bundle.generation == 0)
		return CE_OK;
	struct ce_renewal_moment moment;
	ce_renewal_moment(certificate, &moment);
	report->renew_at = moment.at;
	int code = ce_text_assign(&report->renew_why, moment.why, err);
	if (code < 0 || !hint->leaf || strcmp(hint->leaf, certificate->bundle.facts.fingerprint) != 0)
		return code;
	report->window_start = hint->start;
	report->window_end = hint->end;
	report->next_poll = hint->next_poll;
	return ce_text_assign(&report->explanation, hint->explanation, err);
}
