/* Forgot the row that ends the table, or nearly. */
#include "misfit.h"

#define ROW { "name", CE_OPTION_STRING, 0, NULL, 0, 0, NULL, "a name" }
#define ROWS ROW, ROW, ROW, ROW, ROW, ROW, ROW, ROW, ROW, ROW
static const struct ce_option options[] = {
	ROWS, ROWS, ROWS, ROWS, ROWS, ROWS, ROWS, { NULL, 0, 0, NULL, 0, 0, NULL, NULL },
};
DECLARED;
const struct certengine_plugin certengine_plugin = {
	HEAD("endless-options"), .options = options,
	.create = fine_create, .install = fine, .reload = fine, .endpoints = fine,
};
