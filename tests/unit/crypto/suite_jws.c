#include "crypto/jws.h"

#include <jansson.h>

#include "crypto/digest.h"
#include "crypto_fixture.h"

/* RFC 7638 section 3.1 */
static const char rfc7638_n[] =
	"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMst"
	"n64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajr"
	"n1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";

/* J12, J13; J11: n without a leading zero, e as AQAB */
static void
the_thumbprint_of_rfc_7638(void)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf n = CE_BUF_INIT;
	CE_CLEANUP(ce_buf_release) struct ce_buf jwk = CE_BUF_INIT;
	CE_CLEANUP(ce_buf_release) struct ce_buf thumbprint = CE_BUF_INIT;
	CE_CLEANUP(ce_gnutls_pubkeyp) gnutls_pubkey_t open = NULL;
	CU_ASSERT_EQUAL_FATAL(ce_base64url_decode(rfc7638_n, false, &n, NULL), CE_OK);
	gnutls_datum_t modulus = ce_datum(ce_buf_bytes(&n)), exponent = { (unsigned char *)"\x01\x00\x01", 3 };
	CU_ASSERT_EQUAL_FATAL(gnutls_pubkey_init(&open), 0);
	CU_ASSERT_EQUAL_FATAL(gnutls_pubkey_import_rsa_raw(open, &modulus, &exponent), 0);
	const struct ce_key key = { .open = open, .kind = ce_key_kind_of(open) };
	CU_ASSERT_EQUAL(ce_jwk(&key, &jwk, NULL), CE_OK);
	CU_ASSERT_EQUAL(strncmp(ce_buf_text(&jwk), "{\"e\":\"AQAB\",\"kty\":\"RSA\",\"n\":\"0vx7", 33), 0);
	CU_ASSERT_EQUAL(ce_jwk_thumbprint(&key, &thumbprint, NULL), CE_OK);
	CU_ASSERT_STRING_EQUAL(ce_buf_text(&thumbprint), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
}

/* RFC 8037 appendix A.1 as PKCS#8 */
static const char rfc8037_pem[] =
	"-----BEGIN PRIVATE KEY-----\n"
	"MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
	"-----END PRIVATE KEY-----\n";

/* J12, J13 */
static void
the_thumbprint_of_rfc_8037(void)
{
	CE_CLEANUP(ce_keyp) struct ce_key *key = NULL;
	CE_CLEANUP(ce_buf_release) struct ce_buf jwk = CE_BUF_INIT;
	CE_CLEANUP(ce_buf_release) struct ce_buf thumbprint = CE_BUF_INIT;
	CU_ASSERT_EQUAL_FATAL(ce_key_from_pem(fixture_text(rfc8037_pem), &key, NULL), CE_OK);
	CU_ASSERT_EQUAL(ce_jwk(key, &jwk, NULL), CE_OK);
	CU_ASSERT_STRING_EQUAL(ce_buf_text(&jwk),
		"{\"crv\":\"Ed25519\",\"kty\":\"OKP\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}");
	CU_ASSERT_EQUAL(ce_jwk_thumbprint(key, &thumbprint, NULL), CE_OK);
	CU_ASSERT_STRING_EQUAL(ce_buf_text(&thumbprint), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}

static const char *
member(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));
	return text ? text : "(none)";
}

/* A member of the body, decoded and parsed. */
static json_t *
decoded(const json_t *body, const char *name)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf text = CE_BUF_INIT;
	CU_ASSERT_EQUAL_FATAL(ce_base64url_decode(member(body, name), false, &text, NULL), CE_OK);
	json_t *value = json_loadb((const char *)text.data, text.size, 0, NULL);
	CU_ASSERT_PTR_NOT_NULL_FATAL(value);
	return value;
}

static json_t *
signed_body(const struct ce_key *key, const struct ce_jws_request *request)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf text = CE_BUF_INIT;
	CU_ASSERT_EQUAL_FATAL(ce_jws_sign(key, request, &text, NULL), CE_OK);
	json_t *body = json_loadb((const char *)text.data, text.size, 0, NULL);
	CU_ASSERT_PTR_NOT_NULL_FATAL(body);
	CU_ASSERT_EQUAL(json_object_size(body), 3); /* J1 */
	return body;
}

