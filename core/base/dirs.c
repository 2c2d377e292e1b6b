/* The installed program's places; configure decides them. */
#include "base/dirs.h"

const struct ce_dirs ce_dirs_built = {
	.config = CE_SYSCONFDIR "/certengine",
	.state = CE_LOCALSTATEDIR "/lib/certengine",
	.run = CE_RUNSTATEDIR "/certengine",
	.plugins = CE_PLUGINDIR,
	.helpers = CE_HELPERDIR,
};

void
ce_build_begin(void)
{
}
