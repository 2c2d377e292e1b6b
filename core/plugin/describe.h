/* What a plugin process tells about its plugin. */
#ifndef CE_PLUGIN_DESCRIBE_H
#define CE_PLUGIN_DESCRIBE_H

#include "base/message.h"
#include "plugin/runner.h"

/* Reads and judges a CE_WIRE_READY: everything that the contract says of the plugin's object and can be
 * judged without its memory. The strings of ret_info stay in ready, which must outlive it; path is set by the caller.
 * CE_ERR_PLUGIN with one clause. */
CE_MUSTCHECK int ce_describe(struct ce_message *ready, const char *name, struct ce_plugin_info *ret_info,
	struct ce_error *err);
void ce_describe_release(struct ce_plugin_info *info);

#endif
