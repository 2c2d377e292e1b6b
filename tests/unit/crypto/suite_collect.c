#include "crypto/collect.h"
#include "crypto_fixture.h"

static struct fixture_chain made;

static int
collect(const struct ce_buf *given, const struct ce_buf *more, bool complete, struct ce_buf *out, struct ce_error *err)
{
	const struct ce_collect_demands demands = { .key = made.key, .given = ce_buf_bytes(given),
		.more = more ? ce_buf_bytes(more) : (struct ce_bytes){ NULL, 0 }, .now = NOW, .complete = complete };
	return ce_chain_collect(&demands, out, err);
}

static void
the_chain_is_picked_out_of_what_is_there(void)
{
	fixture_chain_make(&made);
	CE_CLEANUP(ce_keyp) struct ce_key *other_key = fixture_key("ec-p256");
	CE_CLEANUP(ce_buf_release) struct ce_buf other = fixture_sign(&(struct fixture_certificate){ .key = other_key,
		.common_name = "other", .ca = true });
	CE_CLEANUP(ce_buf_release) struct ce_buf given = CE_BUF_INIT, more = CE_BUF_INIT, out = CE_BUF_INIT, wanted = CE_BUF_INIT;
	fixture_join(&given, &other);
	fixture_join(&given, &made.middle);
	fixture_join(&given, &made.leaf);
	fixture_join(&more, &other);
	fixture_join(&more, &made.root);
	fixture_join(&wanted, &made.leaf);
	fixture_join(&wanted, &made.middle);
	fixture_join(&wanted, &made.root);
	CU_ASSERT_EQUAL(collect(&given, &more, true, &out, NULL), CE_OK);
	CU_ASSERT_STRING_EQUAL(ce_buf_text(&out), ce_buf_text(&wanted));
	fixture_chain_release(&made);
}

static void
what_is_missing_is_named(void)
{
	struct ce_error err = { 0 };
	fixture_chain_make(&made);
	CE_CLEANUP(ce_buf_release) struct ce_buf given = CE_BUF_INIT, out = CE_BUF_INIT;
	CU_ASSERT_EQUAL(collect(&given, NULL, false, &out, &err), CE_ERR_CRYPTO);
	fixture_join(&given, &made.leaf);
	CU_ASSERT_EQUAL(collect(&given, NULL, true, &out, &err), CE_ERR_CRYPTO);
	CU_ASSERT_TRUE(fixture_said(&err, CE_ERR_CRYPTO, "not complete"));
	CU_ASSERT_EQUAL(collect(&given, NULL, false, &out, &err), CE_OK);
	fixture_join(&given, &made.middle);
	CU_ASSERT_EQUAL(collect(&given, NULL, true, &out, &err), CE_ERR_CRYPTO);
	CU_ASSERT_EQUAL(collect(&made.middle, &made.leaf, true, &out, &err), CE_ERR_CRYPTO);
	CU_ASSERT_TRUE(fixture_said(&err, CE_ERR_CRYPTO, "belongs to the key"));
	fixture_chain_release(&made);
}

/* A CA that renewed its own certificate sends both, and an old leaf of the same key may lie beside the new one. */
static void
of_two_that_fit_the_one_in_date_and_younger_is_taken(void)
{
	fixture_chain_make(&made);
	CE_CLEANUP(ce_buf_release) struct ce_buf expired = fixture_sign(&(struct fixture_certificate){ .key = made.middle_key,
		.issuer_key = made.root_key, .issuer = &made.root, .common_name = "middle", .ca = true, .from = NOW - 9 * DAY,
		.until = NOW - 5 * DAY });
	CE_CLEANUP(ce_buf_release) struct ce_buf older = fixture_sign(&(struct fixture_certificate){ .key = made.key,
		.issuer_key = made.middle_key, .issuer = &made.middle, .common_name = "shop.example", .names = "shop.example",
		.from = NOW - 9 * DAY, .until = NOW + 5 * DAY });
	CE_CLEANUP(ce_buf_release) struct ce_buf given = CE_BUF_INIT, out = CE_BUF_INIT, wanted = CE_BUF_INIT;
	fixture_join(&given, &older);
	fixture_join(&given, &expired);
	fixture_join(&given, &made.middle);
	fixture_join(&given, &made.leaf);
	fixture_join(&wanted, &made.leaf);
	fixture_join(&wanted, &made.middle);
	fixture_join(&wanted, &made.root);
	CU_ASSERT_EQUAL(collect(&given, &made.root, true, &out, NULL), CE_OK);
	CU_ASSERT_STRING_EQUAL(ce_buf_text(&out), ce_buf_text(&wanted));
	fixture_chain_release(&made);
}

