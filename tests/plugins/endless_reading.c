/* Asks for the same thing for ever, each question quickly answered, so that its own time never runs out. */
#include "misfit.h"

static int
install(const struct ce_services *s, ce_call *call, void *instance)
{
	struct ce_stat st;
	(void)instance;
	for (;;)
		(void)s->stat(call, "/nonexistent", &st);
	return CE_OK;
}

PLUGIN("endless-reading", install, fine, NULL);
