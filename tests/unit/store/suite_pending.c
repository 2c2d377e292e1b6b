#include "fixture.h"
#include "suites.h"

extern const struct ce_test pending_tests[];

static int
read_pending(struct ce_store *store, const char *key, const char *csr, const char *state)
{
	struct ce_error err = { 0 };
	CE_CLEANUP(ce_buf_release) struct ce_buf got_key = CE_BUF_SECRET;
	CE_CLEANUP(ce_buf_release) struct ce_buf got_csr = CE_BUF_INIT;
	CE_CLEANUP(ce_buf_release) struct ce_buf got_state = CE_BUF_INIT;
	int code = ce_store_pending(store, "shop", &got_key, &got_csr, &got_state, &err);
	if (code < 0)
		return code;
	CU_ASSERT_TRUE(got_key.secret);
	CU_ASSERT_TRUE(fixture_equal(&got_key, key));
	CU_ASSERT_TRUE(fixture_equal(&got_csr, csr));
	CU_ASSERT_TRUE(fixture_equal(&got_state, state));
	return code;
}

static void
a_request_lives_from_begin_to_end(void)
{
	struct ce_error err = { 0 };
	CE_CLEANUP(ce_storep) struct ce_store *store = fixture_store();
	CU_ASSERT_EQUAL(read_pending(store, "", "", ""), CE_ERR_NOT_FOUND);
	CU_ASSERT_EQUAL(ce_store_pending_state(store, "shop", fixture_bytes("x"), &err), CE_ERR_NOT_FOUND);
	CU_ASSERT_EQUAL(ce_store_pending_begin(store, "shop", fixture_bytes("KEY"), fixture_bytes("CSR"), &err), CE_OK);
	CU_ASSERT_EQUAL(read_pending(store, "KEY", "CSR", ""), CE_OK);
	CU_ASSERT_EQUAL(ce_store_pending_state(store, "shop", fixture_bytes("order 1"), &err), CE_OK);
	CU_ASSERT_EQUAL(read_pending(store, "KEY", "CSR", "order 1"), CE_OK);
	CU_ASSERT_EQUAL(ce_store_pending_end(store, "shop", &err), CE_OK);
	CU_ASSERT_EQUAL(read_pending(store, "", "", ""), CE_ERR_NOT_FOUND);
	CU_ASSERT_EQUAL(ce_store_pending_end(store, "shop", &err), CE_UNCHANGED);
}

static void
a_new_request_takes_nothing_over(void)
{
	struct ce_error err = { 0 };
	CE_CLEANUP(ce_storep) struct ce_store *store = fixture_store();
	CU_ASSERT_EQUAL(ce_store_pending_begin(store, "shop", fixture_bytes("KEY"), fixture_bytes("CSR"), &err), CE_OK);
	CU_ASSERT_EQUAL(ce_store_pending_state(store, "shop", fixture_bytes("order 1"), &err), CE_OK);
	CU_ASSERT_EQUAL(ce_store_pending_begin(store, "shop", fixture_bytes("KEY2"), fixture_bytes("CSR2"), &err), CE_OK);
	CU_ASSERT_EQUAL(read_pending(store, "KEY2", "CSR2", ""), CE_OK);
}

static void
a_request_without_its_key_counts_as_none(void)
{
	struct ce_error err = { 0 };
	const char *directory = fixture_directory();
	CE_CLEANUP(ce_storep) struct ce_store *store = NULL;
	CU_ASSERT_EQUAL_FATAL(ce_store_open(directory, &store, &err), CE_OK);
	CU_ASSERT_EQUAL(ce_store_pending_begin(store, "shop", fixture_bytes("KEY"), fixture_bytes("CSR"), &err), CE_OK);
	fixture_damage(directory, "certificates/shop/pending/csr.der", "");
	CU_ASSERT_EQUAL(read_pending(store, "KEY", "", ""), CE_OK); /* the key is what must not be lost */
	CU_ASSERT_EQUAL(ce_store_pending_csr(store, "shop", fixture_bytes("CSR again"), &err), CE_OK);
	CU_ASSERT_EQUAL(read_pending(store, "KEY", "CSR again", ""), CE_OK);
	fixture_damage(directory, "certificates/shop/pending/key.pem", "");
	CU_ASSERT_EQUAL(read_pending(store, "", "", ""), CE_ERR_NOT_FOUND);
	CU_ASSERT_EQUAL(ce_store_pending_begin(store, "shop", fixture_bytes("KEY2"), fixture_bytes("CSR2"), &err), CE_OK);
	CU_ASSERT_EQUAL(read_pending(store, "KEY2", "CSR2", ""), CE_OK);
}

const struct ce_test pending_tests[] = {
	{ "a request lives from begin to end", a_request_lives_from_begin_to_end },
	{ "a new request takes nothing over", a_new_request_takes_nothing_over },
	{ "a request without its key counts as none", a_request_without_its_key_counts_as_none },
	{ NULL, NULL },
};
