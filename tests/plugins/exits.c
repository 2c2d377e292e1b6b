/* Ends its process, or its connection. */
#include "misfit.h"

#include <stdlib.h>
#include <unistd.h>

static int
install(const struct ce_services *s, ce_call *call, void *instance)
{
	(void)s;
	(void)call;
	(void)instance;
	_exit(3);
}

static int
reload(const struct ce_services *s, ce_call *call, void *instance)
{
	(void)s;
	(void)call;
	(void)instance;
	close(3);
	for (;;)
		pause();
	return CE_OK;
}

PLUGIN("exits", install, reload, NULL);
