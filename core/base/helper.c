#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/process.h"
#include "base/spawn.h"
#include "base/sys.h"

#define FIRST_PASSED 4

int
ce_helper_start(const char *const *argv, const int *pass, size_t pass_count, struct ce_helper *ret_helper,
	struct ce_error *err)
{
	CE_CLEANUP(ce_closep) int nothing = -1;
	int code = ce_spawn_null(&nothing, err);
	if (code != CE_OK)
		return code;
	int ends[2] = { -1, -1 };
	if (ce_sys->socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
		return ce_fail_errno(err, errno, "create a socket pair for '%s'", argv[0]);
	CE_CLEANUP(ce_closep) int ours = ends[0];
	CE_CLEANUP(ce_closep) int theirs = ends[1];

	CE_CLEANUP(ce_freep) int *fds = calloc(FIRST_PASSED + pass_count, sizeof(*fds));
	if (!fds)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	fds[0] = nothing;
	fds[1] = nothing;
	fds[2] = STDERR_FILENO;
	fds[3] = theirs;
	for (size_t i = 0; i < pass_count; i++)
		fds[FIRST_PASSED + i] = pass[i];

	struct ce_spawn spawn = { .argv = argv, .fds = fds, .fd_count = FIRST_PASSED + pass_count, .helper = true };
	pid_t pid = 0;
	code = ce_spawn(&spawn, &pid, err);
	if (code != CE_OK)
		return code;
	ret_helper->pid = pid;
	ret_helper->fd = ours;
	ours = -1;
	return CE_OK;
}

/* Whether the helper has ended (and is reaped) within so many milliseconds. */
static bool
ended_within(pid_t pid, int wait_ms)
{
	CE_CLEANUP(ce_closep) int watch = ce_sys->pidfd_open(pid, 0);
	long long deadline = ce_monotonic_ms() + wait_ms;
	for (;;) {
		pid_t got = ce_sys->waitpid(pid, NULL, WNOHANG);
		if (got == pid || (got < 0 && errno != EINTR))
			return true;
		long long left = deadline - ce_monotonic_ms();
		if (left <= 0)
			return false;
		struct pollfd fd = { .fd = watch, .events = POLLIN };
		(void)ce_sys->poll(&fd, 1, watch < 0 && left > 20 ? 20 : (int)left); /* the wait above judges */
	}
}

void
ce_helper_stop(struct ce_helper *helper, int grace_ms)
{
	ce_closep(&helper->fd);
	if (helper->pid <= 0)
		return;
	if (!ended_within(helper->pid, grace_ms)) {
		ce_log(CE_LOG_DEBUG, "process %ld did not end by itself within %d ms and is killed", (long)helper->pid, grace_ms);
		(void)ce_sys->kill(helper->pid, SIGKILL);
		while (ce_sys->waitpid(helper->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	helper->pid = 0;
}
