/* Where the attributes of the certificate stand, or shall stand: form, host and Certificate element. */
#include "tomcat.h"

#include <string.h>

#define DEFAULT_HOST "_default_"

static const char *const hosts_names[TOMCAT_VALUES] = {
	[TOMCAT_STORE_FILE] = "certificateKeystoreFile",
	[TOMCAT_STORE_PASSWORD] = "certificateKeystorePassword",
	[TOMCAT_STORE_PASSWORD_FILE] = "certificateKeystorePasswordFile",
	[TOMCAT_STORE_TYPE] = "certificateKeystoreType",
	[TOMCAT_STORE_PROVIDER] = "certificateKeystoreProvider",
	[TOMCAT_STORE_ALIAS] = "certificateKeyAlias",
	[TOMCAT_PEM_LEAF] = "certificateFile",
	[TOMCAT_PEM_KEY] = "certificateKeyFile",
	[TOMCAT_PEM_CHAIN] = "certificateChainFile",
	[TOMCAT_KEY_PASSWORD] = "certificateKeyPassword",
	[TOMCAT_KEY_PASSWORD_FILE] = "certificateKeyPasswordFile",
};

static const char *const legacy_names[TOMCAT_VALUES] = {
	[TOMCAT_STORE_FILE] = "keystoreFile",
	[TOMCAT_STORE_PASSWORD] = "keystorePass",
	[TOMCAT_STORE_PASSWORD_FILE] = "keystorePassFile",
	[TOMCAT_STORE_TYPE] = "keystoreType",
	[TOMCAT_STORE_PROVIDER] = "keystoreProvider",
	[TOMCAT_STORE_ALIAS] = "keyAlias",
	[TOMCAT_PEM_LEAF] = "SSLCertificateFile",
	[TOMCAT_PEM_KEY] = "SSLCertificateKeyFile",
	[TOMCAT_PEM_CHAIN] = "SSLCertificateChainFile",
	[TOMCAT_KEY_PASSWORD] = "keyPass",
	[TOMCAT_KEY_PASSWORD_FILE] = "keyPassFile",
	[TOMCAT_PEM_PASSWORD] = "SSLPassword",
	[TOMCAT_PEM_PASSWORD_FILE] = "SSLPasswordFile",
};

/* The next child of that name, from the first if after is NULL. */
ce_xml_element *
ce_tomcat_child_named(const struct ce_xml_services *xml, ce_xml_element *after, ce_xml_element *parent, const char *name)
{
	ce_xml_element *element = after ? xml->next(after) : xml->child(parent);
	while (element && !ce_plug_equal(xml->name(element), name))
		element = xml->next(element);
	return element;
}

const char *
ce_tomcat_get(const struct tomcat_work *work, const struct tomcat_place *place, enum tomcat_value value)
{
	const char *name = place->names[value];
	return name && place->holder ? work->services->xml->attribute(place->holder, name) : NULL;
}

int
ce_tomcat_set(struct tomcat_work *work, const struct tomcat_place *place, enum tomcat_value value, const char *text)
{
	const char *name = place->names[value];
	return name ? work->services->xml->set(work->call, place->holder, name, text) : CE_OK;
}

static const char *
default_host(struct tomcat_work *work, const struct tomcat_connector *connector)
{
	const char *name = work->services->xml->attribute(connector->element, "defaultSSLHostConfigName");
	return name ? name : DEFAULT_HOST;
}

struct tomcat_place
ce_tomcat_host_place(struct tomcat_work *work, const struct tomcat_connector *connector, ce_xml_element *host,
	ce_xml_element *certificate)
{
	const char *name = work->services->xml->attribute(host, "hostName");
	struct tomcat_place place = { connector, host, certificate, hosts_names, name ? name : DEFAULT_HOST, false };
	place.is_default = ce_plug_equal_nocase(place.host_name, default_host(work, connector));
	return place;
}

struct tomcat_place
ce_tomcat_legacy_place(const struct tomcat_connector *connector)
{
	struct tomcat_place place = { connector, NULL, connector->element, legacy_names, DEFAULT_HOST, true };
	return place;
}

/* The host this target is about: the one named, else the one that answers when no other fits. */
static const char *
wanted_host(struct tomcat_work *work, const struct tomcat_connector *connector)
{
	return work->settings.host_name ? work->settings.host_name : default_host(work, connector);
}

static int
find_host(struct tomcat_work *work, const struct tomcat_connector *connector, ce_xml_element **ret_host)
{
	const struct ce_xml_services *xml = work->services->xml;
	const char *wanted = wanted_host(work, connector);
	ce_xml_element *found = NULL, *host = NULL;
	while ((host = ce_tomcat_child_named(xml, host, connector->element, "SSLHostConfig")) != NULL) {
		const char *name = xml->attribute(host, "hostName");
		if (!ce_plug_equal_nocase(name ? name : DEFAULT_HOST, wanted))
			continue;
		if (found)
			return work->services->fail(work->call, CE_ERR_REFUSED,
				"lines %ld and %ld of '%s': two SSLHostConfig elements for the host '%s'; Tomcat takes no connector with "
				"that, remove one", xml->line(found), xml->line(host), work->settings.config, wanted);
		found = host;
	}
	*ret_host = found;
	return CE_OK;
}

/* What Tomcat calls the kind of a key; NULL for kinds it has no word for, which go without a type. */
static const char *
key_type(const struct ce_certificate_facts *facts)
{
	if (ce_plug_starts(facts->key_kind, "rsa-"))
		return "RSA";
	return ce_plug_starts(facts->key_kind, "ec-") ? "EC" : NULL;
}

