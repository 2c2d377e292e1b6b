/* K2, K5: what a chain must satisfy before anything else happens with it. */
#include "crypto_fixture.h"

static struct fixture_chain made;

static int
accept(const struct ce_buf *pem, const char *names, bool exact, long long now, struct ce_bundle *bundle,
	struct ce_error *err)
{
	CE_CLEANUP(ce_strlist_release) struct ce_strlist list = fixture_names(names);
	const struct ce_chain_demands demands = { made.key, &list, exact, now };
	return ce_chain_accept(ce_buf_bytes(pem), &demands, bundle, err);
}

/* Judges the parts, one after the other; code and part of the sentence as wanted (part NULL: success). */
static void
judge(const struct ce_buf *const *parts, int code, const char *sentence)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf pem = CE_BUF_INIT;
	CE_CLEANUP(ce_bundle_release) struct ce_bundle bundle;
	struct ce_error err;
	ce_bundle_init(&bundle);
	for (; *parts; parts++)
		fixture_join(&pem, *parts);
	CU_ASSERT_EQUAL(accept(&pem, "shop.example", false, NOW, &bundle, &err), code);
	if (code < 0)
		CU_ASSERT_TRUE(fixture_said(&err, code, sentence));
	CU_ASSERT_EQUAL(bundle.leaf.size > 0, code >= 0);
}

#define PARTS(...) ((const struct ce_buf *const[]){ __VA_ARGS__, NULL })

static void
any_order_becomes_leaf_then_issuers_without_root(void)
{
	fixture_chain_make(&made);
	const struct ce_buf *const parts[] = { &made.leaf, &made.middle, &made.root };
	static const int orders[][3] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 }, { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 } };
	for (size_t i = 0; i < CE_COUNT(orders); i++) {
		CE_CLEANUP(ce_buf_release) struct ce_buf pem = CE_BUF_INIT;
		CE_CLEANUP(ce_bundle_release) struct ce_bundle bundle;
		ce_bundle_init(&bundle);
		for (size_t j = 0; j < 3; j++)
			fixture_join(&pem, parts[orders[i][j]]);
		CU_ASSERT_EQUAL_FATAL(accept(&pem, "shop.example www.shop.example", true, NOW, &bundle, NULL), CE_OK);
		CU_ASSERT_STRING_EQUAL(ce_buf_text(&bundle.leaf), ce_buf_text(&made.leaf));
		CU_ASSERT_STRING_EQUAL(ce_buf_text(&bundle.chain), ce_buf_text(&made.middle));
		CU_ASSERT_TRUE(bundle.key.secret);
		CU_ASSERT_EQUAL(strncmp(ce_buf_text(&bundle.key), "-----BEGIN PRIVATE KEY", 22), 0);
		CU_ASSERT_STRING_EQUAL(bundle.facts.subject, "CN=shop.example");
		CU_ASSERT_EQUAL(bundle.generation, 0);
	}
	fixture_chain_release(&made);
}

static void
duplicates_go_and_a_leaf_alone_is_enough(void)
{
	fixture_chain_make(&made);
	judge(PARTS(&made.leaf, &made.middle, &made.leaf, &made.middle), CE_OK, NULL);
	judge(PARTS(&made.leaf), CE_OK, NULL);
	fixture_chain_release(&made);
}

static void
a_self_signed_leaf_stays(void)
{
	fixture_chain_make(&made);
	CE_CLEANUP(ce_buf_release) struct ce_buf own = fixture_sign(&(struct fixture_certificate){
		.key = made.key, .common_name = "shop", .names = "shop.example" });
	CE_CLEANUP(ce_buf_release) struct ce_buf no_subject = fixture_sign(&(struct fixture_certificate){
		.key = made.key, .names = "shop.example" });
	judge(PARTS(&own), CE_OK, NULL);
	judge(PARTS(&no_subject), CE_OK, NULL);
	fixture_chain_release(&made);
}

