#include "suites.h"

extern const struct ce_test certificates_tests[], config_tests[], endpoint_tests[], hosts_tests[], options_tests[], problems_tests[],
	scan_tests[], settings_tests[], source_tests[], targets_tests[];

const struct ce_suite ce_suites[] = {
	{ "certificates", certificates_tests },
	{ "config", config_tests },
	{ "endpoint", endpoint_tests },
	{ "hosts", hosts_tests },
	{ "options", options_tests },
	{ "problems", problems_tests },
	{ "scan", scan_tests },
	{ "settings", settings_tests },
	{ "source", source_tests },
	{ "targets", targets_tests },
	{ NULL, NULL },
};
