/* What CAs allow, on a clock that is only a number. */
#include <string.h>

#include "acme/directory.h"
#include "acme/domain.h"
#include "acme/gate.h"
#include "suites.h"

#define SECOND 1000000LL
#define HOUR (3600 * SECOND)
#define PRODUCTION "https://acme-v02.api.letsencrypt.org/directory"

extern const struct ce_test suite_limits[];

static void
a_bucket_lets_its_burst_through_and_then_one_each_interval(void)
{
	const struct ce_rate rate = { 5, 12 * 60 * SECOND };
	struct ce_bucket bucket = { 0 };
	long long now = 1795000000 * SECOND;
	for (int i = 0; i < 5; i++) {
		CU_ASSERT_EQUAL(ce_bucket_wait(&rate, &bucket, now), 0);
		ce_bucket_take(&rate, &bucket, now);
	}
	CU_ASSERT_EQUAL(ce_bucket_wait(&rate, &bucket, now), rate.interval_us);
	CU_ASSERT_EQUAL(ce_bucket_wait(&rate, &bucket, now + rate.interval_us - 1), 1);
	now += rate.interval_us;
	CU_ASSERT_EQUAL(ce_bucket_wait(&rate, &bucket, now), 0);
	ce_bucket_take(&rate, &bucket, now);
	CU_ASSERT_EQUAL(ce_bucket_wait(&rate, &bucket, now), rate.interval_us);
	/* Left alone it is full again, and not more than that. */
	now += 100 * HOUR;
	for (int i = 0; i < 5; i++)
		ce_bucket_take(&rate, &bucket, now);
	CU_ASSERT_EQUAL(ce_bucket_wait(&rate, &bucket, now), rate.interval_us);
}

static void
a_clock_set_back_keeps_nobody_for_longer_than_an_interval(void)
{
	const struct ce_rate rate = { 50, 202 * 60 * SECOND };
	struct ce_bucket bucket = { 0 };
	ce_bucket_take(&rate, &bucket, 2000000000 * SECOND);
	CU_ASSERT_EQUAL(ce_bucket_wait(&rate, &bucket, 1795000000 * SECOND), rate.interval_us);
	ce_bucket_take(&rate, &bucket, 1795000000 * SECOND);
	CU_ASSERT(bucket.full_at_us <= 1795000000 * SECOND + 51 * rate.interval_us);
}

static void
nothing_is_limited_without_a_rate(void)
{
	const struct ce_rate none = { 0 };
	struct ce_bucket bucket = { 0 };
	ce_bucket_take(&none, &bucket, 5);
	CU_ASSERT_EQUAL(bucket.full_at_us, 0);
	CU_ASSERT_EQUAL(ce_bucket_wait(&none, &bucket, 5), 0);
	const char *const private[] = { "https://127.0.0.1:14000/dir", "https://letsencrypt.org.evil.test/directory",
		"https://xacme-v02.api.letsencrypt.org/directory", "" };
	for (size_t i = 0; i < CE_COUNT(private); i++)
		CU_ASSERT_EQUAL(ce_acme_limits_of(private[i])->quotas[CE_ACME_PER_ACCOUNT].burst, 0);
	CU_ASSERT_EQUAL(ce_acme_limits_of(PRODUCTION)->quotas[CE_ACME_PER_ACCOUNT].burst, 300);
	CU_ASSERT_EQUAL(ce_acme_limits_of("https://ACME-v02.api.letsencrypt.org:443/x")->quotas[CE_ACME_PER_SET].burst, 5);
	CU_ASSERT_EQUAL(
		ce_acme_limits_of("https://acme-staging-v02.api.letsencrypt.org/directory")->quotas[CE_ACME_PER_FAILURE].burst, 200);
}

static void
rates_are_read(void)
{
	static const struct {
		const char *text;
		long long burst, interval;
	} good[] = { { "20/1s", 20, SECOND / 20 }, { "300/3h", 300, 36 * SECOND }, { "50/7d", 50, 7 * 24 * HOUR / 50 },
		{ "5/h", 5, 12 * 60 * SECOND }, { "1/90m", 1, 90 * 60 * SECOND }, { "none", 0, 0 } };
	static const char *const bad[] = { "", "/", "5", "5/", "0/1h", "-1/1h", "5/0h", "5/1w", "5/1h ", "5/1hh", "x/1h", " 5/1h",
		"99999999999/1s", "5/99999d", "5/-1h", "None", "5h" };
	struct ce_rate rate;
	struct ce_error err = { 0 };
	for (size_t i = 0; i < CE_COUNT(good); i++) {
		CU_ASSERT_EQUAL(ce_rate_parse(good[i].text, &rate, &err), CE_OK);
		CU_ASSERT_EQUAL(rate.burst, good[i].burst);
		CU_ASSERT_EQUAL(rate.interval_us, good[i].interval);
	}
	for (size_t i = 0; i < CE_COUNT(bad); i++)
		CU_ASSERT_EQUAL(ce_rate_parse(bad[i], &rate, &err), CE_ERR_INVALID);
}

/* Keeps watch that no stretch of time had more than the bucket allows: for any two of them, the later one is far enough. */
struct watch {
	struct ce_rate rate;
	long long count, highest;
	bool broken;
};

static void
watch(struct watch *watch, long long at_us)
{
	long long place = at_us - watch->count * watch->rate.interval_us;
	if (watch->count == 0 || place > watch->highest)
		watch->highest = place;
	watch->count++;
	if (watch->rate.burst > 0 && place - watch->highest < (1 - watch->rate.burst) * watch->rate.interval_us)
		watch->broken = true;
}

