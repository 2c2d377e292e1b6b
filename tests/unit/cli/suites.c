#include "suites.h"

extern const struct ce_test issuers_tests[], json_tests[], options_tests[], page_tests[], program_tests[], progress_tests[], show_tests[];

const struct ce_suite ce_suites[] = {
	{ "issuers", issuers_tests },
	{ "json", json_tests },
	{ "options", options_tests },
	{ "page", page_tests },
	{ "program", program_tests },
	{ "progress", progress_tests },
	{ "show", show_tests },
	{ NULL, NULL },
};
