#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/file_labels.h"
#include "base/file_open.h"
#include "base/sys.h"
#include "base/text.h"

enum state {
	STATE_NONE,    /* no temporary of ours */
	STATE_WRITTEN, /* the temporary holds the new content and goes if nothing more happens */
	STATE_DONE,    /* the new content is in place */
	STATE_STUCK    /* the temporary holds what was displaced and could not be put back */
};

struct ce_file_replace {
	struct ce_place place;
	char *path;      /* for messages */
	char *temporary; /* name in the same directory */
	enum state state;
};

void
ce_file_replace_free(struct ce_file_replace *replace)
{
	if (!replace)
		return;
	if (replace->state == STATE_WRITTEN)
		(void)ce_sys->unlinkat(replace->place.dir, replace->temporary, 0); /* a failed step is being left */
	ce_place_release(&replace->place);
	free(replace->path);
	free(replace->temporary);
	free(replace);
}

void
ce_file_replacep(struct ce_file_replace **replace)
{
	ce_file_replace_free(*replace);
	*replace = NULL;
}

static int
name_temporary(const struct ce_file_spec *spec, char **ret_name, struct ce_error *err)
{
	char *name = NULL;
	if (spec->temporary) {
		if (strchr(spec->temporary, '/') || spec->temporary[0] == '\0')
			return ce_fail(err, CE_ERR_INVALID, "'%s' cannot name a temporary file", spec->temporary);
		name = strdup(spec->temporary);
	} else {
		unsigned char chance[8];
		if (ce_sys->getrandom(chance, sizeof(chance), 0) != (ssize_t)sizeof(chance))
			return ce_fail_errno(err, errno, "get random bytes");
		char hex[2 * sizeof(chance) + 1];
		ce_text_hex(hex, chance, sizeof(chance));
		if (asprintf(&name, ".certengine-%s", hex) < 0)
			name = NULL;
	}
	if (!name)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	*ret_name = name;
	return CE_OK;
}

/* A temporary of that name is left from a run that was killed: only a named one can be known. */
static int
create_temporary(struct ce_file_replace *replace, bool named, int *ret_fd, struct ce_error *err)
{
	const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
	int fd = ce_sys->openat(replace->place.dir, replace->temporary, flags, 0600);
	if (fd < 0 && errno == EEXIST && named && ce_sys->unlinkat(replace->place.dir, replace->temporary, 0) == 0)
		fd = ce_sys->openat(replace->place.dir, replace->temporary, flags, 0600);
	if (fd < 0)
		return ce_fail_errno(err, errno, "create a temporary file beside '%s'", replace->path);
	replace->state = STATE_WRITTEN;
	*ret_fd = fd;
	return CE_OK;
}

static int
write_all(int fd, struct ce_bytes bytes, const char *path, struct ce_error *err)
{
	while (bytes.size > 0) {
		ssize_t written = ce_sys->write(fd, bytes.data, bytes.size);
		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return ce_fail_errno(err, errno, "write '%s'", path);
		bytes.data += written;
		bytes.size -= (size_t)written;
	}
	return CE_OK;
}

/* Owner first: changing it would take set-id bits away again. */
static int
dress(int fd, const struct ce_file_spec *spec, const struct ce_place *place, struct ce_error *err)
{
	if (ce_sys->fchown(fd, spec->uid, spec->gid) != 0)
		return ce_fail_errno(err, errno, "give '%s' its owner", spec->path);
	if (spec->keep_labels && place->exists) {
		int code = ce_labels_copy(place->dir, place->name, fd, spec->path, err);
		if (code != CE_OK)
			return code;
	}
	if (ce_sys->fchmod(fd, spec->mode & 07777) != 0)
		return ce_fail_errno(err, errno, "give '%s' its mode", spec->path);
	return CE_OK;
}

/* A failed fsync is final: the kernel may have dropped the pages, so the file is given up. */
static int
fill(int *fd, const struct ce_file_spec *spec, const struct ce_place *place, struct ce_error *err)
{
	/* Others get at the bytes only once all of them are there. */
	bool private = (spec->mode & 077) == 0;
	int code = private ? dress(*fd, spec, place, err) : CE_OK;
	if (code == CE_OK)
		code = write_all(*fd, spec->bytes, spec->path, err);
	if (code == CE_OK && !private)
		code = dress(*fd, spec, place, err);
	if (code != CE_OK)
		return code;
	if (ce_sys->fsync(*fd) != 0)
		return ce_fail_errno(err, errno, "make '%s' durable", spec->path);
	int closing = *fd;
	*fd = -1;
	if (ce_sys->close(closing) != 0 && errno != EINTR)
		return ce_fail_errno(err, errno, "close '%s'", spec->path);
	return CE_OK;
}

