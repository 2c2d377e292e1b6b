/* What the issuers' suites share: a configuration from text, a store, and requests. */
#ifndef CE_TESTS_ISSUER_FIXTURE_H
#define CE_TESTS_ISSUER_FIXTURE_H

#include "issuer/issuer.h"

struct fixture {
	char directory[128];          /* the store's */
	struct ce_config config;
	struct ce_problems problems;
	struct ce_store *store;
	char progress[256];           /* the last text a driver told */
};

/* issuers: what stands between the braces of "issuers: { ... }". Certificates "shop" and "blog" belong
 * to the issuer "house"; each run has a store of its own. */
void fixture_open(struct fixture *fixture, const char *issuers);
void fixture_close(struct fixture *fixture);

/* Key and request of a configured certificate, as the engine hands them to a driver. */
struct request {
	struct ce_issue_request request;
	struct ce_key *key;
	struct ce_buf csr;
};
void fixture_request(struct fixture *fixture, const char *certificate, struct request *ret_request);
void request_release(struct request *request);

/* Issues one request by its issuer's driver. */
void fixture_issue(struct fixture *fixture, struct request *request);

/* The checks of the engine on what was issued. */
int fixture_accept(const struct request *request, struct ce_bundle *ret_bundle, struct ce_error *err);

#endif
