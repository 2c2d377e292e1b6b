#include <stdio.h>
#include <string.h>

#include "base/strlist.h"
#include "fixture.h"

static void
stays_ended_by_null(void)
{
	CE_CLEANUP(ce_strlist_release) struct ce_strlist list = CE_STRLIST_INIT;
	for (size_t i = 0; i < 1000; i++) {
		CU_ASSERT_EQUAL(ce_strlist_addf(&list, NULL, "%zu", i), CE_OK);
		CU_ASSERT_EQUAL(list.count, i + 1);
		CU_ASSERT_PTR_NULL(list.items[i + 1]);
	}
	CU_ASSERT_STRING_EQUAL(list.items[999], "999");
	CU_ASSERT_TRUE(ce_strlist_has(&list, "512"));
	CU_ASSERT_FALSE(ce_strlist_has(&list, "1000"));
}

static void
copies_and_sorts(void)
{
	const char *const items[] = { "b", "c", "a", NULL };
	CE_CLEANUP(ce_strlist_release) struct ce_strlist list = CE_STRLIST_INIT;
	ce_strlist_sort(&list);
	CU_ASSERT_EQUAL(ce_strlist_copy(&list, NULL, NULL), CE_OK);
	CU_ASSERT_EQUAL(ce_strlist_copy(&list, items, NULL), CE_OK);
	ce_strlist_sort(&list);
	CU_ASSERT_STRING_EQUAL(list.items[0], "a");
	CU_ASSERT_STRING_EQUAL(list.items[2], "c");
	CU_ASSERT_PTR_NULL(list.items[3]);
	ce_strlist_release(&list);
	CU_ASSERT_EQUAL(list.count, 0);
	CU_ASSERT_PTR_NULL(list.items);
}

const struct ce_test strlist_tests[] = {
	{ "stays ended by NULL", stays_ended_by_null },
	{ "copies and sorts", copies_and_sorts },
	{ NULL, NULL },
};
