/* run-plugin [-n TARGETS] [-t MS] [-c PATH]... DIRECTORY PLUGIN ACTION[,ACTION...] [OPTION=VALUE...]
 *
 * Lets one plugin process serve one or more targets with these options, prints what comes of it, and ends with 1 when
 * anything failed. Actions: list, info, stage, reload, verify, discover. -t: every time limit. -c: a path
 * that reload is told of, besides those that stage changed. The items of a list are set apart by blanks. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "plugin/table.h"
#include "plugin/wire.h"
#include "run_plugin.h"

struct setup {
	struct ce_plugins *plugins;
	const char *plugin;
	struct ce_plugin_option options[CE_PLUGIN_OPTIONS_MAX];
	struct ce_strlist lists[CE_PLUGIN_OPTIONS_MAX];
	size_t option_count;
	struct ce_strlist committed;
	struct ce_strlist targets; /* their names, which must outlive the pool */
	bool failed;
};

static void
report(struct setup *setup, const char *action, int code, const struct ce_error *err)
{
	if (code >= CE_OK) {
		printf("%s: %s\n", action, code == CE_UNCHANGED ? "unchanged" : "ok");
		return;
	}
	printf("%s: %s: %s%s%s\n", action, ce_code_name(code), err->step, err->step[0] ? ": " : "", err->text);
	setup->failed = true;
}

/* ------------------------------------------------------------------ options */

static const char *
given_value(char **given, const char *name)
{
	size_t size = strlen(name);
	for (; *given; given++)
		if (strncmp(*given, name, size) == 0 && (*given)[size] == '=')
			return *given + size + 1;
	return NULL;
}

CE_MUSTCHECK static int
split(const char *text, struct ce_strlist *ret_list, struct ce_error *err)
{
	CE_CLEANUP(ce_freep) char *copy = strdup(text);
	char *at = NULL;
	int code = copy ? CE_OK : CE_ERR_MEMORY;
	for (char *item = copy ? strtok_r(copy, " ", &at) : NULL; item && code == CE_OK; item = strtok_r(NULL, " ", &at))
		code = ce_strlist_add(ret_list, item, err);
	return code;
}

CE_MUSTCHECK static int
fill_options(struct setup *setup, const struct ce_option *table, char **given, struct ce_error *err)
{
	int code = CE_OK;
	for (const struct ce_option *row = table; row->name && code == CE_OK; row++) {
		const char *text = given_value(given, row->name);
		struct ce_plugin_option *option = &setup->options[setup->option_count];
		struct ce_strlist *list = &setup->lists[setup->option_count];
		text = text ? text : row->fallback;
		if (!text)
			continue;
		if (row->type == CE_OPTION_LIST) {
			code = split(text, list, err);
			*option = (struct ce_plugin_option){ .name = row->name, .type = row->type,
				.list = (const char *const *)list->items };
		} else {
			code = ce_table_value(row, text, option, err);
		}
		setup->option_count++;
	}
	return code;
}

/* ------------------------------------------------------------------ actions */

static void
stage(struct setup *setup, const struct ce_plugin_target *target)
{
	struct ce_error err;
	ce_error_clear(&err);
	CE_CLEANUP(ce_staged_release) struct ce_staged staged = { .changes = CE_CHANGES_INIT };
	int code = ce_plugin_stage(setup->plugins, target, &staged, &err);
	run_plugin_print_staged(&staged);
	report(setup, "stage", code, &err);
	for (size_t i = 0; i < staged.changes.count; i++)
		if (staged.changes.items[i].path && ce_strlist_add(&setup->committed, staged.changes.items[i].path, NULL) != CE_OK)
			setup->failed = true;
}

static void
discover(struct setup *setup)
{
	struct ce_error err;
	ce_error_clear(&err);
	CE_CLEANUP(ce_plugin_discovery_release) struct ce_plugin_discovery discovery = { NULL, 0 };
	int code = ce_plugin_discover(setup->plugins, setup->plugin, ce_host_local(), &discovery, &err);
	run_plugin_print_discovery(&discovery);
	report(setup, "discover", code, &err);
}

static void
list(struct setup *setup)
{
	struct ce_error err;
	ce_error_clear(&err);
	CE_CLEANUP(ce_strlist_release) struct ce_strlist names = CE_STRLIST_INIT;
	int code = ce_plugins_list(&names, &err);
	for (size_t i = 0; i < names.count; i++)
		printf("plugin %s\n", names.items[i]);
	report(setup, "list", code, &err);
}

