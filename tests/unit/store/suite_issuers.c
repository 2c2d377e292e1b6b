#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fixture.h"
#include "suites.h"

extern const struct ce_test issuers_tests[];

static void
records_are_kept_by_issuer(void)
{
	struct ce_error err = { 0 };
	const char *directory = fixture_directory();
	CE_CLEANUP(ce_storep) struct ce_store *store = NULL;
	CU_ASSERT_EQUAL_FATAL(ce_store_open(directory, &store, &err), CE_OK);
	CE_CLEANUP(ce_buf_release) struct ce_buf bytes = CE_BUF_INIT;
	CU_ASSERT_EQUAL(ce_store_issuer_get(store, "house", "ca.key", &bytes, &err), CE_ERR_NOT_FOUND);
	CU_ASSERT_EQUAL(ce_store_issuer_put(store, "house", "ca.key", fixture_bytes("KEY"), &err), CE_OK);
	CU_ASSERT_EQUAL(ce_store_issuer_put(store, "house", "ca.key", fixture_bytes("KEY2"), &err), CE_OK);
	CU_ASSERT_EQUAL(ce_store_issuer_get(store, "house", "ca.key", &bytes, &err), CE_OK);
	CU_ASSERT_TRUE(fixture_equal(&bytes, "KEY2"));
	CU_ASSERT_TRUE(bytes.secret);
	CU_ASSERT_EQUAL(ce_store_issuer_get(store, "other", "ca.key", &bytes, &err), CE_ERR_NOT_FOUND);

	char path[256];
	struct stat st;
	snprintf(path, sizeof(path), "%s/issuers/house/ca.key", directory);
	CU_ASSERT_EQUAL(stat(path, &st), 0);
	CU_ASSERT_EQUAL(st.st_mode & 07777, 0600);
}

static void
a_record_can_take_another_s_place(void)
{
	struct ce_error err = { 0 };
	CE_CLEANUP(ce_storep) struct ce_store *store = NULL;
	CE_CLEANUP(ce_buf_release) struct ce_buf bytes = CE_BUF_INIT;
	CU_ASSERT_EQUAL_FATAL(ce_store_open(fixture_directory(), &store, &err), CE_OK);
	CU_ASSERT_EQUAL(ce_store_issuer_rename(store, "house", "next", "key", &err), CE_UNCHANGED);
	CU_ASSERT_EQUAL(ce_store_issuer_put(store, "house", "key", fixture_bytes("OLD"), &err), CE_OK);
	CU_ASSERT_EQUAL(ce_store_issuer_put(store, "house", "next", fixture_bytes("NEW"), &err), CE_OK);
	CU_ASSERT_EQUAL(ce_store_issuer_rename(store, "house", "next", "key", &err), CE_OK);
	CU_ASSERT_EQUAL(ce_store_issuer_get(store, "house", "key", &bytes, &err), CE_OK);
	CU_ASSERT_TRUE(fixture_equal(&bytes, "NEW"));
	CU_ASSERT_EQUAL(ce_store_issuer_get(store, "house", "next", &bytes, &err), CE_ERR_NOT_FOUND);
	CU_ASSERT_EQUAL(ce_store_issuer_rename(store, "house", "key", "../key", &err), CE_ERR_INVALID);
}

/* A link leads out of the store: neither is anything written where it leads, nor read, nor removed there. */
static void
a_link_in_a_record_s_place_is_refused(void)
{
	struct ce_error err = { 0 };
	const char *directory = fixture_directory();
	CE_CLEANUP(ce_storep) struct ce_store *store = NULL;
	CE_CLEANUP(ce_buf_release) struct ce_buf bytes = CE_BUF_INIT;
	CU_ASSERT_EQUAL_FATAL(ce_store_open(directory, &store, &err), CE_OK);
	CU_ASSERT_EQUAL(ce_store_issuer_put(store, "house", "precious", fixture_bytes("PRECIOUS"), &err), CE_OK);
	char path[256];
	snprintf(path, sizeof(path), "%s/issuers/house/wait.json", directory);
	CU_ASSERT_EQUAL_FATAL(symlink("precious", path), 0);
	CU_ASSERT_EQUAL(ce_store_issuer_put(store, "house", "wait.json", fixture_bytes("NEW"), &err), CE_ERR_REFUSED);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "is a symbolic link"));
	CU_ASSERT_EQUAL(ce_store_issuer_get(store, "house", "wait.json", &bytes, &err), CE_ERR_REFUSED);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "is a symbolic link"));
	CU_ASSERT_EQUAL(ce_store_issuer_remove(store, "house", "wait.json", &err), CE_ERR_REFUSED);
	CU_ASSERT_EQUAL(ce_store_issuer_get(store, "house", "precious", &bytes, &err), CE_OK);
	CU_ASSERT_TRUE(fixture_equal(&bytes, "PRECIOUS"));
	CU_ASSERT_EQUAL(unlink(path), 0);
	CU_ASSERT_EQUAL(symlink("missing", path), 0);
	CU_ASSERT_EQUAL(ce_store_issuer_put(store, "house", "wait.json", fixture_bytes("NEW"), &err), CE_ERR_REFUSED);
	CU_ASSERT_EQUAL(ce_store_issuer_get(store, "house", "missing", &bytes, &err), CE_ERR_NOT_FOUND);
}

static void
marks_are_kept(void)
{
	static const char hex[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
	struct ce_error err = { 0 };
	bool marked = true;
	CE_CLEANUP(ce_storep) struct ce_store *store = NULL;
	CU_ASSERT_EQUAL_FATAL(ce_store_open(fixture_directory(), &store, &err), CE_OK);
	CU_ASSERT_EQUAL(ce_store_marked(store, CE_MARK_FORBIDDEN, hex, &marked, &err), CE_OK);
	CU_ASSERT_FALSE(marked);
	CU_ASSERT_EQUAL(ce_store_mark(store, CE_MARK_FORBIDDEN, hex, &err), CE_OK);
	CU_ASSERT_EQUAL(ce_store_mark(store, CE_MARK_FORBIDDEN, hex, &err), CE_OK);
	CU_ASSERT_EQUAL(ce_store_marked(store, CE_MARK_FORBIDDEN, hex, &marked, &err), CE_OK);
	CU_ASSERT_TRUE(marked);
	CU_ASSERT_EQUAL(ce_store_marked(store, CE_MARK_REVOKED, hex, &marked, &err), CE_OK);
	CU_ASSERT_FALSE(marked);
	CU_ASSERT_EQUAL(ce_store_mark(store, CE_MARK_REVOKED, "../x", &err), CE_ERR_INVALID);
}

const struct ce_test issuers_tests[] = {
	{ "records are kept by issuer", records_are_kept_by_issuer },
	{ "a record can take another's place (A11)", a_record_can_take_another_s_place },
	{ "a link in a record's place is refused", a_link_in_a_record_s_place_is_refused },
	{ "marks are kept (R4)", marks_are_kept },
	{ NULL, NULL },
};