/* Whether the signature of a body verifies; r and s are put back into DER by GnuTLS. */
static bool
verifies(const struct ce_key *key, const json_t *body)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf input = CE_BUF_INIT;
	CE_CLEANUP(ce_buf_release) struct ce_buf raw = CE_BUF_INIT;
	CE_CLEANUP(ce_datump) gnutls_datum_t der = { NULL, 0 };
	CU_ASSERT_EQUAL(ce_buf_addf(&input, NULL, "%s.%s", member(body, "protected"), member(body, "payload")), CE_OK);
	CU_ASSERT_EQUAL(ce_base64url_decode(member(body, "signature"), false, &raw, NULL), CE_OK);
	gnutls_datum_t data = ce_datum(ce_buf_bytes(&input)), signature = ce_datum(ce_buf_bytes(&raw));
	if (key->kind->algorithm == GNUTLS_PK_ECDSA) {
		if (raw.size != 2 * key->kind->width)
			return false;
		gnutls_datum_t r = { raw.data, (unsigned)raw.size / 2 }, s = { raw.data + raw.size / 2, (unsigned)raw.size / 2 };
		if (gnutls_encode_rs_value(&der, &r, &s) < 0)
			return false;
		signature = der;
	}
	return gnutls_pubkey_verify_data2(key->open, key->kind->sign, 0, &data, &signature) >= 0;
}

/* J2, J7, J8, J9 */
static void
every_kind_of_key_signs_with_its_algorithm(void)
{
	static const struct {
		const char *kind, *algorithm, *type;
	} rows[] = { { "ec-p256", "ES256", "EC" }, { "ec-p384", "ES384", "EC" }, { "rsa-2048", "RS256", "RSA" },
		{ "ed25519", "EdDSA", "OKP" } };
	for (size_t i = 0; i < CE_COUNT(rows); i++) {
		CE_CLEANUP(ce_keyp) struct ce_key *key = fixture_key(rows[i].kind);
		const struct ce_jws_request request = { "https://ca.example/acme/new?a=b%2F/c", "n-1", NULL, "{\"a\":1}" };
		json_t *body = signed_body(key, &request);
		json_t *header = decoded(body, "protected");
		CU_ASSERT_EQUAL(json_object_size(header), 4);
		CU_ASSERT_STRING_EQUAL(member(header, "alg"), rows[i].algorithm);
		CU_ASSERT_STRING_EQUAL(member(header, "nonce"), "n-1");
		CU_ASSERT_STRING_EQUAL(member(header, "url"), request.url); /* J4 */
		CU_ASSERT_STRING_EQUAL(member(json_object_get(header, "jwk"), "kty"), rows[i].type);
		CU_ASSERT_STRING_EQUAL(member(body, "payload"), "eyJhIjoxfQ");
		CU_ASSERT_TRUE(verifies(key, body));
		json_decref(header);
		json_decref(body);
	}
}

/* J2, J3, J5 */
static void
kid_nonce_and_payload_are_there_or_not(void)
{
	CE_CLEANUP(ce_keyp) struct ce_key *key = fixture_key("ec-p256");
	struct ce_jws_request request = { "https://ca.example/order/1", "n", "https://ca.example/acct/1", NULL };
	json_t *body = signed_body(key, &request);
	json_t *header = decoded(body, "protected");
	CU_ASSERT_STRING_EQUAL(member(body, "payload"), "");
	CU_ASSERT_STRING_EQUAL(member(header, "kid"), "https://ca.example/acct/1");
	CU_ASSERT_PTR_NULL(json_object_get(header, "jwk"));
	CU_ASSERT_TRUE(verifies(key, body));
	json_decref(header);
	json_decref(body);
	request = (struct ce_jws_request){ "https://ca.example/key", NULL, NULL, "{}" };
	body = signed_body(key, &request);
	header = decoded(body, "protected");
	CU_ASSERT_STRING_EQUAL(member(body, "payload"), "e30");
	CU_ASSERT_PTR_NULL(json_object_get(header, "nonce"));
	CU_ASSERT_PTR_NULL(json_object_get(header, "kid"));
	json_decref(header);
	json_decref(body);
}

/* J7, protocols.md 6.2: r and s of 31 to 33 bytes; a client that only strips zeros passes 99.5 % of the time */
static void
thousands_of_signatures_have_their_full_width(void)
{
	static const char *const kinds[] = { "ec-p256", "ec-p384" };
	for (size_t i = 0; i < CE_COUNT(kinds); i++) {
		CE_CLEANUP(ce_keyp) struct ce_key *key = fixture_key(kinds[i]);
		int bad = 0, short_numbers = 0;
		for (int n = 0; n < 2000; n++) {
			char payload[32];
			snprintf(payload, sizeof(payload), "%d", n);
			const struct ce_jws_request request = { "https://ca.example/", "n", "https://ca.example/1", payload };
			CE_CLEANUP(ce_buf_release) struct ce_buf raw = CE_BUF_INIT;
			json_t *body = signed_body(key, &request);
			CU_ASSERT_EQUAL(ce_base64url_decode(member(body, "signature"), false, &raw, NULL), CE_OK);
			short_numbers += raw.data[0] == 0 || raw.data[raw.size / 2] == 0;
			bad += raw.size != 2 * key->kind->width || !verifies(key, body);
			json_decref(body);
		}
		CU_ASSERT_EQUAL(bad, 0);
		CU_ASSERT_TRUE(short_numbers > 0); /* the odds of meeting none are 1e-7 */
	}
}

