/* Authorizations (RFC 8555 section 7.1.4): which challenge is answered, and why one failed. */
#include <string.h>
#include <strings.h>

#include "acme/order.h"
#include "base/text.h"
#include "net/url.h"

const json_t *
ce_acme_challenge_of(const json_t *authz, const char *type)
{
	const json_t *list = json_object_get(authz, "challenges");
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *challenge = json_array_get(list, i);
		const char *its = ce_json_text(challenge, "type");
		if (its && !strcmp(its, type))
			return challenge;
	}
	return NULL;
}

/* Which name of the job it is for. A wildcard's carries its identifier without "*.". */
static bool
find_name(const struct ce_acme_order *order, const char *name, bool wildcard, size_t *ret_index)
{
	for (size_t i = 0; i < order->job->names.count; i++) {
		const char *asked = order->job->names.items[i];
		if (!ce_acme_order_wants(order, i))
			continue;
		bool is_wildcard = !strncmp(asked, "*.", 2);
		if (is_wildcard == wildcard && !strcasecmp(is_wildcard ? asked + 2 : asked, name)) {
			*ret_index = i;
			return true;
		}
	}
	return false;
}

/* An authorization for "*.x" is told as one for "x" with wildcard true (RFC 8555 section 7.1.4). */
static int
take_name(struct ce_acme_authz *authz, const json_t *object, struct ce_error *err)
{
	const char *name = ce_json_text(json_object_get(object, "identifier"), "value");
	bool wildcard = json_is_true(json_object_get(object, "wildcard"));
	if (!name || !find_name(authz->order, name, wildcard, &authz->name_index))
		return ce_fail(err, CE_ERR_ISSUER, "the CA wants '%s%.200s' to be proved, which nobody asked for",
			wildcard ? "*." : "", name ? name : "?");
	free(authz->name);
	authz->name = strdup(name);
	authz->wildcard = wildcard;
	return authz->name ? CE_OK : ce_fail(err, CE_ERR_MEMORY, "out of memory");
}

/* The token becomes a path: nothing but the alphabet of RFC 8555 section 8.1 passes. */
static int
take_challenge(struct ce_acme_authz *authz, const json_t *challenge, struct ce_error *err)
{
	const char *token = ce_json_text(challenge, "token"), *url = ce_json_text(challenge, "url");
	const char *status = ce_json_text(challenge, "status");
	if (authz->detail)
		token = NULL; /* of dns-persist-01, which has none */
	else if (!token || !ce_name_is_token(token))
		return ce_fail(err, CE_ERR_ISSUER, "the CA's token for '%s' is refused: it holds more than letters, digits, '-' and '_'",
			authz->name);
	int rc = ce_url_check(url, true, err);
	if (rc)
		return ce_error_wrap(err, "the challenge for '%s'", authz->name);
	authz->token = token ? strdup(token) : NULL;
	bool posted = status && !strcmp(status, "processing");
	authz->challenge = posted ? NULL : strdup(url);
	return (authz->token || !token) && (posted || authz->challenge) ? CE_OK : ce_fail(err, CE_ERR_MEMORY, "out of memory");
}

/* The reason why this identifier failed: its challenge's error, of our kind first. */
static void
read_failure(struct ce_acme_authz *authz, const json_t *object)
{
	const json_t *error = json_object_get(ce_acme_challenge_of(object, ce_acme_choice_name(authz)), "error");
	const json_t *list = json_object_get(object, "challenges");
	for (size_t i = 0; i < json_array_size(list) && !error; i++)
		error = json_object_get(json_array_get(list, i), "error");
	authz->failed = true;
	ce_acme_problem_read(&authz->problem, error);
}

/* --- before the challenges --- */

static int
take_state(struct ce_acme_authz *authz, const json_t *object, struct ce_error *err)
{
	static const char *const dead[] = { "invalid", "deactivated", "expired", "revoked" };
	const char *status = ce_json_text(object, "status");
	int rc = take_name(authz, object, err);
	if (rc || !status)
		return rc ? rc : ce_fail(err, CE_ERR_ISSUER, "the CA's answer at %.300s is no authorization", authz->url);
	if (!strcmp(status, "valid"))
		return CE_OK;
	for (size_t i = 0; i < CE_COUNT(dead); i++) {
		if (!strcmp(status, dead[i])) {
			read_failure(authz, object);
			return CE_OK;
		}
	}
	authz->pending = true;
	const json_t *challenge = NULL;
	rc = ce_acme_choose(authz, object, &challenge, err);
	return rc ? rc : take_challenge(authz, challenge, err);
}

static void
all_read(struct ce_acme_order *order)
{
	for (size_t i = 0; i < order->authz_count; i++) {
		if (!order->authzs[i].failed)
			continue;
		if (order->resumed)
			ce_acme_order_new(order);
		else
			ce_acme_order_explain(order, NULL);
		return;
	}
	ce_acme_order_answer(order);
}

