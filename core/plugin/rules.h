/* Which service may be used in which callback: one table, the letters of certengine/plugin.h. */
#ifndef CE_PLUGIN_RULES_H
#define CE_PLUGIN_RULES_H

#include <stdbool.h>

/* One callback: its request on the wire, its letter in the table, its name in messages. */
struct ce_phase {
	int request;
	char letter;
	const char *name;
};
/* NULL for a kind that is no request. */
const struct ce_phase *ce_phase_of(int request);

/* The service's name in messages, NULL for a kind that is no service. */
const char *ce_service_name(int service);
bool ce_service_allowed(int service, const struct ce_phase *phase);

#endif
