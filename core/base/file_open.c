/* From paths to descriptors (reliability: directories that a service owns are hostile ground). */
#include "base/file_open.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/sys.h"

#define LINKS_MAX 16

/* The state of a walk, component by component. */
struct walk {
	const char *path; /* as given, for messages */
	char *rest;       /* what is still to be walked */
	int fd;           /* O_PATH, where the walk stands */
	int links;        /* followed so far */
};

static void
walk_release(struct walk *walk)
{
	free(walk->rest);
	ce_closep(&walk->fd);
}

static int
fail_open(struct ce_error *err, const char *path)
{
	if (errno == ENOENT || errno == ENOTDIR)
		return ce_fail(err, CE_ERR_NOT_FOUND, "open directory '%s': %s", path, strerror(errno));
	return ce_fail_errno(err, errno, "open directory '%s'", path);
}

/* Whether a link in this directory can only have been made by root or by us. The sticky bit does
 * not help: it keeps others from removing links, not from making them. */
static int
check_links_count(int dir, const char *path, struct ce_error *err)
{
	struct stat st;
	if (ce_sys->fstat(dir, &st) != 0)
		return ce_fail_errno(err, errno, "examine a directory of '%s'", path);
	if ((st.st_uid != 0 && st.st_uid != geteuid()) || (st.st_mode & 022) != 0)
		return ce_fail(err, CE_ERR_REFUSED,
			"'%s' leads through a symbolic link in a directory that others can write; configure the path it points to",
			path);
	return CE_OK;
}

/* The text of a link; name "" reads the link that dir itself is open on. */
static int
read_link(int dir, const char *name, const char *path, char **ret_target, struct ce_error *err)
{
	CE_CLEANUP(ce_freep) char *target = malloc(PATH_MAX);
	if (!target)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");

	ssize_t length = ce_sys->readlinkat(dir, name, target, PATH_MAX);
	if (length < 0)
		return ce_fail_errno(err, errno, "read a symbolic link of '%s'", path);
	if (length == 0 || length >= PATH_MAX)
		return ce_fail(err, CE_ERR_REFUSED, "'%s' leads through a symbolic link that is too long", path);
	target[length] = '\0';
	*ret_target = CE_STEAL(target);
	return CE_OK;
}