static int
check_replaceable(const struct ce_place *place, const char *path, struct ce_error *err)
{
	if (!place->exists)
		return CE_OK;
	if (!S_ISREG(place->st.st_mode))
		return ce_fail(err, CE_ERR_REFUSED, "'%s' is not a regular file", path);
	if (place->st.st_nlink > 1)
		return ce_fail(err, CE_ERR_REFUSED, "'%s' has several hard links; give it a copy of its own", path);
	return CE_OK;
}

int
ce_file_prepare(const struct ce_file_spec *spec, struct ce_file_replace **ret_replace, struct ce_error *err)
{
	CE_CLEANUP(ce_file_replacep) struct ce_file_replace *replace = calloc(1, sizeof(*replace));
	if (!replace)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	replace->place.dir = -1;
	replace->path = strdup(spec->path);
	if (!replace->path)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");

	int code = ce_place_find(spec->path, &replace->place, err);
	if (code == CE_OK)
		code = check_replaceable(&replace->place, spec->path, err);
	if (code == CE_OK)
		code = name_temporary(spec, &replace->temporary, err);
	CE_CLEANUP(ce_closep) int fd = -1;
	if (code == CE_OK)
		code = create_temporary(replace, spec->temporary != NULL, &fd, err);
	if (code == CE_OK)
		code = fill(&fd, spec, &replace->place, err);
	if (code != CE_OK)
		return code;
	*ret_replace = CE_STEAL(replace);
	return CE_OK;
}

static int
rename_to_place(const struct ce_file_replace *replace, unsigned flags)
{
	const struct ce_place *place = &replace->place;
	return ce_sys->renameat2(place->dir, replace->temporary, place->dir, place->name, flags);
}

static bool
flag_unknown(int errno_value)
{
	return errno_value == EINVAL || errno_value == ENOSYS;
}

static int
fail_rename(const struct ce_file_replace *replace, struct ce_error *err)
{
	return ce_fail_errno(err, errno, "put '%s' in place", replace->path);
}

static int
switch_new(struct ce_file_replace *replace, struct ce_error *err)
{
	int failed = rename_to_place(replace, RENAME_NOREPLACE);
	if (failed && flag_unknown(errno)) {
		struct stat st;
		if (ce_sys->fstatat(replace->place.dir, replace->place.name, &st, AT_SYMLINK_NOFOLLOW) == 0)
			errno = EEXIST;
		else if (errno == ENOENT)
			failed = rename_to_place(replace, 0);
	}
	if (failed && errno == EEXIST)
		return ce_fail(err, CE_ERR_FOREIGN, "'%s' has appeared meanwhile; it is left as it is", replace->path);
	if (failed)
		return fail_rename(replace, err);
	replace->state = STATE_DONE;
	return CE_OK;
}

/* Reads a name in the directory; anything but a plain file there was put by somebody else. */
static int
read_name(const struct ce_file_replace *replace, const char *name, struct ce_buf *ret_bytes, struct ce_error *err)
{
	CE_CLEANUP(ce_closep) int fd = ce_sys->openat(replace->place.dir, name,
		O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0);
	if (fd < 0 && (errno == ENOENT || errno == ELOOP || errno == ENXIO))
		return ce_fail(err, CE_ERR_FOREIGN, "'%s' was replaced by something else meanwhile", replace->path);
	if (fd < 0)
		return ce_fail_errno(err, errno, "open what '%s' held", replace->path);

	struct stat st;
	int code = ce_file_read_fd(fd, replace->path, CE_FILE_DEFAULT_LIMIT, ret_bytes, &st, err);
	return code == CE_ERR_REFUSED ? ce_fail(err, CE_ERR_FOREIGN, "'%s' was replaced by something else meanwhile",
		replace->path) : code;
}

