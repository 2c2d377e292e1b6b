/* What install stages besides server.xml: key material, passwords, owners. */
#include "driver.h"

#define UNIT "base=" BASE ";unit=tomcat.service"
#define OPEN "<Server port=\"8005\">\n  <Service name=\"Catalina\">\n    "
#define CLOSE "\n    <Engine name=\"Catalina\"/>\n  </Service>\n</Server>\n"
#define TLS "<Connector port=\"8443\" SSLEnabled=\"true\" scheme=\"https\" secure=\"true\">"
#define CERTIFICATE(attributes) \
	OPEN TLS "<SSLHostConfig><Certificate " attributes "/></SSLHostConfig></Connector>" CLOSE
#define STORE "certificateKeystoreFile=\"conf/keystore.p12\" certificateKeystoreType=\"PKCS12\" "

static void
file_is(ce_call *call, const char *path, const char *expected)
{
	const char *text = fake_get(call, path);
	CU_ASSERT_PTR_NOT_NULL(text);
	if (text && strcmp(text, expected) != 0)
		fprintf(stderr, "\n%s: %s\n", path, text);
	if (text)
		CU_ASSERT_STRING_EQUAL(text, expected);
}

static void
installed(ce_call *call, const char *config, const char *version, const char *options)
{
	driver_begin(call, config, version, options);
	CU_ASSERT_EQUAL(driver_install(call), CE_OK);
	if (call->code != CE_OK)
		fprintf(stderr, "\n%s\n", call->text);
}

/* products.md 8, tomcat 12: path, alias and password stay, so that a reload is enough. */
static void
keeps_path_alias_and_password_of_a_configured_keystore(void)
{
	ce_call call;
	installed(&call, CERTIFICATE(STORE "certificateKeyAlias=\"Shop\" certificateKeystorePassword=\"a&amp;b c&lt;d\""),
		"9.0.98", "base=" BASE ";manager_url=http://127.0.0.1:8080/manager;manager_credentials=/etc/c");
	file_is(&call, BASE "/conf/keystore.p12", "pkcs12 alias shop password a&b c<d");
	CU_ASSERT_EQUAL(call.written, 1);
	CU_ASSERT_STRING_EQUAL(call.reload_key, "tomcat " BASE);
	CU_ASSERT_STRING_EQUAL(call.reload_text, "sslReload of Tomcat at " BASE " through http://127.0.0.1:8080/manager");
	fake_release(&call);
}

/* Nothing to do over thousands of targets must not open thousands of archives. */
static void
reads_the_version_only_when_it_matters(void)
{
	ce_call call;
	installed(&call, CERTIFICATE(STORE "certificateKeystorePassword=\"changeit\""), "9.0.98", UNIT);
	CU_ASSERT_EQUAL(call.archives, 0);
	fake_release(&call);
	installed(&call, OPEN CLOSE, "9.0.98", UNIT);
	CU_ASSERT_EQUAL(call.archives, 1);
	fake_release(&call);
	installed(&call, OPEN CLOSE, "9.0.98", UNIT ";version=9.0.82");
	CU_ASSERT_EQUAL(call.archives, 0);
	driver_has(&call, "certificateKeystorePassword=\"" FAKE_SECRET "\"");
	fake_release(&call);
}

static void
takes_a_base_with_a_slash_at_its_end(void)
{
	ce_call call;
	installed(&call, OPEN CLOSE, "9.0.98", "base=" BASE "//;unit=u");
	CU_ASSERT_STRING_EQUAL(call.reload_key, "tomcat " BASE);
	driver_has(&call, "certificateKeystoreFile=\"" BASE "/conf/shop-8443.p12\"");
	fake_release(&call);
}

static void
finds_the_jar_in_the_home_or_where_packages_keep_it(void)
{
	ce_call call;
	driver_begin(&call, OPEN CLOSE, "9.0.98", "base=/var/lib/tomcat10;unit=u;config=" CONFIG);
	int rc = driver_install(&call);
	driver_refused(&call, rc, CE_ERR_PRODUCT, "no lib/catalina.jar in /var/lib/tomcat10 or /usr/share/tomcat10");
	fake_end(&call);
	fake_put(&call, "/usr/share/tomcat10/lib/catalina.jar", "x=1\nserver.number=10.1.60.0\n");
	CU_ASSERT_EQUAL(driver_install(&call), CE_OK);
	fake_release(&call);

	driver_begin(&call, OPEN CLOSE, "9.0.98", UNIT ";home=/opt/home");
	rc = driver_install(&call);
	driver_refused(&call, rc, CE_ERR_PRODUCT, "no lib/catalina.jar in /opt/home; set 'home'");
	fake_end(&call);
	fake_put(&call, "/opt/home/lib/catalina.jar", "server.info=Apache Tomcat\n");
	rc = driver_install(&call);
	driver_refused(&call, rc, CE_ERR_PRODUCT, "does not say which Tomcat it is");
	fake_release(&call);
}

