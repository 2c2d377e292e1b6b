#include "driver.h"

#define MANAGER "base=" BASE ";unit=tomcat.service;manager_url=http://127.0.0.1:8080/manager/;manager_credentials=/etc/c"
#define URL "http://127.0.0.1:8080/manager/text/sslReload"

static void
reload_after(ce_call *call, const char *fixture, const char *options, const char *committed)
{
	driver_begin_fixture(call, fixture, "9.0.98", options);
	call->committed = committed;
	call->http_status = 200;
	call->http_body = "OK - Reloaded TLS configuration for all TLS virtual hosts\n";
}

static void
notes_are(ce_call *call, const char *expected)
{
	if (strcmp(call->notes, expected) != 0)
		fprintf(stderr, "\n%s\n", call->notes);
	CU_ASSERT_STRING_EQUAL(call->notes, expected);
}

static void
asks_the_manager_when_only_key_material_changed(void)
{
	ce_call call;
	reload_after(&call, "several-hosts", MANAGER, BASE "/conf/shop.crt");
	CU_ASSERT_EQUAL(driver_reload(&call), CE_OK);
	notes_are(&call, "GET " URL " /etc/c\n");
	fake_release(&call);
}

static void
restarts_when_server_xml_or_the_password_changed(void)
{
	ce_call call;
	reload_after(&call, "several-hosts", MANAGER, CONFIG);
	CU_ASSERT_EQUAL(driver_reload(&call), CE_OK);
	notes_are(&call, "run /usr/bin/systemctl restart -- tomcat.service\n");
	fake_release(&call);
	reload_after(&call, "several-hosts", MANAGER ";host_name=*.example.com;restart_command=/bin/restart,it",
		BASE "/conf/rest-ec.password");
	CU_ASSERT_EQUAL(driver_reload(&call), CE_OK);
	notes_are(&call, "run /bin/restart it\n");
	fake_release(&call);
	reload_after(&call, "several-hosts", "base=" BASE ";unit=u", BASE "/conf/shop.crt");
	CU_ASSERT_EQUAL(driver_reload(&call), CE_OK);
	notes_are(&call, "run /usr/bin/systemctl restart -- u\n");
	fake_release(&call);
}

static void
runs_the_command_that_is_configured(void)
{
	ce_call call;
	reload_after(&call, "several-hosts", "base=" BASE ";reload_command=/bin/reload,now", BASE "/conf/shop.crt");
	CU_ASSERT_EQUAL(driver_reload(&call), CE_OK);
	notes_are(&call, "run /bin/reload now\n");
	fake_end(&call);
	call.run_status = 3;
	int rc = driver_reload(&call);
	driver_refused(&call, rc, CE_ERR_PRODUCT, "reload_command: '/bin/reload' ended with status 3: it did not start");
	fake_end(&call);
	call.committed = CONFIG;
	rc = driver_reload(&call);
	driver_refused(&call, rc, CE_ERR_CONFIG, "must be restarted, and nothing says how");
	fake_release(&call);
}

/* products.md 2.4: 200 is both OK and FAIL; each other status has its own cause. */
static void
reads_the_managers_answers(void)
{
	static const struct {
		int status;
		const char *body, *words;
	} answers[] = {
		{ 200, "FAIL - Failed to reload TLS configuration\n", "the manager says 'FAIL - Failed to reload TLS configuration'" },
		{ 200, "<html>OK - </html>", "not the manager's" },
		{ 200, "", "not the manager's" },
		{ 401, "", "did not accept the user and password" },
		{ 403, "", "role manager-script" },
		{ 404, "", "no manager application" },
		{ 500, "OK - ", "goes on with the old one" },
		{ 302, "", "unexpected answer HTTP 302" },
	};
	for (size_t i = 0; i < CE_COUNT(answers); i++) {
		ce_call call;
		reload_after(&call, "several-hosts", MANAGER, BASE "/conf/shop.crt");
		call.http_status = answers[i].status;
		call.http_body = answers[i].body;
		int rc = driver_reload(&call);
		driver_refused(&call, rc, CE_ERR_PRODUCT, answers[i].words);
		fake_release(&call);
	}
}

