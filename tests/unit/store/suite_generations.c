#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fixture.h"
#include "lib/sys_fault.h"
#include "suites.h"

extern const struct ce_test generations_tests[];

static void
add_times(struct ce_store *store, const char *certificate, int times)
{
	struct ce_error err = { 0 };
	CE_CLEANUP(ce_bundle_release) struct ce_bundle bundle;
	fixture_bundle("shop.example.com", &bundle);
	for (int i = 0; i < times; i++) {
		long generation = 0;
		CU_ASSERT_EQUAL(ce_store_generation_add(store, certificate, &bundle, &generation, &err), CE_OK);
	}
}

static void
what_is_added_comes_back(void)
{
	struct ce_error err = { 0 };
	CE_CLEANUP(ce_storep) struct ce_store *store = fixture_store();
	CE_CLEANUP(ce_bundle_release) struct ce_bundle bundle;
	fixture_bundle("shop.example.com", &bundle);
	CU_ASSERT_EQUAL(ce_buf_adds(&bundle.chain, "chain", &err), CE_OK);
	long generation = 0;
	CU_ASSERT_EQUAL(ce_store_generation_add(store, "shop", &bundle, &generation, &err), CE_OK);
	CU_ASSERT_EQUAL(generation, 1);

	CE_CLEANUP(ce_bundle_release) struct ce_bundle read;
	ce_bundle_init(&read);
	CU_ASSERT_EQUAL_FATAL(ce_store_bundle(store, "shop", 1, true, &read, &err), CE_OK);
	CU_ASSERT_TRUE(fixture_equal(&read.key, ce_buf_text(&bundle.key)));
	CU_ASSERT_TRUE(fixture_equal(&read.leaf, ce_buf_text(&bundle.leaf)));
	CU_ASSERT_TRUE(fixture_equal(&read.chain, "chain"));
	CU_ASSERT_TRUE(read.key.secret);
	CU_ASSERT_EQUAL(read.generation, 1);
	CU_ASSERT_STRING_EQUAL(read.facts.fingerprint, bundle.facts.fingerprint);
}

static void
without_the_key_no_key_is_read(void)
{
	struct ce_error err = { 0 };
	CE_CLEANUP(ce_storep) struct ce_store *store = fixture_store();
	add_times(store, "shop", 1);
	CE_CLEANUP(ce_bundle_release) struct ce_bundle read;
	ce_bundle_init(&read);
	CU_ASSERT_EQUAL_FATAL(ce_store_bundle(store, "shop", 1, false, &read, &err), CE_OK);
	CU_ASSERT_EQUAL(read.key.size, 0);
	CU_ASSERT_TRUE(read.leaf.size > 0);
}

static void
files_are_for_the_owner_only(void)
{
	static const char *const files[] = { "key.pem", "leaf.pem", "chain.pem" };
	struct ce_error err = { 0 };
	const char *directory = fixture_directory();
	CE_CLEANUP(ce_storep) struct ce_store *store = NULL;
	CU_ASSERT_EQUAL_FATAL(ce_store_open(directory, &store, &err), CE_OK);
	add_times(store, "shop", 1);
	for (size_t i = 0; i < CE_COUNT(files); i++) {
		char path[256];
		struct stat st;
		snprintf(path, sizeof(path), "%s/certificates/shop/generations/1/%s", directory, files[i]);
		CU_ASSERT_EQUAL(stat(path, &st), 0);
		CU_ASSERT_EQUAL(st.st_mode & 07777, 0600);
	}
}

static void
generations_are_listed_by_number(void)
{
	struct ce_error err = { 0 };
	const char *directory = fixture_directory();
	CE_CLEANUP(ce_storep) struct ce_store *store = NULL;
	CU_ASSERT_EQUAL_FATAL(ce_store_open(directory, &store, &err), CE_OK);
	add_times(store, "shop", 11);
	fixture_damage(directory, "certificates/shop/generations/notes.txt", "not ours\n");
	CE_CLEANUP(ce_freep) long *generations = NULL;
	size_t count = 0;
	CU_ASSERT_EQUAL(ce_store_generations(store, "shop", &generations, &count, &err), CE_OK);
	CU_ASSERT_EQUAL_FATAL(count, 11);
	for (size_t i = 0; i < count; i++)
		CU_ASSERT_EQUAL(generations[i], (long)i + 1);
}

