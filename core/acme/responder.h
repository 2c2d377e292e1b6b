/* What answers challenges by itself: a web server for http-01 (RFC 8555 section 8.3), which knows tokens by host name,
 * answers GET and HEAD for those, and 404 for all else; and a TLS server for tls-alpn-01 (responder_tls.h). */
#ifndef CE_ACME_RESPONDER_H
#define CE_ACME_RESPONDER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

#define CE_RESPONDER_LISTENERS_MAX 16 /* of each */
#define CE_RESPONDER_FDS_MAX 96

struct ce_responder;

/* Serves the listening sockets, first those for HTTP and then those for TLS, which it then owns. */
CE_MUSTCHECK int ce_responder_open(const int *listeners, size_t http, size_t tls, struct ce_responder **ret_responder,
	struct ce_error *err);
/* Accepts NULL. */
void ce_responder_close(struct ce_responder *responder);

CE_MUSTCHECK int ce_responder_add(struct ce_responder *responder, const char *host, const char *token,
	const char *content, struct ce_error *err);
/* For tls-alpn-01; CE_ERR_INVALID without a socket for TLS. */
CE_MUSTCHECK int ce_responder_add_tls(struct ce_responder *responder, const char *identifier, const char *token,
	const char *key_authorization, struct ce_error *err);
/* *asked becomes true when somebody fetched what was added for HTTP, until it is removed; it says nothing of how many
 * others will. Returns false when there is no such thing. */
bool ce_responder_watch(struct ce_responder *responder, const char *host, const char *token, bool *asked);
/* How often anything was fetched. */
size_t ce_responder_served(const struct ce_responder *responder);
/* Of either kind. */
void ce_responder_remove(struct ce_responder *responder, const char *host, const char *token);

/* Descriptors to wait for (to read); returns how many. */
size_t ce_responder_fds(const struct ce_responder *responder, int *fds, size_t room);
/* Goes on with what is ready; never blocks. */
void ce_responder_step(struct ce_responder *responder);

/* For tests: the content for a request, NULL: 404. host is the Host field. */
const char *ce_responder_find(const struct ce_responder *responder, const char *host, const char *path);

#endif
