#include <stdio.h>
#include <string.h>

#include "engine/engine_own.h"
#include "engine/retry.h"
#include "suites.h"

#define DAY 86400LL
#define BEGIN 1700000000LL /* 2023-11-14 */

extern const struct ce_test schedule_tests[];

static long long
renew_at(const char *name, double renew, long long lifetime)
{
	struct ce_certificate_config config = { .name = (char *)name, .renew = renew };
	struct ce_facts facts = { .not_before = BEGIN, .not_after = BEGIN + lifetime };
	return ce_renew_at(&config, &facts);
}

/* The share of the lifetime that is left at the moment of renewal. */
static double
left(const char *name, double renew, long long lifetime)
{
	return (double)(BEGIN + lifetime - renew_at(name, renew, lifetime)) / (double)lifetime;
}

/* Let's Encrypt advises a third (90 days: after 60), and half of a short lifetime (protocols.md). */
static void
takes_the_fraction_of_the_lifetime(void)
{
	static const struct {
		double renew;
		long long lifetime;
		double least;
	} rows[] = {
		{ 0, 90 * DAY, 1.0 / 3 },  { 0, 365 * DAY, 1.0 / 3 }, { 0, 10 * DAY, 1.0 / 3 },
		{ 0, 10 * DAY - 1, 0.5 },  { 0, 6 * DAY, 0.5 },       { 0, 3600, 0.5 },
		{ 0.25, 90 * DAY, 0.25 },  { 0.8, 90 * DAY, 0.8 },    { 0.25, 6 * DAY, 0.25 },
	};
	for (size_t i = 0; i < CE_COUNT(rows); i++) {
		double got = left("shop", rows[i].renew, rows[i].lifetime);
		CU_ASSERT(got >= rows[i].least - 0.001);
		CU_ASSERT(got <= rows[i].least + 0.051);
	}
}

static void
spreads_names_over_five_percent(void)
{
	double least = 1, most = 0;
	for (int i = 0; i < 500; i++) {
		char name[32];
		snprintf(name, sizeof(name), "host-%d", i);
		double got = left(name, 0, 90 * DAY) - 1.0 / 3;
		least = got < least ? got : least;
		most = got > most ? got : most;
		CU_ASSERT(got >= -0.0001 && got <= 0.05);
	}
	CU_ASSERT(least < 0.005);
	CU_ASSERT(most > 0.045);
}

static void
is_the_same_for_a_name_at_any_time(void)
{
	CU_ASSERT_EQUAL(renew_at("shop", 0, 90 * DAY), renew_at("shop", 0, 90 * DAY));
	CU_ASSERT_NOT_EQUAL(renew_at("shop", 0, 90 * DAY), renew_at("shoq", 0, 90 * DAY));
	/* Published once, it must not move with a new version: those who plan by it would be surprised. */
	CU_ASSERT_EQUAL(ce_spread("host", "shop", 0), 559287464u);
	CU_ASSERT_NOT_EQUAL(ce_spread("host", "shop", 0), ce_spread("tsoh", "shop", 0));
}

/* A certificate of 90 days for shop.example with an EC key, as if it were live. */
struct live {
	struct ce_engine engine;
	struct ce_certificate_config config;
	struct ce_certificate_run run;
};

static void
add(struct ce_strlist *list, const char *name)
{
	struct ce_error err = { 0 };
	if (ce_strlist_add(list, name, &err) < 0)
		CU_FAIL_FATAL("out of memory");
}

static void
live_make(struct live *live)
{
	memset(live, 0, sizeof(*live));
	live->config.name = "shop";
	live->config.key = "ec-p256";
	live->run.engine = &live->engine;
	live->run.config = &live->config;
	live->run.bundle.generation = 1;
	live->run.bundle.facts = (struct ce_facts){ .not_before = BEGIN, .not_after = BEGIN + 90 * DAY,
		.key_kind = "ec-p256" };
	add(&live->config.issuers, "house");
	add(&live->config.names, "shop.example");
	add(&live->config.names, "www.shop.example");
	add(&live->run.names, "shop.example");
	add(&live->run.names, "www.shop.example");
	add(&live->run.bundle.facts.names, "www.shop.example");
	add(&live->run.bundle.facts.names, "shop.example");
}

static void
live_release(struct live *live)
{
	ce_strlist_release(&live->config.issuers);
	ce_strlist_release(&live->config.names);
	ce_strlist_release(&live->run.names);
	ce_strlist_release(&live->run.bundle.facts.names);
}

