/* The table: each call asks for a verdict, then is made, or is not. */
#include "lib/sys_fault_calls.h"

#include <errno.h>

/* A call that either happens or fails: type, name, (parameters), (arguments), path, descriptor, failure. */
#define WRAP(type, call, parameters, arguments, path, fd, failure) \
	static type fault_##call parameters \
	{ \
		struct ce_fault_verdict verdict = ce_fault_judge(CE_FAULT_##call, path, fd); \
		if (verdict.errno_value != 0) { \
			errno = verdict.errno_value; \
			return failure; \
		} \
		return ce_sys_real.call arguments; \
	}

WRAP(int, openat, (int dir, const char *path, int flags, mode_t mode), (dir, path, flags, mode), path, dir, -1)
WRAP(int, openat2, (int dir, const char *path, int flags, mode_t mode, uint64_t resolve),
	(dir, path, flags, mode, resolve), path, dir, -1)
WRAP(int, fstat, (int fd, struct stat *st), (fd, st), NULL, fd, -1)
WRAP(int, fstatat, (int dir, const char *path, struct stat *st, int flags), (dir, path, st, flags), path, dir, -1)
WRAP(int, fchmod, (int fd, mode_t mode), (fd, mode), NULL, fd, -1)
WRAP(int, fchown, (int fd, uid_t uid, gid_t gid), (fd, uid, gid), NULL, fd, -1)
WRAP(int, fsync, (int fd), (fd), NULL, fd, -1)
WRAP(int, ftruncate, (int fd, off_t size), (fd, size), NULL, fd, -1)
WRAP(off_t, lseek, (int fd, off_t offset, int whence), (fd, offset, whence), NULL, fd, -1)
WRAP(int, mkdirat, (int dir, const char *path, mode_t mode), (dir, path, mode), path, dir, -1)
WRAP(int, unlinkat, (int dir, const char *path, int flags), (dir, path, flags), path, dir, -1)
WRAP(int, renameat2, (int olddir, const char *old, int newdir, const char *new_, unsigned flags),
	(olddir, old, newdir, new_, flags), new_, newdir, -1)
WRAP(ssize_t, readlinkat, (int dir, const char *path, char *buffer, size_t size),
	(dir, path, buffer, size), path, dir, -1)
WRAP(DIR *, fdopendir, (int fd), (fd), NULL, fd, NULL)
WRAP(struct dirent *, readdir, (DIR *dir), (dir), NULL, dirfd(dir), NULL)
WRAP(ssize_t, flistxattr, (int fd, char *names, size_t size), (fd, names, size), NULL, fd, -1)
WRAP(ssize_t, fgetxattr, (int fd, const char *name, void *value, size_t size), (fd, name, value, size), name, fd, -1)
WRAP(int, fsetxattr, (int fd, const char *name, const void *value, size_t size, int flags),
	(fd, name, value, size, flags), name, fd, -1)
WRAP(int, ofd_lock, (int fd, short type), (fd, type), NULL, fd, -1)
WRAP(int, memfd_create, (const char *name, unsigned flags), (name, flags), name, -1, -1)
WRAP(pid_t, fork, (void), (), NULL, -1, -1)
WRAP(int, execve, (const char *path, char *const argv[], char *const envp[]), (path, argv, envp), path, -1, -1)
WRAP(pid_t, waitpid, (pid_t pid, int *status, int options), (pid, status, options), NULL, -1, -1)
WRAP(int, pidfd_open, (pid_t pid, unsigned flags), (pid, flags), NULL, -1, -1)
WRAP(int, kill, (pid_t pid, int number), (pid, number), NULL, -1, -1)
WRAP(int, pipe2, (int fds[2], int flags), (fds, flags), NULL, -1, -1)
WRAP(int, dup3, (int from, int to, int flags), (from, to, flags), NULL, from, -1)
WRAP(int, socketpair, (int domain, int type, int protocol, int fds[2]), (domain, type, protocol, fds), NULL, -1, -1)
WRAP(int, socket, (int domain, int type, int protocol), (domain, type, protocol), NULL, -1, -1)
WRAP(int, bind, (int fd, const struct sockaddr *address, socklen_t size), (fd, address, size), NULL, fd, -1)
WRAP(int, setsockopt, (int fd, int level, int name, const void *value, socklen_t size),
	(fd, level, name, value, size), NULL, fd, -1)
WRAP(int, listen, (int fd, int backlog), (fd, backlog), NULL, fd, -1)
WRAP(int, accept4, (int fd, struct sockaddr *address, socklen_t *size, int flags), (fd, address, size, flags), NULL,
	fd, -1)
WRAP(int, connect, (int fd, const struct sockaddr *address, socklen_t size), (fd, address, size), NULL, fd, -1)
WRAP(ssize_t, getrandom, (void *buffer, size_t size, unsigned flags), (buffer, size, flags), NULL, -1, -1)

/* A failed close has closed all the same. */
static int
fault_close(int fd)
{
	struct ce_fault_verdict verdict = ce_fault_judge(CE_FAULT_close, NULL, fd);
	int result = ce_sys_real.close(fd);
	if (verdict.errno_value == 0)
		return result;
	errno = verdict.errno_value;
	return -1;
}

static int
fault_closedir(DIR *dir)
{
	struct ce_fault_verdict verdict = ce_fault_judge(CE_FAULT_closedir, NULL, dirfd(dir));
	int result = ce_sys_real.closedir(dir);
	if (verdict.errno_value == 0)
		return result;
	errno = verdict.errno_value;
	return -1;
}

static size_t
half(size_t size, struct ce_fault_verdict verdict)
{
	return verdict.half && size > 1 ? size / 2 : size;
}

static ssize_t
fault_read(int fd, void *buffer, size_t size)
{
	struct ce_fault_verdict verdict = ce_fault_judge(CE_FAULT_read, NULL, fd);
	if (verdict.errno_value == 0)
		return ce_sys_real.read(fd, buffer, half(size, verdict));
	errno = verdict.errno_value;
	return -1;
}

static ssize_t
fault_write(int fd, const void *buffer, size_t size)
{
	struct ce_fault_verdict verdict = ce_fault_judge(CE_FAULT_write, NULL, fd);
	if (verdict.errno_value == 0)
		return ce_sys_real.write(fd, buffer, half(size, verdict));
	errno = verdict.errno_value;
	return -1;
}

/* Half of a message: of its first part that is not empty. */
static struct msghdr
shorten(const struct msghdr *message, struct iovec *part)
{
	struct msghdr shorter = *message;
	for (size_t i = 0; i < message->msg_iovlen; i++)
		if (message->msg_iov[i].iov_len > 0) {
			*part = message->msg_iov[i];
			part->iov_len = part->iov_len > 1 ? part->iov_len / 2 : 1;
			shorter.msg_iov = part;
			shorter.msg_iovlen = 1;
			break;
		}
	return shorter;
}

static ssize_t
fault_sendmsg(int fd, const struct msghdr *message, int flags)
{
	struct ce_fault_verdict verdict = ce_fault_judge(CE_FAULT_sendmsg, NULL, fd);
	if (verdict.errno_value != 0) {
		errno = verdict.errno_value;
		return -1;
	}
	struct iovec part;
	struct msghdr shorter = shorten(message, &part);
	return ce_sys_real.sendmsg(fd, verdict.half ? &shorter : message, flags);
}

static ssize_t
fault_recvmsg(int fd, struct msghdr *message, int flags)
{
	struct ce_fault_verdict verdict = ce_fault_judge(CE_FAULT_recvmsg, NULL, fd);
	if (verdict.errno_value != 0) {
		errno = verdict.errno_value;
		return -1;
	}
	struct iovec part;
	struct msghdr shorter = shorten(message, &part);
	return ce_sys_real.recvmsg(fd, verdict.half ? &shorter : message, flags);
}

static long long
in_ns(const struct timespec *time)
{
	return time->tv_sec * 1000000000LL + time->tv_nsec;
}

static struct timespec
from_ns(long long ns)
{
	return (struct timespec){ ns / 1000000000, ns % 1000000000 };
}

static int
fault_clock_gettime(clockid_t clock, struct timespec *ret)
{
	struct ce_fault_verdict verdict = ce_fault_judge(CE_FAULT_clock_gettime, NULL, -1);
	if (verdict.errno_value != 0) {
		errno = verdict.errno_value;
		return -1;
	}
	int result = ce_sys_real.clock_gettime(clock, ret);
	if (result == 0 && clock == CLOCK_REALTIME)
		ret->tv_sec += ce_fault_clock_offset;
	if (result == 0 && clock == CLOCK_MONOTONIC && ce_fault_hurry > 1)
		*ret = from_ns(in_ns(ret) * ce_fault_hurry);
	return result;
}

/* A limit that is not over yet does not become none. */
static int
fault_poll(struct pollfd *fds, nfds_t count, int timeout_ms)
{
	struct ce_fault_verdict verdict = ce_fault_judge(CE_FAULT_poll, NULL, -1);
	if (verdict.errno_value != 0) {
		errno = verdict.errno_value;
		return -1;
	}
	if (timeout_ms > 0 && ce_fault_hurry > 1)
		timeout_ms = (int)((timeout_ms + ce_fault_hurry - 1) / ce_fault_hurry);
	return ce_sys_real.poll(fds, count, timeout_ms);
}

static int
fault_nanosleep(const struct timespec *wanted, struct timespec *left)
{
	struct ce_fault_verdict verdict = ce_fault_judge(CE_FAULT_nanosleep, NULL, -1);
	if (verdict.errno_value != 0) {
		errno = verdict.errno_value;
		return -1;
	}
	struct timespec shorter = from_ns(in_ns(wanted) / ce_fault_hurry);
	return ce_sys_real.nanosleep(ce_fault_hurry > 1 ? &shorter : wanted, left);
}

const struct ce_sys ce_sys_fault = {
#define ENTRY(call) .call = fault_##call,
	CE_FAULT_CALLS(ENTRY)
#undef ENTRY
};
