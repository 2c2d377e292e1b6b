/* Runs code while it is loaded: prints, and tries to leave something behind. */
#include "misfit.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static __attribute__((constructor)) void
early(void)
{
	puts("printed by a constructor");
	fflush(stdout);
}

/* By now the process is confined. */
static int
install(const struct ce_services *s, ce_call *call, void *instance)
{
	(void)instance;
	if (open("/etc/passwd", O_RDONLY) >= 0 || open("/var/tmp", O_RDONLY | O_DIRECTORY) >= 0)
		return s->fail(call, CE_ERR_PRODUCT, "files can be opened");
	if (geteuid() == 0)
		return s->fail(call, CE_ERR_PRODUCT, "still root");
	puts("printed by install");
	fflush(stdout);
	return CE_OK;
}

PLUGIN("constructor", install, fine, NULL);
