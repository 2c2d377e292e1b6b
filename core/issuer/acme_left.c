/* What may be in place is in the store before it is, so that a run that was killed leaves nothing for ever. */
#include <string.h>

#include "acme/json.h"
#include "base/log.h"
#include "issuer/acme_own.h"
#include "issuer/acme_present.h"

#define RECORD "presented"
#define ASIDE "presented.damaged"
#define LEFT_MAX 100000

/* Texts of a response, by their members in the record. */
static const struct {
	const char *name;
	size_t offset;
} members[] = {
	{ "identifier", offsetof(struct ce_response, identifier) }, { "token", offsetof(struct ce_response, token) },
	{ "key_authorization", offsetof(struct ce_response, key_authorization) }, { "value", offsetof(struct ce_response, value) },
	{ "record", offsetof(struct ce_response, record) }, { "target", offsetof(struct ce_response, target) },
	{ "zone", offsetof(struct ce_response, zone) }, { "output", offsetof(struct ce_response, output) },
};

static char **
member(const struct ce_response *response, size_t i)
{
	return (char **)((char *)response + members[i].offset);
}

/* --- keeping --- */

/* Whether a response may be in place, or is about to be. */
static bool
may_be_there(const struct ce_response *response)
{
	return response->way->method != CE_WAY_PERSIST && (response->kept || response->stage == CE_RESPONSE_ADD);
}

static json_t *
response_json(const struct ce_response *response, size_t way)
{
	json_t *json = json_pack("{s:I, s:b}", "way", (json_int_t)way, "wildcard", response->wildcard);
	for (size_t i = 0; i < CE_COUNT(members); i++)
		if (json && *member(response, i) && json_object_set_new(json, members[i].name, json_string(*member(response, i)))) {
			json_decref(json);
			return NULL;
		}
	return json;
}

/* The number of a way in the list; it is added when it is met first. */
static int
way_number(const struct ce_way *way, const struct ce_way **met, json_t *ways, size_t *ret_number, struct ce_error *err)
{
	size_t count = json_array_size(ways);
	for (*ret_number = 0; *ret_number < count; ++*ret_number)
		if (met[*ret_number] == way)
			return CE_OK;
	if (count == CE_ACME_WAYS_MAX)
		return ce_fail(err, CE_ERR_LIMIT, "too many ways to answer challenges");
	CE_CLEANUP(ce_freep) char *text = NULL;
	int rc = ce_way_keep(way, &text, err);
	if (rc)
		return rc;
	met[count] = way;
	return json_array_append_new(ways, json_string(text)) ? ce_fail(err, CE_ERR_MEMORY, "out of memory") : CE_OK;
}

static int
add_order(const struct ce_presented *order, const struct ce_way **met, json_t *ways, json_t *list, struct ce_error *err)
{
	const struct ce_response *response;
	TAILQ_FOREACH(response, &order->responses, link) {
		size_t way = 0;
		if (!may_be_there(response))
			continue;
		int rc = way_number(response->way, met, ways, &way, err);
		if (rc)
			return rc;
		if (json_array_append_new(list, response_json(response, way)))
			return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	}
	return CE_OK;
}

static int
write_record(struct ce_presenter *presenter, const char *issuer, json_t *ways, json_t *list, struct ce_error *err)
{
	if (json_array_size(list) == 0) {
		json_decref(ways);
		json_decref(list);
		int rc = ce_store_issuer_remove(presenter->store, issuer, RECORD, err);
		return rc < 0 ? rc : CE_OK;
	}
	CE_CLEANUP(ce_freep) char *text = ce_json_steal_text(json_pack("{s:o, s:o}", "ways", ways, "responses", list));
	if (!text)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	return ce_store_issuer_put(presenter->store, issuer, RECORD, (struct ce_bytes){ (unsigned char *)text, strlen(text) }, err);
}

int
ce_left_keep(struct ce_presenter *presenter, const char *issuer, struct ce_error *err)
{
	const struct ce_way *met[CE_ACME_WAYS_MAX];
	struct ce_presented *order;
	json_t *ways = json_array(), *list = json_array();
	int rc = ways && list ? CE_OK : ce_fail(err, CE_ERR_MEMORY, "out of memory");
	TAILQ_FOREACH(order, &presenter->all, link)
		if (!rc && !strcmp(order->issuer, issuer))
			rc = add_order(order, met, ways, list, err);
	if (rc) {
		json_decref(ways);
		json_decref(list);
		return rc;
	}
	rc = write_record(presenter, issuer, ways, list, err);
	TAILQ_FOREACH(order, &presenter->all, link) {
		struct ce_response *response;
		if (rc || strcmp(order->issuer, issuer))
			continue;
		TAILQ_FOREACH(response, &order->responses, link)
			response->kept = may_be_there(response);
	}
	return rc;
}

