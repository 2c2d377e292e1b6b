/* What a journal keeps of a target is all that a recovery has: it must come back as it was. */
#include <jansson.h>
#include <string.h>

#include "engine/engine_own.h"
#include "engine/recipe.h"
#include "suites.h"

extern const struct ce_test recipe_tests[];

static const char *const argv[] = { "/bin/kill", "-HUP", "1", NULL };
static const char *const names[] = { "shop.example", "www.shop.example", NULL };

/* A group of one target with an option of every type and two endpoints. */
struct fixture {
	struct ce_engine engine;
	struct ce_certificate_config certificate_config;
	struct ce_certificate_run certificate;
	struct ce_target_config config;
	struct ce_plugin_option options[4];
	struct ce_endpoint_report endpoints[2];
	struct ce_target_report report;
	struct ce_target_run target;
	struct ce_target_run *targets[1];
	struct ce_group group;
	json_t *recipe;
};

static void
fixture_make(struct fixture *f)
{
	struct ce_error err = { 0 };
	memset(f, 0, sizeof(*f));
	f->options[0] = (struct ce_plugin_option){ .name = "base", .type = CE_OPTION_PATH, .text = "/srv/tomcat" };
	f->options[1] = (struct ce_plugin_option){ .name = "port", .type = CE_OPTION_INT, .number = 8443 };
	f->options[2] = (struct ce_plugin_option){ .name = "reload", .type = CE_OPTION_LIST, .list = argv };
	f->options[3] = (struct ce_plugin_option){ .name = "unset", .type = CE_OPTION_STRING };
	f->endpoints[0] = (struct ce_endpoint_report){ .host = "127.0.0.1", .port = 8443, .sni = "shop.example",
		.served = "aa11" };
	f->endpoints[1] = (struct ce_endpoint_report){ .host = "::1", .port = 8444 };
	f->report = (struct ce_target_report){ .endpoints = f->endpoints, .endpoint_count = 2 };
	f->config = (struct ce_target_config){ .name = "web", .plugin = "tomcat", .verify = { .deadline_s = 7 } };
	f->certificate = (struct ce_certificate_run){ .engine = &f->engine, .config = &f->certificate_config };
	f->target = (struct ce_target_run){ .certificate = &f->certificate, .config = &f->config, .options = f->options,
		.option_count = 4, .report = &f->report };
	f->target.plugin = (struct ce_plugin_target){ .plugin = "tomcat", .certificate = "shop", .name = "web",
		.host = ce_host_local(),
		.options = f->options, .option_count = 4, .names = names, .key_kind = "ec-p256", .fingerprint = "bb22",
		.generation = 3 };
	f->targets[0] = &f->target;
	f->group = (struct ce_group){ .targets = f->targets, .count = 1 };
	CU_ASSERT_EQUAL_FATAL(ce_buf_adds(&f->certificate.anchors, "the anchors", &err), CE_OK);
	CU_ASSERT_EQUAL_FATAL(ce_recipe_build(&f->group, &f->recipe, &err), CE_OK);
}

static void
fixture_release(struct fixture *f)
{
	ce_recipe_targets_free(f->engine.recipe_targets);
	ce_buf_release(&f->certificate.anchors);
	json_decref(f->recipe);
}

static void
comes_back_as_it_was(void)
{
	struct fixture f;
	struct ce_error err = { 0 };
	const struct ce_target_run *back = NULL;
	fixture_make(&f);

	/* By way of text, as a journal keeps it. */
	char *text = json_dumps(f.recipe, JSON_COMPACT);
	json_t *again = json_loads(text, 0, NULL);
	CU_ASSERT_EQUAL_FATAL(
		ce_recipe_target(&f.engine, json_array_get(json_object_get(again, "targets"), 0), ce_host_local(),
			&back, &err), CE_OK);
	json_decref(again); /* the target keeps what it needs */
	free(text);

	const struct ce_plugin_target *plugin = &back->plugin;
	CU_ASSERT_STRING_EQUAL(plugin->plugin, "tomcat");
	CU_ASSERT_STRING_EQUAL(plugin->certificate, "shop");
	CU_ASSERT_STRING_EQUAL(plugin->name, "web");
	CU_ASSERT_STRING_EQUAL(plugin->key_kind, "ec-p256");
	CU_ASSERT_STRING_EQUAL(plugin->fingerprint, "bb22");
	CU_ASSERT_EQUAL(plugin->generation, 3);
	CU_ASSERT_PTR_EQUAL(plugin->host, ce_host_local());
	CU_ASSERT_STRING_EQUAL(plugin->names[1], "www.shop.example");
	CU_ASSERT_PTR_NULL(plugin->names[2]);
	CU_ASSERT_EQUAL_FATAL(plugin->option_count, 4);
	CU_ASSERT_STRING_EQUAL(plugin->options[0].text, "/srv/tomcat");
	CU_ASSERT_EQUAL(plugin->options[0].type, CE_OPTION_PATH);
	CU_ASSERT_EQUAL(plugin->options[1].number, 8443);
	CU_ASSERT_STRING_EQUAL(plugin->options[2].list[1], "-HUP");
	CU_ASSERT_PTR_NULL(plugin->options[2].list[3]);
	CU_ASSERT_PTR_NULL(plugin->options[3].text);
	CU_ASSERT_STRING_EQUAL(back->certificate->config->name, "shop");
	CU_ASSERT_STRING_EQUAL(back->config->plugin, "tomcat");
	fixture_release(&f);
}

