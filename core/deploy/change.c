#include "deploy/change.h"

#include <errno.h>
#include <string.h>

#include "base/process.h"
#include "crypto/digest.h"
#include "deploy/change_own.h"
#include "host/host.h"

void
ce_change_release(struct ce_change *change)
{
	free(change->path);
	free(change->note);
	free(change->what);
	ce_buf_release(&change->bytes);
	ce_buf_release(&change->before);
	ce_strlist_release(&change->do_argv);
	ce_strlist_release(&change->undo_argv);
	ce_strlist_release(&change->check_argv);
	memset(change, 0, sizeof(*change));
}

static void
cleanup_change(struct ce_change *change)
{
	ce_change_release(change);
}

void
ce_changes_release(struct ce_changes *changes)
{
	for (size_t i = 0; i < changes->count; i++)
		ce_change_release(&changes->items[i]);
	free(changes->items);
	changes->items = NULL;
	changes->count = 0;
	ce_strlist_release(&changes->secrets);
	ce_strlist_release(&changes->paths);
}

/* The staged state of a path: the last change that names it. NULL: untouched. */
static struct ce_change *
find(const struct ce_changes *changes, const char *path)
{
	for (size_t i = changes->count; i > 0; i--) {
		struct ce_change *change = &changes->items[i - 1];
		if (change->kind != CE_CHANGE_COMMAND && strcmp(change->path, path) == 0)
			return change;
	}
	return NULL;
}

int
ce_changes_read(const struct ce_changes *changes, const struct ce_host *host, const char *path, size_t limit,
	struct ce_buf *ret_bytes, struct ce_error *err)
{
	const struct ce_change *staged = find(changes, path);
	if (!staged)
		return host->read(host, path, limit, ret_bytes, NULL, err);
	if (staged->kind == CE_CHANGE_REMOVE)
		return ce_fail(err, CE_ERR_NOT_FOUND, "read '%s': no such file", path);
	if (staged->bytes.size > limit)
		return ce_fail(err, CE_ERR_LIMIT, "read '%s': larger than %zu bytes", path, limit);
	return ce_buf_add(ret_bytes, staged->bytes.data, staged->bytes.size, err);
}

int
ce_changes_stat(const struct ce_changes *changes, const struct ce_host *host, const char *path,
	struct ce_file_info *ret_info, struct ce_error *err)
{
	const struct ce_change *staged = find(changes, path);
	if (!staged)
		return host->stat(host, path, ret_info, err);
	struct ce_file_info info = { .exists = staged->kind == CE_CHANGE_WRITE, .mode = staged->mode, .uid = staged->uid,
		.gid = staged->gid, .size = (long long)staged->bytes.size, .mtime = staged->before_info.mtime };
	*ret_info = info;
	return CE_OK;
}

/* The file as it is before the transaction, with the digest of its content. */
static int
look(struct ce_change *change, const struct ce_host *host, struct ce_error *err)
{
	int code = host->read(host, change->path, CE_CHANGE_FILE_MAX, &change->before, &change->before_info, err);
	if (code == CE_ERR_NOT_FOUND) {
		ce_error_clear(err);
		memset(&change->before_info, 0, sizeof(change->before_info));
		return CE_OK;
	}
	if (code < 0)
		return code;
	return ce_sha256_hex(ce_buf_bytes(&change->before), change->before_digest, err);
}

static int
parse_id(const char *text, unsigned long *ret_id)
{
	char *end = NULL;
	errno = 0;
	unsigned long id = strtoul(text, &end, 10);
	if (errno || end == text || *end || text[0] < '0' || text[0] > '9')
		return CE_ERR_INVALID;
	*ret_id = id;
	return CE_OK;
}

/* A name or a decimal number; names are the host's. */
static int
resolve_account(const struct ce_host *host, const char *name, bool group, unsigned long *ret_id, struct ce_error *err)
{
	return parse_id(name, ret_id) == CE_OK ? CE_OK : host->account(host, name, group, ret_id, err);
}

