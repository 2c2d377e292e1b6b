/* Looking for FME Flow where its installer puts it, under its name of today and its former one. */
#include "websocket.h"

int
ce_websocket_discover(const struct ce_services *services, ce_call *call)
{
	static const char *const places[] = { "/opt/fmeflow", "/opt/fmeserver" };
	for (size_t i = 0; i < CE_PLUG_COUNT(places); i++) {
		struct ce_stat stat = { .size = sizeof(stat) };
		const char *path = services->format(call, "%s/Server/fmeWebSocketConfig.txt", places[i]);
		int rc = path ? services->stat(call, path, &stat) : ce_plug_no_memory(services, call);
		if (rc >= 0 && stat.exists && !stat.is_directory) {
			rc = services->found_begin(call, services->format(call, "WebSocket server of FME Flow at %s", places[i]));
			if (rc >= 0)
				rc = services->found_option(call, "fme", places[i]);
		}
		if (rc < 0)
			return rc;
	}
	return CE_OK;
}