static void
makes_a_password_where_the_old_one_is_unfit(void)
{
	static const char *const unfit[] = { "short", "p\xc3\xa4ssword", "" };
	for (size_t i = 0; i < CE_COUNT(unfit); i++) {
		char config[1024];
		ce_call call;
		snprintf(config, sizeof(config), CERTIFICATE(STORE "certificateKeystorePassword=\"%s\""), unfit[i]);
		installed(&call, config, "9.0.98", UNIT);
		file_is(&call, BASE "/conf/keystore.p12", "pkcs12 alias tomcat password " FAKE_SECRET);
		driver_has(&call, "certificateKeystorePassword=\"" FAKE_SECRET "\"");
		driver_lacks(&call, "PasswordFile");
		fake_release(&call);
	}
}

static void
takes_the_password_from_the_file_which_beats_the_attribute(void)
{
	ce_call call;
	driver_begin(&call, CERTIFICATE(STORE "certificateKeystorePassword=\"attribute\" "
		"certificateKeystorePasswordFile=\"conf/secret\""), "9.0.98", UNIT);
	fake_put(&call, BASE "/conf/secret", "\xef\xbb\xbf" "from the file ${x}\r\nmore\n");
	fake_end(&call);
	CU_ASSERT_EQUAL(driver_install(&call), CE_OK);
	file_is(&call, BASE "/conf/keystore.p12", "pkcs12 alias tomcat password from the file ${x}");
	CU_ASSERT_EQUAL(call.written, 1);
	fake_release(&call);
}

/* A lost password file is written anew; with a new password only a restart will do. */
static void
writes_a_missing_password_file_and_restarts(void)
{
	ce_call call;
	installed(&call, CERTIFICATE(STORE "certificateKeystorePasswordFile=\"conf/secret\""), "9.0.98", UNIT
		";manager_url=http://127.0.0.1:8080/manager;manager_credentials=/etc/c");
	file_is(&call, BASE "/conf/secret", FAKE_SECRET "\n");
	CU_ASSERT_EQUAL(call.written, 2);
	CU_ASSERT_STRING_EQUAL(call.reload_text, "restart of unit tomcat.service");
	fake_release(&call);
}

static void
moves_the_password_when_asked(void)
{
	ce_call call;
	installed(&call, CERTIFICATE(STORE "certificateKeystorePassword=\"in the attribute\""), "10.1.16",
		UNIT ";password_in=file");
	file_is(&call, BASE "/conf/shop-8443.password", "in the attribute\n");
	driver_has(&call, "certificateKeystorePasswordFile=\"" BASE "/conf/shop-8443.password\"");
	driver_lacks(&call, "certificateKeystorePassword=");
	fake_end(&call);

	call.options = UNIT ";password_in=attribute";
	CU_ASSERT_EQUAL(driver_install(&call), CE_OK);
	driver_has(&call, "certificateKeystorePassword=\"in the attribute\"");
	driver_lacks(&call, "PasswordFile");
	fake_release(&call);
}

static void
drops_a_key_password_that_differs(void)
{
	ce_call call;
	installed(&call, CERTIFICATE(STORE "certificateKeystorePassword=\"changeit\" certificateKeyPassword=\"changeit\""),
		"9.0.98", UNIT);
	driver_has(&call, "certificateKeyPassword=\"changeit\"");
	fake_release(&call);
	installed(&call, CERTIFICATE(STORE "certificateKeystorePassword=\"changeit\" certificateKeyPassword=\"another\""),
		"9.0.98", UNIT);
	driver_lacks(&call, "certificateKeyPassword");
	fake_release(&call);
}

static void
keeps_jks_and_says_pkcs12_otherwise(void)
{
	ce_call call;
	installed(&call, CERTIFICATE("certificateKeystoreFile=\"conf/k\" certificateKeystoreType=\"jks\""), "9.0.98",
		UNIT ";profile=legacy");
	file_is(&call, BASE "/conf/k", "jks legacy alias tomcat password changeit");
	CU_ASSERT_EQUAL(call.written, 1);
	fake_release(&call);
	installed(&call, CERTIFICATE("certificateKeystoreFile=\"conf/k\""), "9.0.98", UNIT);
	file_is(&call, BASE "/conf/k", "pkcs12 alias tomcat password changeit");
	driver_has(&call, "certificateKeystoreType=\"PKCS12\"");
	fake_release(&call);
}

