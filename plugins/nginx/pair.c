/* The files of a server's certificate and key, and the directives that name them. */
#include "nginx.h"

#include <string.h>

static struct nginx_item *
nth(struct nginx_item *item, size_t index)
{
	while (item && index-- > 0)
		item = item->next;
	return item;
}

static size_t
count_of(const struct nginx_item *item)
{
	size_t count = 0;
	for (; item; item = item->next)
		count++;
	return count;
}

static const char *
path_of(const struct nginx_work *work, const struct nginx_item *item)
{
	const char *value = item ? work->services->text->value(item->entry, 0) : NULL;
	return value ? ce_nginx_path(work, value) : NULL;
}

static int
refuse(const struct nginx_work *work, const struct nginx_item *item, const char *why)
{
	return work->services->fail(work->call, CE_ERR_REFUSED, "%s: '%s' %s; set 'certificate_file' and 'key_file'",
		ce_nginx_where(work, item->file, item->entry), work->services->text->value(item->entry, 0), why);
}

/* Files of others, and what is no file. */
static int
check_path(const struct nginx_work *work, const struct nginx_item *item)
{
	static const struct {
		const char *part, *why;
	} others[] = {
		{ "$", "is chosen by nginx for each request" },
		{ "data:", "is no file" },
		{ "engine:", "is no file" },
		{ "store:", "is no file" },
		{ "ssl-cert-snakeoil", "is the host's own self-signed certificate, which other programs use too" },
		{ "/etc/letsencrypt/", "belongs to another program that renews certificates" },
	};
	const char *value = work->services->text->value(item->entry, 0);
	if (!value)
		return work->services->fail(work->call, CE_ERR_PRODUCT, "%s: a directive without a file",
			ce_nginx_where(work, item->file, item->entry));
	for (size_t i = 0; i < CE_PLUG_COUNT(others); i++)
		if (strstr(value, others[i].part))
			return refuse(work, item, others[i].why);
	return CE_OK;
}

/* A server with certificates of several kinds: the one that the option names. */
static int
pick(struct nginx_work *work, struct nginx_item *leaves, struct nginx_item *keys, struct nginx_pair *pair)
{
	const struct ce_services *services = work->services;
	size_t index = 0, count = count_of(leaves);
	if (count != count_of(keys))
		return services->fail(work->call, CE_ERR_REFUSED,
			"%s: there are not as many ssl_certificate_key as ssl_certificate for one server",
			ce_nginx_where(work, leaves ? leaves->file : keys->file, leaves ? leaves->entry : keys->entry));
	while (count > 1 && index < count && !ce_plug_equal(path_of(work, nth(leaves, index)), work->settings.certificate_file))
		index++;
	if (index == count && count > 1)
		return services->fail(work->call, CE_ERR_REFUSED,
			"%s: the server has %zu certificates, the next in %s; set 'certificate_file' and 'key_file' to those that are meant",
			ce_nginx_where(work, leaves->file, leaves->entry), count,
			ce_nginx_where(work, leaves->next->file, leaves->next->entry));
	pair->leaf = nth(leaves, index);
	pair->key = nth(keys, index);
	return CE_OK;
}

/* As configured, as it stands there, or new beside the configuration. */
static int
settle_path(struct nginx_work *work, const struct nginx_item *item, const char *configured, const char *ending,
	const char **ret_path)
{
	const struct ce_services *services = work->services;
	if (!configured && item) {
		int rc = check_path(work, item);
		if (rc < 0)
			return rc;
	}
	const char *path = configured ? configured : path_of(work, item);
	if (!path) {
		const char *directory = ce_plug_directory(services, work->call, work->settings.config);
		path = directory ? services->format(work->call, "%s/%s%s", directory, work->facts->name, ending) : NULL;
	}
	if (!path)
		return ce_plug_no_memory(services, work->call);
	*ret_path = path;
	return CE_OK;
}

