#include "crypto_fixture.h"

static const struct ce_revoked revoked[] = {
	{ "7f0102030405060708090a0b0c0d0e0f10111213", NOW - 10, 1 }, /* keyCompromise */
	{ "80", NOW - 20, 0 },
	{ "00ff", 2524608000LL, 4 }, /* 2050: GeneralizedTime */
};

static gnutls_x509_crl_t
read_crl(const struct ce_buf *pem)
{
	gnutls_x509_crl_t crl = NULL;
	gnutls_datum_t text = ce_datum(ce_buf_bytes(pem));
	CU_ASSERT_EQUAL_FATAL(gnutls_x509_crl_init(&crl), 0);
	CU_ASSERT_EQUAL_FATAL(gnutls_x509_crl_import(crl, &text, GNUTLS_X509_FMT_PEM), 0);
	return crl;
}

static void
check_entry(gnutls_x509_crl_t crl, int at, const unsigned char *serial, size_t size, long long when)
{
	unsigned char found[32];
	size_t found_size = sizeof(found);
	time_t moment = 0;
	CU_ASSERT_EQUAL(gnutls_x509_crl_get_crt_serial(crl, at, found, &found_size, &moment), 0);
	CU_ASSERT_EQUAL(found_size, size);
	CU_ASSERT_EQUAL(memcmp(found, serial, size), 0);
	CU_ASSERT_EQUAL(moment, when);
}

static void
every_kind_of_ca_signs_lists_that_gnutls_reads(void)
{
	static const char *const kinds[] = { "rsa-2048", "ec-p256", "ec-p384", "ed25519" };
	for (size_t i = 0; i < CE_COUNT(kinds); i++) {
		CE_CLEANUP(ce_keyp) struct ce_key *key = fixture_key(kinds[i]);
		CE_CLEANUP(ce_buf_release) struct ce_buf ca = CE_BUF_INIT;
		CE_CLEANUP(ce_buf_release) struct ce_buf pem = CE_BUF_INIT;
		CU_ASSERT_EQUAL_FATAL(ce_authority_create(key, "House CA", NOW - DAY, NOW + 3650 * DAY, NULL, &ca, NULL), CE_OK);
		CU_ASSERT_EQUAL_FATAL(ce_authority_crl(key, ce_buf_bytes(&ca), revoked, 3, 300, NOW, NOW + 7 * DAY, &pem, NULL),
			CE_OK);
		CE_CLEANUP(ce_gnutls_crlp) gnutls_x509_crl_t crl = read_crl(&pem);
		unsigned char number[8];
		size_t size = sizeof(number);
		CU_ASSERT_EQUAL(gnutls_x509_crl_get_version(crl), 2);
		CU_ASSERT_EQUAL(gnutls_x509_crl_get_crt_count(crl), 3);
		CU_ASSERT_EQUAL(gnutls_x509_crl_get_this_update(crl), NOW);
		CU_ASSERT_EQUAL(gnutls_x509_crl_get_next_update(crl), NOW + 7 * DAY);
		CU_ASSERT_EQUAL(gnutls_x509_crl_get_number(crl, number, &size, NULL), 0);
		CU_ASSERT_EQUAL(size, 2);
		CU_ASSERT_EQUAL(memcmp(number, "\x01\x2c", 2), 0);
		check_entry(crl, 1, (const unsigned char *)"\x00\x80", 2, NOW - 20);
		check_entry(crl, 2, (const unsigned char *)"\x00\xff", 2, 2524608000LL);
		size = 0;
		CU_ASSERT_EQUAL(gnutls_x509_crl_get_authority_key_id(crl, number, &size, NULL), GNUTLS_E_SHORT_MEMORY_BUFFER);
		CU_ASSERT_EQUAL(size, 20);
	}
}

