/* How many requests are under way together: protocols.md 3.1, 7.2. */
#include "acme/width.h"

#include "suites.h"

static void
answer(struct ce_acme_width *width, size_t count, long long sent_ms, long long now_ms)
{
	for (size_t i = 0; i < count; i++)
		ce_acme_width_good(width, true, sent_ms, now_ms);
}

static void
it_doubles_while_the_ca_keeps_up(void)
{
	struct ce_acme_width width;
	ce_acme_width_init(&width);
	CU_ASSERT_EQUAL(width.now, CE_ACME_WIDTH_FIRST);
	answer(&width, 8, 0, 50);
	CU_ASSERT_EQUAL(width.now, 16);
	answer(&width, 100, 50, 100);
	CU_ASSERT_EQUAL(width.now, CE_ACME_WIDTH_MAX);
}

static void
it_stays_where_there_is_no_more_work(void)
{
	struct ce_acme_width width;
	ce_acme_width_init(&width);
	for (int i = 0; i < 50; i++)
		ce_acme_width_good(&width, false, 0, 50);
	CU_ASSERT_EQUAL(width.now, CE_ACME_WIDTH_FIRST);
}

/* Ten refusals of one burst are one word; then every further place is earned by a whole round. */
static void
a_refusal_halves_it_once(void)
{
	struct ce_acme_width width;
	ce_acme_width_init(&width);
	answer(&width, 24, 0, 50);
	CU_ASSERT_EQUAL(width.now, 32);
	for (int i = 0; i < 10; i++)
		ce_acme_width_refused(&width, 60, 100);
	CU_ASSERT_EQUAL(width.now, 16);
	answer(&width, 15, 110, 160);
	CU_ASSERT_EQUAL(width.now, 16);
	answer(&width, 1, 110, 160);
	CU_ASSERT_EQUAL(width.now, 17);
	for (long long t = 200; t < 400; t += 10)
		ce_acme_width_refused(&width, t, t + 5);
	CU_ASSERT_EQUAL(width.now, 1);
}

static void
rising_latency_narrows_it(void)
{
	struct ce_acme_width width;
	ce_acme_width_init(&width);
	answer(&width, 8, 0, 50);
	size_t before = width.now;
	answer(&width, 4, 100, 100 + 1000); /* slower than good, not yet too slow */
	CU_ASSERT_EQUAL(width.now, before);
	answer(&width, 4, 2000, 2000 + 2500);
	CU_ASSERT_EQUAL(width.now, before * 3 / 4);
}

const struct ce_test suite_width[] = {
	{ "it doubles while the CA keeps up", it_doubles_while_the_ca_keeps_up },
	{ "it stays where there is no more work", it_stays_where_there_is_no_more_work },
	{ "a refusal halves it once", a_refusal_halves_it_once },
	{ "rising latency narrows it", rising_latency_narrows_it },
	{ NULL, NULL },
};