static void
nothing_is_due_before_its_time(void)
{
	struct live live;
	live_make(&live);
	long long at = ce_renew_at(&live.config, &live.run.bundle.facts);
	CU_ASSERT_PTR_NULL(ce_due_reason(&live.run, NULL, BEGIN));
	CU_ASSERT_PTR_NULL(ce_due_reason(&live.run, NULL, at - 1));
	CU_ASSERT_STRING_EQUAL(ce_due_reason(&live.run, NULL, at), "the time of its renewal has come");
	CU_ASSERT_STRING_EQUAL(ce_due_reason(&live.run, NULL, BEGIN + 90 * DAY), "it has expired");
	live_release(&live);
}

static void
says_why_it_is_due(void)
{
	struct live live;
	live_make(&live);
	live.run.bundle.generation = 0;
	CU_ASSERT_STRING_EQUAL(ce_due_reason(&live.run, NULL, BEGIN), "there is no certificate yet");
	live.run.bundle.generation = 1;
	live.engine.options.force_renew = true;
	CU_ASSERT_STRING_EQUAL(ce_due_reason(&live.run, NULL, BEGIN), "renewal was asked for");
	live.engine.options.force_renew = false;
	CU_ASSERT_PTR_NULL(ce_due_reason(&live.run, "house", BEGIN));
	CU_ASSERT_STRING_EQUAL(ce_due_reason(&live.run, "other", BEGIN),
		"it was issued by another issuer than the configured one");
	live.config.key = "rsa-2048";
	CU_ASSERT_STRING_EQUAL(ce_due_reason(&live.run, NULL, BEGIN), "its key is not of the configured kind");
	live.config.key = "ec-p256";
	add(&live.run.names, "m.shop.example");
	CU_ASSERT_STRING_EQUAL(ce_due_reason(&live.run, NULL, BEGIN), "its names are not the configured ones");
	add(&live.run.bundle.facts.names, "n.shop.example");
	CU_ASSERT_STRING_EQUAL(ce_due_reason(&live.run, NULL, BEGIN), "its names are not the configured ones");
	live_release(&live);
}

/* A hint about the live certificate counts (I3), within limits (I9), and only if it is about that one. */
static void
hints_move_the_renewal_within_limits(void)
{
	static const struct {
		double renew;
		long long chosen, at; /* days from the beginning; 0: by the rule */
		bool hinted;
	} rows[] = {
		{ 0, 10, 10, true }, { 0, 80, 80, true }, { 0, 85, 85, true }, { 0, 86, 0, false }, { 0, 1000, 0, false },
		{ 0.5, 10, 10, true }, { 0.5, 80, 0, false }, { 0, 0, 0, false },
	};
	static char leaf[] = "ab", other[] = "cd";
	for (size_t i = 0; i < CE_COUNT(rows); i++) {
		struct live live;
		live_make(&live);
		live.config.renew = rows[i].renew;
		strcpy(live.run.bundle.facts.fingerprint, leaf);
		live.run.renewal = (struct ce_renewal_record){ .leaf = leaf, .start = BEGIN, .end = BEGIN + DAY,
			.chosen = rows[i].chosen ? BEGIN + rows[i].chosen * DAY : 0 };
		struct ce_renewal_moment moment;
		ce_renewal_moment(&live.run, &moment);
		CU_ASSERT_EQUAL(moment.hinted, rows[i].hinted);
		long long rule = ce_renew_at(&live.config, &live.run.bundle.facts), latest = BEGIN + 90 * DAY - 90 * DAY / 20;
		bool held = !rows[i].hinted && rows[i].renew == 0 && rows[i].chosen > 0;
		CU_ASSERT_EQUAL(moment.at, rows[i].at ? BEGIN + rows[i].at * DAY : held ? latest : rule);
		live.run.renewal.leaf = other;
		ce_renewal_moment(&live.run, &moment);
		CU_ASSERT_EQUAL(moment.at, rule);
		live_release(&live);
	}
}

/* A moment before the next run is now, once the window is open (I3). */
static void
a_moment_before_the_next_run_is_now(void)
{
	static char leaf[] = "ab";
	struct live live;
	live_make(&live);
	strcpy(live.run.bundle.facts.fingerprint, leaf);
	live.run.renewal = (struct ce_renewal_record){ .leaf = leaf, .start = BEGIN + 10 * DAY, .end = BEGIN + 12 * DAY,
		.chosen = BEGIN + 10 * DAY + 50000 };
	CU_ASSERT_PTR_NULL(ce_due_reason(&live.run, "house", BEGIN + 10 * DAY - 1));
	CU_ASSERT_PTR_NULL(ce_due_reason(&live.run, "house", BEGIN + 10 * DAY + 50000 - 43201));
	CU_ASSERT_STRING_EQUAL(ce_due_reason(&live.run, "house", BEGIN + 10 * DAY + 50000 - 43200),
		"the time that the CA hinted at has come");
	live_release(&live);
}