/* The only Certificate, or of several the one for the kind of key. */
static int
find_certificate(struct tomcat_work *work, ce_xml_element *host, const char *type, ce_xml_element **ret_certificate)
{
	const struct ce_xml_services *xml = work->services->xml;
	ce_xml_element *first = ce_tomcat_child_named(xml, NULL, host, "Certificate");
	ce_xml_element *certificate = first;
	bool several = first && ce_tomcat_child_named(xml, first, host, "Certificate");
	while (several && certificate && !ce_plug_equal_nocase(xml->attribute(certificate, "type"), type))
		certificate = ce_tomcat_child_named(xml, certificate, host, "Certificate");
	if (several && !certificate)
		return work->services->fail(work->call, CE_ERR_REFUSED,
			"line %ld of '%s': this SSLHostConfig has several Certificate elements and none of type %s; give one that type, "
			"or the certificate another kind of key", xml->line(host), work->settings.config, type ? type : "(unknown)");
	*ret_certificate = certificate;
	return CE_OK;
}

static int
refuse_mixed(struct tomcat_work *work, const struct tomcat_connector *connector, const char *legacy)
{
	const struct ce_xml_services *xml = work->services->xml;
	ce_xml_element *host = ce_tomcat_child_named(xml, NULL, connector->element, "SSLHostConfig");
	if (!legacy || !host)
		return CE_OK;
	return work->services->fail(work->call, CE_ERR_REFUSED,
		"'%s' mixes two forms: the connector at line %ld has the legacy attribute '%s' and at line %ld an SSLHostConfig; "
		"keep one of them", work->settings.config, connector->line, legacy, xml->line(host));
}

int
ce_tomcat_find_place(struct tomcat_work *work, const struct tomcat_connector *connector, struct tomcat_place *ret_place)
{
	const char *legacy = ce_tomcat_legacy(work, connector);
	int rc = refuse_mixed(work, connector, legacy);
	if (rc < 0)
		return rc;
	if (legacy) {
		*ret_place = ce_tomcat_legacy_place(connector);
		return CE_OK;
	}

	const struct ce_certificate_facts *facts = NULL;
	ce_xml_element *host = NULL, *certificate = NULL;
	rc = work->services->certificate(work->call, &facts);
	if (rc >= 0)
		rc = find_host(work, connector, &host);
	if (rc >= 0 && host)
		rc = find_certificate(work, host, key_type(facts), &certificate);
	if (rc < 0)
		return rc;
	if (!certificate)
		return CE_UNCHANGED;

	*ret_place = ce_tomcat_host_place(work, connector, host, certificate);
	return CE_OK;
}

/* The type of an only Certificate follows the key; where there is none, none is needed. */
static int
own_type(struct tomcat_work *work, const struct tomcat_place *place)
{
	const struct ce_certificate_facts *facts = NULL;
	int rc = work->services->certificate(work->call, &facts);
	if (rc < 0)
		return rc;

	const char *type = work->services->xml->attribute(place->holder, "type");
	if (!type || ce_plug_equal_nocase(type, "UNDEFINED") || ce_plug_equal_nocase(type, key_type(facts)))
		return CE_OK;
	return work->services->xml->set(work->call, place->holder, "type", key_type(facts));
}

static int
add_place(struct tomcat_work *work, const struct tomcat_connector *connector, struct tomcat_place *ret_place)
{
	const struct ce_xml_services *xml = work->services->xml;
	const char *wanted = wanted_host(work, connector);
	ce_xml_element *host = NULL, *certificate = NULL;
	int rc = find_host(work, connector, &host);
	if (rc >= 0 && !host) {
		rc = xml->add(work->call, connector->element, NULL, "SSLHostConfig", &host);
		if (rc >= 0 && !ce_plug_equal_nocase(wanted, DEFAULT_HOST))
			rc = xml->set(work->call, host, "hostName", wanted);
	}
	if (rc >= 0)
		rc = xml->add(work->call, host, NULL, "Certificate", &certificate);
	if (rc < 0)
		return rc;

	*ret_place = ce_tomcat_host_place(work, connector, host, certificate);
	return CE_OK;
}

static int
legacy_place(struct tomcat_work *work, struct tomcat_place *place)
{
	const struct tomcat_connector *connector = place->connector;
	int rc = ce_tomcat_version(work);
	if (rc < 0)
		return rc;
	if (!ce_tomcat_has_legacy(work)) {
		rc = ce_tomcat_modernise(work, connector);
		if (rc >= 0)
			rc = ce_tomcat_find_place(work, connector, place);
		return rc == CE_UNCHANGED ? add_place(work, connector, place) : rc;
	}
	if (!ce_plug_equal_nocase(wanted_host(work, connector), DEFAULT_HOST))
		return work->services->fail(work->call, CE_ERR_REFUSED,
			"line %ld of '%s': this connector has legacy TLS attributes, which know no host names; host '%s' needs the "
			"SSLHostConfig form", connector->line, work->settings.config, wanted_host(work, connector));
	return CE_OK;
}

/* The place, made where it is missing and brought into a form that this Tomcat reads. */
int
ce_tomcat_make_place(struct tomcat_work *work, const struct tomcat_connector *connector, struct tomcat_place *ret_place)
{
	struct tomcat_place place = { .connector = connector };
	int rc = ce_tomcat_find_place(work, connector, &place);
	if (rc == CE_UNCHANGED)
		rc = add_place(work, connector, &place);
	else if (rc >= 0 && !place.host)
		rc = legacy_place(work, &place);
	if (rc < 0)
		return rc;

	if (place.host) {
		rc = own_type(work, &place);
		if (rc < 0)
			return rc;
	}
	*ret_place = place;
	return CE_OK;
}
