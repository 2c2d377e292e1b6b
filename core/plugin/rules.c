#include "plugin/rules.h"

#include <string.h>

#include "base/cleanup.h"
#include "plugin/wire.h"

static const struct ce_phase phases[] = {
	{ CE_WIRE_CREATE, 'c', "create" },
	{ CE_WIRE_DESTROY, '-', "destroy" },
	{ CE_WIRE_DISCOVER, 'd', "discover" },
	{ CE_WIRE_INSTALL, 'i', "install" },
	{ CE_WIRE_RELOAD, 'r', "reload" },
	{ CE_WIRE_ENDPOINTS, 'e', "endpoints" },
	{ CE_WIRE_VERIFY, 'v', "verify" },
};

static const struct rule {
	int service;
	const char *name;
	const char *where;
} rules[] = {
	{ CE_WIRE_LOG, "log", "cdirev" },
	{ CE_WIRE_MASK, "mask", "cdirev" },
	{ CE_WIRE_READ, "read", "cdirev" },
	{ CE_WIRE_STAT, "stat", "cdirev" },
	{ CE_WIRE_LIST, "list", "cdirev" },
	{ CE_WIRE_ARCHIVE_MEMBER, "archive_member", "cdirev" },
	{ CE_WIRE_WRITE, "write", "i" },
	{ CE_WIRE_MATERIAL, "write_material", "i" },
	{ CE_WIRE_TRUSTSTORE, "truststore", "i" },
	{ CE_WIRE_REMOVE, "remove", "i" },
	{ CE_WIRE_COMMAND, "command", "i" },
	{ CE_WIRE_SECRET, "secret", "ir" },
	{ CE_WIRE_RELOAD_BY, "reload_by", "i" },
	{ CE_WIRE_RUN, "run", "drv" },
	{ CE_WIRE_HTTP, "http", "rv" },
	{ CE_WIRE_ENDPOINT, "endpoint", "e" },
	{ CE_WIRE_FOUND_BEGIN, "found_begin", "d" },
	{ CE_WIRE_FOUND_OPTION, "found_option", "d" },
	{ CE_WIRE_CERTIFICATE, "certificate", "irev" },
	{ CE_WIRE_COMMITTED, "committed", "r" },
	{ CE_WIRE_XML_OPEN, "xml->open", "direv" },
	{ CE_WIRE_XML_STAGE, "xml->stage", "i" },
	{ CE_WIRE_TEXT_OPEN, "text->open", "direv" },
	{ CE_WIRE_TEXT_STAGE, "text->stage", "i" },
};

const struct ce_phase *
ce_phase_of(int request)
{
	for (size_t i = 0; i < CE_COUNT(phases); i++)
		if (phases[i].request == request)
			return &phases[i];
	return NULL;
}

static const struct rule *
rule_of(int service)
{
	for (size_t i = 0; i < CE_COUNT(rules); i++)
		if (rules[i].service == service)
			return &rules[i];
	return NULL;
}

const char *
ce_service_name(int service)
{
	const struct rule *rule = rule_of(service);
	return rule ? rule->name : NULL;
}

bool
ce_service_allowed(int service, const struct ce_phase *phase)
{
	const struct rule *rule = rule_of(service);
	return rule && strchr(rule->where, phase->letter) != NULL;
}
