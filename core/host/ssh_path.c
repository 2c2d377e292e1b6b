/* Paths on another host. SFTP has no descriptors of directories, so what was looked at may have been changed when it is
 * used; what can be done without them is to follow links only where nobody but root can have made them. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "host/ssh_session.h"

#define LINKS_MAX 16

struct walk {
	const char *path;  /* as given, for messages */
	char *done;        /* resolved so far, "" is the root */
	char *rest;        /* still to be walked */
	int links;
	bool only_root;    /* nobody but root can change done, or anything above it */
	bool closed;       /* nobody but root can make a link in done */
	sftp_attributes there; /* what done is; NULL: not looked at, or nothing */
};

void
ce_ssh_attributesp(sftp_attributes *attributes)
{
	if (*attributes)
		sftp_attributes_free(*attributes);
	*attributes = NULL;
}

static void
walk_release(struct walk *walk)
{
	free(walk->done);
	free(walk->rest);
	ce_ssh_attributesp(&walk->there);
}

static bool
is_trusted(const struct ce_ssh_session *session, const char *directory)
{
	for (size_t i = 0; i < session->trusted_count; i++)
		if (strcmp(session->trusted[i], directory) == 0)
			return true;
	return false;
}

/* Remembers a directory that need not be looked at again. */
static void
trust(struct ce_ssh_session *session, const char *directory)
{
	if (session->trusted_count == CE_SSH_TRUSTED_MAX || is_trusted(session, directory))
		return;
	char *copy = strdup(directory);
	if (copy)
		session->trusted[session->trusted_count++] = copy;
}

/* Puts a link's target in front of what is still to be walked. */
static int
follow(struct ce_ssh_session *session, struct walk *walk, const char *link, struct ce_error *err)
{
	if (!walk->closed)
		return ce_fail(err, CE_ERR_REFUSED, "'%s' leads through a symbolic link in a directory that others than root can write; "
			"configure the path it points to", walk->path);
	if (++walk->links > LINKS_MAX)
		return ce_fail(err, CE_ERR_REFUSED, "'%s' leads through more than %d symbolic links", walk->path, LINKS_MAX);
	char *target = sftp_readlink(session->sftp, link);
	if (!target)
		return ce_ssh_fail_file(session, err, "read the link", link);
	char *rest = NULL;
	int made = asprintf(&rest, "%s/%s", target, walk->rest);
	if (target[0] == '/') {
		walk->done[0] = '\0';
		walk->only_root = walk->closed = true;
	}
	ssh_string_free_char(target);
	if (made < 0)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	free(walk->rest);
	walk->rest = rest;
	return CE_OK;
}

/* Goes into what is at path, which becomes the walk's. */
static int
enter(struct ce_ssh_session *session, struct walk *walk, char *path, sftp_attributes there)
{
	free(walk->done);
	walk->done = path;
	ce_ssh_attributesp(&walk->there);
	walk->there = there;
	walk->closed = there && there->uid == 0 && (there->permissions & 022) == 0;
	walk->only_root = walk->only_root && walk->closed && S_ISDIR(there->permissions);
	if (walk->only_root)
		trust(session, path);
	return CE_OK;
}

/* "..", which only links have: configured paths go nowhere up. */
static void
go_up(struct walk *walk)
{
	char *slash = strrchr(walk->done, '/');
	if (slash)
		*slash = '\0';
	ce_ssh_attributesp(&walk->there);
	walk->closed = walk->only_root; /* what is above such a directory is such a one; of others nobody knows any more */
}

static int
look(struct ce_ssh_session *session, const char *path, bool last, sftp_attributes *ret_there,
	struct ce_error *err)
{
	*ret_there = sftp_lstat(session->sftp, path);
	if (*ret_there)
		return CE_OK;
	int code = ce_ssh_fail_file(session, err, "examine", path);
	if (code != CE_ERR_NOT_FOUND || !last)
		return code;
	ce_error_clear(err);
	return CE_OK;
}

/* One component; CE_UNCHANGED: none is left. */
static int
step(struct ce_ssh_session *session, struct walk *walk, struct ce_error *err)
{
	char *start = walk->rest + strspn(walk->rest, "/");
	size_t length = strcspn(start, "/");
	if (length == 0)
		return CE_UNCHANGED;
	if (walk->there && !S_ISDIR(walk->there->permissions))
		return ce_fail(err, CE_ERR_NOT_FOUND, "'%s': '%s' is no directory", walk->path, walk->done);
	CE_CLEANUP(ce_freep) char *path = NULL;
	bool up = length == 2 && memcmp(start, "..", 2) == 0, stay = length == 1 && *start == '.';
	if (asprintf(&path, "%s/%.*s", walk->done, (int)length, start) < 0) {
		path = NULL;
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	}
	memmove(walk->rest, start + length, strlen(start + length) + 1);
	if (up)
		go_up(walk);
	if (up || stay)
		return CE_OK;
	bool last = walk->rest[strspn(walk->rest, "/")] == '\0';
	if (!last && walk->only_root && is_trusted(session, path)) {
		free(walk->done);
		walk->done = CE_STEAL(path);
		ce_ssh_attributesp(&walk->there);
		walk->closed = true;
		return CE_OK;
	}
	sftp_attributes there = NULL;
	int code = look(session, path, last, &there, err);
	if (code < 0)
		return code;
	if (there && S_ISLNK(there->permissions)) {
		sftp_attributes_free(there);
		return follow(session, walk, path, err);
	}
	return enter(session, walk, CE_STEAL(path), there);
}

int
ce_ssh_resolve(struct ce_ssh_session *session, const char *path, char **ret_path, sftp_attributes *ret_there,
	struct ce_error *err)
{
	if (!path || path[0] != '/')
		return ce_fail(err, CE_ERR_INVALID, "'%s' is not an absolute path", path ? path : "");
	CE_CLEANUP(walk_release) struct walk walk = { .path = path, .done = strdup(""), .rest = strdup(path) };
	if (!walk.done || !walk.rest)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	walk.there = sftp_lstat(session->sftp, "/");
	if (!walk.there)
		return ce_ssh_fail_file(session, err, "examine", "/");
	walk.only_root = walk.closed = walk.there->uid == 0 && (walk.there->permissions & 022) == 0;
	int code = CE_OK;
	while (code == CE_OK)
		code = step(session, &walk, err);
	if (code < 0)
		return code;
	if (walk.done[0] == '\0') {
		free(walk.done);
		walk.done = strdup("/");
		if (!walk.done)
			return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	}
	*ret_path = CE_STEAL(walk.done);
	*ret_there = CE_STEAL(walk.there);
	return CE_OK;
}
