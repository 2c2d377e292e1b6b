/* What can be judged without Java; keytool judges in keystore-written.sh and keystore-read.sh. */
#include "crypto/keystore.h"

#include "crypto_fixture.h"

static struct fixture_chain made;

static struct ce_bundle
make_bundle(void)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf pem = CE_BUF_INIT;
	CE_CLEANUP(ce_strlist_release) struct ce_strlist names = fixture_names("shop.example");
	struct ce_bundle bundle;
	ce_bundle_init(&bundle);
	fixture_chain_make(&made);
	fixture_join(&pem, &made.leaf);
	fixture_join(&pem, &made.middle);
	const struct ce_chain_demands demands = { made.key, &names, false, NOW };
	CU_ASSERT_EQUAL_FATAL(ce_chain_accept(ce_buf_bytes(&pem), &demands, &bundle, NULL), CE_OK);
	return bundle;
}

static struct ce_material
material(int kind, const char *alias, const char *password)
{
	return (struct ce_material){ sizeof(struct ce_material), kind, CE_PROFILE_MODERN, alias, password };
}

static void
pem_and_der_hold_what_their_label_says(void)
{
	static const struct {
		int kind;
		bool key, leaf, chain;
	} rows[] = {
		{ CE_MATERIAL_PEM_KEY, true, false, false }, { CE_MATERIAL_PEM_LEAF, false, true, false },
		{ CE_MATERIAL_PEM_CHAIN, false, false, true }, { CE_MATERIAL_PEM_FULLCHAIN, false, true, true },
		{ CE_MATERIAL_PEM_ALL, true, true, true }
	};
	CE_CLEANUP(ce_bundle_release) struct ce_bundle bundle = make_bundle();
	for (size_t i = 0; i < CE_COUNT(rows); i++) {
		CE_CLEANUP(ce_buf_release) struct ce_buf wanted = CE_BUF_SECRET;
		CE_CLEANUP(ce_buf_release) struct ce_buf got = CE_BUF_INIT;
		const struct ce_material wish = material(rows[i].kind, NULL, NULL);
		if (rows[i].key)
			fixture_join(&wanted, &bundle.key);
		if (rows[i].leaf)
			fixture_join(&wanted, &bundle.leaf);
		if (rows[i].chain)
			fixture_join(&wanted, &bundle.chain);
		CU_ASSERT_EQUAL(ce_material_build(&bundle, &wish, &got, NULL), CE_OK);
		CU_ASSERT_STRING_EQUAL(ce_buf_text(&got), ce_buf_text(&wanted));
		CU_ASSERT_EQUAL(ce_material_is_secret(rows[i].kind), rows[i].key);
		CU_ASSERT_EQUAL(got.secret, rows[i].key);
		CU_ASSERT_EQUAL(strstr(ce_material_label(rows[i].kind), "private key") != NULL, rows[i].key);
	}
	CE_CLEANUP(ce_buf_release) struct ce_buf der = CE_BUF_INIT;
	CE_CLEANUP(ce_buf_release) struct ce_buf wanted = fixture_der(&made.leaf);
	const struct ce_material wish = material(CE_MATERIAL_DER_LEAF, NULL, NULL);
	CU_ASSERT_EQUAL(ce_material_build(&bundle, &wish, &der, NULL), CE_OK);
	CU_ASSERT_EQUAL(der.size, wanted.size);
	CU_ASSERT_EQUAL(memcmp(der.data, wanted.data, wanted.size), 0);
	fixture_chain_release(&made);
}

/* products.md 1.2, the rule */
static void
words_that_java_would_not_take_are_refused(void)
{
	static const struct {
		const char *alias, *password;
	} rows[] = { { NULL, "secret-1" }, { "", "secret-1" }, { "TomCat", "secret-1" }, { "k\xc3\xa4se", "secret-1" },
		{ "tom\ncat", "secret-1" }, { "tomcat", NULL }, { "tomcat", "five5" }, { "tomcat", "p\xc3\xa4ssword" } };
	static const int kinds[] = { CE_MATERIAL_PKCS12, CE_MATERIAL_JKS };
	CE_CLEANUP(ce_bundle_release) struct ce_bundle bundle = make_bundle();
	for (size_t i = 0; i < 2 * CE_COUNT(rows); i++) {
		CE_CLEANUP(ce_buf_release) struct ce_buf out = CE_BUF_INIT;
		const struct ce_material wish = material(kinds[i % 2], rows[i / 2].alias, rows[i / 2].password);
		struct ce_error err;
		CU_ASSERT_EQUAL(ce_material_build(&bundle, &wish, &out, &err), CE_ERR_INVALID);
		if (wish.password)
			CU_ASSERT_PTR_NULL(strstr(err.text, wish.password));
		CU_ASSERT_EQUAL(out.size, 0);
	}
	CE_CLEANUP(ce_buf_release) struct ce_buf out = CE_BUF_INIT;
	struct ce_material wish = material(99, "a", "secret-1");
	CU_ASSERT_EQUAL(ce_material_build(&bundle, &wish, &out, NULL), CE_ERR_INVALID);
	wish = material(CE_MATERIAL_PKCS12, "a", "secret-1");
	wish.profile = 9;
	CU_ASSERT_EQUAL(ce_material_build(&bundle, &wish, &out, NULL), CE_ERR_INVALID);
	fixture_chain_release(&made);
}

