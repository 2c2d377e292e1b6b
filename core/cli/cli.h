/* The program as a library: options, the table of commands, and what commands share. */
#ifndef CE_CLI_CLI_H
#define CE_CLI_CLI_H

#include <stdint.h>

#include "cli/page.h"
#include "engine/engine.h"

struct ce_command;

/* One run of the program. */
struct ce_cli {
	/* as given */
	const char *config_file, *root;
	int verbose;
	bool quiet, json, help, version, machine;
	bool force, force_renew, force_deploy, force_reload, exit_code, dry_run, staging;
	bool withdraw, of_issuer;
	const char *part, *format, *out_file, *password_file;
	bool yes, with_certificate_key, no_replacement;
	const char *generation, *reason;
	int lock_wait_s, jobs;
	uint32_t used;                  /* bits of the rows of ce_cli_options */
	const char *command_name;       /* NULL: none given */
	const struct ce_command *command;
	const char **arguments;         /* behind the command, NULL-terminated; points into argv */
	int argument_count;
	struct ce_strlist usage;        /* what is wrong with all that */
	/* surroundings */
	const char *directory;          /* that relative paths start from */
	char *config_path, *root_path;  /* absolute */
	bool terminal;                  /* standard output is one */
	bool line_open;                 /* a step that runs stands on the terminal's last line */
	struct ce_page out, err;
	struct ce_problems problems;
	struct ce_report report;
};

/* ---------------------------------------------------------------- options */

/* Commands as bits, for the table of options. */
enum {
	CE_CMD_PLAN = 1u << 0,
	CE_CMD_APPLY = 1u << 1,
	CE_CMD_VERIFY = 1u << 2,
	CE_CMD_STATUS = 1u << 3,
	CE_CMD_ROLLBACK = 1u << 4,
	CE_CMD_RECOVER = 1u << 5,
	CE_CMD_CHECK = 1u << 6,
	CE_CMD_PLUGIN = 1u << 7,
	CE_CMD_HELP = 1u << 8,
	CE_CMD_VERSION = 1u << 9,
	CE_CMD_IMPORT = 1u << 10,
	CE_CMD_EXPORT = 1u << 11,
	CE_CMD_ISSUER = 1u << 12,
	CE_CMD_ACCOUNT = 1u << 13,
	CE_CMD_REVOKE = 1u << 14,
	CE_CMD_ANY = (1u << 16) - 1
};

enum ce_cli_value { CE_VALUE_NONE = 0, CE_VALUE_COUNT, CE_VALUE_TEXT, CE_VALUE_SECONDS, CE_VALUE_JOBS };

/* A NULL name ends the table. */
struct ce_cli_option {
	const char *name;      /* "--name" */
	char letter;           /* 0: none */
	enum ce_cli_value value;
	const char *argument;  /* what its value is called, NULL: none */
	size_t offset;         /* in struct ce_cli */
	unsigned commands;     /* that take it; 0: it is there to be refused with its help text */
	const char *help;
};
extern const struct ce_cli_option ce_cli_options[];

/* Sorts argv into cli. Everything that is wrong goes to cli->usage; the result is only for system errors. */
CE_MUSTCHECK int ce_cli_parse(struct ce_cli *cli, int argc, char **argv, struct ce_error *err);

/* --------------------------------------------------------------- commands */

struct ce_command {
	const char *name;
	unsigned bit;
	const char *arguments;   /* as shown, "" for none */
	int minimum, maximum;    /* how many of them; -1: any */
	const char *summary;     /* one line */
	const char *description; /* for `help COMMAND`, lines */
	/* Fills cli->out and returns the exit status. */
	int (*run)(struct ce_cli *cli);
};
extern const struct ce_command ce_commands[]; /* ended by a NULL name */

int ce_cli_plan(struct ce_cli *cli);
int ce_cli_apply(struct ce_cli *cli);
int ce_cli_verify(struct ce_cli *cli);
int ce_cli_status(struct ce_cli *cli);
int ce_cli_rollback(struct ce_cli *cli);
int ce_cli_recover(struct ce_cli *cli);
int ce_cli_check(struct ce_cli *cli);
int ce_cli_plugin(struct ce_cli *cli);
int ce_cli_export(struct ce_cli *cli);
int ce_cli_import(struct ce_cli *cli);
int ce_cli_issuer(struct ce_cli *cli);
int ce_cli_account(struct ce_cli *cli);
int ce_cli_revoke(struct ce_cli *cli);
int ce_cli_help(struct ce_cli *cli);
int ce_cli_version(struct ce_cli *cli);

/* What exit statuses mean, ended by a NULL text. */
struct ce_exit_text {
	int status;
	const char *text;
};
extern const struct ce_exit_text ce_exit_texts[];

/* The whole program. directory: the one it was started in, absolute; NULL: not known. */
int ce_cli_main(int argc, char **argv, const char *directory);

/* ------------------------------------------------------- shared by commands */

/* What a command has the engine do, and how it shows the outcome. */
struct ce_session {
	bool store_only;  /* see struct ce_engine_options */
	bool events;      /* steps are shown as they happen */
	/* One of them: act for commands whose arguments and options say what is to be done. */
	int (*run)(struct ce_engine *engine, struct ce_report *ret_report, struct ce_error *err);
	int (*act)(struct ce_engine *engine, const struct ce_cli *cli, struct ce_report *ret_report,
		struct ce_error *err);
	void (*show)(struct ce_page *page, const struct ce_report *report);
};
/* Opens the engine as the options say, acts, shows, closes. Findings and errors are on
 * cli->err, or in the JSON document. Returns the exit status. */
int ce_session(struct ce_cli *cli, const struct ce_session *session);

/* The same where the outcome is no report: tell acts and fills cli->out, with --json too. No plugin is started. */
int ce_session_tell(struct ce_cli *cli,
	int (*tell)(struct ce_engine *engine, struct ce_cli *cli, struct ce_error *err));

/* A failure of the whole on cli->err; returns the exit status for it. */
int ce_cli_failure(struct ce_cli *cli, const struct ce_error *error);
/* A path that does not begin with a slash starts from where the program was started; NULL leaves *ret_path alone. */
CE_MUSTCHECK int ce_cli_absolute(const struct ce_cli *cli, const char *path, char **ret_path, struct ce_error *err);
/* The number of a generation; NULL leaves *ret_generation alone. */
CE_MUSTCHECK int ce_cli_generation(const char *text, long *ret_generation, struct ce_error *err);
/* Findings on cli->err, "file:line: text". */
void ce_cli_problems(struct ce_cli *cli);

/* Events as they happen, by the rules of certengine(8). */
void ce_progress(const struct ce_event *event, void *cli);
/* Removes a line that is not finished. */
void ce_progress_end(struct ce_cli *cli);

#endif
