#include "crypto/digest.h"
#include "crypto_fixture.h"

static void
sha256_of_known_texts(void)
{
	char hex[CE_SHA256_HEX];
	CU_ASSERT_EQUAL(ce_sha256_hex(fixture_text("abc"), hex, NULL), CE_OK); /* FIPS 180-4 */
	CU_ASSERT_STRING_EQUAL(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	CU_ASSERT_EQUAL(ce_sha256_hex((struct ce_bytes){ NULL, 0 }, hex, NULL), CE_OK);
	CU_ASSERT_STRING_EQUAL(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

/* RFC 4648 section 10, RFC 7515 appendix A.1 and C; J6: never any padding */
static void
base64url_has_no_padding(void)
{
	static const struct {
		const char *plain, *text;
	} rows[] = {
		{ "", "" }, { "f", "Zg" }, { "fo", "Zm8" }, { "foo", "Zm9v" }, { "foob", "Zm9vYg" }, { "fooba", "Zm9vYmE" },
		{ "{}", "e30" }, { "\x03\xec\xff\xe0\xc1", "A-z_4ME" }
	};
	for (size_t i = 0; i < CE_COUNT(rows); i++) {
		CE_CLEANUP(ce_buf_release) struct ce_buf text = CE_BUF_INIT;
		CE_CLEANUP(ce_buf_release) struct ce_buf back = CE_BUF_INIT;
		CU_ASSERT_EQUAL(ce_base64url_add(&text, fixture_text(rows[i].plain), NULL), CE_OK);
		CU_ASSERT_STRING_EQUAL(ce_buf_text(&text), rows[i].text);
		CU_ASSERT_EQUAL(ce_base64url_decode(rows[i].text, false, &back, NULL), CE_OK);
		CU_ASSERT_STRING_EQUAL(ce_buf_text(&back), rows[i].plain);
		CU_ASSERT_TRUE(back.secret);
	}
}

/* J6 */
static void
foreign_letters_pass_only_where_people_paste(void)
{
	static const char *const pasted[] = { "A+z/4ME=", "A-z_4ME", "A+z_4ME===" };
	struct ce_error err;
	for (size_t i = 0; i < CE_COUNT(pasted); i++) {
		CE_CLEANUP(ce_buf_release) struct ce_buf bytes = CE_BUF_INIT;
		CU_ASSERT_EQUAL(ce_base64url_decode(pasted[i], true, &bytes, NULL), CE_OK);
		CU_ASSERT_EQUAL(bytes.size, 5);
	}
	static const char *const bad[] = { "A+z_4ME", "A-z/4ME", "Zg==", "Zg ", "Z", "Zg\n", "Zh", "=", "\xc3\xa4yz" };
	for (size_t i = 0; i < CE_COUNT(bad); i++) {
		CE_CLEANUP(ce_buf_release) struct ce_buf bytes = CE_BUF_INIT;
		CU_ASSERT_EQUAL(ce_base64url_decode(bad[i], false, &bytes, &err), CE_ERR_INVALID);
		CU_ASSERT_EQUAL(bytes.size, 0);
		CU_ASSERT_PTR_NULL(strstr(err.text, bad[i])); /* it may be a secret */
	}
}

static void
passwords_are_letters_and_digits_and_differ(void)
{
	CE_CLEANUP(ce_wipe_strp) char *one = NULL;
	CE_CLEANUP(ce_wipe_strp) char *two = NULL;
	CU_ASSERT_EQUAL(ce_random_password(24, &one, NULL), CE_OK);
	CU_ASSERT_EQUAL(ce_random_password(24, &two, NULL), CE_OK);
	CU_ASSERT_EQUAL(strlen(one), 24);
	CU_ASSERT_EQUAL(strspn(one, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"), 24);
	CU_ASSERT_STRING_NOT_EQUAL(one, two);
}

/* all 62 letters come up in 6200; the odds of missing one are below 1e-40 */
static void
every_letter_of_a_password_can_occur(void)
{
	CE_CLEANUP(ce_wipe_strp) char *text = NULL;
	bool seen[256] = { false };
	int kinds = 0;
	CU_ASSERT_EQUAL_FATAL(ce_random_password(6200, &text, NULL), CE_OK);
	for (const char *c = text; *c; c++) {
		kinds += !seen[(unsigned char)*c];
		seen[(unsigned char)*c] = true;
	}
	CU_ASSERT_EQUAL(kinds, 62);
}

/* GNUTLS_DEBUG_LEVEL writes secrets to standard error, SSLKEYLOGFILE to a file */
static void
the_environment_does_not_steer_gnutls(void)
{
	setenv("GNUTLS_SYSTEM_PRIORITY_FILE", "/nonexistent", 1);
	setenv("GNUTLS_DEBUG_LEVEL", "9", 1);
	setenv("SSLKEYLOGFILE", "/nonexistent/keys", 1);
	setenv("CE_TEST_BYSTANDER", "1", 1);
	CU_ASSERT_EQUAL(ce_crypto_begin(NULL), CE_OK);
	CU_ASSERT_PTR_NULL(getenv("GNUTLS_SYSTEM_PRIORITY_FILE"));
	CU_ASSERT_PTR_NULL(getenv("GNUTLS_DEBUG_LEVEL"));
	CU_ASSERT_PTR_NULL(getenv("SSLKEYLOGFILE"));
	CU_ASSERT_PTR_NOT_NULL(getenv("CE_TEST_BYSTANDER"));
	unsetenv("CE_TEST_BYSTANDER");
	char hex[CE_SHA256_HEX];
	CU_ASSERT_EQUAL(ce_sha256_hex(fixture_text("abc"), hex, NULL), CE_OK); /* still works */
}

const struct ce_test ce_digest_tests[] = {
	{ "the environment does not steer GnuTLS", the_environment_does_not_steer_gnutls },
	{ "SHA-256 of known texts", sha256_of_known_texts },
	{ "base64url has no padding", base64url_has_no_padding },
	{ "foreign letters pass only where people paste", foreign_letters_pass_only_where_people_paste },
	{ "passwords are letters and digits and differ", passwords_are_letters_and_digits_and_differ },
	{ "every letter of a password can occur", every_letter_of_a_password_can_occur },
	{ NULL, NULL }
};