static int
resolve_mode(const char *text, mode_t *ret_mode, struct ce_error *err)
{
	char *end = NULL;
	unsigned long mode = strtoul(text, &end, 8);
	if (end == text || *end || mode > 07777)
		return ce_fail(err, CE_ERR_CONFIG, "mode '%s' is not an octal number such as 0640", text);
	*ret_mode = (mode_t)mode;
	return CE_OK;
}

/* Owner, group and mode for a file that does not exist yet: its directory's, and closed to others. */
static int
inherit(struct ce_change *change, const struct ce_host *host, bool secret, struct ce_error *err)
{
	CE_CLEANUP(ce_freep) char *directory = strdup(change->path);
	if (!directory)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	char *slash = strrchr(directory, '/');
	if (!slash)
		return ce_fail(err, CE_ERR_INVALID, "path '%s' is not absolute", change->path);
	slash[slash == directory ? 1 : 0] = '\0';

	struct ce_file_info info;
	int code = host->stat(host, directory, &info, err);
	if (code < 0)
		return code;
	if (!info.exists || !info.is_directory)
		return ce_fail(err, CE_ERR_NOT_FOUND, "there is no directory '%s'; create it with the owner that the product needs",
			directory);
	change->uid = info.uid;
	change->gid = info.gid;
	change->mode = secret ? 0600 : 0640;
	return CE_OK;
}

static int
settle_owner_and_mode(struct ce_change *change, const struct ce_host *host, const struct ce_change_spec *spec,
	struct ce_error *err)
{
	int code = CE_OK;
	if (change->before_info.exists) {
		change->uid = change->before_info.uid;
		change->gid = change->before_info.gid;
		change->mode = change->before_info.mode;
	} else {
		code = inherit(change, host, spec->secret, err);
	}
	unsigned long id = 0;
	if (code == CE_OK && spec->owner && (code = resolve_account(host, spec->owner, false, &id, err)) == CE_OK)
		change->uid = (uid_t)id;
	if (code == CE_OK && spec->group && (code = resolve_account(host, spec->group, true, &id, err)) == CE_OK)
		change->gid = (gid_t)id;
	if (code == CE_OK && spec->mode)
		code = resolve_mode(spec->mode, &change->mode, err);
	return code < 0 ? ce_error_wrap(err, "write '%s'", change->path) : CE_OK;
}

static bool
is_as_before(const struct ce_change *change)
{
	const struct ce_file_info *before = &change->before_info;
	if (change->kind == CE_CHANGE_REMOVE)
		return !before->exists;
	return before->exists && strcmp(change->before_digest, change->after_digest) == 0 && before->uid == change->uid
	       && before->gid == change->gid && before->mode == change->mode;
}

/* Takes the change over (it is empty afterwards), in place of what was staged for its path; one that
 * would alter nothing is dropped. */
static int
keep(struct ce_changes *changes, struct ce_change *change, struct ce_error *err)
{
	struct ce_change *staged = change->kind == CE_CHANGE_COMMAND ? NULL : find(changes, change->path);
	bool idle = change->kind != CE_CHANGE_COMMAND && is_as_before(change);
	if (change->path && !ce_strlist_has(&changes->paths, change->path)) {
		int code = ce_strlist_add(&changes->paths, change->path, err);
		if (code < 0)
			return code;
	}
	if (staged) {
		ce_change_release(staged);
		if (idle) {
			size_t at = (size_t)(staged - changes->items);
			memmove(staged, staged + 1, (changes->count - at - 1) * sizeof(*staged));
			changes->count--;
			return CE_UNCHANGED;
		}
	} else if (idle) {
		return CE_UNCHANGED;
	} else {
		struct ce_change *grown = realloc(changes->items, (changes->count + 1) * sizeof(*grown));
		if (!grown)
			return ce_fail(err, CE_ERR_MEMORY, "out of memory");
		changes->items = grown;
		staged = &grown[changes->count++];
	}
	*staged = *change;
	memset(change, 0, sizeof(*change));
	return CE_OK;
}

