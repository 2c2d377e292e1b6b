#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/file.h"
#include "base/file_open.h"
#include "base/sys.h"

#define CHUNK 65536

static void
tell(const struct stat *st, struct ce_file_info *ret_info)
{
	ret_info->exists = true;
	ret_info->is_directory = S_ISDIR(st->st_mode);
	ret_info->mode = st->st_mode & 07777;
	ret_info->uid = st->st_uid;
	ret_info->gid = st->st_gid;
	ret_info->size = st->st_size;
	ret_info->mtime = st->st_mtim.tv_sec;
}

int
ce_file_stat(const char *path, struct ce_file_info *ret_info, struct ce_error *err)
{
	CE_CLEANUP(ce_place_release) struct ce_place place = CE_PLACE_INIT;
	int code = ce_place_find(path, &place, err);
	if (code != CE_OK && code != CE_ERR_NOT_FOUND)
		return code;

	struct ce_file_info info = { .exists = false };
	if (code == CE_OK && place.exists)
		tell(&place.st, &info);
	else
		ce_error_forget(err);
	*ret_info = info;
	return CE_OK;
}

static int
check_readable(const struct stat *st, const char *what, size_t limit, struct ce_error *err)
{
	if (!S_ISREG(st->st_mode))
		return ce_fail(err, CE_ERR_REFUSED, "'%s' is not a regular file", what);
	if (st->st_nlink > 1) /* 0: removed meanwhile, and still ours to read */
		return ce_fail(err, CE_ERR_REFUSED, "'%s' has several hard links; give it a copy of its own", what);
	if (st->st_size < 0 || (unsigned long long)st->st_size > limit)
		return ce_fail(err, CE_ERR_LIMIT, "'%s' has more than %zu bytes", what, limit);
	return CE_OK;
}

/* Reads up to size bytes into the end of buf. CE_UNCHANGED at the end of the file. */
static int
read_some(int fd, const char *what, size_t size, struct ce_buf *buf, struct ce_error *err)
{
	unsigned char *space = ce_buf_grow(buf, size);
	if (!space)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");

	ssize_t got;
	do
		got = ce_sys->read(fd, space, size);
	while (got < 0 && errno == EINTR);
	buf->size -= size - (got > 0 ? (size_t)got : 0);
	buf->data[buf->size] = '\0';
	if (got < 0)
		return ce_fail_errno(err, errno, "read '%s'", what);
	return got == 0 ? CE_UNCHANGED : CE_OK;
}

int
ce_file_read_fd(int fd, const char *what, size_t limit, struct ce_buf *ret_bytes, struct stat *ret_st,
	struct ce_error *err)
{
	struct stat st;
	if (ce_sys->fstat(fd, &st) != 0)
		return ce_fail_errno(err, errno, "examine '%s'", what);
	int code = check_readable(&st, what, limit, err);
	if (code != CE_OK)
		return code;

	CE_CLEANUP(ce_buf_release) struct ce_buf bytes = { NULL, 0, 0, 0, ret_bytes->secret };
	size_t wanted = (size_t)st.st_size + 1; /* one more, to meet the end in the second call */
	do {
		code = read_some(fd, what, wanted, &bytes, err);
		wanted = CHUNK;
	} while (code == CE_OK && bytes.size <= limit);
	if (code < 0)
		return code;
	if (bytes.size > limit)
		return ce_fail(err, CE_ERR_LIMIT, "'%s' has more than %zu bytes", what, limit);

	ce_buf_release(ret_bytes);
	bytes.limit = ret_bytes->limit;
	*ret_bytes = bytes;
	bytes = (struct ce_buf)CE_BUF_INIT;
	*ret_st = st;
	return CE_OK;
}

int
ce_file_read(const char *path, size_t limit, struct ce_buf *ret_bytes, struct ce_file_info *ret_info,
	struct ce_error *err)
{
	CE_CLEANUP(ce_place_release) struct ce_place place = CE_PLACE_INIT;
	int code = ce_place_find(path, &place, err);
	if (code != CE_OK)
		return code;
	if (!place.exists)
		return ce_fail(err, CE_ERR_NOT_FOUND, "read '%s': %s", path, strerror(ENOENT));

	CE_CLEANUP(ce_closep) int fd = ce_sys->openat(place.dir, place.name,
		O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0);
	if (fd < 0 && errno == ENOENT)
		return ce_fail(err, CE_ERR_NOT_FOUND, "read '%s': %s", path, strerror(ENOENT));
	if (fd < 0 && (errno == ELOOP || errno == ENXIO))
		return ce_fail(err, CE_ERR_REFUSED, "'%s' is not a regular file", path);
	if (fd < 0)
		return ce_fail_errno(err, errno, "open '%s'", path);

	struct stat st;
	code = ce_file_read_fd(fd, path, limit, ret_bytes, &st, err);
	if (code == CE_OK && ret_info)
		tell(&st, ret_info);
	return code;
}
