#include <string.h>

#include "config/settings.h"
#include "suites.h"

static void
sorts_by_file_then_line(void)
{
	struct ce_problems problems = { NULL, 0 };
	struct ce_error err;
	CU_ASSERT_EQUAL(ce_problems_add(&problems, "/etc/c/conf.d/b.conf", 1, &err, "third"), CE_OK);
	CU_ASSERT_EQUAL(ce_problems_add(&problems, "/etc/c/certengine.conf", 20, &err, "second"), CE_OK);
	CU_ASSERT_EQUAL(ce_problems_add(&problems, "/etc/c/certengine.conf", 3, &err, "first %s", "one"), CE_OK);
	CU_ASSERT_EQUAL(ce_problems_add(&problems, NULL, 0, &err, "none"), CE_OK);
	ce_problems_sort(&problems);
	CU_ASSERT_EQUAL_FATAL(problems.count, 4);
	CU_ASSERT_STRING_EQUAL(problems.items[0].text, "none");
	CU_ASSERT_PTR_NULL(problems.items[0].file);
	CU_ASSERT_STRING_EQUAL(problems.items[1].text, "first one");
	CU_ASSERT_STRING_EQUAL(problems.items[2].text, "second");
	CU_ASSERT_STRING_EQUAL(problems.items[3].text, "third");
	ce_problems_release(&problems);
	CU_ASSERT_EQUAL(problems.count, 0);
	ce_problems_release(&problems);
}

static void
shows_control_bytes(void)
{
	struct ce_problems problems = { NULL, 0 };
	struct ce_error err;
	CU_ASSERT_EQUAL(ce_problems_add(&problems, "/a", 1, &err, "key '%s'", "a\033[2Jb\nc"), CE_OK);
	CU_ASSERT_PTR_NULL(strchr(problems.items[0].text, '\033'));
	CU_ASSERT_PTR_NULL(strchr(problems.items[0].text, '\n'));
	ce_problems_release(&problems);
}

const struct ce_test problems_tests[] = {
	{ "findings are sorted by file, then by line", sorts_by_file_then_line },
	{ "control bytes from a file do not reach the terminal", shows_control_bytes },
	{ NULL, NULL },
};