static void
live_is_what_was_set(void)
{
	struct ce_error err = { 0 };
	CE_CLEANUP(ce_storep) struct ce_store *store = fixture_store();
	add_times(store, "shop", 2);
	long live = 7;
	CU_ASSERT_EQUAL(ce_store_live(store, "shop", &live, &err), CE_OK);
	CU_ASSERT_EQUAL(live, 0);
	CU_ASSERT_EQUAL(ce_store_live_set(store, "shop", 2, &err), CE_OK);
	CU_ASSERT_EQUAL(ce_store_live(store, "shop", &live, &err), CE_OK);
	CU_ASSERT_EQUAL(live, 2);
	CU_ASSERT_EQUAL(ce_store_live_set(store, "shop", 1, &err), CE_OK);
	CU_ASSERT_EQUAL(ce_store_live(store, "shop", &live, &err), CE_OK);
	CU_ASSERT_EQUAL(live, 1);
}

static void
live_cannot_be_a_generation_that_is_not_there(void)
{
	struct ce_error err = { 0 };
	CE_CLEANUP(ce_storep) struct ce_store *store = fixture_store();
	add_times(store, "shop", 1);
	CU_ASSERT_EQUAL(ce_store_live_set(store, "shop", 2, &err), CE_ERR_NOT_FOUND);
	CU_ASSERT_EQUAL(ce_store_live_set(store, "shop", 0, &err), CE_ERR_NOT_FOUND);
	CU_ASSERT_EQUAL(ce_store_live_set(store, "shop", -1, &err), CE_ERR_NOT_FOUND);
	CU_ASSERT_EQUAL(ce_store_live_set(store, "blog", 1, &err), CE_ERR_NOT_FOUND);
}

static void
a_damaged_live_mark_gives_way_to_the_newest(void)
{
	static const char *const damage[] = { "", "two\n", "-1\n", "0\n", "1 2\n", "99999999999999999999999\n" };
	struct ce_error err = { 0 };
	const char *directory = fixture_directory();
	CE_CLEANUP(ce_storep) struct ce_store *store = NULL;
	CU_ASSERT_EQUAL_FATAL(ce_store_open(directory, &store, &err), CE_OK);
	add_times(store, "shop", 3);
	for (size_t i = 0; i < CE_COUNT(damage); i++) {
		fixture_damage(directory, "certificates/shop/live", damage[i]);
		long live = 0;
		CU_ASSERT_EQUAL(ce_store_live(store, "shop", &live, &err), CE_OK);
		CU_ASSERT_EQUAL(live, 3);
	}
}

static void
a_damaged_generation_is_named_and_spoils_no_other(void)
{
	static const char *const files[] = { "key.pem", "leaf.pem" };
	struct ce_error err = { 0 };
	const char *directory = fixture_directory();
	CE_CLEANUP(ce_storep) struct ce_store *store = NULL;
	CU_ASSERT_EQUAL_FATAL(ce_store_open(directory, &store, &err), CE_OK);
	add_times(store, "shop", 3);
	for (size_t i = 0; i < CE_COUNT(files); i++) {
		char path[128];
		snprintf(path, sizeof(path), "certificates/shop/generations/%zu/%s", i + 1, files[i]);
		fixture_damage(directory, path, "");
		CE_CLEANUP(ce_bundle_release) struct ce_bundle bundle;
		ce_bundle_init(&bundle);
		CU_ASSERT_EQUAL(ce_store_bundle(store, "shop", (long)i + 1, true, &bundle, &err), CE_ERR_INVALID);
		CU_ASSERT_PTR_NOT_NULL(strstr(err.text, i == 0 ? "generation 1" : "generation 2"));
		CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "shop"));
	}
	CE_CLEANUP(ce_bundle_release) struct ce_bundle good;
	ce_bundle_init(&good);
	CU_ASSERT_EQUAL(ce_store_bundle(store, "shop", 3, true, &good, &err), CE_OK);
}

