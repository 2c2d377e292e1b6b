/* What the schedule remembers: of a certificate, what came of asking its issuers and what its CA hinted; of an issuer,
 * that it wants to be left alone. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "store/record.h"

#define ATTEMPT(kind, member) { #member, kind, offsetof(struct ce_issue_attempt, member), NULL, 0 }
#define RENEWAL(kind, member) { #member, kind, offsetof(struct ce_renewal_record, member), NULL, 0 }
#define WAIT(kind, member) { #member, kind, offsetof(struct ce_issuer_wait, member), NULL, 0 }

static const struct ce_member attempt_members[] = {
	ATTEMPT(CE_MEMBER_TEXT, issuer),
	ATTEMPT(CE_MEMBER_TEXT, class),
	ATTEMPT(CE_MEMBER_INT, failures),
	ATTEMPT(CE_MEMBER_INT, ca_failures),
	ATTEMPT(CE_MEMBER_MOMENT, not_before),
	ATTEMPT(CE_MEMBER_INT, told),
	ATTEMPT(CE_MEMBER_MOMENT, when),
	ATTEMPT(CE_MEMBER_TEXT, step),
	ATTEMPT(CE_MEMBER_TEXT, text),
	ATTEMPT(CE_MEMBER_TEXT, asked),
	{ NULL, 0, 0, NULL, 0 },
};

static const struct ce_member issue_members[] = {
	{ "issuer", CE_MEMBER_TEXT, offsetof(struct ce_issue_result, issuer), NULL, 0 },
	{ "left_out", CE_MEMBER_TEXT, offsetof(struct ce_issue_result, left_out), NULL, 0 },
	{ "alert_since", CE_MEMBER_MOMENT, offsetof(struct ce_issue_result, alert_since), NULL, 0 },
	{ "attempts", CE_MEMBER_LIST, offsetof(struct ce_issue_result, attempts), attempt_members,
		sizeof(struct ce_issue_attempt) },
	{ NULL, 0, 0, NULL, 0 },
};

static const struct ce_member renewal_members[] = {
	RENEWAL(CE_MEMBER_TEXT, leaf),
	RENEWAL(CE_MEMBER_MOMENT, start),
	RENEWAL(CE_MEMBER_MOMENT, end),
	RENEWAL(CE_MEMBER_MOMENT, chosen),
	RENEWAL(CE_MEMBER_TEXT, explanation),
	RENEWAL(CE_MEMBER_MOMENT, polled_at),
	RENEWAL(CE_MEMBER_MOMENT, next_poll),
	RENEWAL(CE_MEMBER_INT, failures),
	RENEWAL(CE_MEMBER_TEXT, problem),
	{ NULL, 0, 0, NULL, 0 },
};

static const struct ce_member wait_members[] = {
	WAIT(CE_MEMBER_MOMENT, until),
	WAIT(CE_MEMBER_MOMENT, since),
	WAIT(CE_MEMBER_TEXT, text),
	WAIT(CE_MEMBER_TEXT, configured),
	{ NULL, 0, 0, NULL, 0 },
};

/* Absent or damaged is as if nothing had ever been kept. */
static int
get(struct ce_store *store, const struct ce_store_path *path, const struct ce_member *members, void *record,
	struct ce_error *err)
{
	int code = ce_record_get(store, path->text, members, record, err);
	if (code < 0)
		ce_error_forget(err);
	return code;
}

/* An attempt of which nobody knows whose it was, or how it ended, is as good as none. */
static void
drop_incomplete(const char *certificate, struct ce_issue_result *result)
{
	size_t whole = 0;
	for (size_t i = 0; i < result->attempts.count; i++) {
		struct ce_issue_attempt *attempt = &result->attempts.items[i];
		if (!attempt->issuer || !attempt->class)
			ce_issue_attempt_release(attempt);
		else
			result->attempts.items[whole++] = *attempt;
	}
	if (whole < result->attempts.count)
		ce_log(CE_LOG_WARNING, "what came of asking an issuer for certificate '%s' is damaged in its record and counts as absent",
			certificate);
	result->attempts.count = whole;
}

int
ce_store_issue_result(struct ce_store *store, const char *certificate, struct ce_issue_result *ret_result,
	struct ce_error *err)
{
	struct ce_store_path path;
	int code = ce_store_certificate_path(certificate, &path, err, "issue.json");
	if (code < 0)
		return code;
	struct ce_issue_result result = { 0 };
	if (get(store, &path, issue_members, &result, err) < 0)
		ce_issue_result_release(&result);
	drop_incomplete(certificate, &result);
	*ret_result = result;
	return CE_OK;
}