/* comments as CAs and OpenSSL write them, and CRLF */
static void
printable_text_beside_the_blocks_passes(void)
{
	fixture_chain_make(&made);
	CE_CLEANUP(ce_buf_release) struct ce_buf pem = CE_BUF_INIT;
	CE_CLEANUP(ce_bundle_release) struct ce_bundle bundle;
	ce_bundle_init(&bundle);
	CU_ASSERT_EQUAL(ce_buf_adds(&pem, "subject=CN = K\xc3\xb6ln\r\n\tissuer\r\n\r\n", NULL), CE_OK);
	for (const char *c = ce_buf_text(&made.leaf); *c; c++)
		CU_ASSERT_EQUAL(ce_buf_adds(&pem, *c == '\n' ? "\r\n" : (char[]){ *c, '\0' }, NULL), CE_OK);
	CU_ASSERT_EQUAL(accept(&pem, "shop.example", false, NOW, &bundle, NULL), CE_OK);
	CU_ASSERT_STRING_EQUAL(ce_buf_text(&bundle.leaf), ce_buf_text(&made.leaf)); /* normalised */
	fixture_chain_release(&made);
}

static void
other_blocks_and_other_bytes_are_refused(void)
{
	static const struct {
		const char *text;
		int code;
		const char *part;
	} rows[] = {
		{ "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", CE_ERR_CRYPTO, "PRIVATE KEY" },
		{ "-----BEGIN TRUSTED CERTIFICATE-----\nAAAA\n-----END TRUSTED CERTIFICATE-----\n", CE_ERR_CRYPTO, "TRUSTED" },
		{ "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", CE_ERR_CRYPTO, "certificate 2" },
		{ "-----BEGIN CERTIFICATE-----\nProc-Type: x\n-----END CERTIFICATE-----\n", CE_ERR_INVALID, "not base64" },
		{ "-----BEGIN CERTIFICATE-----\nAAAA\n", CE_ERR_INVALID, "no end" },
		{ "-----BEGIN CERTIFICATE-----\nAAAA\n-----END PRIVATE KEY-----\n", CE_ERR_INVALID, "not base64" },
		{ "x-----BEGIN PRIVATE KEY-----\n", CE_ERR_INVALID, "starts no block" },
		{ "-----END CERTIFICATE-----\n", CE_ERR_INVALID, "starts no block" },
		{ "\x1b[31m\n", CE_ERR_INVALID, "not printable" },
		{ "\xff\n", CE_ERR_INVALID, "not printable" },
	};
	fixture_chain_make(&made);
	for (size_t i = 0; i < CE_COUNT(rows); i++) {
		CE_CLEANUP(ce_buf_release) struct ce_buf more = CE_BUF_INIT;
		CU_ASSERT_EQUAL(ce_buf_adds(&more, rows[i].text, NULL), CE_OK);
		judge(PARTS(&made.leaf, &more), rows[i].code, rows[i].part);
	}
	CE_CLEANUP(ce_buf_release) struct ce_buf nothing = CE_BUF_INIT;
	judge(PARTS(&nothing), CE_ERR_CRYPTO, "no PEM certificate");
	fixture_chain_release(&made);
}

static void
a_key_without_its_certificate_is_refused(void)
{
	fixture_chain_make(&made);
	judge(PARTS(&made.middle, &made.root), CE_ERR_CRYPTO, "belongs to the private key; it begins with the certificate 'CN=Middle'");
	fixture_chain_release(&made);
}

static void
the_names_must_be_those_asked_for(void)
{
	fixture_chain_make(&made);
	CE_CLEANUP(ce_bundle_release) struct ce_bundle bundle;
	struct ce_error err;
	ce_bundle_init(&bundle);
	CU_ASSERT_EQUAL(accept(&made.leaf, "shop.example mail.example", false, NOW, &bundle, &err), CE_ERR_CRYPTO);
	CU_ASSERT_TRUE(fixture_said(&err, CE_ERR_CRYPTO, "'CN=shop.example' does not cover 'mail.example'"));
	CU_ASSERT_EQUAL(accept(&made.leaf, "shop.example", true, NOW, &bundle, &err), CE_ERR_CRYPTO); /* RFC 8555 7.4 */
	CU_ASSERT_TRUE(fixture_said(&err, CE_ERR_CRYPTO, "names 'www.shop.example', which was not asked for"));
	CU_ASSERT_EQUAL(accept(&made.leaf, "shop.example www.shop.example mail.example", true, NOW, &bundle, &err),
		CE_ERR_CRYPTO);
	fixture_chain_release(&made);
}

