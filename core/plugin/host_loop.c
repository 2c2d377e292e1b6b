/* The plugin process at work: instances, and one request after the other. */
#include <stdlib.h>
#include <string.h>

#include "plugin/host_call.h"

/* One target. used is false once it was destroyed. */
struct instance {
	bool used;
	void *data;                       /* the plugin's */
	struct ce_host_options options;
};

struct host {
	int fd;
	const struct certengine_plugin *plugin;
	struct instance **items;          /* by id */
	size_t count;
};

/* ------------------------------------------------------------- description */

static size_t
count_rows(const struct certengine_plugin *plugin)
{
	size_t count = 0;
	const char *at = (const char *)plugin->options;
	for (; at && count <= CE_PLUGIN_OPTIONS_MAX; count++, at += plugin->option_size)
		if (!((const struct ce_option *)(const void *)at)->name)
			break;
	return count;
}

static void
put_row(struct ce_message *message, const struct ce_option *row)
{
	size_t count = 0;
	while (row->choices && count <= CE_PLUGIN_CHOICES_MAX && row->choices[count])
		count++;
	ce_message_put_str(message, row->name);
	ce_message_put_int(message, row->type);
	ce_message_put_int(message, row->required);
	ce_message_put_str(message, row->fallback);
	ce_message_put_int(message, row->minimum);
	ce_message_put_int(message, row->maximum);
	ce_message_put_int(message, row->choices != NULL);
	ce_message_put_int(message, (int64_t)count);
	for (size_t i = 0; i < count; i++)
		ce_message_put_str(message, row->choices[i]);
	ce_message_put_str(message, row->help);
}

void
ce_host_describe(const struct certengine_plugin *plugin, struct ce_message *message)
{
	ce_message_put_str(message, plugin->name);
	ce_message_put_str(message, plugin->version);
	ce_message_put_str(message, plugin->summary);
	ce_message_put_int(message, plugin->abi);
	ce_message_put_int(message, plugin->create != NULL);
	ce_message_put_int(message, plugin->destroy != NULL);
	ce_message_put_int(message, plugin->discover != NULL);
	ce_message_put_int(message, plugin->install != NULL);
	ce_message_put_int(message, plugin->reload != NULL);
	ce_message_put_int(message, plugin->endpoints != NULL);
	ce_message_put_int(message, plugin->verify != NULL);

	size_t count = count_rows(plugin); /* one more than allowed is refused by the engine */
	ce_message_put_int(message, (int64_t)count);
	const char *at = (const char *)plugin->options;
	for (size_t i = 0; i < count; i++, at += plugin->option_size)
		put_row(message, (const struct ce_option *)(const void *)at);
}

/* ---------------------------------------------------------------- instances */

CE_MUSTCHECK static int
new_instance(struct host *host, int64_t id, struct instance **ret_instance, struct ce_error *err)
{
	if (id < 0 || (size_t)id > host->count + 1000000)
		return ce_fail(err, CE_ERR_INVALID, "target %lld is out of order", (long long)id);
	if ((size_t)id >= host->count) {
		size_t count = 2 * (size_t)id + 16;
		struct instance **items = realloc(host->items, count * sizeof(struct instance *));
		if (!items)
			return ce_fail(err, CE_ERR_MEMORY, "out of memory");
		memset(items + host->count, 0, (count - host->count) * sizeof(struct instance *));
		host->items = items;
		host->count = count;
	}
	if (!host->items[id])
		host->items[id] = calloc(1, sizeof(struct instance));
	if (!host->items[id])
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	*ret_instance = host->items[id];
	return CE_OK;
}

CE_MUSTCHECK static int
find_instance(const struct host *host, int64_t id, struct instance **ret_instance, struct ce_error *err)
{
	if (id < 0 || (size_t)id >= host->count || !host->items[id] || !host->items[id]->used)
		return ce_fail(err, CE_ERR_INVALID, "target %lld was never created", (long long)id);
	*ret_instance = host->items[id];
	return CE_OK;
}

static void
destroy_instance(const struct host *host, struct instance *instance)
{
	if (instance->used && host->plugin->destroy)
		host->plugin->destroy(instance->data);
	ce_host_options_release(&instance->options);
	memset(instance, 0, sizeof(*instance));
}

static void
release_host(struct host *host)
{
	for (size_t i = 0; i < host->count; i++) {
		if (host->items[i])
			ce_host_options_release(&host->items[i]->options);
		free(host->items[i]);
	}
	free(host->items);
}

/* ----------------------------------------------------------------- requests */

/* What the callback came to: a plugin that called fail has failed, whatever it returned. */
static int
outcome(const struct ce_call *call, int code)
{
	if (call->failed)
		return call->error.code;
	return code;
}

CE_MUSTCHECK static int
do_create(struct host *host, struct ce_message *request, struct ce_call *call)
{
	struct instance *instance = NULL;
	int64_t id = ce_message_get_int(request);
	int code = new_instance(host, id, &instance, &call->error);
	if (code != CE_OK)
		return code;
	destroy_instance(host, instance);
	code = ce_host_options_take(request, &instance->options, &call->error);
	if (code != CE_OK)
		return code;
	call->options = &instance->options;
	code = outcome(call, host->plugin->create(&ce_host_services, call, &instance->data));
	instance->used = code >= CE_OK;
	return code;
}

