#include "crypto_fixture.h"

static struct fixture_chain made;

/* Verifies a chain of PEM parts to anchors, as a server would present it. */
static int
verify(const struct ce_buf *const *parts, const struct ce_buf *anchors, const char *name, long long now,
	struct ce_error *err)
{
	struct ce_buf ders[CE_CHAIN_MAX + 2];
	struct ce_bytes bytes[CE_CHAIN_MAX + 2] = { { NULL, 0 } };
	size_t count = 0;
	for (; parts[count]; count++) {
		ders[count] = fixture_der(parts[count]);
		bytes[count] = ce_buf_bytes(&ders[count]);
	}
	int code = ce_chain_verify(bytes, count, ce_buf_bytes(anchors), name, now, err);
	for (size_t i = 0; i < count; i++)
		ce_buf_release(&ders[i]);
	return code;
}

#define PARTS(...) ((const struct ce_buf *const[]){ __VA_ARGS__, NULL })

static void
a_whole_chain_verifies_to_its_root(void)
{
	fixture_chain_make(&made);
	CU_ASSERT_EQUAL(verify(PARTS(&made.leaf, &made.middle), &made.root, "shop.example", NOW, NULL), CE_OK);
	CU_ASSERT_EQUAL(verify(PARTS(&made.leaf, &made.middle, &made.root), &made.root, "Shop.Example.", NOW, NULL), CE_OK);
	CU_ASSERT_EQUAL(verify(PARTS(&made.leaf, &made.middle), &made.root, NULL, NOW, NULL), CE_OK);
	fixture_chain_release(&made);
}

static void
one_of_several_anchors_is_enough(void)
{
	fixture_chain_make(&made);
	CE_CLEANUP(ce_keyp) struct ce_key *other = fixture_key("ed25519");
	CE_CLEANUP(ce_buf_release) struct ce_buf anchors = fixture_sign(&(struct fixture_certificate){
		.key = other, .common_name = "Other", .ca = true });
	struct ce_error err;
	CU_ASSERT_EQUAL(verify(PARTS(&made.leaf, &made.middle), &anchors, NULL, NOW, &err), CE_ERR_VERIFY);
	fixture_join(&anchors, &made.root);
	CU_ASSERT_EQUAL(verify(PARTS(&made.leaf, &made.middle), &anchors, NULL, NOW, &err), CE_OK);
	fixture_chain_release(&made);
}

static void
a_self_signed_certificate_verifies_to_itself(void)
{
	fixture_chain_make(&made);
	CE_CLEANUP(ce_buf_release) struct ce_buf own = fixture_sign(&(struct fixture_certificate){
		.key = made.key, .common_name = "own", .names = "shop.example" });
	struct ce_error err;
	CU_ASSERT_EQUAL(verify(PARTS(&own), &own, "shop.example", NOW, NULL), CE_OK);
	CU_ASSERT_EQUAL(verify(PARTS(&own), &made.root, "shop.example", NOW, &err), CE_ERR_VERIFY);
	CU_ASSERT_TRUE(fixture_said(&err, CE_ERR_VERIFY, "'CN=own' does not lead to a trusted CA"));
	fixture_chain_release(&made);
}

static void
the_reason_why_not_is_said(void)
{
	fixture_chain_make(&made);
	struct ce_error err;
	CU_ASSERT_EQUAL(verify(PARTS(&made.leaf), &made.root, NULL, NOW, &err), CE_ERR_VERIFY);
	CU_ASSERT_TRUE(fixture_said(&err, CE_ERR_VERIFY, "does not lead to a trusted CA (issuer 'CN=Middle')"));
	CU_ASSERT_EQUAL(verify(PARTS(&made.leaf, &made.middle), &made.root, "mail.example", NOW, &err), CE_ERR_VERIFY);
	CU_ASSERT_TRUE(fixture_said(&err, CE_ERR_VERIFY, "does not cover 'mail.example'"));
	CU_ASSERT_EQUAL(verify(PARTS(&made.leaf, &made.middle), &made.root, NULL, NOW + 366 * DAY, &err), CE_ERR_VERIFY);
	CU_ASSERT_TRUE(fixture_said(&err, CE_ERR_VERIFY, "expired on"));
	fixture_chain_release(&made);
}