static void
writes_pem_files_by_what_is_configured(void)
{
	ce_call call;
	installed(&call, CERTIFICATE("certificateFile=\"conf/c.crt\" certificateKeyFile=\"/k.key\" "
		"certificateChainFile=\"${catalina.base}/c.chain\""), "9.0.98", UNIT);
	file_is(&call, BASE "/conf/c.crt", "leaf");
	file_is(&call, "/k.key", "key");
	file_is(&call, BASE "/c.chain", "chain");
	CU_ASSERT_EQUAL(call.written, 3);
	fake_release(&call);

	installed(&call, CERTIFICATE("certificateFile=\"conf/c.crt\" certificateKeyFile=\"conf/c.key\""), "9.0.98", UNIT);
	file_is(&call, BASE "/conf/c.crt", "fullchain");
	fake_release(&call);

	installed(&call, CERTIFICATE("certificateFile=\"conf/all.pem\" certificateKeyFile=\"conf/all.pem\""), "9.0.98", UNIT);
	file_is(&call, BASE "/conf/all.pem", "all");
	fake_release(&call);

	driver_begin(&call, CERTIFICATE("certificateFile=\"c.pem\" certificateChainFile=\"c.pem\" certificateKeyFile=\"k\""),
		"9.0.98", UNIT);
	int rc = driver_install(&call);
	driver_refused(&call, rc, CE_ERR_REFUSED, "name three files");
	fake_release(&call);
}

static void
refuses_paths_that_are_none(void)
{
	static const char *const odd[] = { "${user.home}/k.p12", "file:///k.p12", "conf/${name}.p12", "" };
	for (size_t i = 0; i < CE_COUNT(odd); i++) {
		char config[1024];
		ce_call call;
		snprintf(config, sizeof(config), CERTIFICATE("certificateKeystoreFile=\"%s\" certificateKeystoreType=\"PKCS12\""),
			odd[i]);
		driver_begin(&call, config, "9.0.98", UNIT);
		int rc = driver_install(&call);
		driver_refused(&call, rc, CE_ERR_REFUSED, "is no plain path");
		fake_release(&call);
		installed(&call, config, "9.0.98", UNIT ";keystore=/k.p12");
		driver_has(&call, "certificateKeystoreFile=\"/k.p12\"");
		fake_release(&call);
	}
}

/* products.md 2.5: key material is as readable as server.xml, for the same group. */
static void
gives_new_files_the_owner_of_server_xml_and_leaves_old_ones(void)
{
	ce_call call;
	installed(&call, CERTIFICATE(STORE), "9.0.98", UNIT);
	CU_ASSERT_PTR_NOT_NULL(strstr(call.notes, "mode " BASE "/conf/keystore.p12 0:998 0640\n"));
	fake_end(&call);
	CU_ASSERT_EQUAL(driver_install(&call), CE_OK);
	CU_ASSERT_PTR_NOT_NULL(strstr(call.notes, "mode " BASE "/conf/keystore.p12 -:- -\n"));
	fake_end(&call);
	call.options = UNIT ";owner=tomcat;group=ssl;mode=0400";
	CU_ASSERT_EQUAL(driver_install(&call), CE_OK);
	CU_ASSERT_PTR_NOT_NULL(strstr(call.notes, "mode " BASE "/conf/keystore.p12 tomcat:ssl 0400\n"));
	fake_release(&call);
}

static void
follows_the_kind_of_the_key(void)
{
	ce_call call;
	driver_begin(&call, CERTIFICATE(STORE "type=\"RSA\""), "9.0.98", UNIT);
	CU_ASSERT_EQUAL(driver_install(&call), CE_OK);
	driver_has(&call, "type=\"EC\"");
	fake_end(&call);
	call.key_kind = "ed25519";
	CU_ASSERT_EQUAL(driver_install(&call), CE_OK);
	driver_lacks(&call, " type=");
	fake_release(&call);

	driver_begin_fixture(&call, "several-hosts", "9.0.98", UNIT ";host_name=*.example.com");
	fake_put(&call, BASE "/conf/rest-ec.password", "for the ec key\n");
	fake_end(&call);
	CU_ASSERT_EQUAL(driver_install(&call), CE_OK);
	file_is(&call, BASE "/conf/rest-ec.p12", "pkcs12 alias tomcat password for the ec key");
	CU_ASSERT_EQUAL(call.written, 1);
	fake_end(&call);
	call.key_kind = "rsa-2048";
	CU_ASSERT_EQUAL(driver_install(&call), CE_OK);
	file_is(&call, BASE "/conf/rest.p12", "pkcs12 alias tomcat password changeit");
	fake_end(&call);
	call.key_kind = "ed25519";
	int rc = driver_install(&call);
	driver_refused(&call, rc, CE_ERR_REFUSED, "several Certificate elements and none of type");
	fake_release(&call);
}

