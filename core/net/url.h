/* Which URLs are contacted at all. */
#ifndef CE_NET_URL_H
#define CE_NET_URL_H

#include <stdbool.h>

#include "base/error.h"

#define CE_URL_MAX 2048

/* CE_OK for an absolute URL of printable ASCII, at most CE_URL_MAX bytes, with a host, without user
 * information and fragment; scheme https, or http too unless https_only. The text of url is never
 * changed: ACME signs it byte for byte (RFC 8555 section 6.4). CE_ERR_REFUSED with the reason. */
CE_MUSTCHECK int ce_url_check(const char *url, bool https_only, struct ce_error *err);

#endif
