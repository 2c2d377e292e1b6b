/* Passes a structure without filling its size. */
#include "misfit.h"

static int
install(const struct ce_services *s, ce_call *call, void *instance)
{
	struct ce_file_mode mode = { 0, NULL, NULL, "0600" };
	struct ce_bytes bytes = { NULL, 0 };
	(void)instance;
	return s->write(call, "/var/tmp/certengine-never", bytes, &mode);
}

PLUGIN("unsized-struct", install, fine, NULL);