static int
walk_to_root(struct walk *walk, struct ce_error *err)
{
	ce_closep(&walk->fd);
	walk->fd = ce_sys->openat(AT_FDCWD, "/", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
	return walk->fd >= 0 ? CE_OK : fail_open(err, walk->path);
}

/* Puts the link's target in front of what is still to be walked. */
static int
walk_link(struct walk *walk, int link, struct ce_error *err)
{
	int code = check_links_count(walk->fd, walk->path, err);
	if (code != CE_OK)
		return code;
	if (++walk->links > LINKS_MAX)
		return ce_fail(err, CE_ERR_REFUSED, "'%s' leads through more than %d symbolic links", walk->path, LINKS_MAX);

	CE_CLEANUP(ce_freep) char *target = NULL;
	code = read_link(link, "", walk->path, &target, err);
	if (code != CE_OK)
		return code;
	CE_CLEANUP(ce_freep) char *rest = NULL;
	if (asprintf(&rest, "%s/%s", target, walk->rest) < 0)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	free(walk->rest);
	walk->rest = CE_STEAL(rest);
	return walk->rest[0] == '/' ? walk_to_root(walk, err) : CE_OK;
}

/* One component; CE_UNCHANGED when none is left. */
static int
walk_step(struct walk *walk, struct ce_error *err)
{
	char *start = walk->rest + strspn(walk->rest, "/");
	if (*start == '\0')
		return CE_UNCHANGED;
	size_t length = strcspn(start, "/");
	CE_CLEANUP(ce_freep) char *name = strndup(start, length);
	if (!name)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	memmove(walk->rest, start + length, strlen(start + length) + 1);

	CE_CLEANUP(ce_closep) int fd = ce_sys->openat(walk->fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC, 0);
	if (fd < 0)
		return fail_open(err, walk->path);
	struct stat st;
	if (ce_sys->fstat(fd, &st) != 0)
		return ce_fail_errno(err, errno, "examine a directory of '%s'", walk->path);
	if (S_ISLNK(st.st_mode))
		return walk_link(walk, fd, err);
	if (!S_ISDIR(st.st_mode)) {
		errno = ENOTDIR;
		return fail_open(err, walk->path);
	}
	ce_closep(&walk->fd);
	walk->fd = fd;
	fd = -1;
	return CE_OK;
}

static int
open_carefully(const char *path, int *ret_fd, struct ce_error *err)
{
	CE_CLEANUP(walk_release) struct walk walk = { path, strdup(path), -1, 0 };
	if (!walk.rest)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");

	int code = walk_to_root(&walk, err);
	while (code == CE_OK)
		code = walk_step(&walk, err);
	if (code != CE_UNCHANGED)
		return code;

	int fd = ce_sys->openat(walk.fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	if (fd < 0)
		return fail_open(err, path);
	*ret_fd = fd;
	return CE_OK;
}

int
ce_dir_open(const char *path, int *ret_fd, struct ce_error *err)
{
	if (path[0] != '/')
		return ce_fail(err, CE_ERR_INVALID, "'%s' is not an absolute path", path);

	/* Nearly all paths have no link: the kernel walks those in one call. */
	int fd = ce_sys->openat2(AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0,
		RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
	if (fd >= 0) {
		*ret_fd = fd;
		return CE_OK;
	}
	/* EPERM: a container's filter that does not know the call */
	if (errno == ELOOP || errno == ENOSYS || errno == EPERM)
		return open_carefully(path, ret_fd, err);
	return fail_open(err, path);
}

int
ce_dir_open_parent(const char *path, int *ret_fd, const char **ret_name, struct ce_error *err)
{
	const char *slash = strrchr(path, '/');
	if (path[0] != '/')
		return ce_fail(err, CE_ERR_INVALID, "'%s' is not an absolute path", path);
	const char *name = slash + 1;
	if (name[0] == '\0' || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return ce_fail(err, CE_ERR_INVALID, "'%s' does not name a file", path);

	CE_CLEANUP(ce_freep) char *parent = slash == path ? strdup("/") : strndup(path, (size_t)(slash - path));
	if (!parent)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	int code = ce_dir_open(parent, ret_fd, err);
	if (code != CE_OK)
		return code;
	*ret_name = name;
	return CE_OK;
}

void
ce_place_release(struct ce_place *place)
{
	ce_closep(&place->dir);
	free(place->name);
	place->name = NULL;
}

/* The path that a link at the end of path stands for, if it counts. */
static int
follow_last(int dir, const char *name, const char *path, char **ret_path, struct ce_error *err)
{
	int code = check_links_count(dir, path, err);
	if (code != CE_OK)
		return code;
	CE_CLEANUP(ce_freep) char *target = NULL;
	code = read_link(dir, name, path, &target, err);
	if (code != CE_OK)
		return code;

	char *next = NULL;
	int parent = target[0] == '/' ? 0 : (int)(name - path);
	if (asprintf(&next, "%.*s%s", parent, path, target) < 0)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	*ret_path = next;
	return CE_OK;
}

/* Looks at the last component. CE_UNCHANGED: it was a link, and *path is where it leads. */
static int
find_once(char **path, struct ce_place *ret_place, struct ce_error *err)
{
	CE_CLEANUP(ce_place_release) struct ce_place place = CE_PLACE_INIT;
	const char *name = NULL;
	int code = ce_dir_open_parent(*path, &place.dir, &name, err);
	if (code != CE_OK)
		return code;

	place.exists = ce_sys->fstatat(place.dir, name, &place.st, AT_SYMLINK_NOFOLLOW) == 0;
	if (!place.exists && errno != ENOENT)
		return ce_fail_errno(err, errno, "examine '%s'", *path);
	if (place.exists && S_ISLNK(place.st.st_mode)) {
		char *next = NULL;
		code = follow_last(place.dir, name, *path, &next, err);
		if (code != CE_OK)
			return code;
		free(*path);
		*path = next;
		return CE_UNCHANGED;
	}
	place.name = strdup(name);
	if (!place.name)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	*ret_place = place;
	place = (struct ce_place)CE_PLACE_INIT;
	return CE_OK;
}

int
ce_place_find(const char *path, struct ce_place *ret_place, struct ce_error *err)
{
	CE_CLEANUP(ce_freep) char *at = strdup(path);
	if (!at)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");

	for (int links = 0; links <= LINKS_MAX; links++) {
		int code = find_once(&at, ret_place, err);
		if (code != CE_UNCHANGED)
			return code;
	}
	return ce_fail(err, CE_ERR_REFUSED, "'%s' leads through more than %d symbolic links", path, LINKS_MAX);
}

int
ce_dir_sync(int dir, const char *what, struct ce_error *err)
{
	if (ce_sys->fsync(dir) != 0 && errno != EINVAL)
		return ce_fail_errno(err, errno, "make the directory of '%s' durable", what);
	return CE_OK;
}