/* sslReload does not read server.xml: with the manager alone the change would never be served. */
static void
refuses_a_change_of_server_xml_that_nothing_could_load(void)
{
	ce_call call;
	driver_begin(&call, OPEN CLOSE, "9.0.98",
		"base=" BASE ";manager_url=https://tomcat.example.com/manager;manager_credentials=/etc/c");
	int rc = driver_install(&call);
	driver_refused(&call, rc, CE_ERR_CONFIG, "set 'unit' or 'restart_command'");
	fake_release(&call);
}

static void
leaves_alone_what_is_switched_off(void)
{
	ce_call call;
	driver_begin(&call, OPEN "<Connector port=\"8443\" SSLEnabled=\"false\"><SSLHostConfig/></Connector>" CLOSE, "9.0.98",
		UNIT);
	int rc = driver_install(&call);
	driver_refused(&call, rc, CE_ERR_REFUSED, "port 8443 is used by the connector without TLS at line 3");
	fake_release(&call);
}

static void
refuses_the_apr_connector_where_it_is_gone(void)
{
	static const char config[] = OPEN "<Connector port=\"8443\" SSLEnabled=\"true\" "
		"protocol=\"org.apache.coyote.http11.Http11AprProtocol\" SSLCertificateFile=\"conf/a.crt\" "
		"SSLCertificateKeyFile=\"conf/a.key\" SSLVerifyClient=\"require\" SSLProtocol=\"TLSv1.3\"/>" CLOSE;
	ce_call call;
	driver_begin(&call, config, "10.1.60", UNIT);
	int rc = driver_install(&call);
	driver_refused(&call, rc, CE_ERR_REFUSED, "Tomcat 10.1 has no protocol");
	fake_release(&call);
	installed(&call, config, "10.0.27", UNIT);
	driver_has(&call, "<SSLHostConfig protocols=\"TLSv1.3\" certificateVerification=\"required\">");
	driver_has(&call, "<Certificate certificateFile=\"conf/a.crt\" certificateKeyFile=\"conf/a.key\"/>");
	file_is(&call, BASE "/conf/a.crt", "fullchain");
	fake_release(&call);
}

static void
tells_a_missing_server_xml(void)
{
	ce_call call;
	driver_begin(&call, OPEN CLOSE, "9.0.98", "base=/elsewhere;unit=u");
	int rc = driver_install(&call);
	driver_refused(&call, rc, CE_ERR_NOT_FOUND, "/elsewhere/conf/server.xml");
	fake_release(&call);
}

const struct ce_test install_tests[] = {
	{ "keeps path, alias and password of a configured keystore", keeps_path_alias_and_password_of_a_configured_keystore },
	{ "reads the version only when it matters", reads_the_version_only_when_it_matters },
	{ "takes a base with a slash at its end", takes_a_base_with_a_slash_at_its_end },
	{ "finds the jar in the home or where packages keep it", finds_the_jar_in_the_home_or_where_packages_keep_it },
	{ "makes a password where the old one is unfit", makes_a_password_where_the_old_one_is_unfit },
	{ "takes the password from the file, which beats the attribute",
		takes_the_password_from_the_file_which_beats_the_attribute },
	{ "writes a missing password file and restarts", writes_a_missing_password_file_and_restarts },
	{ "moves the password when asked", moves_the_password_when_asked },
	{ "drops a key password that differs", drops_a_key_password_that_differs },
	{ "keeps JKS and says PKCS12 otherwise", keeps_jks_and_says_pkcs12_otherwise },
	{ "writes PEM files by what is configured", writes_pem_files_by_what_is_configured },
	{ "refuses paths that are none", refuses_paths_that_are_none },
	{ "gives new files the owner of server.xml and leaves old ones",
		gives_new_files_the_owner_of_server_xml_and_leaves_old_ones },
	{ "follows the kind of the key", follows_the_kind_of_the_key },
	{ "refuses a change of server.xml that nothing could load", refuses_a_change_of_server_xml_that_nothing_could_load },
	{ "leaves alone what is switched off", leaves_alone_what_is_switched_off },
	{ "refuses the APR connector where it is gone", refuses_the_apr_connector_where_it_is_gone },
	{ "tells a missing server.xml", tells_a_missing_server_xml },
	{ NULL, NULL },
};
