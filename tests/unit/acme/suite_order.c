/* What an order may ask for, and how it goes on without: profiles, replacements, lifetimes, wildcards, chains. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stage.h"
#include "suites.h"

/* A synchronous CA: every order is born ready, unless a test says otherwise. */
struct shop {
	const char *meta;        /* of its directory */
	const char *identifiers; /* of its orders */
	const char *authz[3];    /* objects; NULL: born ready */
	const char *links;       /* of the certificate */
	const char *type;        /* of the problem that every order with `against` in it gets */
	const char *against;
	int status;
	bool posted[3];
	char asked[1000];        /* the last newOrder */
	int orders, deactivated;
};

#define CHAIN(name) "-----BEGIN CERTIFICATE-----\n" name "\n-----END CERTIFICATE-----\n"

static void
order(struct stage *stage, struct shop *shop, int status, struct ce_http_answer *answer)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf body = CE_BUF_INIT;
	bool pending = false;
	int rc = 0;
	for (int i = 0; i < 3 && shop->authz[i]; i++)
		pending = pending || !shop->posted[i];
	rc |= ce_buf_addf(&body, NULL, "{\"status\":\"%s\",\"finalize\":\"https://ca/finalize\",\"identifiers\":%s,\"authorizations\":["
		"\"https://ca/authz/0\"", pending ? "pending" : "ready", shop->identifiers);
	for (int i = 1; i < 3 && shop->authz[i]; i++)
		rc |= ce_buf_addf(&body, NULL, ",\"https://ca/authz/%d\"", i);
	rc |= ce_buf_adds(&body, "]}", NULL);
	CU_ASSERT_FATAL(rc == 0);
	(void)stage;
	stage_body(answer, status, ce_buf_text(&body));
}

static void
new_order(struct stage *stage, struct shop *shop, const char *payload, struct ce_http_answer *answer)
{
	char body[200];
	shop->orders++;
	snprintf(shop->asked, sizeof(shop->asked), "%s", payload);
	if (shop->type && strstr(payload, shop->against)) {
		snprintf(body, sizeof(body), "{\"type\":\"urn:ietf:params:acme:error:%s\",\"detail\":\"no\"}", shop->type);
		stage_body(answer, shop->status, body);
		return;
	}
	order(stage, shop, 201, answer);
	stage_header(answer, "Location", "https://ca/order");
}

static void
certificate(const struct shop *shop, const char *path, struct ce_http_answer *answer)
{
	stage_header(answer, "Content-Type", "application/pem-certificate-chain");
	if (shop->links && !strcmp(path, "/cert"))
		stage_header(answer, "Link", shop->links);
	stage_body(answer, 200, CHAIN("QUJD"));
}

static void
act(struct stage *stage, const struct ce_http_call *call, const char *payload, struct ce_http_answer *answer)
{
	struct shop *shop = stage->context;
	const char *path = call->url + strlen("https://ca");
	char body[500];
	if (strcmp(path, "/dir"))
		stage_nonce(stage, answer);
	if (!strcmp(path, "/dir")) {
		snprintf(body, sizeof(body), "{\"newNonce\":\"https://ca/nonce\",\"newAccount\":\"https://ca/account\",\"newOrder\":"
			"\"https://ca/new\"%s}", shop->meta ? shop->meta : "");
		stage_body(answer, 200, body);
	} else if (!strcmp(path, "/nonce"))
		answer->status = 200;
	else if (!strcmp(path, "/new"))
		new_order(stage, shop, payload, answer);
	else if (!strcmp(path, "/order"))
		order(stage, shop, 200, answer);
	else if (!strncmp(path, "/authz/", 7)) {
		shop->deactivated += strstr(payload, "deactivated") != NULL;
		stage_body(answer, 200, shop->authz[atoi(path + 7)]);
	} else if (!strncmp(path, "/challenge/", 11)) {
		shop->posted[atoi(path + 11)] = true;
		stage_body(answer, 200, "{}");
	} else if (!strcmp(path, "/finalize")) {
		snprintf(body, sizeof(body), "{\"status\":\"valid\",\"identifiers\":%s,\"finalize\":\"https://ca/finalize\","
			"\"authorizations\":[\"https://ca/authz/0\"],\"certificate\":\"https://ca/cert\"}", shop->identifiers);
		stage_body(answer, 200, body);
	} else if (!strncmp(path, "/cert", 5))
		certificate(shop, path, answer);
}

static const char *const one[] = { "a.test", NULL };
static const char just_one[] = "[{\"type\":\"dns\",\"value\":\"a.test\"}]";

