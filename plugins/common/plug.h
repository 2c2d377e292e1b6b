/* What the plugins share. It stands on the public header alone, so that a plugin has no undefined symbol. */
#ifndef CE_PLUGINS_COMMON_PLUG_H
#define CE_PLUGINS_COMMON_PLUG_H

#include <certengine/plugin.h>
#include <stdbool.h>

#define CE_PLUG_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Questions about text. NULL is equal to nothing. */
bool ce_plug_equal(const char *a, const char *b);
bool ce_plug_equal_nocase(const char *a, const char *b);
bool ce_plug_starts(const char *text, const char *start);
/* Printable ASCII (blanks too), at least least characters. */
bool ce_plug_is_ascii(const char *text, size_t least);
/* A whole decimal number from 0 to limit, without sign or blanks. */
bool ce_plug_number(const char *text, long limit, long *ret_number);

/* Whether pattern ("name", "*.name") covers a DNS name: one label, leftmost only (RFC 6125 section 6.4.3). */
bool ce_plug_covers(const char *pattern, const char *name);
/* An IPv4 or IPv6 address, by its characters. */
bool ce_plug_is_address(const char *text);

/* Copies that live until the callback returns. NULL: out of memory. */
const char *ce_plug_lower(const struct ce_services *services, ce_call *call, const char *text);
const char *ce_plug_directory(const struct ce_services *services, ce_call *call, const char *path);
/* The first line of a text, without its end and without a byte order mark. */
const char *ce_plug_first_line(const struct ce_services *services, ce_call *call, struct ce_bytes bytes);

/* Fails the call for want of memory. */
int ce_plug_no_memory(const struct ce_services *services, ce_call *call);

/* For create: a systemd unit's name, the argument vector of a command. Not set passes. */
int ce_plug_check_unit(const struct ce_services *services, ce_call *call, const char *option);
int ce_plug_check_command(const struct ce_services *services, ce_call *call, const char *option);

/* "host:port" or "host:port sni", an IPv6 address in brackets; anything else fails the call. */
struct ce_plug_endpoint {
	const char *host;
	int port;
	const char *sni; /* NULL: none */
};
int ce_plug_endpoint(const struct ce_services *services, ce_call *call, const char *text,
	struct ce_plug_endpoint *ret_endpoint);

/* For reload: a unit given to systemctl (restart, reload, reload-or-restart), a command run to its end; what says in
 * errors what it was for. */
int ce_plug_unit(const struct ce_services *services, ce_call *call, const char *action, const char *unit);
int ce_plug_restart_unit(const struct ce_services *services, ce_call *call, const char *unit);
int ce_plug_run(const struct ce_services *services, ce_call *call, const char *what, const char *const *argv);

#endif
