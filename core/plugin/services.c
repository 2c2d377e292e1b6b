/* The services of a plugin process: who may ask, and the small ones. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "plugin/pool.h"
#include "plugin/table.h"
#include "plugin/wire.h"

#define HOST_LONGEST 255

int
ce_breach(struct ce_serving *serving, struct ce_error *err, const char *format, ...)
{
	char text[CE_ERROR_TEXT_MAX];
	va_list arguments;
	va_start(arguments, format);
	(void)vsnprintf(text, sizeof(text), format, arguments); /* cut to fit */
	va_end(arguments);
	serving->breach = true;
	return ce_fail(err, CE_ERR_PLUGIN, "%s", text);
}

int
ce_asked_all(struct ce_serving *serving, const struct ce_message *asked, struct ce_error *err)
{
	if (ce_message_end(asked, NULL) == CE_OK)
		return CE_OK;
	return ce_breach(serving, err, "it sent a malformed message for %s", ce_service_name(asked->kind));
}

int
ce_path_normal(const char *path, char *out, struct ce_error *err)
{
	if (!path || path[0] != '/')
		return ce_fail(err, CE_ERR_INVALID, "'%.200s' is no absolute path", path ? path : "");
	if (strlen(path) >= CE_PLUGIN_TEXT_MAX)
		return ce_fail(err, CE_ERR_INVALID, "path '%.200s...' is too long", path);
	if (strpbrk(path, "\r\n")) /* it would forge lines of a diff */
		return ce_fail(err, CE_ERR_INVALID, "path '%.200s' is more than one line", path);

	size_t size = 0;
	for (const char *at = path; *at;) {
		at += strspn(at, "/");
		size_t length = strcspn(at, "/");
		if (length == 2 && at[0] == '.' && at[1] == '.')
			return ce_fail(err, CE_ERR_INVALID, "path '%.200s' goes up with '..': write it without", path);
		if (length > 0 && !(length == 1 && at[0] == '.')) {
			out[size++] = '/';
			memcpy(out + size, at, length);
			size += length;
		}
		at += length;
	}
	if (size == 0)
		out[size++] = '/';
	out[size] = '\0';
	return CE_OK;
}

int
ce_argv_check(const struct ce_strlist *argv, struct ce_error *err)
{
	char normal[CE_PLUGIN_TEXT_MAX];
	if (argv->count == 0)
		return ce_fail(err, CE_ERR_INVALID, "a program to run must be named");
	int code = ce_path_normal(argv->items[0], normal, err);
	if (code != CE_OK)
		return ce_error_wrap(err, "program to run");
	return CE_OK;
}

int
ce_serving_mask(struct ce_serving *serving, const char *text, struct ce_error *err)
{
	if (text[0] == '\0')
		return CE_OK;
	if (serving->changes->secrets.count >= CE_PLUGIN_SECRETS_MAX)
		return ce_fail(err, CE_ERR_LIMIT, "more than %d texts are to be masked for one target", CE_PLUGIN_SECRETS_MAX);
	int code = ce_changes_mask(serving->changes, text, err);
	if (code < 0 || !serving->instance || ce_strlist_has(&serving->instance->secrets, text))
		return code < 0 ? code : CE_OK;
	return ce_strlist_add(&serving->instance->secrets, text, err);
}

/* How much of a text stands before a private key in PEM, that a command or a plugin let slip: all, if there is none. */
static size_t
before_private_key(const char *text, size_t size)
{
	static const char begin[] = "-----BEGIN ", kind[] = "PRIVATE KEY-----";
	const char *key = memmem(text, size, kind, sizeof(kind) - 1);
	if (!key)
		return size;
	const char *first = memmem(text, (size_t)(key - text), begin, sizeof(begin) - 1);
	return (size_t)((first ? first : key) - text);
}

void
ce_serving_shown(const struct ce_serving *serving, const char *text, char *out, size_t room)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf masked = CE_BUF_SECRET;
	size_t size = strnlen(text, CE_PLUGIN_TEXT_MAX);
	size_t open = before_private_key(text, size);
	bool good = ce_buf_add(&masked, text, open, NULL) == CE_OK
	         && (open == size || ce_buf_adds(&masked, "(a private key is withheld)", NULL) == CE_OK)
	         && ce_text_mask(&masked, (const char *const *)serving->changes->secrets.items, NULL) == CE_OK;
	ce_text_printable(out, room, good ? ce_buf_text(&masked) : "(withheld for want of memory)");
}

/* ------------------------------------------------------- the small services */

