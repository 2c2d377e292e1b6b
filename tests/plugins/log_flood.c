/* Talks without end. */
#include "misfit.h"

static int
install(const struct ce_services *s, ce_call *call, void *instance)
{
	(void)instance;
	for (int i = 0; i < 10000000; i++)
		s->log(call, CE_LEVEL_DEBUG, "line %d", i);
	return CE_OK;
}

PLUGIN("log-flood", install, fine, NULL);
