#include <string.h>
#include <sys/stat.h>

#include "helper.h"
#include "suites.h"

static const char *const modes[] = { "auto", "manual", NULL };
static const struct ce_option table[] = {
	{ "base", CE_OPTION_PATH, 1, NULL, 0, 0, NULL, "where it lies" },
	{ "port", CE_OPTION_INT, 0, "8443", 1, 65535, NULL, "" },
	{ "level", CE_OPTION_INT, 0, NULL, 0, 0, NULL, "" },
	{ "restart", CE_OPTION_BOOL, 0, "true", 0, 0, NULL, "" },
	{ "users", CE_OPTION_LIST, 0, NULL, 0, 0, NULL, "" },
	{ "password", CE_OPTION_SECRET, 0, NULL, 0, 0, NULL, "" },
	{ "mode", CE_OPTION_ENUM, 0, "auto", 0, 0, modes, "" },
	{ "unit", CE_OPTION_STRING, 0, NULL, 0, 0, NULL, "" },
	{ NULL, 0, 0, NULL, 0, 0, NULL, NULL },
};

/* The target's settings begin on line 4. */
static void
judge(struct helper *helper, const char *body)
{
	helper_read_target(helper, body);
	CU_ASSERT_EQUAL_FATAL(helper->code, CE_OK);
	struct ce_error err;
	int code = ce_options_check(table, &helper->config.certificates[0].targets[0].settings, "plugin 'p'",
		&helper->problems, &err);
	CU_ASSERT_EQUAL(code, CE_OK);
	ce_problems_sort(&helper->problems);
	helper->code = helper->problems.count > 0 ? CE_ERR_CONFIG : CE_OK;
}

static void
accepts_good_values(void)
{
	struct helper helper;
	judge(&helper, "plugin = \"p\"; base = \"/x\"; port = 65535; level = -5000000000L; restart = false;\n"
		"users = [ \"a\" ]; password = \"secret\"; mode = \"manual\"; unit = \"u\";");
	CU_ASSERT_EQUAL(helper.problems.count, 0);
	helper_release(&helper);
}

static void
finds_everything_at_once(void)
{
	struct helper helper;
	judge(&helper, "plugin = \"p\";\nprot = 1;\nport = 65536;\nrestart = \"yes\";\nusers = \"a\";\n"
		"mode = \"automatic\";\nunit = 3;\nlevel = 1.5;\nzzzzzzzz = 1;");
	CU_ASSERT(HELPER_FOUND(&helper,
		"3: plugin 'p' needs the option 'base': where it lies",
		"5: plugin 'p' does not know the option 'prot', did you mean 'port'?",
		"6: option 'port' of plugin 'p' must lie between 1 and 65535, not 65536",
		"7: option 'restart' of plugin 'p' must be true or false",
		"8: option 'users' of plugin 'p' must be a list of texts: [ \"one\", \"two\" ]",
		"9: option 'mode' of plugin 'p' must be one of 'auto', 'manual', not 'automatic'",
		"10: option 'unit' of plugin 'p' must be a text in double quotes",
		"11: option 'level' of plugin 'p' must be a whole number",
		"12: plugin 'p' does not know the option 'zzzzzzzz'"));
	helper_release(&helper);
}

static void
wants_absolute_paths(void)
{
	struct helper helper;
	judge(&helper, "plugin = \"p\"; base = \"opt/tomcat\";");
	CU_ASSERT(HELPER_FOUND(&helper, "4: option 'base' of plugin 'p' must be an absolute path, not 'opt/tomcat'"));
	helper_release(&helper);
}

/* SEC-21 */
static void
wants_secrets_in_private_files(void)
{
	struct helper helper;
	helper_read_target(&helper, "plugin = \"p\"; base = \"/x\"; password = \"canary-1\";");
	CU_ASSERT_EQUAL_FATAL(helper.code, CE_OK);
	const struct ce_settings *settings = &helper.config.certificates[0].targets[0].settings;
	struct ce_error err;
	CU_ASSERT_EQUAL(chmod(settings->file, 0640), 0);
	CU_ASSERT_EQUAL(ce_options_check(table, settings, "plugin 'p'", &helper.problems, &err), CE_OK);
	CU_ASSERT(helper_said(&helper, 4, "is a secret, but others may read this file (mode 0640)"));
	CU_ASSERT_PTR_NULL(strstr(helper.problems.items[0].text, "canary-1"));
	CU_ASSERT_EQUAL(chmod(settings->file, 0600), 0);
	helper_release(&helper);
}

static void
refuses_a_table_with_an_unknown_type(void)
{
	static const struct ce_option broken[] = {
		{ "base", 99, 0, NULL, 0, 0, NULL, NULL },
		{ NULL, 0, 0, NULL, 0, 0, NULL, NULL },
	};
	struct helper helper;
	struct ce_error err;
	helper_read_target(&helper, "plugin = \"p\"; base = \"/x\";");
	CU_ASSERT_EQUAL(ce_options_check(broken, &helper.config.certificates[0].targets[0].settings, "plugin 'p'",
		&helper.problems, &err), CE_ERR_PLUGIN);
	helper_release(&helper);
}

const struct ce_test options_tests[] = {
	{ "good values of every type pass", accepts_good_values },
	{ "every finding comes in one run, with its line", finds_everything_at_once },
	{ "a path must be absolute", wants_absolute_paths },
	{ "a secret may not stand in a file that others read, and is not shown", wants_secrets_in_private_files },
	{ "a table with an unknown type is the plugin's fault", refuses_a_table_with_an_unknown_type },
	{ NULL, NULL },
};
