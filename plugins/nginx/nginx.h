/* The parts of the nginx plugin. Everything lives as long as one callback; there is no state between them.
 *
 * The configuration is read as nginx reads it: its file, and what that includes, where it is included. Servers are
 * collected with the directives that count for them, each with the file and entry it stands in, so that it can be changed
 * there. */
#ifndef CE_PLUGINS_NGINX_H
#define CE_PLUGINS_NGINX_H

#include "common/plug.h"

struct nginx_settings {
	const char *config, *program;
	const char *prefix, *server_name;           /* NULL: not given */
	long port;                                  /* 0: not given */
	const char *certificate_file, *key_file;    /* NULL: not given */
	const char *owner, *group, *mode;
	const char *const *reload_command;          /* NULL: not given */
	const char *unit;
};

struct nginx_file {
	struct nginx_file *next;
	const char *path;
	ce_text *text;
};

/* A directive and where it stands. */
struct nginx_item {
	struct nginx_item *next;
	const struct nginx_file *file;
	ce_text_entry *entry;
};

/* Directives that a server has, or that it gets from the level around it. */
struct nginx_level {
	struct nginx_item *leaves, *keys; /* ssl_certificate, ssl_certificate_key */
	bool ssl_on;                      /* `ssl on`, up to nginx 1.25.0 */
};

struct nginx_server {
	struct nginx_server *next;
	const struct nginx_file *file;
	ce_text_entry *block;
	struct nginx_level own;
	const struct nginx_level *around;
	struct nginx_item *listens, *names;
	bool http;                        /* not of a stream or mail block */
	bool chosen;
};

struct nginx_work {
	const struct ce_services *services;
	ce_call *call;
	struct nginx_settings settings;
	const struct ce_certificate_facts *facts;
	struct nginx_file *files;
	struct nginx_server *servers, *last;
	const char *pid_file;             /* NULL: not in the configuration */
	size_t file_count;
};

/* The place of the certificate of one server, and its key. */
struct nginx_pair {
	struct nginx_item *leaf, *key;    /* NULL: none yet */
	bool leaf_own, key_own;           /* in the server itself */
	const char *leaf_path, *key_path;
};

/* An address that a server listens on. */
struct nginx_listen {
	const char *host;                 /* "*": all of IPv4; NULL: no TCP */
	long port;
	bool tls;                         /* TLS over TCP */
	bool quic;
};

/* settings.c */
int ce_nginx_settings(const struct ce_services *services, ce_call *call, struct nginx_settings *ret_settings);

/* config.c: reads the configuration and all that it includes. */
int ce_nginx_open(const struct ce_services *services, ce_call *call, struct nginx_work *ret_work);
/* A path as nginx takes it: relative ones count from the configuration's directory. */
const char *ce_nginx_path(const struct nginx_work *work, const char *path);
/* Refers to the line and file of a directive in messages. */
const char *ce_nginx_where(const struct nginx_work *work, const struct nginx_file *file, const ce_text_entry *entry);

/* include.c: the files a pattern stands for, in order; NULL ends them. */
int ce_nginx_expand(const struct nginx_work *work, const char *pattern, const char *const **ret_paths);

/* server.c */
struct nginx_listen ce_nginx_listen(const struct nginx_work *work, const struct nginx_server *server,
	const struct nginx_item *item);
bool ce_nginx_has_tls(const struct nginx_work *work, const struct nginx_server *server);
/* The first of the server's names that the certificate has (or has not); NULL: none. */
const char *ce_nginx_name(const struct nginx_work *work, const struct nginx_server *server, bool covered);
/* Marks the servers this target is about; CE_UNCHANGED: they have no TLS yet. */
int ce_nginx_choose(struct nginx_work *work);
/* Adds TLS to a chosen server. */
int ce_nginx_add_tls(struct nginx_work *work, struct nginx_server *server);

/* pair.c */
int ce_nginx_pair(struct nginx_work *work, struct nginx_server *server, struct nginx_pair *ret_pair);
/* Writes the paths of the pair into the configuration, where it has others. */
int ce_nginx_settle(struct nginx_work *work, struct nginx_server *server, const struct nginx_pair *pair);
/* Nobody else's server serves these files. */
int ce_nginx_unshared(struct nginx_work *work, const struct nginx_pair *pair);

/* reload.c, endpoints.c, discover.c */
int ce_nginx_reload_by(struct nginx_work *work);
int ce_nginx_reload(const struct ce_services *services, ce_call *call, void *instance);
int ce_nginx_endpoints(const struct ce_services *services, ce_call *call, void *instance);
int ce_nginx_discover(const struct ce_services *services, ce_call *call);

#endif
