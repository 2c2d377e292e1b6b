/* The built-in TLS server for tls-alpn-01 (RFC 8737): for each identifier a certificate that carries the
 * challenge's digest, shown to whoever asks for it by the protocol acme-tls/1 alone. Its key is thrown away. */
#ifndef CE_ACME_RESPONDER_TLS_H
#define CE_ACME_RESPONDER_TLS_H

#include <stddef.h>

#include "base/buf.h"

#define CE_TLS_RESPONDER_FDS_MAX 80

struct ce_tls_responder;

/* Serves the listening sockets, which it then owns. */
CE_MUSTCHECK int ce_tls_responder_open(const int *listeners, size_t count, struct ce_tls_responder **ret_responder,
	struct ce_error *err);
/* Accepts NULL. */
void ce_tls_responder_close(struct ce_tls_responder *responder);

/* identifier: canonical, a name or an IP address. */
CE_MUSTCHECK int ce_tls_responder_add(struct ce_tls_responder *responder, const char *identifier, const char *token,
	const char *key_authorization, struct ce_error *err);
/* One that is not there is passed over. */
void ce_tls_responder_remove(struct ce_tls_responder *responder, const char *identifier, const char *token);

size_t ce_tls_responder_fds(const struct ce_tls_responder *responder, int *fds, size_t room);
void ce_tls_responder_step(struct ce_tls_responder *responder);

/* What a client calls an identifier in its SNI: the name, or of an address its reverse name (RFC 8738 section 6). */
CE_MUSTCHECK int ce_tls_responder_sni(const char *identifier, struct ce_buf *ret_sni, struct ce_error *err);

#endif
