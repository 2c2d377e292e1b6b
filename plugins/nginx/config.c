/* The configuration with all it includes, as far as certificates go. */
#include "nginx.h"

#include <string.h>

#define INCLUDE_DEPTH_MAX 16
#define FILES_MAX 512

enum context { IN_MAIN = 1, IN_HTTP = 2, IN_OTHER = 4, IN_SERVER = 8 };

/* Where the reader is: in which block, at which level, in which server. */
struct reader {
	struct nginx_work *work;
	const struct nginx_file *file;
	enum context context;
	struct nginx_level *level;
	struct nginx_server *server;
	bool http;
	int depth;
};

static int visit(struct reader reader, const ce_text_entry *block);

const char *
ce_nginx_path(const struct nginx_work *work, const char *path)
{
	if (path[0] == '/')
		return path;
	const char *directory = ce_plug_directory(work->services, work->call, work->settings.config);
	return directory ? work->services->format(work->call, "%s/%s", directory, path) : NULL;
}

const char *
ce_nginx_where(const struct nginx_work *work, const struct nginx_file *file, const ce_text_entry *entry)
{
	const char *text = work->services->format(work->call, "line %ld of '%s'", work->services->text->line(entry), file->path);
	return text ? text : file->path;
}

static int
open_file(struct nginx_work *work, const char *path, const struct nginx_file **ret_file)
{
	const struct ce_services *services = work->services;
	for (struct nginx_file *file = work->files; file; file = file->next) {
		if (ce_plug_equal(file->path, path)) {
			*ret_file = file;
			return CE_OK;
		}
	}
	if (++work->file_count > FILES_MAX)
		return services->fail(work->call, CE_ERR_LIMIT, "'%s' includes more than %d files", work->settings.config, FILES_MAX);
	struct nginx_file *file = services->allocate(work->call, sizeof(*file));
	if (!file)
		return ce_plug_no_memory(services, work->call);
	file->path = path;
	int rc = services->text->open(work->call, path, CE_TEXT_NGINX, &file->text);
	if (rc < 0)
		return rc;
	file->next = work->files;
	work->files = file;
	*ret_file = file;
	return CE_OK;
}

static int
append(const struct reader *reader, struct nginx_item **list, ce_text_entry *entry)
{
	const struct ce_services *services = reader->work->services;
	struct nginx_item *item = services->allocate(reader->work->call, sizeof(*item));
	if (!item)
		return ce_plug_no_memory(services, reader->work->call);
	item->file = reader->file;
	item->entry = entry;
	while (*list)
		list = &(*list)->next;
	*list = item;
	return CE_OK;
}

/* ----------------------------------------------------------------- directives */

static int
on_include(struct reader *reader, ce_text_entry *entry)
{
	const struct nginx_work *work = reader->work;
	const char *value = work->services->text->value(entry, 0), *path = value ? ce_nginx_path(work, value) : NULL;
	const char *const *paths = NULL;
	if (!path)
		return work->services->fail(work->call, CE_ERR_PRODUCT, "%s: an include without a file",
			ce_nginx_where(work, reader->file, entry));
	if (reader->depth >= INCLUDE_DEPTH_MAX)
		return work->services->fail(work->call, CE_ERR_REFUSED, "%s: files include each other more than %d deep",
			ce_nginx_where(work, reader->file, entry), INCLUDE_DEPTH_MAX);
	int rc = ce_nginx_expand(work, path, &paths);
	for (; rc >= 0 && *paths; paths++) {
		struct reader inner = *reader;
		inner.depth++;
		rc = open_file(reader->work, *paths, &inner.file);
		if (rc >= 0)
			rc = visit(inner, NULL);
	}
	return rc < 0 ? rc : CE_OK;
}

static int
enter(struct reader *reader, ce_text_entry *entry, enum context context)
{
	const struct ce_services *services = reader->work->services;
	struct reader inner = *reader;
	inner.context = context;
	inner.http = context == IN_HTTP;
	inner.level = services->allocate(reader->work->call, sizeof(*inner.level));
	return inner.level ? visit(inner, entry) : ce_plug_no_memory(services, reader->work->call);
}

static int
on_http(struct reader *reader, ce_text_entry *entry)
{
	return enter(reader, entry, IN_HTTP);
}

