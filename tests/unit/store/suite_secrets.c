#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "fixture.h"
#include "suites.h"

extern const struct ce_test secrets_tests[];

static void
a_secret_is_made_once_and_kept(void)
{
	struct ce_error err = { 0 };
	const char *directory = fixture_directory();
	CE_CLEANUP(ce_storep) struct ce_store *store = NULL;
	CU_ASSERT_EQUAL_FATAL(ce_store_open(directory, &store, &err), CE_OK);
	CE_CLEANUP(ce_wipe_strp) char *first = NULL;
	CE_CLEANUP(ce_wipe_strp) char *second = NULL;
	CE_CLEANUP(ce_wipe_strp) char *other = NULL;
	CU_ASSERT_EQUAL(ce_store_secret(store, "shop", "web", "keystore", false, &first, &err), CE_ERR_NOT_FOUND);
	CU_ASSERT_EQUAL_FATAL(ce_store_secret(store, "shop", "web", "keystore", true, &first, &err), CE_OK);
	CU_ASSERT_EQUAL_FATAL(ce_store_secret(store, "shop", "web", "keystore", false, &second, &err), CE_OK);
	CU_ASSERT_EQUAL_FATAL(ce_store_secret(store, "shop", "intra", "keystore", true, &other, &err), CE_OK);
	CU_ASSERT_EQUAL(strlen(first), 24);
	CU_ASSERT_STRING_EQUAL(first, second);
	CU_ASSERT_STRING_NOT_EQUAL(first, other);

	char path[256];
	struct stat st;
	snprintf(path, sizeof(path), "%s/certificates/shop/targets/web/secret.keystore", directory);
	CU_ASSERT_EQUAL(stat(path, &st), 0);
	CU_ASSERT_EQUAL(st.st_mode & 07777, 0600);
}

/* The product was given the old password: a new one in its place would lock it out of its keystore. */
static void
a_damaged_secret_is_not_made_anew(void)
{
	struct ce_error err = { 0 };
	const char *directory = fixture_directory();
	CE_CLEANUP(ce_storep) struct ce_store *store = NULL;
	CU_ASSERT_EQUAL_FATAL(ce_store_open(directory, &store, &err), CE_OK);
	CE_CLEANUP(ce_wipe_strp) char *text = NULL;
	CU_ASSERT_EQUAL(ce_store_secret(store, "shop", "web", "keystore", true, &text, &err), CE_OK);
	fixture_damage(directory, "certificates/shop/targets/web/secret.keystore", "");
	CE_CLEANUP(ce_wipe_strp) char *again = NULL;
	CU_ASSERT_EQUAL(ce_store_secret(store, "shop", "web", "keystore", true, &again, &err), CE_ERR_INVALID);
	CU_ASSERT_PTR_NULL(again);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "'keystore' of target 'web'"));
}

const struct ce_test secrets_tests[] = {
	{ "a secret is made once and kept", a_secret_is_made_once_and_kept },
	{ "a damaged secret is not made anew", a_damaged_secret_is_not_made_anew },
	{ NULL, NULL },
};
