/* A new order: what is asked for, and what is left out when the CA does not take it. */
#include <string.h>

#include "acme/order.h"
#include "crypto/names.h"
#include "net/url.h"

static int
save_state(struct ce_acme_order *order, struct ce_error *err)
{
	struct ce_acme_run *run = order->run;
	CE_CLEANUP(ce_freep) char *text = ce_json_steal_text(json_pack("{s:s, s:s, s:s}", "directory",
		order->session->job->directory, "order", order->url, "csr", order->csr_id));
	if (!text)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	return run->keeper->save_state(run->keeper->context, order->index, text, err);
}

/* --- what may be left out --- */

static bool
is_limit(const struct ce_acme_answer *answer)
{
	return answer->problem.class == CE_ACME_LIMIT || answer->status == 503;
}

/* Whatever the CA has against an order that replaces a certificate, it may take it as any other (RFC 9773 section 5: the
 * certificate was replaced already, the account or the CA is another one, the CA does not know the member). */
static bool
lowers_replaces(struct ce_acme_order *order, const struct ce_acme_answer *answer)
{
	char why[400], text[600];
	if (!order->replaces || order->stage != CE_ACME_FRESH || is_limit(answer))
		return false;
	order->plain = true;
	ce_acme_answer_sentence(answer, why, sizeof(why));
	snprintf(text, sizeof(text), "the CA does not take it as a replacement (%s); it is ordered without", why);
	ce_acme_order_progress(order, "order", text);
	return true;
}

static bool
lowers_profile(struct ce_acme_order *order, const struct ce_acme_answer *answer)
{
	char text[600];
	if (!order->profile || !order->session->job->profile_preferred || strcmp(answer->problem.type, "invalidProfile"))
		return false;
	order->no_profile = true;
	snprintf(text, sizeof(text), "the CA does not issue with the profile '%.100s' (%.400s); its default is used",
		order->job->profile, answer->problem.text);
	ce_acme_order_warn(order, text);
	return true;
}

bool
ce_acme_order_wants(const struct ce_acme_order *order, size_t index)
{
	return !ce_strlist_has(&order->left_out, order->job->names.items[index]);
}

/* The names that the CA's subproblems are about, of those that are asked for (RFC 8555 section 6.7.1). */
static int
note_refused(const struct ce_acme_order *order, const json_t *subs, struct ce_strlist *ret_names, struct ce_error *err)
{
	for (size_t i = 0; i < json_array_size(subs); i++) {
		const char *name = ce_json_text(json_object_get(json_array_get(subs, i), "identifier"), "value");
		bool known = name && ce_strlist_has(&order->job->names, name) && !ce_strlist_has(&order->left_out, name);
		int rc = known && !ce_strlist_has(ret_names, name) ? ce_strlist_add(ret_names, name, err) : CE_OK;
		if (rc)
			return rc;
	}
	return CE_OK;
}

/* Only what is wrong with names, before anything was proved; not all of them may go. */
static bool
lowers_names(struct ce_acme_order *order, const struct ce_acme_answer *answer)
{
	struct ce_error err = { 0 };
	char text[400];
	if (!order->session->job->partial || order->stage != CE_ACME_FRESH || answer->problem.class != CE_ACME_INPUT)
		return false;
	CE_CLEANUP(json_decrefp) json_t *json = ce_json_object(ce_buf_bytes(&answer->http->body));
	CE_CLEANUP(ce_strlist_release) struct ce_strlist refused = CE_STRLIST_INIT;
	int rc = note_refused(order, json_object_get(json, "subproblems"), &refused, &err);
	if (!ce_acme_run_check(order->run, rc, &err) || refused.count == 0
	    || order->left_out.count + refused.count >= order->job->names.count)
		return false;
	ce_acme_order_tell_names(order, answer);
	for (size_t i = 0; i < refused.count; i++) {
		snprintf(text, sizeof(text), "the CA refuses '%.250s', which is left out", refused.items[i]);
		ce_acme_order_warn(order, text);
		rc = ce_strlist_add(&order->left_out, refused.items[i], &err);
		if (!ce_acme_run_check(order->run, rc, &err))
			return false;
	}
	return true;
}

bool
ce_acme_order_lowers(struct ce_acme_order *order, const struct ce_acme_answer *answer)
{
	return answer->code == CE_ERR_ISSUER && (lowers_replaces(order, answer) || lowers_profile(order, answer)
		|| lowers_names(order, answer));
}

