/* websocket: the WebSocket server of FME Flow. The manual is certengine-websocket(5); websocket.md says what becomes of each
 * step of the vendor's instructions. */
#include "websocket.h"

static const char *const profile_choices[] = { "modern", "legacy", NULL };

static const struct ce_option options[] = {
	{ "fme", CE_OPTION_PATH, 1, NULL, 0, 0, NULL, "where FME Flow is installed, /opt/fmeflow" },
	{ "shared", CE_OPTION_PATH, 0, NULL, 0, 0, NULL, "its system share; default: as fme" },
	{ "publisher_file", CE_OPTION_PATH, 0, NULL, 0, 0, NULL,
		"directives of the publisher; default: the file below Server/config/publishers that has them" },
	{ "subscriber_file", CE_OPTION_PATH, 0, NULL, 0, 0, NULL,
		"directives of the subscriber; default: the file below Server/config/subscribers that has them" },
	{ "keystore", CE_OPTION_PATH, 0, NULL, 0, 0, NULL, "the keystore, not Tomcat's; default: Server/NAME-websocket.p12" },
	{ "password", CE_OPTION_SECRET, 0, NULL, 0, 0, NULL,
		"password of the keystore; default: as in fmeWebSocketConfig.txt, else a new one" },
	{ "profile", CE_OPTION_ENUM, 0, "modern", 0, 0, profile_choices,
		"keystore algorithms; legacy for Java before 8u301 or 11.0.12" },
	{ "address", CE_OPTION_STRING, 0, "127.0.0.1", 0, 0, NULL, "address it serves on" },
	{ "port", CE_OPTION_INT, 0, NULL, 1, 65535, NULL, "port it serves on; default: WEBSOCKET_REQUEST_PORT, else 7078" },
	{ "publishers_command", CE_OPTION_LIST, 0, NULL, 0, 0, NULL,
		"command that makes a changed publisher known; default: Clients/utilities/addPublishers.sh" },
	{ "subscribers_command", CE_OPTION_LIST, 0, NULL, 0, 0, NULL,
		"command that makes a changed subscriber known; default: Clients/utilities/addSubscribers.sh" },
	{ "restart_command", CE_OPTION_LIST, 0, NULL, 0, 0, NULL, "command that restarts FME Flow with its Core; goes before unit" },
	{ "unit", CE_OPTION_STRING, 0, NULL, 0, 0, NULL, "systemd unit of FME Flow with its Core" },
	{ "curl", CE_OPTION_PATH, 0, "/usr/bin/curl", 0, 0, NULL, "program that asks for a WebSocket, as a proof" },
	{ "owner", CE_OPTION_STRING, 0, NULL, 0, 0, NULL,
		"owner of the keystore; default: as is, fmeWebSocketConfig.txt's for a new one" },
	{ "group", CE_OPTION_STRING, 0, NULL, 0, 0, NULL,
		"group of the keystore; default: as is, fmeWebSocketConfig.txt's for a new one" },
	{ "mode", CE_OPTION_STRING, 0, NULL, 0, 0, NULL, "mode of the keystore; default: as is, 0640 or 0600 for a new one" },
	{ NULL, 0, 0, NULL, 0, 0, NULL, NULL },
};

/* The options are read anew in every callback, so a target needs no memory of its own. */
static int
websocket_create(const struct ce_services *services, ce_call *call, void **ret_instance)
{
	struct websocket_settings settings;
	int rc = ce_websocket_settings(services, call, &settings);
	if (rc >= 0)
		*ret_instance = NULL;
	return rc;
}

/* Some installations write these files from a template, with confd, when they are set up anew. */
static int
notice_templates(struct websocket_work *work)
{
	struct ce_stat stat = { .size = sizeof(stat) };
	const char *path = work->services->format(work->call, "%s/Config/values.yml", work->settings.fme);
	int rc = path ? work->services->stat(work->call, path, &stat) : ce_plug_no_memory(work->services, work->call);
	if (rc >= 0 && stat.exists)
		work->services->log(work->call, CE_LEVEL_NOTICE, "'%s' is there: confd writes FME Flow's files from it, and when that is run "
			"again the next apply has to set the directives once more", path);
	return rc;
}

static int
websocket_install(const struct ce_services *services, ce_call *call, void *instance)
{
	struct websocket_work work;
	const char *keystore = NULL, *password = NULL;
	(void)instance;
	int rc = ce_websocket_open(services, call, &work);
	if (rc >= 0)
		rc = ce_websocket_check_curl(&work);
	if (rc >= 0)
		rc = notice_templates(&work);
	if (rc >= 0)
		rc = ce_websocket_material(&work, &keystore, &password);
	if (rc >= 0)
		rc = ce_websocket_set(&work, keystore, password);
	if (rc >= 0)
		rc = ce_websocket_protocol(&work);
	if (rc >= 0)
		rc = ce_websocket_reload_by(&work);
	return rc < 0 ? rc : CE_OK;
}

CERTENGINE_EXPORT extern const struct certengine_plugin certengine_plugin;

const struct certengine_plugin certengine_plugin = {
	.abi = CERTENGINE_ABI,
	.size = sizeof(struct certengine_plugin),
	.name = "websocket",
	.version = "1.0",
	.summary = "the WebSocket server of FME Flow: keystore, directives and protocol of publishers and subscribers",
	.options = options,
	.option_size = sizeof(struct ce_option),
	.create = websocket_create,
	.discover = ce_websocket_discover,
	.install = websocket_install,
	.reload = ce_websocket_reload,
	.endpoints = ce_websocket_endpoints,
	.verify = ce_websocket_verify,
};
