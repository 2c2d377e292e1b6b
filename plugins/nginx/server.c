/* Which servers the target is about. */
#include "nginx.h"

#include <string.h>

/* -------------------------------------------------------------------- listens */

static bool
has_word(const struct ce_text_services *text, const ce_text_entry *entry, const char *word)
{
	const char *value = NULL;
	for (size_t i = 1; (value = text->value(entry, i)) != NULL; i++)
		if (ce_plug_equal(value, word))
			return true;
	return false;
}

/* "443", "*:443", "127.0.0.1:443", "[::1]:443", "[::1]", "host": a port of its own or 80; "unix:" is no TCP. */
static void
parse_address(const struct nginx_work *work, const char *address, struct nginx_listen *listen)
{
	const char *colon = strrchr(address, ':'), *bracket = strrchr(address, ']');
	listen->port = 80;
	listen->host = "*";
	if (ce_plug_starts(address, "unix:")) {
		listen->host = NULL;
		listen->port = 0;
		return;
	}
	if (ce_plug_number(address, 65535, &listen->port))
		return;
	if (colon && (!bracket || colon > bracket) && !ce_plug_number(colon + 1, 65535, &listen->port))
		listen->port = 0;
	size_t size = colon && (!bracket || colon > bracket) ? (size_t)(colon - address) : strlen(address);
	if (bracket)
		listen->host = work->services->format(work->call, "%.*s", (int)(bracket - address - 1), address + 1);
	else
		listen->host = work->services->format(work->call, "%.*s", (int)size, address);
}

struct nginx_listen
ce_nginx_listen(const struct nginx_work *work, const struct nginx_server *server, const struct nginx_item *item)
{
	const struct ce_text_services *text = work->services->text;
	const char *address = text->value(item->entry, 0);
	struct nginx_listen listen = { .host = NULL };
	if (!address)
		return listen;
	parse_address(work, address, &listen);
	listen.quic = has_word(text, item->entry, "quic");
	listen.tls = !listen.quic &&
		(has_word(text, item->entry, "ssl") || server->own.ssl_on || server->around->ssl_on);
	return listen;
}

bool
ce_nginx_has_tls(const struct nginx_work *work, const struct nginx_server *server)
{
	for (const struct nginx_item *item = server->listens; item; item = item->next) {
		struct nginx_listen listen = ce_nginx_listen(work, server, item);
		if (listen.tls || listen.quic)
			return true;
	}
	return false;
}

static bool
listens_on(const struct nginx_work *work, const struct nginx_server *server, long port)
{
	for (const struct nginx_item *item = server->listens; item; item = item->next)
		if (ce_nginx_listen(work, server, item).port == port)
			return true;
	return false;
}

/* ---------------------------------------------------------------------- names */

/* Names that stand for whatever is asked for, and expressions, are no names of a certificate. */
static bool
is_name(const char *name)
{
	return name[0] != '\0' && name[0] != '~' && !ce_plug_equal(name, "_");
}

/* ".example.com" is example.com and *.example.com. */
static bool
is_covered(const struct nginx_work *work, const char *name)
{
	for (const char *const *own = work->facts->names; *own; own++) {
		if (name[0] == '.' && (ce_plug_equal_nocase(*own, name + 1) ||
			((*own)[0] == '*' && ce_plug_equal_nocase(*own + 1, name))))
			return true;
		if (ce_plug_covers(*own, name))
			return true;
	}
	return false;
}

const char *
ce_nginx_name(const struct nginx_work *work, const struct nginx_server *server, bool covered)
{
	const struct ce_text_services *text = work->services->text;
	for (const struct nginx_item *item = server->names; item; item = item->next) {
		const char *name = NULL;
		for (size_t i = 0; (name = text->value(item->entry, i)) != NULL; i++)
			if (is_name(name) && is_covered(work, name) == covered)
				return name;
	}
	return NULL;
}

static bool
is_called(const struct nginx_work *work, const struct nginx_server *server, const char *wanted)
{
	const struct ce_text_services *text = work->services->text;
	for (const struct nginx_item *item = server->names; item; item = item->next) {
		const char *name = NULL;
		for (size_t i = 0; (name = text->value(item->entry, i)) != NULL; i++)
			if (ce_plug_equal_nocase(name, wanted))
				return true;
	}
	return false;
}

static bool
is_meant(const struct nginx_work *work, const struct nginx_server *server)
{
	const char *wanted = work->settings.server_name;
	return wanted ? is_called(work, server, wanted) : ce_nginx_name(work, server, true) != NULL;
}

