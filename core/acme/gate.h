/* The buckets that the requests of one session pass. */
#ifndef CE_ACME_GATE_H
#define CE_ACME_GATE_H

#include <stdbool.h>

#include "acme/limits.h"

struct ce_acme_session;

struct ce_acme_gate {
	struct ce_rate rates[CE_ACME_ENDPOINTS];
	struct ce_bucket buckets[CE_ACME_ENDPOINTS];
	bool shared;               /* one for all requests, the first */
};

/* As the CA publishes it, or by the configured rate for all requests together (limits.h; NULL: none is). */
void ce_acme_gate_init(struct ce_acme_gate *gate, const char *directory, const char *requests);

/* Milliseconds until a request to this resource (enum ce_acme_resource, -1: any other) may go. 0: now, and it is counted. */
long long ce_acme_gate_pass(struct ce_acme_gate *gate, int resource, long long now_ms);

/* Whether a request of the session may go now. If not it is pumped again when it may; where that is too far away its orders
 * end as pending. */
bool ce_acme_gate_opens(struct ce_acme_session *session, int resource);

#endif
