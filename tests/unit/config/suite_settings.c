#include <string.h>

#include "helper.h"
#include "suites.h"

static const struct ce_option table[] = {
	{ "base", CE_OPTION_PATH, 1, NULL, 0, 0, NULL, "where it lies" },
	{ "port", CE_OPTION_INT, 0, "8443", 1, 65535, NULL, "" },
	{ "restart", CE_OPTION_BOOL, 0, "true", 0, 0, NULL, "" },
	{ "quiet", CE_OPTION_BOOL, 0, NULL, 0, 0, NULL, "" },
	{ "users", CE_OPTION_LIST, 0, NULL, 0, 0, NULL, "" },
	{ "challenge.webroot", CE_OPTION_PATH, 0, NULL, 0, 0, NULL, "" },
	{ NULL, 0, 0, NULL, 0, 0, NULL, NULL },
};

static void
gives_fallbacks(void)
{
	const struct ce_settings none = { NULL, 0, NULL, 0 };
	CU_ASSERT_PTR_NULL(ce_option_text(table, &none, "base"));
	CU_ASSERT_PTR_NULL(ce_option_text(table, &none, "unheard-of"));
	CU_ASSERT_EQUAL(ce_option_int(table, &none, "port"), 8443);
	CU_ASSERT_EQUAL(ce_option_int(table, &none, "base"), 0);
	CU_ASSERT_TRUE(ce_option_bool(table, &none, "restart"));
	CU_ASSERT_FALSE(ce_option_bool(table, &none, "quiet"));
	CU_ASSERT_PTR_NULL(ce_option_list(table, &none, "users")[0]);
}

static void
gives_values(void)
{
	struct helper helper;
	helper_read_target(&helper, "plugin = \"x\"; base = \"/opt/t\"; port = 99; restart = false; quiet = true;\n"
		"users = ( \"a\", \"b\" ); challenge: { webroot = \"/w\"; };");
	CU_ASSERT_EQUAL_FATAL(helper.code, CE_OK);
	const struct ce_settings *settings = &helper.config.certificates[0].targets[0].settings;
	CU_ASSERT_STRING_EQUAL(ce_option_text(table, settings, "base"), "/opt/t");
	CU_ASSERT_EQUAL(ce_option_int(table, settings, "port"), 99);
	CU_ASSERT_FALSE(ce_option_bool(table, settings, "restart"));
	CU_ASSERT_TRUE(ce_option_bool(table, settings, "quiet"));
	CU_ASSERT_STRING_EQUAL(ce_option_list(table, settings, "users")[1], "b");
	CU_ASSERT_STRING_EQUAL(ce_option_text(table, settings, "challenge.webroot"), "/w");
	CU_ASSERT_EQUAL(ce_settings_find(settings, "users")->line, 5);
	CU_ASSERT_PTR_NULL(ce_settings_find(settings, "plugin"));
	helper_release(&helper);
}

const struct ce_test settings_tests[] = {
	{ "an option that is not set has its fallback", gives_fallbacks },
	{ "an option that is set has its value, groups have dotted names", gives_values },
	{ NULL, NULL },
};