static void
every_form_of_a_certificate_is_read(void)
{
	fixture_chain_make(&made);
	CE_CLEANUP(ce_buf_release) struct ce_buf der = fixture_der(&made.leaf);
	CE_CLEANUP(ce_buf_release) struct ce_buf out = CE_BUF_INIT, text = CE_BUF_INIT;
	CU_ASSERT_EQUAL(ce_certificates_add(&out, ce_buf_bytes(&der), NULL), CE_OK);
	CU_ASSERT_STRING_EQUAL(ce_buf_text(&out), ce_buf_text(&made.leaf));
	ce_buf_release(&out);
	CU_ASSERT_EQUAL(ce_buf_adds(&text, "\xef\xbb\xbf" "Dear Sir,\r\n", NULL), CE_OK);
	fixture_join(&text, &made.leaf);
	fixture_join(&text, &made.middle);
	CU_ASSERT_EQUAL(ce_certificates_add(&out, ce_buf_bytes(&text), NULL), CE_OK);
	fixture_join(&der, &made.leaf);
	CU_ASSERT_EQUAL(out.size, made.leaf.size + made.middle.size);
	fixture_chain_release(&made);
}

static void
what_is_no_certificate_is_refused_and_adds_nothing(void)
{
	static const struct {
		const char *text;
		int code;
		const char *said;
	} cases[] = {
		{ "", CE_ERR_INVALID, "no certificate" },
		{ "hello", CE_ERR_INVALID, "no certificate" },
		{ "0", CE_ERR_INVALID, "neither a certificate nor a PKCS#7" },
		{ "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n", CE_ERR_REFUSED, "private key" },
		{ "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n", CE_ERR_REFUSED, "private key" },
		{ "-----BEGIN NEW CERTIFICATE REQUEST-----\nAAAA\n-----END NEW CERTIFICATE REQUEST-----\n", CE_ERR_INVALID, "request" },
		{ "-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n", CE_ERR_INVALID, "revocation list" },
		{ "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", CE_ERR_INVALID, "neither" },
		{ "-----BEGIN CERTIFICATE-----\nAAAA\n", CE_ERR_INVALID, "no end" },
	};
	for (size_t i = 0; i < CE_COUNT(cases); i++) {
		struct ce_error err = { 0 };
		CE_CLEANUP(ce_buf_release) struct ce_buf out = CE_BUF_INIT;
		CU_ASSERT_EQUAL(ce_certificates_add(&out, fixture_text(cases[i].text), &err), cases[i].code);
		CU_ASSERT_TRUE(fixture_said(&err, cases[i].code, cases[i].said));
		CU_ASSERT_EQUAL(out.size, 0);
	}
}

static void
a_flood_of_certificates_is_refused(void)
{
	struct ce_error err = { 0 };
	fixture_chain_make(&made);
	CE_CLEANUP(ce_buf_release) struct ce_buf many = CE_BUF_INIT, out = CE_BUF_INIT;
	for (int i = 0; i <= CE_COLLECT_MAX; i++)
		fixture_join(&many, &made.leaf);
	CU_ASSERT_EQUAL(ce_certificates_add(&out, ce_buf_bytes(&many), &err), CE_ERR_LIMIT);
	fixture_chain_release(&made);
}

const struct ce_test ce_collect_tests[] = {
	{ "the chain is picked out of what is there", the_chain_is_picked_out_of_what_is_there },
	{ "what is missing is named", what_is_missing_is_named },
	{ "of two that fit the one in date and younger is taken", of_two_that_fit_the_one_in_date_and_younger_is_taken },
	{ "every form of a certificate is read", every_form_of_a_certificate_is_read },
	{ "what is no certificate is refused and adds nothing", what_is_no_certificate_is_refused_and_adds_nothing },
	{ "a flood of certificates is refused", a_flood_of_certificates_is_refused },
	{ NULL, NULL }
};
