#include "suites.h"

extern const struct ce_test suite_http[], suite_http_reply[], suite_link[], suite_net_agent[], suite_url[];

const struct ce_suite ce_suites[] = {
	{ "http", suite_http },
	{ "http_reply", suite_http_reply },
	{ "link", suite_link },
	{ "net_agent", suite_net_agent },
	{ "url", suite_url },
	{ NULL, NULL },
};