static void
act_on(struct setup *setup, const char *action, const struct ce_plugin_target *target)
{
	struct ce_error err;
	ce_error_clear(&err);
	if (strcmp(action, "stage") == 0)
		stage(setup, target);
	else if (strcmp(action, "reload") == 0)
		report(setup, action, ce_plugin_reload(setup->plugins, target, &setup->committed, &err), &err);
	else if (strcmp(action, "verify") == 0)
		report(setup, action, ce_plugin_verify(setup->plugins, target, &err), &err);
}

static void
act(struct setup *setup, const char *action)
{
	static const char *const names[] = { "shop.example", "www.shop.example", NULL };
	if (strcmp(action, "discover") == 0)
		discover(setup);
	if (strcmp(action, "list") == 0)
		list(setup);
	for (size_t i = 0; i < setup->targets.count; i++) {
		struct ce_plugin_target target = { .plugin = setup->plugin, .certificate = "shop",
			.name = setup->targets.items[i], .options = setup->options, .option_count = setup->option_count,
			.host = ce_host_local(), .names = names, .key_kind = "ec-p256", .fingerprint = "ab12cd34", .generation = 7 };
		act_on(setup, action, &target);
	}
}

static void
print_log(int level, const char *line, void *context)
{
	(void)context;
	printf("engine log %d %s\n", level, line);
}

/* Options before the directory; the index of the first argument behind them, 0 when they are not understood. */
static int
take_switches(struct setup *setup, int argc, char **argv, struct ce_error *err)
{
	int targets = 1, letter = 0, code = CE_OK;
	while (code == CE_OK && (letter = getopt(argc, argv, "+n:t:c:")) != -1) {
		int number = optarg ? atoi(optarg) : 0;
		struct ce_plugin_limits limits = { number, number, number, number };
		if (letter == 'n')
			targets = number;
		else if (letter == 't')
			ce_plugins_limits(setup->plugins, &limits);
		else if (letter == 'c')
			code = ce_strlist_add(&setup->committed, optarg, err);
		else
			return 0;
	}
	for (int i = 0; i < targets && code == CE_OK; i++)
		code = ce_strlist_addf(&setup->targets, err, "target%d", i);
	return code == CE_OK && argc - optind >= 3 ? optind : 0;
}

/* The plugin itself first, then what was asked for, in order. */
static void
act_all(struct setup *setup, char *actions, char **given)
{
	struct ce_error err;
	ce_error_clear(&err);
	const struct ce_plugin_info *info = NULL;
	bool wants_plugin = strcmp(actions, "list") != 0;
	int code = wants_plugin ? ce_plugins_info(setup->plugins, setup->plugin, &info, &err) : CE_OK;
	if (code == CE_OK && info)
		code = fill_options(setup, info->options, given, &err);
	if (code < 0 || strstr(actions, "info"))
		report(setup, "info", code, &err);
	if (code < 0)
		return;
	if (strstr(actions, "info"))
		run_plugin_print_info(info);

	char *at = NULL;
	for (char *action = strtok_r(actions, ",", &at); action; action = strtok_r(NULL, ",", &at))
		act(setup, action);
}

int
main(int argc, char **argv)
{
	struct ce_error err;
	ce_error_clear(&err);
	static struct setup setup;
	if (ce_plugins_new(&run_plugin_backend, &setup.plugins, &err) != CE_OK)
		return 2;
	int first = take_switches(&setup, argc, argv, &err);
	if (first > 0) {
		setvbuf(stdout, NULL, _IOLBF, 0);
		ce_log_to(print_log, NULL, CE_LOG_NOTICE);
		run_plugin_directory(argv[first]);
		setup.plugin = argv[first + 1];
		act_all(&setup, argv[first + 2], argv + first + 3);
	}
	ce_plugins_free(setup.plugins);
	for (size_t i = 0; i < CE_PLUGIN_OPTIONS_MAX; i++)
		ce_strlist_release(&setup.lists[i]);
	ce_strlist_release(&setup.committed);
	ce_strlist_release(&setup.targets);
	if (first <= 0)
		(void)fprintf(stderr, "usage: run-plugin [-n TARGETS] [-t MS] [-c PATH] DIRECTORY PLUGIN ACTIONS [OPTION=VALUE...]\n");
	return first <= 0 ? 2 : setup.failed;
}
