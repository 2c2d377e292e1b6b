#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/process.h"
#include "base/sys.h"
#include "fixture.h"
#include "lib/sys_fault.h"

/* Runs a line of the system's shell; the code under test never sees a shell of its own. */
static int
run(const char *line, struct ce_process_spec spec, struct ce_outcome *outcome, struct ce_error *err)
{
	const char *const argv[] = { "/bin/sh", "-c", line, NULL };
	spec.argv = argv;
	return ce_process_run(&spec, outcome, err);
}

static void
output_and_status_come_back(void)
{
	CE_CLEANUP(ce_outcome_release) struct ce_outcome outcome = CE_OUTCOME_INIT;
	struct ce_process_spec spec = { .timeout_ms = 20000 };
	CU_ASSERT_EQUAL(run("echo out; echo err >&2; exit 3", spec, &outcome, NULL), CE_OK);
	CU_ASSERT_EQUAL(outcome.status, 3);
	CU_ASSERT_FALSE(outcome.timed_out);
	CU_ASSERT_STRING_EQUAL(ce_buf_text(&outcome.out), "out\n");
	CU_ASSERT_STRING_EQUAL(ce_buf_text(&outcome.err), "err\n");
	CU_ASSERT_EQUAL(run("kill -TERM $$", spec, &outcome, NULL), CE_OK);
	CU_ASSERT_EQUAL(outcome.status, 128 + SIGTERM);
	CU_ASSERT_STRING_EQUAL(ce_buf_text(&outcome.out), "");
}

static void
input_arrives_whole(void)
{
	size_t size = 1u << 20;
	CE_CLEANUP(ce_freep) char *big = malloc(size);
	CU_ASSERT_PTR_NOT_NULL_FATAL(big);
	memset(big, 'x', size);
	CE_CLEANUP(ce_outcome_release) struct ce_outcome outcome = CE_OUTCOME_INIT;
	struct ce_process_spec spec = { .timeout_ms = 20000, .input = { (const unsigned char *)big, size } };
	CU_ASSERT_EQUAL(run("wc -c", spec, &outcome, NULL), CE_OK);
	CU_ASSERT_EQUAL(atol(ce_buf_text(&outcome.out)), (long)size);
	CU_ASSERT_EQUAL(run("true", spec, &outcome, NULL), CE_OK); /* nobody reads it */
	spec.input.size = 0;
	CU_ASSERT_EQUAL(run("wc -c", spec, &outcome, NULL), CE_OK);
	CU_ASSERT_EQUAL(atol(ce_buf_text(&outcome.out)), 0);
}

static void
output_is_limited_for_each_stream(void)
{
	CE_CLEANUP(ce_outcome_release) struct ce_outcome outcome = CE_OUTCOME_INIT;
	struct ce_process_spec spec = { .timeout_ms = 20000, .output_limit = 10 };
	CU_ASSERT_EQUAL(run("head -c 300000 /dev/zero | tr '\\0' x; echo small >&2", spec, &outcome, NULL), CE_OK);
	CU_ASSERT_EQUAL(outcome.status, 0);
	CU_ASSERT_STRING_EQUAL(ce_buf_text(&outcome.out), "xxxxxxxxxx");
	CU_ASSERT_STRING_EQUAL(ce_buf_text(&outcome.err), "small\n");
}