/* ------------------------------------------------------------------- choosing */

static size_t
choose_by_name(struct nginx_work *work)
{
	size_t count = 0;
	for (struct nginx_server *server = work->servers; server; server = server->next) {
		bool there = work->settings.port == 0 || listens_on(work, server, work->settings.port);
		server->chosen = server->http && there && ce_nginx_has_tls(work, server) && is_meant(work, server);
		count += server->chosen ? 1 : 0;
	}
	return count;
}

/* Where no name says it: a server for whatever is asked for, if it is the only one. */
static struct nginx_server *
only_nameless(const struct nginx_work *work, bool tls)
{
	struct nginx_server *only = NULL;
	for (struct nginx_server *server = work->servers; server; server = server->next) {
		bool there = !tls || work->settings.port == 0 || listens_on(work, server, work->settings.port);
		if (!server->http || ce_nginx_has_tls(work, server) != tls || !there)
			continue;
		if (only || ce_nginx_name(work, server, false))
			return NULL;
		only = server;
	}
	return only;
}

static int
choose_plain(struct nginx_work *work)
{
	const struct ce_services *services = work->services;
	struct nginx_server *only = NULL;
	for (struct nginx_server *server = work->servers; server; server = server->next) {
		if (!server->http || !is_meant(work, server))
			continue;
		if (only)
			return services->fail(work->call, CE_ERR_REFUSED,
				"%s: another server of that name stands in %s, and neither has TLS; add it to one of them by hand",
				ce_nginx_where(work, server->file, server->block), ce_nginx_where(work, only->file, only->block));
		only = server;
	}
	if (!only && !work->settings.server_name)
		only = only_nameless(work, false);
	if (!only)
		return services->fail(work->call, CE_ERR_PRODUCT,
			"no server in '%s' and what it includes has %s; %s", work->settings.config,
			work->settings.server_name ? work->settings.server_name : "a name of the certificate",
			work->settings.server_name ? "set 'server_name' to a name that stands there" : "set 'server_name'");
	if (work->settings.port == 0)
		return services->fail(work->call, CE_ERR_CONFIG, "%s: the server speaks plain http; set 'port' to add TLS to it",
			ce_nginx_where(work, only->file, only->block));
	only->chosen = true;
	return CE_UNCHANGED;
}

int
ce_nginx_choose(struct nginx_work *work)
{
	if (choose_by_name(work) > 0)
		return CE_OK;
	struct nginx_server *only = work->settings.server_name ? NULL : only_nameless(work, true);
	if (!only)
		return choose_plain(work);
	only->chosen = true;
	return CE_OK;
}

/* A port serves either. */
static int
check_free(struct nginx_work *work, const struct nginx_server *server)
{
	for (const struct nginx_item *item = server->listens; item; item = item->next)
		if (ce_nginx_listen(work, server, item).port == work->settings.port)
			return work->services->fail(work->call, CE_ERR_REFUSED,
				"%s: the server speaks plain http on port %ld; add ssl to its listen, or set another 'port'",
				ce_nginx_where(work, item->file, item->entry), work->settings.port);
	return CE_OK;
}

/* A TLS listener beside each plain one, on the same address. */
int
ce_nginx_add_tls(struct nginx_work *work, struct nginx_server *server)
{
	const struct ce_services *services = work->services;
	int rc = check_free(work, server);
	size_t count = 0;
	ce_text_entry *added = NULL;
	for (const struct nginx_item *item = server->listens; item && rc >= 0; item = item->next) {
		struct nginx_listen listen = ce_nginx_listen(work, server, item);
		if (!listen.host)
			continue;
		const char *value = services->text->value(item->entry, 0);
		const char *address = ce_plug_equal(listen.host, "*")
			? services->format(work->call, "%ld", work->settings.port)
			: services->format(work->call, value[0] == '[' ? "[%s]:%ld" : "%s:%ld", listen.host, work->settings.port);
		const char *const values[] = { address, "ssl", NULL };
		rc = address ? services->text->add(work->call, server->file->text, server->block, NULL, "listen", values, &added)
		             : ce_plug_no_memory(services, work->call);
		count++;
	}
	if (rc < 0 || count > 0)
		return rc;
	const char *const values[] = { services->format(work->call, "%ld", work->settings.port), "ssl", NULL };
	return values[0] ? services->text->add(work->call, server->file->text, server->block, NULL, "listen", values, &added)
	                 : ce_plug_no_memory(services, work->call);
}
