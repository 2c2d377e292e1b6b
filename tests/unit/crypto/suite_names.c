#include "crypto/names.h"
#include "crypto_fixture.h"

/* protocols.md 6.3 (IDN, wildcard + IDN, case), O1 */
static void
names_become_canonical(void)
{
	static const struct {
		const char *name, *canonical;
		enum ce_name_kind kind;
	} rows[] = {
		{ "Shop.Example", "shop.example", CE_NAME_DNS },
		{ "shop.example.", "shop.example", CE_NAME_DNS },
		{ "localhost", "localhost", CE_NAME_DNS },
		{ "*.Shop.Example", "*.shop.example", CE_NAME_DNS },
		{ "b\xc3\xbc" "cher.example", "xn--bcher-kva.example", CE_NAME_DNS },
		{ "B\xc3\x9c" "CHER.example", "xn--bcher-kva.example", CE_NAME_DNS },
		{ "*.b\xc3\xbc" "cher.example", "*.xn--bcher-kva.example", CE_NAME_DNS },
		{ "fa\xc3\x9f.example", "xn--fa-hia.example", CE_NAME_DNS }, /* IDNA2008 */
		{ "XN--BCHER-KVA.example", "xn--bcher-kva.example", CE_NAME_DNS },
		{ "3com.example", "3com.example", CE_NAME_DNS },
		{ "192.0.2.9", "192.0.2.9", CE_NAME_IP },
		{ "2001:DB8:0:0:0:0:0:1", "2001:db8::1", CE_NAME_IP }, /* RFC 5952 */
		{ "2001:db8:0:1:0:0:0:1", "2001:db8:0:1::1", CE_NAME_IP },
		{ "2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1", CE_NAME_IP },
		{ "2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1", CE_NAME_IP },
		{ "::1", "::1", CE_NAME_IP }
	};
	for (size_t i = 0; i < CE_COUNT(rows); i++) {
		CE_CLEANUP(ce_freep) char *name = NULL;
		enum ce_name_kind kind = 0;
		CU_ASSERT_EQUAL(ce_name_canonical(rows[i].name, &name, &kind, NULL), CE_OK);
		CU_ASSERT_PTR_NOT_NULL_FATAL(name);
		CU_ASSERT_STRING_EQUAL(name, rows[i].canonical);
		CU_ASSERT_EQUAL(kind, rows[i].kind);
		CU_ASSERT_EQUAL(ce_name_is_ip(name), kind == CE_NAME_IP);
	}
}

static void
what_is_no_name_is_refused_with_the_reason(void)
{
	static const struct {
		const char *name, *reason;
	} rows[] = {
		{ "", "empty" },
		{ ".", "empty label" },
		{ "a..b", "empty label" },
		{ "*.", "empty label" },
		{ "*", "leftmost label" },
		{ "a.*.example", "leftmost label" },
		{ "w*.example", "leftmost label" },
		{ "*.*.example", "leftmost label" },
		{ "-a.example", "begins or ends with '-'" },
		{ "a-.example", "begins or ends with '-'" },
		{ "a_b.example", "only letters" },
		{ "a b.example", "only letters" },
		{ "a/../b", "only letters" },
		{ "shop.example:443", "only letters" },
		{ "https://shop.example", "only letters" },
		{ "fe80::1%eth0", "only letters" },
		{ "[::1]", "only letters" },
		{ "192.0.2.256", "number" },
		{ "192.0.2", "number" },
		{ "*.192.0.2.1", "number" },
		{ "1234567890123456789012345678901234567890123456789012345678901234.example", "63 bytes" },
		{ "a\x01" "b.example", "control" },
		{ "\xff\xfe.example", "UTF-8" },
	};
	for (size_t i = 0; i < CE_COUNT(rows); i++) {
		CE_CLEANUP(ce_freep) char *name = NULL;
		enum ce_name_kind kind = 0;
		struct ce_error err;
		CU_ASSERT_EQUAL(ce_name_canonical(rows[i].name, &name, &kind, &err), CE_ERR_INVALID);
		CU_ASSERT_TRUE(fixture_said(&err, CE_ERR_INVALID, rows[i].reason));
		CU_ASSERT_PTR_NULL(name);
	}
}