static void
a_file_missing_from_a_generation_is_damage(void)
{
	struct ce_error err = { 0 };
	const char *directory = fixture_directory();
	CE_CLEANUP(ce_storep) struct ce_store *store = NULL;
	CU_ASSERT_EQUAL_FATAL(ce_store_open(directory, &store, &err), CE_OK);
	add_times(store, "shop", 1);
	char path[256];
	snprintf(path, sizeof(path), "%s/certificates/shop/generations/1/chain.pem", directory);
	CU_ASSERT_EQUAL(unlink(path), 0);
	CE_CLEANUP(ce_bundle_release) struct ce_bundle bundle;
	ce_bundle_init(&bundle);
	CU_ASSERT_EQUAL(ce_store_bundle(store, "shop", 1, false, &bundle, &err), CE_ERR_INVALID);
	CU_ASSERT_EQUAL(ce_store_bundle(store, "shop", 2, false, &bundle, &err), CE_ERR_NOT_FOUND);
}

static void
prune_keeps_the_newest_the_live_one_and_its_predecessor(void)
{
	struct ce_error err = { 0 };
	CE_CLEANUP(ce_storep) struct ce_store *store = fixture_store();
	add_times(store, "shop", 8);
	CU_ASSERT_EQUAL(ce_store_live_set(store, "shop", 4, &err), CE_OK);
	CU_ASSERT_EQUAL(ce_store_material_put(store, "shop", 1, "ab12", fixture_bytes("x"), &err), CE_OK);
	CU_ASSERT_EQUAL(ce_store_prune(store, "shop", 2, &err), CE_OK);
	CE_CLEANUP(ce_freep) long *generations = NULL;
	size_t count = 0;
	CU_ASSERT_EQUAL(ce_store_generations(store, "shop", &generations, &count, &err), CE_OK);
	static const long left[] = { 3, 4, 7, 8 };
	CU_ASSERT_EQUAL_FATAL(count, CE_COUNT(left));
	for (size_t i = 0; i < count; i++)
		CU_ASSERT_EQUAL(generations[i], left[i]);
	CU_ASSERT_EQUAL(ce_store_prune(store, "shop", 2, &err), CE_UNCHANGED);
}

static void
numbers_are_never_given_twice(void)
{
	struct ce_error err = { 0 };
	CE_CLEANUP(ce_storep) struct ce_store *store = fixture_store();
	add_times(store, "shop", 3);
	CU_ASSERT_TRUE(ce_store_prune(store, "shop", 0, &err) >= 0);
	CE_CLEANUP(ce_bundle_release) struct ce_bundle bundle;
	fixture_bundle("shop.example.com", &bundle);
	long generation = 0;
	CU_ASSERT_EQUAL(ce_store_generation_add(store, "shop", &bundle, &generation, &err), CE_OK);
	CU_ASSERT_EQUAL(generation, 4);
}

static void
material_belongs_to_a_generation(void)
{
	struct ce_error err = { 0 };
	CE_CLEANUP(ce_storep) struct ce_store *store = fixture_store();
	add_times(store, "shop", 2);
	CE_CLEANUP(ce_buf_release) struct ce_buf bytes = CE_BUF_INIT;
	CU_ASSERT_EQUAL(ce_store_material(store, "shop", 1, "ab12", &bytes, &err), CE_ERR_NOT_FOUND);
	CU_ASSERT_EQUAL(ce_store_material_put(store, "shop", 1, "ab12", fixture_bytes("keystore"), &err), CE_OK);
	CU_ASSERT_EQUAL(ce_store_material(store, "shop", 1, "ab12", &bytes, &err), CE_OK);
	CU_ASSERT_TRUE(fixture_equal(&bytes, "keystore"));
	CU_ASSERT_EQUAL(ce_store_material(store, "shop", 2, "ab12", &bytes, &err), CE_ERR_NOT_FOUND);
	CU_ASSERT_EQUAL(ce_store_material_put(store, "shop", 3, "ab12", fixture_bytes("x"), &err), CE_ERR_NOT_FOUND);
	CE_CLEANUP(ce_freep) long *generations = NULL;
	size_t count = 0;
	CU_ASSERT_EQUAL(ce_store_generations(store, "shop", &generations, &count, &err), CE_OK);
	CU_ASSERT_EQUAL(count, 2);
}

