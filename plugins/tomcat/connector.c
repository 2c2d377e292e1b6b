/* Finding the connector this target is about. The parser passes comments over, so the sample connectors that every
 * server.xml carries in comments are never seen here. */
#include "tomcat.h"

#include <string.h>

#define DEFAULT_PORT 8443
#define NIO "org.apache.coyote.http11.Http11NioProtocol"

/* Speaks TLS, or is meant to: it says so, or it has the settings for it and does not say otherwise. */
static bool
is_tls(const struct ce_xml_services *xml, ce_xml_element *element)
{
	static const char *const signs[] = { "keystoreFile", "keystorePass", "SSLCertificateFile" };
	const char *protocol = xml->attribute(element, "protocol");
	if (protocol && (strstr(protocol, "AJP") || strstr(protocol, "ajp")))
		return false;
	const char *enabled = xml->attribute(element, "SSLEnabled");
	if (enabled)
		return ce_plug_equal_nocase(enabled, "true");
	if (ce_tomcat_child_named(xml, NULL, element, "SSLHostConfig"))
		return true;
	for (size_t i = 0; i < CE_PLUG_COUNT(signs); i++)
		if (xml->attribute(element, signs[i]))
			return true;
	return false;
}

/* A port that is a placeholder is -1: what Tomcat puts there is not known here. */
static long
port_of(const struct tomcat_work *work, ce_xml_element *element)
{
	long port = 0;
	const char *text = work->services->xml->attribute(element, "port");
	if (!text)
		return 0;
	if (!ce_plug_number(text, 65535, &port))
		return -1;
	return port > 0 ? port + work->port_offset : 0;
}

static int
read_offset(struct tomcat_work *work, ce_xml_element *server)
{
	const struct ce_xml_services *xml = work->services->xml;
	const char *offset = xml->attribute(server, "portOffset");
	if (!ce_plug_equal(xml->name(server), "Server"))
		return work->services->fail(work->call, CE_ERR_PRODUCT, "'%s' is no server.xml: its root element is '%s'",
			work->settings.config, xml->name(server));
	if (offset && !ce_plug_number(offset, 65535, &work->port_offset))
		return work->services->fail(work->call, CE_ERR_REFUSED,
			"line %ld of '%s': portOffset '%s' is no number, so the ports cannot be told; write the number",
			xml->line(server), work->settings.config, offset);
	return CE_OK;
}

static size_t
walk_connectors(struct tomcat_work *work, struct tomcat_connector *into)
{
	const struct ce_xml_services *xml = work->services->xml;
	ce_xml_element *server = xml->root(work->document);
	ce_xml_element *service = NULL, *element = NULL;
	size_t count = 0;
	while ((service = ce_tomcat_child_named(xml, service, server, "Service")) != NULL) {
		element = NULL;
		while ((element = ce_tomcat_child_named(xml, element, service, "Connector")) != NULL) {
			if (into)
				into[count] = (struct tomcat_connector){ element, service, xml->line(element), port_of(work, element),
					xml->attribute(element, "address"), is_tls(xml, element) };
			count++;
		}
	}
	return count;
}

int
ce_tomcat_open(const struct ce_services *services, ce_call *call, struct tomcat_work *ret_work)
{
	struct tomcat_work work = { .services = services, .call = call };
	int rc = ce_tomcat_settings(services, call, &work.settings);
	if (rc < 0)
		return rc;

	rc = services->xml->open(call, work.settings.config, &work.document);
	if (rc < 0)
		return rc;

	rc = read_offset(&work, services->xml->root(work.document));
	if (rc < 0)
		return rc;

	/* One more than there are, for the connector that may be added. */
	size_t count = walk_connectors(&work, NULL);
	work.connectors = services->allocate(call, (count + 1) * sizeof(*work.connectors));
	if (!work.connectors)
		return ce_plug_no_memory(services, call);

	work.connector_count = walk_connectors(&work, work.connectors);
	*ret_work = work;
	return CE_OK;
}

/* Whether both could not listen at the same time. */
static bool
addresses_meet(const char *a, const char *b)
{
	return !a || !b || strcmp(a, b) == 0;
}

