#include "crypto_fixture.h"

struct authority {
	struct ce_key *ca_key, *key;
	struct ce_buf ca, csr;
	struct ce_strlist names;
};

static void
authority_make(struct authority *made, const char *ca_kind, const char *kind)
{
	memset(made, 0, sizeof(*made));
	made->ca_key = fixture_key(ca_kind);
	made->key = fixture_key(kind);
	made->names = fixture_names("shop.example *.shop.example 192.0.2.9");
	CE_CLEANUP(ce_strlist_release) struct ce_strlist asked = fixture_names("evil.example");
	CU_ASSERT_EQUAL_FATAL(ce_authority_create(made->ca_key, "House CA", NOW - DAY, NOW + 3650 * DAY, NULL, &made->ca, NULL),
		CE_OK);
	CU_ASSERT_EQUAL_FATAL(ce_csr_build(made->key, &asked, NULL, &made->csr, NULL), CE_OK);
}

static void
authority_release(struct authority *made)
{
	ce_key_free(made->ca_key);
	ce_key_free(made->key);
	ce_buf_release(&made->ca);
	ce_buf_release(&made->csr);
	ce_strlist_release(&made->names);
}

static int
issue(const struct authority *made, const struct ce_certificate_template *wanted, struct ce_buf *ret_pem,
	struct ce_error *err)
{
	return ce_authority_issue(made->ca_key, ce_buf_bytes(&made->ca), ce_buf_bytes(&made->csr), wanted, ret_pem, err);
}

static void
every_kind_of_ca_issues_what_verifies(void)
{
	static const char *const kinds[][2] = { { "ec-p256", "rsa-2048" }, { "ec-p384", "ec-p256" },
		{ "rsa-2048", "ed25519" }, { "ed25519", "ec-p384" } };
	for (size_t i = 0; i < CE_COUNT(kinds); i++) {
		CE_CLEANUP(authority_release) struct authority made;
		authority_make(&made, kinds[i][0], kinds[i][1]);
		const struct ce_certificate_template wanted = { &made.names, NULL, NOW - DAY, NOW + 90 * DAY, NULL, 0 };
		CE_CLEANUP(ce_buf_release) struct ce_buf pem = CE_BUF_INIT;
		CE_CLEANUP(ce_bundle_release) struct ce_bundle bundle;
		ce_bundle_init(&bundle);
		CU_ASSERT_EQUAL_FATAL(issue(&made, &wanted, &pem, NULL), CE_OK);
		CE_CLEANUP(ce_buf_release) struct ce_buf der = fixture_der(&pem);
		struct ce_bytes served = ce_buf_bytes(&der);
		CU_ASSERT_EQUAL(ce_chain_verify(&served, 1, ce_buf_bytes(&made.ca), "a.shop.example", NOW, NULL), CE_OK);
		CU_ASSERT_EQUAL(ce_chain_verify(&served, 1, ce_buf_bytes(&made.ca), "192.0.2.9", NOW, NULL), CE_OK);
		fixture_join(&pem, &made.ca);
		const struct ce_chain_demands demands = { made.key, &made.names, true, NOW }; /* not what the CSR asked */
		CU_ASSERT_EQUAL(ce_chain_accept(ce_buf_bytes(&pem), &demands, &bundle, NULL), CE_OK);
		CU_ASSERT_EQUAL(strlen(bundle.facts.serial), 40); /* 160 bits */
		CU_ASSERT_TRUE(bundle.facts.serial[0] >= '4' && bundle.facts.serial[0] <= '7'); /* positive */
	}
}

