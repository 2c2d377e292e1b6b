#include "crypto_fixture.h"

#include "base/text.h"

static void
the_facts_are_those_of_the_certificate(void)
{
	struct fixture_chain chain;
	fixture_chain_make(&chain);
	CE_CLEANUP(ce_buf_release) struct ce_buf der = fixture_der(&chain.leaf);
	CE_CLEANUP(ce_facts_release) struct ce_facts pem = { 0 };
	CE_CLEANUP(ce_facts_release) struct ce_facts facts = { 0 };
	char id[65];
	CU_ASSERT_EQUAL_FATAL(ce_facts_read(ce_buf_bytes(&chain.leaf), &pem, NULL), CE_OK);
	CU_ASSERT_EQUAL_FATAL(ce_facts_read(ce_buf_bytes(&der), &facts, NULL), CE_OK);
	CU_ASSERT_STRING_EQUAL(pem.fingerprint, facts.fingerprint);
	CU_ASSERT_EQUAL(ce_key_id(chain.key, id, NULL), CE_OK);
	CU_ASSERT_STRING_EQUAL(facts.key_id, id);
	CU_ASSERT_STRING_EQUAL(facts.subject, "CN=shop.example");
	CU_ASSERT_STRING_EQUAL(facts.issuer, "CN=Middle");
	CU_ASSERT_STRING_EQUAL(facts.key_kind, "ec-p256");
	CU_ASSERT_EQUAL(facts.names.count, 2);
	CU_ASSERT_EQUAL(facts.not_before, NOW - DAY);
	CU_ASSERT_EQUAL(facts.not_after, NOW + 365 * DAY);
	CU_ASSERT_FALSE(facts.is_ca);
	CU_ASSERT_FALSE(facts.self_issued);
	CU_ASSERT_TRUE(ce_facts_cover(&facts, "www.shop.example"));
	CU_ASSERT_FALSE(ce_facts_cover(&facts, "mail.shop.example"));
	ce_facts_release(&facts);
	CU_ASSERT_EQUAL_FATAL(ce_facts_read(ce_buf_bytes(&chain.root), &facts, NULL), CE_OK);
	CU_ASSERT_TRUE(facts.is_ca);
	CU_ASSERT_TRUE(facts.self_issued);
	CU_ASSERT_EQUAL(facts.names.count, 0);
	fixture_chain_release(&chain);
}

/* a product's file may hold the key before the certificate, and comments in any encoding */
static void
a_certificate_is_found_behind_a_key_and_text(void)
{
	struct fixture_chain chain;
	fixture_chain_make(&chain);
	CE_CLEANUP(ce_buf_release) struct ce_buf file = CE_BUF_SECRET;
	CE_CLEANUP(ce_buf_release) struct ce_buf key = CE_BUF_SECRET;
	CE_CLEANUP(ce_facts_release) struct ce_facts facts = { 0 };
	CU_ASSERT_EQUAL(ce_buf_adds(&file, "caf\xe9\r\n", NULL), CE_OK);
	CU_ASSERT_EQUAL(ce_key_to_pem(chain.key, &key, NULL), CE_OK);
	fixture_join(&file, &key);
	fixture_join(&file, &chain.leaf);
	CU_ASSERT_EQUAL(ce_facts_read(ce_buf_bytes(&file), &facts, NULL), CE_OK);
	CU_ASSERT_STRING_EQUAL(facts.subject, "CN=shop.example");
	fixture_chain_release(&chain);
}

static void
what_is_no_certificate_is_refused(void)
{
	CE_CLEANUP(ce_facts_release) struct ce_facts facts = { 0 };
	CE_CLEANUP(ce_buf_release) struct ce_buf big = CE_BUF_INIT;
	struct ce_error err;
	CU_ASSERT_EQUAL(ce_facts_read(fixture_text(""), &facts, &err), CE_ERR_INVALID);
	CU_ASSERT_TRUE(fixture_said(&err, CE_ERR_INVALID, "no certificate"));
	CU_ASSERT_EQUAL(ce_facts_read(fixture_text("0\x03\x02\x01\x01"), &facts, &err), CE_ERR_CRYPTO);
	CU_ASSERT_EQUAL(ce_facts_read(fixture_text("-----BEGIN CERTIFICATE-----\nAAAA\n"), &facts, &err), CE_ERR_INVALID);
	CU_ASSERT_TRUE(fixture_said(&err, CE_ERR_INVALID, "no end"));
	memset(ce_buf_grow(&big, CE_CHAIN_BYTES_MAX + 1), '0', CE_CHAIN_BYTES_MAX + 1);
	CU_ASSERT_EQUAL(ce_facts_read(ce_buf_bytes(&big), &facts, &err), CE_ERR_LIMIT);
}

static void
a_subject_cannot_hide_control_characters(void)
{
	CE_CLEANUP(ce_keyp) struct ce_key *key = fixture_key("ec-p256");
	CE_CLEANUP(ce_buf_release) struct ce_buf pem = fixture_sign(&(struct fixture_certificate){
		.key = key, .common_name = "a\x1b[31mb" });
	CE_CLEANUP(ce_facts_release) struct ce_facts facts = { 0 };
	CU_ASSERT_EQUAL_FATAL(ce_facts_read(ce_buf_bytes(&pem), &facts, NULL), CE_OK);
	CU_ASSERT_PTR_NULL(strchr(facts.subject, '\x1b'));
}

static void
keys_of_other_kinds_are_called_other(void)
{
	CE_CLEANUP(ce_gnutls_privkeyp) gnutls_privkey_t secret = NULL;
	CE_CLEANUP(ce_gnutls_pubkeyp) gnutls_pubkey_t open = NULL;
	CU_ASSERT_EQUAL_FATAL(gnutls_privkey_init(&secret), 0);
	CU_ASSERT_EQUAL_FATAL(gnutls_privkey_generate(secret, GNUTLS_PK_ECDSA,
		GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP521R1), 0), 0);
	CU_ASSERT_EQUAL_FATAL(gnutls_pubkey_init(&open), 0);
	CU_ASSERT_EQUAL_FATAL(gnutls_pubkey_import_privkey(open, secret, 0, 0), 0);
	const struct ce_key_kind kind = { .digest = GNUTLS_DIG_SHA512 };
	const struct ce_key odd = { .secret = secret, .open = open, .kind = &kind };
	CE_CLEANUP(ce_buf_release) struct ce_buf pem = fixture_sign(&(struct fixture_certificate){
		.key = &odd, .common_name = "x" });
	CE_CLEANUP(ce_facts_release) struct ce_facts facts = { 0 };
	CU_ASSERT_EQUAL_FATAL(ce_facts_read(ce_buf_bytes(&pem), &facts, NULL), CE_OK);
	CU_ASSERT_STRING_EQUAL(facts.key_kind, "other");
}

const struct ce_test ce_certificate_tests[] = {
	{ "the facts are those of the certificate", the_facts_are_those_of_the_certificate },
	{ "a certificate is found behind a key and text", a_certificate_is_found_behind_a_key_and_text },
	{ "what is no certificate is refused", what_is_no_certificate_is_refused },
	{ "a subject cannot hide control characters", a_subject_cannot_hide_control_characters },
	{ "keys of other kinds are called other", keys_of_other_kinds_are_called_other },
	{ NULL, NULL }
};