/* What was built reads back as one key entry with the leaf and the whole chain, under one password only. */
static void
judge(const struct ce_material *wish, const char *kind)
{
	CE_CLEANUP(ce_bundle_release) struct ce_bundle bundle = make_bundle();
	CE_CLEANUP(ce_buf_release) struct ce_buf bytes = CE_BUF_INIT;
	CE_CLEANUP(ce_keystore_release) struct ce_keystore store = { 0 };
	struct ce_error err;
	CU_ASSERT_EQUAL_FATAL(ce_material_build(&bundle, wish, &bytes, NULL), CE_OK);
	CU_ASSERT_TRUE(bytes.secret);
	CU_ASSERT_EQUAL_FATAL(ce_keystore_read(ce_buf_bytes(&bytes), "secret-1", &store, NULL), CE_OK);
	CU_ASSERT_STRING_EQUAL(store.kind, kind);
	CU_ASSERT_EQUAL_FATAL(store.count, 1);
	CU_ASSERT_STRING_EQUAL(store.entries[0].alias, "tomcat");
	CU_ASSERT_TRUE(store.entries[0].is_key);
	CU_ASSERT_STRING_EQUAL(store.entries[0].fingerprint, bundle.facts.fingerprint);
	CU_ASSERT_EQUAL(store.entries[0].chain_length, 2);
	CU_ASSERT_EQUAL(ce_keystore_read(ce_buf_bytes(&bytes), "secret-2", &store, &err), CE_ERR_INVALID);
	CU_ASSERT_TRUE(fixture_said(&err, CE_ERR_INVALID, "password is another one"));
	CU_ASSERT_PTR_NULL(strstr(err.text, "secret"));
	CU_ASSERT_EQUAL(store.count, 1); /* as it was */
	fixture_chain_release(&made);
}

static void
a_modern_pkcs12_reads_back(void)
{
	const struct ce_material wish = material(CE_MATERIAL_PKCS12, "tomcat", "secret-1");
	judge(&wish, "PKCS#12");
}

static void
a_legacy_pkcs12_reads_back(void)
{
	struct ce_material wish = material(CE_MATERIAL_PKCS12, "tomcat", "secret-1");
	wish.profile = CE_PROFILE_LEGACY;
	judge(&wish, "PKCS#12");
}

static void
a_jks_reads_back(void)
{
	const struct ce_material wish = material(CE_MATERIAL_JKS, "tomcat", "secret-1");
	judge(&wish, "JKS");
}

/* SHA-1 of the whole as Java computes it, so that a damaged store gets past the integrity check. */
static void
seal(unsigned char *store, size_t size)
{
	static const char salt[] = "\0s\0e\0c\0r\0e\0t\0-\0" "1Mighty Aphrodite";
	CE_CLEANUP(ce_buf_release) struct ce_buf all = CE_BUF_INIT;
	CU_ASSERT_EQUAL(ce_buf_add(&all, salt, sizeof(salt) - 1, NULL), CE_OK);
	CU_ASSERT_EQUAL(ce_buf_add(&all, store, size - 20, NULL), CE_OK);
	CU_ASSERT_EQUAL(gnutls_hash_fast(GNUTLS_DIG_SHA1, all.data, all.size, store + size - 20), 0);
}

