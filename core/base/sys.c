#include "base/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

static int
real_openat(int dir, const char *path, int flags, mode_t mode)
{
	return openat(dir, path, flags, mode);
}

/* Closes at and gives fd; errno is that of the failure to open fd. A directory that turned out to be none may
 * have been a link: that is what the kernel says of one. */
static int
leave_for(int at, int fd)
{
	int reason = errno == ENOTDIR ? ELOOP : errno;
	close(at);
	errno = reason;
	return fd;
}

/* One component on from at, which is closed. */
static int
step_into(int at, const char *component, size_t size, int flags, mode_t mode)
{
	char name[NAME_MAX + 1] = ".";
	bool up = size == 2 && component[0] == '.' && component[1] == '.';
	errno = up ? EXDEV : ENAMETOOLONG;
	if (up || size > NAME_MAX)
		return leave_for(at, -1);
	memcpy(name, component, size);
	return leave_for(at, openat(at, name, flags | O_NOFOLLOW, mode));
}

/* One component after the other, none of them a link: what RESOLVE_NO_SYMLINKS and RESOLVE_BENEATH mean, for kernels
 * (and tools that stand for one, as valgrind 3.19) without openat2. */
static int
open_by_walk(int dir, const char *path, int flags, mode_t mode)
{
	int at = openat(dir, path[0] == '/' ? "/" : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	path += strspn(path, "/");
	for (const char *slash; at >= 0 && (slash = strchr(path, '/')); path = slash + strspn(slash, "/"))
		at = step_into(at, path, (size_t)(slash - path), O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
	return at < 0 ? -1 : step_into(at, path, strlen(path), flags, mode);
}

static int
real_openat2(int dir, const char *path, int flags, mode_t mode, uint64_t resolve)
{
	struct open_how how = { .flags = (uint64_t)flags, .mode = mode, .resolve = resolve };
	int fd = (int)syscall(SYS_openat2, dir, path, &how, sizeof(how));
	if (fd >= 0 || errno != ENOSYS || !(resolve & RESOLVE_NO_SYMLINKS))
		return fd;
	return open_by_walk(dir, path, flags, mode);
}

static int
real_renameat2(int olddir, const char *old, int newdir, const char *new_, unsigned flags)
{
	return (int)syscall(SYS_renameat2, olddir, old, newdir, new_, flags);
}

static int
real_ofd_lock(int fd, short type)
{
	struct flock lock = { .l_type = type, .l_whence = SEEK_SET };
	return fcntl(fd, F_OFD_SETLK, &lock);
}

static int
real_pidfd_open(pid_t pid, unsigned flags)
{
	return (int)syscall(SYS_pidfd_open, pid, flags);
}

const struct ce_sys ce_sys_real = {
	.openat = real_openat,
	.openat2 = real_openat2,
	.close = close,
	.read = read,
	.write = write,
	.fstat = fstat,
	.fstatat = fstatat,
	.fchmod = fchmod,
	.fchown = fchown,
	.fsync = fsync,
	.ftruncate = ftruncate,
	.lseek = lseek,
	.mkdirat = mkdirat,
	.unlinkat = unlinkat,
	.renameat2 = real_renameat2,
	.readlinkat = readlinkat,
	.fdopendir = fdopendir,
	.readdir = readdir,
	.closedir = closedir,
	.flistxattr = flistxattr,
	.fgetxattr = fgetxattr,
	.fsetxattr = fsetxattr,
	.ofd_lock = real_ofd_lock,
	.memfd_create = memfd_create,
	.fork = fork,
	.execve = execve,
	.waitpid = waitpid,
	.pidfd_open = real_pidfd_open,
	.kill = kill,
	.pipe2 = pipe2,
	.dup3 = dup3,
	.socketpair = socketpair,
	.socket = socket,
	.bind = bind,
	.setsockopt = setsockopt,
	.listen = listen,
	.accept4 = accept4,
	.connect = connect,
	.sendmsg = sendmsg,
	.recvmsg = recvmsg,
	.poll = poll,
	.clock_gettime = clock_gettime,
	.nanosleep = nanosleep,
	.getrandom = getrandom,
};

const struct ce_sys *ce_sys = &ce_sys_real;

long long
ce_now(void)
{
	struct timespec now = { 0, 0 };
	(void)ce_sys->clock_gettime(CLOCK_REALTIME, &now); /* cannot fail with this clock */
	return now.tv_sec;
}

long long
ce_monotonic_ms(void)
{
	struct timespec now = { 0, 0 };
	(void)ce_sys->clock_gettime(CLOCK_MONOTONIC, &now);
	return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
