/* The commands about issuers, accounts and revocation. */
#include <string.h>

#include "fake_engine.h"
#include "suites.h"

static void
issuers_are_listed_and_asked(void)
{
	fake_reset();
	CU_ASSERT_EQUAL(fake_run("issuer", "list", NULL), CE_EXIT_OK);
	CU_ASSERT_PTR_NOT_NULL(strstr(fake_out, "le     house       1 certificate\n"));
	CU_ASSERT_TRUE(fake.options.store_only);
	CU_ASSERT_EQUAL(fake_run("issuer", "info", "le", NULL), CE_EXIT_OK);
	CU_ASSERT_PTR_NOT_NULL(strstr(fake_out, "terms of service  https://ca.example/terms\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(fake_out, "short           six \\x1b days\n"));
	CU_ASSERT_EQUAL(fake_run("issuer", "info", "house", NULL), CE_EXIT_OK);
	CU_ASSERT_PTR_NOT_NULL(strstr(fake_out, "issuer 'house' is of kind 'house'"));
	CU_ASSERT_EQUAL(fake_run("issuer", "show", NULL), CE_EXIT_USAGE);
	CU_ASSERT_EQUAL(fake_run("--json", "issuer", "info", "le", NULL), CE_EXIT_OK);
	CU_ASSERT_PTR_NOT_NULL(strstr(fake_out, "\"renewal_hints\": true"));
}

static void
failures_are_told_in_json_too(void)
{
	fake_reset();
	fake.run_code = CE_ERR_WAIT;
	CU_ASSERT_EQUAL(fake_run("--json", "account", "show", "le", NULL), CE_EXIT_WAIT);
	CU_ASSERT_PTR_NOT_NULL(strstr(fake_out, "\"exit\": 7"));
	fake.run_code = CE_ERR_CONFIG;
	CU_ASSERT_EQUAL(fake_run("issuer", "info", "nobody", NULL), CE_EXIT_USAGE);
}

static void
what_is_final_wants_to_be_said_twice(void)
{
	static const char *const words[] = { "deactivate", "new" };
	for (size_t i = 0; i < CE_COUNT(words); i++) {
		fake_reset();
		CU_ASSERT_EQUAL(fake_run("account", words[i], "le", NULL), CE_EXIT_USAGE);
		CU_ASSERT_EQUAL(fake.action, 0);
		CU_ASSERT_PTR_NOT_NULL(strstr(fake_err, "add --yes"));
		CU_ASSERT_EQUAL(fake_run("account", words[i], "le", "--yes", NULL), CE_EXIT_OK);
		CU_ASSERT_EQUAL(fake.action, i ? CE_ACCOUNT_NEW : CE_ACCOUNT_DEACTIVATE);
	}
	CU_ASSERT_PTR_NOT_NULL(strstr(fake_out, "nothing is kept of an account"));
	CU_ASSERT_EQUAL(fake_run("account", "forget", "le", NULL), CE_EXIT_USAGE);
}

static void
an_account_is_shown(void)
{
	fake_reset();
	CU_ASSERT_EQUAL(fake_run("account", "show", "le", NULL), CE_EXIT_OK);
	CU_ASSERT_PTR_NOT_NULL(strstr(fake_out, "https://ca.example/1"));
	CU_ASSERT_PTR_NOT_NULL(strstr(fake_out, "agreed to"));
	CU_ASSERT_EQUAL(fake_run("--json", "account", "rollover", "le", NULL), CE_EXIT_OK);
	CU_ASSERT_PTR_NOT_NULL(strstr(fake_out, "\"outcome\": \"the account has a new key\""));
}

static void
a_revocation_is_ordered_as_it_was_said(void)
{
	static const struct ce_report good = { .exit = CE_EXIT_OK };
	fake_reset();
	fake.report = &good;
	CU_ASSERT_EQUAL(fake_run("revoke", "shop", NULL), CE_EXIT_OK);
	CU_ASSERT_EQUAL(fake.revocation.reason, -1);
	CU_ASSERT_EQUAL(fake.revocation.generation, 0);
	CU_ASSERT_TRUE(fake.options.store_only);
	CU_ASSERT_EQUAL(fake_run("revoke", "shop", "--reason=keycompromise", "--generation", "3", "--with-certificate-key", NULL),
		CE_EXIT_OK);
	CU_ASSERT_EQUAL(fake.revocation.reason, 1);
	CU_ASSERT_EQUAL(fake.revocation.generation, 3);
	CU_ASSERT_TRUE(fake.revocation.by_key);
	CU_ASSERT_FALSE(fake.options.store_only); /* a replacement is deployed */
	CU_ASSERT_EQUAL(fake_run("revoke", "shop", "--reason=keycompromise", "--no-replacement", NULL), CE_EXIT_OK);
	CU_ASSERT_TRUE(fake.options.store_only);
	CU_ASSERT_EQUAL(fake_run("revoke", "shop", "--reason=boredom", NULL), CE_EXIT_USAGE);
	CU_ASSERT_EQUAL(fake_run("revoke", "shop", "--generation=0", NULL), CE_EXIT_USAGE);
	CU_ASSERT_EQUAL(fake_run("revoke", "shop", "--generation=3x", NULL), CE_EXIT_USAGE);
	CU_ASSERT_EQUAL(fake_run("revoke", NULL), CE_EXIT_USAGE);
}

const struct ce_test issuers_tests[] = {
	{ "issuers are listed, and asked what they offer (D6)", issuers_are_listed_and_asked },
	{ "failures are told, in JSON too", failures_are_told_in_json_too },
	{ "what is final wants to be said twice, and is never asked about", what_is_final_wants_to_be_said_twice },
	{ "an account is shown", an_account_is_shown },
	{ "a revocation is ordered as it was said", a_revocation_is_ordered_as_it_was_said },
	{ NULL, NULL },
};
