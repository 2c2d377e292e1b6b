/* Built against a later header that added members to the plugin and to its options: it must work. */
#include "misfit.h"

struct later_option {
	struct ce_option known;
	const char *example;
};
static const struct later_option later_options[] = {
	{ { "one", CE_OPTION_STRING, 0, "first", 0, 0, NULL, "the first" }, "x" },
	{ { "two", CE_OPTION_INT, 0, "2", 1, 9, NULL, "the second" }, "3" },
	{ { NULL, 0, 0, NULL, 0, 0, NULL, NULL }, NULL },
};

static int
install(const struct ce_services *s, ce_call *call, void *instance)
{
	(void)instance;
	s->log(call, CE_LEVEL_NOTICE, "one=%s two=%lld", s->option(call, "one"), s->option_int(call, "two"));
	return CE_OK;
}

struct later_plugin {
	struct certengine_plugin known;
	int (*invented)(void);
};
CERTENGINE_EXPORT extern const struct later_plugin certengine_plugin;
const struct later_plugin certengine_plugin = {
	{
		.abi = CERTENGINE_ABI, .size = sizeof(struct later_plugin), .name = "larger-struct", .version = "1",
		.summary = "from a later header", .options = &later_options[0].known,
		.option_size = sizeof(struct later_option),
		.create = fine_create, .install = install, .reload = fine, .endpoints = fine,
	},
	NULL,
};