static void
a_leaf_says_what_it_must(void)
{
	CE_CLEANUP(authority_release) struct authority made;
	authority_make(&made, "ec-p256", "rsa-2048");
	const struct ce_certificate_template wanted = { &made.names, NULL, NOW - DAY, NOW + 90 * DAY, "http://crl.example/ca", 0 };
	CE_CLEANUP(ce_buf_release) struct ce_buf pem = CE_BUF_INIT;
	CE_CLEANUP(ce_gnutls_crtp) gnutls_x509_crt_t crt = NULL;
	CE_CLEANUP(ce_gnutls_crtp) gnutls_x509_crt_t ca = NULL;
	char text[128];
	unsigned char own[64], authority[64];
	size_t size = sizeof(text), own_size = sizeof(own), authority_size = sizeof(authority);
	unsigned usage = 0, critical = 9;
	CU_ASSERT_EQUAL_FATAL(issue(&made, &wanted, &pem, NULL), CE_OK);
	CU_ASSERT_EQUAL_FATAL(ce_crt_read(ce_buf_bytes(&pem), &crt, NULL), CE_OK);
	CU_ASSERT_EQUAL_FATAL(ce_crt_read(ce_buf_bytes(&made.ca), &ca, NULL), CE_OK);
	CU_ASSERT_EQUAL(gnutls_x509_crt_get_version(crt), 3);
	CU_ASSERT_EQUAL(gnutls_x509_crt_get_ca_status(crt, &critical), 0);
	CU_ASSERT_EQUAL(critical, 1);
	CU_ASSERT_EQUAL(gnutls_x509_crt_get_key_usage(crt, &usage, &critical), 0);
	CU_ASSERT_EQUAL(usage, GNUTLS_KEY_DIGITAL_SIGNATURE | GNUTLS_KEY_KEY_ENCIPHERMENT);
	CU_ASSERT_EQUAL(gnutls_x509_crt_get_key_purpose_oid(crt, 0, text, &size, &critical), 0);
	CU_ASSERT_STRING_EQUAL(text, GNUTLS_KP_TLS_WWW_SERVER);
	CU_ASSERT_EQUAL(critical, 0); /* protocols.md 6.3, extension criticality */
	CE_CLEANUP(ce_datump) gnutls_datum_t san = { NULL, 0 };
	CU_ASSERT_EQUAL(gnutls_x509_crt_get_extension_by_oid2(crt, CE_OID_SAN, 0, &san, &critical), 0);
	CU_ASSERT_EQUAL(critical, 1); /* RFC 5280 section 4.2.1.6: the subject is empty */
	CU_ASSERT_EQUAL(gnutls_x509_crt_get_subject_key_id(crt, own, &own_size, NULL), 0);
	CU_ASSERT_EQUAL(own_size, 20);
	own_size = sizeof(own);
	CU_ASSERT_EQUAL(gnutls_x509_crt_get_subject_key_id(ca, own, &own_size, NULL), 0);
	CU_ASSERT_EQUAL(gnutls_x509_crt_get_authority_key_id(crt, authority, &authority_size, NULL), 0);
	CU_ASSERT_EQUAL(authority_size, own_size);
	CU_ASSERT_EQUAL(memcmp(own, authority, own_size), 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(ce_buf_text(&pem), "BEGIN CERTIFICATE"));
	size = sizeof(text);
	CU_ASSERT_EQUAL(gnutls_x509_crt_get_crl_dist_points(crt, 0, text, &size, NULL, NULL), GNUTLS_SAN_URI);
	CU_ASSERT_EQUAL(memcmp(text, "http://crl.example/ca", 21), 0);
}

static void
a_root_is_a_ca_without_path_limit(void)
{
	CE_CLEANUP(authority_release) struct authority made;
	authority_make(&made, "ec-p256", "ec-p256");
	CE_CLEANUP(ce_gnutls_crtp) gnutls_x509_crt_t ca = NULL;
	unsigned usage = 0, critical = 0, is_ca = 0;
	int path = 9;
	CU_ASSERT_EQUAL_FATAL(ce_crt_read(ce_buf_bytes(&made.ca), &ca, NULL), CE_OK);
	CU_ASSERT_EQUAL(gnutls_x509_crt_get_basic_constraints(ca, &critical, &is_ca, &path), 0 + (int)is_ca);
	CU_ASSERT_EQUAL(is_ca, 1);
	CU_ASSERT_EQUAL(path, -1);
	CU_ASSERT_EQUAL(gnutls_x509_crt_get_key_usage(ca, &usage, &critical), 0);
	CU_ASSERT_EQUAL(usage, GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_CRL_SIGN);
	CE_CLEANUP(ce_buf_release) struct ce_buf none = CE_BUF_INIT;
	CU_ASSERT_EQUAL(ce_authority_create(made.ca_key, "", NOW, NOW + DAY, NULL, &none, NULL), CE_ERR_INVALID);
	CU_ASSERT_EQUAL(ce_authority_create(made.ca_key, "x", NOW, NOW, NULL, &none, NULL), CE_ERR_INVALID);
}

static void
a_subject_comes_from_the_order_only(void)
{
	CE_CLEANUP(authority_release) struct authority made;
	authority_make(&made, "ec-p256", "ec-p256");
	const struct ce_subject subject = { .country = (char *)"DE", .organization = (char *)"House",
		.common_name = (char *)"shop.example" };
	const struct ce_certificate_template wanted = { &made.names, &subject, NOW - DAY, NOW + 90 * DAY, NULL, 0 };
	CE_CLEANUP(ce_buf_release) struct ce_buf pem = CE_BUF_INIT;
	CE_CLEANUP(ce_facts_release) struct ce_facts facts = { 0 };
	CU_ASSERT_EQUAL_FATAL(issue(&made, &wanted, &pem, NULL), CE_OK);
	CU_ASSERT_EQUAL_FATAL(ce_facts_read(ce_buf_bytes(&pem), &facts, NULL), CE_OK);
	CU_ASSERT_STRING_EQUAL(facts.subject, "CN=shop.example,O=House,C=DE"); /* RFC 4514 shows the last first */
	CU_ASSERT_STRING_EQUAL(facts.issuer, "CN=House CA");
}

