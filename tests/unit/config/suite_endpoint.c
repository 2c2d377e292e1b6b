#include <stdio.h>
#include <string.h>

#include "config/config.h"
#include "suites.h"

static void
takes_apart(void)
{
	static const struct {
		const char *text, *host;
		int port;
		const char *sni;
	} rows[] = {
		{ "shop.example.com:8443", "shop.example.com", 8443, NULL },
		{ "127.0.0.1:1", "127.0.0.1", 1, NULL },
		{ "localhost:443 WWW.example.com", "localhost", 443, "www.example.com" },
		{ "[2001:DB8:0::1]:65535", "2001:db8::1", 65535, NULL },
		{ "[::1]:443 a.example", "::1", 443, "a.example" },
	};
	for (size_t i = 0; i < CE_COUNT(rows); i++) {
		struct ce_endpoint_config endpoint = { NULL, 0, NULL };
		struct ce_error err = { .code = CE_OK };
		CU_ASSERT_EQUAL_FATAL(ce_endpoint_config_parse(rows[i].text, &endpoint, &err), CE_OK);
		CU_ASSERT_STRING_EQUAL(endpoint.host, rows[i].host);
		CU_ASSERT_EQUAL(endpoint.port, rows[i].port);
		CU_ASSERT(rows[i].sni ? endpoint.sni && strcmp(endpoint.sni, rows[i].sni) == 0 : !endpoint.sni);
		ce_endpoint_config_release(&endpoint);
	}
}

static void
refuses(void)
{
	static const char *const rows[] = {
		"", ":", "shop", "shop:", ":443", "shop:0", "shop:65536", "shop:100000", "shop:44a", "shop:-1", "shop: 443",
		"shop:443 ", "shop:443 10.0.0.1", "shop:443 a b", "::1:443", "[::1]", "[]:443", "[shop]:443",
		"*.example.com:443", "shop:443 *.example.com", "a..b:443",
	};
	for (size_t i = 0; i < CE_COUNT(rows); i++) {
		struct ce_endpoint_config endpoint = { NULL, 0, NULL };
		struct ce_error err = { .code = CE_OK };
		int code = ce_endpoint_config_parse(rows[i], &endpoint, &err);
		if (code != CE_ERR_INVALID)
			fprintf(stderr, "\n  '%s' passed\n", rows[i]);
		CU_ASSERT_EQUAL(code, CE_ERR_INVALID);
		CU_ASSERT_PTR_NULL(endpoint.host);
		ce_endpoint_config_release(&endpoint);
	}
}

const struct ce_test endpoint_tests[] = {
	{ "host, port and server name are taken apart", takes_apart },
	{ "anything else is refused", refuses },
	{ NULL, NULL },
};
