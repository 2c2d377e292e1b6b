/* The program from its arguments to its exit status. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "cli/cli.h"

/* Quiet keeps this much for the case of failure. */
#define KEPT_MAX (4u << 20)

static void
log_line(int level, const char *line, void *context)
{
	static const char *const names[] = { "debug", "info", "notice", "warning" };
	struct ce_cli *cli = context;
	const char *name = level >= 0 && (size_t)level < CE_COUNT(names) ? names[level] : names[CE_LOG_WARNING];
	if (cli->quiet && cli->err.buf.size > KEPT_MAX)
		return;
	ce_progress_end(cli);
	ce_page_line(&cli->err, "certengine: %s: %s", name, line);
	if (!cli->quiet)
		CE_IGNORE(ce_page_flush(&cli->err, NULL)); /* there is no other place to complain */
}

static void
release(struct ce_cli *cli)
{
	ce_log_to(NULL, NULL, CE_LOG_WARNING);
	free(cli->arguments);
	free(cli->config_path);
	free(cli->root_path);
	ce_strlist_release(&cli->usage);
	ce_problems_release(&cli->problems);
	ce_report_release(&cli->report);
	ce_page_drop(&cli->out);
	ce_page_drop(&cli->err);
}

int
ce_cli_absolute(const struct ce_cli *cli, const char *path, char **ret_path, struct ce_error *err)
{
	if (!path)
		return CE_OK;
	if (path[0] != '/' && !cli->directory)
		return ce_fail(err, CE_ERR_CONFIG, "'%s' is relative and the working directory is not known", path);
	while (path[0] == '.' && path[1] == '/')
		path += 2;

	CE_CLEANUP(ce_buf_release) struct ce_buf text = CE_BUF_INIT;
	int code = path[0] == '/' ? ce_buf_adds(&text, path, err)
		: ce_buf_addf(&text, err, "%s/%s", strcmp(cli->directory, "/") == 0 ? "" : cli->directory, path);
	if (code < 0)
		return code;
	while (text.size > 1 && text.data[text.size - 1] == '/')
		text.data[--text.size] = '\0';
	*ret_path = ce_buf_steal_text(&text);
	return *ret_path ? CE_OK : ce_fail(err, CE_ERR_MEMORY, "out of memory");
}

int
ce_cli_generation(const char *text, long *ret_generation, struct ce_error *err)
{
	char *end = NULL;
	if (!text)
		return CE_OK;
	errno = 0;
	long number = strtol(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0' || number < 1)
		return ce_fail(err, CE_ERR_CONFIG, "'%s' is not the number of a generation", text);
	*ret_generation = number;
	return CE_OK;
}

static bool
wants_colour(int fd)
{
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");
	return isatty(fd) && !(no_color && no_color[0] != '\0') && term && strcmp(term, "dumb") != 0;
}

CE_MUSTCHECK static int
prepare(struct ce_cli *cli, int argc, char **argv, struct ce_error *err)
{
	static const int levels[] = { CE_LOG_WARNING, CE_LOG_INFO, CE_LOG_DEBUG };
	cli->terminal = isatty(STDOUT_FILENO);
	cli->out.colour = wants_colour(STDOUT_FILENO);
	cli->err.colour = wants_colour(STDERR_FILENO);
	int code = ce_cli_parse(cli, argc, argv, err);
	if (code < 0)
		return code;
	ce_log_to(log_line, cli, levels[cli->verbose > 2 ? 2 : cli->verbose]);
	code = ce_cli_absolute(cli, cli->config_file, &cli->config_path, err);
	return code < 0 ? code : ce_cli_absolute(cli, cli->root, &cli->root_path, err);
}

static int
usage(struct ce_cli *cli)
{
	for (size_t i = 0; i < cli->usage.count; i++)
		ce_page_line(&cli->err, "certengine: %s", cli->usage.items[i]);
	ce_page_line(&cli->err, "see 'certengine help%s%s'", cli->command ? " " : "",
		cli->command ? cli->command->name : "");
	return CE_EXIT_USAGE;
}

static int
act(struct ce_cli *cli)
{
	if (cli->usage.count > 0)
		return usage(cli);
	if (cli->version)
		return ce_cli_version(cli);
	if (cli->help)
		return ce_cli_help(cli);
	if (!cli->command) {
		CE_IGNORE(ce_strlist_add(&cli->usage, "a command is missing", NULL)); /* the hint below comes anyway */
		return usage(cli);
	}
	return cli->command->run(cli);
}

/* Results that did not arrive are a failure, however good they were. */
static int
finish(struct ce_cli *cli, int status)
{
	struct ce_error err = { .code = CE_OK };
	ce_progress_end(cli);
	if (cli->quiet && status == CE_EXIT_OK) {
		ce_page_drop(&cli->out);
		ce_page_drop(&cli->err);
		return status;
	}
	if (ce_page_flush(&cli->out, &err) < 0) {
		ce_page_line(&cli->err, "certengine: %s", err.text);
		if (status == CE_EXIT_OK)
			status = CE_EXIT_FAILED;
	}
	CE_IGNORE(ce_page_flush(&cli->err, NULL)); /* there is no other place to complain */
	return status;
}

int
ce_cli_failure(struct ce_cli *cli, const struct ce_error *error)
{
	ce_progress_end(cli);
	ce_page_line(&cli->err, "certengine: %s%s%s", error->step, error->step[0] ? ": " : "", error->text);
	if (geteuid() != 0 && strstr(error->text, strerror(EACCES)))
		ce_page_line(&cli->err, "certengine must run as root: state, keys and products are closed to others");
	switch (error->code) {
	case CE_ERR_LOCKED:
		return CE_EXIT_LOCKED;
	case CE_ERR_CONFIG:
		return CE_EXIT_USAGE;
	case CE_ERR_WAIT:
		return CE_EXIT_WAIT;
	default:
		return CE_EXIT_FAILED;
	}
}

int
ce_cli_main(int argc, char **argv, const char *directory)
{
	CE_CLEANUP(release) struct ce_cli cli = {
		.directory = directory,
		.lock_wait_s = 10,
		.out = CE_PAGE_INIT(STDOUT_FILENO),
		.err = CE_PAGE_INIT(STDERR_FILENO),
	};
	struct ce_error err = { .code = CE_OK };
	if (prepare(&cli, argc, argv, &err) < 0)
		return finish(&cli, ce_cli_failure(&cli, &err));
	return finish(&cli, act(&cli));
}
