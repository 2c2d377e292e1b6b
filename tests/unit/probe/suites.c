#include "suites.h"

extern const struct ce_test tls_probe_tests[], probe_agent_tests[], probe_keystore_tests[];

const struct ce_suite ce_suites[] = {
	{ "tls_probe", tls_probe_tests },
	{ "probe_agent", probe_agent_tests },
	{ "probe_agent: keystores", probe_keystore_tests },
	{ NULL, NULL },
};