static int
start(struct ce_change *change, int kind, const char *path, const struct ce_host *host, struct ce_error *err)
{
	change->kind = kind;
	change->path = strdup(path);
	if (!change->path)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	change->before.secret = true; /* nobody told what the old content holds */
	return look(change, host, err);
}

int
ce_changes_write(struct ce_changes *changes, const struct ce_host *host, const struct ce_change_spec *spec,
	struct ce_error *err)
{
	CE_CLEANUP(cleanup_change) struct ce_change change = { 0 };
	int code = start(&change, CE_CHANGE_WRITE, spec->path, host, err);
	if (code < 0)
		return code;

	change.bytes.secret = spec->secret;
	code = ce_buf_add(&change.bytes, spec->bytes.data, spec->bytes.size, err);
	if (code < 0)
		return code;
	code = ce_sha256_hex(spec->bytes, change.after_digest, err);
	if (code < 0)
		return code;
	if (spec->note && !(change.note = strdup(spec->note)))
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	code = settle_owner_and_mode(&change, host, spec, err);
	if (code < 0)
		return code;
	return keep(changes, &change, err);
}

int
ce_changes_remove(struct ce_changes *changes, const struct ce_host *host, const char *path, struct ce_error *err)
{
	CE_CLEANUP(cleanup_change) struct ce_change change = { 0 };
	int code = start(&change, CE_CHANGE_REMOVE, path, host, err);
	if (code < 0)
		return code;
	change.uid = change.before_info.uid;
	change.gid = change.before_info.gid;
	change.mode = change.before_info.mode;
	return keep(changes, &change, err);
}

int
ce_change_run(const struct ce_host *host, const char *what, const char *const *argv, struct ce_error *err)
{
	struct ce_process_spec spec = { .argv = argv };
	CE_CLEANUP(ce_outcome_release) struct ce_outcome outcome = CE_OUTCOME_INIT;
	int code = host->run(host, &spec, &outcome, err);
	if (code < 0)
		return ce_error_wrap(err, "%s", what);
	if (outcome.status == 0)
		return CE_OK;
	const char *said = outcome.err.size ? ce_buf_text(&outcome.err) : ce_buf_text(&outcome.out);
	return ce_fail(err, CE_ERR_PRODUCT, "%s: '%s' ended with status %d%s%.400s", what, argv[0], outcome.status,
		*said ? ": " : "", said);
}

int
ce_changes_command(struct ce_changes *changes, const struct ce_host *host, const char *what,
	const char *const *do_argv, const char *const *undo_argv, const char *const *check_argv, struct ce_error *err)
{
	if (check_argv) {
		struct ce_error ignored = { 0 };
		int done = ce_change_run(host, what, check_argv, &ignored);
		if (done == CE_OK)
			return CE_UNCHANGED;
		if (done != CE_ERR_PRODUCT) { /* could not be started, or hung */
			if (err)
				*err = ignored;
			return done;
		}
	}
	CE_CLEANUP(cleanup_change) struct ce_change change = { .kind = CE_CHANGE_COMMAND };
	if (!(change.what = strdup(what)))
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	int code = ce_strlist_copy(&change.do_argv, do_argv, err);
	if (code == CE_OK && undo_argv)
		code = ce_strlist_copy(&change.undo_argv, undo_argv, err);
	if (code == CE_OK && check_argv)
		code = ce_strlist_copy(&change.check_argv, check_argv, err);
	return code < 0 ? code : keep(changes, &change, err);
}

int
ce_changes_mask(struct ce_changes *changes, const char *secret, struct ce_error *err)
{
	return ce_strlist_has(&changes->secrets, secret) ? CE_OK : ce_strlist_add(&changes->secrets, secret, err);
}
