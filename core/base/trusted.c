#include "base/trusted.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"
#include "base/sys.h"

#define DEPTH_MAX 64

static bool
is_ours(const struct stat *st)
{
	return st->st_uid == 0 || st->st_uid == geteuid();
}

static int
check_directory(const struct stat *st, int depth, const char *path, struct ce_error *err)
{
	if (!is_ours(st))
		return ce_fail(err, CE_ERR_REFUSED, "a directory above '%s' belongs to user %lu, who could exchange the program: "
			"give it to root", path, (unsigned long)st->st_uid);
	if ((st->st_mode & 022) != 0 && !(depth > 0 && (st->st_mode & S_ISVTX)))
		return ce_fail(err, CE_ERR_REFUSED, "a directory above '%s' can be written by others (mode %04o): take group's and "
			"others' write permission away", path, (unsigned)(st->st_mode & 07777));
	return CE_OK;
}

/* From the file's directory up to the root, as they are once links are resolved. */
static int
check_directories(int dir, const char *path, struct ce_error *err)
{
	CE_CLEANUP(ce_closep) int fd = ce_sys->openat(dir, ".", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
	struct stat last = { 0 };
	for (int depth = 0; depth < DEPTH_MAX; depth++) {
		struct stat st;
		if (fd < 0 || ce_sys->fstat(fd, &st) != 0)
			return ce_fail_errno(err, errno, "look at the directories above '%s'", path);
		if (depth > 0 && st.st_ino == last.st_ino && st.st_dev == last.st_dev)
			return CE_OK; /* the root is its own parent */
		int code = check_directory(&st, depth, path, err);
		if (code < 0)
			return code;
		last = st;
		int parent = ce_sys->openat(fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
		ce_closep(&fd);
		fd = parent;
	}
	return ce_fail(err, CE_ERR_LIMIT, "'%s' lies below more than %d directories", path, DEPTH_MAX);
}

static int
check_file(const struct stat *st, const char *path, struct ce_error *err)
{
	if (S_ISLNK(st->st_mode))
		return ce_fail(err, CE_ERR_REFUSED, "'%s' is a symbolic link: name the program itself", path);
	if (!S_ISREG(st->st_mode))
		return ce_fail(err, CE_ERR_REFUSED, "'%s' is no regular file", path);
	if ((st->st_mode & 0111) == 0)
		return ce_fail(err, CE_ERR_REFUSED, "'%s' is not executable", path);
	if (!is_ours(st))
		return ce_fail(err, CE_ERR_REFUSED, "'%s' belongs to user %lu: give it to root", path, (unsigned long)st->st_uid);
	if ((st->st_mode & 022) != 0)
		return ce_fail(err, CE_ERR_REFUSED, "'%s' can be written by others (mode %04o): take group's and others' write "
			"permission away", path, (unsigned)(st->st_mode & 07777));
	return CE_OK;
}

int
ce_program_check(const char *path, struct ce_error *err)
{
	CE_CLEANUP(ce_closep) int dir = -1;
	const char *name = NULL;
	struct stat st;
	int code = ce_dir_open_parent(path, &dir, &name, err);
	if (code < 0)
		return code;
	if (ce_sys->fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return errno == ENOENT ? ce_fail(err, CE_ERR_NOT_FOUND, "there is no program '%s'", path)
		                       : ce_fail_errno(err, errno, "look at '%s'", path);
	code = check_file(&st, path, err);
	return code < 0 ? code : check_directories(dir, path, err);
}
