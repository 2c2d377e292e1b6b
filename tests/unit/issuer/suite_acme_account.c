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

/* A key that is gone while its account is on record was lost: no new one takes the account over, and none is made. */
static void
no_key_is_made_beside_the_record_of_an_account(void)
{
	CE_CLEANUP(fixture_close) struct fixture fixture;
	struct ce_acme_issuer issuer;
	struct ce_error err = { 0 };
	static const char record[] = "{ \"directory\": \"https://ca.example/directory\", \"url\": \"" URL "\" }";
	const struct ce_bytes bytes = { (const unsigned char *)record, sizeof(record) - 1 };
	fixture_open(&fixture, ISSUER);
	CU_ASSERT_EQUAL_FATAL(ce_store_issuer_put(fixture.store, "house", "account", bytes, &err), CE_OK);
	CU_ASSERT_EQUAL(load(&fixture, &issuer), CE_ERR_CONFIG);
	CU_ASSERT_PTR_NULL(issuer.key);
	ce_acme_issuer_release(&issuer);

	CU_ASSERT_EQUAL_FATAL(ce_acme_account_retire(fixture.store, "house", &err), CE_OK);
	CU_ASSERT_EQUAL_FATAL(load(&fixture, &issuer), CE_OK);
	CU_ASSERT_TRUE(issuer.key_is_new);
	CU_ASSERT_PTR_NULL(issuer.url);
	ce_acme_issuer_release(&issuer);

	CU_ASSERT_EQUAL_FATAL(load(&fixture, &issuer), CE_OK);
	CU_ASSERT_FALSE(issuer.key_is_new);
	ce_acme_issuer_release(&issuer);
}

static void
put(struct fixture *fixture, const char *record, const char *text)
{
	const struct ce_bytes bytes = { (const unsigned char *)text, strlen(text) };
	CU_ASSERT_EQUAL_FATAL(ce_store_issuer_put(fixture->store, "house", record, bytes, NULL), CE_OK);
}

static bool
holds(struct fixture *fixture, const char *record, const char *text)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf bytes = CE_BUF_INIT;
	return ce_store_issuer_get(fixture->store, "house", record, &bytes, NULL) == CE_OK
	       && strstr(ce_buf_text(&bytes), text) != NULL;
}

static void
a_damaged_record_is_put_aside(void)
{
	static const char *const records[] = { "account", "directory" };
	for (size_t i = 0; i < CE_COUNT(records); i++) {
		CE_CLEANUP(fixture_close) struct fixture fixture;
		struct ce_acme_issuer issuer;
		fixture_open(&fixture, ISSUER);
		CU_ASSERT_EQUAL_FATAL(load(&fixture, &issuer), CE_OK);
		ce_acme_issuer_release(&issuer);
		put(&fixture, records[i], "{ \"directory\": ");
		CU_ASSERT_EQUAL_FATAL(load(&fixture, &issuer), CE_OK);
		CU_ASSERT_PTR_NULL(issuer.url);
		CU_ASSERT_FALSE(issuer.key_is_new);
		CU_ASSERT_TRUE(holds(&fixture, i ? "directory.damaged" : "account.damaged", "{ \"directory\": "));
		ce_acme_issuer_release(&issuer);
	}
}

static void
consent_stays_as_it_was_given(void)
{
	CE_CLEANUP(fixture_close) struct fixture fixture;
	struct ce_acme_issuer issuer;
	struct ce_error err = { 0 };
	fixture_open(&fixture, "house: { kind = \"acme\"; directory = \"https://ca.example/directory\"; agree_to_terms = true; };");
	CU_ASSERT_EQUAL_FATAL(load(&fixture, &issuer), CE_OK);
	CU_ASSERT_EQUAL(ce_acme_issuer_save_account(&issuer, URL, "https://ca.example/terms", &err), CE_OK);
	CU_ASSERT(issuer.agreed_at > 0);
	issuer.agreed_at = 7;
	CU_ASSERT_EQUAL(ce_acme_issuer_save_account(&issuer, URL, "https://ca.example/terms-2", &err), CE_OK);
	CU_ASSERT_EQUAL(issuer.agreed_at, 7);
	CU_ASSERT_STRING_EQUAL(issuer.terms, "https://ca.example/terms");
	/* a new account is a new consent */
	CU_ASSERT_EQUAL(ce_acme_issuer_save_account(&issuer, URL "0", "https://ca.example/terms-2", &err), CE_OK);
	CU_ASSERT_STRING_EQUAL(issuer.terms, "https://ca.example/terms-2");
	CU_ASSERT(issuer.agreed_at > 7);
	ce_acme_issuer_release(&issuer);
}

static void
what_was_deactivated_is_not_made_again(void)
{
	CE_CLEANUP(fixture_close) struct fixture fixture;
	struct ce_acme_issuer issuer;
	struct ce_error err = { 0 };
	fixture_open(&fixture, ISSUER);
	CU_ASSERT_EQUAL_FATAL(load(&fixture, &issuer), CE_OK);
	CU_ASSERT_EQUAL(ce_acme_issuer_save_account(&issuer, URL, NULL, &err), CE_OK);
	CU_ASSERT_EQUAL(ce_acme_issuer_save_deactivated(&issuer, &err), CE_OK);
	ce_acme_issuer_release(&issuer);
	CU_ASSERT_EQUAL(load(&fixture, &issuer), CE_ERR_CONFIG);
	ce_acme_issuer_release(&issuer);

	CU_ASSERT_EQUAL(ce_acme_account_retire(fixture.store, "house", &err), CE_OK);
	CU_ASSERT_EQUAL(ce_acme_account_retire(fixture.store, "house", &err), CE_UNCHANGED);
	CU_ASSERT_EQUAL(load(&fixture, &issuer), CE_OK);
	CU_ASSERT_TRUE(issuer.key_is_new);
	ce_acme_issuer_release(&issuer);
}

const struct ce_test acme_account_tests[] = {
	{ "no key is made beside the record of an account", no_key_is_made_beside_the_record_of_an_account },
	{ "a damaged record is put aside, and nothing lost", a_damaged_record_is_put_aside },
	{ "consent stays as it was given (A3)", consent_stays_as_it_was_given },
	{ "what was deactivated is not made again unless it is asked for (A12)", what_was_deactivated_is_not_made_again },
	{ NULL, NULL },
};