static int
serve_log(struct ce_serving *serving, struct ce_message *asked, struct ce_message *reply, struct ce_error *err)
{
	int64_t level = ce_message_get_int(asked);
	const char *line = ce_message_get_str(asked);
	int code = ce_asked_all(serving, asked, err);
	if (code != CE_OK)
		return code;
	if (!line || level < CE_LEVEL_DEBUG || level > CE_LEVEL_WARNING)
		return ce_breach(serving, err, "it logged nothing, or at an unknown level");
	if (++serving->lines > CE_PLUGIN_LINES_MAX)
		return ce_breach(serving, err, "it logged more than %d lines", CE_PLUGIN_LINES_MAX);

	(void)reply;
	char shown[CE_PLUGIN_TEXT_MAX];
	ce_serving_shown(serving, line, shown, sizeof(shown));
	serving->process->plugins->backend->log(serving->target, (int)level, shown);
	return CE_OK;
}

static int
serve_mask(struct ce_serving *serving, struct ce_message *asked, struct ce_message *reply, struct ce_error *err)
{
	const char *text = ce_message_get_str(asked);
	int code = ce_asked_all(serving, asked, err);
	if (code != CE_OK)
		return code;
	(void)reply;
	if (!text || strlen(text) > CE_PLUGIN_TEXT_MAX)
		return ce_fail(err, CE_ERR_INVALID, "a text to mask has 1 to %d bytes", CE_PLUGIN_TEXT_MAX);
	return ce_serving_mask(serving, text, err);
}

static int
serve_secret(struct ce_serving *serving, struct ce_message *asked, struct ce_message *reply, struct ce_error *err)
{
	const char *name = ce_message_get_str(asked);
	int code = ce_asked_all(serving, asked, err);
	if (code != CE_OK)
		return code;
	if (!name || !ce_name_is_label(name))
		return ce_fail(err, CE_ERR_INVALID, "'%.80s' is no name of a secret", name ? name : "");

	CE_CLEANUP(ce_wipe_strp) char *text = NULL;
	code = serving->process->plugins->backend->secret(serving->target, name, &text, err);
	if (code < 0)
		return code;
	ce_message_put_str(reply, text);
	return ce_serving_mask(serving, text, err);
}

static int
serve_reload_by(struct ce_serving *serving, struct ce_message *asked, struct ce_message *reply, struct ce_error *err)
{
	const char *key = ce_message_get_str(asked);
	const char *what = ce_message_get_str(asked);
	int code = ce_asked_all(serving, asked, err);
	if (code != CE_OK)
		return code;
	(void)reply;
	if (!ce_text_is_line(key, CE_ERROR_TEXT_MAX) || (what && !ce_text_is_line(what, CE_ERROR_TEXT_MAX)))
		return ce_fail(err, CE_ERR_INVALID, "the key of a reload and what is shown of it are lines of 1 to %d bytes",
			CE_ERROR_TEXT_MAX);

	CE_CLEANUP(ce_freep) char *new_key = strdup(key);
	CE_CLEANUP(ce_freep) char *new_what = what ? strdup(what) : NULL;
	if (!new_key || (what && !new_what))
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	free(serving->staged->reload_key);
	free(serving->staged->reload_text);
	serving->staged->reload_key = CE_STEAL(new_key);
	serving->staged->reload_text = CE_STEAL(new_what);
	return CE_OK;
}

static int
serve_endpoint(struct ce_serving *serving, struct ce_message *asked, struct ce_message *reply, struct ce_error *err)
{
	const char *host = ce_message_get_str(asked);
	int64_t port = ce_message_get_int(asked);
	const char *sni = ce_message_get_str(asked);
	int code = ce_asked_all(serving, asked, err);
	if (code != CE_OK)
		return code;
	(void)reply;
	if (!ce_text_is_line(host, HOST_LONGEST) || strchr(host, ' ') || (sni && !ce_text_is_line(sni, HOST_LONGEST)))
		return ce_fail(err, CE_ERR_INVALID, "an endpoint needs a host of 1 to %d bytes", HOST_LONGEST);
	if (port < 1 || port > 65535)
		return ce_fail(err, CE_ERR_INVALID, "endpoint '%s' has the port %lld, which is none", host, (long long)port);

	struct ce_staged *staged = serving->staged;
	if (staged->endpoint_count >= CE_PLUGIN_ENDPOINTS_MAX)
		return ce_breach(serving, err, "it named more than %d endpoints", CE_PLUGIN_ENDPOINTS_MAX);
	struct ce_plugin_endpoint *items = realloc(staged->endpoints, (staged->endpoint_count + 1) * sizeof(*items));
	if (!items)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	staged->endpoints = items;
	CE_CLEANUP(ce_freep) char *new_host = strdup(host);
	CE_CLEANUP(ce_freep) char *new_sni = sni ? strdup(sni) : NULL;
	if (!new_host || (sni && !new_sni))
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	items[staged->endpoint_count++] = (struct ce_plugin_endpoint){ CE_STEAL(new_host), (int)port, CE_STEAL(new_sni) };
	return CE_OK;
}

