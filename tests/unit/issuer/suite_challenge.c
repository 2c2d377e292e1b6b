#include <string.h>

#include "acme/responder_tls.h"
#include "crypto/digest.h"
#include "issuer/acme_present.h"
#include "suites.h"

/* (Z16): the vector of draft-ietf-acme-dns-account-label. */
static void
an_account_has_its_label(void)
{
	char label[17];
	CU_ASSERT_EQUAL(ce_account_label("https://example.com/acme/acct/ExampleAccount", label, NULL), CE_OK);
	CU_ASSERT_STRING_EQUAL(label, "ujmmovf2vn55tgye");
}

/* (Z18): RFC 8738 section 6. */
static void
an_address_is_asked_for_by_its_reverse_name(void)
{
	static const char *const cases[][2] = { { "192.0.2.7", "7.2.0.192.in-addr.arpa" }, { "a.test", "a.test" },
		{ "2001:db8::1", "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa" } };
	for (size_t i = 0; i < CE_COUNT(cases); i++) {
		CE_CLEANUP(ce_buf_release) struct ce_buf sni = CE_BUF_INIT;
		CU_ASSERT_EQUAL(ce_tls_responder_sni(cases[i][0], &sni, NULL), CE_OK);
		CU_ASSERT_STRING_EQUAL(ce_buf_text(&sni), cases[i][1]);
	}
}

/* (Z4): which group is for which name. */
static void
a_way_serves_the_names_it_is_for(void)
{
	char *patterns[] = { "*.example.com", NULL };
	const struct ce_way http = { .kind = CE_ACME_HTTP }, dns = { .kind = CE_ACME_DNS };
	const struct ce_way some = { .kind = CE_ACME_DNS, .names = { patterns, 1 } };
	CU_ASSERT(ce_way_serves(&http, "a.test") && ce_way_serves(&http, "192.0.2.7") && !ce_way_serves(&http, "*.a.test"));
	CU_ASSERT(ce_way_serves(&dns, "*.a.test") && !ce_way_serves(&dns, "192.0.2.7") && !ce_way_serves(&dns, "::1"));
	CU_ASSERT(ce_way_serves(&some, "*.example.com") && ce_way_serves(&some, "a.b.example.com"));
	CU_ASSERT(!ce_way_serves(&some, "example.com") && !ce_way_serves(&some, "example.org"));
}

/* (Z19): what proves, and what does not. */
static void
a_standing_record_is_read(void)
{
	static const struct { const char *text; bool wildcard; int code; } cases[] = {
		{ "ca.test; accounturi=https://ca/1", false, CE_OK },
		{ "CA.test;accounturi=https://ca/1 ; policy=wildcard", true, CE_OK },
		{ "ca.test; accounturi=https://ca/1", true, CE_ERR_WAIT },
		{ "ca.test; accounturi=https://ca/2", false, CE_ERR_WAIT },
		{ "other.test; accounturi=https://ca/1", false, CE_ERR_WAIT },
		{ "ca.test; accounturi=https://ca/1; persistUntil=999", false, CE_ERR_WAIT },
		{ "ca.test; accounturi=https://ca/1; persistUntil=1001", false, CE_OK }, { ";;=;", false, CE_ERR_WAIT },
	};
	for (size_t i = 0; i < CE_COUNT(cases); i++) {
		char *items[] = { (char *)cases[i].text, NULL };
		const struct ce_strlist texts = { items, 1 };
		const struct ce_response response = { .record = (char *)"_validation-persist.a.test", .wildcard = cases[i].wildcard,
			.detail = (char *)"{\"issuer-domain-names\":[\"ca.test\"]}", .account = (char *)"https://ca/1" };
		long long until = 0;
		struct ce_error err = { 0 };
		CU_ASSERT_EQUAL(ce_persist_check(&response, &texts, 1000, &until, &err), cases[i].code);
	}
	const struct ce_response none = { .record = (char *)"r", .detail = (char *)"{\"issuer-domain-names\":[]}",
		.account = (char *)"https://ca/1" };
	CU_ASSERT_EQUAL(ce_persist_check(&none, &(struct ce_strlist)CE_STRLIST_INIT, 0, &(long long){ 0 }, NULL), CE_ERR_ISSUER);
}

const struct ce_test challenge_tests[] = {
	{ "an account has its label", an_account_has_its_label },
	{ "an address is asked for by its reverse name", an_address_is_asked_for_by_its_reverse_name },
	{ "a way serves the names it is for", a_way_serves_the_names_it_is_for },
	{ "a standing record is read", a_standing_record_is_read },
	{ NULL, NULL },
};
