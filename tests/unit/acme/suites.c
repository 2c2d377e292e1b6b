#include "suites.h"

extern const struct ce_test suite_account[], suite_errand_evil[], suite_errand[], suite_limits[], suite_order[], suite_parts[], suite_problem[], suite_responder[], suite_run[],
	suite_supervisor[], suite_width[];

const struct ce_suite ce_suites[] = {
	{ "account", suite_account },
	{ "errand", suite_errand },
	{ "errand evil", suite_errand_evil },
	{ "limits", suite_limits },
	{ "order", suite_order },
	{ "parts", suite_parts },
	{ "problem", suite_problem },
	{ "responder", suite_responder },
	{ "run", suite_run },
	{ "supervisor", suite_supervisor },
	{ "width", suite_width },
	{ NULL, NULL },
};
