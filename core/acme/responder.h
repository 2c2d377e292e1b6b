/* The built-in web server for http-01 (RFC 8555 section 8.3). It knows tokens by host name, answers
 * GET and HEAD for those, and 404 for all else. */
#ifndef CE_ACME_RESPONDER_H
#define CE_ACME_RESPONDER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

#define CE_RESPONDER_LISTENERS_MAX 16

struct ce_responder;

/* Serves the listening sockets, which it then owns. */
CE_MUSTCHECK int ce_responder_open(const int *listeners, size_t count, struct ce_responder **ret_responder,
	struct ce_error *err);
/* Accepts NULL. */
void ce_responder_close(struct ce_responder *responder);

CE_MUSTCHECK int ce_responder_add(struct ce_responder *responder, const char *host, const char *token,
	const char *content, struct ce_error *err);
void ce_responder_remove(struct ce_responder *responder, const char *host, const char *token);

/* Descriptors to wait for (to read); returns how many. */
size_t ce_responder_fds(const struct ce_responder *responder, int *fds, size_t room);
/* Goes on with what is ready; never blocks. */
void ce_responder_step(struct ce_responder *responder);

/* For tests: the content for a request, NULL: 404. host is the Host field. */
const char *ce_responder_find(const struct ce_responder *responder, const char *host, const char *path);

#endif
