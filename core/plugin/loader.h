/* Loading a plugin into this process: the one place that knows libltdl. */
#ifndef CE_PLUGIN_LOADER_H
#define CE_PLUGIN_LOADER_H

#include "base/error.h"

/* Loads exactly the file behind descriptor, which has been checked by whoever opened it, and gives its
 * contract: at most what this header knows, zero behind what the plugin has. The module stays loaded until the process
 * ends. A constructor of the plugin runs in here: everything else must be as the plugin shall find it.
 * CE_ERR_PLUGIN with one clause that follows "plugin 'x' cannot be loaded: ". */
CE_MUSTCHECK int ce_loader_load(int descriptor, const char *name, struct certengine_plugin *ret_plugin,
	struct ce_error *err);

#endif
