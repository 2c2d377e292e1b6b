#include <limits.h>
#include <string.h>

#include "base/text.h"
#include "cli/cli.h"

#define LOCK_WAIT_MAX 86400
#define DEPLOYING (CE_CMD_APPLY | CE_CMD_ROLLBACK)

#define AT(member) offsetof(struct ce_cli, member)
#define READING (CE_CMD_PLAN | CE_CMD_APPLY | CE_CMD_VERIFY | CE_CMD_STATUS | CE_CMD_ROLLBACK | CE_CMD_RECOVER \
	| CE_CMD_CHECK | CE_CMD_PLUGIN | CE_CMD_IMPORT | CE_CMD_ISSUER | CE_CMD_ACCOUNT | CE_CMD_REVOKE)
#define LOCKING (CE_CMD_APPLY | CE_CMD_ROLLBACK | CE_CMD_RECOVER | CE_CMD_IMPORT | CE_CMD_ACCOUNT | CE_CMD_REVOKE)

const struct ce_cli_option ce_cli_options[] = {
	{ "--config", 'c', CE_VALUE_TEXT, "FILE", AT(config_file), CE_CMD_ANY,
		"read this configuration and no conf.d" },
	{ "--root", 0, CE_VALUE_TEXT, "DIR", AT(root), CE_CMD_ANY,
		"put DIR before the directories of configuration, state and lock" },
	{ "--verbose", 'v', CE_VALUE_COUNT, NULL, AT(verbose), CE_CMD_ANY,
		"say more on standard error; twice: everything" },
	{ "--quiet", 'q', CE_VALUE_NONE, NULL, AT(quiet), CE_CMD_ANY,
		"say nothing on success, everything on failure" },
	{ "--json", 0, CE_VALUE_NONE, NULL, AT(json), READING, "print one JSON document instead of text" },
	{ "--lock-wait", 0, CE_VALUE_SECONDS, "SECONDS", AT(lock_wait_s), LOCKING,
		"wait so long for another run to end (default 10)" },
	{ "--jobs", 0, CE_VALUE_JOBS, "N", AT(jobs), DEPLOYING,
		"deploy to so many products at a time that share nothing (default 4)" },
	{ "--help", 'h', CE_VALUE_NONE, NULL, AT(help), CE_CMD_ANY, "show help on the command" },
	{ "--version", 'V', CE_VALUE_NONE, NULL, AT(version), CE_CMD_ANY, "show the version" },
	{ "--force-renew", 0, CE_VALUE_NONE, NULL, AT(force_renew), CE_CMD_APPLY | CE_CMD_PLAN,
		"request a new certificate though none is due" },
	{ "--force-deploy", 0, CE_VALUE_NONE, NULL, AT(force_deploy), CE_CMD_APPLY | CE_CMD_PLAN,
		"deploy though everything is installed and served" },
	{ "--force-reload", 0, CE_VALUE_NONE, NULL, AT(force_reload), CE_CMD_APPLY | CE_CMD_PLAN,
		"reload though nothing was changed" },
	{ "--exit-code", 0, CE_VALUE_NONE, NULL, AT(exit_code), CE_CMD_APPLY | CE_CMD_PLAN,
		"end with 4 when there are or were changes" },
	{ "--dry-run", 0, CE_VALUE_NONE, NULL, AT(dry_run), CE_CMD_APPLY, "do as plan does" },
	{ "--issuer", 0, CE_VALUE_NONE, NULL, AT(of_issuer), CE_CMD_EXPORT,
		"the name is an issuer's: what it is trusted by" },
	{ "--part", 0, CE_VALUE_TEXT, "PART", AT(part), CE_CMD_EXPORT,
		"fullchain, leaf, chain, key or all; of an issuer: roots or crl" },
	{ "--format", 0, CE_VALUE_TEXT, "FORMAT", AT(format), CE_CMD_EXPORT, "pem, der, p12 or jks (default pem)" },
	{ "--out", 0, CE_VALUE_TEXT, "FILE", AT(out_file), CE_CMD_EXPORT, "write to this file" },
	{ "--password-file", 0, CE_VALUE_TEXT, "FILE", AT(password_file), CE_CMD_EXPORT,
		"file with the password of a keystore on its first line" },
	{ "--withdraw", 0, CE_VALUE_NONE, NULL, AT(withdraw), CE_CMD_IMPORT,
		"give up the request that waits" },
	{ "--yes", 0, CE_VALUE_NONE, NULL, AT(yes), CE_CMD_ACCOUNT, "do what cannot be taken back" },
	{ "--generation", 0, CE_VALUE_TEXT, "N", AT(generation), CE_CMD_REVOKE, "revoke this generation; else the live one" },
	{ "--reason", 0, CE_VALUE_TEXT, "WORD", AT(reason), CE_CMD_REVOKE,
		"why, such as superseded or keyCompromise; else no reason is told" },
	{ "--with-certificate-key", 0, CE_VALUE_NONE, NULL, AT(with_certificate_key), CE_CMD_REVOKE,
		"show the right to revoke by the certificate's own key, not by the account" },
	{ "--no-replacement", 0, CE_VALUE_NONE, NULL, AT(no_replacement), CE_CMD_REVOKE,
		"revoke a key that others know at once, though no other certificate is in place" },
	{ "--staging", 0, CE_VALUE_NONE, NULL, AT(staging), CE_CMD_APPLY,
		"rehearse at the staging environment of the CA; install and keep nothing" },
	{ "--machine", 0, CE_VALUE_NONE, NULL, AT(machine), CE_CMD_HELP,
		"print commands, options and exit statuses as tab-separated lines" },
	{ "--force", 0, CE_VALUE_NONE, NULL, AT(force), 0,
		"'--force' says too little: use --force-renew, --force-deploy or --force-reload" },
	{ NULL, 0, CE_VALUE_NONE, NULL, 0, 0, NULL },
};