static struct ce_acme_order_job *
open_shop(struct stage *stage, struct shop *shop, const char *const *names)
{
	stage_open(stage, act);
	stage->context = shop;
	stage_order(stage, names, NULL);
	if (!shop->identifiers)
		shop->identifiers = just_one;
	return &stage->batch.orders[0];
}

static size_t
count_of(const struct stage *stage, const char *what)
{
	size_t count = 0;
	for (const char *at = ce_buf_text(&stage->log); (at = strstr(at, what)) != NULL; at += strlen(what))
		count++;
	return count;
}

#define WITH_PROFILES ",\"meta\":{\"profiles\":{\"classic\":\"https://ca/p\",\"short\":\"x\"}}"

/* O7 */
static void
a_profile_is_asked_for_where_it_is_listed(void)
{
	struct stage stage;
	struct shop shop = { .meta = WITH_PROFILES };
	open_shop(&stage, &shop, one)->profile = strdup("short");
	CU_ASSERT(stage_run(&stage));
	CU_ASSERT_EQUAL(stage.kinds[0], CE_ACME_ISSUED);
	CU_ASSERT_PTR_NOT_NULL(strstr(shop.asked, "\"profile\":\"short\""));
	CU_ASSERT_EQUAL(count_of(&stage, "warning "), 0);
	stage_close(&stage);

	shop = (struct shop){ .meta = WITH_PROFILES };
	open_shop(&stage, &shop, one)->profile = strdup("long");
	CU_ASSERT(stage_run(&stage));
	CU_ASSERT_EQUAL(stage.kinds[0], CE_ACME_REFUSED);
	CU_ASSERT_EQUAL(stage.classes[0], CE_ACME_INPUT);
	CU_ASSERT_PTR_NOT_NULL(strstr(stage.texts[0], "issuer 'ca' has no profile 'long': it offers 'classic', 'short'"));
	CU_ASSERT_EQUAL(shop.orders, 0);
	stage_close(&stage);

	shop = (struct shop){ 0 };
	open_shop(&stage, &shop, one)->profile = strdup("long");
	stage.batch.issuers[0].profile_preferred = true;
	CU_ASSERT(stage_run(&stage));
	CU_ASSERT_EQUAL(stage.kinds[0], CE_ACME_ISSUED);
	CU_ASSERT_PTR_NULL(strstr(shop.asked, "profile"));
	CU_ASSERT_EQUAL(count_of(&stage, "warning the CA has no profile 'long': it offers none"), 1);
	stage_close(&stage);
}

/* O7: a directory of yesterday may lack what is on offer today. */
static void
a_kept_directory_is_renewed_for_a_profile(void)
{
	struct stage stage;
	struct shop shop = { .meta = WITH_PROFILES };
	static const char *const other[] = { "b.test", NULL };
	open_shop(&stage, &shop, one)->profile = strdup("short");
	stage_order(&stage, other, NULL);
	shop.identifiers = "[{\"type\":\"dns\",\"value\":\"a.test\"}]";
	stage.batch.issuers[0].document = strdup("{\"newNonce\":\"https://ca/nonce\",\"newAccount\":\"https://ca/account\","
		"\"newOrder\":\"https://ca/new\"}");
	CU_ASSERT(stage_run(&stage));
	CU_ASSERT_EQUAL(stage.kinds[0], CE_ACME_ISSUED);
	CU_ASSERT_EQUAL(count_of(&stage, "send GET https://ca/dir"), 1);
	stage_close(&stage);
}

static void
a_profile_that_the_ca_refuses_is_final_or_left_out(void)
{
	struct stage stage;
	for (int preferred = 0; preferred < 2; preferred++) {
		struct shop shop = { .meta = WITH_PROFILES, .type = "invalidProfile", .against = "profile", .status = 400 };
		open_shop(&stage, &shop, one)->profile = strdup("short");
		stage.batch.issuers[0].profile_preferred = preferred;
		CU_ASSERT(stage_run(&stage));
		CU_ASSERT_EQUAL(stage.kinds[0], preferred ? CE_ACME_ISSUED : CE_ACME_REFUSED);
		CU_ASSERT_EQUAL(shop.orders, 1 + preferred);
		stage_close(&stage);
	}
}

#define WITH_RENEWAL ",\"renewalInfo\":\"https://ca/ari\""

/* O8: only to a CA with renewalInfo; O10: its order need not repeat it. */
static void
what_is_replaced_is_named(void)
{
	struct stage stage;
	struct shop shop = { .meta = WITH_RENEWAL };
	open_shop(&stage, &shop, one)->replaces = strdup("aa.bb");
	CU_ASSERT(stage_run(&stage));
	CU_ASSERT_EQUAL(stage.kinds[0], CE_ACME_ISSUED);
	CU_ASSERT_PTR_NOT_NULL(strstr(shop.asked, "\"replaces\":\"aa.bb\""));
	stage_close(&stage);

	shop = (struct shop){ 0 };
	open_shop(&stage, &shop, one)->replaces = strdup("aa.bb");
	CU_ASSERT(stage_run(&stage));
	CU_ASSERT_PTR_NULL(strstr(shop.asked, "replaces"));
	stage_close(&stage);
}

