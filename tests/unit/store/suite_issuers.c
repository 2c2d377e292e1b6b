#include <stdio.h>
#include <sys/stat.h>

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

const struct ce_test issuers_tests[] = {
	{ "records are kept by issuer", records_are_kept_by_issuer },
	{ NULL, NULL },
};
