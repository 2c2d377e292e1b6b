/* Stages more than fits a transaction, in pieces that fit a message. */
#include "misfit.h"

static int
install(const struct ce_services *s, ce_call *call, void *instance)
{
	(void)instance;
	struct ce_bytes bytes = { (const unsigned char *)s->allocate(call, 6u << 20), 6u << 20 };
	for (int i = 0; i < 100 && bytes.data; i++)
		(void)s->write(call, s->format(call, "/var/tmp/certengine-never-%d", i), bytes, NULL);
	return CE_OK;
}

PLUGIN("large-staging", install, fine, NULL);