/* J11, protocols.md 6.2: coordinates of 31 bytes come up once in 128 keys */
static void
coordinates_have_their_full_width(void)
{
	int short_numbers = 0;
	for (int n = 0; n < 2000; n++) {
		CE_CLEANUP(ce_keyp) struct ce_key *key = fixture_key("ec-p256");
		CE_CLEANUP(ce_buf_release) struct ce_buf jwk = CE_BUF_INIT;
		CU_ASSERT_EQUAL_FATAL(ce_jwk(key, &jwk, NULL), CE_OK);
		CU_ASSERT_EQUAL(jwk.size, strlen("{'crv':'P-256','kty':'EC','x':'','y':''}") + 43 + 43);
		short_numbers += strstr(ce_buf_text(&jwk), "\"x\":\"A") != NULL; /* the first six bits are 0 */
	}
	CU_ASSERT_TRUE(short_numbers > 0);
}

/* J16 */
static void
a_hundred_names_with_a_large_key_fit_one_request(void)
{
	CE_CLEANUP(ce_keyp) struct ce_key *key = fixture_key("rsa-4096");
	CE_CLEANUP(ce_strlist_release) struct ce_strlist names = CE_STRLIST_INIT;
	CE_CLEANUP(ce_buf_release) struct ce_buf csr = CE_BUF_INIT;
	CE_CLEANUP(ce_buf_release) struct ce_buf payload = CE_BUF_INIT;
	CE_CLEANUP(ce_buf_release) struct ce_buf out = CE_BUF_INIT;
	struct ce_error err;
	char label[64];
	memset(label, 'a', 63);
	label[63] = '\0';
	for (int i = 0; i < 100; i++)
		CU_ASSERT_EQUAL(ce_strlist_addf(&names, NULL, "n%d.%s.%s.example", i, label, label), CE_OK);
	CU_ASSERT_EQUAL_FATAL(ce_csr_build(key, &names, NULL, &csr, NULL), CE_OK);
	CU_ASSERT_EQUAL(ce_buf_adds(&payload, "{\"csr\":\"", NULL), CE_OK);
	CU_ASSERT_EQUAL(ce_base64url_add(&payload, ce_buf_bytes(&csr), NULL), CE_OK);
	CU_ASSERT_EQUAL(ce_buf_adds(&payload, "\"}", NULL), CE_OK);
	struct ce_jws_request request = { "https://ca.example/finalize", "n", "https://ca.example/1", ce_buf_text(&payload) };
	CU_ASSERT_EQUAL(ce_jws_sign(key, &request, &out, NULL), CE_OK);
	CU_ASSERT_TRUE(out.size < 50000);
	memset(ce_buf_grow(&payload, 40000), 'x', 40000);
	request.payload = ce_buf_text(&payload);
	CU_ASSERT_EQUAL(ce_jws_sign(key, &request, &out, &err), CE_ERR_LIMIT);
	CU_ASSERT_TRUE(fixture_said(&err, CE_ERR_LIMIT, "50000"));
}

