#include <string.h>

#include "fixture.h"
#include "issuer/acme_own.h"
#include "suites.h"

extern const struct ce_test acme_account_tests[];

#define ISSUER "house: { kind = \"acme\"; directory = \"https://ca.example/directory\"; };"
#define URL "https://ca.example/account/1"

static int
load(struct fixture *fixture, struct ce_acme_issuer *issuer)
{
	struct ce_error err = { 0 };
	*issuer = (struct ce_acme_issuer){ .config = ce_config_issuer(&fixture->config, "house"), .store = fixture->store,
		.need = CE_ACME_NEED_ORDERS };
	return ce_acme_issuer_load(issuer, &err);
}

/* Whoever removes the key to begin anew need not know of the record beside it. */
static void
a_new_key_does_not_take_over_the_old_one_s_account(void)
{
	CE_CLEANUP(fixture_close) struct fixture fixture;
	struct ce_acme_issuer issuer;
	struct ce_error err = { 0 };
	static const char record[] = "{ \"directory\": \"https://ca.example/directory\", \"url\": \"" URL "\" }";
	const struct ce_bytes bytes = { (const unsigned char *)record, sizeof(record) - 1 };
	fixture_open(&fixture, ISSUER);
	CU_ASSERT_EQUAL_FATAL(ce_store_issuer_put(fixture.store, "house", "account", bytes, &err), CE_OK);
	CU_ASSERT_EQUAL_FATAL(load(&fixture, &issuer), CE_OK);
	CU_ASSERT_TRUE(issuer.key_is_new);
	CU_ASSERT_PTR_NULL(issuer.url);
	ce_acme_issuer_release(&issuer);

	CU_ASSERT_EQUAL_FATAL(load(&fixture, &issuer), CE_OK);
	CU_ASSERT_FALSE(issuer.key_is_new);
	CU_ASSERT_PTR_NOT_NULL_FATAL(issuer.url);
	CU_ASSERT_STRING_EQUAL(issuer.url, URL);
	ce_acme_issuer_release(&issuer);
}

const struct ce_test acme_account_tests[] = {
	{ "a new key does not take over the old one's account", a_new_key_does_not_take_over_the_old_one_s_account },
	{ NULL, NULL },
};