/* Undoes an exchange after a failure, whose code it keeps. */
static int
exchange_back(struct ce_file_replace *replace, struct ce_error *err)
{
	int code = err ? err->code : CE_ERR_SYSTEM;
	if (rename_to_place(replace, RENAME_EXCHANGE) == 0)
		return code;
	replace->state = STATE_STUCK;
	return ce_error_wrap(err, "'%s' holds the new content and '%s' beside it the old, as the two could not be exchanged again",
		replace->path, replace->temporary);
}

static int
switch_plainly(struct ce_file_replace *replace, struct ce_buf *ret_displaced, struct ce_error *err)
{
	int code = ret_displaced ? read_name(replace, replace->place.name, ret_displaced, err) : CE_OK;
	if (code != CE_OK)
		return code;
	if (rename_to_place(replace, 0) != 0)
		return fail_rename(replace, err);
	replace->state = STATE_DONE;
	return CE_OK;
}

static int
switch_old(struct ce_file_replace *replace, struct ce_buf *ret_displaced, struct ce_error *err)
{
	if (!ret_displaced)
		return switch_plainly(replace, NULL, err);
	if (rename_to_place(replace, RENAME_EXCHANGE) != 0) {
		if (flag_unknown(errno))
			return switch_plainly(replace, ret_displaced, err);
		if (errno == ENOENT)
			return ce_fail(err, CE_ERR_FOREIGN, "'%s' has disappeared meanwhile", replace->path);
		return fail_rename(replace, err);
	}

	struct ce_error local = { .code = CE_OK };
	CE_CLEANUP(ce_buf_release) struct ce_buf displaced = { NULL, 0, 0, 0, true };
	int code = read_name(replace, replace->temporary, &displaced, &local);
	if (code == CE_OK && ce_sys->unlinkat(replace->place.dir, replace->temporary, 0) != 0)
		code = ce_fail_errno(&local, errno, "remove what '%s' held", replace->path);
	if (code != CE_OK) {
		code = exchange_back(replace, &local);
		return ce_fail(err, code, "%s", local.text);
	}
	replace->state = STATE_DONE;
	ce_buf_release(ret_displaced);
	*ret_displaced = displaced;
	displaced = (struct ce_buf)CE_BUF_INIT;
	return CE_OK;
}

int
ce_file_switch(struct ce_file_replace *replace, struct ce_buf *ret_displaced, struct ce_error *err)
{
	if (replace->state != STATE_WRITTEN)
		return ce_fail(err, CE_ERR_INVALID, "'%s' is not ready to be put in place", replace->path);
	if (!replace->place.exists)
		return switch_new(replace, err);
	return switch_old(replace, ret_displaced, err);
}

int
ce_file_settle(struct ce_file_replace *replace, struct ce_error *err)
{
	return ce_dir_sync(replace->place.dir, replace->path, err);
}

int
ce_file_save(const char *path, struct ce_bytes bytes, struct ce_error *err)
{
	/* Always the same temporary: what a crash leaves is overwritten by the next save. */
	CE_CLEANUP(ce_freep) char *temporary = NULL;
	const char *slash = strrchr(path, '/');
	if (asprintf(&temporary, ".%s.new", slash ? slash + 1 : path) < 0)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");

	struct ce_file_spec spec = {
		.path = path, .temporary = temporary, .bytes = bytes, .uid = geteuid(), .gid = getegid(), .mode = 0600,
	};
	CE_CLEANUP(ce_file_replacep) struct ce_file_replace *replace = NULL;
	int code = ce_file_prepare(&spec, &replace, err);
	if (code == CE_OK)
		code = ce_file_switch(replace, NULL, err);
	if (code == CE_OK)
		code = ce_file_settle(replace, err);
	return code;
}

int
ce_file_remove(const char *path, struct ce_error *err)
{
	CE_CLEANUP(ce_place_release) struct ce_place place = CE_PLACE_INIT;
	int code = ce_place_find(path, &place, err);
	if (code == CE_ERR_NOT_FOUND || (code == CE_OK && !place.exists)) {
		ce_error_forget(err);
		return CE_UNCHANGED;
	}
	if (code != CE_OK)
		return code;
	if (ce_sys->unlinkat(place.dir, place.name, 0) != 0)
		return ce_fail_errno(err, errno, "remove '%s'", path);
	return ce_dir_sync(place.dir, path, err);
}