static void
what_must_not_be_signed_is_not(void)
{
	CE_CLEANUP(authority_release) struct authority made;
	authority_make(&made, "ec-p256", "ec-p256");
	struct ce_certificate_template wanted = { &made.names, NULL, NOW - DAY, NOW + 4000 * DAY, NULL, 0 };
	CE_CLEANUP(ce_buf_release) struct ce_buf pem = CE_BUF_INIT;
	struct ce_error err;
	CU_ASSERT_EQUAL(issue(&made, &wanted, &pem, &err), CE_ERR_REFUSED);
	CU_ASSERT_TRUE(fixture_said(&err, CE_ERR_REFUSED, "ends before"));
	wanted.not_after = NOW + DAY;
	made.csr.data[made.csr.size - 1] ^= 1; /* the proof of possession */
	CU_ASSERT_EQUAL(issue(&made, &wanted, &pem, &err), CE_ERR_CRYPTO);
	CU_ASSERT_TRUE(fixture_said(&err, CE_ERR_CRYPTO, "does not prove"));
	made.csr.data[made.csr.size - 1] ^= 1;
	CU_ASSERT_EQUAL(ce_authority_issue(made.key, ce_buf_bytes(&made.ca), ce_buf_bytes(&made.csr), &wanted, &pem, &err),
		CE_ERR_CRYPTO);
	CU_ASSERT_TRUE(fixture_said(&err, CE_ERR_CRYPTO, "does not belong"));
	CE_CLEANUP(ce_buf_release) struct ce_buf leaf = CE_BUF_INIT;
	CU_ASSERT_EQUAL(ce_authority_self_sign(made.key, &wanted, &leaf, NULL), CE_OK);
	CU_ASSERT_EQUAL(ce_authority_issue(made.key, ce_buf_bytes(&leaf), ce_buf_bytes(&made.csr), &wanted, &pem, &err),
		CE_ERR_CRYPTO);
	CU_ASSERT_TRUE(fixture_said(&err, CE_ERR_CRYPTO, "not of a CA"));
	wanted.names = &(const struct ce_strlist)CE_STRLIST_INIT;
	CU_ASSERT_EQUAL(issue(&made, &wanted, &pem, &err), CE_ERR_INVALID);
	CU_ASSERT_EQUAL(pem.size, 0);
}

static void
a_self_signed_leaf_is_no_ca_and_passes_as_a_chain(void)
{
	static const char *const kinds[] = { "ec-p256", "ed25519", "rsa-2048" };
	CE_CLEANUP(ce_strlist_release) struct ce_strlist names = fixture_names("shop.example");
	const struct ce_certificate_template wanted = { &names, NULL, NOW - DAY, NOW + 90 * DAY, NULL, 0 };
	for (size_t i = 0; i < CE_COUNT(kinds); i++) {
		CE_CLEANUP(ce_keyp) struct ce_key *key = fixture_key(kinds[i]);
		CE_CLEANUP(ce_buf_release) struct ce_buf pem = CE_BUF_INIT;
		CE_CLEANUP(ce_bundle_release) struct ce_bundle bundle;
		ce_bundle_init(&bundle);
		CU_ASSERT_EQUAL_FATAL(ce_authority_self_sign(key, &wanted, &pem, NULL), CE_OK);
		const struct ce_chain_demands demands = { key, &names, true, NOW };
		CU_ASSERT_EQUAL_FATAL(ce_chain_accept(ce_buf_bytes(&pem), &demands, &bundle, NULL), CE_OK);
		CU_ASSERT_FALSE(bundle.facts.is_ca);
		CU_ASSERT_TRUE(bundle.facts.self_issued);
		CU_ASSERT_EQUAL(bundle.chain.size, 0);
		CE_CLEANUP(ce_buf_release) struct ce_buf der = fixture_der(&pem);
		struct ce_bytes served = ce_buf_bytes(&der);
		CU_ASSERT_EQUAL(ce_chain_verify(&served, 1, ce_buf_bytes(&pem), "shop.example", NOW, NULL), CE_OK);
	}
}

const struct ce_test ce_authority_tests[] = {
	{ "every kind of CA issues what verifies", every_kind_of_ca_issues_what_verifies },
	{ "a leaf says what it must", a_leaf_says_what_it_must },
	{ "a root is a CA without path limit", a_root_is_a_ca_without_path_limit },
	{ "a subject comes from the order only", a_subject_comes_from_the_order_only },
	{ "what must not be signed is not", what_must_not_be_signed_is_not },
	{ "a self-signed leaf is no CA and passes as a chain", a_self_signed_leaf_is_no_ca_and_passes_as_a_chain },
	{ NULL, NULL }
};
