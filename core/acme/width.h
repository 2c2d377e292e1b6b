/* How many signed requests to one CA are under way together: few at first, more while it keeps up, fewer
 * when it says so or slows down. */
#ifndef CE_ACME_WIDTH_H
#define CE_ACME_WIDTH_H

#include <stdbool.h>
#include <stddef.h>

/* Let's Encrypt gives ten nonces at once (its limit of newNonce has a burst of 10). */
#define CE_ACME_WIDTH_FIRST 8
#define CE_ACME_WIDTH_MAX 32

struct ce_acme_width {
	size_t now;             /* 1 to CE_ACME_WIDTH_MAX */
	size_t calm;            /* above it every further one must be earned by a whole round of good answers */
	size_t earned;          /* good answers since it was widened, above calm */
	long long fastest_ms;   /* the shortest round trip of a signed request, -1: none yet */
	long long narrowed_ms;  /* when it was last narrowed; what was sent before tells nothing new */
};

void ce_acme_width_init(struct ce_acme_width *width);
/* An answer in good order. wanted: more could have been under way. Times are monotonic, in ms; sent_ms -1: it tells
 * nothing about speed (it waited for the connection). */
void ce_acme_width_good(struct ce_acme_width *width, bool wanted, long long sent_ms, long long now_ms);
/* 429 or 503. */
void ce_acme_width_refused(struct ce_acme_width *width, long long sent_ms, long long now_ms);

#endif
