#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/process.h"
#include "base/sys.h"

__attribute__((noreturn)) static void
run_child(pid_t parent, int fd, void (*run)(int fd, void *context), void *context)
{
	/* As in spawn.c: a terminal's signals come from the parent, and nothing goes on after its end. */
	if (setpgid(0, 0) != 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
		_exit(127);
	run(fd, context);
	_exit(0);
}

int
ce_child_start(void (*run)(int fd, void *context), void *context, struct ce_helper *ret_child, struct ce_error *err)
{
	int ends[2] = { -1, -1 };
	if (ce_sys->socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
		return ce_fail_errno(err, errno, "create a socket pair");
	CE_CLEANUP(ce_closep) int ours = ends[0];
	CE_CLEANUP(ce_closep) int theirs = ends[1];
	pid_t parent = getpid();
	pid_t pid = ce_sys->fork();
	if (pid < 0)
		return ce_fail_errno(err, errno, "create a process");
	if (pid == 0) {
		ce_closep(&ours);
		run_child(parent, theirs, run, context);
	}
	ret_child->pid = pid;
	ret_child->fd = ours;
	ours = -1;
	return CE_OK;
}