#define JOBS 10000

/* 10,000 jobs due at once at Let's Encrypt: an order, then five other requests each, as many at once as may go. */
static void
ten_thousand_jobs_due_at_once_exceed_no_bucket(void)
{
	struct ce_acme_gate gate;
	ce_acme_gate_init(&gate, PRODUCTION, NULL);
	const struct ce_acme_limits *limits = ce_acme_limits_of(PRODUCTION);
	struct watch orders = { .rate = limits->requests[CE_ACME_AT_ORDER] }, others = { .rate = limits->requests[CE_ACME_AT_OTHER] },
		nonces = { .rate = limits->requests[CE_ACME_AT_NONCE] };
	static int done[JOBS];
	memset(done, 0, sizeof(done));
	size_t left = JOBS, first = 0;
	long long now = 0;
	for (; left > 0 && now < 3600 * 1000; now++) {
		while (first < JOBS && done[first] == 6)
			first++;
		for (size_t i = first; i < JOBS; i++) {
			int resource = done[i] == 0 ? CE_ACME_NEW_ORDER : -1;
			if (done[i] == 6)
				continue;
			if (ce_acme_gate_pass(&gate, resource, now) > 0) {
				if (resource == -1)
					break; /* nor may any other */
				continue;
			}
			watch(resource == -1 ? &others : &orders, now * 1000);
			left -= ++done[i] == 6;
		}
		if (ce_acme_gate_pass(&gate, CE_ACME_NEW_NONCE, now) == 0)
			watch(&nonces, now * 1000);
	}
	CU_ASSERT_EQUAL(left, 0);
	CU_ASSERT_EQUAL(orders.count, JOBS);
	CU_ASSERT_EQUAL(others.count, 5 * JOBS);
	CU_ASSERT_FALSE(orders.broken || others.broken || nonces.broken);
	/* Nor is there idle time: 50,000 requests at 250 a second. */
	CU_ASSERT(now < 205 * 1000);
}

/* The same jobs against what Let's Encrypt allows an account: each is told its time, comes back then, and all are ordered. */
static void
ten_thousand_orders_keep_to_the_account(void)
{
	const struct ce_rate rate = ce_acme_limits_of(PRODUCTION)->quotas[CE_ACME_PER_ACCOUNT];
	struct ce_bucket bucket = { 0 };
	struct watch account = { .rate = rate };
	long long now = 0;
	for (size_t left = JOBS; left > 0;) {
		long long wait = ce_bucket_wait(&rate, &bucket, now);
		if (wait > 0) {
			now += wait;
			continue;
		}
		ce_bucket_take(&rate, &bucket, now);
		watch(&account, now);
		left--;
	}
	CU_ASSERT_FALSE(account.broken);
	CU_ASSERT_EQUAL(now, (JOBS - rate.burst) * rate.interval_us);
}

static void
one_configured_rate_is_for_all_requests(void)
{
	struct ce_acme_gate gate;
	ce_acme_gate_init(&gate, PRODUCTION, "2/1s");
	CU_ASSERT_EQUAL(ce_acme_gate_pass(&gate, CE_ACME_NEW_NONCE, 0), 0);
	CU_ASSERT_EQUAL(ce_acme_gate_pass(&gate, CE_ACME_NEW_ORDER, 0), 0);
	CU_ASSERT_EQUAL(ce_acme_gate_pass(&gate, -1, 0), 500);
	CU_ASSERT_EQUAL(ce_acme_gate_pass(&gate, -1, 500), 0);
}

static void
names_are_counted_by_their_registered_domain(void)
{
	static const struct {
		const char *name, *domain;
	} rows[] = { { "shop.example.com", "example.com" }, { "a.b.example.co.uk", "example.co.uk" }, { "example.com", "example.com" },
		{ "*.example.com", "example.com" }, { "co.uk", "co.uk" }, { "me.github.io", "me.github.io" }, { "192.0.2.7", "192.0.2.7" },
		{ "2001:db8:1:2:3::4", "2001:db8:1:2::/64" } };
	for (size_t i = 0; i < CE_COUNT(rows); i++) {
		CE_CLEANUP(ce_freep) char *domain = NULL;
		struct ce_error err = { 0 };
		CU_ASSERT_EQUAL_FATAL(ce_acme_domain(rows[i].name, &domain, &err), CE_OK);
		CU_ASSERT_STRING_EQUAL(domain, rows[i].domain);
	}
}

const struct ce_test suite_limits[] = {
	{ "a bucket lets its burst through and then one each interval", a_bucket_lets_its_burst_through_and_then_one_each_interval },
	{ "a clock set back keeps nobody for longer than an interval", a_clock_set_back_keeps_nobody_for_longer_than_an_interval },
	{ "nothing is limited without a rate", nothing_is_limited_without_a_rate },
	{ "rates are read", rates_are_read },
	{ "ten thousand jobs due at once exceed no bucket", ten_thousand_jobs_due_at_once_exceed_no_bucket },
	{ "ten thousand orders keep to the account", ten_thousand_orders_keep_to_the_account },
	{ "one configured rate is for all requests", one_configured_rate_is_for_all_requests },
	{ "names are counted by their registered domain", names_are_counted_by_their_registered_domain },
	{ NULL, NULL },
};
