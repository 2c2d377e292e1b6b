#include "store/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/sys.h"
#include "base/text.h"
#include "crypto/token.h"

/* More entries than this in one directory were not put there by us. */
#define LIST_LIMIT 4096
#define LINK "'%s/%s' is a symbolic link or lies behind one, which nothing in the state directory may be: put the file itself there"

const char *
ce_store_key_file(struct ce_bytes key)
{
	return ce_token_is_record(key) ? "key.uri" : "key.pem";
}

int
ce_store_name_check(const char *what, const char *name, struct ce_error *err)
{
	if (name && ce_name_is_label(name))
		return CE_OK;
	return ce_fail(err, CE_ERR_INVALID,
		"'%s' cannot be the name of a %s: letters, digits, '.', '_' and '-' only, at most 64, no '.' in front",
		name ? name : "", what);
}

int
ce_store_certificate_path(const char *certificate, struct ce_store_path *ret_path, struct ce_error *err,
	const char *format, ...)
{
	int code = ce_store_name_check("certificate", certificate, err);
	if (code < 0)
		return code;

	struct ce_store_path path;
	int used = snprintf(path.text, sizeof(path.text), "certificates/%s%s", certificate, format ? "/" : "");
	if (format) {
		va_list args;
		va_start(args, format);
		int more = vsnprintf(path.text + used, sizeof(path.text) - (size_t)used, format, args);
		va_end(args);
		if (more < 0 || (size_t)(used + more) >= sizeof(path.text))
			return ce_fail(err, CE_ERR_LIMIT, "a path of certificate '%s' in the store is too long", certificate);
	}
	*ret_path = path;
	return CE_OK;
}

static int
absolute(const struct ce_store *store, const char *path, char **ret_absolute, struct ce_error *err)
{
	char *text = NULL;
	if (asprintf(&text, "%s/%s", store->directory, path) < 0)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	*ret_absolute = text;
	return CE_OK;
}

int
ce_store_writable(const struct ce_store *store, struct ce_error *err)
{
	if (!store->readonly)
		return CE_OK;
	return ce_fail(err, CE_ERR_REFUSED, "state directory '%s' was opened for reading only", store->directory);
}

static int
fail_at(const struct ce_store *store, struct ce_error *err, const char *what, const char *path)
{
	int reason = errno;
	if (reason == ENOENT || reason == ENOTDIR)
		return ce_fail(err, CE_ERR_NOT_FOUND, "'%s/%s' does not exist", store->directory, path);
	if (reason == ELOOP)
		return ce_fail(err, CE_ERR_REFUSED, LINK, store->directory, path);
	return ce_fail_errno(err, reason, "%s '%s/%s'", what, store->directory, path);
}