static void
take_authz(const struct ce_acme_answer *answer, void *context)
{
	struct ce_acme_authz *authz = context;
	struct ce_acme_order *order = authz->order;
	struct ce_error err = { 0 };
	if (order->ended)
		return;
	if (answer->code != CE_OK) {
		ce_acme_order_refuse_answer(order, answer, "authorization", "an authorization");
		return;
	}
	int rc = take_state(authz, answer->json, &err);
	if (rc == CE_ERR_MEMORY)
		(void)ce_acme_run_check(order->run, rc, &err);
	else if (rc == CE_ERR_CONFIG)
		ce_acme_order_refuse(order, CE_ACME_INPUT, rc, "challenge", "%s", err.text);
	else if (rc)
		ce_acme_order_refuse(order, CE_ACME_CA, CE_ERR_ISSUER, "authorization", "%s", err.text);
	else if (--order->waiting == 0)
		all_read(order);
}

static void
read_all(struct ce_acme_order *order, ce_acme_done done)
{
	order->waiting = order->authz_count;
	for (size_t i = 0; i < order->authz_count; i++) {
		const struct ce_acme_post post = { .resource = -1, .url = order->authzs[i].url, .repeatable = true };
		ce_acme_session_post(order->session, &post, done, &order->authzs[i]);
	}
}

void
ce_acme_order_authorize(struct ce_acme_order *order)
{
	ce_acme_order_progress(order, "authorization", NULL);
	read_all(order, take_authz);
}

/* --- after they failed --- */

/* The authorizations say more than the order, which says something at least. */
static void
tell_order(struct ce_acme_order *order)
{
	char why[800];
	const char *step = order->stage == CE_ACME_ANSWERED ? "challenge" : order->stage == CE_ACME_FINALIZED ? "finalize" : "order";
	ce_acme_problem_sentence(&order->problem, why, sizeof(why));
	ce_acme_order_refuse(order, order->problem.class, CE_ERR_ISSUER, step, "the CA gave the order up: %s",
		why[0] ? why : "it does not say why");
}

static void
tell(struct ce_acme_order *order)
{
	char text[CE_ERROR_TEXT_MAX] = "";
	enum ce_acme_class class = 0;
	if (order->stage == CE_ACME_ANSWERED && ce_acme_choose_again(order)) {
		ce_acme_order_cleanup(order);
		ce_acme_order_new(order);
		return;
	}
	for (size_t i = 0; i < order->authz_count; i++) {
		const struct ce_acme_authz *authz = &order->authzs[i];
		char why[800];
		if (!authz->failed)
			continue;
		ce_acme_problem_sentence(&authz->problem, why, sizeof(why));
		size_t used = strlen(text);
		snprintf(text + used, sizeof(text) - used, "%sthe %s challenge for '%s' failed: %s", used ? "; " : "",
			ce_acme_choice_name(authz), authz->name ? authz->name : "?", why[0] ? why : "the CA does not say why");
		class = class ? class : authz->problem.class;
	}
	if (class)
		ce_acme_order_refuse(order, class, CE_ERR_ISSUER, "challenge", "%s", text);
	else
		tell_order(order);
}

static void
take_deactivated(const struct ce_acme_answer *answer, void *context)
{
	struct ce_acme_order *order = context;
	(void)answer; /* a courtesy; whatever comes of it, the order failed */
	if (--order->waiting == 0)
		ce_acme_order_part(order);
}

bool
ce_acme_order_give_back(struct ce_acme_order *order)
{
	order->waiting = 0;
	for (size_t i = 0; i < order->authz_count; i++)
		order->waiting += order->authzs[i].pending && !order->authzs[i].failed;
	if (order->waiting == 0)
		return false;
	for (size_t i = 0; i < order->authz_count; i++) {
		if (!order->authzs[i].pending || order->authzs[i].failed)
			continue;
		const struct ce_acme_post post = { .resource = -1, .url = order->authzs[i].url,
			.payload = json_pack("{s:s}", "status", "deactivated") };
		ce_acme_session_post(order->session, &post, take_deactivated, order);
	}
	return true;
}

static void
take_failed(const struct ce_acme_answer *answer, void *context)
{
	struct ce_acme_authz *authz = context;
	struct ce_acme_order *order = authz->order;
	if (order->ended)
		return;
	const char *status = answer->code == CE_OK ? ce_json_text(answer->json, "status") : NULL;
	authz->pending = status && !strcmp(status, "pending");
	if (status && !authz->pending && strcmp(status, "valid"))
		read_failure(authz, answer->json);
	if (--order->waiting == 0)
		tell(order);
}

static void
take_late(const struct ce_acme_answer *answer, void *context)
{
	struct ce_acme_authz *authz = context;
	struct ce_acme_order *order = authz->order;
	if (order->ended)
		return;
	const char *status = answer->code == CE_OK ? ce_json_text(answer->json, "status") : NULL;
	authz->pending = status && !strcmp(status, "pending");
	if (authz->pending && json_object_get(ce_acme_challenge_of(answer->json, ce_acme_choice_name(authz)), "error"))
		read_failure(authz, answer->json);
	if (--order->waiting > 0)
		return;
	for (size_t i = 0; i < order->authz_count; i++) {
		if (order->authzs[i].failed) {
			tell(order);
			return;
		}
	}
	ce_acme_order_late(order);
}

void
ce_acme_order_doubt(struct ce_acme_order *order)
{
	read_all(order, take_late);
}

void
ce_acme_order_explain(struct ce_acme_order *order, const json_t *object)
{
	ce_acme_problem_read(&order->problem, json_object_get(object, "error"));
	if (order->stage == CE_ACME_ANSWERED || !object)
		read_all(order, take_failed);
	else
		tell_order(order);
}