_Static_assert(CE_COUNT(ce_cli_options) <= 33, "ce_cli.used has a bit for each option");

/* Where parsing stands. */
struct parse {
	struct ce_cli *cli;
	int argc;
	char **argv;
	int at;
};

static const struct ce_cli_option *
option_by_name(const char *name, size_t size)
{
	for (const struct ce_cli_option *row = ce_cli_options; row->name; row++)
		if (strlen(row->name) == size && memcmp(row->name, name, size) == 0)
			return row;
	return NULL;
}

static const struct ce_cli_option *
option_by_letter(char letter)
{
	for (const struct ce_cli_option *row = ce_cli_options; row->name; row++)
		if (row->letter != 0 && row->letter == letter)
			return row;
	return NULL;
}

CE_MUSTCHECK static int
set_number(struct ce_cli *cli, const struct ce_cli_option *row, const char *value, struct ce_error *err)
{
	bool jobs = row->value == CE_VALUE_JOBS;
	long least = jobs ? 1 : 0, most = jobs ? CE_ENGINE_JOBS_MAX : LOCK_WAIT_MAX;
	char *end;
	long number = strtol(value, &end, 10);
	if (end == value || *end != '\0' || number < least || number > most)
		return ce_strlist_addf(&cli->usage, err, "%s takes %s from %ld to %ld, not '%s'", row->name,
			jobs ? "a number" : "seconds", least, most, value);
	*(int *)((char *)cli + row->offset) = (int)number;
	return CE_OK;
}

CE_MUSTCHECK static int
set(struct ce_cli *cli, const struct ce_cli_option *row, const char *value, struct ce_error *err)
{
	void *member = (char *)cli + row->offset;
	cli->used |= UINT32_C(1) << (row - ce_cli_options);
	switch (row->value) {
	case CE_VALUE_NONE:
		*(bool *)member = true;
		return CE_OK;
	case CE_VALUE_COUNT:
		++*(int *)member;
		return CE_OK;
	case CE_VALUE_TEXT:
		if (value[0] == '\0')
			return ce_strlist_addf(&cli->usage, err, "%s needs a value that is not empty", row->name);
		*(const char **)member = value;
		return CE_OK;
	default:
		return set_number(cli, row, value, err);
	}
}

/* attached: what stands in the same word, NULL for nothing. */
CE_MUSTCHECK static int
set_with_value(struct parse *parse, const struct ce_cli_option *row, const char *attached, struct ce_error *err)
{
	if (attached)
		return set(parse->cli, row, attached, err);
	if (parse->at + 1 >= parse->argc)
		return ce_strlist_addf(&parse->cli->usage, err, "%s needs a value: %s", row->name, row->argument);
	return set(parse->cli, row, parse->argv[++parse->at], err);
}

CE_MUSTCHECK static int
unknown_option(struct ce_cli *cli, const char *word, size_t size, struct ce_error *err)
{
	const char *names[CE_COUNT(ce_cli_options)] = { NULL };
	size_t count = 0;
	for (const struct ce_cli_option *row = ce_cli_options; row->name; row++)
		if (row->commands != 0)
			names[count++] = row->name;
	CE_CLEANUP(ce_freep) char *name = strndup(word, size);
	if (!name)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	const char *nearest = ce_text_nearest(name, names);
	if (nearest)
		return ce_strlist_addf(&cli->usage, err, "unknown option '%s', did you mean '%s'?", name, nearest);
	return ce_strlist_addf(&cli->usage, err, "unknown option '%s'", name);
}

