/* Questions to the DNS about responses: where a record is to be written (CNAMEs are followed, the zone is found: RFC 8555
 * section 8.4), whether it can be seen, and whether a standing one is there. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/log.h"
#include "base/sys.h"
#include "base/text.h"
#include "issuer/acme_present.h"
#include "net/net_agent.h"

#define QUESTIONS_MAX 200
#define LOOK_MS 60000
#define AGAIN_MS 2000
#define SOON_S (30 * 86400LL)
#define STOP_MS 200

/* Hooks that are told the identifier alone find the place themselves. */
static bool
follows(const struct ce_way *way)
{
	return !way->dialect || !strcmp(way->dialect, "certengine") || !strcmp(way->dialect, "lego");
}

bool
ce_look_needed(const struct ce_way *way)
{
	switch (way->method) {
	case CE_WAY_UPDATE: return true;
	case CE_WAY_HOOK: return way->kind != CE_ACME_HTTP && follows(way);
	case CE_WAY_DNSAPI: return true;
	case CE_WAY_PERSIST: return true;
	default: return false;
	}
}

/* --- answers --- */

static bool
lies_in(const char *name, const char *zone)
{
	size_t size = strlen(name), length = strlen(zone);
	return size >= length && !strcasecmp(name + size - length, zone) && (size == length || name[size - length - 1] == '.');
}

/* Without an answer a program that finds the zone itself is given the name as it is. */
static int
take_place(struct ce_response *response, const struct ce_dns_answer *answer, struct ce_error *err)
{
	const struct ce_way *way = response->way;
	bool must = way->method == CE_WAY_UPDATE && !way->zone;
	const char *target = way->alias ? way->alias : answer->code == CE_OK ? answer->target : response->record;
	if (answer->code < 0 && must)
		return ce_fail(err, answer->code, "where to write '%s' cannot be found out: %s", way->alias ? way->alias : response->record,
			answer->problem ? answer->problem : "no answer");
	if (must && !answer->zone)
		return ce_fail(err, CE_ERR_NETWORK, "the zone of '%s' cannot be found out: give challenge.zone", target);
	if (way->zone && !lies_in(target, way->zone))
		return ce_fail(err, CE_ERR_CONFIG, "'%s' does not lie in challenge.zone '%s'", target, way->zone);
	int rc = ce_text_assign(&response->target, target, err);
	return rc ? rc : ce_text_assign(&response->zone, way->zone ? way->zone : answer->zone, err);
}

static int
take_standing(struct ce_response *response, const struct ce_dns_answer *answer, struct ce_error *err)
{
	long long until = 0, now = ce_now();
	int rc = ce_persist_check(response, &answer->texts, now, &until, err);
	if (rc == CE_OK && until > 0 && until - now < SOON_S)
		ce_log(CE_LOG_WARNING, "the record '%s' proves '%s' for %lld more days only: write one with a later persistUntil",
			response->record, response->identifier, (until - now) / 86400);
	if (rc == CE_ERR_WAIT && answer->code < 0)
		return ce_fail(err, answer->code, "'%s' cannot be looked up: %s", response->record, answer->problem ? answer->problem : "?");
	return rc;
}

static void
take_answer(struct ce_presenter *presenter, struct ce_response *response, const struct ce_dns_answer *answer)
{
	struct ce_error why = { 0 };
	if (response->stage == CE_RESPONSE_SEEN) {
		bool seen = answer->code == CE_OK && response->value && ce_strlist_has(&answer->texts, response->value);
		response->since_ms = ce_monotonic_ms();
		if (seen)
			response->due_ms = 0;
		ce_response_enter(presenter, response, CE_RESPONSE_SETTLE);
		return;
	}
	if (response->stage != CE_RESPONSE_LOOKING)
		return;
	if (response->unwanted) {
		ce_response_enter(presenter, response, CE_RESPONSE_GONE);
		return;
	}
	bool persist = response->way->method == CE_WAY_PERSIST;
	int rc = persist ? take_standing(response, answer, &why) : take_place(response, answer, &why);
	if (persist || rc < 0)
		ce_response_added(presenter, response, rc, &why);
	else
		ce_response_enter(presenter, response, CE_RESPONSE_ADD);
}

static void
take_all(struct ce_presenter *presenter, const struct ce_dns_answer *answers)
{
	size_t count = presenter->looking_count;
	presenter->looking_count = 0;
	for (size_t i = 0; i < count; i++)
		take_answer(presenter, presenter->looking[i], &answers[i]);
}

/* Nobody answered, and nobody will: for all that was asked. */
static void
give_up(struct ce_presenter *presenter, struct ce_error *why)
{
	struct ce_dns_answer silence[QUESTIONS_MAX];
	memset(silence, 0, sizeof(silence));
	for (size_t i = 0; i < presenter->looking_count; i++)
		silence[i] = (struct ce_dns_answer){ .code = why->code, .problem = why->text };
	ce_helper_stop(&presenter->looker, 0);
	take_all(presenter, silence);
}