static void
take_new_order(const struct ce_acme_answer *answer, void *context)
{
	struct ce_acme_order *order = context;
	struct ce_error err = { 0 };
	if (order->ended)
		return;
	if (answer->code != CE_OK) {
		if (ce_acme_order_lowers(order, answer))
			ce_acme_order_new(order);
		else
			ce_acme_order_refuse_answer(order, answer, "order", "the order");
		return;
	}
	const char *url = ce_http_header(answer->http, "Location", 0);
	if (ce_url_check(url, true, &err)) {
		ce_acme_order_refuse(order, CE_ACME_CA, CE_ERR_ISSUER, "order", "the CA did not tell the order's URL: %s", err.text);
		return;
	}
	order->url = strdup(url);
	int rc = order->url ? save_state(order, &err) : ce_fail(&err, CE_ERR_MEMORY, "out of memory");
	if (ce_acme_run_check(order->run, rc, &err))
		ce_acme_order_proceed(order, answer->json);
}

/* --- what is asked for --- */

/* "it offers 'classic', 'shortlived'" */
static void
tell_offer(const struct ce_strlist *profiles, char *out, size_t room)
{
	size_t used = (size_t)snprintf(out, room, profiles->count ? "it offers" : "it offers none");
	for (size_t i = 0; i < profiles->count && used + 80 < room; i++)
		used += (size_t)snprintf(out + used, room - used, "%s '%.60s'", i ? "," : "", profiles->items[i]);
}

/* A profile is named only to a CA that lists it (draft-ietf-acme-profiles section 4). False: the order has ended, or it begins
 * again with a directory of today. */
static bool
choose_profile(struct ce_acme_order *order)
{
	struct ce_acme_session *session = order->session;
	const char *profile = order->job->profile;
	char offer[400], text[600];
	order->profile = profile && !order->no_profile;
	if (!order->profile || ce_strlist_has(&session->directory.profiles, profile))
		return true;
	if (session->directory_kept) {
		session->directory_kept = false;
		order->started = false;
		ce_acme_directory_fetch(session);
		return false;
	}
	tell_offer(&session->directory.profiles, offer, sizeof(offer));
	if (!session->job->profile_preferred) {
		ce_acme_order_refuse(order, CE_ACME_INPUT, CE_ERR_CONFIG, "order", "the CA of issuer '%s' has no profile '%s': %s",
			session->job->name, profile, offer);
		return false;
	}
	order->profile = false;
	order->no_profile = true;
	snprintf(text, sizeof(text), "the CA has no profile '%.100s': %.400s; its default is used", profile, offer);
	ce_acme_order_warn(order, text);
	return true;
}

static json_t *
identifiers(const struct ce_acme_order *order)
{
	json_t *list = json_array();
	for (size_t i = 0; i < order->job->names.count; i++) {
		const char *name = order->job->names.items[i];
		if (!ce_acme_order_wants(order, i))
			continue;
		const char *type = ce_name_is_ip(name) ? "ip" : "dns";
		if (json_array_append_new(list, json_pack("{s:s, s:s}", "type", type, "value", name))) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

/* NULL without memory. */
static json_t *
payload_of(const struct ce_acme_order *order)
{
	const struct ce_acme_order_job *job = order->job;
	const struct { const char *member, *value; } extras[] = {
		{ "profile", order->profile ? job->profile : NULL },
		{ "replaces", order->replaces ? job->replaces : NULL },
		{ "notBefore", job->not_before },
		{ "notAfter", job->not_after },
	};
	json_t *payload = json_pack("{s:o}", "identifiers", identifiers(order));
	for (size_t i = 0; payload && i < CE_COUNT(extras); i++) {
		if (extras[i].value && json_object_set_new(payload, extras[i].member, json_string(extras[i].value))) {
			json_decref(payload);
			return NULL;
		}
	}
	return payload;
}

void
ce_acme_order_new(struct ce_acme_order *order)
{
	char names[120];
	struct ce_error err = { 0 };
	ce_acme_order_forget(order);
	if (!choose_profile(order))
		return;
	order->replaces = order->job->replaces && order->session->directory.urls[CE_ACME_RENEWAL] && !order->plain;
	ce_acme_order_progress(order, "order", ce_acme_order_names(order, names, sizeof(names)));
	const struct ce_acme_post post = { .resource = CE_ACME_NEW_ORDER, .repeatable = true,
		.may_be_refused = order->replaces, .payload = payload_of(order) };
	if (post.payload)
		ce_acme_session_post(order->session, &post, take_new_order, order);
	else
		(void)ce_acme_run_check(order->run, ce_fail(&err, CE_ERR_MEMORY, "out of memory"), &err);
}
