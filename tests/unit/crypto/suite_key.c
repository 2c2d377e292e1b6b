#include "crypto_fixture.h"

/* protocols.md 6.1; RSA above 2048 takes the same path and is left to one look at the table */
static void
every_kind_is_generated_written_and_read(void)
{
	static const char *const quick[] = { "rsa-2048", "ec-p256", "ec-p384", "ed25519" };
	for (size_t i = 0; i < CE_COUNT(quick); i++) {
		CE_CLEANUP(ce_keyp) struct ce_key *key = fixture_key(quick[i]);
		CE_CLEANUP(ce_keyp) struct ce_key *back = NULL;
		CE_CLEANUP(ce_buf_release) struct ce_buf pem = CE_BUF_INIT;
		char id[65], back_id[65];
		CU_ASSERT_STRING_EQUAL(ce_key_kind(key), quick[i]);
		CU_ASSERT_EQUAL(ce_key_to_pem(key, &pem, NULL), CE_OK);
		CU_ASSERT_TRUE(pem.secret);
		CU_ASSERT_EQUAL(strncmp(ce_buf_text(&pem), "-----BEGIN PRIVATE KEY-----\n", 28), 0); /* PKCS#8 */
		CU_ASSERT_EQUAL_FATAL(ce_key_from_pem(ce_buf_bytes(&pem), &back, NULL), CE_OK);
		CU_ASSERT_STRING_EQUAL(ce_key_kind(back), quick[i]);
		CU_ASSERT_EQUAL(ce_key_id(key, id, NULL), CE_OK);
		CU_ASSERT_EQUAL(ce_key_id(back, back_id, NULL), CE_OK);
		CU_ASSERT_EQUAL(strlen(id), 64);
		CU_ASSERT_STRING_EQUAL(id, back_id);
	}
}

/* RFC 8410 section 10.3, a key and its public key */
static const char ed25519_pem[] =
	"-----BEGIN PRIVATE KEY-----\n"
	"MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n"
	"-----END PRIVATE KEY-----\n";

static const char sec1_pem[] =
	"-----BEGIN EC PRIVATE KEY-----\n"
	"MHcCAQEEIC5bCBZmFBPgFUKKw7F7pGBAi2JbYFc9bMP5wHtTtMvtoAoGCCqGSM49\n"
	"AwEHoUQDQgAEZ9uJ4Wev0SgBm9cCOZVbZ1ZCP1hzU6CBB8uZKhR1k6P3yXKTQm6O\n"
	"-----END EC PRIVATE KEY-----\n";

static void
a_published_key_is_read(void)
{
	CE_CLEANUP(ce_keyp) struct ce_key *key = NULL;
	CU_ASSERT_EQUAL_FATAL(ce_key_from_pem(fixture_text(ed25519_pem), &key, NULL), CE_OK);
	CU_ASSERT_STRING_EQUAL(ce_key_kind(key), "ed25519");
	gnutls_datum_t x = { NULL, 0 };
	CU_ASSERT_EQUAL_FATAL(gnutls_pubkey_export_ecc_raw2(key->open, NULL, &x, NULL, 0), 0);
	static const unsigned char head[] = { 0x19, 0xbf, 0x44, 0x09, 0x69, 0x84 };
	CU_ASSERT_EQUAL(memcmp(x.data, head, sizeof(head)), 0);
	gnutls_free(x.data);
}

static void
what_is_no_usable_key_is_refused(void)
{
	static const struct {
		const char *text;
		int code;
		const char *part;
	} rows[] = {
		{ "", CE_ERR_INVALID, "no private key" },
		{ "hello", CE_ERR_INVALID, "no private key" },
		{ "-----BEGIN CERTIFICATE-----\n", CE_ERR_INVALID, "no private key" },
		{ "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIB\n-----END ENCRYPTED PRIVATE KEY-----\n", CE_ERR_INVALID,
		  "protected by a password" },
		{ "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nMIIB\n-----END RSA PRIVATE KEY-----\n",
		  CE_ERR_INVALID, "protected by a password" },
		{ "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", CE_ERR_INVALID, "cannot be read" },
		{ sec1_pem, CE_ERR_INVALID, "cannot be read" },
	};
	for (size_t i = 0; i < CE_COUNT(rows); i++) {
		CE_CLEANUP(ce_keyp) struct ce_key *key = NULL;
		struct ce_error err;
		CU_ASSERT_EQUAL(ce_key_from_pem(fixture_text(rows[i].text), &key, &err), rows[i].code);
		CU_ASSERT_TRUE(fixture_said(&err, rows[i].code, rows[i].part));
		CU_ASSERT_PTR_NULL(strstr(err.text, "MIIB"));
	}
}

