/* Its option table has a default that its own range refuses. */
#include "misfit.h"

static const struct ce_option options[] = {
	{ "port", CE_OPTION_INT, 0, "80000", 1, 65535, NULL, "a port" },
	{ NULL, 0, 0, NULL, 0, 0, NULL, NULL },
};
DECLARED;
const struct certengine_plugin certengine_plugin = {
	HEAD("bad-options"), .options = options,
	.create = fine_create, .install = fine, .reload = fine, .endpoints = fine,
};
