#include <string.h>

#include "helper.h"
#include "suites.h"

static void
reads_every_key(void)
{
	struct helper helper;
	helper_read_target(&helper, "plugin = \"tomcat\"; host = \"local\"; base = \"/opt/t\";\n"
		"verify: { endpoints = [ \"127.0.0.1:8443 a.example\", \"[::1]:443\" ]; deadline = 90; };");
	CU_ASSERT_EQUAL_FATAL(helper.code, CE_OK);
	const struct ce_target_config *web = &helper.config.certificates[0].targets[0];
	CU_ASSERT_STRING_EQUAL(web->name, "web");
	CU_ASSERT_STRING_EQUAL(web->plugin, "tomcat");
	CU_ASSERT_PTR_NULL(web->host);
	CU_ASSERT_EQUAL(web->verify.endpoints.count, 2);
	CU_ASSERT_EQUAL(web->verify.deadline_s, 90);
	CU_ASSERT_PTR_NULL(web->verify.off);
	CU_ASSERT_EQUAL(web->settings.count, 1);
	CU_ASSERT_EQUAL(web->line, 3);
	CU_ASSERT_EQUAL(web->settings.line, 3);
	helper_release(&helper);
}

static void
reads_off(void)
{
	struct helper helper;
	helper_read_target(&helper, "plugin = \"x\"; verify: { off = \"behind a gateway\"; };");
	CU_ASSERT_EQUAL_FATAL(helper.code, CE_OK);
	CU_ASSERT_STRING_EQUAL(helper.config.certificates[0].targets[0].verify.off, "behind a gateway");
	CU_ASSERT_EQUAL(helper.config.certificates[0].targets[0].verify.deadline_s, 60);
	helper_release(&helper);
}

struct row {
	const char *body;
	int line;      /* the body begins on line 4 */
	const char *part;
	size_t left;   /* targets that remain */
};

static const struct row rows[] = {
	{ "base = \"/x\";", 3, "target 'web' needs a 'plugin'", 0 },
	{ "plugn = \"tomcat\";", 4, "unknown key 'plugn' in target 'web', did you mean 'plugin'?", 0 },
	{ "plugin = \"../evil\";", 4, "'../evil' cannot be the name of a plugin", 1 },
	{ "plugin = 1;", 4, "'plugin' of target 'web' must be a text", 0 },
	{ "plugin = \"x\"; host = \"ssh://a\";", 4, "names no user", 1 },
	{ "plugin = \"x\"; verify: { endpoints = [ \"a\" ]; };", 4, "must be \"host:port\"", 1 },
	{ "plugin = \"x\"; verify: { deadline = 0; };", 4, "between 1 and 3600 seconds, not 0", 1 },
	{ "plugin = \"x\"; verify: { deadline = \"soon\"; };", 4, "must be a whole number", 1 },
	{ "plugin = \"x\"; verify: { off = true; };", 4, "'off' of 'verify' of target 'web' must be a text", 1 },
	{ "plugin = \"x\"; verify: { off = \"why\"; deadline = 3; };", 4, "nothing else may stand in 'verify'", 1 },
	{ "plugin = \"x\"; verify: { dedline = 3; };", 4, "did you mean 'deadline'?", 1 },
	{ "plugin = \"x\"; verify = false;", 4, "must be a group", 1 },
	{ "plugin = \"x\"; list = ( 1, 2 );", 4, "element 1 of 'list' must be a text", 1 },
	{ "plugin = \"x\"; a: { b: { c: { d: { e: { f: { g: { aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa = 1; };};};};};};};", 4, "too deeply", 1 },
};

static void
finds_mistakes(void)
{
	for (size_t i = 0; i < CE_COUNT(rows); i++) {
		struct helper helper;
		helper_read_target(&helper, rows[i].body);
		CU_ASSERT_EQUAL(helper.code, CE_ERR_CONFIG);
		CU_ASSERT(helper_said(&helper, rows[i].line, rows[i].part));
		CU_ASSERT_EQUAL(helper.config.certificates[0].target_count, rows[i].left);
		helper_release(&helper);
	}
}

static void
judges_names(void)
{
	struct helper helper;
	helper_read_certificate(&helper, "issuer = \"house\"; names = [ \"a.example\" ];\n"
		"targets: {\na*b: { plugin = \"x\"; };\nweb = 3; };");
	CU_ASSERT(HELPER_FOUND(&helper,
		"5: 'a*b' cannot be the name of a target: at most 64 letters, digits, '-' and '_'",
		"6: 'web' must be a group: web: { ... };"));
	helper_release(&helper);
}

const struct ce_test targets_tests[] = {
	{ "every key is read, other keys are kept for the plugin", reads_every_key },
	{ "verification can be switched off with a reason", reads_off },
	{ "every mistake is found on its line", finds_mistakes },
	{ "a target is a group with a plain name", judges_names },
	{ NULL, NULL },
};
