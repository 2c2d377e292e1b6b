#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/file_open.h"
#include "base/sys.h"

#define REMOVE_MAX 100000

static int
check_private(int dir, const char *path, struct ce_error *err)
{
	struct stat st;
	if (ce_sys->fstat(dir, &st) != 0)
		return ce_fail_errno(err, errno, "examine '%s'", path);
	if (st.st_uid != geteuid())
		return ce_fail(err, CE_ERR_REFUSED, "directory '%s' belongs to user %lu; it must belong to user %lu", path,
			(unsigned long)st.st_uid, (unsigned long)geteuid());
	if ((st.st_mode & 077) != 0)
		return ce_fail(err, CE_ERR_REFUSED, "directory '%s' has mode %04o; others must have no access to it (0700)",
			path, (unsigned)(st.st_mode & 07777));
	return CE_OK;
}

/* One directory whose parent exists. */
static int
make_one(const char *path, struct ce_error *err)
{
	CE_CLEANUP(ce_closep) int parent = -1;
	const char *name = NULL;
	int code = ce_dir_open_parent(path, &parent, &name, err);
	if (code != CE_OK)
		return code;
	if (ce_sys->mkdirat(parent, name, 0700) != 0 && errno != EEXIST)
		return ce_fail_errno(err, errno, "create directory '%s'", path);
	return ce_dir_sync(parent, path, err);
}

/* The missing ones from the top down; path is cut short on the way. */
static int
make_missing(char *path, struct ce_error *err)
{
	for (char *slash = strchr(path + 1, '/');; slash = strchr(slash + 1, '/')) {
		if (slash)
			*slash = '\0';
		CE_CLEANUP(ce_closep) int dir = -1;
		int code = ce_dir_open(path, &dir, err);
		if (code == CE_ERR_NOT_FOUND) {
			ce_error_forget(err);
			code = make_one(path, err);
		}
		if (code != CE_OK || !slash)
			return code;
		*slash = '/';
	}
}

int
ce_dir_create_private(const char *path, struct ce_error *err)
{
	CE_CLEANUP(ce_closep) int dir = -1;
	int code = ce_dir_open(path, &dir, err);
	if (code == CE_ERR_NOT_FOUND) {
		ce_error_forget(err);
		CE_CLEANUP(ce_freep) char *copy = strdup(path);
		if (!copy)
			return ce_fail(err, CE_ERR_MEMORY, "out of memory");
		size_t length = strlen(copy);
		while (length > 1 && copy[length - 1] == '/')
			copy[--length] = '\0';
		code = make_missing(copy, err);
		if (code == CE_OK)
			code = ce_dir_open(path, &dir, err);
	}
	if (code != CE_OK)
		return code;
	return check_private(dir, path, err);
}

static void
closedirp(DIR **dir)
{
	if (*dir)
		(void)ce_sys->closedir(*dir);
	*dir = NULL;
}

static int
list_open(int *fd, const char *path, size_t limit, struct ce_strlist *ret_names, struct ce_error *err)
{
	CE_CLEANUP(closedirp) DIR *dir = ce_sys->fdopendir(*fd);
	if (!dir)
		return ce_fail_errno(err, errno, "list '%s'", path);
	*fd = -1; /* belongs to dir now */

	CE_CLEANUP(ce_strlist_release) struct ce_strlist names = CE_STRLIST_INIT;
	for (;;) {
		errno = 0;
		const struct dirent *entry = ce_sys->readdir(dir);
		if (!entry && errno != 0)
			return ce_fail_errno(err, errno, "list '%s'", path);
		if (!entry)
			break;
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (names.count == limit)
			return ce_fail(err, CE_ERR_LIMIT, "'%s' has more than %zu entries", path, limit);
		int code = ce_strlist_add(&names, entry->d_name, err);
		if (code != CE_OK)
			return code;
	}
	ce_strlist_sort(&names);
	*ret_names = names;
	names = (struct ce_strlist)CE_STRLIST_INIT;
	return CE_OK;
}

int
ce_dir_list(const char *path, size_t limit, struct ce_strlist *ret_names, struct ce_error *err)
{
	CE_CLEANUP(ce_closep) int fd = -1;
	int code = ce_dir_open(path, &fd, err);
	if (code != CE_OK)
		return code;
	return list_open(&fd, path, limit, ret_names, err);
}

int
ce_dir_open_real(const char *path, int *ret_fd, struct ce_error *err)
{
	CE_CLEANUP(ce_closep) int parent = -1;
	const char *name = NULL;
	int code = ce_dir_open_parent(path, &parent, &name, err);
	if (code != CE_OK)
		return code;
	int fd = ce_sys->openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
	if (fd < 0 && (errno == ENOTDIR || errno == ELOOP))
		return ce_fail(err, CE_ERR_REFUSED, "'%s' is no directory, or only a link to one", path);
	if (fd < 0 && errno == ENOENT)
		return ce_fail(err, CE_ERR_NOT_FOUND, "open directory '%s': %s", path, strerror(errno));
	if (fd < 0)
		return ce_fail_errno(err, errno, "open directory '%s'", path);
	*ret_fd = fd;
	return CE_OK;
}

/* Everything goes by descriptors of the directory itself: through a link other people's files would be removed. */
static int
remove_files(const char *path, struct ce_error *err)
{
	CE_CLEANUP(ce_closep) int dir = -1;
	CE_CLEANUP(ce_closep) int listed = -1;
	int code = ce_dir_open_real(path, &dir, err);
	if (code != CE_OK)
		return code;
	listed = ce_sys->openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	if (listed < 0)
		return ce_fail_errno(err, errno, "open directory '%s'", path);
	CE_CLEANUP(ce_strlist_release) struct ce_strlist names = CE_STRLIST_INIT;
	code = list_open(&listed, path, REMOVE_MAX, &names, err);
	if (code != CE_OK)
		return code;
	for (size_t i = 0; i < names.count; i++)
		if (ce_sys->unlinkat(dir, names.items[i], 0) != 0 && errno != ENOENT)
			return ce_fail_errno(err, errno, "remove '%s/%s'", path, names.items[i]);
	return CE_OK;
}

int
ce_dir_remove(const char *path, struct ce_error *err)
{
	int code = remove_files(path, err);
	if (code == CE_ERR_NOT_FOUND) {
		ce_error_forget(err);
		return CE_UNCHANGED;
	}
	if (code != CE_OK)
		return code;

	CE_CLEANUP(ce_closep) int parent = -1;
	const char *name = NULL;
	code = ce_dir_open_parent(path, &parent, &name, err);
	if (code != CE_OK)
		return code;
	if (ce_sys->unlinkat(parent, name, AT_REMOVEDIR) != 0)
		return ce_fail_errno(err, errno, "remove directory '%s'", path);
	return ce_dir_sync(parent, path, err);
}
