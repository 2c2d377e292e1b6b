/* The retry table (protocols.md 7.2) on a clock that is only a number. */
#include "engine/retry.h"
#include "suites.h"

#define MINUTE 60LL
#define HOUR 3600LL
#define DAY 86400LL
#define NOW 1795000000LL

extern const struct ce_test retry_tests[];

/* The wait with a jitter of nothing. */
static long long
wait_of(enum ce_refusal class, int failures, long long left)
{
	const struct ce_retry retry = { .class = class, .failures = failures, .now = NOW, .left = left, .chance = 250 };
	return ce_retry_at(&retry) - NOW;
}

static void
follows_the_table(void)
{
	static const struct {
		enum ce_refusal class;
		int failures;
		long long left, wait;
	} rows[] = {
		{ CE_REFUSAL_ENVIRONMENT, 1, 30 * DAY, 1 * MINUTE }, { CE_REFUSAL_ENVIRONMENT, 2, 30 * DAY, 4 * MINUTE },
		{ CE_REFUSAL_ENVIRONMENT, 3, 30 * DAY, 16 * MINUTE }, { CE_REFUSAL_ENVIRONMENT, 4, 30 * DAY, 64 * MINUTE },
		{ CE_REFUSAL_ENVIRONMENT, 5, 30 * DAY, 256 * MINUTE }, { CE_REFUSAL_ENVIRONMENT, 6, 30 * DAY, 1024 * MINUTE },
		{ CE_REFUSAL_ENVIRONMENT, 7, 30 * DAY, DAY }, { CE_REFUSAL_ENVIRONMENT, 2000000000, 30 * DAY, DAY },
		{ CE_REFUSAL_CA, 1, 30 * DAY, MINUTE }, { CE_REFUSAL_CA, 9, 30 * DAY, DAY },
		{ CE_REFUSAL_LIMIT, 1, 30 * DAY, MINUTE }, { CE_REFUSAL_LIMIT, 9, 30 * DAY, DAY },
		{ CE_REFUSAL_INPUT, 1, 30 * DAY, DAY / 2 }, { CE_REFUSAL_INPUT, 2, 30 * DAY, DAY }, { CE_REFUSAL_INPUT, 9, 30 * DAY, DAY },
		/* A certificate of 160 hours at half of its life: every ten hours at most. */
		{ CE_REFUSAL_ENVIRONMENT, 9, 80 * HOUR, 10 * HOUR },
		/* An hour is left, it has expired, or there is none. */
		{ CE_REFUSAL_ENVIRONMENT, 9, HOUR, HOUR }, { CE_REFUSAL_ENVIRONMENT, 9, -DAY, HOUR },
		{ CE_REFUSAL_ENVIRONMENT, 4, 0, HOUR }, { CE_REFUSAL_INPUT, 1, 0, HOUR / 2 },
	};
	for (size_t i = 0; i < CE_COUNT(rows); i++)
		CU_ASSERT_EQUAL(wait_of(rows[i].class, rows[i].failures, rows[i].left), rows[i].wait);
}

/* Let's Encrypt allows five failed authorizations of a name in an hour. */
static void
never_fails_five_times_in_an_hour(void)
{
	for (unsigned chance = 0; chance <= 500; chance++) {
		long long at[12] = { NOW };
		for (int n = 1; n < 12; n++) {
			const struct ce_retry retry = { .class = CE_REFUSAL_ENVIRONMENT, .failures = n, .now = at[n - 1], .left = 0,
				.chance = chance };
			at[n] = ce_retry_at(&retry);
		}
		for (int n = 5; n < 12; n++)
			CU_ASSERT(at[n] - at[n - 5] > HOUR);
	}
}

static void
spreads_by_a_quarter(void)
{
	long long least = DAY, most = 0;
	for (int i = 0; i < 10000; i++) {
		char name[24];
		snprintf(name, sizeof(name), "job-%d", i);
		const struct ce_retry retry = { .class = CE_REFUSAL_CA, .failures = 4, .now = NOW, .left = 30 * DAY,
			.chance = ce_spread("host", name, 4) };
		long long wait = ce_retry_at(&retry) - NOW;
		least = wait < least ? wait : least;
		most = wait > most ? wait : most;
	}
	CU_ASSERT(least >= 48 * MINUTE && least < 49 * MINUTE);
	CU_ASSERT(most <= 80 * MINUTE && most > 79 * MINUTE);
	CU_ASSERT_NOT_EQUAL(ce_spread("host", "a", 1), ce_spread("other", "a", 1));
	CU_ASSERT_NOT_EQUAL(ce_spread("host", "a", 1), ce_spread("host", "a", 2));
	CU_ASSERT_EQUAL(ce_spread(NULL, "a", 1), ce_spread(NULL, "a", 1));
}

static long long
told(long long moment)
{
	const struct ce_retry retry = { .class = CE_REFUSAL_LIMIT, .failures = 1, .now = NOW, .left = 30 * DAY, .told = moment,
		.chance = 250 };
	return ce_retry_at(&retry) - NOW;
}

/* Retry-After of nothing, 3 s, a day, a past date, and a clock gone mad (E4). */
static void
keeps_to_what_the_ca_told(void)
{
	CU_ASSERT_EQUAL(told(0), MINUTE);
	CU_ASSERT_EQUAL(told(NOW), MINUTE);
	CU_ASSERT_EQUAL(told(NOW + 3), MINUTE);
	CU_ASSERT_EQUAL(told(NOW + DAY), DAY);
	CU_ASSERT_EQUAL(told(NOW - DAY), MINUTE);
	CU_ASSERT_EQUAL(told(NOW + 1000 * DAY), 7 * DAY);
	CU_ASSERT_EQUAL(told(-5), MINUTE);
}

/* Let's Encrypt pauses names, and tells no time (E5). */
static void
waits_a_day_for_a_person(void)
{
	const struct ce_retry retry = { .class = CE_REFUSAL_LIMIT, .failures = 1, .now = NOW, .paused = true, .chance = 250 };
	CU_ASSERT_EQUAL(ce_retry_at(&retry) - NOW, DAY);
}

const struct ce_test retry_tests[] = {
	{ "follows the table", follows_the_table },
	{ "never fails five times in an hour", never_fails_five_times_in_an_hour },
	{ "spreads by a quarter", spreads_by_a_quarter },
	{ "keeps to what the CA told", keeps_to_what_the_ca_told },
	{ "waits a day for a person", waits_a_day_for_a_person },
	{ NULL, NULL },
};