CE_MUSTCHECK static int
do_destroy(struct host *host, struct ce_message *request, struct ce_call *call)
{
	int64_t id = ce_message_get_int(request);
	struct instance *instance = NULL;
	int code = ce_message_end(request, &call->error);
	if (code == CE_OK && id != CE_WIRE_EVERY)
		code = find_instance(host, id, &instance, &call->error);
	if (code == CE_OK && instance)
		destroy_instance(host, instance);
	for (size_t i = 0; id == CE_WIRE_EVERY && i < host->count; i++)
		if (host->items[i])
			destroy_instance(host, host->items[i]);
	return code;
}

CE_MUSTCHECK static int
do_discover(struct host *host, struct ce_message *request, struct ce_call *call)
{
	CE_CLEANUP(ce_host_options_release) struct ce_host_options options = { .items = NULL };
	int code = ce_host_options_take(request, &options, &call->error);
	if (code != CE_OK)
		return code;
	call->options = &options;
	if (!host->plugin->discover)
		return CE_UNCHANGED;
	return outcome(call, host->plugin->discover(&ce_host_services, call));
}

/* The facts and the committed paths; their strings stay in the request and in the lists. */
CE_MUSTCHECK static int
take_facts(struct ce_message *request, struct ce_call *call, struct ce_strlist *names, struct ce_strlist *committed)
{
	static const char *const none[] = { NULL };
	call->facts.size = sizeof(call->facts);
	call->facts.name = ce_message_get_str(request);
	int code = ce_message_get_list(request, CE_MESSAGE_LIMIT, names, &call->error);
	if (code != CE_OK)
		return code;
	call->facts.names = names->items ? (const char *const *)names->items : none;
	call->facts.key_kind = ce_message_get_str(request);
	call->facts.fingerprint = ce_message_get_str(request);
	call->facts.generation = (long)ce_message_get_int(request);
	if (call->phase->request == CE_WIRE_RELOAD)
		code = ce_message_get_list(request, CE_MESSAGE_LIMIT, committed, &call->error);
	call->committed = (const char *const *)committed->items;
	return code == CE_OK ? ce_message_end(request, &call->error) : code;
}

CE_MUSTCHECK static int
do_callback(struct host *host, struct ce_message *request, struct ce_call *call)
{
	CE_CLEANUP(ce_strlist_release) struct ce_strlist names = CE_STRLIST_INIT;
	CE_CLEANUP(ce_strlist_release) struct ce_strlist committed = CE_STRLIST_INIT;
	const struct certengine_plugin *plugin = host->plugin;
	struct instance *instance = NULL;
	int code = find_instance(host, ce_message_get_int(request), &instance, &call->error);
	if (code == CE_OK)
		code = take_facts(request, call, &names, &committed);
	if (code != CE_OK)
		return code;

	call->options = &instance->options;
	switch (call->phase->request) {
	case CE_WIRE_INSTALL:
		return outcome(call, plugin->install(&ce_host_services, call, instance->data));
	case CE_WIRE_RELOAD:
		return outcome(call, plugin->reload(&ce_host_services, call, instance->data));
	case CE_WIRE_ENDPOINTS:
		return outcome(call, plugin->endpoints(&ce_host_services, call, instance->data));
	case CE_WIRE_VERIFY:
		return plugin->verify ? outcome(call, plugin->verify(&ce_host_services, call, instance->data)) : CE_UNCHANGED;
	default:
		return ce_fail(&call->error, CE_ERR_INVALID, "request %d is not known", call->phase->request);
	}
}

CE_MUSTCHECK static int
serve_request(struct host *host, struct ce_message *request, struct ce_error *err)
{
	const struct ce_phase *phase = ce_phase_of(request->kind);
	if (!phase)
		return ce_fail(err, CE_ERR_INVALID, "the engine sent a message of kind %d", request->kind);
	CE_CLEANUP(ce_call_release) struct ce_call call = { .fd = host->fd, .plugin = host->plugin, .phase = phase };
	ce_error_clear(&call.error);

	int code;
	if (phase->request == CE_WIRE_CREATE)
		code = do_create(host, request, &call);
	else if (phase->request == CE_WIRE_DESTROY)
		code = do_destroy(host, request, &call);
	else if (phase->request == CE_WIRE_DISCOVER)
		code = do_discover(host, request, &call);
	else
		code = do_callback(host, request, &call);

	CE_CLEANUP(ce_message_release) struct ce_message result = CE_MESSAGE_INIT(CE_WIRE_RESULT);
	ce_message_put_int(&result, code);
	ce_message_put_str(&result, code < 0 && call.error.code != CE_OK ? call.error.text : NULL);
	return ce_message_send(host->fd, &result, err);
}

int
ce_host_loop(int fd, const struct certengine_plugin *plugin, struct ce_error *err)
{
	CE_CLEANUP(release_host) struct host host = { fd, plugin, NULL, 0 };
	CE_CLEANUP(ce_message_release) struct ce_message ready = CE_MESSAGE_INIT(CE_WIRE_READY);
	ce_host_describe(plugin, &ready);
	int code = ce_message_send(fd, &ready, err);
	while (code == CE_OK) {
		CE_CLEANUP(ce_message_release) struct ce_message request = CE_MESSAGE_INIT(0);
		code = ce_message_receive(fd, -1, &request, err);
		if (code == CE_ERR_NOT_FOUND)
			return CE_OK; /* the engine is done with us */
		if (code == CE_OK)
			code = serve_request(&host, &request, err);
	}
	return code;
}