static void
holds_what_verification_needs(void)
{
	struct fixture f;
	fixture_make(&f);
	const json_t *target = json_array_get(json_object_get(f.recipe, "targets"), 0);
	const json_t *endpoints = json_object_get(target, "endpoints");
	CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(target, "anchors")), "the anchors");
	CU_ASSERT_EQUAL(json_integer_value(json_object_get(target, "deadline")), 7);
	CU_ASSERT_TRUE(json_is_true(json_object_get(target, "verified")));
	CU_ASSERT_EQUAL_FATAL(json_array_size(endpoints), 2);
	CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(json_array_get(endpoints, 0), "before")), "aa11");
	CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(json_array_get(endpoints, 1), "before")), "");
	CU_ASSERT_TRUE(json_is_null(json_object_get(json_array_get(endpoints, 1), "sni")));
	fixture_release(&f);
}

/* Each member in turn is missing or of another type; a journal is a file that may be damaged. */
static void
damage_is_an_error(void)
{
	static const char *const members[] = { "certificate", "target", "plugin", "key_kind", "fingerprint", "generation" };
	struct fixture f;
	struct ce_error err = { 0 };
	const struct ce_target_run *back = NULL;
	fixture_make(&f);
	const json_t *whole = json_array_get(json_object_get(f.recipe, "targets"), 0);
	for (size_t i = 0; i < CE_COUNT(members); i++) {
		json_t *damaged = json_deep_copy(whole);
		json_object_del(damaged, members[i]);
		CU_ASSERT_EQUAL(ce_recipe_target(&f.engine, damaged, ce_host_local(), &back, &err), CE_ERR_INVALID);
		json_object_set_new(damaged, members[i], json_array());
		CU_ASSERT_EQUAL(ce_recipe_target(&f.engine, damaged, ce_host_local(), &back, &err), CE_ERR_INVALID);
		CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "damaged"));
		json_decref(damaged);
	}
	json_t *damaged = json_deep_copy(whole);
	json_object_del(json_array_get(json_object_get(damaged, "options"), 0), "name");
	CU_ASSERT_EQUAL(ce_recipe_target(&f.engine, damaged, ce_host_local(), &back, &err), CE_ERR_INVALID);
	json_decref(damaged);
	damaged = json_deep_copy(whole);
	json_array_append_new(json_object_get(damaged, "names"), json_integer(1));
	CU_ASSERT_EQUAL(ce_recipe_target(&f.engine, damaged, ce_host_local(), &back, &err), CE_ERR_INVALID);
	json_decref(damaged);
	CU_ASSERT_EQUAL(ce_recipe_target(&f.engine, NULL, ce_host_local(), &back, &err), CE_ERR_INVALID);
	CU_ASSERT_PTR_NULL(back);
	fixture_release(&f);
}

/* Journals are JSON; what cannot be written down must not be begun. */
static void
refuses_what_cannot_be_journalled(void)
{
	struct fixture f;
	struct ce_error err = { 0 };
	json_t *recipe = NULL;
	fixture_make(&f);
	f.options[0].text = "/srv/\xff\xfe";
	CU_ASSERT_EQUAL(ce_recipe_build(&f.group, &recipe, &err), CE_ERR_INVALID);
	CU_ASSERT_PTR_NULL(recipe);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "'web'"));
	fixture_release(&f);
}

const struct ce_test recipe_tests[] = {
	{ "comes back as it was", comes_back_as_it_was },
	{ "holds what verification needs", holds_what_verification_needs },
	{ "damage is an error", damage_is_an_error },
	{ "refuses what cannot be journalled", refuses_what_cannot_be_journalled },
	{ NULL, NULL },
};
