/* Writes when nothing can be undone any more. */
#include "misfit.h"

static int
reload(const struct ce_services *s, ce_call *call, void *instance)
{
	static const unsigned char text[] = "late";
	(void)instance;
	struct ce_bytes bytes = { text, 4 };
	(void)s->write(call, "/nonexistent/late", bytes, NULL);
	return CE_OK;
}

PLUGIN("forbidden-write", fine, reload, NULL);
