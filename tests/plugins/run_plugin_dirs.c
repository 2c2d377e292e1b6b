/* The places of run-plugin: the plugin directory is named on its command line. */
#include "run_plugin.h"

#include <string.h>

#include "base/dirs.h"

static char plugins[4096] = "/nonexistent";

const struct ce_dirs ce_dirs_built = {
	.config = "/nonexistent",
	.state = "/nonexistent",
	.run = "/nonexistent",
	.plugins = plugins,
	.helpers = CE_TEST_BUILDDIR,
};

void
run_plugin_directory(const char *path)
{
	strncpy(plugins, path, sizeof(plugins) - 1);
}

void
ce_build_begin(void)
{
}
