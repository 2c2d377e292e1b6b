/* Every file, process, time, random and socket call of the engine goes through
 * this one table, so that tests can count, fail, shorten or kill at call N.
 * scripts/check-syscalls proves that nothing else calls them.
 * Each member behaves as the call it is named after: result, errno. */
#ifndef CE_BASE_SYS_H
#define CE_BASE_SYS_H

#include <dirent.h>
#include <poll.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>

struct ce_sys {
	/* files */
	int (*openat)(int dir, const char *path, int flags, mode_t mode);
	int (*openat2)(int dir, const char *path, int flags, mode_t mode, uint64_t resolve);
	int (*close)(int fd);
	ssize_t (*read)(int fd, void *buffer, size_t size);
	ssize_t (*write)(int fd, const void *buffer, size_t size);
	int (*fstat)(int fd, struct stat *st);
	int (*fstatat)(int dir, const char *path, struct stat *st, int flags);
	int (*fchmod)(int fd, mode_t mode);
	int (*fchown)(int fd, uid_t uid, gid_t gid);
	int (*fsync)(int fd);
	int (*ftruncate)(int fd, off_t size);
	off_t (*lseek)(int fd, off_t offset, int whence);
	int (*mkdirat)(int dir, const char *path, mode_t mode);
	int (*unlinkat)(int dir, const char *path, int flags);
	int (*renameat2)(int olddir, const char *old, int newdir, const char *new_, unsigned flags);
	ssize_t (*readlinkat)(int dir, const char *path, char *buffer, size_t size);
	DIR *(*fdopendir)(int fd);
	struct dirent *(*readdir)(DIR *dir);
	int (*closedir)(DIR *dir);
	ssize_t (*flistxattr)(int fd, char *names, size_t size);
	ssize_t (*fgetxattr)(int fd, const char *name, void *value, size_t size);
	int (*fsetxattr)(int fd, const char *name, const void *value, size_t size, int flags);
	int (*ofd_lock)(int fd, short type); /* fcntl(F_OFD_SETLK) on the whole file; never waits */
	int (*memfd_create)(const char *name, unsigned flags);
	/* processes */
	pid_t (*fork)(void);
	int (*execve)(const char *path, char *const argv[], char *const envp[]);
	pid_t (*waitpid)(pid_t pid, int *status, int options);
	int (*pidfd_open)(pid_t pid, unsigned flags);
	int (*kill)(pid_t pid, int signal);
	int (*pipe2)(int fds[2], int flags);
	int (*dup3)(int from, int to, int flags);
	/* sockets and waiting */
	int (*socketpair)(int domain, int type, int protocol, int fds[2]);
	int (*socket)(int domain, int type, int protocol);
	int (*bind)(int fd, const struct sockaddr *address, socklen_t size);
	int (*setsockopt)(int fd, int level, int name, const void *value, socklen_t size);
	int (*listen)(int fd, int backlog);
	int (*accept4)(int fd, struct sockaddr *address, socklen_t *size, int flags);
	int (*connect)(int fd, const struct sockaddr *address, socklen_t size);
	ssize_t (*sendmsg)(int fd, const struct msghdr *message, int flags);
	ssize_t (*recvmsg)(int fd, struct msghdr *message, int flags);
	int (*poll)(struct pollfd *fds, nfds_t count, int timeout_ms);
	/* time and chance */
	int (*clock_gettime)(clockid_t clock, struct timespec *ret);
	int (*nanosleep)(const struct timespec *wanted, struct timespec *left);
	ssize_t (*getrandom)(void *buffer, size_t size, unsigned flags);
};

/* The table in use: the real calls, unless a test put another in its place. */
extern const struct ce_sys *ce_sys;
extern const struct ce_sys ce_sys_real;

/* Wall clock in seconds since the epoch; monotonic clock in milliseconds. */
long long ce_now(void);
long long ce_monotonic_ms(void);

#endif
