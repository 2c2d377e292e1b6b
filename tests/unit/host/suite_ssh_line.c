/* Lines for a POSIX shell; the shell itself is the judge. */
#include <stdio.h>
#include <string.h>

#include "base/process.h"
#include "host/ssh_line.h"
#include "host/ssh_wire.h"
#include "suites.h"

extern const struct ce_test ssh_line_tests[];

static const char *const nasty[] = {
	"", " ", "plain", "two words", "'", "''", "a'b'c", "\"", "\\", "\\'", "$HOME", "$(id)", "`id`", "*", "~", "#", ";", "&", "|",
	"a\nb", "\n", "-n", "--", "!", "!!", "\t", "x=y", "\xc3\xa4", "\x01\x7f", "'\\''", "%s", "${x}", "<(", "{a,b}", NULL,
};

/* What a shell makes of the line; the first line of it is the mark. */
static void
run_line(const char *line, struct ce_outcome *outcome)
{
	struct ce_error err = { 0 };
	const char *const argv[] = { "/bin/sh", "-c", line, NULL };
	struct ce_process_spec spec = { .argv = argv };
	CU_ASSERT_EQUAL(ce_process_run(&spec, outcome, &err), CE_OK);
}

/* What stands behind the mark; "" where there is none. */
static const char *
behind_mark(const struct ce_outcome *outcome)
{
	const char *end = strchr(ce_buf_text(&outcome->out), '\n');
	return end ? end + 1 : "";
}

static void
every_argument_arrives_as_it_is(void)
{
	struct ce_error err = { 0 };
	const char *argv[64] = { "/usr/bin/printf", "[%s]" };
	CE_CLEANUP(ce_buf_release) struct ce_buf line = CE_BUF_INIT;
	CE_CLEANUP(ce_buf_release) struct ce_buf wanted = CE_BUF_INIT;
	for (size_t i = 0; nasty[i]; i++) {
		argv[2 + i] = nasty[i];
		CU_ASSERT_EQUAL(ce_buf_addf(&wanted, &err, "[%s]", nasty[i]), CE_OK);
	}
	CU_ASSERT_EQUAL_FATAL(ce_ssh_line(&line, argv, NULL, &err), CE_OK);
	CE_CLEANUP(ce_outcome_release) struct ce_outcome outcome = CE_OUTCOME_INIT;
	run_line(ce_buf_text(&line), &outcome);
	CU_ASSERT_EQUAL(outcome.status, 0);
	CU_ASSERT_STRING_EQUAL(behind_mark(&outcome), ce_buf_text(&wanted));
	CU_ASSERT_EQUAL(strncmp(ce_buf_text(&outcome.out), CE_SSH_MARK, strlen(CE_SSH_MARK)), 0);
}

/* As base/spawn.c has it here: nothing of the account's own environment gets through. */
static void
environment_directory_and_mask_are_fixed(void)
{
	struct ce_error err = { 0 };
	const char *const argv[] = { "/bin/sh", "-c", "env | grep -v -e ^_= -e ^PWD= -e ^SHLVL= -e ^OLDPWD= | sort; pwd; umask", NULL };
	const char *const env[] = { "EXTRA=a 'b'", NULL };
	CE_CLEANUP(ce_buf_release) struct ce_buf line = CE_BUF_INIT;
	CE_CLEANUP(ce_outcome_release) struct ce_outcome outcome = CE_OUTCOME_INIT;
	CU_ASSERT_EQUAL_FATAL(ce_ssh_line(&line, argv, env, &err), CE_OK);
	run_line(ce_buf_text(&line), &outcome);
	CU_ASSERT_STRING_EQUAL(behind_mark(&outcome), "EXTRA=a 'b'\nHOME=/\nLC_ALL=C\nPATH=/usr/sbin:/usr/bin:/sbin:/bin\n/\n0022\n");
}

static void
a_missing_program_is_told_apart_from_status_127(void)
{
	struct ce_error err = { 0 };
	const char *const missing[] = { "/no/such 'program'", NULL }, *const ends[] = { "/bin/sh", "-c", "exit 127", NULL };
	CE_CLEANUP(ce_buf_release) struct ce_buf line = CE_BUF_INIT;
	CE_CLEANUP(ce_buf_release) struct ce_buf other = CE_BUF_INIT;
	CE_CLEANUP(ce_outcome_release) struct ce_outcome outcome = CE_OUTCOME_INIT;
	CE_CLEANUP(ce_outcome_release) struct ce_outcome ended = CE_OUTCOME_INIT;
	CU_ASSERT_EQUAL_FATAL(ce_ssh_line(&line, missing, NULL, &err), CE_OK);
	run_line(ce_buf_text(&line), &outcome);
	CU_ASSERT_EQUAL(outcome.status, 127);
	CU_ASSERT_STRING_EQUAL(ce_buf_text(&outcome.out), CE_SSH_MARK CE_SSH_ABSENT "\n");
	CU_ASSERT_EQUAL_FATAL(ce_ssh_line(&other, ends, NULL, &err), CE_OK);
	run_line(ce_buf_text(&other), &ended);
	CU_ASSERT_EQUAL(ended.status, 127);
	CU_ASSERT_PTR_NULL(strstr(ce_buf_text(&ended.out), CE_SSH_ABSENT));
}

static void
what_env_would_take_for_something_else_is_refused(void)
{
	static const char *const names[] = { "", "-i", "A=b", NULL };
	for (size_t i = 0; i <= CE_COUNT(names) - 1; i++) {
		struct ce_error err = { 0 };
		const char *const argv[] = { names[i], NULL };
		CE_CLEANUP(ce_buf_release) struct ce_buf line = CE_BUF_INIT;
		CU_ASSERT_EQUAL(ce_ssh_line(&line, argv, NULL, &err), CE_ERR_INVALID);
	}
}

const struct ce_test ssh_line_tests[] = {
	{ "every argument arrives as it is", every_argument_arrives_as_it_is },
	{ "environment, directory and mask are fixed", environment_directory_and_mask_are_fixed },
	{ "a missing program is told apart from status 127", a_missing_program_is_told_apart_from_status_127 },
	{ "what env would take for something else is refused", what_env_would_take_for_something_else_is_refused },
	{ NULL, NULL },
};