/* SEC-24: built environment, directory /, standard descriptors only, no signal left ignored. */
static void
surroundings_are_fixed(void)
{
	CE_CLEANUP(ce_closep) int inherited = open("/dev/null", O_RDONLY); /* deliberately without O_CLOEXEC */
	CU_ASSERT_NOT_EQUAL(inherited, -1);
	CU_ASSERT_EQUAL(setenv("LD_LIBRARY_PATH", "/nowhere", 1), 0);
	signal(SIGHUP, SIG_IGN);
	const char *const env[] = { "JAVA_HOME=/opt/java", NULL };
	struct ce_process_spec spec = { .timeout_ms = 20000, .env = env };
	CE_CLEANUP(ce_outcome_release) struct ce_outcome outcome = CE_OUTCOME_INIT;
	const char *const printenv[] = { "/usr/bin/env", NULL };
	spec.argv = printenv;
	CU_ASSERT_EQUAL(ce_process_run(&spec, &outcome, NULL), CE_OK);
	CU_ASSERT_STRING_EQUAL(ce_buf_text(&outcome.out),
		"PATH=/usr/sbin:/usr/bin:/sbin:/bin\nLC_ALL=C\nHOME=/\nJAVA_HOME=/opt/java\n");
	CU_ASSERT_EQUAL(run("pwd; umask; " FIXTURE_FDS "; grep -E 'Sig(Ign|Blk)' /proc/self/status", spec,
		&outcome, NULL), CE_OK);
	unsigned long long blocked = 1, ignored = 1;
	CU_ASSERT_EQUAL(sscanf(ce_buf_text(&outcome.out), "/ 0022 0 1 2 SigBlk: %llx SigIgn: %llx", &blocked, &ignored), 2);
	CU_ASSERT_EQUAL(blocked, 0);
	CU_ASSERT_EQUAL(ignored & ~(3ULL << 31), 0); /* 32 and 33 are the C library's own */
	signal(SIGHUP, SIG_DFL);
	unsetenv("LD_LIBRARY_PATH");
}

static void
what_cannot_start_is_told(void)
{
	fixture_directory();
	fixture_put("text", "not a program", 0700);
	fixture_put("plain", "#!/bin/sh\n", 0600);
	static const struct {
		const char *program;
		int code;
	} cases[] = {
		{ "/nowhere/program", CE_ERR_NOT_FOUND }, { "true", CE_ERR_INVALID }, { "", CE_ERR_INVALID },
		{ "/etc", CE_ERR_SYSTEM },
	};
	CE_CLEANUP(ce_outcome_release) struct ce_outcome outcome = CE_OUTCOME_INIT;
	for (size_t i = 0; i < CE_COUNT(cases) + 2; i++) {
		const char *program = i < CE_COUNT(cases) ? cases[i].program : fixture_path(i % 2 ? "plain" : "text");
		const char *const argv[] = { program, NULL };
		struct ce_process_spec spec = { .argv = argv };
		struct ce_error err = { .code = CE_OK };
		CU_ASSERT_EQUAL(ce_process_run(&spec, &outcome, &err), i < CE_COUNT(cases) ? cases[i].code : CE_ERR_SYSTEM);
		CU_ASSERT(strstr(err.text, program) != NULL);
	}
	const char *const none[] = { NULL };
	struct ce_process_spec spec = { .argv = none };
	CU_ASSERT_EQUAL(ce_process_run(&spec, &outcome, NULL), CE_ERR_INVALID);
}

/* Whether the process whose number a file holds is gone, or at most a zombie, within two seconds. */
static bool
is_gone(const char *name)
{
	long pid = 0;
	FILE *file = fopen(fixture_path(name), "r");
	if (!file || fscanf(file, "%ld", &pid) != 1 || pid <= 1)
		return false;
	fclose(file);
	for (int i = 0; i < 200; i++, usleep(10000)) {
		char path[64], state = 'X';
		snprintf(path, sizeof(path), "/proc/%ld/stat", pid);
		file = fopen(path, "r");
		if (!file)
			return true;
		int found = fscanf(file, "%*d (%*[^)]) %c", &state);
		fclose(file);
		if (found == 1 && state == 'Z')
			return true;
	}
	return false;
}

static void
timeout_kills_the_whole_group(void)
{
	fixture_directory();
	char line[512];
	snprintf(line, sizeof(line), "echo started; sleep 100 & echo $! >%s; trap '' TERM; wait", fixture_path("pid"));
	CE_CLEANUP(ce_outcome_release) struct ce_outcome outcome = CE_OUTCOME_INIT;
	struct ce_process_spec spec = { .timeout_ms = 500 };
	struct ce_error err = { .code = CE_OK };
	long long before = ce_monotonic_ms();
	CU_ASSERT_EQUAL(run(line, spec, &outcome, &err), CE_ERR_TIMEOUT);
	CU_ASSERT(ce_monotonic_ms() - before < 10000);
	CU_ASSERT_TRUE(outcome.timed_out);
	CU_ASSERT_EQUAL(outcome.status, 128 + SIGKILL);
	CU_ASSERT_STRING_EQUAL(ce_buf_text(&outcome.out), "started\n");
	CU_ASSERT_TRUE(is_gone("pid"));
}

