/* A request on its way. For issue.c and request.c only. */
#ifndef CE_ENGINE_REQUEST_H
#define CE_ENGINE_REQUEST_H

#include "crypto/digest.h"
#include "engine/engine_own.h"

/* One request, with what it borrows. */
struct ce_under_way {
	struct ce_issue_request request; /* first: drivers hand back its address */
	struct ce_certificate_run *certificate;
	struct ce_key *key;
	struct ce_buf key_pem, csr, state;
	char digest[CE_SHA256_HEX];      /* of what is asked for */
	char order[CE_SHA256_HEX];       /* of it without key and subject */
};
void ce_under_way_release(struct ce_under_way *way);

/* Takes up what an earlier run left, or makes a key and its CSR, both on stable storage. */
CE_MUSTCHECK int ce_under_way_prepare(struct ce_under_way *way, struct ce_error *err);
/* Keeps the driver's state. */
CE_MUSTCHECK int ce_under_way_store_state(const struct ce_under_way *way, struct ce_bytes state, struct ce_error *err);

#endif
