/* Fails without a reason, returns what is no code, and fails with a text that does not print. */
#include "misfit.h"

static int
install(const struct ce_services *s, ce_call *call, void *instance)
{
	(void)s;
	(void)call;
	(void)instance;
	return CE_ERR_PRODUCT;
}

static int
reload(const struct ce_services *s, ce_call *call, void *instance)
{
	(void)s;
	(void)call;
	(void)instance;
	return 4242;
}

static int
verify(const struct ce_services *s, ce_call *call, void *instance)
{
	(void)instance;
	(void)s->fail(call, CE_ERR_PRODUCT, "bell \a escape \033[31m line\nbreak %08000d", 1);
	return CE_OK; /* it has failed all the same */
}

PLUGIN("odd-results", install, reload, verify);
