/* Starting certengine-net; used by ce_net_http and by the issuer that speaks ACME. */
#ifndef CE_NET_NET_AGENT_H
#define CE_NET_NET_AGENT_H

#include "base/process.h"

/* Listening sockets that the built-in responder shall serve, those for HTTP before those for TLS, become descriptors
 * 4, 5, ... */
CE_MUSTCHECK int ce_net_start(const int *listeners, size_t http, size_t tls, struct ce_helper *ret_helper, struct ce_error *err);

#endif
