/* Runs the suites of one unit program. CU_basic_run_tests() answers 0 with failed
 * assertions, so the verdict is taken from the counts. */
#include <CUnit/Basic.h>
#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "suites.h"

static char directory[64];

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

static void
remove_directory(void)
{
	(void)nftw(directory, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

const char *
ce_test_directory(void)
{
	if (directory[0] != '\0')
		return directory;
	snprintf(directory, sizeof(directory), "/var/tmp/certengine-unit.XXXXXX");
	if (!mkdtemp(directory))
		abort();
	atexit(remove_directory);
	return directory;
}

static void
add_suite(const struct ce_suite *suite)
{
	CU_pSuite added = CU_add_suite(suite->name, NULL, NULL);
	if (!added)
		abort();
	for (const struct ce_test *test = suite->tests; test->name; test++)
		if (!CU_add_test(added, test->name, test->run))
			abort();
}

int
main(void)
{
	if (CU_initialize_registry() != CUE_SUCCESS)
		return EXIT_FAILURE;
	for (const struct ce_suite *suite = ce_suites; suite->name; suite++)
		add_suite(suite);
	CU_basic_set_mode(CU_BRM_VERBOSE);
	CU_ErrorCode code = CU_basic_run_tests();
	bool bad = code != CUE_SUCCESS || CU_get_number_of_tests_run() == 0 || CU_get_number_of_failures() > 0
	        || CU_get_number_of_suites_failed() > 0;
	CU_cleanup_registry();
	return bad ? EXIT_FAILURE : EXIT_SUCCESS;
}
