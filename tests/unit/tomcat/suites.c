#include "driver.h"

const struct ce_suite ce_suites[] = {
	{ "fixtures", fixtures_tests },
	{ "install", install_tests },
	{ "settings", settings_tests },
	{ "reload and endpoints", reload_tests },
	{ NULL, NULL },
};
