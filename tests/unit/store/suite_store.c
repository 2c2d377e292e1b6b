#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fixture.h"
#include "suites.h"

extern const struct ce_test store_tests[];

static void
open_creates_a_private_directory(void)
{
	struct ce_error err = { 0 };
	const char *directory = fixture_directory();
	CE_CLEANUP(ce_storep) struct ce_store *store = NULL;
	CU_ASSERT_EQUAL_FATAL(ce_store_open(directory, &store, &err), CE_OK);
	struct stat st;
	CU_ASSERT_EQUAL(stat(directory, &st), 0);
	CU_ASSERT_EQUAL(st.st_mode & 07777, 0700);
	CU_ASSERT_EQUAL(stat(ce_store_journal_directory(store), &st), 0);
	CU_ASSERT_EQUAL(st.st_mode & 07777, 0700);
}

static void
open_refuses_a_directory_that_others_can_read(void)
{
	struct ce_error err = { 0 };
	const char *directory = fixture_directory();
	CU_ASSERT_EQUAL(mkdir(directory, 0700), 0);
	CU_ASSERT_EQUAL(chmod(directory, 0750), 0);
	struct ce_store *store = NULL;
	CU_ASSERT_EQUAL(ce_store_open(directory, &store, &err), CE_ERR_REFUSED);
	CU_ASSERT_PTR_NULL(store);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, directory));
	CU_ASSERT_EQUAL(ce_store_open_readonly(directory, &store, &err), CE_ERR_REFUSED);
	CU_ASSERT_PTR_NULL(store);
}

static void
open_refuses_a_file_in_its_place(void)
{
	struct ce_error err = { 0 };
	const char *directory = fixture_directory();
	FILE *file = fopen(directory, "w");
	CU_ASSERT_PTR_NOT_NULL_FATAL(file);
	fclose(file);
	struct ce_store *store = NULL;
	CU_ASSERT_TRUE(ce_store_open(directory, &store, &err) < 0);
	CU_ASSERT_PTR_NULL(store);
}

static void
reading_a_missing_store_finds_nothing_and_creates_nothing(void)
{
	struct ce_error err = { 0 };
	const char *directory = fixture_directory();
	CE_CLEANUP(ce_storep) struct ce_store *store = NULL;
	CU_ASSERT_EQUAL_FATAL(ce_store_open_readonly(directory, &store, &err), CE_OK);
	long live = 7;
	CU_ASSERT_EQUAL(ce_store_live(store, "shop", &live, &err), CE_OK);
	CU_ASSERT_EQUAL(live, 0);
	CE_CLEANUP(ce_freep) long *generations = NULL;
	size_t count = 7;
	CU_ASSERT_EQUAL(ce_store_generations(store, "shop", &generations, &count, &err), CE_OK);
	CU_ASSERT_EQUAL(count, 0);
	struct ce_target_result result;
	CU_ASSERT_EQUAL(ce_store_target_result(store, "shop", "web", &result, &err), CE_OK);
	CU_ASSERT_EQUAL(result.generation, 0);
	CU_ASSERT_EQUAL(err.code, CE_OK);
	CU_ASSERT_NOT_EQUAL(access(directory, F_OK), 0);
}