/* A connector without TLS on the port, or the port on which Tomcat waits for its shutdown command. */
static int
refuse_taken(struct tomcat_work *work, long port, const char *address)
{
	const struct tomcat_settings *settings = &work->settings;
	ce_xml_element *server = work->services->xml->root(work->document);
	for (size_t i = 0; i < work->connector_count; i++) {
		const struct tomcat_connector *connector = &work->connectors[i];
		if (!connector->tls && connector->port == port && addresses_meet(connector->address, address))
			return work->services->fail(work->call, CE_ERR_REFUSED,
				"port %ld is used by the connector without TLS at line %ld of '%s'; choose another port", port,
				connector->line, settings->config);
	}
	if (port_of(work, server) == port)
		return work->services->fail(work->call, CE_ERR_REFUSED,
			"port %ld is the shutdown port at line %ld of '%s'; choose another port", port,
			work->services->xml->line(server), settings->config);
	return CE_OK;
}

static int
refuse_unclear(struct tomcat_work *work, const struct tomcat_connector *connector)
{
	return work->services->fail(work->call, CE_ERR_REFUSED,
		"line %ld of '%s': this TLS connector's port is no number, so it cannot be told which one it is; write the number",
		connector->line, work->settings.config);
}

static int
refuse_ambiguous(struct tomcat_work *work, const struct tomcat_connector *one, const struct tomcat_connector *other)
{
	return work->services->fail(work->call, CE_ERR_REFUSED,
		"'%s' has several TLS connectors that this target could mean (lines %ld and %ld); set '%s'", work->settings.config,
		one->line, other->line, work->settings.port == 0 ? "port" : "address");
}

static bool
is_candidate(const struct tomcat_work *work, const struct tomcat_connector *connector)
{
	const struct tomcat_settings *settings = &work->settings;
	return connector->tls && connector->port > 0 && (settings->port == 0 || connector->port == settings->port)
		&& (!settings->address || ce_plug_equal(connector->address, settings->address));
}

int
ce_tomcat_choose(struct tomcat_work *work, struct tomcat_connector **ret_connector)
{
	const struct tomcat_settings *settings = &work->settings;
	struct tomcat_connector *found = NULL;
	const struct tomcat_connector *unclear = NULL;
	for (size_t i = 0; i < work->connector_count; i++) {
		struct tomcat_connector *connector = &work->connectors[i];
		if (connector->tls && connector->port <= 0)
			unclear = connector;
		if (!is_candidate(work, connector))
			continue;
		if (found)
			return refuse_ambiguous(work, found, connector);
		found = connector;
	}
	if (unclear && (!found || settings->port == 0))
		return refuse_unclear(work, unclear);

	long port = found ? found->port : settings->port != 0 ? settings->port : DEFAULT_PORT;
	int rc = refuse_taken(work, port, found ? found->address : settings->address);
	if (rc < 0)
		return rc;

	*ret_connector = found;
	return CE_OK;
}

static const struct tomcat_connector *
plain_connector(const struct tomcat_work *work, long port)
{
	for (size_t i = 0; i < work->connector_count; i++)
		if (!work->connectors[i].tls && work->connectors[i].port == port)
			return &work->connectors[i];
	return NULL;
}

/* The service that gets the connector: that of the http connector which redirects to it, else the only one. */
static int
choose_service(struct tomcat_work *work, ce_xml_element **ret_service)
{
	const struct ce_xml_services *xml = work->services->xml;
	ce_xml_element *server = xml->root(work->document);
	const struct tomcat_connector *http = work->settings.redirect_from == 0
		? NULL : plain_connector(work, work->settings.redirect_from);
	ce_xml_element *service = http ? http->service : ce_tomcat_child_named(xml, NULL, server, "Service");
	if (!service)
		return work->services->fail(work->call, CE_ERR_PRODUCT, "'%s' has no Service to add a connector to",
			work->settings.config);

	ce_xml_element *second = ce_tomcat_child_named(xml, service, server, "Service");
	if (!http && second)
		return work->services->fail(work->call, CE_ERR_REFUSED,
			"'%s' has several services (lines %ld and %ld) and no TLS connector that fits; set 'redirect_from' to the port "
			"of the http connector it belongs to, or add a connector by hand", work->settings.config, xml->line(service),
			xml->line(second));

	*ret_service = service;
	return CE_OK;
}

