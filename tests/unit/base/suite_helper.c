#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/process.h"
#include "base/sys.h"
#include "fixture.h"

static int
start(const char *line, const int *pass, size_t count, struct ce_helper *helper)
{
	const char *const argv[] = { "/bin/sh", "-c", line, NULL };
	return ce_helper_start(argv, pass, count, helper, NULL);
}

static void
talks_over_descriptor_three(void)
{
	struct ce_helper helper = CE_HELPER_INIT;
	CU_ASSERT_EQUAL_FATAL(start("exec cat <&3 >&3", NULL, 0, &helper), CE_OK);
	char answer[8] = "";
	CU_ASSERT_EQUAL(send(helper.fd, "hello", 5, MSG_NOSIGNAL), 5);
	CU_ASSERT_EQUAL(recv(helper.fd, answer, sizeof(answer), 0), 5);
	CU_ASSERT_STRING_EQUAL(answer, "hello");
	pid_t pid = helper.pid;
	ce_helper_stop(&helper, 5000); /* cat ends at the end of the stream */
	CU_ASSERT_EQUAL(helper.pid, 0);
	CU_ASSERT_EQUAL(helper.fd, -1);
	CU_ASSERT(kill(pid, 0) != 0 && errno == ESRCH);
	ce_helper_stop(&helper, 0);
}

static void
passed_descriptors_start_at_four(void)
{
	fixture_directory();
	fixture_put("a", "first", 0600);
	fixture_put("b", "second", 0600);
	CE_CLEANUP(ce_closep) int a = open(fixture_path("a"), O_RDONLY | O_CLOEXEC);
	CE_CLEANUP(ce_closep) int b = open(fixture_path("b"), O_RDONLY | O_CLOEXEC);
	const int pass[] = { b, a };
	struct ce_helper helper = CE_HELPER_INIT;
	CU_ASSERT_EQUAL_FATAL(start("cat <&4 >&3; cat <&5 >&3; " FIXTURE_FDS " >&3", pass, 2, &helper), CE_OK);
	char answer[128] = "";
	size_t got = 0;
	for (ssize_t now; (now = recv(helper.fd, answer + got, sizeof(answer) - 1 - got, 0)) > 0;)
		got += (size_t)now;
	CU_ASSERT_STRING_EQUAL(answer, "secondfirst0 1 2 3 4 5 ");
	ce_helper_stop(&helper, 5000);
}

static void
stubborn_helper_is_killed(void)
{
	struct ce_helper helper = CE_HELPER_INIT;
	CU_ASSERT_EQUAL_FATAL(start("exec sleep 100", NULL, 0, &helper), CE_OK);
	long long before = ce_monotonic_ms();
	pid_t pid = helper.pid;
	ce_helper_stop(&helper, 100);
	long long took = ce_monotonic_ms() - before;
	CU_ASSERT(took >= 90 && took < 5000);
	CU_ASSERT(kill(pid, 0) != 0 && errno == ESRCH);
}

static void
missing_helper_is_told(void)
{
	struct ce_helper helper = CE_HELPER_INIT;
	const char *const argv[] = { "/nowhere/helper", NULL };
	struct ce_error err = { .code = CE_OK };
	CU_ASSERT_EQUAL(ce_helper_start(argv, NULL, 0, &helper, &err), CE_ERR_NOT_FOUND);
	CU_ASSERT_EQUAL(helper.pid, 0);
	CU_ASSERT_EQUAL(helper.fd, -1);
	const char *const relative[] = { "helper", NULL };
	CU_ASSERT_EQUAL(ce_helper_start(relative, NULL, 0, &helper, &err), CE_ERR_INVALID);
}

static int
start_and_die(void)
{
	struct ce_helper helper = CE_HELPER_INIT;
	char line[256];
	snprintf(line, sizeof(line), "echo $$ >%s; exec sleep 100", fixture_path("pid"));
	if (start(line, NULL, 0, &helper) != CE_OK)
		return 1;
	while (access(fixture_path("pid"), R_OK) != 0)
		usleep(1000);
	usleep(50000);
	return 0;
}

static void
helper_dies_with_its_starter(void)
{
	fixture_directory();
	CU_ASSERT_EQUAL(fixture_in_child(start_and_die), 0);
	FILE *file = fopen(fixture_path("pid"), "r");
	CU_ASSERT_PTR_NOT_NULL_FATAL(file);
	long pid = 0;
	CU_ASSERT_EQUAL(fscanf(file, "%ld", &pid), 1);
	fclose(file);
	char path[64], state = 'S';
	snprintf(path, sizeof(path), "/proc/%ld/stat", pid);
	for (int i = 0; i < 200 && state != 'Z' && state != 'X'; i++, usleep(10000)) {
		file = fopen(path, "r");
		state = 'X';
		if (file) {
			CU_ASSERT_EQUAL(fscanf(file, "%*d (%*[^)]) %c", &state), 1);
			fclose(file);
		}
	}
	CU_ASSERT(state == 'Z' || state == 'X');
}

const struct ce_test helper_tests[] = {
	{ "talks over descriptor three", talks_over_descriptor_three },
	{ "passed descriptors start at four", passed_descriptors_start_at_four },
	{ "stubborn helper is killed", stubborn_helper_is_killed },
	{ "missing helper is told", missing_helper_is_told },
	{ "helper dies with its starter", helper_dies_with_its_starter },
	{ NULL, NULL },
};
