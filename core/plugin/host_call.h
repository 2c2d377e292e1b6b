/* Inside the plugin process: its plugin, one call of one callback, and the services. */
#ifndef CE_PLUGIN_HOST_CALL_H
#define CE_PLUGIN_HOST_CALL_H

#include <stdbool.h>

#include "base/message.h"
#include "plugin/rules.h"
#include "plugin/wire.h"

/* The options of one target, taken from the message that brought them. */
struct ce_host_option {
	const char *name, *text;
	int type;
	int64_t number;
	struct ce_strlist list;
};
struct ce_host_options {
	struct ce_message message; /* holds the strings */
	struct ce_host_option *items;
	size_t count;
};
/* Takes the fields out of what is left of *message, which is emptied. */
CE_MUSTCHECK int ce_host_options_take(struct ce_message *message, struct ce_host_options *ret_options,
	struct ce_error *err);
void ce_host_options_release(struct ce_host_options *options);

struct document;
struct text_document;

/* Something that lives until the callback returns. */
struct ce_kept {
	struct ce_kept *next;
	void (*release)(struct ce_kept *kept);
};

struct ce_call {
	int fd;                                 /* to the engine */
	const struct certengine_plugin *plugin;
	const struct ce_phase *phase;
	const struct ce_host_options *options;
	struct ce_certificate_facts facts;
	const char *const *committed;           /* NULL-terminated; NULL: none */
	struct ce_kept *kept;
	struct document *documents;             /* host_xml.c */
	struct text_document *texts;            /* host_text.c */
	size_t allocated;
	struct ce_error error;                  /* of the last service that failed, or what fail said */
	bool failed;                            /* error is final */
};

void ce_call_release(struct ce_call *call);

/* ----- host_kept.c */
void ce_call_keep(struct ce_call *call, struct ce_kept *kept, void (*release)(struct ce_kept *kept));
/* Zeroed, NULL when out of memory or past the call's share. */
void *ce_call_allocate(struct ce_call *call, size_t size);
/* An array with room for count pointers and a NULL, that lives as long as the call. */
const char **ce_call_pointers(struct ce_call *call, size_t count);

/* ----- host_ask.c */
/* Sends a service's question and takes the answer, which lives until the callback returns. A failed service leaves its
 * reason in call->error and gives its code. */
CE_MUSTCHECK int ce_call_ask(struct ce_call *call, const struct ce_message *question, struct ce_message **ret_answer);
/* The same for services that answer nothing. */
int ce_call_tell(struct ce_call *call, const struct ce_message *question);
/* Keeps the reason of a service that failed in this process; returns its code. */
int ce_call_failed(struct ce_call *call, const struct ce_error *why);
int ce_call_no_memory(struct ce_call *call);
/* The answer must have been read to its end, else the two sides do not understand each other. */
CE_MUSTCHECK int ce_call_end(struct ce_call *call, const struct ce_message *answer);
/* The plugin used the service where it may not, or wrongly: the call fails, whatever the callback returns. */
int ce_call_breach(struct ce_call *call, const char *format, ...) CE_PRINTF(2, 3);
/* CE_OK when the service may be used in this callback. */
CE_MUSTCHECK int ce_call_may(struct ce_call *call, int service);

/* ----- the services; meaning in certengine/plugin.h */
extern const struct ce_services ce_host_services;
extern const struct ce_xml_services ce_host_xml;
extern const struct ce_text_services ce_host_text;

int ce_host_fail(ce_call *call, int code, const char *format, ...) CE_PRINTF(3, 4);
void ce_host_log(ce_call *call, int level, const char *format, ...) CE_PRINTF(3, 4);
void *ce_host_allocate(ce_call *call, size_t size);
const char *ce_host_format(ce_call *call, const char *format, ...) CE_PRINTF(2, 3);
int ce_host_mask(ce_call *call, const char *text);
/* Whether a value is a password, by the name that a configuration gives it. */
bool ce_host_is_secret(const char *name, const char *value);
const char *ce_host_option(ce_call *call, const char *name);
long long ce_host_option_int(ce_call *call, const char *name);
int ce_host_option_bool(ce_call *call, const char *name);
const char *const *ce_host_option_list(ce_call *call, const char *name);
int ce_host_certificate(ce_call *call, const struct ce_certificate_facts **ret_facts);
int ce_host_committed(ce_call *call, const char *path);
int ce_host_read(ce_call *call, const char *path, size_t limit, struct ce_bytes *ret_bytes);
int ce_host_stat(ce_call *call, const char *path, struct ce_stat *ret_stat);
int ce_host_list(ce_call *call, const char *path, const char *const **ret_names);
int ce_host_archive_member(ce_call *call, const char *path, const char *member, struct ce_bytes *ret_bytes);
int ce_host_write(ce_call *call, const char *path, struct ce_bytes bytes, const struct ce_file_mode *mode);
int ce_host_write_material(ce_call *call, const char *path, const struct ce_material *material,
	const struct ce_file_mode *mode);
int ce_host_truststore(ce_call *call, const char *path, const char *password, const char *alias);
int ce_host_remove(ce_call *call, const char *path);
int ce_host_command(ce_call *call, const char *what, const char *const *do_argv, const char *const *undo_argv,
	const char *const *check_argv);
int ce_host_secret(ce_call *call, const char *name, const char **ret_text);
int ce_host_reload_by(ce_call *call, const char *key, const char *what);
int ce_host_run(ce_call *call, const struct ce_run *run, struct ce_run_result *ret_result);
int ce_host_http(ce_call *call, const struct ce_http_request *request, struct ce_http_reply *ret_reply);
int ce_host_endpoint(ce_call *call, const char *host, int port, const char *sni);
int ce_host_found_begin(ce_call *call, const char *title);
int ce_host_found_option(ce_call *call, const char *name, const char *value);

/* ----- host_loop.c */
/* Describes the plugin to the engine, then answers its requests until it goes away. */
CE_MUSTCHECK int ce_host_loop(int fd, const struct certengine_plugin *plugin, struct ce_error *err);
/* The description: CE_WIRE_READY. */
void ce_host_describe(const struct certengine_plugin *plugin, struct ce_message *message);

#endif