static struct ce_renewal_query
answer(int code, bool passing, long long retry_after)
{
	return (struct ce_renewal_query){ .code = code, .passing = passing, .retry_after = retry_after, .start = BEGIN,
		.end = BEGIN + 1000, .error = { .text = "no" } };
}

/* From a minute to a day, six hours by default (I5); failures that pass are polled sooner (I6). */
static void
polls_keep_their_distance(void)
{
	static const struct {
		int code;
		bool passing;
		long long retry_after;
		int failures;
		long long wait;
	} rows[] = {
		{ CE_OK, false, -1, 0, 21600 }, { CE_OK, false, 0, 0, 60 }, { CE_OK, false, 59, 0, 60 }, { CE_OK, false, 3600, 0, 3600 },
		{ CE_OK, false, 864000, 0, DAY }, { CE_ERR_NETWORK, true, -1, 1, 60 }, { CE_ERR_NETWORK, true, -1, 2, 240 },
		{ CE_ERR_NETWORK, true, -1, 5, 15360 }, { CE_ERR_NETWORK, true, -1, 6, 21600 }, { CE_ERR_NETWORK, true, -1, 2000000000, 21600 },
		{ CE_ERR_ISSUER, true, 3600, 1, 3600 }, { CE_ERR_ISSUER, false, -1, 3, 21600 }, { CE_ERR_NOT_FOUND, false, -1, 0, DAY },
	};
	for (size_t i = 0; i < CE_COUNT(rows); i++) {
		const struct ce_renewal_query query = answer(rows[i].code, rows[i].passing, rows[i].retry_after);
		CU_ASSERT_EQUAL(ce_renewal_next_poll(&query, rows[i].failures, BEGIN) - BEGIN, rows[i].wait);
	}
}

/* Any moment is as likely as another, and the one that was chosen stays until the window changes (I3). */
static void
a_moment_is_chosen_once(void)
{
	struct ce_error err = { 0 };
	size_t late = 0;
	for (int i = 0; i < 400; i++) {
		CE_CLEANUP(ce_renewal_record_release) struct ce_renewal_record record = { 0 };
		struct ce_renewal_query query = answer(CE_OK, false, -1);
		CU_ASSERT_EQUAL(ce_renewal_take(&record, "ab", &query, BEGIN, &err), CE_OK);
		long long chosen = record.chosen;
		CU_ASSERT(chosen >= BEGIN && chosen < BEGIN + 1000);
		late += chosen >= BEGIN + 500;
		CU_ASSERT_EQUAL(ce_renewal_take(&record, "ab", &query, BEGIN + 5, &err), CE_OK);
		CU_ASSERT_EQUAL(record.chosen, chosen);
		/* A failure that passes takes nothing away, one that does not does (I4). */
		struct ce_renewal_query failed = answer(CE_ERR_TIMEOUT, true, -1);
		CU_ASSERT_EQUAL(ce_renewal_take(&record, "ab", &failed, BEGIN + 6, &err), CE_OK);
		CU_ASSERT_EQUAL(record.chosen, chosen);
		CU_ASSERT_EQUAL(record.failures, 1);
		failed.passing = false;
		CU_ASSERT_EQUAL(ce_renewal_take(&record, "ab", &failed, BEGIN + 7, &err), CE_OK);
		CU_ASSERT_EQUAL(record.chosen, 0);
		CU_ASSERT_EQUAL(ce_renewal_take(&record, "cd", &query, BEGIN + 8, &err), CE_OK);
		CU_ASSERT_STRING_EQUAL(record.leaf, "cd");
		CU_ASSERT_EQUAL(record.failures, 0);
	}
	CU_ASSERT(late > 120 && late < 280);
}

const struct ce_test schedule_tests[] = {
	{ "takes the fraction of the lifetime", takes_the_fraction_of_the_lifetime },
	{ "spreads names over five percent", spreads_names_over_five_percent },
	{ "is the same for a name at any time", is_the_same_for_a_name_at_any_time },
	{ "nothing is due before its time", nothing_is_due_before_its_time },
	{ "says why it is due", says_why_it_is_due },
	{ "hints move the renewal within limits", hints_move_the_renewal_within_limits },
	{ "a moment before the next run is now", a_moment_before_the_next_run_is_now },
	{ "polls keep their distance", polls_keep_their_distance },
	{ "a moment is chosen once", a_moment_is_chosen_once },
	{ NULL, NULL },
};