/* products.md 1.4: the key hides behind salt and SHA-1 stream, with the digest of both password and key behind it */
static void
a_jks_cut_or_changed_anywhere_is_refused(void)
{
	CE_CLEANUP(ce_bundle_release) struct ce_bundle bundle = make_bundle();
	CE_CLEANUP(ce_buf_release) struct ce_buf bytes = CE_BUF_INIT;
	const struct ce_material wish = material(CE_MATERIAL_JKS, "tomcat", "secret-1");
	CU_ASSERT_EQUAL_FATAL(ce_material_build(&bundle, &wish, &bytes, NULL), CE_OK);
	for (size_t size = 0; size < bytes.size; size++) {
		CE_CLEANUP(ce_keystore_release) struct ce_keystore store = { 0 };
		CE_CLEANUP(ce_freep) unsigned char *part = malloc(size ? size : 1);
		memcpy(part, bytes.data, size);
		if (size >= 32)
			seal(part, size);
		CU_ASSERT_EQUAL(ce_keystore_read((struct ce_bytes){ part, size }, "secret-1", &store, NULL), CE_ERR_INVALID);
	}
	bytes.data[40] ^= 1;
	CE_CLEANUP(ce_keystore_release) struct ce_keystore store = { 0 };
	CU_ASSERT_EQUAL(ce_keystore_read(ce_buf_bytes(&bytes), "secret-1", &store, NULL), CE_ERR_INVALID);
	fixture_chain_release(&made);
}

static void
hostile_counts_in_a_jks_are_refused(void)
{
	static const struct {
		unsigned char head[12];
		int code;
	} rows[] = {
		{ { 0xfe, 0xed, 0xfe, 0xed, 0, 0, 0, 2, 0xff, 0xff, 0xff, 0xff }, CE_ERR_LIMIT },
		{ { 0xfe, 0xed, 0xfe, 0xed, 0, 0, 0, 3, 0, 0, 0, 0 }, CE_ERR_INVALID },
		{ { 0xfe, 0xed, 0xfe, 0xed, 0, 0, 0, 2, 0, 0, 0, 1 }, CE_ERR_INVALID },
		{ { 0xfe, 0xed, 0xfe, 0xed, 0, 0, 0, 2, 0, 0, 0, 0 }, CE_OK },
		{ { 0xce, 0xce, 0xce, 0xce, 0, 0, 0, 2, 0, 0, 0, 0 }, CE_ERR_REFUSED },
	};
	for (size_t i = 0; i < CE_COUNT(rows); i++) {
		unsigned char bytes[32];
		CE_CLEANUP(ce_keystore_release) struct ce_keystore store = { 0 };
		memcpy(bytes, rows[i].head, 12);
		seal(bytes, sizeof(bytes));
		CU_ASSERT_EQUAL(ce_keystore_read((struct ce_bytes){ bytes, sizeof(bytes) }, "secret-1", &store, NULL),
			rows[i].code);
	}
	/* a key entry whose key claims 4 GB */
	unsigned char huge[12 + 4 + 3 + 8 + 4 + 20] = { 0xfe, 0xed, 0xfe, 0xed, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 'a' };
	CE_CLEANUP(ce_keystore_release) struct ce_keystore store = { 0 };
	memset(huge + 27, 0xff, 4);
	seal(huge, sizeof(huge));
	CU_ASSERT_EQUAL(ce_keystore_read((struct ce_bytes){ huge, sizeof(huge) }, "secret-1", &store, NULL),
		CE_ERR_INVALID);
}

static void
what_is_no_keystore_is_refused(void)
{
	CE_CLEANUP(ce_keystore_release) struct ce_keystore store = { 0 };
	CE_CLEANUP(ce_buf_release) struct ce_buf big = CE_BUF_INIT;
	memset(ce_buf_grow(&big, (4u << 20) + 1), 0x30, (4u << 20) + 1);
	CU_ASSERT_EQUAL(ce_keystore_read(ce_buf_bytes(&big), "x", &store, NULL), CE_ERR_LIMIT);
	CU_ASSERT_EQUAL(ce_keystore_read(fixture_text(""), "x", &store, NULL), CE_ERR_INVALID);
	CU_ASSERT_EQUAL(ce_keystore_read(fixture_text("-----BEGIN"), "x", &store, NULL), CE_ERR_INVALID);
	CU_ASSERT_EQUAL(ce_keystore_read(fixture_text("0\x03\x02\x01\x01"), "x", &store, NULL), CE_ERR_INVALID);
	CU_ASSERT_EQUAL(ce_keystore_read(fixture_text("0\x03\x02\x01\x01"), NULL, &store, NULL), CE_ERR_INVALID);
	CU_ASSERT_EQUAL(ce_keystore_read(fixture_text("0\x03\x02\x01\x01"), "\xc3\xa4", &store, NULL), CE_ERR_INVALID);
}

