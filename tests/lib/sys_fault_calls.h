/* Between the rules (sys_fault.c) and the table of wrapped calls (sys_fault_calls.c). */
#ifndef CE_TESTS_SYS_FAULT_CALLS_H
#define CE_TESTS_SYS_FAULT_CALLS_H

#include <stdbool.h>

#include "base/sys.h"

/* Every member of struct ce_sys. */
#define CE_FAULT_CALLS(X) \
	X(openat) X(openat2) X(close) X(read) X(write) X(fstat) X(fstatat) X(fchmod) X(fchown) X(fsync) \
	X(ftruncate) X(lseek) X(mkdirat) X(unlinkat) X(renameat2) X(readlinkat) X(fdopendir) X(readdir) \
	X(closedir) X(flistxattr) X(fgetxattr) X(fsetxattr) X(ofd_lock) X(memfd_create) X(fork) X(execve) \
	X(waitpid) X(pidfd_open) X(kill) X(pipe2) X(dup3) X(socketpair) X(socket) X(bind) X(setsockopt) \
	X(listen) X(accept4) X(connect) X(sendmsg) X(recvmsg) X(poll) X(clock_gettime) X(nanosleep) X(getrandom)

enum ce_fault_call {
#define MEMBER(call) CE_FAULT_##call,
	CE_FAULT_CALLS(MEMBER)
#undef MEMBER
	CE_FAULT_CALL_COUNT
};

struct ce_fault_verdict {
	int errno_value; /* 0: let it happen */
	bool half;       /* move half of what was asked */
};

/* Counts the call and says what becomes of it; errno is left alone. path may be NULL. */
struct ce_fault_verdict ce_fault_judge(enum ce_fault_call call, const char *path, int fd);

extern long long ce_fault_clock_offset;
extern long long ce_fault_hurry; /* 1: time goes by as it does */
extern const struct ce_sys ce_sys_fault;

#endif
