/* Speaks to the engine behind the back of the services. */
#include "misfit.h"

#include <string.h>
#include <unistd.h>

static int
say(const void *bytes, size_t size)
{
	return write(3, bytes, size) == (ssize_t)size ? CE_OK : CE_ERR_SYSTEM;
}

/* A message of 4 GiB. */
static int
install(const struct ce_services *s, ce_call *call, void *instance)
{
	static const unsigned char huge[] = { 0xff, 0xff, 0xff, 0xff, 1, 0 };
	(void)s;
	(void)call;
	(void)instance;
	return say(huge, sizeof(huge));
}

/* A message of a kind that does not exist. */
static int
reload(const struct ce_services *s, ce_call *call, void *instance)
{
	static const unsigned char unknown[] = { 2, 0, 0, 0, 0xe7, 3 };
	(void)s;
	(void)call;
	(void)instance;
	return say(unknown, sizeof(unknown));
}

/* A question without its fields: stat (35) of nothing. */
static int
verify(const struct ce_services *s, ce_call *call, void *instance)
{
	static const unsigned char empty[] = { 2, 0, 0, 0, 35, 0 };
	(void)s;
	(void)call;
	(void)instance;
	return say(empty, sizeof(empty));
}

PLUGIN("forged", install, reload, verify);