static void
a_store_opened_for_reading_refuses_every_write(void)
{
	struct ce_error err = { 0 };
	const char *directory = fixture_directory();
	CE_CLEANUP(ce_storep) struct ce_store *first = NULL;
	CU_ASSERT_EQUAL_FATAL(ce_store_open(directory, &first, &err), CE_OK);
	CE_CLEANUP(ce_bundle_release) struct ce_bundle bundle;
	fixture_bundle("shop.example.com", &bundle);
	long generation = 0;
	CU_ASSERT_EQUAL(ce_store_generation_add(first, "shop", &bundle, &generation, &err), CE_OK);

	CE_CLEANUP(ce_storep) struct ce_store *store = NULL;
	CU_ASSERT_EQUAL_FATAL(ce_store_open_readonly(directory, &store, &err), CE_OK);
	CE_CLEANUP(ce_wipe_strp) char *secret = NULL;
	const struct ce_target_result target = { .generation = 1 };
	const struct ce_issue_result issue = { .alert_since = 1 };
	struct ce_bytes bytes = fixture_bytes("x");
	CU_ASSERT_EQUAL(ce_store_generation_add(store, "shop", &bundle, &generation, &err), CE_ERR_REFUSED);
	CU_ASSERT_EQUAL(ce_store_live_set(store, "shop", 1, &err), CE_ERR_REFUSED);
	CU_ASSERT_EQUAL(ce_store_pending_begin(store, "shop", bytes, bytes, &err), CE_ERR_REFUSED);
	CU_ASSERT_EQUAL(ce_store_pending_end(store, "shop", &err), CE_ERR_REFUSED);
	CU_ASSERT_EQUAL(ce_store_material_put(store, "shop", 1, "ab", bytes, &err), CE_ERR_REFUSED);
	CU_ASSERT_EQUAL(ce_store_secret(store, "shop", "web", "keystore", true, &secret, &err), CE_ERR_REFUSED);
	CU_ASSERT_EQUAL(ce_store_target_result_put(store, "shop", "web", &target, &err), CE_ERR_REFUSED);
	CU_ASSERT_EQUAL(ce_store_issue_result_put(store, "shop", &issue, &err), CE_ERR_REFUSED);
	CU_ASSERT_EQUAL(ce_store_issuer_put(store, "house", "ca.key", bytes, &err), CE_ERR_REFUSED);
	CU_ASSERT_PTR_NULL(secret);
}

/* Every name that reaches a path is checked: nothing leaves the directory. */
static void
names_that_are_no_labels_never_become_paths(void)
{
	static const char *const names[] = { "", ".", "..", "../x", "a/b", ".hidden", "a b", "a\nb", "caf\xc3\xa9", NULL };
	CE_CLEANUP(ce_storep) struct ce_store *store = fixture_store();
	CE_CLEANUP(ce_wipe_strp) char *secret = NULL;
	for (const char *const *name = names; *name; name++) {
		struct ce_error err = { 0 };
		CE_CLEANUP(ce_buf_release) struct ce_buf bytes = CE_BUF_INIT;
		struct ce_target_result result;
		long live;
		CU_ASSERT_EQUAL(ce_store_live(store, *name, &live, &err), CE_ERR_INVALID);
		CU_ASSERT_EQUAL(ce_store_issuer_get(store, *name, "ca.key", &bytes, &err), CE_ERR_INVALID);
		CU_ASSERT_EQUAL(ce_store_issuer_get(store, "house", *name, &bytes, &err), CE_ERR_INVALID);
		CU_ASSERT_EQUAL(ce_store_target_result(store, "shop", *name, &result, &err), CE_ERR_INVALID);
		CU_ASSERT_EQUAL(ce_store_secret(store, "shop", "web", *name, true, &secret, &err), CE_ERR_INVALID);
		CU_ASSERT_EQUAL(ce_store_secret(store, "shop", *name, "x", true, &secret, &err), CE_ERR_INVALID);
		CU_ASSERT_EQUAL(ce_store_material(store, "shop", 1, *name, &bytes, &err), CE_ERR_INVALID);
		CU_ASSERT_EQUAL(ce_store_pending_end(store, *name, &err), CE_ERR_INVALID);
	}
}

const struct ce_test store_tests[] = {
	{ "open creates a private directory", open_creates_a_private_directory },
	{ "open refuses a directory that others can read", open_refuses_a_directory_that_others_can_read },
	{ "open refuses a file in its place", open_refuses_a_file_in_its_place },
	{ "reading a missing store finds nothing and creates nothing", reading_a_missing_store_finds_nothing_and_creates_nothing },
	{ "a store opened for reading refuses every write", a_store_opened_for_reading_refuses_every_write },
	{ "names that are no labels never become paths", names_that_are_no_labels_never_become_paths },
	{ NULL, NULL },
};
