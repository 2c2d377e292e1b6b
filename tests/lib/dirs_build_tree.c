/* The places of the program that tests run from the build tree, and its switch for faults. */
#include "base/dirs.h"

#include <stdlib.h>

#include "lib/sys_fault.h"

const struct ce_dirs ce_dirs_built = {
	.config = CE_TEST_ROOT "/etc/certengine",
	.state = CE_TEST_ROOT "/var/lib/certengine",
	.run = CE_TEST_ROOT "/run/certengine",
	.plugins = CE_TEST_BUILDDIR "/tests/lib/plugins",
	.helpers = CE_TEST_BUILDDIR,
};

void
ce_build_begin(void)
{
	const char *rules = getenv("CE_FAULT");
	if (rules && *rules)
		ce_fault_begin(rules);
}
