/* The parts of the websocket plugin. Everything lives as long as one callback; there is no state between them. */
#ifndef CE_PLUGINS_WEBSOCKET_H
#define CE_PLUGINS_WEBSOCKET_H

#include "common/plug.h"

struct websocket_settings {
	const char *fme, *shared;               /* <FMEFlowDir>, <FMESharedResourceDir> */
	const char *publisher_file, *subscriber_file, *keystore, *password; /* NULL: not given */
	int profile;
	const char *address;
	long port;                              /* 0: not given */
	const char *const *publishers_command, *const *subscribers_command, *const *restart_command; /* NULL: not given */
	const char *unit;
	const char *curl;
	const char *owner, *group, *mode;
};

/* The files that hold the three directives: that of the server, and those that are found by what they hold. */
enum websocket_file { WEBSOCKET_SERVER, WEBSOCKET_PUBLISHER, WEBSOCKET_SUBSCRIBER, WEBSOCKET_FILES };

/* The definitions that name the protocol of clients, and the commands that make them known. */
enum websocket_kind { WEBSOCKET_PUBLISHERS, WEBSOCKET_SUBSCRIBERS, WEBSOCKET_KINDS };

struct websocket_work {
	const struct ce_services *services;
	ce_call *call;
	struct websocket_settings settings;
	const char *paths[WEBSOCKET_FILES];
	ce_text *texts[WEBSOCKET_FILES];
	bool definitions;                       /* one of the definitions changes */
};

/* settings.c; value: whether a text means the same in all three files, whichever way they are read. */
int ce_websocket_settings(const struct ce_services *services, ce_call *call, struct websocket_settings *ret_settings);
bool ce_websocket_value(const char *text);

/* directives.c: opens the server's file, or all three; the value of a directive of the server, NULL: none. */
int ce_websocket_open_server(const struct ce_services *services, ce_call *call, struct websocket_work *ret_work);
int ce_websocket_open(const struct ce_services *services, ce_call *call, struct websocket_work *ret_work);
const char *ce_websocket_get(const struct websocket_work *work, const char *key);
int ce_websocket_set(struct websocket_work *work, const char *keystore, const char *password);

/* material.c: writes the keystore; its path and password as they are to be said in the three files. */
int ce_websocket_material(struct websocket_work *work, const char **ret_keystore, const char **ret_password);

/* protocol.c: ws: becomes wss: in the definitions. */
const char *ce_websocket_definitions(const struct ce_services *services, ce_call *call,
	const struct websocket_settings *settings, enum websocket_kind kind);
int ce_websocket_protocol(struct websocket_work *work);

/* reload.c; command: a vector of one or more, the vendor's script unless another is configured. */
int ce_websocket_command(const struct ce_services *services, ce_call *call, const struct websocket_settings *settings,
	enum websocket_kind kind, const char *const **ret_argv);
int ce_websocket_reload_by(struct websocket_work *work);
int ce_websocket_reload(const struct ce_services *services, ce_call *call, void *instance);

/* verify.c; check_curl: before anything is changed. */
int ce_websocket_check_curl(struct websocket_work *work);
int ce_websocket_endpoints(const struct ce_services *services, ce_call *call, void *instance);
int ce_websocket_verify(const struct ce_services *services, ce_call *call, void *instance);

/* discover.c */
int ce_websocket_discover(const struct ce_services *services, ce_call *call);

#endif
