#include "acme/limits.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define SECOND 1000000LL
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define COUNT_MAX 1000000000L

/* https://letsencrypt.org/docs/rate-limits/ of 2026-08-05. Requests are counted by address: burst, then so many a second. */
static const struct {
	const char *host;
	struct ce_acme_limits limits;
} published[] = {
	{ "acme-v02.api.letsencrypt.org", {
		.requests = {
			[CE_ACME_AT_NONCE] = { 10, SECOND / 20 }, [CE_ACME_AT_ACCOUNT] = { 15, SECOND / 5 },
			[CE_ACME_AT_ORDER] = { 200, SECOND / 300 }, [CE_ACME_AT_REVOKE] = { 100, SECOND / 10 },
			[CE_ACME_AT_RENEWAL] = { 100, SECOND / 1000 }, [CE_ACME_AT_DIRECTORY] = { 40, SECOND / 40 },
			[CE_ACME_AT_OTHER] = { 125, SECOND / 250 },
		},
		.quotas = {
			[CE_ACME_PER_ACCOUNT] = { 300, 36 * SECOND }, [CE_ACME_PER_DOMAIN] = { 50, 202 * MINUTE },
			[CE_ACME_PER_SET] = { 5, 34 * HOUR }, [CE_ACME_PER_FAILURE] = { 5, 12 * MINUTE },
		},
	} },
	{ "acme-staging-v02.api.letsencrypt.org", {
		.requests = {
			[CE_ACME_AT_NONCE] = { 10, SECOND / 20 }, [CE_ACME_AT_ACCOUNT] = { 15, SECOND / 5 },
			[CE_ACME_AT_ORDER] = { 40, SECOND / 20 }, [CE_ACME_AT_REVOKE] = { 100, SECOND / 10 },
			[CE_ACME_AT_RENEWAL] = { 100, SECOND / 1000 }, [CE_ACME_AT_DIRECTORY] = { 40, SECOND / 40 },
			[CE_ACME_AT_OTHER] = { 20, SECOND / 20 },
		},
		.quotas = {
			[CE_ACME_PER_ACCOUNT] = { 1500, 3 * HOUR / 1500 }, [CE_ACME_PER_FAILURE] = { 200, HOUR / 200 },
		},
	} },
};

const struct ce_acme_limits *
ce_acme_limits_of(const char *directory)
{
	static const struct ce_acme_limits none;
	const char *host = strstr(directory, "://");
	host = host ? host + 3 : directory;
	size_t size = strcspn(host, ":/");
	for (size_t i = 0; i < CE_COUNT(published); i++)
		if (strlen(published[i].host) == size && strncasecmp(published[i].host, host, size) == 0)
			return &published[i].limits;
	return &none;
}

/* How far from full it is, as the time that it takes to fill. */
static long long
lack(const struct ce_rate *rate, const struct ce_bucket *bucket, long long now_us)
{
	long long empty = rate->burst * rate->interval_us, missing = bucket->full_at_us - now_us;
	return missing < 0 ? 0 : missing > empty ? empty : missing;
}

long long
ce_bucket_wait(const struct ce_rate *rate, const struct ce_bucket *bucket, long long now_us)
{
	long long room = rate->burst * rate->interval_us - lack(rate, bucket, now_us);
	return rate->burst == 0 || room >= rate->interval_us ? 0 : rate->interval_us - room;
}

void
ce_bucket_take(const struct ce_rate *rate, struct ce_bucket *bucket, long long now_us)
{
	if (rate->burst > 0)
		bucket->full_at_us = now_us + lack(rate, bucket, now_us) + rate->interval_us;
}

int
ce_rate_parse(const char *text, struct ce_rate *ret_rate, struct ce_error *err)
{
	static const struct {
		char letter;
		long long length;
	} units[] = { { 's', SECOND }, { 'm', MINUTE }, { 'h', HOUR }, { 'd', 24 * HOUR } };
	if (strcmp(text, "none") == 0) {
		*ret_rate = (struct ce_rate){ 0 };
		return CE_OK;
	}
	char *end = NULL;
	long count = strtol(text, &end, 10), time = 1;
	bool good = text[0] >= '1' && text[0] <= '9' && count <= COUNT_MAX && *end == '/';
	const char *at = good ? end + 1 : "";
	if (at[0] >= '1' && at[0] <= '9') {
		time = strtol(at, &end, 10);
		at = end;
	}
	for (size_t i = 0; good && i < CE_COUNT(units); i++) {
		if (at[0] != units[i].letter || at[1] || time > 1000)
			continue;
		long long interval = units[i].length * time / count;
		*ret_rate = (struct ce_rate){ count, interval > 0 ? interval : 1 };
		return CE_OK;
	}
	return ce_fail(err, CE_ERR_INVALID, "'%.40s' is no rate: it is written as \"300/3h\" (s, m, h or d), or \"none\"", text);
}