CE_MUSTCHECK static int
parse_long(struct parse *parse, const char *word, struct ce_error *err)
{
	const char *equals = strchr(word, '=');
	size_t size = equals ? (size_t)(equals - word) : strlen(word);
	const struct ce_cli_option *row = option_by_name(word, size);
	if (!row)
		return unknown_option(parse->cli, word, size, err);
	if (row->argument)
		return set_with_value(parse, row, equals ? equals + 1 : NULL, err);
	if (equals)
		return ce_strlist_addf(&parse->cli->usage, err, "%s takes no value", row->name);
	return set(parse->cli, row, NULL, err);
}

/* "-vq", "-cFILE", "-c FILE" */
CE_MUSTCHECK static int
parse_letters(struct parse *parse, const char *word, struct ce_error *err)
{
	for (const char *letter = word + 1; *letter; letter++) {
		const struct ce_cli_option *row = option_by_letter(*letter);
		if (!row)
			return ce_strlist_addf(&parse->cli->usage, err, "unknown option '-%c'", *letter);
		if (row->argument)
			return set_with_value(parse, row, letter[1] ? letter + 1 : NULL, err);
		int code = set(parse->cli, row, NULL, err);
		if (code < 0)
			return code;
	}
	return CE_OK;
}

static void
take_argument(struct ce_cli *cli, const char *word)
{
	if (!cli->command_name)
		cli->command_name = word;
	else
		cli->arguments[cli->argument_count++] = word;
}

/* Options that were given and that the command does not take. */
CE_MUSTCHECK static int
check_belonging(struct ce_cli *cli, struct ce_error *err)
{
	for (const struct ce_cli_option *row = ce_cli_options; row->name; row++) {
		int code = CE_OK;
		if ((cli->used & (UINT32_C(1) << (row - ce_cli_options))) == 0)
			continue;
		if (row->commands == 0)
			code = ce_strlist_add(&cli->usage, row->help, err);
		else if (cli->command && (row->commands & cli->command->bit) == 0)
			code = ce_strlist_addf(&cli->usage, err, "'%s' does not take %s", cli->command->name, row->name);
		if (code < 0)
			return code;
	}
	return CE_OK;
}

CE_MUSTCHECK static int
find_command(struct ce_cli *cli, struct ce_error *err)
{
	const char *names[32] = { NULL };
	if (!cli->command_name)
		return CE_OK;
	for (size_t i = 0; ce_commands[i].name; i++) {
		if (strcmp(ce_commands[i].name, cli->command_name) == 0)
			cli->command = &ce_commands[i];
		if (i + 1 < CE_COUNT(names))
			names[i] = ce_commands[i].name;
	}
	if (cli->command)
		return CE_OK;
	const char *nearest = ce_text_nearest(cli->command_name, names);
	if (nearest)
		return ce_strlist_addf(&cli->usage, err, "unknown command '%s', did you mean '%s'?", cli->command_name,
			nearest);
	return ce_strlist_addf(&cli->usage, err, "unknown command '%s'", cli->command_name);
}

CE_MUSTCHECK static int
check_arguments(struct ce_cli *cli, struct ce_error *err)
{
	const struct ce_command *command = cli->command;
	if (!command || cli->help || cli->version)
		return CE_OK;
	if (cli->argument_count < command->minimum)
		return ce_strlist_addf(&cli->usage, err, "'%s' needs more: %s", command->name, command->arguments);
	if (command->maximum >= 0 && cli->argument_count > command->maximum)
		return ce_strlist_addf(&cli->usage, err, "'%s' does not take '%s'", command->name,
			cli->arguments[command->maximum]);
	return CE_OK;
}

CE_MUSTCHECK static int
parse_words(struct parse *parse, struct ce_error *err)
{
	bool options = true;
	for (parse->at = 1; parse->at < parse->argc; parse->at++) {
		const char *word = parse->argv[parse->at];
		int code = CE_OK;
		if (options && strcmp(word, "--") == 0)
			options = false;
		else if (options && strncmp(word, "--", 2) == 0)
			code = parse_long(parse, word, err);
		else if (options && word[0] == '-' && word[1] != '\0')
			code = parse_letters(parse, word, err);
		else
			take_argument(parse->cli, word);
		if (code < 0)
			return code;
	}
	return CE_OK;
}

int
ce_cli_parse(struct ce_cli *cli, int argc, char **argv, struct ce_error *err)
{
	cli->arguments = calloc((size_t)argc + 1, sizeof(*cli->arguments));
	if (!cli->arguments)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");

	struct parse parse = { cli, argc, argv, 0 };
	int code = parse_words(&parse, err);
	if (code >= 0)
		code = find_command(cli, err);
	if (code >= 0)
		code = check_belonging(cli, err);
	if (code >= 0)
		code = check_arguments(cli, err);
	if (code >= 0 && cli->quiet && cli->verbose > 0)
		code = ce_strlist_add(&cli->usage, "-q and -v contradict each other", err);
	return code;
}
