#include "base/file_labels.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>

#include "base/sys.h"

#define VALUE_MAX 65536 /* the kernel's own ceiling for lists and values */

/* Attributes that speak of the content, not of the file: wrong on other bytes. */
static bool
belongs_to_content(const char *name)
{
	static const char *const names[] = { "security.ima", "security.evm", "security.capability" };
	for (size_t i = 0; i < CE_COUNT(names); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

static bool
same_already(int fd, const char *name, const char *value, size_t size)
{
	CE_CLEANUP(ce_freep) char *now = malloc(VALUE_MAX);
	return now && ce_sys->fgetxattr(fd, name, now, VALUE_MAX) == (ssize_t)size && memcmp(now, value, size) == 0;
}

static int
copy_one(int from, int to, const char *name, const char *path, struct ce_error *err)
{
	CE_CLEANUP(ce_freep) char *value = malloc(VALUE_MAX);
	if (!value)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");

	ssize_t size = ce_sys->fgetxattr(from, name, value, VALUE_MAX);
	if (size < 0 && errno == ENODATA)
		return CE_OK;
	if (size < 0)
		return ce_fail_errno(err, errno, "read attribute %s of '%s'", name, path);
	/* A new file often has the right security label from its directory, and only then may one
	 * that is not allowed to set it go on. */
	if (same_already(to, name, value, (size_t)size))
		return CE_OK;
	if (ce_sys->fsetxattr(to, name, value, (size_t)size, 0) != 0)
		return ce_fail_errno(err, errno, "keep attribute %s of '%s'", name, path);
	return CE_OK;
}

int
ce_labels_copy(int dir, const char *name, int fd, const char *path, struct ce_error *err)
{
	CE_CLEANUP(ce_closep) int from = ce_sys->openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0);
	if (from < 0)
		return ce_fail_errno(err, errno, "open '%s'", path);
	CE_CLEANUP(ce_freep) char *names = malloc(VALUE_MAX);
	if (!names)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");

	ssize_t size = ce_sys->flistxattr(from, names, VALUE_MAX);
	if (size < 0 && (errno == ENOTSUP || errno == ENOSYS))
		return CE_OK;
	if (size < 0)
		return ce_fail_errno(err, errno, "list the attributes of '%s'", path);
	for (const char *at = names; at < names + size; at += strlen(at) + 1) {
		int code = belongs_to_content(at) ? CE_OK : copy_one(from, fd, at, path, err);
		if (code != CE_OK)
			return code;
	}
	return CE_OK;
}
