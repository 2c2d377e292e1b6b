/* Each operation is killed before each of its system calls; what is found afterwards is entirely old or
 * entirely new, and the operation can be done again (reliability.md P1, P3, P6). */
#include <unistd.h>

#include "fixture.h"
#include "suites.h"

extern const struct ce_test kill_tests[];

#define CALLS_MAX 1000

static struct ce_bundle bundle;
static struct ce_store *opened;

static struct ce_store *
reopen(const char *directory)
{
	struct ce_error err = { 0 };
	struct ce_store *store = NULL;
	CU_ASSERT_EQUAL_FATAL(ce_store_open(directory, &store, &err), CE_OK);
	return store;
}

/* In the child: what goes wrong there is seen by the parent, which finds things not done. */
static void
do_add(const char *directory)
{
	(void)directory;
	long generation = 0;
	if (ce_store_generation_add(opened, "shop", &bundle, &generation, NULL) < 0)
		_exit(2);
}

static void
do_live(const char *directory)
{
	(void)directory;
	if (ce_store_live_set(opened, "shop", 2, NULL) < 0)
		_exit(2);
}

static void
do_prune(const char *directory)
{
	(void)directory;
	if (ce_store_prune(opened, "shop", 1, NULL) < 0)
		_exit(2);
}

static void
do_begin(const char *directory)
{
	(void)directory;
	if (ce_store_pending_begin(opened, "shop", fixture_bytes("NEW"), fixture_bytes("NEW"), NULL) < 0)
		_exit(2);
}

static void
do_end(const char *directory)
{
	(void)directory;
	if (ce_store_pending_end(opened, "shop", NULL) < 0)
		_exit(2);
}

/* Every generation that is listed can be read with its key; how many there are. */
static size_t
judge_generations(struct ce_store *store)
{
	struct ce_error err = { 0 };
	CE_CLEANUP(ce_freep) long *generations = NULL;
	size_t count = 0;
	CU_ASSERT_EQUAL(ce_store_generations(store, "shop", &generations, &count, &err), CE_OK);
	for (size_t i = 0; i < count; i++) {
		CE_CLEANUP(ce_bundle_release) struct ce_bundle read;
		ce_bundle_init(&read);
		CU_ASSERT_EQUAL(ce_store_bundle(store, "shop", generations[i], true, &read, &err), CE_OK);
	}
	return count;
}

static void
add_one(struct ce_store *store)
{
	struct ce_error err = { 0 };
	long generation = 0;
	CU_ASSERT_EQUAL(ce_store_generation_add(store, "shop", &bundle, &generation, &err), CE_OK);
}

/* What a kill left is done by the next run. */
static void
prune(struct ce_store *store)
{
	struct ce_error err = { 0 };
	CU_ASSERT_TRUE(ce_store_prune(store, "shop", 1, &err) >= 0);
	CU_ASSERT_EQUAL(judge_generations(store), 1);
}

static void
an_addition_is_whole_or_not_there(void)
{
	fixture_bundle("shop.example.com", &bundle);
	CE_CLEANUP(ce_storep) struct ce_store *store = reopen(fixture_directory());
	opened = store;
	add_one(store);
	unsigned long number = 1;
	for (; number < CALLS_MAX && fixture_killed_at(number, do_add, NULL); number++) {
		size_t count = judge_generations(store);
		CU_ASSERT_TRUE(count == 1 || count == 2);
		prune(store);
	}
	CU_ASSERT_TRUE(number > 20 && number < CALLS_MAX);
	CU_ASSERT_EQUAL(judge_generations(store), 2);
	ce_bundle_release(&bundle);
}

static void
the_live_mark_is_old_or_new(void)
{
	struct ce_error err = { 0 };
	fixture_bundle("shop.example.com", &bundle);
	CE_CLEANUP(ce_storep) struct ce_store *store = reopen(fixture_directory());
	opened = store;
	add_one(store);
	add_one(store);
	unsigned long number = 1;
	bool killed = true;
	for (; killed && number < CALLS_MAX; number++) {
		CU_ASSERT_EQUAL(ce_store_live_set(store, "shop", 1, &err), CE_OK);
		killed = fixture_killed_at(number, do_live, NULL);
		long live = 0;
		CU_ASSERT_EQUAL(ce_store_live(store, "shop", &live, &err), CE_OK);
		CU_ASSERT_TRUE(live == 1 || live == 2);
	}
	CU_ASSERT_TRUE(number > 5 && number < CALLS_MAX);
	ce_bundle_release(&bundle);
}