static int
on_other(struct reader *reader, ce_text_entry *entry)
{
	return enter(reader, entry, IN_OTHER);
}

static int
on_server(struct reader *reader, ce_text_entry *entry)
{
	struct nginx_work *work = reader->work;
	struct nginx_server *server = work->services->allocate(work->call, sizeof(*server));
	if (!server)
		return ce_plug_no_memory(work->services, work->call);
	server->file = reader->file;
	server->block = entry;
	server->around = reader->level;
	server->http = reader->http;
	if (work->last)
		work->last->next = server;
	else
		work->servers = server;
	work->last = server;
	struct reader inner = *reader;
	inner.context = IN_SERVER;
	inner.server = server;
	inner.level = &server->own;
	return visit(inner, entry);
}

static int
on_leaf(struct reader *reader, ce_text_entry *entry)
{
	return append(reader, &reader->level->leaves, entry);
}

static int
on_key(struct reader *reader, ce_text_entry *entry)
{
	return append(reader, &reader->level->keys, entry);
}

static int
on_ssl(struct reader *reader, ce_text_entry *entry)
{
	reader->level->ssl_on = ce_plug_equal(reader->work->services->text->value(entry, 0), "on");
	return CE_OK;
}

static int
on_listen(struct reader *reader, ce_text_entry *entry)
{
	return append(reader, &reader->server->listens, entry);
}

static int
on_name(struct reader *reader, ce_text_entry *entry)
{
	return append(reader, &reader->server->names, entry);
}

static int
on_pid(struct reader *reader, ce_text_entry *entry)
{
	reader->work->pid_file = reader->work->services->text->value(entry, 0);
	return CE_OK;
}

static const struct directive {
	const char *name;
	int contexts;
	int (*take)(struct reader *reader, ce_text_entry *entry);
} directives[] = {
	{ "include", IN_MAIN | IN_HTTP | IN_OTHER | IN_SERVER, on_include },
	{ "http", IN_MAIN, on_http },
	{ "stream", IN_MAIN, on_other },
	{ "mail", IN_MAIN, on_other },
	{ "server", IN_HTTP | IN_OTHER, on_server },
	{ "pid", IN_MAIN, on_pid },
	{ "ssl_certificate", IN_HTTP | IN_OTHER | IN_SERVER, on_leaf },
	{ "ssl_certificate_key", IN_HTTP | IN_OTHER | IN_SERVER, on_key },
	{ "ssl", IN_HTTP | IN_SERVER, on_ssl },
	{ "listen", IN_SERVER, on_listen },
	{ "server_name", IN_SERVER, on_name },
};

static int
take_directive(struct reader *reader, ce_text_entry *entry)
{
	const char *name = reader->work->services->text->key(entry);
	for (size_t i = 0; i < CE_PLUG_COUNT(directives); i++)
		if ((directives[i].contexts & reader->context) && ce_plug_equal(directives[i].name, name))
			return directives[i].take(reader, entry);
	return CE_OK;
}

static bool
is_within(const struct ce_text_services *text, const ce_text_entry *entry, const ce_text_entry *block)
{
	while (entry && entry != block)
		entry = text->parent(entry);
	return entry == block;
}

/* What stands directly in the block, or at the top of the file. */
static int
visit(struct reader reader, const ce_text_entry *block)
{
	const struct ce_text_services *text = reader.work->services->text;
	ce_text_entry *entry = block ? text->next(block) : text->first(reader.file->text);
	int rc = CE_OK;
	for (; entry && is_within(text, entry, block) && rc >= 0; entry = text->next(entry))
		if (text->parent(entry) == block)
			rc = take_directive(&reader, entry);
	return rc;
}

int
ce_nginx_open(const struct ce_services *services, ce_call *call, struct nginx_work *ret_work)
{
	struct reader reader = { .work = ret_work, .context = IN_MAIN };
	*ret_work = (struct nginx_work){ .services = services, .call = call };
	int rc = ce_nginx_settings(services, call, &ret_work->settings);
	if (rc >= 0)
		rc = services->certificate(call, &ret_work->facts);
	if (rc >= 0)
		rc = open_file(ret_work, ret_work->settings.config, &reader.file);
	return rc < 0 ? rc : visit(reader, NULL);
}
