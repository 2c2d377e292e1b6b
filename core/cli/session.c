/* What every command with an engine does: open, act, show, tell the exit status. */
#include <signal.h>
#include <string.h>

#include "base/text.h"
#include "cli/cli.h"
#include "cli/json.h"

/* Their arguments are no certificates and targets, or are looked up later. */
#define OTHER_ARGUMENTS (CE_CMD_ROLLBACK | CE_CMD_IMPORT | CE_CMD_EXPORT | CE_CMD_ISSUER | CE_CMD_ACCOUNT)

static volatile sig_atomic_t caught;

static void
on_signal(int number)
{
	caught = number;
	ce_engine_interrupt();
}

/* The running step ends or is undone; only then does the program. */
static void
catch_signals(void)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction action = { .sa_handler = on_signal };
	sigemptyset(&action.sa_mask);
	caught = 0;
	for (size_t i = 0; i < CE_COUNT(signals); i++)
		(void)sigaction(signals[i], &action, NULL); /* fails for no valid signal */
}

void
ce_cli_problems(struct ce_cli *cli)
{
	for (size_t i = 0; i < cli->problems.count; i++) {
		const struct ce_problem *problem = &cli->problems.items[i];
		if (problem->file && problem->line > 0)
			ce_page_line(&cli->err, "%s:%d: %s", problem->file, problem->line, problem->text);
		else if (problem->file)
			ce_page_line(&cli->err, "%s: %s", problem->file, problem->text);
		else
			ce_page_line(&cli->err, "certengine: %s", problem->text);
	}
}

CE_MUSTCHECK static int
open_engine(struct ce_cli *cli, const struct ce_session *session, struct ce_engine **ret_engine, struct ce_error *err)
{
	const struct ce_engine_options options = {
		.config_file = cli->config_path,
		.root = cli->root_path,
		.names = cli->command->bit & OTHER_ARGUMENTS ? NULL : cli->arguments,
		.force_renew = cli->force_renew,
		.force_deploy = cli->force_deploy,
		.force_reload = cli->force_reload,
		.exit_code = cli->exit_code,
		.store_only = session->store_only,
		.plugins_must_load = cli->command->bit == CE_CMD_CHECK,
		.lock_wait_ms = cli->lock_wait_s * 1000,
		.jobs = cli->jobs,
		.event = session->events ? ce_progress : NULL,
		.context = cli,
	};
	return ce_engine_open(&options, ret_engine, &cli->problems, err);
}

/* Findings say it all; without any the error does. A configuration that is not there is a configuration error. */
static int
failed_to_open(struct ce_cli *cli, struct ce_error *error)
{
	ce_problems_sort(&cli->problems);
	ce_cli_problems(cli);
	if (cli->problems.count > 0)
		return CE_EXIT_USAGE;
	int status = ce_cli_failure(cli, error);
	return error->code == CE_ERR_NOT_FOUND || error->code == CE_ERR_INVALID ? CE_EXIT_USAGE : status;
}

static int
use_engine(struct ce_cli *cli, const struct ce_session *session, struct ce_error *error)
{
	CE_CLEANUP(ce_enginep) struct ce_engine *engine = NULL;
	if (open_engine(cli, session, &engine, error) < 0)
		return failed_to_open(cli, error);
	int code = session->run ? session->run(engine, &cli->report, error) : session->act(engine, cli, &cli->report, error);
	if (code >= 0)
		return cli->report.exit;
	int status = ce_cli_failure(cli, error);
	return cli->report.exit == CE_EXIT_HELP ? CE_EXIT_HELP : status; /* what stopped the run later is the lesser evil */
}

/* After a signal nothing else counts, unless somebody must look. */
static int
with_signal(int status)
{
	return caught == 0 || status == CE_EXIT_HELP ? status : 128 + (int)caught;
}

static void
document(struct ce_cli *cli, int status, const struct ce_error *error)
{
	struct ce_error err = { .code = CE_OK };
	const struct ce_outcome_document outcome = {
		cli->command->name, status, &cli->report, &cli->problems, error->code < 0 ? error : NULL,
	};
	if (ce_json_outcome(&cli->out, &outcome, &err) < 0)
		cli->out.broken = true; /* finish reports it */
}

int
ce_session(struct ce_cli *cli, const struct ce_session *session)
{
	struct ce_error error = { .code = CE_OK };
	catch_signals();
	int status = with_signal(use_engine(cli, session, &error));
	ce_progress_end(cli);
	if (cli->json)
		document(cli, status, &error);
	else if (error.code >= 0)
		session->show(&cli->out, &cli->report);
	return status;
}

static int
use_engine_to_tell(struct ce_cli *cli, int (*tell)(struct ce_engine *engine, struct ce_cli *cli, struct ce_error *err),
	struct ce_error *error)
{
	static const struct ce_session session = { .store_only = true };
	CE_CLEANUP(ce_enginep) struct ce_engine *engine = NULL;
	if (open_engine(cli, &session, &engine, error) < 0)
		return failed_to_open(cli, error);
	return tell(engine, cli, error) < 0 ? ce_cli_failure(cli, error) : CE_EXIT_OK;
}

int
ce_session_tell(struct ce_cli *cli, int (*tell)(struct ce_engine *engine, struct ce_cli *cli, struct ce_error *err))
{
	struct ce_error error = { .code = CE_OK };
	catch_signals();
	int status = with_signal(use_engine_to_tell(cli, tell, &error));
	ce_progress_end(cli);
	if (cli->json && status != CE_EXIT_OK)
		document(cli, status, &error);
	return status;
}