/* O9 */
static void
any_refusal_of_a_replacement_is_retried_without(void)
{
	static const struct { const char *type; int status, orders, kind; } cases[] = {
		{ "alreadyReplaced", 409, 2, CE_ACME_ISSUED }, { "conflict", 409, 2, CE_ACME_ISSUED },
		{ "malformed", 400, 2, CE_ACME_ISSUED }, { "unauthorized", 403, 2, CE_ACME_ISSUED },
		{ "neverHeardOf", 422, 2, CE_ACME_ISSUED }, { "rateLimited", 429, 1, CE_ACME_REFUSED },
	};
	for (size_t i = 0; i < CE_COUNT(cases); i++) {
		struct stage stage;
		struct shop shop = { .meta = WITH_RENEWAL, .type = cases[i].type, .against = "replaces", .status = cases[i].status };
		open_shop(&stage, &shop, one)->replaces = strdup("aa.bb");
		CU_ASSERT(stage_run(&stage));
		CU_ASSERT_EQUAL(stage.kinds[0], cases[i].kind);
		CU_ASSERT_EQUAL(shop.orders, cases[i].orders);
		stage_close(&stage);
	}
	/* what is wrong with the order itself is no better without */
	struct stage stage;
	struct shop shop = { .meta = WITH_RENEWAL, .type = "rejectedIdentifier", .against = "identifiers", .status = 400 };
	open_shop(&stage, &shop, one)->replaces = strdup("aa.bb");
	CU_ASSERT(stage_run(&stage));
	CU_ASSERT_EQUAL(stage.kinds[0], CE_ACME_REFUSED);
	CU_ASSERT_EQUAL(shop.orders, 2);
	stage_close(&stage);
}

/* O6 */
static void
a_lifetime_is_asked_for_when_it_is_configured(void)
{
	struct stage stage;
	struct shop shop = { 0 };
	struct ce_acme_order_job *job = open_shop(&stage, &shop, one);
	CU_ASSERT(stage_run(&stage));
	CU_ASSERT_STRING_EQUAL(shop.asked, "{\"identifiers\":[{\"type\":\"dns\",\"value\":\"a.test\"}]}");
	stage_close(&stage);
	job = open_shop(&stage, &shop, one);
	job->not_before = strdup("2026-11-20T00:00:00Z");
	job->not_after = strdup("2026-11-27T00:00:00Z");
	CU_ASSERT(stage_run(&stage));
	CU_ASSERT_PTR_NOT_NULL(strstr(shop.asked, "\"notBefore\":\"2026-11-20T00:00:00Z\",\"notAfter\":\"2026-11-27T00:00:00Z\""));
	stage_close(&stage);
}

#define AUTHZ(n, name, more) "{\"status\":\"pending\",\"identifier\":{\"type\":\"dns\",\"value\":\"" name "\"}" more ",\"challenges\":[" \
	"{\"type\":\"http-01\",\"token\":\"tok-" n "\",\"url\":\"https://ca/challenge/" n "\"}]}"

/* A name that nobody asked for is refused also where only the wildcard of it was asked for, and the other way round (Z2). */
static void
a_wildcard_is_another_name_than_its_base(void)
{
	static const char *const base[] = { "a.test", NULL }, *const wild[] = { "*.a.test", NULL };
	static const struct { const char *const *names; const char *identifiers, *authz; int kind; } cases[] = {
		{ base, just_one, AUTHZ("0", "a.test", ""), CE_ACME_ISSUED },
		{ base, just_one, AUTHZ("0", "a.test", ",\"wildcard\":false"), CE_ACME_ISSUED },
		{ base, just_one, AUTHZ("0", "a.test", ",\"wildcard\":true"), CE_ACME_REFUSED },
		{ wild, "[{\"type\":\"dns\",\"value\":\"*.a.test\"}]", AUTHZ("0", "a.test", ""), CE_ACME_REFUSED },
	};
	for (size_t i = 0; i < CE_COUNT(cases); i++) {
		struct stage stage;
		struct shop shop = { .identifiers = cases[i].identifiers, .authz = { cases[i].authz } };
		open_shop(&stage, &shop, cases[i].names);
		CU_ASSERT(stage_run(&stage));
		CU_ASSERT_EQUAL(stage.kinds[0], cases[i].kind);
		if (stage.kinds[0] == CE_ACME_REFUSED)
			CU_ASSERT_PTR_NOT_NULL(strstr(stage.texts[0], "a.test' to be proved, which nobody asked for"));
		stage_close(&stage);
	}
}