/* Behind the last connector, else in front of what must come after connectors. */
static ce_xml_element *
place_for_connector(const struct ce_xml_services *xml, ce_xml_element *service)
{
	ce_xml_element *last = NULL, *element = NULL;
	while ((element = ce_tomcat_child_named(xml, element, service, "Connector")) != NULL)
		last = element;
	return last ? xml->next(last) : ce_tomcat_child_named(xml, NULL, service, "Engine");
}

static int
set_all(struct tomcat_work *work, ce_xml_element *element, const char *const pairs[][2], size_t count)
{
	int rc = CE_OK;
	for (size_t i = 0; i < count && rc >= 0; i++)
		if (pairs[i][1])
			rc = work->services->xml->set(work->call, element, pairs[i][0], pairs[i][1]);
	return rc;
}

int
ce_tomcat_add_connector(struct tomcat_work *work, struct tomcat_connector **ret_connector)
{
	const struct ce_services *services = work->services;
	const struct tomcat_settings *settings = &work->settings;
	long port = settings->port != 0 ? settings->port : DEFAULT_PORT;
	const char *text = services->format(work->call, "%ld", port - work->port_offset);
	if (!text)
		return ce_plug_no_memory(services, work->call);
	if (port <= work->port_offset)
		return services->fail(work->call, CE_ERR_CONFIG, "port %ld cannot be reached with the portOffset %ld of '%s'", port,
			work->port_offset, settings->config);

	struct tomcat_connector *connector = &work->connectors[work->connector_count];
	*connector = (struct tomcat_connector){ .port = port, .address = settings->address, .tls = true };
	int rc = choose_service(work, &connector->service);
	if (rc >= 0)
		rc = services->xml->add(work->call, connector->service, place_for_connector(services->xml, connector->service),
			"Connector", &connector->element);
	if (rc < 0)
		return rc;

	bool named = settings->host_name && !ce_plug_equal(settings->host_name, "_default_");
	const char *const pairs[][2] = {
		{ "port", text }, { "address", settings->address }, { "protocol", NIO }, { "SSLEnabled", "true" },
		{ "scheme", "https" }, { "secure", "true" }, { "defaultSSLHostConfigName", named ? settings->host_name : NULL },
	};
	rc = set_all(work, connector->element, pairs, CE_PLUG_COUNT(pairs));
	if (rc < 0)
		return rc;

	work->connector_count++;
	*ret_connector = connector;
	return CE_OK;
}

/* The three values without which a connector with a certificate speaks no TLS, or applications do not know it. */
int
ce_tomcat_own_connector(struct tomcat_work *work, const struct tomcat_connector *connector)
{
	static const char *const values[][2] = { { "SSLEnabled", "true" }, { "scheme", "https" }, { "secure", "true" } };
	const struct ce_xml_services *xml = work->services->xml;
	int rc = CE_OK;
	for (size_t i = 0; i < CE_PLUG_COUNT(values) && rc >= 0; i++)
		if (!ce_plug_equal_nocase(xml->attribute(connector->element, values[i][0]), values[i][1]))
			rc = xml->set(work->call, connector->element, values[i][0], values[i][1]);
	return rc;
}

/* redirectPort is what a CONFIDENTIAL constraint sends browsers to; it is written without the offset, as port is. */
int
ce_tomcat_redirect(struct tomcat_work *work, const struct tomcat_connector *connector)
{
	const struct ce_services *services = work->services;
	long from = work->settings.redirect_from;
	if (from == 0)
		return CE_OK;

	const struct tomcat_connector *http = plain_connector(work, from);
	if (!http)
		return services->fail(work->call, CE_ERR_CONFIG,
			"redirect_from: '%s' has no connector without TLS on port %ld", work->settings.config, from);

	const char *port = services->format(work->call, "%ld", connector->port - work->port_offset);
	if (!port)
		return ce_plug_no_memory(services, work->call);
	return services->xml->set(work->call, http->element, "redirectPort", port);
}
