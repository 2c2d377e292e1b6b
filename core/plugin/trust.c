#include "plugin/trust.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/sys.h"
#include "base/text.h"

static bool
is_ours(const struct stat *st)
{
	return st->st_uid == 0 || st->st_uid == geteuid();
}

/* shown: the path so far, for the message. */
CE_MUSTCHECK static int
check_directory(int fd, const char *shown, bool last, struct ce_error *err)
{
	struct stat st;
	if (ce_sys->fstat(fd, &st) != 0)
		return ce_fail_errno(err, errno, "look at the plugin directory '%s'", shown);

	if (!is_ours(&st))
		return ce_fail(err, CE_ERR_PLUGIN, "directory '%s' on the way to the plugins belongs to user %lu: "
			"give it to root", shown, (unsigned long)st.st_uid);
	bool closed = (st.st_mode & 022) == 0 || (!last && (st.st_mode & S_ISVTX));
	if (!closed)
		return ce_fail(err, CE_ERR_PLUGIN, "directory '%s' on the way to the plugins can be written by others "
			"(mode %04o): take group's and others' write permission away", shown, (unsigned)(st.st_mode & 07777));
	return CE_OK;
}

/* Goes down one component; end is where it ends in path. */
CE_MUSTCHECK static int
descend(int *fd, const char *path, const char *start, const char *end, struct ce_error *err)
{
	char name[NAME_MAX + 1];
	int shown = (int)(end - path);
	if ((size_t)(end - start) >= sizeof(name))
		return ce_fail(err, CE_ERR_PLUGIN, "the path of the plugin directory '%s' is too long", path);
	memcpy(name, start, (size_t)(end - start));
	name[end - start] = '\0';

	CE_CLEANUP(ce_closep) int next = ce_sys->openat(*fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
	if (next < 0 && errno == ENOENT)
		return ce_fail(err, CE_ERR_NOT_FOUND, "there is no plugin directory '%s'", path);
	if (next < 0 && errno == ENOTDIR)
		return ce_fail(err, CE_ERR_PLUGIN, "'%.*s' on the way to the plugins is no directory, or a symbolic link to one",
			shown, path);
	if (next < 0)
		return ce_fail_errno(err, errno, "open '%.*s' on the way to the plugins", shown, path);

	ce_closep(fd);
	*fd = next;
	next = -1;
	return CE_OK;
}

CE_MUSTCHECK static int
open_directory(const char *path, int *ret_fd, struct ce_error *err)
{
	if (path[0] != '/')
		return ce_fail(err, CE_ERR_PLUGIN, "the plugin directory '%s' is no absolute path", path);
	CE_CLEANUP(ce_closep) int fd = ce_sys->openat(AT_FDCWD, "/", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
	if (fd < 0)
		return ce_fail_errno(err, errno, "open '/'");

	char shown[PATH_MAX] = "/";
	const char *at = path + strspn(path, "/");
	int code = check_directory(fd, shown, *at == '\0', err);
	while (code == CE_OK && *at) {
		const char *end = at + strcspn(at, "/");
		const char *next = end + strspn(end, "/");
		code = descend(&fd, path, at, end, err);
		(void)snprintf(shown, sizeof(shown), "%.*s", (int)(end - path), path); /* for a message: may be cut */
		if (code == CE_OK)
			code = check_directory(fd, shown, *next == '\0', err);
		at = next;
	}
	if (code != CE_OK)
		return code;
	*ret_fd = fd;
	fd = -1;
	return CE_OK;
}

CE_MUSTCHECK static int
check_file(int fd, const char *directory, const char *file, struct ce_error *err)
{
	struct stat st;
	if (ce_sys->fstat(fd, &st) != 0)
		return ce_fail_errno(err, errno, "look at '%s/%s'", directory, file);

	if (!S_ISREG(st.st_mode))
		return ce_fail(err, CE_ERR_PLUGIN, "'%s/%s' is no regular file", directory, file);
	if (!is_ours(&st))
		return ce_fail(err, CE_ERR_PLUGIN, "'%s/%s' belongs to user %lu: give it to root", directory, file,
			(unsigned long)st.st_uid);
	if ((st.st_mode & 022) != 0)
		return ce_fail(err, CE_ERR_PLUGIN, "'%s/%s' can be written by others (mode %04o): "
			"take group's and others' write permission away", directory, file, (unsigned)(st.st_mode & 07777));
	if (st.st_nlink != 1)
		return ce_fail(err, CE_ERR_PLUGIN, "'%s/%s' has %lu links: install a copy of its own", directory, file,
			(unsigned long)st.st_nlink);
	return CE_OK;
}

int
ce_plugin_open(const char *directory, const char *name, int *ret_fd, struct ce_error *err)
{
	if (!ce_name_is_plain(name))
		return ce_fail(err, CE_ERR_PLUGIN, "'%s' is no name of a plugin: 1 to 32 of a-z, 0-9 and '-'", name);

	CE_CLEANUP(ce_closep) int parent = -1;
	int code = open_directory(directory, &parent, err);
	if (code != CE_OK)
		return code;

	char file[48];
	(void)snprintf(file, sizeof(file), "%s.so", name); /* fits: a plain name has 32 bytes at most */
	CE_CLEANUP(ce_closep) int fd = ce_sys->openat(parent, file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0);
	if (fd < 0 && errno == ENOENT)
		return ce_fail(err, CE_ERR_NOT_FOUND, "there is no plugin '%s' in '%s'", name, directory);
	if (fd < 0 && errno == ELOOP)
		return ce_fail(err, CE_ERR_PLUGIN, "'%s/%s' is a symbolic link: install the file itself", directory, file);
	if (fd < 0)
		return ce_fail_errno(err, errno, "open '%s/%s'", directory, file);
	code = check_file(fd, directory, file, err);
	if (code != CE_OK)
		return code;

	*ret_fd = fd;
	fd = -1;
	return CE_OK;
}
