/* The definitions of the WebSocket publisher and subscriber, which every client's URL begins with: ws: becomes wss: in the
 * attribute value of each PROPERTY. */
#include "websocket.h"

#include <string.h>
#include <strings.h>

static const struct {
	const char *folder, *file;
} definitions[WEBSOCKET_KINDS] = {
	[WEBSOCKET_PUBLISHERS] = { "publishers", "publisherProperties.xml" },
	[WEBSOCKET_SUBSCRIBERS] = { "subscribers", "subscriberProperties.xml" },
};

const char *
ce_websocket_definitions(const struct ce_services *services, ce_call *call, const struct websocket_settings *settings,
	enum websocket_kind kind)
{
	return services->format(call, "%s/localization/%s/websocket/%s", settings->shared, definitions[kind].folder,
		definitions[kind].file);
}

/* Only the protocol at the beginning is known to be one; whatever is said further on is for people. */
static int
edit_property(struct websocket_work *work, ce_xml_element *element, const char *path, size_t *count)
{
	const struct ce_services *services = work->services;
	const char *value = services->xml->attribute(element, "value");
	if (!value)
		return CE_OK;
	bool plain = strncasecmp(value, "ws:", 3) == 0;
	*count += plain || strncasecmp(value, "wss:", 4) == 0 ? 1 : 0;
	if (!plain) {
		if (strstr(value, "ws://"))
			services->log(work->call, CE_LEVEL_WARNING,
				"line %ld of '%s': the value names ws:// behind its beginning, and stays as it is", services->xml->line(element), path);
		return CE_OK;
	}
	const char *wanted = services->format(work->call, "wss:%s", value + 3);
	return wanted ? services->xml->set(work->call, element, "value", wanted) : ce_plug_no_memory(services, work->call);
}

static int
edit_below(struct websocket_work *work, ce_xml_element *element, const char *path, size_t *count)
{
	const struct ce_xml_services *xml = work->services->xml;
	int rc = ce_plug_equal(xml->name(element), "PROPERTY") ? edit_property(work, element, path, count) : CE_OK;
	for (ce_xml_element *child = xml->child(element); child && rc >= 0; child = xml->next(child))
		rc = edit_below(work, child, path, count);
	return rc;
}

/* A definition that changes is made known by a command, which has to be there before anything is changed. */
static int
check_command(struct websocket_work *work, enum websocket_kind kind)
{
	const struct ce_services *services = work->services;
	const char *const *argv = NULL;
	struct ce_stat stat = { .size = sizeof(stat) };
	int rc = ce_websocket_command(services, work->call, &work->settings, kind, &argv);
	if (rc >= 0)
		rc = services->stat(work->call, argv[0], &stat);
	if (rc < 0 || (stat.exists && !stat.is_directory))
		return rc;
	return services->fail(work->call, CE_ERR_NOT_FOUND, "the protocol of the %s changes, and the program '%s' that makes it known "
		"to FME Flow is not there; set '%s_command'", definitions[kind].folder, argv[0], definitions[kind].folder);
}

static int
edit_definitions(struct websocket_work *work, enum websocket_kind kind)
{
	const struct ce_services *services = work->services;
	const char *path = ce_websocket_definitions(services, work->call, &work->settings, kind);
	ce_xml *document = NULL;
	size_t count = 0;
	int rc = path ? services->xml->open(work->call, path, &document) : ce_plug_no_memory(services, work->call);
	if (rc >= 0)
		rc = edit_below(work, services->xml->root(document), path, &count);
	if (rc < 0)
		return rc;
	if (count == 0)
		return services->fail(work->call, CE_ERR_REFUSED, "'%s' has no PROPERTY whose value begins with ws: or wss:; is 'shared' the "
			"system share of this FME Flow?", path);
	rc = services->xml->stage(work->call, document);
	if (rc < 0 || rc == CE_UNCHANGED)
		return rc;
	work->definitions = true;
	return check_command(work, kind);
}

int
ce_websocket_protocol(struct websocket_work *work)
{
	int rc = CE_OK;
	for (int kind = 0; kind < WEBSOCKET_KINDS && rc >= 0; kind++)
		rc = edit_definitions(work, (enum websocket_kind)kind);
	if (rc >= 0 && work->definitions)
		work->services->log(work->call, CE_LEVEL_WARNING, "publications and subscriptions that are there already keep the URL they "
			"have: those that begin with ws:// are to be changed in FME Flow's web interface");
	return rc;
}
