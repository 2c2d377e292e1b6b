#include "base/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/sys.h"

#define PAUSE_MS 50

static int
open_lock(const char *path, int *ret_fd, struct ce_error *err)
{
	CE_CLEANUP(ce_closep) int dir = -1;
	const char *name = NULL;
	int code = ce_dir_open_parent(path, &dir, &name, err);
	if (code != CE_OK)
		return code;
	CE_CLEANUP(ce_closep) int fd = ce_sys->openat(dir, name,
		O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0600);
	if (fd < 0 && errno == ELOOP)
		return ce_fail(err, CE_ERR_REFUSED, "lock '%s' is a symbolic link", path);
	if (fd < 0)
		return ce_fail_errno(err, errno, "open lock '%s'", path);

	struct stat st;
	if (ce_sys->fstat(fd, &st) != 0)
		return ce_fail_errno(err, errno, "examine lock '%s'", path);
	if (!S_ISREG(st.st_mode) || st.st_nlink > 1 || (st.st_uid != geteuid() && st.st_uid != 0))
		return ce_fail(err, CE_ERR_REFUSED, "lock '%s' is not a plain file of ours", path);
	*ret_fd = fd;
	fd = -1;
	return CE_OK;
}

/* For the message only: nothing is decided by what stands in the file. */
static void
write_holder(int fd)
{
	char text[32];
	int length = snprintf(text, sizeof(text), "%ld\n", (long)getpid());
	if (ce_sys->ftruncate(fd, 0) == 0)
		(void)!ce_sys->write(fd, text, (size_t)length);
}

static int
fail_held(int fd, const char *path, struct ce_error *err)
{
	char text[32];
	ssize_t length = ce_sys->lseek(fd, 0, SEEK_SET) == 0 ? ce_sys->read(fd, text, sizeof(text) - 1) : -1;
	text[length > 0 ? length : 0] = '\0';
	long pid = strtol(text, NULL, 10);
	if (pid > 0)
		return ce_fail(err, CE_ERR_LOCKED, "another run (process %ld) holds the lock '%s'", pid, path);
	return ce_fail(err, CE_ERR_LOCKED, "another run holds the lock '%s'", path);
}

int
ce_lock_take(const char *path, int wait_ms, int *ret_fd, struct ce_error *err)
{
	CE_CLEANUP(ce_closep) int fd = -1;
	int code = open_lock(path, &fd, err);
	if (code != CE_OK)
		return code;

	const struct timespec pause = { 0, PAUSE_MS * 1000000L };
	long long deadline = ce_monotonic_ms() + wait_ms;
	while (ce_sys->ofd_lock(fd, F_WRLCK) != 0) {
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN && errno != EACCES)
			return ce_fail_errno(err, errno, "take lock '%s'", path);
		if (ce_monotonic_ms() >= deadline)
			return fail_held(fd, path, err);
		(void)ce_sys->nanosleep(&pause, NULL); /* woken early it only looks again sooner */
	}
	write_holder(fd);
	*ret_fd = fd;
	fd = -1;
	return CE_OK;
}
