#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/process.h"
#include "base/sanitized.h"
#include "base/spawn.h"
#include "base/strlist.h"
#include "base/sys.h"

/* Enough for a transaction with its plugin, probe and reload command; with fewer it could not even be taken back. */
#define FILES_LEAST 64

/* A closed 0, 1 or 2 would become the first file that is opened, and messages would land in it. */
static void
open_standard(void)
{
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && ce_sys->openat(AT_FDCWD, "/dev/null", O_RDWR, 0) != fd)
			_exit(127); /* nobody to tell */
}

static void
close_from(int first)
{
	if (syscall(SYS_close_range, (unsigned)first, ~0u, 0u) == 0)
		return;
	long top = sysconf(_SC_OPEN_MAX); /* a kernel before 5.9 */
	for (int fd = first; fd < top && fd < 65536; fd++)
		(void)ce_sys->close(fd);
}

/* What the surroundings set (proxies, key logs, search paths) must not steer a run: by hand and
 * by cron it is the same (SEC-24, SEC-26). */
static void
rebuild_environment(void)
{
	static const char *const kept[] = { "TERM", "NO_COLOR", "CREDENTIALS_DIRECTORY" };
	char *values[CE_COUNT(kept)] = { NULL };
	for (size_t i = 0; i < CE_COUNT(kept); i++) {
		const char *value = getenv(kept[i]);
		values[i] = value ? strdup(value) : NULL;
	}
	bool done = clearenv() == 0;
	for (const char *const *entry = ce_spawn_environment; *entry && done; entry++)
		done = putenv((char *)*entry) == 0; /* static, so it may stay there */
	for (size_t i = 0; i < CE_COUNT(kept); i++) {
		if (values[i] && done)
			done = setenv(kept[i], values[i], 1) == 0;
		free(values[i]);
	}
	if (!done)
		_exit(127);
}

static void
reset_signals(void)
{
	struct sigaction plain = { .sa_handler = SIG_DFL };
	(void)sigaction(SIGCHLD, &plain, NULL); /* inherited as ignored it would take our children's status */
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	(void)sigaction(SIGPIPE, &ignore, NULL);
	(void)sigaction(SIGXFSZ, &ignore, NULL); /* a write beyond the limit fails like one on a full disk, and is undone */
	sigset_t none;
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

int
ce_process_room(struct ce_error *err)
{
	struct rlimit files;
	if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur >= FILES_LEAST)
		return CE_OK;
	return ce_fail(err, CE_ERR_LIMIT, "only %llu files may be open at once (ulimit -n), at least %d are needed",
		(unsigned long long)files.rlim_cur, FILES_LEAST);
}

void
ce_process_hygiene(int keep_from)
{
	open_standard();
	close_from(keep_from);
	(void)umask(077);
	struct rlimit no_core = { 0, 0 };
	(void)setrlimit(RLIMIT_CORE, &no_core);
	if (!CE_SANITIZED)
		(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	rebuild_environment();
	reset_signals();
	if (chdir("/") != 0)
		_exit(127);
}