/* The INTEGER of MAC rounds ends the file. It is written with one byte more, and the lengths around it follow. */
static void
a_pkcs12_with_too_many_rounds_is_refused_at_once(void)
{
	static const unsigned char rounds[] = { 0x02, 0x03, 0x09, 0x27, 0xc0 };
	CE_CLEANUP(ce_bundle_release) struct ce_bundle bundle = make_bundle();
	CE_CLEANUP(ce_buf_release) struct ce_buf bytes = CE_BUF_INIT;
	CE_CLEANUP(ce_keystore_release) struct ce_keystore store = { 0 };
	const struct ce_material wish = material(CE_MATERIAL_PKCS12, "tomcat", "secret-1");
	struct ce_error err;
	CU_ASSERT_EQUAL_FATAL(ce_material_build(&bundle, &wish, &bytes, NULL), CE_OK);
	CU_ASSERT_EQUAL_FATAL(memcmp(bytes.data + bytes.size - sizeof(rounds), rounds, sizeof(rounds)), 0);
	CU_ASSERT_EQUAL(ce_buf_add(&bytes, "\xff", 1, NULL), CE_OK);
	bytes.data[bytes.size - 5] = 4; /* 0x0927c0ff is 153,600,255 */
	CU_ASSERT_EQUAL_FATAL(bytes.data[1], 0x82); /* PFX: length of two bytes */
	bytes.data[3]++;
	for (unsigned char *mac = bytes.data + bytes.size - 100; mac < bytes.data + bytes.size; mac++)
		if (mac[0] == 0x30 && mac + 2 + mac[1] + 1 == bytes.data + bytes.size) { /* MacData */
			mac[1]++;
			break;
		}
	CU_ASSERT_EQUAL(ce_keystore_read(ce_buf_bytes(&bytes), "secret-1", &store, &err), CE_ERR_REFUSED);
	CU_ASSERT_TRUE(fixture_said(&err, CE_ERR_REFUSED, "rounds"));
	fixture_chain_release(&made);
}

/* products.md 8: what Java is to trust. */
static void
a_truststore_holds_an_entry_for_each_certificate(void)
{
	static const int kinds[] = { CE_MATERIAL_PKCS12, CE_MATERIAL_JKS };
	fixture_chain_make(&made);
	CE_CLEANUP(ce_buf_release) struct ce_buf pem = CE_BUF_INIT;
	fixture_join(&pem, &made.root);
	fixture_join(&pem, &made.middle);
	for (size_t i = 0; i < CE_COUNT(kinds); i++) {
		CE_CLEANUP(ce_buf_release) struct ce_buf bytes = CE_BUF_INIT;
		CE_CLEANUP(ce_keystore_release) struct ce_keystore store = { 0 };
		const struct ce_material wish = material(kinds[i], "house", "secret-1"), weak = material(kinds[i], "house", "x");
		CU_ASSERT_EQUAL(ce_truststore_build(ce_buf_bytes(&pem), &weak, NOW, &bytes, NULL), CE_ERR_INVALID);
		CU_ASSERT_EQUAL(ce_truststore_build(fixture_text(""), &wish, NOW, &bytes, NULL), CE_ERR_INVALID);
		CU_ASSERT_EQUAL_FATAL(ce_truststore_build(ce_buf_bytes(&pem), &wish, NOW, &bytes, NULL), CE_OK);
		CU_ASSERT_EQUAL_FATAL(ce_keystore_read(ce_buf_bytes(&bytes), "secret-1", &store, NULL), CE_OK);
		CU_ASSERT_EQUAL_FATAL(store.count, 2);
		CU_ASSERT_STRING_EQUAL(store.entries[0].alias, "house");
		CU_ASSERT_STRING_EQUAL(store.entries[1].alias, "house-2");
		CU_ASSERT_FALSE(store.entries[0].is_key || store.entries[1].is_key);
		CE_CLEANUP(ce_keystore_release) struct ce_keystore none = { 0 };
		CU_ASSERT_EQUAL(ce_keystore_read(ce_buf_bytes(&bytes), "secret-2", &none, NULL), CE_ERR_INVALID);
	}
	fixture_chain_release(&made);
}

const struct ce_test ce_keystore_tests[] = {
	{ "PEM and DER hold what their label says", pem_and_der_hold_what_their_label_says },
	{ "words that Java would not take are refused", words_that_java_would_not_take_are_refused },
	{ "a modern PKCS#12 reads back", a_modern_pkcs12_reads_back },
	{ "a legacy PKCS#12 reads back", a_legacy_pkcs12_reads_back },
	{ "a JKS reads back", a_jks_reads_back },
	{ "a JKS cut or changed anywhere is refused", a_jks_cut_or_changed_anywhere_is_refused },
	{ "hostile counts in a JKS are refused", hostile_counts_in_a_jks_are_refused },
	{ "a truststore holds an entry for each certificate", a_truststore_holds_an_entry_for_each_certificate },
	{ "what is no keystore is refused", what_is_no_keystore_is_refused },
	{ "a PKCS#12 with too many rounds is refused at once", a_pkcs12_with_too_many_rounds_is_refused_at_once },
	{ NULL, NULL }
};
