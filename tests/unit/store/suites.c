#include "suites.h"

extern const struct ce_test store_tests[], generations_tests[], pending_tests[], results_tests[], secrets_tests[],
	issuers_tests[], kill_tests[], host_tests[];

const struct ce_suite ce_suites[] = {
	{ "store", store_tests },
	{ "generations", generations_tests },
	{ "pending", pending_tests },
	{ "results", results_tests },
	{ "secrets", secrets_tests },
	{ "issuers", issuers_tests },
	{ "kill", kill_tests },
	{ "host/local", host_tests },
	{ NULL, NULL },
};
