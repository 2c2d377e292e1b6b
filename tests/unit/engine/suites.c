#include "suites.h"

extern const struct ce_test observe_tests[];
extern const struct ce_test recipe_tests[];
extern const struct ce_test report_tests[];
extern const struct ce_test schedule_tests[], retry_tests[];

const struct ce_suite ce_suites[] = {
	{ "schedule.c", schedule_tests },
	{ "retry.c", retry_tests },
	{ "report.c", report_tests },
	{ "recipe.c", recipe_tests },
	{ "observe.c", observe_tests },
	{ NULL, NULL },
};
