/* The legacy form: TLS settings as attributes of the Connector. Tomcat 10 and later ignore them, log the password
 * in a warning and start without the connector, so there they are rewritten. The map is what Tomcat 9 itself does
 * with them (AbstractHttp11Protocol): they fill the default SSLHostConfig. */
#include "tomcat.h"

#include <string.h>

static const char *
protocols(const struct ce_services *services, ce_call *call, const char *value)
{
	size_t size = strlen(value), used = 0;
	char *out = services->allocate(call, size + 1);
	if (!out)
		return NULL;

	/* "TLSv1.2,TLSv1.3" becomes "TLSv1.2+TLSv1.3": Tomcat warns of a comma. */
	for (size_t i = 0; i < size; i++) {
		if (value[i] == ' ')
			continue;
		out[used++] = (char)(value[i] == ',' ? '+' : value[i]);
	}
	out[used] = '\0';
	return out;
}

static const char *
verification(const struct ce_services *services, ce_call *call, const char *value)
{
	static const char *const words[][2] = { { "true", "required" }, { "yes", "required" }, { "require", "required" },
		{ "want", "optional" }, { "false", "none" }, { "no", "none" }, { "optional_no_ca", "optionalNoCA" } };
	(void)services;
	(void)call;
	for (size_t i = 0; i < CE_PLUG_COUNT(words); i++)
		if (ce_plug_equal_nocase(value, words[i][0]))
			return words[i][1];
	return value;
}

enum target { TO_HOST, TO_CERTIFICATE };

static const struct mapping {
	const char *legacy;
	enum target target;
	const char *now;
	const char *(*translate)(const struct ce_services *services, ce_call *call, const char *value); /* NULL: as it is */
} mappings[] = {
	{ "sslEnabledProtocols", TO_HOST, "protocols", protocols },
	{ "SSLProtocol", TO_HOST, "protocols", protocols },
	{ "sslProtocol", TO_HOST, "sslProtocol", NULL },
	{ "ciphers", TO_HOST, "ciphers", NULL },
	{ "SSLCipherSuite", TO_HOST, "ciphers", NULL },
	{ "useServerCipherSuitesOrder", TO_HOST, "honorCipherOrder", NULL },
	{ "SSLHonorCipherOrder", TO_HOST, "honorCipherOrder", NULL },
	{ "clientAuth", TO_HOST, "certificateVerification", verification },
	{ "SSLVerifyClient", TO_HOST, "certificateVerification", verification },
	{ "trustMaxCertLength", TO_HOST, "certificateVerificationDepth", NULL },
	{ "SSLVerifyDepth", TO_HOST, "certificateVerificationDepth", NULL },
	{ "algorithm", TO_HOST, "keyManagerAlgorithm", NULL },
	{ "crlFile", TO_HOST, "certificateRevocationListFile", NULL },
	{ "SSLCARevocationFile", TO_HOST, "certificateRevocationListFile", NULL },
	{ "SSLCARevocationPath", TO_HOST, "certificateRevocationListPath", NULL },
	{ "truststoreFile", TO_HOST, "truststoreFile", NULL },
	{ "truststorePass", TO_HOST, "truststorePassword", NULL },
	{ "truststoreType", TO_HOST, "truststoreType", NULL },
	{ "truststoreProvider", TO_HOST, "truststoreProvider", NULL },
	{ "truststoreAlgorithm", TO_HOST, "truststoreAlgorithm", NULL },
	{ "trustManagerClassName", TO_HOST, "trustManagerClassName", NULL },
	{ "sessionCacheSize", TO_HOST, "sessionCacheSize", NULL },
	{ "sessionTimeout", TO_HOST, "sessionTimeout", NULL },
	{ "SSLCACertificateFile", TO_HOST, "caCertificateFile", NULL },
	{ "SSLCACertificatePath", TO_HOST, "caCertificatePath", NULL },
	{ "SSLDisableCompression", TO_HOST, "disableCompression", NULL },
	{ "SSLDisableSessionTickets", TO_HOST, "disableSessionTickets", NULL },
	{ "keystoreFile", TO_CERTIFICATE, "certificateKeystoreFile", NULL },
	{ "keystorePass", TO_CERTIFICATE, "certificateKeystorePassword", NULL },
	{ "keystorePassFile", TO_CERTIFICATE, "certificateKeystorePasswordFile", NULL },
	{ "keystoreType", TO_CERTIFICATE, "certificateKeystoreType", NULL },
	{ "keystoreProvider", TO_CERTIFICATE, "certificateKeystoreProvider", NULL },
	{ "keyAlias", TO_CERTIFICATE, "certificateKeyAlias", NULL },
	{ "keyPass", TO_CERTIFICATE, "certificateKeyPassword", NULL },
	{ "keyPassFile", TO_CERTIFICATE, "certificateKeyPasswordFile", NULL },
	{ "SSLCertificateFile", TO_CERTIFICATE, "certificateFile", NULL },
	{ "SSLCertificateKeyFile", TO_CERTIFICATE, "certificateKeyFile", NULL },
	{ "SSLCertificateChainFile", TO_CERTIFICATE, "certificateChainFile", NULL },
	{ "SSLPassword", TO_CERTIFICATE, "certificateKeyPassword", NULL },
	{ "SSLPasswordFile", TO_CERTIFICATE, "certificateKeyPasswordFile", NULL },
};

