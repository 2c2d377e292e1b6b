/* The supervisor's side of the processes that touch the network: certengine-net (HTTP and ACME) and
 * certengine-probe (TLS handshakes, keystores of foreign origin). They hold no keys and no writable
 * path; all that passes is messages (base/message.h). */
#ifndef CE_NET_AGENT_H
#define CE_NET_AGENT_H

#include <stdbool.h>

#include "base/process.h"
#include "base/strlist.h"

/* --- one handshake each, many at once (32) --- */
struct ce_probe {
	/* asked */
	const char *host;         /* name or address to connect to */
	int port;
	const char *sni;          /* NULL: none */
	int timeout_ms;           /* for name, connection and handshake together; 0: 10 s */
	/* answered */
	int code;                 /* CE_OK: the handshake completed and proved the key; CE_ERR_NETWORK, CE_ERR_TIMEOUT, CE_ERR_VERIFY */
	char problem[256];        /* one clause, for code != CE_OK: "connection refused" */
	char fingerprint[65];     /* of the leaf sent, also when the signature was bad; "" none */
	struct ce_buf chain;      /* DER certificates, each preceded by its u32 length; leaf first */
};
/* Starts certengine-probe on first use (agent is CE_HELPER_INIT then) and keeps it. An error means the helper itself failed. */
CE_MUSTCHECK int ce_probe_run(struct ce_helper *agent, struct ce_probe *probes, size_t count, struct ce_error *err);
void ce_probe_release(struct ce_probe *probe);

/* --- keystores whose bytes came from a product --- */
struct ce_keystore; /* crypto/keystore.h */
CE_MUSTCHECK int ce_probe_keystore(struct ce_helper *agent, struct ce_bytes bytes, const char *password,
	struct ce_keystore *ret_keystore, struct ce_error *err);

/* ce_truststore_add (crypto/keystore.h); edit->ours at most 64. */
struct ce_truststore_edit;
CE_MUSTCHECK int ce_probe_truststore(struct ce_helper *agent, struct ce_bytes bytes, const struct ce_truststore_edit *edit,
	struct ce_buf *ret_bytes, struct ce_error *err);

/* --- one HTTP request, for plugins --- */
struct ce_net_request {
	const char *method, *url;
	const char *credentials;  /* "user:password", NULL: none */
	const char *ca_file;      /* NULL: the system's */
	const char *content_type;
	struct ce_bytes body;
	int timeout_ms;
};
struct ce_net_reply {
	int status;
	struct ce_buf body;       /* at most 1 MiB */
};
/* No redirects. CE_ERR_NETWORK with the reason; any HTTP status is CE_OK. */
CE_MUSTCHECK int ce_net_http(struct ce_helper *agent, const struct ce_net_request *request,
	struct ce_net_reply *ret_reply, struct ce_error *err);

#endif
