/* What a CA allows, as token buckets on a clock that the caller gives. Nothing here waits, sends or keeps anything.
 *
 * A bucket that was emptied at once lets one more through each interval. It is one number: the moment at which it would be
 * full again (microseconds; any clock, but always the same one), so that it can be kept and compared. */
#ifndef CE_ACME_LIMITS_H
#define CE_ACME_LIMITS_H

#include <stdbool.h>

#include "base/error.h"

struct ce_rate {
	long long burst;        /* 0: no limit */
	long long interval_us;  /* one more comes back in so long */
};

struct ce_bucket {
	long long full_at_us;   /* 0 or past: full */
};

/* Microseconds until one may go, 0: now. A moment out of reach comes from a clock that was wrong, and counts as empty. */
long long ce_bucket_wait(const struct ce_rate *rate, const struct ce_bucket *bucket, long long now_us);
/* Takes one; the caller asked before whether it may. */
void ce_bucket_take(const struct ce_rate *rate, struct ce_bucket *bucket, long long now_us);

/* What requests are counted by. */
enum ce_acme_endpoint {
	CE_ACME_AT_NONCE = 0, CE_ACME_AT_ACCOUNT, CE_ACME_AT_ORDER, CE_ACME_AT_REVOKE, CE_ACME_AT_RENEWAL, CE_ACME_AT_DIRECTORY,
	CE_ACME_AT_OTHER, CE_ACME_ENDPOINTS
};
/* What orders are counted by. */
enum ce_acme_quota {
	CE_ACME_PER_ACCOUNT = 0, /* orders */
	CE_ACME_PER_DOMAIN,      /* certificates for a registered domain or address */
	CE_ACME_PER_SET,         /* certificates for exactly these names */
	CE_ACME_PER_FAILURE,     /* failed authorizations of a name */
	CE_ACME_QUOTAS
};

struct ce_acme_limits {
	struct ce_rate requests[CE_ACME_ENDPOINTS];
	struct ce_rate quotas[CE_ACME_QUOTAS];
};

/* The published limits of the CA with this directory; of others nothing is known, and nothing is limited. */
const struct ce_acme_limits *ce_acme_limits_of(const char *directory);

/* "300/3h": so many at once, and so many again in that time; s, m, h or d. "none". CE_ERR_INVALID. */
CE_MUSTCHECK int ce_rate_parse(const char *text, struct ce_rate *ret_rate, struct ce_error *err);

#endif
