#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/sys.h"

/* A link there was put by somebody who wants the bytes elsewhere. */
static int
look(const char *path, bool *ret_exists, struct stat *ret_st, struct ce_error *err)
{
	CE_CLEANUP(ce_closep) int dir = -1;
	const char *name = NULL;
	int code = ce_dir_open_parent(path, &dir, &name, err);
	if (code < 0)
		return code;
	if (ce_sys->fstatat(dir, name, ret_st, AT_SYMLINK_NOFOLLOW) != 0) {
		if (errno != ENOENT)
			return ce_fail_errno(err, errno, "look at '%s'", path);
		*ret_exists = false;
		return CE_OK;
	}
	if (S_ISLNK(ret_st->st_mode))
		return ce_fail(err, CE_ERR_REFUSED, "'%s' is a symbolic link; name the file itself", path);
	*ret_exists = true;
	return CE_OK;
}

static bool
holds(const char *path, struct ce_bytes bytes)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf now = CE_BUF_SECRET;
	struct ce_error ignored = { 0 };
	return ce_file_read(path, bytes.size, &now, NULL, &ignored) == CE_OK && now.size == bytes.size
	       && (bytes.size == 0 || memcmp(now.data, bytes.data, bytes.size) == 0);
}

int
ce_file_publish(const char *path, struct ce_bytes bytes, mode_t mode, struct ce_error *err)
{
	bool exists = false;
	struct stat st;
	int code = look(path, &exists, &st, err);
	if (code < 0)
		return code;
	if (exists && (st.st_mode & 07777) == mode && holds(path, bytes))
		return CE_UNCHANGED;

	struct ce_file_spec spec = { .path = path, .bytes = bytes, .uid = geteuid(), .gid = getegid(), .mode = mode };
	CE_CLEANUP(ce_file_replacep) struct ce_file_replace *replace = NULL;
	code = ce_file_prepare(&spec, &replace, err);
	if (code == CE_OK)
		code = ce_file_switch(replace, NULL, err);
	if (code == CE_OK)
		code = ce_file_settle(replace, err);
	return code;
}

int
ce_file_withdraw(const char *path, struct ce_error *err)
{
	bool exists = false;
	struct stat st;
	struct ce_error ignored = { 0 };
	int code = look(path, &exists, &st, &ignored);
	if (code == CE_ERR_NOT_FOUND || code == CE_ERR_REFUSED || (code == CE_OK && !exists))
		return CE_UNCHANGED;
	return ce_file_remove(path, err);
}
