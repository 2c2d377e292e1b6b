/* Ends before ABI 1 does: it was never a valid plugin. */
#include "misfit.h"

DECLARED;
const struct certengine_plugin certengine_plugin = {
	.abi = CERTENGINE_ABI, .size = offsetof(struct certengine_plugin, verify), .name = "short-struct", .version = "1",
	.summary = "a misfit", .options = no_options, .option_size = sizeof(struct ce_option),
	.create = fine_create, .install = fine, .reload = fine, .endpoints = fine,
};