int
ce_nginx_pair(struct nginx_work *work, struct nginx_server *server, struct nginx_pair *ret_pair)
{
	struct nginx_pair pair = { .leaf_own = server->own.leaves != NULL, .key_own = server->own.keys != NULL };
	struct nginx_item *leaves = pair.leaf_own ? server->own.leaves : server->around->leaves;
	struct nginx_item *keys = pair.key_own ? server->own.keys : server->around->keys;
	int rc = pick(work, leaves, keys, &pair);
	if (rc >= 0)
		rc = settle_path(work, pair.leaf, work->settings.certificate_file, ".crt", &pair.leaf_path);
	if (rc >= 0)
		rc = settle_path(work, pair.key, work->settings.key_file, ".key", &pair.key_path);
	if (rc >= 0)
		*ret_pair = pair;
	return rc;
}

/* -------------------------------------------------------------------- settling */

/* A directive in a file that several servers include is changed for all of them, or not at all. */
static int
check_alone(struct nginx_work *work, const struct nginx_item *item)
{
	for (const struct nginx_server *server = work->servers; server; server = server->next) {
		const struct nginx_item *const lists[] = { server->own.leaves, server->own.keys };
		for (size_t i = 0; i < CE_PLUG_COUNT(lists) && !server->chosen; i++)
			for (const struct nginx_item *other = lists[i]; other; other = other->next)
				if (other->entry == item->entry)
					return work->services->fail(work->call, CE_ERR_REFUSED,
						"%s: the directive counts for the server in %s too, which has another name; move it into each server",
						ce_nginx_where(work, item->file, item->entry),
						ce_nginx_where(work, server->file, server->block));
	}
	return CE_OK;
}

static int
settle_one(struct nginx_work *work, struct nginx_server *server, struct nginx_item *item, bool own, const char *name,
	const char *path)
{
	const struct ce_services *services = work->services;
	const char *const values[] = { path, NULL };
	ce_text_entry *added = NULL;
	if (ce_plug_equal(path_of(work, item), path))
		return CE_OK;
	if (!item || !own)
		return services->text->add(work->call, server->file->text, server->block, NULL, name, values, &added);
	int rc = check_alone(work, item);
	return rc < 0 ? rc : services->text->change(work->call, item->entry, 0, path);
}

int
ce_nginx_settle(struct nginx_work *work, struct nginx_server *server, const struct nginx_pair *pair)
{
	int rc = settle_one(work, server, pair->leaf, pair->leaf_own, "ssl_certificate", pair->leaf_path);
	return rc < 0 ? rc : settle_one(work, server, pair->key, pair->key_own, "ssl_certificate_key", pair->key_path);
}

/* --------------------------------------------------------------------- sharing */

static const struct nginx_item *
naming(const struct nginx_work *work, const struct nginx_item *item, const struct nginx_pair *pair)
{
	for (; item; item = item->next) {
		const char *path = path_of(work, item);
		if (ce_plug_equal(path, pair->leaf_path) || ce_plug_equal(path, pair->key_path))
			return item;
	}
	return NULL;
}

int
ce_nginx_unshared(struct nginx_work *work, const struct nginx_pair *pair)
{
	for (const struct nginx_server *server = work->servers; server; server = server->next) {
		const struct nginx_level *level = server->own.leaves ? &server->own : server->around;
		const struct nginx_item *item = naming(work, level->leaves, pair);
		const char *name = ce_nginx_name(work, server, false);
		if (server->chosen || !name || !item || !ce_nginx_has_tls(work, server))
			continue;
		return work->services->fail(work->call, CE_ERR_REFUSED,
			"'%s' is the certificate of the server in %s too, whose name %s the new one does not have; "
			"set 'certificate_file' and 'key_file' to files of their own",
			pair->leaf_path, ce_nginx_where(work, server->file, server->block), name);
	}
	return CE_OK;
}