/* Z1: a status that is not known counts as pending. Z3: challenges of other kinds, and without a token, are passed over. */
static void
unknown_states_and_challenges_are_no_error(void)
{
	struct stage stage;
	struct shop shop = { .authz = { "{\"status\":\"processing\",\"identifier\":{\"value\":\"a.test\"},\"challenges\":["
		"{\"type\":\"dns-persist-01\",\"url\":\"https://ca/x\"},{\"type\":7},9,{\"type\":\"http-01\",\"token\":\"tok-0\","
		"\"url\":\"https://ca/challenge/0\"}]}" } };
	open_shop(&stage, &shop, one);
	CU_ASSERT(stage_run(&stage));
	CU_ASSERT_EQUAL(stage.kinds[0], CE_ACME_ISSUED);
	stage_close(&stage);
}

/* Z12: what was pending is given back, whatever the order failed for; what came is told after that. */
static void
pending_authorizations_are_given_back(void)
{
	static const char *const two[] = { "a.test", "b.test", NULL };
	struct stage stage;
	struct shop shop = { .identifiers = "[{\"type\":\"dns\",\"value\":\"a.test\"},{\"type\":\"dns\",\"value\":\"b.test\"}]",
		.authz = { AUTHZ("0", "a.test", ""), "{\"status\":\"pending\",\"identifier\":{\"value\":\"b.test\"},\"challenges\":["
		"{\"type\":\"http-01\",\"token\":\"tok-1\",\"url\":\"https://ca/challenge/1\"}]}" } };
	open_shop(&stage, &shop, two);
	stage.deploy_code = CE_ERR_REFUSED;
	stage.deploy_text = "no such webroot";
	CU_ASSERT(stage_run(&stage));
	CU_ASSERT_EQUAL(stage.kinds[0], CE_ACME_REFUSED);
	CU_ASSERT_PTR_NOT_NULL(strstr(stage.texts[0], "no such webroot"));
	CU_ASSERT_EQUAL(shop.deactivated, 2);
	stage_close(&stage);
}

/* K3: without a preference one download is all; K4: with one the others are looked at, and the default is good enough. K7: "up"
 * is of no interest. */
static void
chains_on_offer_are_looked_at_when_one_is_preferred(void)
{
	struct stage stage;
	struct shop shop = { .links = "<https://ca/cert/1>;rel=\"alternate\", <https://ca/cert/2>;rel=alternate, <https://ca/up>;rel=\"up\"" };
	open_shop(&stage, &shop, one);
	CU_ASSERT(stage_run(&stage));
	CU_ASSERT_EQUAL(stage.kinds[0], CE_ACME_ISSUED);
	CU_ASSERT_EQUAL(count_of(&stage, "send POST https://ca/cert"), 1);
	stage_close(&stage);

	open_shop(&stage, &shop, one);
	stage.batch.issuers[0].preferred_chain = strdup("Root X");
	CU_ASSERT(stage_run(&stage));
	CU_ASSERT_EQUAL(stage.kinds[0], CE_ACME_ISSUED);
	CU_ASSERT_EQUAL(count_of(&stage, "send POST https://ca/cert"), 3);
	CU_ASSERT_EQUAL(count_of(&stage, "https://ca/up"), 0);
	CU_ASSERT_EQUAL(count_of(&stage, "warning none of the 3 chains that the CA offers leads to 'Root X'"), 1);
	stage_close(&stage);
}

const struct ce_test suite_order[] = {
	{ "a profile is asked for where it is listed", a_profile_is_asked_for_where_it_is_listed },
	{ "a kept directory is renewed for a profile", a_kept_directory_is_renewed_for_a_profile },
	{ "a profile that the CA refuses is final or left out", a_profile_that_the_ca_refuses_is_final_or_left_out },
	{ "what is replaced is named", what_is_replaced_is_named },
	{ "any refusal of a replacement is retried without", any_refusal_of_a_replacement_is_retried_without },
	{ "a lifetime is asked for when it is configured", a_lifetime_is_asked_for_when_it_is_configured },
	{ "a wildcard is another name than its base", a_wildcard_is_another_name_than_its_base },
	{ "unknown states and challenges are no error", unknown_states_and_challenges_are_no_error },
	{ "pending authorizations are given back", pending_authorizations_are_given_back },
	{ "chains on offer are looked at when one is preferred", chains_on_offer_are_looked_at_when_one_is_preferred },
	{ NULL, NULL },
};