static void
names_every_place_that_serves_the_certificate(void)
{
	static const struct {
		const char *fixture, *options, *names, *expected;
	} cases[] = {
		{ "several-connectors", ";port=8443;address=::1", "shop.example.com",
			"endpoint 192.0.2.1 8443 shop.example.com\nendpoint ::1 8443 shop.example.com\n" },
		{ "several-connectors", ";port=9443", "192.0.2.7", "endpoint 127.0.0.1 9443 -\n" },
		{ "several-connectors", ";port=9443", "*.example.com", "endpoint 127.0.0.1 9443 www.example.com\n" },
		/* the default host, which here has a name that the wildcard host would answer for as well */
		{ "several-hosts", "", "new.example.com,shop.example.com", "endpoint 127.0.0.1 8443 shop.example.com\n" },
		{ "several-hosts", ";host_name=*.example.com", "shop.example.com,api.example.com",
			"endpoint 127.0.0.1 8443 api.example.com\n" },
		{ "legacy", "", "shop.example.com", "endpoint 127.0.0.1 8443 shop.example.com\n" },
	};
	for (size_t i = 0; i < CE_COUNT(cases); i++) {
		char options[256];
		ce_call call;
		snprintf(options, sizeof(options), "base=" BASE ";unit=u%s", cases[i].options);
		driver_begin_fixture(&call, cases[i].fixture, "9.0.98", options);
		call.names = cases[i].names;
		CU_ASSERT_EQUAL(driver_endpoints(&call), CE_OK);
		notes_are(&call, cases[i].expected);
		fake_release(&call);
	}
}

static void
names_endpoints_of_what_install_staged(void)
{
	ce_call call;
	driver_begin_fixture(&call, "shipped-10.1", "10.1.60", "base=" BASE ";unit=u;address=::;host_name=api.example.com");
	call.names = "shop.example.com,api.example.com";
	int rc = driver_endpoints(&call);
	driver_refused(&call, rc, CE_ERR_PRODUCT, "no connector that serves the certificate");
	fake_end(&call);
	CU_ASSERT_EQUAL(driver_install(&call), CE_OK);
	fake_end(&call);
	CU_ASSERT_EQUAL(driver_endpoints(&call), CE_OK);
	notes_are(&call, "endpoint ::1 8443 shop.example.com\n");
	fake_release(&call);
}

static void
finds_tomcats_where_they_usually_are(void)
{
	ce_call call;
	driver_begin(&call, "<Server/>", "9.0.98", "");
	fake_put(&call, "/var/lib/tomcat10/conf/server.xml", "<Server/>");
	fake_put(&call, "/opt/apache-tomcat-9/conf/server.xml", "<Server/>");
	fake_put(&call, "/opt/other/conf/server.xml", "<Server/>");
	fake_end(&call);
	CU_ASSERT_EQUAL(certengine_plugin.discover(&fake_services, &call), CE_OK);
	notes_are(&call, "found Tomcat at /var/lib/tomcat10\n  base=/var/lib/tomcat10\n  home=/usr/share/tomcat10\n"
		"  unit=tomcat10.service\nfound Tomcat at /opt/apache-tomcat-9\n  base=/opt/apache-tomcat-9\n");
	fake_release(&call);
}

const struct ce_test reload_tests[] = {
	{ "asks the manager when only key material changed", asks_the_manager_when_only_key_material_changed },
	{ "restarts when server.xml or the password changed", restarts_when_server_xml_or_the_password_changed },
	{ "runs the command that is configured", runs_the_command_that_is_configured },
	{ "reads the manager's answers", reads_the_managers_answers },
	{ "names every place that serves the certificate", names_every_place_that_serves_the_certificate },
	{ "names endpoints of what install staged", names_endpoints_of_what_install_staged },
	{ "finds Tomcats where they usually are", finds_tomcats_where_they_usually_are },
	{ NULL, NULL },
};
