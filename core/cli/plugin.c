#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/json.h"

/* What ce_engine_plugins gave, released as one. */
struct descriptions {
	struct ce_plugin_description *items;
	size_t count;
};

static void
descriptions_release(struct descriptions *descriptions)
{
	for (size_t i = 0; i < descriptions->count; i++)
		ce_plugin_description_release(&descriptions->items[i]);
	free(descriptions->items);
}

static void
show_list(struct ce_page *page, const struct descriptions *descriptions)
{
	size_t width = 0;
	for (size_t i = 0; i < descriptions->count; i++)
		if (strlen(descriptions->items[i].name) > width)
			width = strlen(descriptions->items[i].name);
	for (size_t i = 0; i < descriptions->count; i++) {
		const struct ce_plugin_description *one = &descriptions->items[i];
		ce_page_cell(page, CE_PAINT_NONE, width + 2, one->name);
		if (one->error)
			ce_page_cell(page, CE_PAINT_BAD, 0, one->error);
		else
			ce_page_add(page, "%-8s  %s", one->version, one->summary);
		ce_page_end(page);
	}
	if (descriptions->count == 0)
		ce_page_line(page, "no plugins are installed");
}

static int
list(struct ce_cli *cli, struct ce_error *err)
{
	CE_CLEANUP(descriptions_release) struct descriptions descriptions = { NULL, 0 };
	int code = ce_engine_plugins(&descriptions.items, &descriptions.count, err);
	if (code < 0)
		return code;
	if (cli->json)
		return ce_json_plugins(&cli->out, descriptions.items, descriptions.count, err);
	show_list(&cli->out, &descriptions);
	return CE_OK;
}

static void
show_option(struct ce_page *page, const struct ce_option *option)
{
	ce_page_add(page, "  %s (%s", option->name, ce_option_type_name(option->type));
	if (option->required)
		ce_page_add(page, ", required");
	if (option->fallback)
		ce_page_add(page, ", default %s", option->fallback);
	if (option->minimum != 0 || option->maximum != 0)
		ce_page_add(page, ", %lld to %lld", option->minimum, option->maximum);
	for (const char *const *choice = option->choices; choice && *choice; choice++)
		ce_page_add(page, "%s%s", choice == option->choices ? ", one of " : " ", *choice);
	ce_page_line(page, ")");
	ce_page_line(page, "      %s", option->help ? option->help : "");
}

static void
show_info(struct ce_page *page, const struct ce_plugin_description *description)
{
	ce_page_line(page, "%s %s: %s", description->name, description->version, description->summary);
	ce_page_line(page, "%s, ABI %u", description->path, description->abi);
	ce_page_end(page);
	ce_page_line(page, "options:");
	for (const struct ce_option *option = description->options; option && option->name; option++)
		show_option(page, option);
}

static int
info(struct ce_cli *cli, struct ce_error *err)
{
	CE_CLEANUP(ce_plugin_description_release) struct ce_plugin_description description = { .name = NULL };
	int code = ce_engine_plugin(cli->arguments[1], &description, err);
	if (code < 0)
		return code;
	if (description.error)
		return ce_fail(err, CE_ERR_PLUGIN, "%s", description.error);
	if (cli->json)
		return ce_json_plugin(&cli->out, &description, err);
	show_info(&cli->out, &description);
	return CE_OK;
}

int
ce_cli_plugin(struct ce_cli *cli)
{
	struct ce_error err = { .code = CE_OK };
	int code;
	if (strcmp(cli->arguments[0], "list") == 0 && cli->argument_count == 1) {
		code = list(cli, &err);
	} else if (strcmp(cli->arguments[0], "info") == 0 && cli->argument_count == 2) {
		code = info(cli, &err);
	} else {
		ce_page_line(&cli->err, "certengine: 'plugin' takes: %s", cli->command->arguments);
		return CE_EXIT_USAGE;
	}
	if (code == CE_ERR_NOT_FOUND || code == CE_ERR_INVALID) {
		(void)ce_cli_failure(cli, &err);
		return CE_EXIT_USAGE;
	}
	return code < 0 ? ce_cli_failure(cli, &err) : CE_EXIT_OK;
}
