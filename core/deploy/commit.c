#include "deploy/commit.h"

#include <string.h>

#include "crypto/digest.h"
#include "deploy/change_own.h"
#include "host/host.h"

int
ce_commit_begin(const struct ce_changes *const *changes, size_t count, const struct ce_host *host, const char *id,
	struct ce_commit *ret_commit, struct ce_error *err)
{
	CE_CLEANUP(ce_commit_release) struct ce_commit commit = { .host = host };
	int code = ce_steps_from_changes(changes, count, id, &commit.steps, err);
	if (code < 0)
		return code;
	commit.changes = calloc(commit.steps.count + 1, sizeof(*commit.changes));
	commit.replaces = calloc(commit.steps.count + 1, sizeof(*commit.replaces));
	if (!commit.changes || !commit.replaces)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	size_t at = 0;
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < changes[i]->count; j++)
			commit.changes[at++] = &changes[i]->items[j];
	*ret_commit = commit;
	memset(&commit, 0, sizeof(commit));
	return CE_OK;
}

void
ce_commit_release(struct ce_commit *commit)
{
	for (size_t i = 0; commit->replaces && i < commit->steps.count; i++)
		ce_host_replacep(&commit->replaces[i]);
	free(commit->replaces);
	free(commit->changes);
	ce_steps_release(&commit->steps);
	ce_strlist_release(&commit->paths);
	memset(commit, 0, sizeof(*commit));
}

static int
foreign(const char *path, struct ce_error *err)
{
	return ce_fail(err, CE_ERR_FOREIGN, "'%s' was changed by somebody else since it was read; nothing of theirs was "
		"overwritten, run apply again", path);
}

int
ce_commit_images(struct ce_commit *commit, struct ce_journal *journal, struct ce_error *err)
{
	for (size_t i = 0; i < commit->steps.count; i++) {
		const struct ce_step *step = &commit->steps.items[i];
		if (step->kind == CE_CHANGE_COMMAND)
			continue;
		enum ce_step_now now;
		int code = ce_step_look(step, commit->host, &now, err);
		if (code == CE_OK && now != CE_NOW_OLD)
			code = foreign(step->path, err);
		if (code == CE_OK && step->before.exists)
			code = ce_journal_image_put(journal, i, ce_buf_bytes(&commit->changes[i]->before), err);
		if (code < 0)
			return code;
	}
	return CE_OK;
}

int
ce_commit_prepare(struct ce_commit *commit, struct ce_error *err)
{
	for (size_t i = 0; i < commit->steps.count; i++) {
		const struct ce_step *step = &commit->steps.items[i];
		if (step->kind != CE_CHANGE_WRITE)
			continue;
		struct ce_file_spec spec = { .path = step->path, .temporary = step->temporary,
			.bytes = ce_buf_bytes(&commit->changes[i]->bytes), .uid = step->after.uid, .gid = step->after.gid,
			.mode = step->after.mode, .keep_labels = true };
		int code = commit->host->prepare(commit->host, &spec, &commit->replaces[i], err);
		if (code < 0)
			return code;
	}
	return CE_OK;
}

/* What a racing writer had put there goes back where it was. */
static int
give_back(const struct ce_commit *commit, size_t at, const struct ce_buf *displaced, struct ce_error *err)
{
	const struct ce_step *step = &commit->steps.items[at];
	struct ce_file_spec spec = { .path = step->path, .bytes = ce_buf_bytes(displaced), .uid = step->before.uid,
		.gid = step->before.gid, .mode = step->before.mode, .keep_labels = true };
	CE_CLEANUP(ce_host_replacep) struct ce_host_replace *replace = NULL;
	int code = commit->host->prepare(commit->host, &spec, &replace, err);
	if (code == CE_OK)
		code = commit->host->switch_in(commit->host, replace, NULL, err);
	if (code == CE_OK)
		code = commit->host->settle(commit->host, replace, err);
	return code < 0 ? ce_error_wrap(err, "'%s' was changed by somebody else and could not be given back", step->path)
	                : foreign(step->path, err);
}

static int
switch_file(struct ce_commit *commit, size_t at, struct ce_error *err)
{
	const struct ce_step *step = &commit->steps.items[at];
	CE_CLEANUP(ce_buf_release) struct ce_buf displaced = CE_BUF_SECRET;
	int code = commit->host->switch_in(commit->host, commit->replaces[at], &displaced, err);
	if (code < 0 || !step->before.exists)
		return code;
	char digest[CE_SHA256_HEX];
	code = ce_sha256_hex(ce_buf_bytes(&displaced), digest, err);
	if (code < 0)
		return code;
	return strcmp(digest, step->before.digest) == 0 ? CE_OK : give_back(commit, at, &displaced, err);
}

static int
remove_file(const struct ce_commit *commit, const struct ce_step *step, struct ce_error *err)
{
	enum ce_step_now now;
	int code = ce_step_look(step, commit->host, &now, err);
	if (code < 0)
		return code;
	return now == CE_NOW_OLD ? commit->host->remove(commit->host, step->path, err) : foreign(step->path, err);
}

static int
run_command(const struct ce_commit *commit, size_t at, struct ce_journal *journal, struct ce_error *err)
{
	const struct ce_step *step = &commit->steps.items[at];
	int code = ce_journal_begin_command(journal, at, err);
	return code < 0 ? code
	                : ce_change_run(commit->host, step->what, (const char *const *)step->do_argv.items, err);
}

static int
switch_one(struct ce_commit *commit, size_t at, struct ce_journal *journal, struct ce_error *err)
{
	const struct ce_step *step = &commit->steps.items[at];
	switch (step->kind) {
	case CE_CHANGE_WRITE:
		return switch_file(commit, at, err);
	case CE_CHANGE_REMOVE:
		return remove_file(commit, step, err);
	default:
		return run_command(commit, at, journal, err);
	}
}

int
ce_commit_switch(struct ce_commit *commit, struct ce_journal *journal, struct ce_error *err)
{
	for (size_t i = 0; i < commit->steps.count; i++) {
		const struct ce_step *step = &commit->steps.items[i];
		int code = switch_one(commit, i, journal, err);
		if (code >= 0 && step->path)
			code = ce_strlist_add(&commit->paths, step->path, err);
		if (code < 0)
			return code;
	}
	for (size_t i = 0; i < commit->steps.count; i++) {
		if (!commit->replaces[i])
			continue;
		int code = commit->host->settle(commit->host, commit->replaces[i], err);
		if (code < 0)
			return code;
	}
	return CE_OK;
}