/* A6; RFC 8555 section 7.3.4 */
static void
an_external_account_is_bound_by_its_mac(void)
{
	CE_CLEANUP(ce_keyp) struct ce_key *key = fixture_key("ec-p256");
	CE_CLEANUP(ce_buf_release) struct ce_buf text = CE_BUF_INIT;
	CE_CLEANUP(ce_buf_release) struct ce_buf jwk = CE_BUF_INIT;
	CE_CLEANUP(ce_buf_release) struct ce_buf input = CE_BUF_INIT;
	CE_CLEANUP(ce_buf_release) struct ce_buf wanted = CE_BUF_INIT;
	const struct ce_bytes mac_key = fixture_text("0123456789abcdef");
	CU_ASSERT_EQUAL_FATAL(ce_jws_bind(key, "HS256", "https://ca.example/new", "kid-1", mac_key, &text, NULL), CE_OK);
	json_t *body = json_loadb((const char *)text.data, text.size, 0, NULL);
	json_t *header = decoded(body, "protected");
	json_t *payload = decoded(body, "payload");
	CU_ASSERT_EQUAL(json_object_size(header), 3); /* no nonce */
	CU_ASSERT_STRING_EQUAL(member(header, "alg"), "HS256");
	CU_ASSERT_STRING_EQUAL(member(header, "kid"), "kid-1");
	CU_ASSERT_STRING_EQUAL(member(header, "url"), "https://ca.example/new");
	CU_ASSERT_EQUAL(ce_jwk(key, &jwk, NULL), CE_OK);
	json_t *own = json_loads(ce_buf_text(&jwk), 0, NULL);
	CU_ASSERT_TRUE(json_equal(payload, own));
	unsigned char mac[32];
	CU_ASSERT_EQUAL(ce_buf_addf(&input, NULL, "%s.%s", member(body, "protected"), member(body, "payload")), CE_OK);
	CU_ASSERT_EQUAL(gnutls_hmac_fast(GNUTLS_MAC_SHA256, mac_key.data, mac_key.size, input.data, input.size, mac), 0);
	CU_ASSERT_EQUAL(ce_base64url_add(&wanted, (struct ce_bytes){ mac, sizeof(mac) }, NULL), CE_OK);
	CU_ASSERT_STRING_EQUAL(member(body, "signature"), ce_buf_text(&wanted));
	json_decref(own);
	json_decref(payload);
	json_decref(header);
	json_decref(body);
}

/* A6; RFC 7518 section 3.2 */
static void
every_mac_has_its_length(void)
{
	static const struct {
		const char *mac;
		size_t signature; /* characters of base64url */
	} macs[] = { { "HS256", 43 }, { "HS384", 64 }, { "HS512", 86 } };
	CE_CLEANUP(ce_keyp) struct ce_key *key = fixture_key("ec-p256");
	for (size_t i = 0; i < CE_COUNT(macs); i++) {
		CE_CLEANUP(ce_buf_release) struct ce_buf text = CE_BUF_INIT;
		CU_ASSERT_STRING_EQUAL(ce_jws_macs[i], macs[i].mac);
		CU_ASSERT_EQUAL_FATAL(ce_jws_bind(key, macs[i].mac, "https://ca/", "kid", fixture_text("key"), &text, NULL), CE_OK);
		json_t *body = json_loadb((const char *)text.data, text.size, 0, NULL);
		json_t *header = decoded(body, "protected");
		CU_ASSERT_STRING_EQUAL(member(header, "alg"), macs[i].mac);
		CU_ASSERT_EQUAL(strlen(member(body, "signature")), macs[i].signature);
		json_decref(header);
		json_decref(body);
	}
	CE_CLEANUP(ce_buf_release) struct ce_buf none = CE_BUF_INIT;
	CU_ASSERT_EQUAL(ce_jws_bind(key, "none", "https://ca/", "kid", fixture_text("key"), &none, NULL), CE_ERR_INVALID);
}

static void
what_cannot_be_signed_is_refused(void)
{
	CE_CLEANUP(ce_keyp) struct ce_key *key = fixture_key("ec-p256");
	CE_CLEANUP(ce_buf_release) struct ce_buf out = CE_BUF_INIT;
	const struct ce_jws_request request = { "https://ca.example/\xff", "n", NULL, "{}" };
	CU_ASSERT_EQUAL(ce_jws_sign(key, &request, &out, NULL), CE_ERR_INVALID);
	CU_ASSERT_EQUAL(ce_jws_bind(key, "HS256", "https://ca.example/", "kid", fixture_text(""), &out, NULL), CE_ERR_INVALID);
	CU_ASSERT_EQUAL(ce_jws_bind(key, "HS256", "https://ca.example/", "\xff", fixture_text("x"), &out, NULL), CE_ERR_INVALID);
	CU_ASSERT_EQUAL(out.size, 0);
}

const struct ce_test ce_jws_tests[] = {
	{ "the thumbprint of RFC 7638", the_thumbprint_of_rfc_7638 },
	{ "the thumbprint of RFC 8037", the_thumbprint_of_rfc_8037 },
	{ "every kind of key signs with its algorithm", every_kind_of_key_signs_with_its_algorithm },
	{ "kid, nonce and payload are there or not", kid_nonce_and_payload_are_there_or_not },
	{ "thousands of signatures have their full width", thousands_of_signatures_have_their_full_width },
	{ "coordinates have their full width", coordinates_have_their_full_width },
	{ "a hundred names with a large key fit one request", a_hundred_names_with_a_large_key_fit_one_request },
	{ "an external account is bound by its MAC", an_external_account_is_bound_by_its_mac },
	{ "every MAC of an external account has its length (A6)", every_mac_has_its_length },
	{ "what cannot be signed is refused", what_cannot_be_signed_is_refused },
	{ NULL, NULL }
};
