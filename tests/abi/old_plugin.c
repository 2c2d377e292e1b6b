/* A plugin built against the header as it was when ABI 1 was published; it must load and work for ever. */
#include "plugin-abi1.h"

static const struct ce_option options[] = {
	{ "file", CE_OPTION_PATH, 1, NULL, 0, 0, NULL, "a file to write" },
	{ "port", CE_OPTION_INT, 0, "8443", 1, 65535, NULL, "where it is served" },
	{ NULL, 0, 0, NULL, 0, 0, NULL, NULL },
};

static int
old_create(const struct ce_services *s, ce_call *call, void **ret_instance)
{
	*ret_instance = NULL;
	return s->option(call, "file") ? CE_OK : s->fail(call, CE_ERR_CONFIG, "no file");
}

static int
old_install(const struct ce_services *s, ce_call *call, void *instance)
{
	const struct ce_certificate_facts *facts = NULL;
	struct ce_material material = { sizeof(material), CE_MATERIAL_PEM_KEY, CE_PROFILE_MODERN, NULL, NULL };
	(void)instance;
	int code = s->certificate(call, &facts);
	if (code != CE_OK || facts->size < sizeof(*facts))
		return s->fail(call, CE_ERR_PLUGIN, "the facts are shorter than ABI 1");
	if (!CE_HAS_SERVICE(s, xml) || s->xml->size < sizeof(*s->xml))
		return s->fail(call, CE_ERR_PLUGIN, "the services are fewer than ABI 1");
	code = s->write_material(call, s->option(call, "file"), &material, NULL);
	return code < CE_OK ? code : s->reload_by(call, "old", "the old plugin's product");
}

static int
old_reload(const struct ce_services *s, ce_call *call, void *instance)
{
	(void)instance;
	return s->committed(call, s->option(call, "file")) ? CE_OK : s->fail(call, CE_ERR_PRODUCT, "nothing was committed");
}

static int
old_endpoints(const struct ce_services *s, ce_call *call, void *instance)
{
	(void)instance;
	return s->endpoint(call, "localhost", (int)s->option_int(call, "port"), NULL);
}

CERTENGINE_EXPORT extern const struct certengine_plugin certengine_plugin;
const struct certengine_plugin certengine_plugin = {
	.abi = CERTENGINE_ABI,
	.size = sizeof(struct certengine_plugin),
	.name = "old-plugin",
	.version = "1.0",
	.summary = "built against the first header",
	.options = options,
	.option_size = sizeof(struct ce_option),
	.create = old_create,
	.install = old_install,
	.reload = old_reload,
	.endpoints = old_endpoints,
};