/* A file is replaced where a link leads to, so one that was put here would lead out of the store. */
static int
check_no_link(const struct ce_store *store, const char *path, struct ce_error *err)
{
	struct stat st;
	if (ce_sys->fstatat(store->fd, path, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return errno == ENOENT || errno == ENOTDIR ? CE_OK : fail_at(store, err, "stat", path);
	return S_ISLNK(st.st_mode) ? ce_fail(err, CE_ERR_REFUSED, LINK, store->directory, path) : CE_OK;
}

/* The size that fstat told is a hint for the room only: what counts is where the file ends. */
static int
read_all(int fd, struct ce_buf *bytes, struct ce_error *err)
{
	for (;;) {
		size_t had = bytes->size;
		size_t room = had == 0 ? 8192 : had;
		void *at = ce_buf_grow(bytes, room);
		if (!at)
			return ce_fail(err, CE_ERR_LIMIT, "larger than %u bytes", CE_STORE_FILE_LIMIT);
		ssize_t got = ce_sys->read(fd, at, room);
		int reason = errno;
		bytes->size = had + (got > 0 ? (size_t)got : 0);
		bytes->data[bytes->size] = '\0';
		if (got < 0 && reason == EINTR)
			continue;
		if (got < 0)
			return ce_fail_errno(err, reason, "read");
		if (got == 0)
			return CE_OK;
	}
}

int
ce_store_read(const struct ce_store *store, const char *path, struct ce_buf *ret_bytes, struct ce_error *err)
{
	if (store->fd < 0)
		return ce_fail(err, CE_ERR_NOT_FOUND, "'%s/%s' does not exist", store->directory, path);

	CE_CLEANUP(ce_closep) int fd = ce_sys->openat2(store->fd, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0,
		RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
	if (fd < 0)
		return fail_at(store, err, "open", path);
	struct stat st;
	if (ce_sys->fstat(fd, &st) != 0)
		return fail_at(store, err, "stat", path);
	if (!S_ISREG(st.st_mode))
		return ce_fail(err, CE_ERR_REFUSED, "'%s/%s' is no regular file", store->directory, path);

	CE_CLEANUP(ce_buf_release) struct ce_buf bytes = CE_BUF_SECRET;
	bytes.limit = CE_STORE_FILE_LIMIT;
	int code = read_all(fd, &bytes, err);
	if (code < 0)
		return ce_error_wrap(err, "'%s/%s'", store->directory, path);

	ce_buf_release(ret_bytes);
	*ret_bytes = bytes;
	bytes = (struct ce_buf)CE_BUF_SECRET;
	return CE_OK;
}

int
ce_store_has(const struct ce_store *store, const char *path, bool *ret_there, struct ce_error *err)
{
	struct stat st;
	bool there = store->fd >= 0 && ce_sys->fstatat(store->fd, path, &st, AT_SYMLINK_NOFOLLOW) == 0;
	if (!there && store->fd >= 0 && errno != ENOENT && errno != ENOTDIR)
		return fail_at(store, err, "stat", path);
	*ret_there = there;
	return CE_OK;
}

static int
make_directory(const struct ce_store *store, const char *path, struct ce_error *err)
{
	CE_CLEANUP(ce_freep) char *whole = NULL;
	int code = absolute(store, path, &whole, err);
	return code < 0 ? code : ce_dir_create_private(whole, err);
}

/* "a/b/c" to "a/b". */
static void
parent_of(const char *path, struct ce_store_path *ret_parent)
{
	snprintf(ret_parent->text, sizeof(ret_parent->text), "%s", path);
	char *slash = strrchr(ret_parent->text, '/');
	*(slash ? slash : ret_parent->text) = '\0';
}

int
ce_store_write(const struct ce_store *store, const char *path, struct ce_bytes bytes, struct ce_error *err)
{
	int code = ce_store_writable(store, err);
	if (code < 0)
		return code;
	struct ce_store_path parent;
	parent_of(path, &parent);
	code = make_directory(store, parent.text, err);
	if (code == CE_OK || code == CE_UNCHANGED)
		code = check_no_link(store, path, err);
	if (code < 0)
		return code;
	CE_CLEANUP(ce_freep) char *whole = NULL;
	code = absolute(store, path, &whole, err);
	return code < 0 ? code : ce_file_save(whole, bytes, err);
}

int
ce_store_remove(const struct ce_store *store, const char *path, struct ce_error *err)
{
	bool there = false;
	int code = ce_store_has(store, path, &there, err);
	if (code < 0 || !there)
		return code < 0 ? code : CE_UNCHANGED;
	code = ce_store_writable(store, err);
	if (code == CE_OK)
		code = check_no_link(store, path, err);
	CE_CLEANUP(ce_freep) char *whole = NULL;
	if (code == CE_OK)
		code = absolute(store, path, &whole, err);
	return code < 0 ? code : ce_file_remove(whole, err);
}

/* A directory of the store holds files and at most the directory "material". */
static int
remove_directory(const struct ce_store *store, const char *path, struct ce_error *err)
{
	static const char *const parts[] = { "/material", "" };
	for (size_t i = 0; i < CE_COUNT(parts); i++) {
		bool there = false;
		CE_CLEANUP(ce_freep) char *whole = NULL;
		struct ce_store_path part;
		snprintf(part.text, sizeof(part.text), "%s%s", path, parts[i]);
		int code = ce_store_has(store, part.text, &there, err);
		if (code < 0)
			return code;
		if (!there)
			continue;
		code = absolute(store, part.text, &whole, err);
		if (code < 0)
			return code;
		code = ce_dir_remove(whole, err);
		if (code < 0)
			return code;
	}
	return CE_OK;
}

static int
begin_directory(const struct ce_store *store, const char *path, struct ce_error *err)
{
	int code = ce_store_writable(store, err);
	if (code < 0)
		return code;
	code = remove_directory(store, path, err);
	return code < 0 ? code : make_directory(store, path, err);
}

static int
sync_parent(const struct ce_store *store, const char *path, struct ce_error *err)
{
	struct ce_store_path parent;
	parent_of(path, &parent);
	CE_CLEANUP(ce_closep) int fd = ce_sys->openat2(store->fd, parent.text, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0,
		RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
	if (fd < 0)
		return fail_at(store, err, "open", parent.text);
	if (ce_sys->fsync(fd) != 0)
		return fail_at(store, err, "sync", parent.text);
	return CE_OK;
}

int
ce_store_rename(const struct ce_store *store, const char *from, const char *to, struct ce_error *err)
{
	int code = ce_store_writable(store, err);
	if (code < 0)
		return code;
	bool there = false;
	code = ce_store_has(store, from, &there, err);
	if (code < 0 || !there)
		return code < 0 ? code : CE_UNCHANGED;
	if (ce_sys->renameat2(store->fd, from, store->fd, to, 0) != 0)
		return fail_at(store, err, "rename", from);
	return sync_parent(store, to, err);
}

static int
publish_directory(const struct ce_store *store, const char *from, const char *to, struct ce_error *err)
{
	bool there = false;
	int code = ce_store_has(store, to, &there, err);
	if (code < 0)
		return code;
	if (ce_sys->renameat2(store->fd, from, store->fd, to, there ? RENAME_EXCHANGE : RENAME_NOREPLACE) != 0)
		return ce_fail_errno(err, errno, "move '%s/%s' into place", store->directory, from);
	code = sync_parent(store, to, err);
	if (code < 0 || !there)
		return code;
	return remove_directory(store, from, err);
}

int
ce_store_put_directory(const struct ce_store *store, const char *fresh, const char *place,
	const struct ce_store_part *parts, size_t count, struct ce_error *err)
{
	int code = begin_directory(store, fresh, err);
	for (size_t i = 0; code >= CE_OK && i < count; i++) {
		struct ce_store_path file;
		snprintf(file.text, sizeof(file.text), "%s/%s", fresh, parts[i].name);
		code = ce_store_write(store, file.text, parts[i].bytes, err);
	}
	return code < 0 ? code : publish_directory(store, fresh, place, err);
}

int
ce_store_drop_directory(const struct ce_store *store, const char *path, const char *gone, struct ce_error *err)
{
	int code = ce_store_writable(store, err);
	if (code < 0)
		return code;
	struct ce_store_path aside;
	parent_of(path, &aside);
	size_t used = strlen(aside.text);
	snprintf(aside.text + used, sizeof(aside.text) - used, "/%s", gone);
	code = remove_directory(store, aside.text, err);
	if (code < 0)
		return code;

	bool there = false;
	code = ce_store_has(store, path, &there, err);
	if (code < 0)
		return code;
	if (!there)
		return CE_UNCHANGED;
	if (ce_sys->renameat2(store->fd, path, store->fd, aside.text, RENAME_NOREPLACE) != 0)
		return ce_fail_errno(err, errno, "move '%s/%s' away", store->directory, path);
	code = sync_parent(store, path, err);
	return code < 0 ? code : remove_directory(store, aside.text, err);
}

int
ce_store_list(const struct ce_store *store, const char *path, struct ce_strlist *ret_names, struct ce_error *err)
{
	bool there = false;
	int code = ce_store_has(store, path, &there, err);
	if (code < 0)
		return code;
	if (!there) {
		*ret_names = (struct ce_strlist)CE_STRLIST_INIT;
		return CE_OK;
	}
	CE_CLEANUP(ce_freep) char *whole = NULL;
	code = absolute(store, path, &whole, err);
	return code < 0 ? code : ce_dir_list(whole, LIST_LIMIT, ret_names, err);
}
