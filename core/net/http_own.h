/* Shared by the files of the HTTP engine only. */
#ifndef CE_NET_HTTP_OWN_H
#define CE_NET_HTTP_OWN_H

#include "base/buf.h"

#define CE_HTTP_WAIT_MAX 32
#define CE_HTTP_TRUST_MAX 64

/* Sets of roots that were given as bytes. The GnuTLS flavour of libcurl takes them from a file only,
 * so each lies in anonymous memory; one set has one path for the life of the engine, since curl tells
 * connections apart by it. */
struct ce_http_trusts {
	struct {
		int fd;
		struct ce_buf pem;
		char path[32];
	} items[CE_HTTP_TRUST_MAX];
	size_t count;
};

/* The path at which libcurl finds these roots; lives as long as the engine. */
CE_MUSTCHECK int ce_http_trusts_path(struct ce_http_trusts *trusts, struct ce_bytes pem, const char **ret_path,
	struct ce_error *err);
void ce_http_trusts_release(struct ce_http_trusts *trusts);

#endif
