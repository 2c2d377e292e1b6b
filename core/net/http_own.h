/* Shared by the files of the HTTP engine only. */
#ifndef CE_NET_HTTP_OWN_H
#define CE_NET_HTTP_OWN_H

#include <curl/curl.h>

#include "net/http.h"

#define CE_HTTP_WAIT_MAX 32
#define CE_HTTP_TRUST_MAX 64

/* Sets of roots, certificates and keys that were given as bytes. The GnuTLS flavour of libcurl takes them from a file only,
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

/* The path at which libcurl finds these bytes; lives as long as the engine. */
CE_MUSTCHECK int ce_http_trusts_path(struct ce_http_trusts *trusts, struct ce_bytes pem, const char **ret_path,
	struct ce_error *err);
void ce_http_trusts_release(struct ce_http_trusts *trusts);

/* http_route.c: how the server of a request is reached. */
CE_MUSTCHECK int ce_http_route_set(CURL *easy, const struct ce_http_route *route, struct ce_http_trusts *files,
	struct ce_error *err);
/* http_fault.c: why a transfer failed, in one clause; NULL: libcurl's own words are good enough. */
const char *ce_http_fault(CURL *easy, CURLcode result, char *out, size_t room);

#endif