static void
a_name_ends_at_253_bytes(void)
{
	char name[2000];
	for (size_t i = 0; i < sizeof(name) - 1; i++)
		name[i] = i % 50 == 49 ? '.' : 'a';
	name[253] = '\0';
	CE_CLEANUP(ce_freep) char *longest = NULL;
	CE_CLEANUP(ce_freep) char *more = NULL;
	enum ce_name_kind kind;
	struct ce_error err;
	CU_ASSERT_EQUAL(ce_name_canonical(name, &longest, &kind, NULL), CE_OK);
	name[253] = 'a';
	name[254] = '\0';
	CU_ASSERT_EQUAL(ce_name_canonical(name, &more, &kind, &err), CE_ERR_INVALID);
	CU_ASSERT_TRUE(fixture_said(&err, CE_ERR_INVALID, "253"));
	memset(name, 'a', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	CU_ASSERT_EQUAL(ce_name_canonical(name, &more, &kind, &err), CE_ERR_INVALID);
}

/* RFC 6125 section 6.4.3 */
static void
a_wildcard_covers_one_label(void)
{
	CU_ASSERT_TRUE(ce_name_covers("shop.example", "shop.example"));
	CU_ASSERT_TRUE(ce_name_covers("*.example", "shop.example"));
	CU_ASSERT_TRUE(ce_name_covers("*.example", "*.example"));
	CU_ASSERT_FALSE(ce_name_covers("*.example", "example"));
	CU_ASSERT_FALSE(ce_name_covers("*.example", ".example"));
	CU_ASSERT_FALSE(ce_name_covers("*.example", "a.shop.example"));
	CU_ASSERT_FALSE(ce_name_covers("*.example", "shopexample"));
	CU_ASSERT_FALSE(ce_name_covers("shop.example", "*.example"));
	CU_ASSERT_FALSE(ce_name_covers("*.0.2.1", "192.0.2.1"));
}

/* protocols.md 6.3: an address is 4 or 16 raw bytes; a name that is broken never equals a wanted one */
static void
names_survive_the_extension(void)
{
	CE_CLEANUP(ce_strlist_release) struct ce_strlist names = fixture_names("a.example *.b.example 192.0.2.9 2001:db8::1");
	CE_CLEANUP(ce_strlist_release) struct ce_strlist back = CE_STRLIST_INIT;
	CE_CLEANUP(ce_datump) gnutls_datum_t san = { NULL, 0 };
	static const unsigned char ip4[] = { 0x87, 4, 192, 0, 2, 9 }, ip6[] = { 0x87, 16, 0x20, 0x01, 0x0d, 0xb8 };
	CU_ASSERT_EQUAL_FATAL(ce_san_write(&names, &san, NULL), CE_OK);
	CU_ASSERT_PTR_NOT_NULL(memmem(san.data, san.size, ip4, sizeof(ip4)));
	CU_ASSERT_PTR_NOT_NULL(memmem(san.data, san.size, ip6, sizeof(ip6)));
	CU_ASSERT_EQUAL_FATAL(ce_san_read(&san, &back, NULL), CE_OK);
	CU_ASSERT_EQUAL_FATAL(back.count, 4);
	for (size_t i = 0; i < names.count; i++)
		CU_ASSERT_STRING_EQUAL(back.items[i], names.items[i]);
}

static void
broken_names_in_certificates_equal_nothing(void)
{
	/* SEQUENCE { iPAddress of 3 bytes, dNSName "a_b", rfc822Name "x" } */
	unsigned char der[] = { 0x30, 13, 0x87, 3, 1, 2, 3, 0x82, 3, 'a', '_', 'b', 0x81, 1, 'x' };
	gnutls_datum_t san = { der, sizeof(der) };
	CE_CLEANUP(ce_strlist_release) struct ce_strlist back = CE_STRLIST_INIT;
	CU_ASSERT_EQUAL_FATAL(ce_san_read(&san, &back, NULL), CE_OK);
	CU_ASSERT_EQUAL_FATAL(back.count, 2);
	CU_ASSERT_STRING_EQUAL(back.items[0], "(an IP address of 3 bytes)");
	CU_ASSERT_STRING_EQUAL(back.items[1], "(not a host name: a_b)");
}

/* protocols.md 6.3: one by one takes seconds for 1000 names */
static void
a_thousand_names_are_quick_and_more_are_refused(void)
{
	CE_CLEANUP(ce_strlist_release) struct ce_strlist names = CE_STRLIST_INIT;
	CE_CLEANUP(ce_datump) gnutls_datum_t san = { NULL, 0 };
	for (int i = 0; i < 1000; i++)
		CU_ASSERT_EQUAL(ce_strlist_addf(&names, NULL, "n%d.example", i), CE_OK);
	CU_ASSERT_EQUAL(ce_san_write(&names, &san, NULL), CE_OK);
	ce_datump(&san);
	CU_ASSERT_EQUAL(ce_strlist_add(&names, "more.example", NULL), CE_OK);
	CU_ASSERT_EQUAL(ce_san_write(&names, &san, NULL), CE_ERR_LIMIT);
	ce_strlist_release(&names);
	CU_ASSERT_EQUAL(ce_san_write(&names, &san, NULL), CE_ERR_INVALID);
}

const struct ce_test ce_names_tests[] = {
	{ "names become canonical", names_become_canonical },
	{ "what is no name is refused with the reason", what_is_no_name_is_refused_with_the_reason },
	{ "a name ends at 253 bytes", a_name_ends_at_253_bytes },
	{ "a wildcard covers one label", a_wildcard_covers_one_label },
	{ "names survive the extension", names_survive_the_extension },
	{ "broken names in certificates equal nothing", broken_names_in_certificates_equal_nothing },
	{ "a thousand names are quick and more are refused", a_thousand_names_are_quick_and_more_are_refused },
	{ NULL, NULL }
};