/* A run over 10,000 certificates reads this much of each. */
static void
reading_live_and_leaf_takes_few_system_calls(void)
{
	struct ce_error err = { 0 };
	CE_CLEANUP(ce_storep) struct ce_store *store = fixture_store();
	add_times(store, "shop", 1);
	CU_ASSERT_EQUAL(ce_store_live_set(store, "shop", 1, &err), CE_OK);

	ce_fault_begin("only:openat+openat2+close+read+fstat+fstatat");
	long live = 0;
	CE_CLEANUP(ce_bundle_release) struct ce_bundle bundle;
	ce_bundle_init(&bundle);
	int got_live = ce_store_live(store, "shop", &live, &err);
	int got_bundle = ce_store_bundle(store, "shop", live, false, &bundle, &err);
	unsigned long calls = ce_fault_count();
	ce_fault_end();
	CU_ASSERT_EQUAL(got_live, CE_OK);
	CU_ASSERT_EQUAL(got_bundle, CE_OK);
	CU_ASSERT_TRUE(calls > 0);
	CU_ASSERT_TRUE(calls <= 15);
}

static void
a_full_disk_fails_the_addition_and_leaves_nothing(void)
{
	struct ce_error err = { 0 };
	CE_CLEANUP(ce_storep) struct ce_store *store = fixture_store();
	add_times(store, "shop", 1);
	CE_CLEANUP(ce_bundle_release) struct ce_bundle bundle;
	fixture_bundle("shop.example.com", &bundle);
	for (int call = 1; call <= 3; call++) {
		char rule[64];
		snprintf(rule, sizeof(rule), "only:write,failall:%d:ENOSPC", call);
		ce_fault_begin(rule);
		long generation = 0;
		int code = ce_store_generation_add(store, "shop", &bundle, &generation, &err);
		ce_fault_end();
		/* The chain is empty and may take no write. */
		CU_ASSERT_TRUE(code == CE_ERR_SYSTEM || call == 3);
		CU_ASSERT_EQUAL(generation, code < 0 ? 0 : 2);
	}
}

const struct ce_test generations_tests[] = {
	{ "what is added comes back", what_is_added_comes_back },
	{ "without the key no key is read", without_the_key_no_key_is_read },
	{ "files are for the owner only", files_are_for_the_owner_only },
	{ "generations are listed by number", generations_are_listed_by_number },
	{ "live is what was set", live_is_what_was_set },
	{ "live cannot be a generation that is not there", live_cannot_be_a_generation_that_is_not_there },
	{ "a damaged live mark gives way to the newest", a_damaged_live_mark_gives_way_to_the_newest },
	{ "a damaged generation is named and spoils no other", a_damaged_generation_is_named_and_spoils_no_other },
	{ "a file missing from a generation is damage", a_file_missing_from_a_generation_is_damage },
	{ "prune keeps the newest, the live one and its predecessor", prune_keeps_the_newest_the_live_one_and_its_predecessor },
	{ "numbers are never given twice", numbers_are_never_given_twice },
	{ "material belongs to a generation", material_belongs_to_a_generation },
	{ "reading live and leaf takes few system calls", reading_live_and_leaf_takes_few_system_calls },
	{ "a full disk fails the addition and leaves nothing", a_full_disk_fails_the_addition_and_leaves_nothing },
	{ NULL, NULL },
};
