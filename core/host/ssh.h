/* Hosts that are reached by SSH, as the supervisor sees them: each has one certengine-ssh, which holds the connection. */
#ifndef CE_HOST_SSH_H
#define CE_HOST_SSH_H

#include "base/strlist.h"
#include "host/host.h"

struct ce_ssh_spec {
	const char *url;                 /* canonical; for messages */
	const char *address, *user;
	int port;
	int timeout_s;                   /* for connecting */
	const char *const *identities;   /* files of private keys; NULL or empty: those of the account that runs this */
	const char *agent;               /* socket of an agent, asked after the identities; NULL: none */
	const char *const *known_hosts;  /* NULL or empty: /etc/ssh/ssh_known_hosts and the account's own */
};

/* Nothing is connected before something is asked. spec is copied. */
CE_MUSTCHECK int ce_ssh_host_new(const struct ce_ssh_spec *spec, struct ce_host **ret_host, struct ce_error *err);
/* Accepts NULL. */
void ce_ssh_host_free(struct ce_host *host);
/* In a child of ours: the connection is the parent's, a new one is made when it is needed. */
void ce_ssh_host_forget(struct ce_host *host);
/* For the rest of this run it counts as unreachable, for this reason. */
void ce_ssh_host_bar(struct ce_host *host, const char *why);

#endif
