/* Calls what nobody has; bound lazily, it would only be found in the middle of a deployment. */
#include "misfit.h"

extern int nobody_has_this_function(void);

static int
install(const struct ce_services *s, ce_call *call, void *instance)
{
	(void)s;
	(void)call;
	(void)instance;
	return nobody_has_this_function();
}

PLUGIN("undefined-symbol", install, fine, NULL);
