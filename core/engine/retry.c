#include "engine/retry.h"

#include <sys/utsname.h>

#define HOUR 3600LL
#define DAY 86400LL
#define TOLD_MAX (7 * DAY)

/* One row for each class of failure: the first wait, how it grows, and what it is bounded by. Four tries in the first
 * 21 minutes and none until an hour later stay below five failures an hour, which Let's Encrypt allows for a name. */
static const struct {
	const char *name;
	long long first;       /* seconds; 0: half of the cap */
	int factor;
} rows[] = {
	[CE_REFUSAL_INPUT] = { "input", 0, 2 },
	[CE_REFUSAL_ENVIRONMENT] = { "environment", 60, 4 },
	[CE_REFUSAL_CA] = { "ca", 60, 4 },
	[CE_REFUSAL_LIMIT] = { "limit", 60, 4 },
};

const char *
ce_retry_class_name(enum ce_refusal class)
{
	return class > 0 && (size_t)class < CE_COUNT(rows) ? rows[class].name : NULL;
}

long long
ce_retry_cap(long long left)
{
	long long cap = left / 8;
	return cap < HOUR ? HOUR : cap > DAY ? DAY : cap;
}

long long
ce_retry_told(long long told, long long now)
{
	if (told <= now)
		return 0;
	return told - now > TOLD_MAX ? now + TOLD_MAX : told;
}

/* From three quarters to five quarters. */
static long long
jitter(long long wait, unsigned chance)
{
	return wait * (750 + (long long)(chance % 501)) / 1000;
}

long long
ce_retry_at(const struct ce_retry *retry)
{
	long long cap = retry->paused ? DAY : ce_retry_cap(retry->left);
	long long wait = rows[retry->class].first ? rows[retry->class].first : cap / 2;
	for (int n = 1; n < retry->failures && wait < cap; n++)
		wait *= rows[retry->class].factor;
	if (wait > cap || retry->paused)
		wait = cap;
	long long at = retry->now + jitter(wait, retry->chance), told = ce_retry_told(retry->told, retry->now);
	return at < told ? told : at;
}

/* FNV-1a, stirred in the end so that neighbours in n lie apart. */
unsigned
ce_spread(const char *host, const char *name, int n)
{
	struct utsname here = { .nodename = "" };
	if (!host && uname(&here) == 0)
		host = here.nodename;
	unsigned hash = 2166136261u;
	for (const char *at = host ? host : ""; *at; at++)
		hash = (hash ^ (unsigned char)*at) * 16777619u;
	hash = (hash ^ '/') * 16777619u;
	for (const char *at = name; *at; at++)
		hash = (hash ^ (unsigned char)*at) * 16777619u;
	hash = (hash ^ (unsigned)n) * 16777619u;
	return hash ^ hash >> 15;
}