int
ce_store_issue_result_put(struct ce_store *store, const char *certificate, const struct ce_issue_result *result,
	struct ce_error *err)
{
	struct ce_store_path path;
	int code = ce_store_certificate_path(certificate, &path, err, "issue.json");
	return code < 0 ? code : ce_record_put(store, path.text, issue_members, result, err);
}

void
ce_issue_attempt_release(struct ce_issue_attempt *attempt)
{
	free(attempt->issuer);
	free(attempt->class);
	free(attempt->step);
	free(attempt->text);
	free(attempt->asked);
	*attempt = (struct ce_issue_attempt){ 0 };
}

void
ce_issue_result_release(struct ce_issue_result *result)
{
	for (size_t i = 0; i < result->attempts.count; i++)
		ce_issue_attempt_release(&result->attempts.items[i]);
	free(result->attempts.items);
	free(result->issuer);
	free(result->left_out);
	*result = (struct ce_issue_result){ 0 };
}

struct ce_issue_attempt *
ce_issue_attempt_find(const struct ce_issue_result *result, const char *issuer)
{
	for (size_t i = 0; i < result->attempts.count; i++)
		if (result->attempts.items[i].issuer && strcmp(result->attempts.items[i].issuer, issuer) == 0)
			return &result->attempts.items[i];
	return NULL;
}

struct ce_issue_attempt *
ce_issue_attempt_at(struct ce_issue_result *result, const char *issuer, struct ce_error *err)
{
	struct ce_issue_attempt *attempt = ce_issue_attempt_find(result, issuer);
	if (attempt)
		return attempt;
	struct ce_issue_attempt *items = reallocarray(result->attempts.items, result->attempts.count + 1, sizeof(*items));
	CE_CLEANUP(ce_freep) char *name = strdup(issuer);
	if (items)
		result->attempts.items = items;
	if (!items || !name) {
		(void)ce_fail(err, CE_ERR_MEMORY, "out of memory");
		return NULL;
	}
	items[result->attempts.count] = (struct ce_issue_attempt){ .issuer = CE_STEAL(name) };
	return &items[result->attempts.count++];
}

int
ce_store_renewal(struct ce_store *store, const char *certificate, struct ce_renewal_record *ret_record,
	struct ce_error *err)
{
	struct ce_store_path path;
	int code = ce_store_certificate_path(certificate, &path, err, "renewal.json");
	if (code < 0)
		return code;
	struct ce_renewal_record record = { 0 };
	if (get(store, &path, renewal_members, &record, err) < 0)
		ce_renewal_record_release(&record);
	*ret_record = record;
	return CE_OK;
}

int
ce_store_renewal_put(struct ce_store *store, const char *certificate, const struct ce_renewal_record *record,
	struct ce_error *err)
{
	struct ce_store_path path;
	int code = ce_store_certificate_path(certificate, &path, err, "renewal.json");
	return code < 0 ? code : ce_record_put(store, path.text, renewal_members, record, err);
}

void
ce_renewal_record_release(struct ce_renewal_record *record)
{
	free(record->leaf);
	free(record->explanation);
	free(record->problem);
	*record = (struct ce_renewal_record){ 0 };
}

static int
wait_path(const char *issuer, struct ce_store_path *ret_path, struct ce_error *err)
{
	int code = ce_store_name_check("issuer", issuer, err);
	if (code == CE_OK)
		snprintf(ret_path->text, sizeof(ret_path->text), "issuers/%s/wait.json", issuer);
	return code;
}

int
ce_store_issuer_wait(struct ce_store *store, const char *issuer, struct ce_issuer_wait *ret_wait, struct ce_error *err)
{
	struct ce_store_path path;
	int code = wait_path(issuer, &path, err);
	if (code < 0)
		return code;
	struct ce_issuer_wait record = { 0 };
	if (get(store, &path, wait_members, &record, err) < 0)
		ce_issuer_wait_release(&record);
	*ret_wait = record;
	return CE_OK;
}

int
ce_store_issuer_wait_put(struct ce_store *store, const char *issuer, const struct ce_issuer_wait *record,
	struct ce_error *err)
{
	struct ce_store_path path;
	int code = wait_path(issuer, &path, err);
	return code < 0 ? code : ce_record_put(store, path.text, wait_members, record, err);
}

void
ce_issuer_wait_release(struct ce_issuer_wait *record)
{
	free(record->text);
	free(record->configured);
	*record = (struct ce_issuer_wait){ 0 };
}
