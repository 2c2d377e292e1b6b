/* Which challenge is answered for an identifier (RFC 8555 section 7.5.1): the operator's preference decides, and
 * what failed in this run is not tried again. */
#include <string.h>

#include "acme/order.h"

#define ATTEMPTS_MAX 3
#define LOOKED_AT_MAX 32

_Static_assert(CE_ACME_WAYS_MAX <= 32, "a bit for each way");

/* The ways of a name one after the other; SIZE_MAX: no more. */
static size_t
next_way(const struct ce_acme_order *order, size_t name, const char **at)
{
	while (**at) {
		char *end = NULL;
		unsigned long way = strtoul(*at, &end, 10);
		bool good = end != *at && way < order->session->job->way_count;
		*at = end != *at ? end : *at + strlen(*at);
		if (good && !(order->barred && order->barred[name] & UINT32_C(1) << way))
			return way;
	}
	return SIZE_MAX;
}

static int
tell_offers(const struct ce_acme_authz *authz, const json_t *object, struct ce_error *err)
{
	const json_t *list = json_object_get(object, "challenges");
	char text[400] = "";
	for (size_t i = 0; i < json_array_size(list) && i < LOOKED_AT_MAX; i++) {
		const char *type = ce_json_text(json_array_get(list, i), "type");
		size_t used = strlen(text);
		if (type && used < sizeof(text) - 1)
			snprintf(text + used, sizeof(text) - used, "%s%.40s", used ? ", " : "", type);
	}
	return ce_fail(err, CE_ERR_CONFIG, "for '%s%s' the CA offers %s, and no challenge group of the issuer answers that",
		authz->wildcard ? "*." : "", authz->name, text[0] ? text : "no challenge");
}

/* What dns-persist-01 says besides (draft-ietf-acme-dns-persist section 3); it has no token. */
static int
take_detail(struct ce_acme_authz *authz, const json_t *challenge, struct ce_error *err)
{
	json_t *detail = json_object();
	static const char *const members[] = { "issuer-domain-names", "accounturi" };
	for (size_t i = 0; i < CE_COUNT(members); i++) {
		json_t *member = json_object_get(challenge, members[i]);
		if (member && json_object_set(detail, members[i], member)) {
			json_decref(detail);
			return ce_fail(err, CE_ERR_MEMORY, "out of memory");
		}
	}
	authz->detail = ce_json_steal_text(detail);
	return authz->detail ? CE_OK : ce_fail(err, CE_ERR_MEMORY, "out of memory");
}

int
ce_acme_choose(struct ce_acme_authz *authz, const json_t *object, const json_t **ret_challenge, struct ce_error *err)
{
	struct ce_acme_order *order = authz->order;
	const char *at = order->job->choices.items[authz->name_index];
	for (size_t way; (way = next_way(order, authz->name_index, &at)) != SIZE_MAX;) {
		enum ce_acme_challenge kind = order->session->job->ways[way].kind;
		const json_t *challenge = ce_acme_challenge_of(object, ce_acme_challenge_names[kind]);
		if (!challenge)
			continue;
		authz->way = way;
		authz->chosen = true;
		*ret_challenge = challenge;
		return kind == CE_ACME_DNS_PERSIST ? take_detail(authz, challenge, err) : CE_OK;
	}
	return tell_offers(authz, object, err);
}

const char *
ce_acme_choice_name(const struct ce_acme_authz *authz)
{
	const struct ce_acme_issuer_job *job = authz->order->session->job;
	return job->way_count > 0 ? ce_acme_challenge_names[job->ways[authz->chosen ? authz->way : 0].kind] : "";
}

/* What another way may mend: whatever is between the CA and the response. */
static bool
may_be_mended(const struct ce_acme_authz *authz)
{
	return authz->failed && authz->chosen && authz->problem.class == CE_ACME_ENVIRONMENT;
}

bool
ce_acme_choose_again(struct ce_acme_order *order)
{
	if (order->attempts + 1 >= ATTEMPTS_MAX)
		return false;
	if (!order->barred)
		order->barred = calloc(order->job->names.count, sizeof(*order->barred));
	if (!order->barred)
		return false;
	bool another = false;
	for (size_t i = 0; i < order->authz_count; i++) {
		const struct ce_acme_authz *authz = &order->authzs[i];
		if (!authz->failed)
			continue;
		if (!may_be_mended(authz))
			return false;
		order->barred[authz->name_index] |= UINT32_C(1) << authz->way;
		const char *at = order->job->choices.items[authz->name_index];
		if (next_way(order, authz->name_index, &at) == SIZE_MAX)
			return false;
		another = true;
	}
	order->attempts += another;
	return another;
}