static void
a_huge_key_is_refused_before_it_is_parsed(void)
{
	CE_CLEANUP(ce_keyp) struct ce_key *key = NULL;
	CE_CLEANUP(ce_buf_release) struct ce_buf pem = CE_BUF_INIT;
	CU_ASSERT_EQUAL(ce_buf_adds(&pem, ed25519_pem, NULL), CE_OK);
	memset(ce_buf_grow(&pem, 20000), '\n', 20000);
	CU_ASSERT_EQUAL(ce_key_from_pem(ce_buf_bytes(&pem), &key, NULL), CE_ERR_LIMIT);
}

/* P-521 and RSA-1024 are kinds that the public CAs refuse (protocols.md 6.1) */
static void
other_kinds_are_refused_by_name(void)
{
	static const struct {
		gnutls_pk_algorithm_t algorithm;
		unsigned bits;
	} rows[] = { { GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP521R1) }, { GNUTLS_PK_RSA, 1024 } };
	for (size_t i = 0; i < CE_COUNT(rows); i++) {
		CE_CLEANUP(ce_gnutls_x509_privkeyp) gnutls_x509_privkey_t odd = NULL;
		CE_CLEANUP(ce_secret_datump) gnutls_datum_t pem = { NULL, 0 };
		CE_CLEANUP(ce_keyp) struct ce_key *key = NULL;
		struct ce_error err;
		CU_ASSERT_EQUAL_FATAL(gnutls_x509_privkey_init(&odd), 0);
		CU_ASSERT_EQUAL_FATAL(gnutls_x509_privkey_generate(odd, rows[i].algorithm, rows[i].bits, 0), 0);
		CU_ASSERT_EQUAL_FATAL(gnutls_x509_privkey_export2(odd, GNUTLS_X509_FMT_PEM, &pem), 0);
		CU_ASSERT_EQUAL(ce_key_from_pem(ce_datum_bytes(&pem), &key, &err), CE_ERR_REFUSED);
		CU_ASSERT_TRUE(fixture_said(&err, CE_ERR_REFUSED, "ec-p384"));
	}
	CE_CLEANUP(ce_keyp) struct ce_key *none = NULL;
	CU_ASSERT_EQUAL(ce_key_generate("rsa-1024", &none, NULL), CE_ERR_INVALID);
}

static void
pkcs1_and_sec1_are_read_too(void)
{
	static const char *const legacy[] = { "rsa-2048", "ec-p256" };
	for (size_t i = 0; i < CE_COUNT(legacy); i++) {
		CE_CLEANUP(ce_keyp) struct ce_key *key = fixture_key(legacy[i]);
		CE_CLEANUP(ce_keyp) struct ce_key *back = NULL;
		CE_CLEANUP(ce_gnutls_x509_privkeyp) gnutls_x509_privkey_t x509 = NULL;
		CE_CLEANUP(ce_secret_datump) gnutls_datum_t pem = { NULL, 0 };
		CU_ASSERT_EQUAL_FATAL(gnutls_privkey_export_x509(key->secret, &x509), 0);
		CU_ASSERT_EQUAL_FATAL(gnutls_x509_privkey_export2(x509, GNUTLS_X509_FMT_PEM, &pem), 0);
		CU_ASSERT_PTR_NULL(strstr((char *)pem.data, "BEGIN PRIVATE KEY"));
		CU_ASSERT_EQUAL(ce_key_from_pem(ce_datum_bytes(&pem), &back, NULL), CE_OK);
	}
}

const struct ce_test ce_key_tests[] = {
	{ "every kind is generated, written and read", every_kind_is_generated_written_and_read },
	{ "a published key is read", a_published_key_is_read },
	{ "PKCS#1 and SEC1 are read too", pkcs1_and_sec1_are_read_too },
	{ "what is no usable key is refused", what_is_no_usable_key_is_refused },
	{ "a huge key is refused before it is parsed", a_huge_key_is_refused_before_it_is_parsed },
	{ "other kinds are refused by name", other_kinds_are_refused_by_name },
	{ NULL, NULL }
};
