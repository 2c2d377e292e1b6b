#include "suites.h"

extern const struct ce_test table_tests[], rules_tests[], services_tests[];

const struct ce_suite ce_suites[] = {
	{ "table.c", table_tests },
	{ "rules.c", rules_tests },
	{ "services.c", services_tests },
	{ NULL, NULL },
};
