/* Runs a program while it should only name endpoints, and would not have it noticed. */
#include "misfit.h"

static int
endpoints(const struct ce_services *s, ce_call *call, void *instance)
{
	static const char *const argv[] = { "/bin/true", NULL };
	(void)instance;
	struct ce_run run = { sizeof(run), argv, { NULL, 0 }, 0 };
	struct ce_run_result result;
	(void)s->run(call, &run, &result);
	return CE_OK;
}

DECLARED;
const struct certengine_plugin certengine_plugin = {
	HEAD("forbidden-run"), .options = no_options,
	.create = fine_create, .install = fine, .reload = fine, .endpoints = endpoints,
};
