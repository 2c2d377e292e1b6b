/* Says nothing about the size of its options. */
#include "misfit.h"

DECLARED;
const struct certengine_plugin certengine_plugin = {
	.abi = CERTENGINE_ABI, .size = sizeof(struct certengine_plugin), .name = "wrong-stride", .version = "1",
	.summary = "a misfit", .options = no_options, .option_size = 0,
	.create = fine_create, .install = fine, .reload = fine, .endpoints = fine,
};
