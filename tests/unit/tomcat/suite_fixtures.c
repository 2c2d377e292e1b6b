/* Every fixture: the bytes that install makes of it, or the sentence it is refused with; and that a second
 * install changes nothing. */
#include <stdlib.h>

#include "driver.h"

#define UNIT "base=" BASE ";unit=tomcat.service"

static const struct fixture {
	const char *name;
	const char *version;
	const char *options;
	const char *expected; /* NULL: NAME.expected.xml; "": refused */
	int code;
	const char *words;
} fixtures[] = {
	{ "shipped-8.5", "8.5.95", UNIT, NULL, 0, NULL },
	{ "shipped-9", "9.0.98", UNIT ";form=pem", NULL, 0, NULL },
	{ "shipped-10.1", "10.1.60", UNIT ";redirect_from=8080;port=443;alias=shop", NULL, 0, NULL },
	{ "shipped-11", "11.0.5", UNIT ";password_in=attribute;host_name=Shop.example.com;address=192.0.2.7", NULL, 0, NULL },
	{ "crlf-bom", "10.1.60", UNIT, NULL, 0, NULL },
	{ "one-line", "9.0.98", UNIT, NULL, 0, NULL },
	{ "legacy", "10.1.60", UNIT, NULL, 0, NULL },
	{ "legacy", "9.0.98", UNIT, "legacy.expected-9.xml", 0, NULL },
	{ "legacy", "9.0.98", UNIT ";form=pem;certificate_file=/etc/ssl/shop.crt", "legacy.expected-9-pem.xml", 0, NULL },
	{ "several-connectors", "9.0.98", UNIT ";port=9443;alias=fresh", NULL, 0, NULL },
	{ "several-hosts", "9.0.98", UNIT ";form=keystore", NULL, 0, NULL },
	{ "several-hosts", "9.0.98", UNIT ";host_name=new.example.com", "several-hosts.expected-new.xml", 0, NULL },
	{ "several-hosts", "9.0.98", UNIT ";host_name=*.example.com;form=pem", "several-hosts.expected-pem.xml", 0, NULL },
	{ "mixed-storage", "9.0.98", UNIT ";form=pem", NULL, 0, NULL },
	{ "bare", "9.0.98", UNIT, NULL, 0, NULL },
	{ "one-file", "9.0.98", UNIT, NULL, 0, NULL },
	{ "token", "9.0.98", UNIT ";keystore=/srv/tomcat/conf/shop.p12", NULL, 0, NULL },
	{ "two-services", "9.0.98", UNIT ";redirect_from=8081", NULL, 0, NULL },

	{ "mixed", "9.0.98", UNIT, "", CE_ERR_REFUSED,
		"the connector at line 18 has the legacy attribute 'clientAuth' and at line 20 an SSLHostConfig" },
	{ "mixed", "11.0.5", UNIT, "", CE_ERR_REFUSED, "mixes two forms" },
	{ "several-connectors", "9.0.98", UNIT, "", CE_ERR_REFUSED, "lines 18 and 24); set 'port'" },
	{ "several-connectors", "9.0.98", UNIT ";port=8443", "", CE_ERR_REFUSED, "lines 18 and 24); set 'address'" },
	{ "plain-on-port", "9.0.98", UNIT, "", CE_ERR_REFUSED, "port 8443 is used by the connector without TLS at line 15" },
	{ "shipped-9", "9.0.98", UNIT ";port=8080", "", CE_ERR_REFUSED, "port 8080 is used by the connector without TLS" },
	{ "shipped-9", "9.0.98", UNIT ";port=8005", "", CE_ERR_REFUSED, "port 8005 is the shutdown port at line 3" },
	{ "shipped-9", "9.0.98", UNIT ";redirect_from=80", "", CE_ERR_CONFIG, "no connector without TLS on port 80" },
	{ "mixed-storage", "9.0.98", UNIT, "", CE_ERR_REFUSED, "line 17 of '/srv/tomcat/conf/server.xml': attributes of a keystore" },
	{ "placeholders", "9.0.98", UNIT, "", CE_ERR_REFUSED, "line 21 of" },
	{ "placeholders", "9.0.98", UNIT ";port=8443", "", CE_ERR_REFUSED, "certificateKeystorePassword is a placeholder" },
	{ "placeholders", "9.0.98", UNIT ";port=9443", "", CE_ERR_REFUSED, "port is no number" },
	{ "twice", "9.0.98", UNIT, "", CE_ERR_REFUSED, "lines 16 and 17 of" },
	{ "token", "9.0.98", UNIT, "", CE_ERR_REFUSED, "keystore of type 'Windows-My'" },
	{ "two-services", "9.0.98", UNIT, "", CE_ERR_REFUSED, "several services (lines 13 and" },
	{ "doctype", "9.0.98", UNIT, "", CE_ERR_REFUSED, "line 2: files with a DOCTYPE are not read" },
	{ "not-tomcat", "9.0.98", UNIT, "", CE_ERR_PRODUCT, "its root element is 'web-app'" },
	{ "legacy", "9.0.98", UNIT ";host_name=shop.example.com", "", CE_ERR_REFUSED, "which know no host names" },
	{ "shipped-8.5", "8.0.53", UNIT, "", CE_ERR_PRODUCT, "older than 8.5" },
	{ "shipped-8.5", "8.5.95", UNIT ";password_in=file", "", CE_ERR_CONFIG, "Tomcat 8.5.95 reads no password file" },
};

