#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/process.h"
#include "fixture.h"

/* The number of the first claim that is false, so that the test's output names it. */
#define CLAIM(number, claim) \
	do { \
		if (!(claim)) \
			return number; \
	} while (0)

static int
start_badly(void)
{
	static const char *const hostile[] = { "PATH", "IFS", "TZ", "GNUTLS_SYSTEM_PRIORITY_FILE", "SSLKEYLOGFILE",
		"SSL_CERT_FILE", "http_proxy", "MALLOC_ARENA_MAX", "LD_LIBRARY_PATH" };
	for (size_t i = 0; i < CE_COUNT(hostile); i++)
		setenv(hostile[i], "/hostile", 1);
	setenv("CREDENTIALS_DIRECTORY", "/run/credentials/x", 1);
	for (int fd = 3; fd < 64; fd++)
		(void)dup2(1, fd);
	close(0);
	close(1);
	close(2);
	signal(SIGCHLD, SIG_IGN);
	sigset_t all;
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	ce_process_hygiene(5);

	for (size_t i = 1; i < CE_COUNT(hostile); i++)
		CLAIM(1, getenv(hostile[i]) == NULL);
	CLAIM(2, strcmp(getenv("PATH"), "/usr/sbin:/usr/bin:/sbin:/bin") == 0);
	CLAIM(3, strcmp(getenv("CREDENTIALS_DIRECTORY"), "/run/credentials/x") == 0);
	CLAIM(4, strcmp(getenv("LC_ALL"), "C") == 0 && strcmp(getenv("HOME"), "/") == 0);
	for (int fd = 0; fd < 5; fd++)
		CLAIM(5, fcntl(fd, F_GETFD) >= 0);
	for (int fd = 5; fd < 64; fd++)
		CLAIM(6, fcntl(fd, F_GETFD) < 0 && errno == EBADF);
	CLAIM(7, umask(0) == 077);
	struct rlimit core;
	CLAIM(8, getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_cur == 0);
	char cwd[16];
	CLAIM(9, getcwd(cwd, sizeof(cwd)) && strcmp(cwd, "/") == 0);
	struct sigaction action;
	CLAIM(10, sigaction(SIGPIPE, NULL, &action) == 0 && action.sa_handler == SIG_IGN);
	CLAIM(11, sigaction(SIGCHLD, NULL, &action) == 0 && action.sa_handler == SIG_DFL);
	sigset_t mask;
	CLAIM(12, sigprocmask(SIG_SETMASK, NULL, &mask) == 0 && !sigismember(&mask, SIGTERM));
	return 0;
}

static void
bad_start_is_put_right(void)
{
	int status = fixture_in_child(start_badly);
	CU_ASSERT_TRUE(WIFEXITED(status));
	CU_ASSERT_EQUAL(WEXITSTATUS(status), 0);
}

const struct ce_test hygiene_tests[] = {
	{ "bad start is put right (SEC-23, SEC-24, SEC-26)", bad_start_is_put_right },
	{ NULL, NULL },
};
