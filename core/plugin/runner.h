/* Plugins as the engine sees them: a pool of plugin processes, one per plugin, that are started when
 * first needed, started anew after a crash, and killed when a callback takes too long. Every service a
 * plugin uses arrives here as a message and is answered here, under the rules of the call it belongs to. */
#ifndef CE_PLUGIN_RUNNER_H
#define CE_PLUGIN_RUNNER_H

#include "base/strlist.h"
#include "deploy/change.h"
#include "host/host.h"

struct ce_plugins;

/* What a plugin told about itself; owned by the pool. */
struct ce_plugin_info {
	char *name, *version, *summary, *path;
	unsigned abi;
	struct ce_option *options; /* ended by a NULL name */
	bool has_discover, has_verify;
};

/* The value of one option, resolved from configuration and fallbacks. */
struct ce_plugin_option {
	const char *name;
	int type;                  /* enum ce_option_type */
	const char *text;          /* STRING, PATH, SECRET, ENUM; NULL: not set */
	long long number;          /* INT, BOOL */
	const char *const *list;   /* LIST */
};

/* A target, as far as a plugin process must know it. Strings stay the caller's for the life of the pool. */
struct ce_plugin_target {
	const char *plugin;
	const char *certificate, *name;
	const struct ce_plugin_option *options;
	size_t option_count;
	const struct ce_host *host;
	/* facts of the certificate to install */
	const char *const *names;
	const char *key_kind;
	const char *fingerprint;   /* "" when there is none yet (plan before the first issue) */
	long generation;
	struct ce_changes *shared; /* stage on top of these and into them; NULL: into changes of its own */
	void *context;             /* handed to the backend */
};

/* A truststore to be edited: where, and as which entry. */
struct ce_trust_words {
	const char *path, *password, *alias;
};

/* What the engine does for a plugin. All fill err and may be asked only while a callback of that target runs. */
struct ce_plugin_backend {
	/* The bytes of a material for this target, and a note for plans such as
	 * "PKCS#12 keystore, alias tomcat, certificate ab12cd34". existing: the file that would be replaced (empty: none);
	 * the backend refuses when it holds entries of somebody else. */
	int (*material)(const struct ce_plugin_target *target, const struct ce_material *material,
		struct ce_bytes existing, const char *path, struct ce_buf *ret_bytes, char **ret_note, struct ce_error *err);
	/* The bytes of a truststore with the CA that issued this target's certificate added, and a note for plans; words says how.
	 * CE_UNCHANGED: it is in there. */
	int (*truststore)(const struct ce_plugin_target *target, const struct ce_trust_words *words, struct ce_bytes existing,
		struct ce_buf *ret_bytes, char **ret_note, struct ce_error *err);
	/* A generated secret; the caller wipes and frees. */
	int (*secret)(const struct ce_plugin_target *target, const char *name, char **ret_text, struct ce_error *err);
	/* One HTTP request on behalf of the target's host; the paths in it are absolute and go nowhere up. */
	int (*http)(const struct ce_plugin_target *target, const struct ce_http_request *request, int *ret_status,
		struct ce_buf *ret_body, struct ce_error *err);
	/* A line the plugin logged. */
	void (*log)(const struct ce_plugin_target *target, int level, const char *line);
};

CE_MUSTCHECK int ce_plugins_new(const struct ce_plugin_backend *backend, struct ce_plugins **ret_plugins,
	struct ce_error *err);
void ce_plugins_free(struct ce_plugins *plugins);
void ce_pluginsp(struct ce_plugins **plugins);

/* Names of what lies in the plugin directory (NAME.so), sorted; files with other names are passed over. */
CE_MUSTCHECK int ce_plugins_list(struct ce_strlist *ret_names, struct ce_error *err);

/* Starts the process if need be. CE_ERR_NOT_FOUND: no such plugin; CE_ERR_PLUGIN: it could not be
 * loaded, one sentence says why (trust, ABI, size, name, symbol, option table). */
CE_MUSTCHECK int ce_plugins_info(struct ce_plugins *plugins, const char *name, const struct ce_plugin_info **ret_info,
	struct ce_error *err);

struct ce_plugin_endpoint {
	char *host;
	int port;
	char *sni;                 /* NULL: none asked for; the caller picks the certificate's first DNS name */
};

/* What an installation would do. */
struct ce_staged {
	struct ce_changes changes;
	char *reload_key;          /* NULL: reloads on its own */
	char *reload_text;         /* NULL: not said */
	struct ce_plugin_endpoint *endpoints;
	size_t endpoint_count;
};
void ce_staged_release(struct ce_staged *staged);

/* create (once per target and process), install, endpoints. Nothing was written when it returns. */
CE_MUSTCHECK int ce_plugin_stage(struct ce_plugins *plugins, const struct ce_plugin_target *target,
	struct ce_staged *ret_staged, struct ce_error *err);
/* committed: the paths that the transaction changed or put back. */
CE_MUSTCHECK int ce_plugin_reload(struct ce_plugins *plugins, const struct ce_plugin_target *target,
	const struct ce_strlist *committed, struct ce_error *err);
/* CE_UNCHANGED when the plugin has no verify. */
CE_MUSTCHECK int ce_plugin_verify(struct ce_plugins *plugins, const struct ce_plugin_target *target,
	struct ce_error *err);

/* One installation that discover found: option names and values as an operator would write them. */
struct ce_plugin_found {
	char *title;
	struct ce_strlist names, values;
};
struct ce_plugin_discovery {
	struct ce_plugin_found *items;
	size_t count;
};
void ce_plugin_discovery_release(struct ce_plugin_discovery *discovery);
/* Looks on the host for installations of the plugin's product; options have their defaults. CE_UNCHANGED
 * when the plugin has no discover. */
CE_MUSTCHECK int ce_plugin_discover(struct ce_plugins *plugins, const char *name, const struct ce_host *host,
	struct ce_plugin_discovery *ret_discovery, struct ce_error *err);

/* Time limits in milliseconds for create, install + endpoints, reload, verify; the time that the engine itself
 * takes to answer services does not count. discover has that of stage. Tests shorten them. */
struct ce_plugin_limits {
	int create, stage, reload, verify;
};
void ce_plugins_limits(struct ce_plugins *plugins, const struct ce_plugin_limits *limits);

#endif
