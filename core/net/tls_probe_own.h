/* Between the sources of the TLS probe: names (tls_probe_lookup.c), handshakes
 * (tls_probe_session.c) and the loop over all of them (tls_probe.c). */
#ifndef CE_NET_TLS_PROBE_OWN_H
#define CE_NET_TLS_PROBE_OWN_H

#include <netdb.h>

#include "net/agent.h"

/* Fills code and problem of a probe; returns code. */
int ce_probe_fail(struct ce_probe *probe, int code, const char *format, ...) CE_PRINTF(3, 4);

/* --- names to addresses, without blocking --- */
struct ce_lookup;
CE_MUSTCHECK int ce_lookup_start(const char *host, int port, struct ce_lookup **ret_lookup, struct ce_error *err);
/* False while it goes on. Then the addresses (the lookup's own), or NULL and why there are none. */
bool ce_lookup_finished(struct ce_lookup *lookup, const struct addrinfo **ret_addresses, const char **ret_problem);
/* One that still goes on is left to end by itself. Accepts NULL. */
void ce_lookup_free(struct ce_lookup *lookup);

/* --- handshakes --- */
struct ce_tls_client; /* what all share */
struct ce_tls_session;
CE_MUSTCHECK int ce_tls_client_open(struct ce_tls_client **ret_client, struct ce_error *err);
void ce_tls_client_close(struct ce_tls_client *client);
void ce_tls_clientp(struct ce_tls_client **client);

/* A handshake over a connected, non-blocking socket, which stays the caller's. The probe's members
 * are filled when it ends. */
CE_MUSTCHECK int ce_tls_session_open(struct ce_tls_client *client, int fd, struct ce_probe *probe,
	struct ce_tls_session **ret_session, struct ce_error *err);
/* Goes on; POLLIN or POLLOUT: what it waits for; 0: it has ended. */
short ce_tls_session_step(struct ce_tls_session *session);
/* Accepts NULL. */
void ce_tls_session_free(struct ce_tls_session *session);

#endif
