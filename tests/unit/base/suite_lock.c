#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/lock.h"
#include "base/sys.h"
#include "fixture.h"
#include "lib/sys_fault.h"

static void
second_taker_learns_who_holds_it(void)
{
	fixture_directory();
	int first = -1, second = -1;
	struct ce_error err = { .code = CE_OK };
	CU_ASSERT_EQUAL(ce_lock_take(fixture_path("lock"), 0, &first, &err), CE_OK);
	CU_ASSERT_EQUAL(ce_lock_take(fixture_path("lock"), 0, &second, &err), CE_ERR_LOCKED);
	char expected[64];
	snprintf(expected, sizeof(expected), "another run (process %ld) holds the lock", (long)getpid());
	CU_ASSERT(strstr(err.text, expected) != NULL);
	CU_ASSERT_EQUAL(second, -1);
	ce_closep(&first);
	CU_ASSERT_EQUAL(ce_lock_take(fixture_path("lock"), 0, &second, &err), CE_OK);
	ce_closep(&second);
	struct stat st;
	CU_ASSERT_EQUAL(stat(fixture_path("lock"), &st), 0);
	CU_ASSERT_EQUAL(st.st_mode & 07777, 0600);
}

static void
waiting_ends_at_the_deadline(void)
{
	fixture_directory();
	CE_CLEANUP(ce_closep) int first = -1;
	int second = -1;
	CU_ASSERT_EQUAL(ce_lock_take(fixture_path("lock"), 0, &first, NULL), CE_OK);
	long long before = ce_monotonic_ms();
	CU_ASSERT_EQUAL(ce_lock_take(fixture_path("lock"), 120, &second, NULL), CE_ERR_LOCKED);
	long long waited = ce_monotonic_ms() - before;
	CU_ASSERT(waited >= 120 && waited < 5000);
}

static int
take_and_die(void)
{
	int fd = -1;
	if (ce_lock_take(fixture_path("lock"), 0, &fd, NULL) != CE_OK)
		return 1;
	raise(SIGKILL);
	return 2;
}

static void
lock_dies_with_its_process(void)
{
	fixture_directory();
	int status = fixture_in_child(take_and_die);
	CU_ASSERT(WIFSIGNALED(status));
	CE_CLEANUP(ce_closep) int fd = -1;
	CU_ASSERT_EQUAL(ce_lock_take(fixture_path("lock"), 0, &fd, NULL), CE_OK);
}

static void
planted_lock_files_are_refused(void)
{
	fixture_directory();
	int fd = -1;
	fixture_put("canary", "untouched", 0600);
	CU_ASSERT_EQUAL(symlink("canary", fixture_path("link")), 0);
	fixture_put("other", "untouched", 0600);
	CU_ASSERT_EQUAL(link(fixture_path("other"), fixture_path("hard")), 0);
	CU_ASSERT_EQUAL(mkfifo(fixture_path("fifo"), 0600), 0);
	static const char *const names[] = { "link", "hard", "fifo" };
	for (size_t i = 0; i < CE_COUNT(names); i++)
		CU_ASSERT_EQUAL(ce_lock_take(fixture_path(names[i]), 0, &fd, NULL), CE_ERR_REFUSED);
	CU_ASSERT_TRUE(fixture_holds("canary", "untouched"));
	CU_ASSERT_EQUAL(ce_lock_take(fixture_path("none/lock"), 0, &fd, NULL), CE_ERR_NOT_FOUND);
}

static void
odd_answers_of_the_kernel(void)
{
	fixture_directory();
	CE_CLEANUP(ce_closep) int fd = -1;
	ce_fault_begin("only:ofd_lock,fail:1:ENOLCK");
	CU_ASSERT_EQUAL(ce_lock_take(fixture_path("lock"), 0, &fd, NULL), CE_ERR_SYSTEM);
	ce_fault_begin("only:ofd_lock+write,fail:1:EINTR,fail:3:ENOSPC");
	CU_ASSERT_EQUAL(ce_lock_take(fixture_path("lock"), 0, &fd, NULL), CE_OK); /* the pid is only for the message */
	int second = -1;
	struct ce_error err = { .code = CE_OK };
	ce_fault_end();
	CU_ASSERT_EQUAL(ce_lock_take(fixture_path("lock"), 0, &second, &err), CE_ERR_LOCKED);
	CU_ASSERT(FIXTURE_STARTS_WITH(err.text, "another run holds the lock"));
}

const struct ce_test lock_tests[] = {
	{ "second taker learns who holds it", second_taker_learns_who_holds_it },
	{ "waiting ends at the deadline", waiting_ends_at_the_deadline },
	{ "lock dies with its process", lock_dies_with_its_process },
	{ "planted lock files are refused", planted_lock_files_are_refused },
	{ "odd answers of the kernel", odd_answers_of_the_kernel },
	{ NULL, NULL },
};
