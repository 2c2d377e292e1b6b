/* Stages file after file. */
#include "misfit.h"

static int
install(const struct ce_services *s, ce_call *call, void *instance)
{
	static const unsigned char text[] = "x";
	(void)instance;
	struct ce_bytes bytes = { text, 1 };
	for (int i = 0; i < 10000000; i++)
		(void)s->write(call, s->format(call, "/var/tmp/certengine-never-%d", i), bytes, NULL);
	return CE_OK;
}

PLUGIN("endless-staging", install, fine, NULL);
