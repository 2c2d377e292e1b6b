#include "crypto_fixture.h"

static gnutls_x509_crq_t
read_crq(const struct ce_buf *der)
{
	gnutls_x509_crq_t crq = NULL;
	gnutls_datum_t bytes = ce_datum(ce_buf_bytes(der));
	CU_ASSERT_EQUAL_FATAL(gnutls_x509_crq_init(&crq), 0);
	CU_ASSERT_EQUAL_FATAL(gnutls_x509_crq_import(crq, &bytes, GNUTLS_X509_FMT_DER), 0);
	return crq;
}

/* protocols.md 6.1: Ed25519 signs with digest 0; 6.3: every CSR is verified, version is 1 */
static void
every_kind_of_key_makes_a_request_that_verifies(void)
{
	static const char *const kinds[] = { "rsa-2048", "ec-p256", "ec-p384", "ed25519" };
	CE_CLEANUP(ce_strlist_release) struct ce_strlist names = fixture_names("shop.example *.shop.example 192.0.2.9");
	for (size_t i = 0; i < CE_COUNT(kinds); i++) {
		CE_CLEANUP(ce_keyp) struct ce_key *key = fixture_key(kinds[i]);
		CE_CLEANUP(ce_buf_release) struct ce_buf der = CE_BUF_INIT;
		CU_ASSERT_EQUAL_FATAL(ce_csr_build(key, &names, NULL, &der, NULL), CE_OK);
		CE_CLEANUP(ce_gnutls_crqp) gnutls_x509_crq_t crq = read_crq(&der);
		CU_ASSERT_EQUAL(gnutls_x509_crq_verify(crq, 0), 0);
		CU_ASSERT_EQUAL(gnutls_x509_crq_get_version(crq), 1);
		gnutls_datum_t dn = { NULL, 0 };
		CU_ASSERT_TRUE(gnutls_x509_crq_get_dn2(crq, &dn) < 0 || dn.size == 0); /* empty subject by default */
		gnutls_free(dn.data);
	}
}

static void
the_names_are_in_the_extension_request(void)
{
	CE_CLEANUP(ce_keyp) struct ce_key *key = fixture_key("ec-p256");
	CE_CLEANUP(ce_strlist_release) struct ce_strlist names = fixture_names("shop.example 192.0.2.9");
	CE_CLEANUP(ce_buf_release) struct ce_buf der = CE_BUF_INIT;
	CU_ASSERT_EQUAL_FATAL(ce_csr_build(key, &names, NULL, &der, NULL), CE_OK);
	CE_CLEANUP(ce_gnutls_crqp) gnutls_x509_crq_t crq = read_crq(&der);
	unsigned char value[64];
	size_t size = sizeof(value);
	unsigned critical = 9;
	CU_ASSERT_EQUAL(gnutls_x509_crq_get_subject_alt_name(crq, 0, value, &size, NULL, &critical), GNUTLS_SAN_DNSNAME);
	CU_ASSERT_EQUAL(memcmp(value, "shop.example", 12), 0);
	CU_ASSERT_EQUAL(critical, 0);
	size = sizeof(value);
	CU_ASSERT_EQUAL(gnutls_x509_crq_get_subject_alt_name(crq, 1, value, &size, NULL, NULL), GNUTLS_SAN_IPADDRESS);
	CU_ASSERT_EQUAL(size, 4); /* raw bytes, not text */
}

/* protocols.md 6.3, DN string: C first, CN last, by OID */
static void
the_subject_is_encoded_from_country_to_common_name(void)
{
	static const char *const order[] = { "2.5.4.6", "2.5.4.8", "2.5.4.7", "2.5.4.10", "2.5.4.11", "2.5.4.3" };
	CE_CLEANUP(ce_keyp) struct ce_key *key = fixture_key("ec-p256");
	CE_CLEANUP(ce_strlist_release) struct ce_strlist names = fixture_names("shop.example");
	CE_CLEANUP(ce_buf_release) struct ce_buf der = CE_BUF_INIT;
	const struct ce_subject subject = { (char *)"DE", (char *)"Hessen", (char *)"K\xc3\xb6ln",
		(char *)"A; B, \"C\" + D", (char *)"IT", (char *)"shop.example" };
	CU_ASSERT_EQUAL_FATAL(ce_csr_build(key, &names, &subject, &der, NULL), CE_OK);
	CE_CLEANUP(ce_gnutls_crqp) gnutls_x509_crq_t crq = read_crq(&der);
	for (unsigned i = 0; i < CE_COUNT(order); i++) {
		char oid[64];
		size_t size = sizeof(oid);
		CU_ASSERT_EQUAL(gnutls_x509_crq_get_dn_oid(crq, i, oid, &size), 0);
		CU_ASSERT_STRING_EQUAL(oid, order[i]);
	}
	char text[64];
	size_t size = sizeof(text);
	CU_ASSERT_EQUAL(gnutls_x509_crq_get_dn_by_oid(crq, "2.5.4.10", 0, 0, text, &size), 0);
	CU_ASSERT_NSTRING_EQUAL(text, "A", 1);
	CU_ASSERT_PTR_NOT_NULL(memmem(der.data, der.size, "A; B, \"C\" + D", 13)); /* taken literally */
}