static void
pruning_leaves_no_half_generation(void)
{
	fixture_bundle("shop.example.com", &bundle);
	CE_CLEANUP(ce_storep) struct ce_store *store = reopen(fixture_directory());
	opened = store;
	unsigned long number = 1;
	bool killed = true;
	add_one(store);
	for (; killed && number < CALLS_MAX; number++) {
		struct ce_error err = { 0 };
		CU_ASSERT_EQUAL(ce_store_material_put(store, "shop", (long)number, "ab", fixture_bytes("x"), &err), CE_OK);
		add_one(store);
		killed = fixture_killed_at(number, do_prune, NULL);
		size_t count = judge_generations(store);
		CU_ASSERT_TRUE(count == 1 || count == 2);
		if (killed)
			prune(store);
	}
	CU_ASSERT_TRUE(number > 5 && number < CALLS_MAX);
	CU_ASSERT_EQUAL(judge_generations(store), 1);
	ce_bundle_release(&bundle);
}

/* The pair of key and request is never mixed: a certificate for a key that is gone would be the end. */
static const char *
judge_pending(struct ce_store *store)
{
	struct ce_error err = { 0 };
	CE_CLEANUP(ce_buf_release) struct ce_buf key = CE_BUF_SECRET;
	CE_CLEANUP(ce_buf_release) struct ce_buf csr = CE_BUF_INIT;
	CE_CLEANUP(ce_buf_release) struct ce_buf state = CE_BUF_INIT;
	int code = ce_store_pending(store, "shop", &key, &csr, &state, &err);
	if (code == CE_ERR_NOT_FOUND)
		return "none";
	CU_ASSERT_EQUAL(code, CE_OK);
	if (fixture_equal(&key, "NEW")) {
		CU_ASSERT_TRUE(fixture_equal(&csr, "NEW"));
		CU_ASSERT_EQUAL(state.size, 0);
		return "new";
	}
	CU_ASSERT_TRUE(fixture_equal(&key, "OLD"));
	CU_ASSERT_TRUE(fixture_equal(&csr, "OLD"));
	CU_ASSERT_TRUE(fixture_equal(&state, "order"));
	return "old";
}

static void
begin_old(struct ce_store *store)
{
	struct ce_error err = { 0 };
	CU_ASSERT_EQUAL(ce_store_pending_begin(store, "shop", fixture_bytes("OLD"), fixture_bytes("OLD"), &err), CE_OK);
	CU_ASSERT_EQUAL(ce_store_pending_state(store, "shop", fixture_bytes("order"), &err), CE_OK);
}

static void
key_and_request_appear_together(void)
{
	CE_CLEANUP(ce_storep) struct ce_store *store = reopen(fixture_directory());
	opened = store;
	unsigned long number = 1;
	bool killed = true;
	for (; killed && number < CALLS_MAX; number++) {
		begin_old(store);
		killed = fixture_killed_at(number, do_begin, NULL);
		CU_ASSERT_STRING_NOT_EQUAL(judge_pending(store), "none");
	}
	CU_ASSERT_TRUE(number > 10 && number < CALLS_MAX);
	CU_ASSERT_STRING_EQUAL(judge_pending(store), "new");
}

static void
a_request_ends_at_once(void)
{
	CE_CLEANUP(ce_storep) struct ce_store *store = reopen(fixture_directory());
	opened = store;
	unsigned long number = 1;
	bool killed = true;
	for (; killed && number < CALLS_MAX; number++) {
		begin_old(store);
		killed = fixture_killed_at(number, do_end, NULL);
		CU_ASSERT_STRING_NOT_EQUAL(judge_pending(store), "new");
	}
	CU_ASSERT_TRUE(number > 5 && number < CALLS_MAX);
	CU_ASSERT_STRING_EQUAL(judge_pending(store), "none");
}

const struct ce_test kill_tests[] = {
	{ "an addition is whole or not there", an_addition_is_whole_or_not_there },
	{ "the live mark is old or new", the_live_mark_is_old_or_new },
	{ "pruning leaves no half generation", pruning_leaves_no_half_generation },
	{ "key and request appear together", key_and_request_appear_together },
	{ "a request ends at once", a_request_ends_at_once },
	{ NULL, NULL },
};
