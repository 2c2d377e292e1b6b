/* The helper's side of one HTTP request. */
#ifndef CE_NET_SERVE_H
#define CE_NET_SERVE_H

#include "base/message.h"
#include "net/http.h"

/* Makes the request of a CE_NET_HTTP message and answers on fd. A request that fails is an answer;
 * an error means that the peer is gone or does not keep to the protocol. */
CE_MUSTCHECK int ce_net_serve_http(int fd, struct ce_http *http, struct ce_message *message, struct ce_error *err);

#endif
