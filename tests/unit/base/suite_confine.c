#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/process.h"
#include "base/sanitized.h"
#include "fixture.h"

/* The number of the first claim that is false, so that the test's output names it. */
#define CLAIM(number, claim) \
	do { \
		if (!(claim)) \
			return number; \
	} while (0)

static bool
has_landlock(void)
{
	return syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION) > 0;
}

static bool
refuses(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0600);
	if (fd >= 0)
		close(fd);
	return fd < 0 && (errno == EACCES || errno == EPERM);
}

static int
confine_without_paths(void)
{
	bool root = geteuid() == 0;
	CLAIM(12, prctl(PR_SET_PDEATHSIG, SIGKILL) == 0);
	CLAIM(1, ce_process_confine(NULL, NULL) == CE_OK);
	int number = 0;
	CLAIM(13, prctl(PR_GET_PDEATHSIG, &number) == 0 && number == SIGKILL);
	if (root) {
		CLAIM(2, geteuid() != 0 && getuid() != 0 && getegid() != 0 && getgroups(0, NULL) == 0);
		CLAIM(3, setresuid(0, 0, 0) != 0);
		CLAIM(4, refuses("/etc/shadow", O_RDONLY));
	}
	CLAIM(6, prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
	CLAIM(7, prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == CE_SANITIZED);
	struct rlimit core;
	CLAIM(8, getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_max == 0);
	if (has_landlock()) {
		CLAIM(9, refuses("/etc/passwd", O_RDONLY));
		CLAIM(10, refuses("/var/tmp/certengine-planted", O_WRONLY | O_CREAT));
		CLAIM(11, refuses("/", O_RDONLY | O_DIRECTORY));
	}
	return 0;
}

static int
confine_with_paths(void)
{
	const char *const readable[] = { "/nowhere/at/all", "/etc/passwd", "/usr/share", NULL };
	CLAIM(1, ce_process_confine(readable, NULL) == CE_OK);
	CLAIM(2, open("/etc/passwd", O_RDONLY | O_CLOEXEC) >= 0);
	CLAIM(3, open("/usr/share", O_RDONLY | O_DIRECTORY | O_CLOEXEC) >= 0);
	CLAIM(4, refuses("/usr/share/certengine-planted", O_WRONLY | O_CREAT));
	if (has_landlock())
		CLAIM(5, refuses("/etc/group", O_RDONLY));
	return 0;
}

static void
confined_process_reaches_nothing(void)
{
	int status = fixture_in_child(confine_without_paths);
	CU_ASSERT_TRUE(WIFEXITED(status));
	CU_ASSERT_EQUAL(WEXITSTATUS(status), 0);
}

static void
named_paths_stay_readable(void)
{
	int status = fixture_in_child(confine_with_paths);
	CU_ASSERT_TRUE(WIFEXITED(status));
	CU_ASSERT_EQUAL(WEXITSTATUS(status), 0);
}

const struct ce_test confine_tests[] = {
	{ "confined process reaches nothing", confined_process_reaches_nothing },
	{ "named paths stay readable", named_paths_stay_readable },
	{ NULL, NULL },
};
