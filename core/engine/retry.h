/* When a CA is asked again after a failure: one table, no clock and no chance of its own. */
#ifndef CE_ENGINE_RETRY_H
#define CE_ENGINE_RETRY_H

#include "issuer/issuer.h"

/* After so many failures in a row that were the CA's own the next issuer is asked, if there is one. */
#define CE_RETRY_PATIENCE 3

struct ce_retry {
	enum ce_refusal class;
	int failures;          /* in a row, this one included */
	long long now;
	long long left;        /* seconds that the live certificate is still valid; 0 or less: expired, or there is none */
	long long told;        /* the moment that the CA named, 0: none */
	bool paused;           /* the CA wants a person to come first */
	unsigned chance;       /* of ce_spread */
};

/* The longest wait by ourselves: an eighth of what is left, from an hour to a day. */
long long ce_retry_cap(long long left);
/* The moment of the next try. */
long long ce_retry_at(const struct ce_retry *retry);

/* "input", "environment", ... as in records and reports; NULL for 0. */
const char *ce_retry_class_name(enum ce_refusal class);

/* A moment that the CA named, made sensible: in the past it is none (0), and nobody has to wait more than a week. */
long long ce_retry_told(long long told, long long now);

/* The same for host, name and n on every run: any number from 0 on. host NULL: this one. */
unsigned ce_spread(const char *host, const char *name, int n);

#endif
