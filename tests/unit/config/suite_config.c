#include <string.h>

#include "helper.h"
#include "suites.h"

static void
reads_the_example_of_the_manual(void)
{
	struct helper helper;
	helper_read(&helper, "issuers: {\n"
		"  letsencrypt: { kind = \"acme\"; directory = \"https://acme.example/directory\"; agree_to_terms = true;\n"
		"                 challenge: { kind = \"http-01\"; webroot = \"/var/www/html\"; }; };\n"
		"  house: { kind = \"local\"; };\n};\n"
		"certificates: { shop: { issuer = \"letsencrypt\"; names = [ \"shop.example.com\" ];\n"
		"  targets: { web: { plugin = \"tomcat\"; base = \"/var/lib/tomcat10\"; port = 8443; }; }; }; };\n");
	CU_ASSERT_EQUAL_FATAL(helper.code, CE_OK);
	const struct ce_issuer_config *issuer = ce_config_issuer(&helper.config, "letsencrypt");
	CU_ASSERT_PTR_NOT_NULL_FATAL(issuer);
	CU_ASSERT_STRING_EQUAL(issuer->kind, "acme");
	CU_ASSERT_EQUAL(issuer->settings.count, 4);
	CU_ASSERT_EQUAL(issuer->settings.line, 2);
	CU_ASSERT_STRING_EQUAL(ce_settings_find(&issuer->settings, "challenge.kind")->text, "http-01");
	CU_ASSERT_EQUAL(ce_settings_find(&issuer->settings, "challenge.webroot")->line, 3);
	CU_ASSERT_TRUE(ce_settings_find(&issuer->settings, "agree_to_terms")->truth);
	CU_ASSERT_PTR_NULL(ce_config_issuer(&helper.config, "nobody"));
	CU_ASSERT_PTR_NULL(ce_config_certificate(&helper.config, "nobody"));
	helper_release(&helper);
}

static void
accepts_an_empty_file(void)
{
	struct helper helper;
	helper_read(&helper, "");
	CU_ASSERT_EQUAL(helper.code, CE_OK);
	CU_ASSERT_EQUAL(helper.config.certificate_count, 0);
	helper_release(&helper);
}

static void
finds_ten_mistakes_in_one_run(void)
{
	struct helper helper;
	helper_read(&helper, "issuers: {\n  house: { knd = \"local\"; };\n  other: { kind = 3; };\n};\n"
		"certificate: { };\n"
		"certificates: {\n  shop: {\n    isuer = \"house\";\n    names = [ ];\n    key = \"dsa\";\n    renew = 2;\n"
		"    targets: {\n      web: { plugin = \"a b\"; };\n      db: { };\n    };\n  };\n};\nlimit = 4294967297;\n");
	CU_ASSERT(HELPER_FOUND(&helper,
		"2: unknown key 'knd' in issuer 'house', did you mean 'kind'?",
		"3: 'kind' of issuer 'other' must be a text in double quotes",
		"5: unknown key 'certificate' in the file, did you mean 'certificates'?",
		"7: certificate 'shop' needs an 'issuer'",
		"8: unknown key 'isuer' in certificate 'shop', did you mean 'issuer'?",
		"9: certificate 'shop' needs at least one name in 'names'",
		"10: unknown kind of key 'dsa': one of rsa-2048, rsa-3072, rsa-4096, ec-p256, ec-p384, ed25519, or the PKCS#11 URI of a key",
		"11: 'renew' is the fraction of the lifetime that is left at renewal: more than 0.0 and at most 0.9",
		"13: 'a b' cannot be the name of a plugin: lower-case letters, digits and '-'",
		"14: target 'db' needs a 'plugin'; `certengine plugin list` shows them",
		"18: the number 4294967297 does not fit 32 bits: put an L behind it if it is meant",
		"18: unknown key 'limit' in the file"));
	CU_ASSERT_EQUAL(helper.config.issuer_count, 0);
	helper_release(&helper);
}

static void
names_the_line_of_a_syntax_error(void)
{
	struct helper helper;
	helper_read(&helper, "issuers: {\n  house: { kind = ; };\n};\n");
	CU_ASSERT_EQUAL(helper.code, CE_ERR_CONFIG);
	CU_ASSERT(helper_said(&helper, 2, "is not understood"));
	helper_release(&helper);
}

static void
refuses_a_key_that_stands_twice(void)
{
	struct helper helper;
	helper_read(&helper, "issuers: {\n  house: { kind = \"local\";\n kind = \"acme\"; };\n};\n");
	CU_ASSERT_EQUAL(helper.code, CE_ERR_CONFIG);
	CU_ASSERT(helper_said(&helper, 3, "this key stands twice in its group"));
	helper_release(&helper);
}

static void
judges_the_names_of_issuers(void)
{
	struct helper helper;
	helper_read(&helper, "issuers: {\n  a*: { kind = \"local\"; };\n  b = 1;\n  c: { kind = \"../x\"; };\n};\n"
		"certificates: {\n a*: { };\n};");
	CU_ASSERT(HELPER_FOUND(&helper,
		"2: 'a*' cannot be the name of an issuer: at most 64 letters, digits, '-' and '_'",
		"3: 'b' must be a group: b: { ... };",
		"4: '../x' cannot be the kind of an issuer",
		"7: 'a*' cannot be the name of a certificate: at most 64 letters, digits, '-' and '_'"));
	helper_release(&helper);
}

/* 100,000 nested lists end in an error, not in a crash (reliability.md 1.6). */
static void
survives_deep_nesting(void)
{
	enum { DEPTH = 100000 };
	char *content = malloc(DEPTH + 8);
	CU_ASSERT_PTR_NOT_NULL_FATAL(content);
	memcpy(content, "a = ", 4);
	memset(content + 4, '(', DEPTH);
	content[DEPTH + 4] = '\0';
	struct helper helper;
	helper_read(&helper, content);
	CU_ASSERT_EQUAL(helper.code, CE_ERR_CONFIG);
	helper_release(&helper);
	free(content);
}

const struct ce_test config_tests[] = {
	{ "the manual's example is read", reads_the_example_of_the_manual },
	{ "an empty file is a configuration", accepts_an_empty_file },
	{ "ten mistakes are ten findings, in order", finds_ten_mistakes_in_one_run },
	{ "a syntax error has its line", names_the_line_of_a_syntax_error },
	{ "a key that stands twice has its line", refuses_a_key_that_stands_twice },
	{ "issuers and certificates are groups with plain names", judges_the_names_of_issuers },
	{ "deep nesting is an error, not a crash", survives_deep_nesting },
	{ NULL, NULL },
};
