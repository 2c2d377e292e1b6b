#include "driver.h"

#include <stdlib.h>

char *
driver_fixture(const char *name, const char *ending)
{
	const char *top = getenv("TOP_SRCDIR");
	char path[512];
	snprintf(path, sizeof(path), "%s/plugins/tomcat/fixtures/%s%s", top ? top : ".", name, ending);
	FILE *file = fopen(path, "rb");
	if (!file)
		return NULL;
	char *text = calloc(1, 1 << 16);
	if (!text || fread(text, 1, (1 << 16) - 1, file) == 0)
		abort();
	fclose(file);
	return text;
}

void
driver_begin(ce_call *call, const char *config, const char *version, const char *options)
{
	char properties[128];
	memset(call, 0, sizeof(*call));
	call->options = options;
	call->names = "shop.example.com,www.example.com,192.0.2.7";
	call->http_body = "";
	snprintf(properties, sizeof(properties), "server.info=Apache Tomcat/%s\nserver.number=%s.0\r\n", version, version);
	fake_put(call, CONFIG, config);
	fake_put(call, JAR, properties);
	fake_end(call);
}

void
driver_begin_fixture(ce_call *call, const char *fixture, const char *version, const char *options)
{
	CE_CLEANUP(ce_freep) char *config = driver_fixture(fixture, ".xml");
	if (!config)
		abort();
	driver_begin(call, config, version, options);
}

int
driver_create(ce_call *call)
{
	void *instance = call;
	int rc = certengine_plugin.create(&fake_services, call, &instance);
	CU_ASSERT((rc < 0) == (call->code != CE_OK));
	return rc;
}

int
driver_install(ce_call *call)
{
	int rc = driver_create(call);
	if (rc >= 0)
		rc = certengine_plugin.install(&fake_services, call, NULL);
	if (rc < 0)
		CU_ASSERT_EQUAL(rc, call->code);
	return rc;
}

int
driver_reload(ce_call *call)
{
	return certengine_plugin.reload(&fake_services, call, NULL);
}

int
driver_endpoints(ce_call *call)
{
	return certengine_plugin.endpoints(&fake_services, call, NULL);
}

void
driver_refused(ce_call *call, int result, int code, const char *words)
{
	CU_ASSERT_EQUAL(result, code);
	CU_ASSERT_EQUAL(call->code, code);
	if (!strstr(call->text, words))
		fprintf(stderr, "\n'%s' is not in: %s\n", words, call->text);
	CU_ASSERT_PTR_NOT_NULL(strstr(call->text, words));
}

void
driver_has(ce_call *call, const char *text)
{
	if (!strstr(fake_get(call, CONFIG), text))
		fprintf(stderr, "\n'%s' is not in:\n%s\n", text, fake_get(call, CONFIG));
	CU_ASSERT_PTR_NOT_NULL(strstr(fake_get(call, CONFIG), text));
}

void
driver_lacks(ce_call *call, const char *text)
{
	CU_ASSERT_PTR_NULL(strstr(fake_get(call, CONFIG), text));
}
