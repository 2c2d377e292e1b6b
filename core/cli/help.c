#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/json.h"
#include "issuer/issuer.h"

static void
show_option(struct ce_page *page, const struct ce_cli_option *option)
{
	char text[64];
	if (option->letter)
		(void)snprintf(text, sizeof(text), "-%c, %s", option->letter, option->name);
	else
		(void)snprintf(text, sizeof(text), "    %s", option->name);
	if (option->argument)
		(void)snprintf(text + strlen(text), sizeof(text) - strlen(text), " %s", option->argument);
	ce_page_line(page, "  %-24s  %s", text, option->help);
}

static void
show_options(struct ce_page *page, unsigned bit, bool of_all)
{
	for (const struct ce_cli_option *option = ce_cli_options; option->name; option++)
		if (option->commands != 0 && (option->commands & bit) && (option->commands == CE_CMD_ANY) == of_all)
			show_option(page, option);
}

static void
overview(struct ce_page *page)
{
	ce_page_line(page, "usage: certengine [OPTION...] COMMAND [NAME...]");
	ce_page_end(page);
	ce_page_line(page, "commands:");
	for (const struct ce_command *command = ce_commands; command->name; command++)
		ce_page_line(page, "  %-10s  %s", command->name, command->summary);
	ce_page_end(page);
	ce_page_line(page, "options:");
	show_options(page, CE_CMD_ANY, true);
	ce_page_end(page);
	ce_page_line(page, "exit status:");
	for (const struct ce_exit_text *row = ce_exit_texts; row->text; row++)
		ce_page_line(page, "  %d  %s", row->status, row->text);
	ce_page_end(page);
	ce_page_line(page, "'certengine help COMMAND' shows more; certengine(8) and certengine.conf(5) show all.");
}

static void
detail(struct ce_page *page, const struct ce_command *command)
{
	ce_page_line(page, "usage: certengine [OPTION...] %s%s%s", command->name, command->arguments[0] ? " " : "",
		command->arguments);
	ce_page_end(page);
	ce_page_diff(page, "", command->description);
	ce_page_end(page);
	ce_page_line(page, "options:");
	show_options(page, command->bit, false);
	show_options(page, command->bit, true);
}

/* The tables as they are, for the completion and for the check of the manual:
 *	command NAME ARGUMENTS SUMMARY | option COMMAND|* --LONG -SHORT ARGUMENT HELP | exit STATUS TEXT |
 *	issuer KIND OPTION TYPE required|optional HELP */
static void
machine_line(struct ce_page *page, const char *const *fields, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		ce_page_raw(page, i > 0 ? "\t" : "");
		ce_page_add(page, "%s", fields[i]);
	}
	ce_page_end(page);
}

static void
machine_option(struct ce_page *page, const struct ce_cli_option *option, const char *command)
{
	char letter[3] = { '-', option->letter, '\0' };
	const char *const fields[] = {
		"option", command, option->name, option->letter ? letter : "", option->argument ? option->argument : "",
		option->help,
	};
	machine_line(page, fields, CE_COUNT(fields));
}

static void
machine_options(struct ce_page *page)
{
	for (const struct ce_cli_option *option = ce_cli_options; option->name; option++) {
		if (option->commands == CE_CMD_ANY)
			machine_option(page, option, "*");
		for (const struct ce_command *command = ce_commands; command->name; command++)
			if (option->commands != CE_CMD_ANY && (option->commands & command->bit))
				machine_option(page, option, command->name);
	}
}

static void
machine_issuers(struct ce_page *page)
{
	for (const char *const *kind = ce_issuer_kinds(); *kind; kind++) {
		const struct ce_option *row = ce_issuer_driver(*kind)->options;
		for (; row->name; row++) {
			const char *const fields[] = {
				"issuer", *kind, row->name, ce_option_type_name(row->type), row->required ? "required" : "optional",
				row->help,
			};
			machine_line(page, fields, CE_COUNT(fields));
		}
	}
}

static void
machine(struct ce_page *page)
{
	for (const struct ce_command *command = ce_commands; command->name; command++) {
		const char *const fields[] = { "command", command->name, command->arguments, command->summary };
		machine_line(page, fields, CE_COUNT(fields));
	}
	machine_options(page);
	for (const struct ce_exit_text *row = ce_exit_texts; row->text; row++) {
		char status[16];
		(void)snprintf(status, sizeof(status), "%d", row->status);
		const char *const fields[] = { "exit", status, row->text };
		machine_line(page, fields, CE_COUNT(fields));
	}
	machine_issuers(page);
}

/* `help`, `help COMMAND`, and `COMMAND --help`. */
int
ce_cli_help(struct ce_cli *cli)
{
	const struct ce_command *about = cli->command && cli->command->bit != CE_CMD_HELP ? cli->command : NULL;
	if (cli->command && !about && cli->arguments[0]) {
		for (const struct ce_command *command = ce_commands; command->name; command++)
			if (strcmp(command->name, cli->arguments[0]) == 0)
				about = command;
		if (!about) {
			ce_page_line(&cli->err, "certengine: there is no command '%s'", cli->arguments[0]);
			return CE_EXIT_USAGE;
		}
	}
	if (cli->machine)
		machine(&cli->out);
	else if (about)
		detail(&cli->out, about);
	else
		overview(&cli->out);
	return CE_EXIT_OK;
}
