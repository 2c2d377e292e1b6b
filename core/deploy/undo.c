#include <string.h>

#include "crypto/digest.h"
#include "deploy/change_own.h"
#include "deploy/step.h"
#include "host/host.h"

/* The way back has a temporary of its own: what the way forward left in its one may have to be looked at. */
#define BACK ".back"

/* Puts bytes at a step's path. */
static int
put(const struct ce_step *step, struct ce_bytes bytes, uid_t uid, gid_t gid, mode_t mode, const struct ce_host *host,
	struct ce_error *err)
{
	CE_CLEANUP(ce_freep) char *temporary = NULL;
	if (asprintf(&temporary, "%s" BACK, step->temporary) < 0) {
		temporary = NULL;
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	}
	struct ce_file_spec spec = { .path = step->path, .temporary = temporary, .bytes = bytes, .uid = uid, .gid = gid,
		.mode = mode, .keep_labels = true };
	CE_CLEANUP(ce_host_replacep) struct ce_host_replace *replace = NULL;
	int code = host->prepare(host, &spec, &replace, err);
	if (code == CE_OK)
		code = host->switch_in(host, replace, NULL, err);
	return code == CE_OK ? host->settle(host, replace, err) : code;
}

/* Puts the image back with the owner and mode it had. */
static int
restore(const struct ce_step *step, size_t number, const struct ce_journal *journal, const struct ce_host *host,
	struct ce_error *err)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf image = CE_BUF_SECRET;
	const struct ce_step_state *before = &step->before;
	int code = ce_journal_image(journal, number, &image, err);
	return code < 0 ? code : put(step, ce_buf_bytes(&image), before->uid, before->gid, before->mode, host, err);
}

/* A run that is killed right after a switch leaves what was there in the temporary: an edit that nobody had time to look
 * at must not be swept away with it, it goes back where it was. */
static int
rescue(const struct ce_step *step, const char *temporary, const struct ce_host *host, struct ce_error *err)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf bytes = CE_BUF_SECRET;
	struct ce_file_info info;
	enum ce_step_now now;
	char digest[CE_SHA256_HEX];
	if (step->kind != CE_CHANGE_WRITE || !step->before.exists)
		return CE_OK; /* it displaced nothing */
	int code = host->stat(host, temporary, &info, err);
	if (code < 0 || !info.exists)
		return code;
	code = ce_step_look(step, host, &now, err);
	if (code < 0 || now != CE_NOW_NEW)
		return code;
	code = host->read(host, temporary, CE_CHANGE_FILE_MAX, &bytes, &info, err);
	if (code == CE_OK)
		code = ce_sha256_hex(ce_buf_bytes(&bytes), digest, err);
	if (code < 0 || strcmp(digest, step->before.digest) == 0)
		return code;
	return put(step, ce_buf_bytes(&bytes), info.uid, info.gid, info.mode, host, err);
}

static int
sweep_one(const struct ce_step *step, const char *suffix, const struct ce_host *host, struct ce_error *err)
{
	CE_CLEANUP(ce_freep) char *path = NULL;
	size_t directory = (size_t)(strrchr(step->path, '/') - step->path);
	if (asprintf(&path, "%.*s/%s%s", (int)directory, step->path, step->temporary, suffix) < 0) {
		path = NULL;
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	}
	int code = suffix[0] ? CE_OK : rescue(step, path, host, err);
	if (code == CE_OK)
		code = host->remove(host, path, err);
	if (code != CE_ERR_NOT_FOUND)
		return code < 0 ? code : CE_OK;
	ce_error_clear(err);
	return CE_OK; /* the directory itself is gone */
}

/* The temporaries that killed runs may have left beside the file. */
static int
sweep(const struct ce_step *step, const struct ce_host *host, struct ce_error *err)
{
	int code = sweep_one(step, "", host, err);
	return code < 0 ? code : sweep_one(step, BACK, host, err);
}

static int
undo_file(const struct ce_step *step, size_t number, const struct ce_journal *journal, const struct ce_host *host,
	struct ce_strlist *ret_paths, struct ce_error *err)
{
	int code = sweep(step, host, err);
	if (code < 0)
		return code;
	enum ce_step_now now;
	code = ce_step_look(step, host, &now, err);
	if (code < 0 || now == CE_NOW_OLD)
		return code;
	if (now == CE_NOW_FOREIGN && !step->before.exists)
		return ce_fail(err, CE_ERR_FOREIGN, "'%s' was made by somebody else meanwhile and is left as it is", step->path);
	/* Without the journal's path: it is moved when this is told. */
	if (now == CE_NOW_FOREIGN)
		return ce_fail(err, CE_ERR_FOREIGN, "'%s' was changed by somebody else meanwhile and is left as it is; what it held "
			"before is kept as before.%zu", step->path, number);
	code = step->before.exists ? restore(step, number, journal, host, err) : host->remove(host, step->path, err);
	return code < 0 ? code : ce_strlist_add(ret_paths, step->path, err);
}

static int
undo_command(const struct ce_step *step, size_t number, const struct ce_journal *journal, const struct ce_host *host,
	struct ce_error *err)
{
	if (!ce_journal_command_begun(journal, number))
		return CE_OK;
	if (step->undo_argv.count == 0)
		return ce_fail(err, CE_ERR_PRODUCT, "%s cannot be taken back: it has no undo command", step->what);
	return ce_change_run(host, step->what, (const char *const *)step->undo_argv.items, err);
}

int
ce_steps_undo(const struct ce_steps *steps, const struct ce_journal *journal, const struct ce_host *host,
	struct ce_strlist *ret_paths, struct ce_error *err)
{
	struct ce_error first = { 0 };
	for (size_t i = steps->count; i-- > 0;) {
		const struct ce_step *step = &steps->items[i];
		struct ce_error own = { 0 };
		int code = step->kind == CE_CHANGE_COMMAND ? undo_command(step, i, journal, host, &own)
		                                           : undo_file(step, i, journal, host, ret_paths, &own);
		if (code < 0 && first.code == CE_OK)
			first = own;
	}
	if (first.code != CE_OK && err)
		*err = first;
	return first.code;
}
