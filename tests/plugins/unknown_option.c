/* Asks for an option that its table does not have: a slip that must not pass for "not set". */
#include "misfit.h"

static int
install(const struct ce_services *s, ce_call *call, void *instance)
{
	(void)instance;
	return s->option(call, "prot") ? CE_ERR_PRODUCT : CE_OK;
}

PLUGIN("unknown-option", install, fine, NULL);
