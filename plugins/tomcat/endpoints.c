/* Where the certificate is served: every connector and host whose files are the ones of this target. */
#include "tomcat.h"

#include <string.h>

/* Where a connector can be reached from its own host. */
static const char *
reachable(const char *address)
{
	if (!address || strcmp(address, "0.0.0.0") == 0)
		return "127.0.0.1";
	return strcmp(address, "::") == 0 || strcmp(address, "0:0:0:0:0:0:0:0") == 0 ? "::1" : address;
}

/* A name a client can ask for: some name below a wildcard. */
static const char *
askable(const struct tomcat_work *work, const char *name)
{
	return ce_plug_starts(name, "*.") ? work->services->format(work->call, "www%s", name + 1) : name;
}

/* Whether another host of the connector answers for the name: Tomcat looks for the name itself before wildcards. */
static bool
is_claimed(struct tomcat_work *work, const struct tomcat_place *place, const char *name)
{
	const struct ce_xml_services *xml = work->services->xml;
	ce_xml_element *host = NULL;
	if (ce_plug_equal_nocase(place->host_name, name))
		return false;
	while ((host = ce_tomcat_child_named(xml, host, place->connector->element, "SSLHostConfig")) != NULL) {
		const char *host_name = xml->attribute(host, "hostName");
		if (host != place->host && host_name && ce_plug_covers(host_name, name))
			return true;
	}
	return false;
}

/* The name to ask for so that this host answers. The default host answers for every name that no other has; NULL when
 * the certificate has no name that fits, and then the certificate's first one is asked for. */
static const char *
sni_of(struct tomcat_work *work, const struct tomcat_place *place, const struct ce_certificate_facts *facts)
{
	for (size_t i = 0; facts->names[i]; i++) {
		if (ce_plug_is_address(facts->names[i]))
			continue;
		const char *name = askable(work, facts->names[i]);
		bool covered = place->is_default || (name && ce_plug_covers(place->host_name, name));
		if (name && covered && !is_claimed(work, place, name))
			return name;
	}
	bool exact = !place->is_default && place->host_name[0] != '*';
	return exact ? place->host_name : NULL;
}

/* What tells one certificate's files from another's. */
static const char *
files_of(const struct tomcat_work *work, const struct tomcat_place *place)
{
	const char *store = ce_tomcat_path(work, place, TOMCAT_STORE_FILE);
	return store ? store : ce_tomcat_path(work, place, TOMCAT_PEM_LEAF);
}

static int
announce(struct tomcat_work *work, const struct tomcat_place *own, const struct tomcat_place *place,
	const struct ce_certificate_facts *facts)
{
	if (place->holder != own->holder && !ce_plug_equal(files_of(work, place), files_of(work, own)))
		return CE_OK;
	return work->services->endpoint(work->call, reachable(place->connector->address), (int)place->connector->port,
		sni_of(work, place, facts));
}

static int
announce_connector(struct tomcat_work *work, const struct tomcat_place *own, const struct tomcat_connector *connector,
	const struct ce_certificate_facts *facts)
{
	const struct ce_xml_services *xml = work->services->xml;
	ce_xml_element *host = NULL, *certificate = NULL;
	int rc = CE_OK;
	if (ce_tomcat_legacy(work, connector)) {
		struct tomcat_place place = ce_tomcat_legacy_place(connector);
		return announce(work, own, &place, facts);
	}
	while (rc >= 0 && (host = ce_tomcat_child_named(xml, host, connector->element, "SSLHostConfig")) != NULL) {
		certificate = NULL;
		while (rc >= 0 && (certificate = ce_tomcat_child_named(xml, certificate, host, "Certificate")) != NULL) {
			struct tomcat_place place = ce_tomcat_host_place(work, connector, host, certificate);
			rc = announce(work, own, &place, facts);
		}
	}
	return rc;
}

int
ce_tomcat_endpoints(const struct ce_services *services, ce_call *call, void *instance)
{
	struct tomcat_work work;
	struct tomcat_connector *connector = NULL;
	struct tomcat_place own = { .holder = NULL };
	const struct ce_certificate_facts *facts = NULL;
	(void)instance;
	int rc = ce_tomcat_open(services, call, &work);
	if (rc >= 0)
		rc = ce_tomcat_choose(&work, &connector);
	if (rc >= 0 && connector)
		rc = ce_tomcat_find_place(&work, connector, &own);
	if (rc >= 0)
		rc = services->certificate(call, &facts);
	if (rc < 0)
		return rc;
	if (!own.holder)
		return services->fail(call, CE_ERR_PRODUCT, "'%s' has no connector that serves the certificate",
			work.settings.config);

	for (size_t i = 0; i < work.connector_count && rc >= 0; i++)
		if (work.connectors[i].tls && work.connectors[i].port > 0)
			rc = announce_connector(&work, &own, &work.connectors[i], facts);
	return rc < 0 ? rc : CE_OK;
}