/* protocols.md 6.3, DN limits: GnuTLS accepts C=USA and long names and refuses empty values */
static void
a_subject_beyond_its_limits_is_refused(void)
{
	char sixty_five[66], too_long[130];
	memset(sixty_five, 'x', 65);
	memset(too_long, 'x', 129);
	sixty_five[65] = too_long[129] = '\0';
	const struct {
		struct ce_subject subject;
		const char *part;
	} rows[] = {
		{ { .country = (char *)"USA" }, "country" },
		{ { .country = (char *)"D1" }, "two letters" },
		{ { .common_name = sixty_five }, "common name" },
		{ { .organization = sixty_five }, "organization" },
		{ { .organizational_unit = sixty_five }, "organizational unit" },
		{ { .locality = too_long }, "locality" },
		{ { .state = too_long }, "state" },
		{ { .organization = (char *)"a\nb" }, "not plain" },
		{ { .organization = (char *)"\xff" }, "not plain" },
	};
	for (size_t i = 0; i < CE_COUNT(rows); i++) {
		struct ce_error err;
		CU_ASSERT_EQUAL(ce_subject_check(&rows[i].subject, &err), CE_ERR_INVALID);
		CU_ASSERT_TRUE(fixture_said(&err, CE_ERR_INVALID, rows[i].part));
	}
	sixty_five[64] = '\0';
	CU_ASSERT_EQUAL(ce_subject_check(&(struct ce_subject){ .common_name = sixty_five }, NULL), CE_OK);
	CU_ASSERT_EQUAL(ce_subject_check(&(struct ce_subject){ .locality = sixty_five, .state = (char *)"" }, NULL), CE_OK);
}

static void
a_request_without_names_is_refused(void)
{
	CE_CLEANUP(ce_keyp) struct ce_key *key = fixture_key("ec-p256");
	CE_CLEANUP(ce_buf_release) struct ce_buf der = CE_BUF_INIT;
	const struct ce_strlist none = CE_STRLIST_INIT;
	CU_ASSERT_EQUAL(ce_csr_build(key, &none, NULL, &der, NULL), CE_ERR_INVALID);
	CU_ASSERT_EQUAL(der.size, 0);
}

static void
pem_has_the_standard_label(void)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf pem = CE_BUF_INIT;
	CU_ASSERT_EQUAL(ce_csr_to_pem(fixture_text("0\x00"), &pem, NULL), CE_OK);
	CU_ASSERT_EQUAL(strncmp(ce_buf_text(&pem), "-----BEGIN CERTIFICATE REQUEST-----\n", 36), 0); /* RFC 7468 section 7 */
}

static void
a_subject_is_released_whole(void)
{
	struct ce_subject subject = { .country = strdup("DE"), .common_name = strdup("x") };
	ce_subject_release(&subject);
	CU_ASSERT_PTR_NULL(subject.country);
	CU_ASSERT_PTR_NULL(subject.common_name);
	CU_ASSERT_TRUE(ce_subject_is_empty(&subject));
	CU_ASSERT_TRUE(ce_subject_is_empty(NULL));
}

const struct ce_test ce_csr_tests[] = {
	{ "every kind of key makes a request that verifies", every_kind_of_key_makes_a_request_that_verifies },
	{ "the names are in the extension request", the_names_are_in_the_extension_request },
	{ "the subject is encoded from country to common name", the_subject_is_encoded_from_country_to_common_name },
	{ "a subject beyond its limits is refused", a_subject_beyond_its_limits_is_refused },
	{ "a request without names is refused", a_request_without_names_is_refused },
	{ "PEM has the standard label", pem_has_the_standard_label },
	{ "a subject is released whole", a_subject_is_released_whole },
	{ NULL, NULL }
};