static void
a_reason_is_said_unless_it_is_unspecified(void)
{
	static const unsigned char compromise[] = { 0x06, 0x03, 0x55, 0x1d, 0x15, 0x04, 0x03, 0x0a, 0x01, 0x01 };
	static const unsigned char unspecified[] = { 0x04, 0x03, 0x0a, 0x01, 0x00 };
	CE_CLEANUP(ce_keyp) struct ce_key *key = fixture_key("ec-p256");
	CE_CLEANUP(ce_buf_release) struct ce_buf ca = CE_BUF_INIT;
	CE_CLEANUP(ce_buf_release) struct ce_buf pem = CE_BUF_INIT;
	CU_ASSERT_EQUAL_FATAL(ce_authority_create(key, "House CA", NOW - DAY, NOW + 3650 * DAY, NULL, &ca, NULL), CE_OK);
	CU_ASSERT_EQUAL_FATAL(ce_authority_crl(key, ce_buf_bytes(&ca), revoked, 2, 0, NOW, NOW + DAY, &pem, NULL), CE_OK);
	CE_CLEANUP(ce_gnutls_crlp) gnutls_x509_crl_t crl = read_crl(&pem);
	CE_CLEANUP(ce_datump) gnutls_datum_t der = { NULL, 0 };
	CU_ASSERT_EQUAL_FATAL(gnutls_x509_crl_export2(crl, GNUTLS_X509_FMT_DER, &der), 0);
	CU_ASSERT_PTR_NOT_NULL(memmem(der.data, der.size, compromise, sizeof(compromise)));
	CU_ASSERT_PTR_NULL(memmem(der.data, der.size, unspecified, sizeof(unspecified)));
}

static void
an_empty_list_is_a_list(void)
{
	CE_CLEANUP(ce_keyp) struct ce_key *key = fixture_key("ec-p256");
	CE_CLEANUP(ce_buf_release) struct ce_buf ca = CE_BUF_INIT;
	CE_CLEANUP(ce_buf_release) struct ce_buf pem = CE_BUF_INIT;
	CU_ASSERT_EQUAL_FATAL(ce_authority_create(key, "House CA", NOW - DAY, NOW + 3650 * DAY, NULL, &ca, NULL), CE_OK);
	CU_ASSERT_EQUAL_FATAL(ce_authority_crl(key, ce_buf_bytes(&ca), NULL, 0, 1, NOW, NOW + DAY, &pem, NULL), CE_OK);
	CE_CLEANUP(ce_gnutls_crlp) gnutls_x509_crl_t crl = read_crl(&pem);
	CU_ASSERT_EQUAL(gnutls_x509_crl_get_crt_count(crl), 0);
}

static void
wrong_entries_and_dates_are_refused(void)
{
	static const struct ce_revoked bad[] = { { "", NOW, 0 }, { "f", NOW, 0 }, { "0g", NOW, 0 }, { "FF", NOW, 0 },
		{ "0102030405060708090a0b0c0d0e0f101112131415", NOW, 0 }, { "01", NOW, 7 }, { "01", NOW, 11 }, { "01", -1, 0 } };
	CE_CLEANUP(ce_keyp) struct ce_key *key = fixture_key("ec-p256");
	CE_CLEANUP(ce_keyp) struct ce_key *other = fixture_key("ec-p256");
	CE_CLEANUP(ce_buf_release) struct ce_buf ca = CE_BUF_INIT;
	CE_CLEANUP(ce_buf_release) struct ce_buf pem = CE_BUF_INIT;
	CU_ASSERT_EQUAL_FATAL(ce_authority_create(key, "House CA", NOW - DAY, NOW + 3650 * DAY, NULL, &ca, NULL), CE_OK);
	struct ce_bytes bytes = ce_buf_bytes(&ca);
	for (size_t i = 0; i < CE_COUNT(bad); i++)
		CU_ASSERT_EQUAL(ce_authority_crl(key, bytes, &bad[i], 1, 1, NOW, NOW + DAY, &pem, NULL), CE_ERR_INVALID);
	CU_ASSERT_EQUAL(ce_authority_crl(key, bytes, NULL, 0, -1, NOW, NOW + DAY, &pem, NULL), CE_ERR_INVALID);
	CU_ASSERT_EQUAL(ce_authority_crl(key, bytes, NULL, 0, 1, NOW, NOW, &pem, NULL), CE_ERR_INVALID);
	CU_ASSERT_EQUAL(ce_authority_crl(other, bytes, NULL, 0, 1, NOW, NOW + DAY, &pem, NULL), CE_ERR_CRYPTO);
	CU_ASSERT_EQUAL(pem.size, 0);
}

const struct ce_test ce_crl_tests[] = {
	{ "every kind of CA signs lists that GnuTLS reads", every_kind_of_ca_signs_lists_that_gnutls_reads },
	{ "a reason is said unless it is unspecified", a_reason_is_said_unless_it_is_unspecified },
	{ "an empty list is a list", an_empty_list_is_a_list },
	{ "wrong entries and dates are refused", wrong_entries_and_dates_are_refused },
	{ NULL, NULL }
};