/* --- taking up --- */

static int
recall_ways(const json_t *list, struct ce_ways *ret_ways, struct ce_error *err)
{
	size_t count = json_array_size(list);
	CE_CLEANUP(ce_ways_release) struct ce_ways ways = { calloc(count + 1, sizeof(*ways.items)), 0 };
	if (!ways.items)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	for (; ways.count < count; ways.count++) {
		const char *text = json_string_value(json_array_get(list, ways.count));
		int rc = text ? ce_way_recall(text, &ways.items[ways.count], err) : ce_fail(err, CE_ERR_INVALID, "no text");
		if (rc)
			return rc;
	}
	*ret_ways = ways;
	ways = (struct ce_ways){ NULL, 0 };
	return CE_OK;
}

static int
recall_response(struct ce_presenter *presenter, struct ce_presented *presented, const json_t *json, struct ce_ways *ways,
	struct ce_error *err)
{
	json_int_t way = json_integer_value(json_object_get(json, "way"));
	if (way < 0 || (size_t)way >= ways->count || !ce_json_text(json, "identifier") || !ce_json_text(json, "token")
	    || !ce_json_text(json, "key_authorization"))
		return ce_fail(err, CE_ERR_INVALID, "an incomplete response");
	struct ce_response *response = calloc(1, sizeof(*response));
	if (!response)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	response->way = &ways->items[way];
	response->wildcard = json_is_true(json_object_get(json, "wildcard"));
	response->kept = true;
	response->order = presented;
	TAILQ_INSERT_TAIL(&presented->responses, response, link);
	for (size_t i = 0; i < CE_COUNT(members); i++) {
		const char *text = ce_json_text(json, members[i].name);
		*member(response, i) = text ? strdup(text) : NULL;
		if (text && !*member(response, i))
			return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	}
	ce_response_enter(presenter, response, response->way->method == CE_WAY_UPDATE && !response->target ? CE_RESPONSE_GONE
		: CE_RESPONSE_REMOVE);
	return CE_OK;
}

static int
recall(struct ce_presenter *presenter, const char *text, struct ce_presented *presented, struct ce_ways *ret_ways,
	struct ce_error *err)
{
	CE_CLEANUP(json_decrefp) json_t *json = ce_json_object((struct ce_bytes){ (const unsigned char *)text, strlen(text) });
	const json_t *list = json_object_get(json, "responses");
	if (!json_is_array(list))
		return ce_fail(err, CE_ERR_INVALID, "no list of responses");
	int rc = recall_ways(json_object_get(json, "ways"), ret_ways, err);
	for (size_t i = 0; i < json_array_size(list) && i < LEFT_MAX && !rc; i++)
		rc = recall_response(presenter, presented, json_array_get(list, i), ret_ways, err);
	return rc;
}

/* The next record takes its place, so a damaged one is kept for whoever looks for what stayed behind. */
static int
put_aside(struct ce_presenter *presenter, const char *issuer, struct ce_error *err)
{
	struct ce_error own = { 0 };
	int rc = ce_store_issuer_rename(presenter->store, issuer, RECORD, ASIDE, &own);
	return ce_fail(err, rc < 0 ? rc : CE_ERR_INVALID, "the record '%s' is damaged (%.400s) and %s '%s': %s", RECORD, err->text,
		rc < 0 ? "cannot be put aside as" : "is put aside as", ASIDE,
		rc < 0 ? own.text : "see whether a response file or TXT record stayed behind");
}

int
ce_left_take(struct ce_presenter *presenter, const char *issuer, struct ce_presented *presented, struct ce_ways *ret_ways,
	struct ce_error *err)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf text = CE_BUF_INIT;
	int rc = ce_store_issuer_get(presenter->store, issuer, RECORD, &text, err);
	if (rc == CE_ERR_NOT_FOUND) {
		ce_error_forget(err);
		return CE_UNCHANGED;
	}
	if (rc)
		return rc;
	ce_log(CE_LOG_NOTICE, "issuer '%s': what an interrupted run left for its challenges is removed first", issuer);
	ce_presented_init(presenter, presented, issuer, NULL, 0);
	rc = recall(presenter, ce_buf_text(&text), presented, ret_ways, err);
	return rc == CE_ERR_INVALID ? put_aside(presenter, issuer, err) : rc;
}