static void
a_wildcard_is_not_what_exact_names_mean(void)
{
	fixture_chain_make(&made);
	CE_CLEANUP(ce_buf_release) struct ce_buf leaf = fixture_sign(&(struct fixture_certificate){
		.key = made.key, .common_name = "w", .names = "*.example" });
	CE_CLEANUP(ce_bundle_release) struct ce_bundle bundle;
	ce_bundle_init(&bundle);
	CU_ASSERT_EQUAL(accept(&leaf, "shop.example", false, NOW, &bundle, NULL), CE_OK);
	CU_ASSERT_EQUAL(accept(&leaf, "shop.example", true, NOW, &bundle, NULL), CE_ERR_CRYPTO);
	fixture_chain_release(&made);
}

static void
every_certificate_must_be_in_date(void)
{
	fixture_chain_make(&made);
	CE_CLEANUP(ce_buf_release) struct ce_buf old = fixture_sign(&(struct fixture_certificate){ .key = made.middle_key,
		.issuer_key = made.root_key, .issuer = &made.root, .common_name = "Middle", .ca = true,
		.from = NOW - 100 * DAY, .until = 1704067200 - 100 * DAY });
	judge(PARTS(&made.leaf, &old), CE_ERR_CRYPTO, "the certificate 'CN=Middle' expired on 2023-09-23");
	CE_CLEANUP(ce_bundle_release) struct ce_bundle bundle;
	struct ce_error err;
	ce_bundle_init(&bundle);
	CU_ASSERT_EQUAL(accept(&made.leaf, "shop.example", false, NOW - 2 * DAY, &bundle, &err), CE_ERR_CRYPTO);
	CU_ASSERT_TRUE(fixture_said(&err, CE_ERR_CRYPTO, "'CN=shop.example' is not valid before"));
	CU_ASSERT_EQUAL(accept(&made.leaf, "shop.example", false, NOW + 365 * DAY, &bundle, &err), CE_OK); /* to the second */
	CU_ASSERT_EQUAL(accept(&made.leaf, "shop.example", false, NOW + 365 * DAY + 1, &bundle, &err), CE_ERR_CRYPTO);
	fixture_chain_release(&made);
}

static void
an_issuer_must_be_a_ca(void)
{
	fixture_chain_make(&made);
	CE_CLEANUP(ce_buf_release) struct ce_buf no_ca = fixture_sign(&(struct fixture_certificate){
		.key = made.middle_key, .issuer_key = made.root_key, .issuer = &made.root, .common_name = "Middle" });
	judge(PARTS(&made.leaf, &no_ca), CE_ERR_CRYPTO, "'CN=Middle' is not of a CA");
	fixture_chain_release(&made);
}

/* the same name and key identifier, but another key made the signature */
static void
a_wrong_signature_is_found(void)
{
	fixture_chain_make(&made);
	CE_CLEANUP(ce_keyp) struct ce_key *other = fixture_key("ec-p256");
	CE_CLEANUP(ce_buf_release) struct ce_buf forged = fixture_sign(&(struct fixture_certificate){ .key = made.key,
		.issuer_key = other, .issuer = &made.middle, .common_name = "shop.example", .names = "shop.example" });
	judge(PARTS(&forged, &made.middle), CE_ERR_CRYPTO, "'CN=shop.example' has a signature that is wrong");
	CE_CLEANUP(ce_buf_release) struct ce_buf forged_root = fixture_sign(&(struct fixture_certificate){
		.key = made.middle_key, .issuer_key = other, .issuer = &made.root, .common_name = "Middle", .ca = true });
	judge(PARTS(&made.leaf, &forged_root, &made.root), CE_ERR_CRYPTO, "'CN=Middle' has a signature that is wrong");
	fixture_chain_release(&made);
}

static void
a_stranger_in_the_chain_is_named(void)
{
	fixture_chain_make(&made);
	CE_CLEANUP(ce_keyp) struct ce_key *other = fixture_key("ec-p256");
	CE_CLEANUP(ce_buf_release) struct ce_buf stranger = fixture_sign(&(struct fixture_certificate){
		.key = other, .issuer_key = made.root_key, .issuer = &made.root, .common_name = "Stranger", .ca = true });
	CE_CLEANUP(ce_buf_release) struct ce_buf root = fixture_sign(&(struct fixture_certificate){
		.key = other, .common_name = "Other root", .ca = true });
	judge(PARTS(&made.leaf, &made.middle, &stranger), CE_ERR_CRYPTO, "'CN=Stranger' does not belong to the chain");
	judge(PARTS(&made.leaf, &made.middle, &root), CE_OK, NULL); /* a root that nobody needs goes */
	fixture_chain_release(&made);
}