/* What differs is printed whole. */
static void
judge_bytes(ce_call *call, const struct fixture *fixture)
{
	CE_CLEANUP(ce_freep) char *named = fixture->expected ? driver_fixture(fixture->expected, "") : NULL;
	CE_CLEANUP(ce_freep) char *usual = fixture->expected ? NULL : driver_fixture(fixture->name, ".expected.xml");
	const char *expected = named ? named : usual;
	const char *got = fake_get(call, CONFIG);
	if (!expected || strcmp(got, expected) != 0)
		fprintf(stderr, "\n%s %s (%s) gives:\n%s\n", fixture->name, fixture->version, fixture->options, got);
	CU_ASSERT_PTR_NOT_NULL(expected);
	if (expected)
		CU_ASSERT_STRING_EQUAL(got, expected);
}

static void
gives_the_expected_bytes_and_nothing_more_the_second_time(void)
{
	for (size_t i = 0; i < CE_COUNT(fixtures); i++) {
		ce_call call;
		if (fixtures[i].code != CE_OK || (fixtures[i].expected && fixtures[i].expected[0] == '\0'))
			continue;
		driver_begin_fixture(&call, fixtures[i].name, fixtures[i].version, fixtures[i].options);
		CU_ASSERT_EQUAL(driver_install(&call), CE_OK);
		if (call.code != CE_OK)
			fprintf(stderr, "\n%s: %s\n", fixtures[i].name, call.text);
		judge_bytes(&call, &fixtures[i]);
		CU_ASSERT_STRING_EQUAL(call.reload_text, "restart of unit tomcat.service");
		CU_ASSERT(call.written > 0);
		fake_end(&call);

		CU_ASSERT_EQUAL(driver_install(&call), CE_OK);
		CU_ASSERT_EQUAL(call.written, 0);
		fake_release(&call);
	}
}

static void
refuses_with_the_sentence_that_helps(void)
{
	for (size_t i = 0; i < CE_COUNT(fixtures); i++) {
		ce_call call;
		if (fixtures[i].code == CE_OK)
			continue;
		driver_begin_fixture(&call, fixtures[i].name, fixtures[i].version, fixtures[i].options);
		int rc = driver_install(&call);
		driver_refused(&call, rc, fixtures[i].code, fixtures[i].words);
		fake_release(&call);
	}
}

const struct ce_test fixtures_tests[] = {
	{ "gives the expected bytes, and nothing more the second time",
		gives_the_expected_bytes_and_nothing_more_the_second_time },
	{ "refuses with the sentence that helps", refuses_with_the_sentence_that_helps },
	{ NULL, NULL },
};
