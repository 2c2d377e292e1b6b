/* The helper's side of a batch of orders. */
#ifndef CE_ACME_SERVE_H
#define CE_ACME_SERVE_H

#include "acme/job.h"
#include "acme/responder.h"
#include "net/http.h"

/* Runs the batch and tells the supervisor on fd when it is over. responder NULL: no listening sockets. An error means that
 * the supervisor is gone or does not keep to the protocol. */
CE_MUSTCHECK int ce_acme_serve(int fd, struct ce_http *http, struct ce_responder *responder,
	const struct ce_acme_batch *batch, struct ce_error *err);

#endif