/* Let's Encrypt's old default: a cross-signed root that another root signs */
static void
a_cross_signed_issuer_is_kept_and_the_roots_go(void)
{
	fixture_chain_make(&made);
	CE_CLEANUP(ce_keyp) struct ce_key *other = fixture_key("ec-p256");
	CE_CLEANUP(ce_buf_release) struct ce_buf old_root = fixture_sign(&(struct fixture_certificate){
		.key = other, .common_name = "Old", .ca = true });
	CE_CLEANUP(ce_buf_release) struct ce_buf cross = fixture_sign(&(struct fixture_certificate){ .key = made.root_key,
		.issuer_key = other, .issuer = &old_root, .common_name = "Root", .ca = true });
	CE_CLEANUP(ce_buf_release) struct ce_buf pem = CE_BUF_INIT;
	CE_CLEANUP(ce_buf_release) struct ce_buf wanted = CE_BUF_INIT;
	CE_CLEANUP(ce_bundle_release) struct ce_bundle bundle;
	ce_bundle_init(&bundle);
	const struct ce_buf *const parts[] = { &made.root, &made.middle, &old_root, &made.leaf, &cross };
	for (size_t i = 0; i < CE_COUNT(parts); i++)
		fixture_join(&pem, parts[i]);
	fixture_join(&wanted, &made.middle);
	fixture_join(&wanted, &cross);
	CU_ASSERT_EQUAL(accept(&pem, "shop.example", false, NOW, &bundle, NULL), CE_OK);
	CU_ASSERT_STRING_EQUAL(ce_buf_text(&bundle.chain), ce_buf_text(&wanted));
	fixture_chain_release(&made);
}

/* K5 */
static void
ten_certificates_pass_and_eleven_do_not(void)
{
	fixture_chain_make(&made);
	struct ce_key *keys[10];
	struct ce_buf pems[10];
	CE_CLEANUP(ce_buf_release) struct ce_buf all = CE_BUF_INIT;
	CE_CLEANUP(ce_bundle_release) struct ce_bundle bundle;
	ce_bundle_init(&bundle);
	for (size_t i = 0; i < 10; i++) {
		char name[8];
		snprintf(name, sizeof(name), "CA %zu", i);
		keys[i] = i == 9 ? NULL : fixture_key("ec-p256");
		pems[i] = fixture_sign(&(struct fixture_certificate){ .key = i == 9 ? made.key : keys[i],
			.issuer_key = i ? keys[i - 1] : made.root_key, .issuer = i ? &pems[i - 1] : &made.root,
			.common_name = name, .names = i == 9 ? "shop.example" : NULL, .ca = i != 9 });
		fixture_join(&all, &pems[i]);
	}
	struct ce_error err;
	CU_ASSERT_EQUAL(accept(&all, "shop.example", false, NOW, &bundle, NULL), CE_OK);
	fixture_join(&all, &made.root);
	CU_ASSERT_EQUAL(accept(&all, "shop.example", false, NOW, &bundle, &err), CE_ERR_LIMIT);
	for (size_t i = 0; i < 10; i++) {
		ce_key_free(keys[i]);
		ce_buf_release(&pems[i]);
	}
	ce_buf_release(&all);
	memset(ce_buf_grow(&all, CE_CHAIN_BYTES_MAX + 1), '\n', CE_CHAIN_BYTES_MAX + 1);
	CU_ASSERT_EQUAL(accept(&all, "shop.example", false, NOW, &bundle, &err), CE_ERR_LIMIT);
	fixture_chain_release(&made);
}

static struct ce_bundle
stored_bundle(void)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf pem = CE_BUF_INIT;
	struct ce_bundle bundle;
	ce_bundle_init(&bundle);
	fixture_join(&pem, &made.leaf);
	fixture_join(&pem, &made.middle);
	CU_ASSERT_EQUAL_FATAL(accept(&pem, "shop.example", false, NOW, &bundle, NULL), CE_OK);
	return bundle;
}