/* A reload that leaves a daemon behind, its output still open, has ended with its own end. */
static void
daemon_left_behind_is_not_waited_for(void)
{
	fixture_directory();
	char line[512];
	snprintf(line, sizeof(line), "sleep 30 & echo $! >%s; echo done", fixture_path("pid"));
	CE_CLEANUP(ce_outcome_release) struct ce_outcome outcome = CE_OUTCOME_INIT;
	struct ce_process_spec spec = { .timeout_ms = 20000 };
	long long before = ce_monotonic_ms();
	CU_ASSERT_EQUAL(run(line, spec, &outcome, NULL), CE_OK);
	CU_ASSERT(ce_monotonic_ms() - before < 10000);
	CU_ASSERT_STRING_EQUAL(ce_buf_text(&outcome.out), "done\n");
	FILE *file = fopen(fixture_path("pid"), "r");
	long pid = 0;
	CU_ASSERT_PTR_NOT_NULL_FATAL(file);
	CU_ASSERT_EQUAL(fscanf(file, "%ld", &pid), 1);
	fclose(file);
	CU_ASSERT(pid > 1 && kill((pid_t)pid, SIGKILL) == 0); /* it lived on */
}

static size_t
open_descriptors(void)
{
	size_t count = 0;
	for (int fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

static void
each_failing_call_is_reported_and_leaks_nothing(void)
{
	size_t before = open_descriptors();
	bool reached = true;
	for (unsigned long call = 1; reached; call++) {
		char rules[128];
		snprintf(rules, sizeof(rules), "only:openat+memfd_create+write+lseek+pipe2+fork+pidfd_open+poll+read,fail:%lu:EMFILE",
			call);
		CE_CLEANUP(ce_outcome_release) struct ce_outcome outcome = CE_OUTCOME_INIT;
		struct ce_process_spec spec = { .timeout_ms = 20000, .input = { (const unsigned char *)"in", 2 } };
		struct ce_error err = { .code = CE_OK };
		ce_fault_begin(rules);
		int code = run("cat", spec, &outcome, &err);
		reached = ce_fault_count() >= call;
		ce_fault_end();
		CU_ASSERT_EQUAL(code, reached ? CE_ERR_SYSTEM : CE_OK);
		CU_ASSERT_EQUAL(open_descriptors(), before);
	}
}

static void
unknown_end_is_no_success(void)
{
	CE_CLEANUP(ce_outcome_release) struct ce_outcome outcome = CE_OUTCOME_INIT;
	struct ce_process_spec spec = { .timeout_ms = 20000 };
	ce_fault_begin("only:waitpid,fail:1:ECHILD");
	CU_ASSERT_EQUAL(run("exit 0", spec, &outcome, NULL), CE_ERR_SYSTEM);
	ce_fault_begin("only:waitpid,fail:1:EINTR");
	CU_ASSERT_EQUAL(run("exit 4", spec, &outcome, NULL), CE_OK);
	CU_ASSERT_EQUAL(outcome.status, 4);
	ce_fault_end();
	CU_ASSERT(waitpid(-1, NULL, WNOHANG) > 0); /* the first is still there */
}

const struct ce_test process_tests[] = {
	{ "output and status come back", output_and_status_come_back },
	{ "input arrives whole", input_arrives_whole },
	{ "output is limited for each stream", output_is_limited_for_each_stream },
	{ "surroundings are fixed (SEC-24)", surroundings_are_fixed },
	{ "what cannot start is told", what_cannot_start_is_told },
	{ "timeout kills the whole group", timeout_kills_the_whole_group },
	{ "daemon left behind is not waited for", daemon_left_behind_is_not_waited_for },
	{ "each failing call is reported and leaks nothing", each_failing_call_is_reported_and_leaks_nothing },
	{ "unknown end is no success", unknown_end_is_no_success },
	{ NULL, NULL },
};