const char *
ce_tomcat_legacy(struct tomcat_work *work, const struct tomcat_connector *connector)
{
	for (size_t i = 0; i < CE_PLUG_COUNT(mappings); i++)
		if (work->services->xml->attribute(connector->element, mappings[i].legacy))
			return mappings[i].legacy;
	return NULL;
}

/* One attribute from the connector to its new place; of two old names for one new the first counts. */
static int
carry(struct tomcat_work *work, ce_xml_element *from, ce_xml_element *to, const struct mapping *mapping)
{
	const struct ce_xml_services *xml = work->services->xml;
	const char *value = xml->attribute(from, mapping->legacy);
	if (!value)
		return CE_OK;

	if (!xml->attribute(to, mapping->now)) {
		const char *now = mapping->translate ? mapping->translate(work->services, work->call, value) : value;
		if (!now)
			return ce_plug_no_memory(work->services, work->call);
		int rc = xml->set(work->call, to, mapping->now, now);
		if (rc < 0)
			return rc;
	}
	return xml->set(work->call, from, mapping->legacy, NULL);
}

/* Tomcat 10.1 no longer has the class of the APR connector: rewriting its attributes would not make it start. */
static int
refuse_apr(struct tomcat_work *work, const struct tomcat_connector *connector)
{
	const char *protocol = work->services->xml->attribute(connector->element, "protocol");
	bool gone = work->version.major > 10 || (work->version.major == 10 && work->version.minor >= 1);
	if (!gone || !protocol || !strstr(protocol, "Http11AprProtocol"))
		return CE_OK;
	return work->services->fail(work->call, CE_ERR_REFUSED,
		"line %ld of '%s': Tomcat %ld.%ld has no protocol '%s'; write org.apache.coyote.http11.Http11NioProtocol",
		connector->line, work->settings.config, work->version.major, work->version.minor, protocol);
}

int
ce_tomcat_modernise(struct tomcat_work *work, const struct tomcat_connector *connector)
{
	const struct ce_services *services = work->services;
	ce_xml_element *host = NULL, *certificate = NULL;
	int rc = refuse_apr(work, connector);
	if (rc >= 0)
		rc = services->xml->add(work->call, connector->element, NULL, "SSLHostConfig", &host);
	if (rc >= 0)
		rc = services->xml->add(work->call, host, NULL, "Certificate", &certificate);
	for (size_t i = 0; i < CE_PLUG_COUNT(mappings) && rc >= 0; i++)
		rc = carry(work, connector->element, mappings[i].target == TO_HOST ? host : certificate, &mappings[i]);
	if (rc < 0)
		return rc;

	services->log(work->call, CE_LEVEL_NOTICE,
		"Tomcat %ld ignores the legacy TLS attributes at line %ld of '%s'; they are rewritten as SSLHostConfig",
		work->version.major, connector->line, work->settings.config);
	return CE_OK;
}
