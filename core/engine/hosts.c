/* The machines that targets are on, and how a journal remembers them. */
#include <stdlib.h>
#include <string.h>

#include "engine/engine_own.h"
#include "host/ssh.h"

struct ce_engine_host {
	struct ce_host *host;
	struct ce_engine_host *next;
};

static int
add_host(struct ce_engine *engine, const struct ce_ssh_spec *spec, const struct ce_host **ret_host, struct ce_error *err)
{
	CE_CLEANUP(ce_freep) struct ce_engine_host *entry = calloc(1, sizeof(*entry));
	if (!entry)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	int code = ce_ssh_host_new(spec, &entry->host, err);
	if (code < 0)
		return code;
	*ret_host = entry->host;
	entry->next = engine->hosts;
	engine->hosts = CE_STEAL(entry);
	return CE_OK;
}

int
ce_hosts_build(struct ce_engine *engine, struct ce_error *err)
{
	for (size_t i = 0; i < engine->config.host_count; i++) {
		const struct ce_host_config *config = &engine->config.hosts[i];
		struct ce_ssh_spec spec = { .url = config->url, .address = config->address, .user = config->user,
			.port = config->port, .timeout_s = config->timeout_s, .agent = config->agent,
			.identities = (const char *const *)config->identities.items,
			.known_hosts = (const char *const *)config->known_hosts.items };
		const struct ce_host *host = NULL;
		int code = add_host(engine, &spec, &host, err);
		if (code < 0)
			return code;
	}
	return CE_OK;
}

void
ce_hosts_release(struct ce_engine *engine)
{
	while (engine->hosts) {
		struct ce_engine_host *entry = engine->hosts;
		engine->hosts = entry->next;
		ce_ssh_host_free(entry->host);
		free(entry);
	}
}

void
ce_hosts_forget(struct ce_engine *engine)
{
	for (struct ce_engine_host *entry = engine->hosts; entry; entry = entry->next)
		ce_ssh_host_forget(entry->host);
}

static struct ce_engine_host *
find(const struct ce_engine *engine, const char *url)
{
	for (struct ce_engine_host *entry = engine->hosts; entry; entry = entry->next)
		if (strcmp(entry->host->name, url) == 0)
			return entry;
	return NULL;
}

const struct ce_host *
ce_hosts_find(const struct ce_engine *engine, const char *url)
{
	const struct ce_engine_host *entry = url ? find(engine, url) : NULL;
	return entry ? entry->host : ce_host_local();
}

void
ce_hosts_bar(struct ce_engine *engine, const struct ce_host *host, const char *why)
{
	struct ce_engine_host *entry = host->address ? find(engine, host->name) : NULL;
	if (entry)
		ce_ssh_host_bar(entry->host, why);
}

bool
ce_hosts_is_loopback(const char *address)
{
	return strcasecmp(address, "localhost") == 0 || strcmp(address, "::1") == 0
	       || (strncmp(address, "127.", 4) == 0 && ce_name_is_ip(address));
}

static json_t *
list_to_json(const struct ce_strlist *list)
{
	json_t *array = json_array();
	for (size_t i = 0; array && i < list->count; i++)
		if (json_array_append_new(array, json_string(list->items[i])) < 0) {
			json_decref(array);
			return NULL;
		}
	return array;
}

json_t *
ce_hosts_to_json(const struct ce_engine *engine, const struct ce_host *host)
{
	const struct ce_host_config *config = host->address ? ce_config_host(&engine->config, host->name) : NULL;
	if (!config)
		return json_null();
	return json_pack("{s:s, s:i, s:s?, s:o, s:o}", "url", config->url, "timeout", config->timeout_s, "agent", config->agent,
		"identities", list_to_json(&config->identities), "known_hosts", list_to_json(&config->known_hosts));
}

static int
list_from_json(const json_t *array, struct ce_strlist *ret_list, struct ce_error *err)
{
	for (size_t i = 0; i < json_array_size(array); i++) {
		const char *text = json_string_value(json_array_get(array, i));
		int code = text ? ce_strlist_add(ret_list, text, err) : ce_fail(err, CE_ERR_INVALID, "the recipe is damaged");
		if (code < 0)
			return code;
	}
	return CE_OK;
}

/* As it was when the journal was written. */
static int
revive(struct ce_engine *engine, const json_t *json, const char *url, const struct ce_host **ret_host,
	struct ce_error *err)
{
	CE_CLEANUP(ce_strlist_release) struct ce_strlist identities = CE_STRLIST_INIT;
	CE_CLEANUP(ce_strlist_release) struct ce_strlist known_hosts = CE_STRLIST_INIT;
	CE_CLEANUP(ce_host_config_release) struct ce_host_config config = { 0 };
	int code = ce_host_config_parse(url, &config, err);
	if (code == CE_OK)
		code = list_from_json(json_object_get(json, "identities"), &identities, err);
	if (code == CE_OK)
		code = list_from_json(json_object_get(json, "known_hosts"), &known_hosts, err);
	if (code < 0)
		return code;
	struct ce_ssh_spec spec = { .url = config.url, .address = config.address, .user = config.user, .port = config.port,
		.timeout_s = (int)json_integer_value(json_object_get(json, "timeout")),
		.agent = json_string_value(json_object_get(json, "agent")),
		.identities = (const char *const *)identities.items, .known_hosts = (const char *const *)known_hosts.items };
	return add_host(engine, &spec, ret_host, err);
}

int
ce_hosts_of_recipe(struct ce_engine *engine, const json_t *recipe, const struct ce_host **ret_host, struct ce_error *err)
{
	const json_t *json = json_object_get(recipe, "host");
	*ret_host = ce_host_local();
	if (!json || json_is_null(json))
		return CE_OK;
	const char *url = json_string_value(json_object_get(json, "url"));
	if (!url)
		return ce_fail(err, CE_ERR_INVALID, "the recipe is damaged");
	const struct ce_engine_host *known = find(engine, url);
	if (known)
		*ret_host = known->host;
	return known ? CE_OK : revive(engine, json, url, ret_host, err);
}
