#include <string.h>

#include "helper.h"
#include "suites.h"

#define BASIC "issuer = \"house\"; names = [ \"a.example\" ];\n"

static void
reads_every_key(void)
{
	struct helper helper;
	helper_read_certificate(&helper,
		"issuer = \"house\"; names = ( \"Shop.Example.com.\", \"10.0.0.1\", \"*.example.com\" ); key = \"rsa-3072\";\n"
		"renew = 0.25; profile = \"shortlived\"; subject: { country = \"DE\"; state = \"s\"; locality = \"l\";\n"
		"organization = \"o\"; organizational_unit = \"ou\"; common_name = \"cn\"; };");
	CU_ASSERT_EQUAL_FATAL(helper.code, CE_OK);
	const struct ce_certificate_config *shop = ce_config_certificate(&helper.config, "shop");
	CU_ASSERT_PTR_NOT_NULL_FATAL(shop);
	CU_ASSERT_STRING_EQUAL(shop->issuer, "house");
	CU_ASSERT_EQUAL_FATAL(shop->names.count, 3);
	CU_ASSERT_STRING_EQUAL(shop->names.items[0], "shop.example.com");
	CU_ASSERT_STRING_EQUAL(shop->names.items[1], "10.0.0.1");
	CU_ASSERT_STRING_EQUAL(shop->names.items[2], "*.example.com");
	CU_ASSERT_STRING_EQUAL(shop->key, "rsa-3072");
	CU_ASSERT_DOUBLE_EQUAL(shop->renew, 0.25, 1e-9);
	CU_ASSERT_STRING_EQUAL(shop->profile, "shortlived");
	CU_ASSERT_STRING_EQUAL(shop->subject.country, "DE");
	CU_ASSERT_STRING_EQUAL(shop->subject.organizational_unit, "ou");
	CU_ASSERT_STRING_EQUAL(shop->subject.common_name, "cn");
	CU_ASSERT_EQUAL(shop->line, 2);
	helper_release(&helper);
}

static void
has_defaults(void)
{
	struct helper helper;
	helper_read_certificate(&helper, BASIC);
	CU_ASSERT_EQUAL_FATAL(helper.code, CE_OK);
	const struct ce_certificate_config *shop = &helper.config.certificates[0];
	CU_ASSERT_STRING_EQUAL(shop->key, "ec-p256");
	CU_ASSERT_EQUAL(shop->renew, 0.0);
	CU_ASSERT_PTR_NULL(shop->profile);
	CU_ASSERT_PTR_NULL(shop->subject.country);
	CU_ASSERT_EQUAL(shop->target_count, 0);
	helper_release(&helper);
}

struct row {
	const char *body;
	int line;         /* the body begins on line 3 */
	const char *part;
};

static const struct row rows[] = {
	{ "names = [ \"a.example\" ];", 2, "certificate 'shop' needs an 'issuer'" },
	{ "isuer = \"house\"; names = [ \"a.example\" ];", 3,
		"unknown key 'isuer' in certificate 'shop', did you mean 'issuer'?" },
	{ "issuer = \"hose\"; names = [ \"a.example\" ];", 3, "there is no issuer 'hose', did you mean 'house'?" },
	{ "issuer = \"qqqqqqqqqq\"; names = [ \"a.example\" ];", 3, "there is no issuer 'qqqqqqqqqq'" },
	{ "issuer = 3; names = [ \"a.example\" ];", 3, "'issuer' of certificate 'shop' must be a text" },
	{ "issuer = \"\"; names = [ \"a.example\" ];", 3, "'issuer' must not be empty" },
	{ "issuer = \"house\";", 2, "needs at least one name" },
	{ "issuer = \"house\";\nnames = [ ];", 4, "needs at least one name" },
	{ "issuer = \"house\";\nnames = \"a.example\";", 4, "must be a list of texts" },
	{ "issuer = \"house\";\nnames = ( \"a.example\", 3 );", 4, "element 2 of 'names' must be a text" },
	{ "issuer = \"house\";\nnames = [ \"a.example\", \"A.example.\" ];", 4, "stands twice" },
	{ "issuer = \"house\";\nnames = [ \"a b\" ];", 4, "a b" },
	{ "issuer = \"house\";\nnames = [ \"a.example\\n\" ];", 4, "control characters" },
	{ BASIC "key = \"rsa-1024\";", 4, "unknown kind of key 'rsa-1024': one of rsa-2048, " },
	{ BASIC "renew = 0.0;", 4, "more than 0.0 and at most 0.9" },
	{ BASIC "renew = 0.91;", 4, "more than 0.0 and at most 0.9" },
	{ BASIC "renew = 30;", 4, "more than 0.0 and at most 0.9" },
	{ BASIC "renew = -0.5;", 4, "more than 0.0 and at most 0.9" },
	{ BASIC "renew = \"0.3\";", 4, "must be a number with a point" },
	{ BASIC "subject: { country = \"Germany\"; };", 4, "country" },
	{ BASIC "subject: { contry = \"DE\"; };", 4,
		"unknown key 'contry' in 'subject' of certificate 'shop', did you mean 'country'?" },
	{ BASIC "subject = \"CN=x\";", 4, "must be a group" },
	{ BASIC "owner = \"me\";", 4, "unknown key 'owner' in certificate 'shop'" },
	{ BASIC "targets = [ \"x\" ];", 4, "must be a group" },
};

static void
finds_mistakes(void)
{
	for (size_t i = 0; i < CE_COUNT(rows); i++) {
		struct helper helper;
		helper_read_certificate(&helper, rows[i].body);
		CU_ASSERT_EQUAL(helper.code, CE_ERR_CONFIG);
		CU_ASSERT(helper_said(&helper, rows[i].line, rows[i].part));
		CU_ASSERT_EQUAL(helper.config.certificate_count, 1);
		CU_ASSERT_PTR_NOT_NULL(helper.config.certificates[0].issuer);
		CU_ASSERT_PTR_NOT_NULL(helper.config.certificates[0].key);
		helper_release(&helper);
	}
}

const struct ce_test certificates_tests[] = {
	{ "every key is read and names are canonical", reads_every_key },
	{ "what is not said has its default", has_defaults },
	{ "every mistake is found on its line", finds_mistakes },
	{ NULL, NULL },
};
