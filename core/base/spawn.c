#include "base/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/strlist.h"
#include "base/sys.h"

#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC 4u
#endif

const char *const ce_spawn_environment[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", "HOME=/", NULL };

/* All that the child needs, made before the fork: between fork and execve another thread's lock
 * may be held for ever, so nothing there may allocate. */
struct child {
	const struct ce_spawn *spawn;
	char *const *argv;
	char *const *env;
	int status;   /* where the child reports a failed start */
	int base;     /* first descriptor number that nothing uses */
	pid_t parent;
};

int
ce_spawn_null(int *ret_fd, struct ce_error *err)
{
	int fd = ce_sys->openat(AT_FDCWD, "/dev/null", O_RDWR | O_CLOEXEC, 0);
	if (fd < 0)
		return ce_fail_errno(err, errno, "open '/dev/null'");
	*ret_fd = fd;
	return CE_OK;
}

static void
reset_signals(void)
{
	struct sigaction plain = { .sa_handler = SIG_DFL };
	for (int number = 1; number < NSIG; number++)
		(void)sigaction(number, &plain, NULL); /* fails for those that cannot be caught */
	sigset_t none;
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Sources move out of the way first: the number one of them has may be the target of another. */
static int
arrange_descriptors(struct child *child)
{
	const int count = (int)child->spawn->fd_count;
	const int status = child->base + count;
	for (int i = 0; i < count; i++)
		if (ce_sys->dup3(child->spawn->fds[i], child->base + i, O_CLOEXEC) < 0)
			return -1;
	if (ce_sys->dup3(child->status, status, O_CLOEXEC) < 0)
		return -1;
	child->status = status;
	for (int i = 0; i < count; i++)
		if (ce_sys->dup3(child->base + i, i, 0) < 0)
			return -1;
	if (syscall(SYS_close_range, (unsigned)count, ~0u, CLOSE_RANGE_CLOEXEC) == 0)
		return 0;
	for (int fd = count; fd < child->base; fd++) /* a kernel before 5.11 */
		(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	return 0;
}

static int
settle_in(const struct child *child)
{
	if (!child->spawn->helper)
		(void)umask(022);
	/* A terminal's signals go to its whole foreground group; helpers must live on for the way back. */
	if (setpgid(0, 0) != 0)
		return -1;
	/* What a killed run had started must not go on changing things while the next run repairs them. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
		return -1;
	if (getppid() != child->parent)
		_exit(127); /* we are an orphan already */
	return 0;
}

__attribute__((noreturn)) static void
run_child(struct child *child)
{
	reset_signals();
	if (settle_in(child) == 0 && arrange_descriptors(child) == 0 && chdir("/") == 0)
		(void)ce_sys->execve(child->argv[0], child->argv, child->env);
	int reason = errno;
	(void)!ce_sys->write(child->status, &reason, sizeof(reason)); /* nobody else to tell */
	_exit(127);
}

static int
highest(const struct ce_spawn *spawn, int status)
{
	int top = status > 2 ? status : 2;
	for (size_t i = 0; i < spawn->fd_count; i++)
		if (spawn->fds[i] > top)
			top = spawn->fds[i];
	if (top < (int)spawn->fd_count)
		top = (int)spawn->fd_count;
	return top;
}

/* The pipe closes at execve; what comes out of it before is the errno of a failure. */
static int
await_start(int fd, pid_t pid, const char *program, struct ce_error *err)
{
	int reason = 0;
	ssize_t got;
	do
		got = ce_sys->read(fd, &reason, sizeof(reason));
	while (got < 0 && errno == EINTR);
	if (got == 0)
		return CE_OK;

	if (got < 0)
		reason = errno;
	(void)ce_sys->kill(pid, SIGKILL);
	while (ce_sys->waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	if (reason == ENOENT || reason == ENOTDIR)
		return ce_fail(err, CE_ERR_NOT_FOUND, "start '%s': %s", program, strerror(reason));
	return ce_fail_errno(err, reason, "start '%s'", program);
}

int
ce_spawn(const struct ce_spawn *spawn, pid_t *ret_pid, struct ce_error *err)
{
	if (!spawn->argv[0] || spawn->argv[0][0] != '/')
		return ce_fail(err, CE_ERR_INVALID, "program '%s' is not an absolute path",
			spawn->argv[0] ? spawn->argv[0] : "");

	CE_CLEANUP(ce_strlist_release) struct ce_strlist env = CE_STRLIST_INIT;
	int code = ce_strlist_copy(&env, ce_spawn_environment, err);
	if (code == CE_OK)
		code = ce_strlist_copy(&env, spawn->env, err);
	if (code != CE_OK)
		return code;
	int ends[2] = { -1, -1 };
	if (ce_sys->pipe2(ends, O_CLOEXEC) != 0)
		return ce_fail_errno(err, errno, "create a pipe");
	CE_CLEANUP(ce_closep) int in = ends[0];
	CE_CLEANUP(ce_closep) int out = ends[1];

	struct child child = {
		.spawn = spawn, .argv = (char *const *)spawn->argv, .env = env.items, .status = out,
		.base = highest(spawn, out) + 1, .parent = getpid(),
	};
	pid_t pid = ce_sys->fork();
	if (pid < 0)
		return ce_fail_errno(err, errno, "create a process for '%s'", spawn->argv[0]);
	if (pid == 0)
		run_child(&child);
	ce_closep(&out);
	code = await_start(in, pid, spawn->argv[0], err);
	if (code != CE_OK)
		return code;
	*ret_pid = pid;
	return CE_OK;
}