static int
serve_found_begin(struct ce_serving *serving, struct ce_message *asked, struct ce_message *reply, struct ce_error *err)
{
	const char *title = ce_message_get_str(asked);
	int code = ce_asked_all(serving, asked, err);
	if (code != CE_OK)
		return code;
	(void)reply;
	struct ce_plugin_discovery *found = serving->discovery;
	if (!ce_text_is_line(title, CE_ERROR_TEXT_MAX))
		return ce_fail(err, CE_ERR_INVALID, "an installation that was found needs a title");
	if (found->count >= CE_PLUGIN_FOUND_MAX)
		return ce_breach(serving, err, "it found more than %d installations", CE_PLUGIN_FOUND_MAX);

	struct ce_plugin_found *items = realloc(found->items, (found->count + 1) * sizeof(*items));
	if (!items)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	found->items = items;
	struct ce_plugin_found item = { strdup(title), CE_STRLIST_INIT, CE_STRLIST_INIT };
	if (!item.title)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	items[found->count++] = item;
	return CE_OK;
}

static int
serve_found_option(struct ce_serving *serving, struct ce_message *asked, struct ce_message *reply, struct ce_error *err)
{
	const char *name = ce_message_get_str(asked);
	const char *value = ce_message_get_str(asked);
	int code = ce_asked_all(serving, asked, err);
	if (code != CE_OK)
		return code;
	(void)reply;
	const struct ce_option *row = serving->process->info.options;
	while (name && row->name && strcmp(row->name, name) != 0)
		row++;
	if (!name || !row->name)
		return ce_breach(serving, err, "it found a value for '%.80s', which is no option of its", name ? name : "");
	if (serving->discovery->count == 0)
		return ce_breach(serving, err, "it found the option '%s' before an installation", name);
	if (!ce_text_is_line(value, CE_PLUGIN_TEXT_MAX))
		return ce_fail(err, CE_ERR_INVALID, "the value found for option '%s' is no line of text", name);

	struct ce_plugin_found *item = &serving->discovery->items[serving->discovery->count - 1];
	if (item->names.count >= CE_PLUGIN_OPTIONS_MAX)
		return ce_breach(serving, err, "it found more than %d options of one installation", CE_PLUGIN_OPTIONS_MAX);
	code = ce_strlist_add(&item->names, name, err);
	return code == CE_OK ? ce_strlist_add(&item->values, value, err) : code;
}

/* ---------------------------------------------------------------- who serves */

static const struct {
	int kind;
	ce_service serve;
} services[] = {
	{ CE_WIRE_LOG, serve_log },
	{ CE_WIRE_MASK, serve_mask },
	{ CE_WIRE_READ, ce_serve_read },
	{ CE_WIRE_STAT, ce_serve_stat },
	{ CE_WIRE_LIST, ce_serve_list },
	{ CE_WIRE_WRITE, ce_serve_write },
	{ CE_WIRE_MATERIAL, ce_serve_material },
	{ CE_WIRE_TRUSTSTORE, ce_serve_truststore },
	{ CE_WIRE_REMOVE, ce_serve_remove },
	{ CE_WIRE_COMMAND, ce_serve_command },
	{ CE_WIRE_SECRET, serve_secret },
	{ CE_WIRE_RELOAD_BY, serve_reload_by },
	{ CE_WIRE_RUN, ce_serve_run },
	{ CE_WIRE_HTTP, ce_serve_http },
	{ CE_WIRE_ENDPOINT, serve_endpoint },
	{ CE_WIRE_FOUND_BEGIN, serve_found_begin },
	{ CE_WIRE_FOUND_OPTION, serve_found_option },
};

static ce_service
service_of(int kind)
{
	for (size_t i = 0; i < CE_COUNT(services); i++)
		if (services[i].kind == kind)
			return services[i].serve;
	return NULL;
}

int
ce_serve(struct ce_serving *serving, struct ce_message *asked, struct ce_message *reply, struct ce_error *err)
{
	ce_service serve = service_of(asked->kind);
	if (!serve)
		return ce_breach(serving, err, "it sent a message of the unknown kind %d", asked->kind);
	if (!ce_service_allowed(asked->kind, serving->phase))
		return ce_breach(serving, err, "it used %s, which is not for this callback", ce_service_name(asked->kind));
	if (++serving->services > CE_PLUGIN_SERVICES_MAX)
		return ce_breach(serving, err, "it used more than %d services", CE_PLUGIN_SERVICES_MAX);

	struct ce_error why;
	ce_error_clear(&why);
	int code = serve(serving, asked, reply, &why);
	if (serving->breach)
		return ce_fail(err, CE_ERR_PLUGIN, "%s", why.text);
	if (code >= 0 && !reply->broken) {
		reply->kind = code == CE_UNCHANGED ? CE_WIRE_UNCHANGED : CE_WIRE_DONE;
		return CE_OK;
	}
	ce_message_release(reply);
	*reply = (struct ce_message)CE_MESSAGE_INIT(CE_WIRE_FAILED);
	ce_message_put_int(reply, code < 0 ? code : CE_ERR_LIMIT);
	ce_message_put_str(reply, code < 0 ? why.text : "the answer is too large");
	return CE_OK;
}
