/* Inside the runner: the pool, its processes, and the service of one request. */
#ifndef CE_PLUGIN_POOL_H
#define CE_PLUGIN_POOL_H

#include "base/message.h"
#include "base/process.h"
#include "plugin/rules.h"
#include "plugin/runner.h"

/* One target as its process knows it. */
struct ce_instance {
	const char *certificate, *name;
	const struct ce_plugin_option *options;
	int64_t id;
	unsigned life;             /* of the process in which it was created; 0: in none */
	struct ce_strlist secrets; /* what its callbacks had masked so far */
};

/* One plugin and the process it runs in. */
struct ce_plugin_process {
	char *name;
	int file;                  /* the checked file, kept so that every start loads the same; -1: not opened */
	struct ce_message ready;   /* holds the strings of info */
	struct ce_plugin_info info;
	struct ce_error refusal;   /* why it can never be used; code CE_OK: nothing known against it */
	struct ce_helper helper;
	unsigned life;             /* how often it was started */
	unsigned mishaps;          /* crashes, hangs and breaches since the last request that ended well */
	void *instances;           /* tree (tsearch) of struct ce_instance */
	int64_t next_id;
	struct ce_plugins *plugins;
};

struct ce_plugins {
	const struct ce_plugin_backend *backend;
	struct ce_plugin_limits limits;
	struct ce_plugin_process **items;
	size_t count;
};

/* One request while it is being served. What is NULL is not to be had in its callback. */
struct ce_serving {
	struct ce_plugin_process *process;
	const struct ce_plugin_target *target; /* for discover: one without a name */
	struct ce_instance *instance;         /* NULL for discover */
	const struct ce_phase *phase;
	struct ce_changes *changes;           /* never NULL; outside install it only holds what is masked */
	struct ce_staged *staged;             /* install, endpoints */
	struct ce_plugin_discovery *discovery;
	bool breach;                          /* the plugin broke the contract; err says how */
	size_t services, lines, runs;
	size_t staged_bytes, staged_count;
};

/* ----- process.c */
/* Finds or adds; starts nothing. */
CE_MUSTCHECK int ce_process_find(struct ce_plugins *plugins, const char *name, struct ce_plugin_process **ret_process,
	struct ce_error *err);
/* Makes sure that it runs and has been described. */
CE_MUSTCHECK int ce_process_ready(struct ce_plugin_process *process, struct ce_error *err);
/* How long a process may take for its own part of one request or several. */
struct ce_patience {
	int limit_ms, left_ms;
};
/* Sends the request, serves what it asks for, takes the result. A process that dies, hangs or breaks the contract is gone afterwards: CE_ERR_PLUGIN. */
CE_MUSTCHECK int ce_process_call(struct ce_serving *serving, const struct ce_message *request,
	struct ce_patience *patience, struct ce_error *err);
/* Every instance is destroyed first, as far as the process answers. */
void ce_process_free(struct ce_plugin_process *process);

/* ----- instance.c */
/* The target's instance, created if the process that runs now has none with these options. What it had masked
 * earlier is masked in serving->changes. serving->phase is set to create while that runs. */
CE_MUSTCHECK int ce_instance_ready(struct ce_serving *serving, struct ce_error *err);
void ce_instances_free(struct ce_plugin_process *process);
void ce_put_options(struct ce_message *message, const struct ce_plugin_option *options, size_t count);

/* ----- services.c */
/* Serves one message of the process; reply is what to send back. Negative only when the plugin broke
 * the contract (serving->breach): a service that merely failed is a reply. */
CE_MUSTCHECK int ce_serve(struct ce_serving *serving, struct ce_message *asked, struct ce_message *reply,
	struct ce_error *err);

typedef int (*ce_service)(struct ce_serving *serving, struct ce_message *asked, struct ce_message *reply,
	struct ce_error *err);
int ce_serve_read(struct ce_serving *serving, struct ce_message *asked, struct ce_message *reply, struct ce_error *err);
int ce_serve_stat(struct ce_serving *serving, struct ce_message *asked, struct ce_message *reply, struct ce_error *err);
int ce_serve_list(struct ce_serving *serving, struct ce_message *asked, struct ce_message *reply, struct ce_error *err);
int ce_serve_write(struct ce_serving *serving, struct ce_message *asked, struct ce_message *reply,
	struct ce_error *err);
int ce_serve_material(struct ce_serving *serving, struct ce_message *asked, struct ce_message *reply,
	struct ce_error *err);
int ce_serve_truststore(struct ce_serving *serving, struct ce_message *asked, struct ce_message *reply,
	struct ce_error *err);
int ce_serve_remove(struct ce_serving *serving, struct ce_message *asked, struct ce_message *reply,
	struct ce_error *err);
int ce_serve_command(struct ce_serving *serving, struct ce_message *asked, struct ce_message *reply,
	struct ce_error *err);
int ce_serve_run(struct ce_serving *serving, struct ce_message *asked, struct ce_message *reply, struct ce_error *err);
int ce_serve_http(struct ce_serving *serving, struct ce_message *asked, struct ce_message *reply, struct ce_error *err);

/* ----- for the services */
/* Fills err and marks the breach; returns CE_ERR_PLUGIN. */
int ce_breach(struct ce_serving *serving, struct ce_error *err, const char *format, ...) CE_PRINTF(3, 4);
/* The message must have been read to its end by now, else it is a breach. */
CE_MUSTCHECK int ce_asked_all(struct ce_serving *serving, const struct ce_message *asked, struct ce_error *err);
/* Takes a path out of the message and writes it without "//", "/." and a slash at the end. CE_ERR_INVALID when it is
 * not absolute or goes up ("..": what it names would depend on links); room is CE_PLUGIN_TEXT_MAX. */
CE_MUSTCHECK int ce_path_normal(const char *path, char *out, struct ce_error *err);
/* An argument vector: at least one, the first an absolute path. */
CE_MUSTCHECK int ce_argv_check(const struct ce_strlist *argv, struct ce_error *err);
/* Masks the text from now on, in what is staged and in what the plugin says. */
CE_MUSTCHECK int ce_serving_mask(struct ce_serving *serving, const char *text, struct ce_error *err);
/* The text as it may be shown: secrets masked, one line. Never fails for want of memory alone: then it is withheld. */
void ce_serving_shown(const struct ce_serving *serving, const char *text, char *out, size_t room);

#endif