static void
a_stored_bundle_is_judged_again(void)
{
	fixture_chain_make(&made);
	CE_CLEANUP(ce_strlist_release) struct ce_strlist names = fixture_names("shop.example");
	CE_CLEANUP(ce_strlist_release) struct ce_strlist more = fixture_names("shop.example mail.example");
	CE_CLEANUP(ce_bundle_release) struct ce_bundle bundle = stored_bundle();
	CE_CLEANUP(ce_keyp) struct ce_key *other = fixture_key("ec-p256");
	struct ce_error err;
	CU_ASSERT_EQUAL(ce_bundle_check(&bundle, &names, NOW, NULL), CE_OK);
	CU_ASSERT_EQUAL(ce_bundle_check(&bundle, &more, NOW, &err), CE_ERR_CRYPTO);
	CU_ASSERT_EQUAL(ce_bundle_check(&bundle, &names, NOW + 400 * DAY, &err), CE_ERR_CRYPTO);
	fixture_join(&bundle.chain, &made.root); /* a private CA may keep its root */
	CU_ASSERT_EQUAL(ce_bundle_check(&bundle, &names, NOW, NULL), CE_OK);
	ce_buf_release(&bundle.chain);
	fixture_join(&bundle.chain, &made.root);
	fixture_join(&bundle.chain, &made.middle);
	CU_ASSERT_EQUAL(ce_bundle_check(&bundle, &names, NOW, &err), CE_ERR_CRYPTO);
	CU_ASSERT_TRUE(fixture_said(&err, CE_ERR_CRYPTO, "not in order"));
	CU_ASSERT_EQUAL(ce_key_to_pem(other, &bundle.key, NULL), CE_OK);
	CU_ASSERT_EQUAL(ce_bundle_check(&bundle, &names, NOW, &err), CE_ERR_CRYPTO);
	CU_ASSERT_TRUE(fixture_said(&err, CE_ERR_CRYPTO, "private key"));
	fixture_chain_release(&made);
}

static void
a_record_of_another_certificate_is_noticed(void)
{
	fixture_chain_make(&made);
	CE_CLEANUP(ce_strlist_release) struct ce_strlist names = fixture_names("shop.example");
	CE_CLEANUP(ce_bundle_release) struct ce_bundle bundle = stored_bundle();
	struct ce_error err;
	bundle.facts.fingerprint[0] ^= 1;
	CU_ASSERT_EQUAL(ce_bundle_check(&bundle, &names, NOW, &err), CE_ERR_CRYPTO);
	CU_ASSERT_TRUE(fixture_said(&err, CE_ERR_CRYPTO, "record"));
	fixture_chain_release(&made);
}

const struct ce_test ce_chain_tests[] = {
	{ "any order becomes leaf, then issuers, without root", any_order_becomes_leaf_then_issuers_without_root },
	{ "duplicates go and a leaf alone is enough", duplicates_go_and_a_leaf_alone_is_enough },
	{ "a self-signed leaf stays", a_self_signed_leaf_stays },
	{ "printable text beside the blocks passes", printable_text_beside_the_blocks_passes },
	{ "other blocks and other bytes are refused", other_blocks_and_other_bytes_are_refused },
	{ "a key without its certificate is refused", a_key_without_its_certificate_is_refused },
	{ "the names must be those asked for", the_names_must_be_those_asked_for },
	{ "a wildcard is not what exact names mean", a_wildcard_is_not_what_exact_names_mean },
	{ "every certificate must be in date", every_certificate_must_be_in_date },
	{ "an issuer must be a CA", an_issuer_must_be_a_ca },
	{ "a wrong signature is found", a_wrong_signature_is_found },
	{ "a stranger in the chain is named", a_stranger_in_the_chain_is_named },
	{ "a cross-signed issuer is kept and the roots go", a_cross_signed_issuer_is_kept_and_the_roots_go },
	{ "ten certificates pass and eleven do not", ten_certificates_pass_and_eleven_do_not },
	{ "a stored bundle is judged again", a_stored_bundle_is_judged_again },
	{ "a record of another certificate is noticed", a_record_of_another_certificate_is_noticed },
	{ NULL, NULL }
};
