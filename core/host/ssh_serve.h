/* The loop of certengine-ssh. */
#ifndef CE_HOST_SSH_SERVE_H
#define CE_HOST_SSH_SERVE_H

#include "base/error.h"

/* Before root is given up: what the library sets up once. */
CE_MUSTCHECK int ce_ssh_serve_begin(struct ce_error *err);
/* Answers requests on CE_SSH_SOCKET until the supervisor closes its end. */
CE_MUSTCHECK int ce_ssh_serve(struct ce_error *err);

#endif
