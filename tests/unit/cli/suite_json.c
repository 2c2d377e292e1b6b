#include <jansson.h>
#include <string.h>

#include "fake_engine.h"
#include "suites.h"

static json_t *
document(void)
{
	json_t *root = json_loads(fake_out, JSON_REJECT_DUPLICATES, NULL);
	CU_ASSERT_PTR_NOT_NULL_FATAL(root);
	CU_ASSERT_EQUAL(json_integer_value(json_object_get(root, "schema_version")), 1);
	return root;
}

static const char *
string_at(json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));
	return text ? text : "(none)";
}

static void
holds_the_report(void)
{
	static const char *const commands[] = { "plan", "apply", "verify", "status", "recover" };
	for (size_t i = 0; i < CE_COUNT(commands); i++) {
		fake_reset();
		fake.report = fake_report();
		CU_ASSERT_EQUAL(fake_run(commands[i], "--json", NULL), CE_EXIT_PARTIAL);
		json_t *root = document();
		CU_ASSERT_STRING_EQUAL(string_at(root, "command"), commands[i]);
		CU_ASSERT_EQUAL(json_integer_value(json_object_get(root, "exit")), CE_EXIT_PARTIAL);
		CU_ASSERT(json_is_null(json_object_get(root, "error")));
		json_t *certificates = json_object_get(root, "certificates");
		CU_ASSERT_EQUAL(json_array_size(certificates), 2);
		json_t *shop = json_array_get(certificates, 0);
		CU_ASSERT_STRING_EQUAL(string_at(shop, "state"), "ok");
		CU_ASSERT_STRING_EQUAL(string_at(shop, "not_before"), "2026-11-17T11:06:40Z");
		CU_ASSERT(json_is_null(json_object_get(shop, "wait_until")));
		json_t *intra = json_array_get(json_object_get(shop, "targets"), 1);
		CU_ASSERT_STRING_EQUAL(string_at(intra, "diff"), "--- a\n+++ b\n-old\tvalue\n+new \\x1b[2Jvalue\n");
		json_t *endpoint = json_array_get(json_object_get(intra, "endpoints"), 0);
		CU_ASSERT_EQUAL(json_integer_value(json_object_get(endpoint, "port")), 8443);
		CU_ASSERT_STRING_EQUAL(string_at(endpoint, "sni"), "shop.example.com");
		CU_ASSERT_EQUAL(json_array_size(json_object_get(root, "recovered")), 1);
		json_decref(root);
	}
}

static void
holds_findings_and_errors(void)
{
	fake_reset();
	fake.problem = "unknown key 'isuer'";
	fake.open_code = CE_ERR_CONFIG;
	CU_ASSERT_EQUAL(fake_run("check", "--json", NULL), CE_EXIT_USAGE);
	json_t *root = document();
	json_t *problem = json_array_get(json_object_get(root, "problems"), 0);
	CU_ASSERT_EQUAL(json_integer_value(json_object_get(problem, "line")), 7);
	CU_ASSERT_STRING_EQUAL(string_at(problem, "text"), "unknown key 'isuer'");
	CU_ASSERT_STRING_EQUAL(string_at(json_object_get(root, "error"), "text"), "cannot open");
	CU_ASSERT_EQUAL(json_array_size(json_object_get(root, "certificates")), 0);
	json_decref(root);

	fake_reset();
	fake.run_code = CE_ERR_LOCKED;
	CU_ASSERT_EQUAL(fake_run("apply", "--json", NULL), CE_EXIT_LOCKED);
	root = document();
	CU_ASSERT_STRING_EQUAL(string_at(json_object_get(root, "error"), "code"), ce_code_name(CE_ERR_LOCKED));
	json_decref(root);
}

static void
holds_plugins(void)
{
	fake_reset();
	CU_ASSERT_EQUAL(fake_run("plugin", "list", "--json", NULL), CE_EXIT_OK);
	json_t *root = document();
	CU_ASSERT_EQUAL(json_array_size(json_object_get(root, "plugins")), 2);
	json_decref(root);
	CU_ASSERT_EQUAL(fake_run("--json", "plugin", "info", "good", NULL), CE_EXIT_OK);
	root = document();
	json_t *options = json_object_get(json_object_get(root, "plugin"), "options");
	CU_ASSERT_EQUAL_FATAL(json_array_size(options), 3);
	json_t *port = json_array_get(options, 1);
	CU_ASSERT_STRING_EQUAL(string_at(port, "type"), "int");
	CU_ASSERT_STRING_EQUAL(string_at(port, "default"), "8443");
	CU_ASSERT_EQUAL(json_integer_value(json_object_get(port, "maximum")), 65535);
	CU_ASSERT(json_is_null(json_object_get(json_array_get(options, 0), "minimum")));
	CU_ASSERT(json_is_true(json_object_get(json_array_get(options, 0), "required")));
	CU_ASSERT_EQUAL(json_array_size(json_object_get(json_array_get(options, 2), "choices")), 2);
	json_decref(root);
}

const struct ce_test json_tests[] = {
	{ "every command's document holds the whole report", holds_the_report },
	{ "findings and errors are in the document too", holds_findings_and_errors },
	{ "plugins and their option tables are documents", holds_plugins },
	{ NULL, NULL },
};
