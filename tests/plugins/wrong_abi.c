/* Made for an ABI that does not exist yet. */
#include "misfit.h"

DECLARED;
const struct certengine_plugin certengine_plugin = {
	.abi = 2, .size = sizeof(struct certengine_plugin), .name = "wrong-abi", .version = "1", .summary = "a misfit",
	.options = no_options, .option_size = sizeof(struct ce_option),
	.create = fine_create, .install = fine, .reload = fine, .endpoints = fine,
};
