/* TLS handshakes that find out which certificate an endpoint serves and whether it has its key. Nothing
 * is verified about the chain: it is handed back for others to judge. */
#ifndef CE_NET_TLS_PROBE_H
#define CE_NET_TLS_PROBE_H

#include "net/agent.h"

/* Makes all handshakes, CE_PROBE_AT_ONCE at a time, each within its own time limit, and fills what is
 * answered in each probe but the fingerprint. An error means that none could be made. */
CE_MUSTCHECK int ce_tls_probe_run(struct ce_probe *probes, size_t count, struct ce_error *err);

#endif