void
ce_look_step(struct ce_presenter *presenter)
{
	struct ce_error why = { 0 };
	if (presenter->looking_count == 0)
		return;
	struct pollfd ready = { .fd = presenter->looker.fd, .events = POLLIN };
	int count = ce_sys->poll(&ready, 1, 0);
	if (count <= 0 && ce_monotonic_ms() < presenter->looking_until)
		return;
	struct ce_message message = CE_MESSAGE_INIT(0);
	struct ce_dns_answer answers[QUESTIONS_MAX];
	memset(answers, 0, sizeof(answers));
	int rc = count > 0 ? ce_message_receive(presenter->looker.fd, LOOK_MS, &message, &why)
	                   : ce_fail(&why, CE_ERR_TIMEOUT, "no answer within %d s", LOOK_MS / 1000);
	if (!rc)
		rc = ce_dns_take(&message, answers, presenter->looking_count, &why);
	if (rc)
		give_up(presenter, &why);
	else
		take_all(presenter, answers);
	for (size_t i = 0; i < QUESTIONS_MAX; i++)
		ce_dns_answer_release(&answers[i]);
	ce_message_release(&message);
}

/* --- questions --- */

static enum ce_dns_type
type_of(const struct ce_response *response)
{
	return response->stage == CE_RESPONSE_SETTLE || response->way->method == CE_WAY_PERSIST ? CE_DNS_TEXT : CE_DNS_PLACE;
}

/* A place that the configuration gives whole needs no question. */
static bool
is_given(const struct ce_response *response)
{
	return response->stage == CE_RESPONSE_LOOK && response->way->method != CE_WAY_PERSIST
	       && (response->way->zone || (response->way->alias && response->way->method != CE_WAY_UPDATE));
}

static bool
wants_question(const struct ce_response *response)
{
	if (response->stage == CE_RESPONSE_SETTLE)
		return response->way->self_check && response->due_ms > 0 && ce_monotonic_ms() >= response->since_ms + AGAIN_MS;
	return response->stage == CE_RESPONSE_LOOK && !is_given(response);
}

static void
place_given(struct ce_presenter *presenter)
{
	struct ce_response *response, *next;
	for (response = TAILQ_FIRST(&presenter->active); response; response = next) {
		next = TAILQ_NEXT(response, active);
		if (!is_given(response))
			continue;
		struct ce_dns_answer nothing = { .code = CE_OK, .target = response->record };
		ce_response_enter(presenter, response, CE_RESPONSE_LOOKING);
		take_answer(presenter, response, &nothing);
	}
}

static const char *
question(const struct ce_response *response)
{
	if (response->stage == CE_RESPONSE_SETTLE || !response->way->alias)
		return response->record;
	return response->way->alias;
}

/* All questions of one type that go to one server. */
static int
ask(struct ce_presenter *presenter, const struct ce_response *first, struct ce_error *err)
{
	CE_CLEANUP(ce_strlist_release) struct ce_strlist names = CE_STRLIST_INIT;
	enum ce_dns_type type = type_of(first);
	struct ce_response *response;
	TAILQ_FOREACH(response, &presenter->active, active) {
		if (names.count == QUESTIONS_MAX || !wants_question(response) || type_of(response) != type || response->way != first->way)
			continue;
		int rc = ce_strlist_add(&names, question(response), err);
		if (rc)
			return rc;
		presenter->looking[presenter->looking_count++] = response;
	}
	for (size_t i = 0; i < presenter->looking_count; i++)
		ce_response_enter(presenter, presenter->looking[i],
			presenter->looking[i]->stage == CE_RESPONSE_LOOK ? CE_RESPONSE_LOOKING : CE_RESPONSE_SEEN);
	presenter->looking_until = ce_monotonic_ms() + LOOK_MS;
	int rc = presenter->looker.fd < 0 ? ce_net_start(NULL, 0, 0, &presenter->looker, err) : CE_OK;
	return rc ? rc : ce_dns_begin(presenter->looker.fd, first->way->resolver, type, (const char *const *)names.items, err);
}

void
ce_look_start(struct ce_presenter *presenter)
{
	struct ce_response *response;
	place_given(presenter);
	if (!presenter->looking)
		presenter->looking = calloc(QUESTIONS_MAX, sizeof(*presenter->looking));
	if (presenter->looking_count > 0 || !presenter->looking)
		return;
	TAILQ_FOREACH(response, &presenter->active, active) {
		struct ce_error why = { 0 };
		if (!wants_question(response))
			continue;
		if (ask(presenter, response, &why))
			give_up(presenter, &why);
		return;
	}
}

void
ce_look_end(struct ce_presenter *presenter)
{
	ce_helper_stop(&presenter->looker, STOP_MS);
	free(presenter->looking);
	presenter->looking = NULL;
	presenter->looking_count = 0;
}