static void
a_root_out_of_date_is_no_anchor(void)
{
	fixture_chain_make(&made);
	CE_CLEANUP(ce_buf_release) struct ce_buf old = fixture_sign(&(struct fixture_certificate){
		.key = made.root_key, .common_name = "Root", .ca = true, .from = NOW - 9 * DAY, .until = NOW - DAY });
	struct ce_error err;
	CU_ASSERT_EQUAL(verify(PARTS(&made.leaf, &made.middle), &old, NULL, NOW, &err), CE_ERR_VERIFY);
	CU_ASSERT_TRUE(fixture_said(&err, CE_ERR_VERIFY, "none of the 1 trust anchors"));
	fixture_chain_release(&made);
}

static void
a_wrong_signature_does_not_verify(void)
{
	fixture_chain_make(&made);
	CE_CLEANUP(ce_keyp) struct ce_key *other = fixture_key("ec-p256");
	CE_CLEANUP(ce_buf_release) struct ce_buf forged = fixture_sign(&(struct fixture_certificate){ .key = made.key,
		.issuer_key = other, .issuer = &made.middle, .common_name = "shop.example", .names = "shop.example" });
	struct ce_error err;
	CU_ASSERT_EQUAL(verify(PARTS(&forged, &made.middle), &made.root, "shop.example", NOW, &err), CE_ERR_VERIFY);
	fixture_chain_release(&made);
}

static void
a_client_certificate_is_not_for_a_server(void)
{
	fixture_chain_make(&made);
	CE_CLEANUP(ce_gnutls_crtp) gnutls_x509_crt_t crt = NULL;
	CE_CLEANUP(ce_gnutls_crtp) gnutls_x509_crt_t root = NULL;
	CE_CLEANUP(ce_buf_release) struct ce_buf client = CE_BUF_INIT;
	struct ce_error err;
	CU_ASSERT_EQUAL_FATAL(ce_crt_read(ce_buf_bytes(&made.leaf), &crt, NULL), CE_OK);
	CU_ASSERT_EQUAL_FATAL(ce_crt_read(ce_buf_bytes(&made.root), &root, NULL), CE_OK);
	CU_ASSERT_EQUAL(gnutls_x509_crt_set_key_purpose_oid(crt, GNUTLS_KP_TLS_WWW_CLIENT, 0), 0);
	CU_ASSERT_EQUAL(gnutls_x509_crt_privkey_sign(crt, root, made.root_key->secret, GNUTLS_DIG_SHA256, 0), 0);
	CU_ASSERT_EQUAL(ce_crt_add_pem(&client, crt, NULL), CE_OK);
	CU_ASSERT_EQUAL(verify(PARTS(&client), &made.root, NULL, NOW, &err), CE_ERR_VERIFY);
	CU_ASSERT_TRUE(fixture_said(&err, CE_ERR_VERIFY, "not meant for a TLS server"));
	fixture_chain_release(&made);
}

static void
sizes_are_limited(void)
{
	fixture_chain_make(&made);
	struct ce_error err;
	const struct ce_buf nothing = CE_BUF_INIT;
	const struct ce_buf *eleven[] = { &made.leaf, &made.leaf, &made.leaf, &made.leaf, &made.leaf, &made.leaf,
		&made.leaf, &made.leaf, &made.leaf, &made.leaf, &made.leaf, NULL };
	CU_ASSERT_EQUAL(verify(eleven, &made.root, NULL, NOW, &err), CE_ERR_LIMIT);
	CU_ASSERT_EQUAL(ce_chain_verify(NULL, 0, ce_buf_bytes(&made.root), NULL, NOW, &err), CE_ERR_LIMIT);
	CU_ASSERT_EQUAL(verify(PARTS(&made.leaf), &nothing, NULL, NOW, &err), CE_ERR_INVALID);
	fixture_chain_release(&made);
}

const struct ce_test ce_verify_tests[] = {
	{ "a whole chain verifies to its root", a_whole_chain_verifies_to_its_root },
	{ "one of several anchors is enough", one_of_several_anchors_is_enough },
	{ "a self-signed certificate verifies to itself", a_self_signed_certificate_verifies_to_itself },
	{ "the reason why not is said", the_reason_why_not_is_said },
	{ "a root out of date is no anchor", a_root_out_of_date_is_no_anchor },
	{ "a wrong signature does not verify", a_wrong_signature_does_not_verify },
	{ "a client certificate is not for a server", a_client_certificate_is_not_for_a_server },
	{ "sizes are limited", sizes_are_limited },
	{ NULL, NULL }
};
