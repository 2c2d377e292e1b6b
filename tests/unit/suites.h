/* Each unit program defines its suites in one table; main.c runs them. */
#ifndef CE_TESTS_SUITES_H
#define CE_TESTS_SUITES_H

#include <CUnit/CUnit.h>

struct ce_test {
	const char *name; /* the behaviour it judges */
	CU_TestFunc run;
};

struct ce_suite {
	const char *name;            /* the source file it belongs to */
	const struct ce_test *tests; /* ended by a NULL name */
};

/* Ended by a NULL name. */
extern const struct ce_suite ce_suites[];

/* A fresh private directory that is removed when the program ends. */
const char *ce_test_directory(void);

#endif
