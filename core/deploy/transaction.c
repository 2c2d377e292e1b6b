#include "deploy/transaction.h"

#include <string.h>

#include "deploy/commit.h"
#include "deploy/transaction_own.h"
#include "host/host.h"

void
ce_run_step(const struct ce_run_state *run, const char *step, int code, const char *text)
{
	if (run->hooks->step)
		run->hooks->step(run->recipe, step, code, text, run->hooks->context);
}

/* Tells the beginning and the end of a step around its code. */
#define STEP(run, name, err, call) \
	(ce_run_step(run, name, CE_UNCHANGED, NULL), ce_error_step(err, name), ce_run_told(run, name, call, err))

int
ce_run_told(const struct ce_run_state *run, const char *step, int code, const struct ce_error *err)
{
	ce_run_step(run, step, code < 0 ? code : CE_OK, code < 0 ? err->text : NULL);
	return code < 0 ? code : CE_OK;
}

int
ce_run_reload(const struct ce_run_state *run, const char *step, const struct ce_strlist *paths, struct ce_error *err)
{
	return STEP(run, step, err, run->hooks->reload(run->recipe, paths, run->hooks->context, err));
}

int
ce_run_verify(const struct ce_run_state *run, const char *step, enum ce_side side, struct ce_error *err)
{
	return STEP(run, step, err, run->hooks->verify(run->recipe, side, run->hooks->context, err));
}

bool
ce_run_proves(const struct ce_run_state *run)
{
	return !run->hooks->proves || run->hooks->proves(run->recipe, run->hooks->context);
}

bool
ce_run_is_cut_off(const struct ce_run_state *run)
{
	struct ce_error ignored = { 0 };
	return run->host->open(run->host, &ignored) < 0;
}

/* Proves the old state, with a reload first when the product may have loaded the new one. */
static int
prove_old(const struct ce_run_state *run, bool reload, const struct ce_strlist *paths, struct ce_error *err)
{
	if (!reload && ce_run_verify(run, "rollback-verify", CE_SIDE_OLD, err) == CE_OK)
		return CE_OK;
	ce_error_clear(err);
	int reloaded = ce_run_reload(run, "rollback-reload", paths, err);
	if (reloaded < 0 && !ce_run_proves(run))
		return reloaded;
	/* The socket is the judge: a product that refuses every reload may well serve what it served. */
	struct ce_error refused = *err;
	ce_error_clear(err);
	int code = ce_run_verify(run, "rollback-verify", CE_SIDE_OLD, err);
	return code < 0 && reloaded < 0 ? ce_error_wrap(err, "%s", refused.text) : code;
}

enum ce_transaction_outcome
ce_run_undo(const struct ce_run_state *run, const struct ce_steps *steps, struct ce_journal *journal, bool reload,
	char **ret_trouble)
{
	struct ce_error err = { 0 };
	/* A journal that cannot be written (full disk) does not stop the undoing: a run that is killed
	 * now is repaired from the state before it, which leads here again. */
	if (journal->state != CE_JOURNAL_UNDOING && ce_journal_enter(journal, CE_JOURNAL_UNDOING, &err) < 0)
		ce_error_clear(&err);
	CE_CLEANUP(ce_strlist_release) struct ce_strlist paths = CE_STRLIST_INIT;
	int code = STEP(run, "rollback", &err, ce_steps_undo(steps, journal, run->host, &paths, &err));
	struct ce_error proof = { 0 };
	int proved = prove_old(run, reload, &paths, &proof);
	if (code == CE_OK && proved == CE_OK) {
		struct ce_error ignored = { 0 };
		CE_IGNORE(ce_journal_enter(journal, CE_JOURNAL_UNDONE, &ignored)); /* all is old: repeating it does no harm */
		CE_IGNORE(ce_journal_remove(journal, &ignored));
		return CE_ROLLED_BACK;
	}
	if (ce_run_is_cut_off(run)) {
		if (asprintf(ret_trouble, "%s; the next run takes it back as soon as the host can be reached",
			code < 0 ? err.text : proof.text) < 0)
			*ret_trouble = NULL;
		return CE_HELP_NEEDED;
	}
	CE_CLEANUP(ce_freep) char *kept = NULL;
	struct ce_error ignored = { 0 };
	if (ce_journal_keep(journal, &kept, &ignored) < 0)
		kept = NULL;
	if (asprintf(ret_trouble, "%s%s%s; the earlier files are kept in '%s'", code < 0 ? err.text : "",
		code < 0 && proved < 0 ? "; " : "", proved < 0 ? proof.text : "", kept ? kept : journal->directory) < 0)
		*ret_trouble = NULL;
	return CE_HELP_NEEDED;
}

static int
write_first_record(struct ce_commit *commit, struct ce_journal *journal, const json_t *recipe, struct ce_error *err)
{
	int code = ce_commit_images(commit, journal, err);
	if (code < 0)
		return code;
	json_t *steps = NULL;
	code = ce_steps_to_json(&commit->steps, &steps, err);
	if (code < 0)
		return code;
	json_t *members = json_pack("{s:o, s:O}", "changes", steps, "recipe", recipe);
	if (!members)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	return ce_journal_prepare(journal, members, err);
}

/* From the temporaries to the proof. */
static int
go_forward(const struct ce_run_state *run, struct ce_commit *commit, struct ce_journal *journal, bool *ret_reloaded,
	struct ce_error *err)
{
	int code = STEP(run, "commit", err, ce_commit_switch(commit, journal, err));
	if (code == CE_OK)
		code = ce_journal_enter(journal, CE_JOURNAL_SWITCHED, err);
	if (code < 0)
		return code;
	*ret_reloaded = true;
	code = ce_run_reload(run, "reload", &commit->paths, err);
	if (code == CE_OK)
		code = ce_run_verify(run, "verify", CE_SIDE_NEW, err);
	return code == CE_OK ? ce_journal_enter(journal, CE_JOURNAL_COMMITTED, err) : code;
}

/* Nothing to write: only the reload was missing. */
static enum ce_transaction_outcome
reload_only(const struct ce_run_state *run, char **ret_trouble, struct ce_error *err)
{
	struct ce_strlist none = CE_STRLIST_INIT;
	int code = ce_run_reload(run, "reload", &none, err);
	if (code == CE_OK)
		code = ce_run_verify(run, "verify", CE_SIDE_NEW, err);
	if (code == CE_OK)
		return CE_DEPLOYED;
	struct ce_error proof = { 0 };
	if (ce_run_verify(run, "rollback-verify", CE_SIDE_OLD, &proof) == CE_OK)
		return CE_FAILED;
	*ret_trouble = strdup(proof.text);
	return CE_HELP_NEEDED;
}

enum ce_transaction_outcome
ce_transaction_run(const char *journal_directory, const struct ce_host *host, const struct ce_changes *const *changes,
	size_t count, const json_t *recipe, const struct ce_transaction_hooks *hooks, char **ret_trouble,
	struct ce_error *err)
{
	struct ce_run_state run = { .host = host, .recipe = recipe, .hooks = hooks };
	*ret_trouble = NULL;
	size_t total = 0;
	for (size_t i = 0; i < count; i++)
		total += changes[i]->count;
	if (total == 0)
		return reload_only(&run, ret_trouble, err);

	CE_CLEANUP(ce_journal_release) struct ce_journal journal = CE_JOURNAL_INIT;
	ce_error_step(err, "journal");
	if (ce_journal_create(journal_directory, &journal, err) < 0)
		return CE_FAILED;
	CE_CLEANUP(ce_commit_release) struct ce_commit commit = { 0 };
	struct ce_error ignored = { 0 };
	if (ce_commit_begin(changes, count, host, ce_journal_id(&journal), &commit, err) < 0
	    || STEP(&run, "journal", err, write_first_record(&commit, &journal, recipe, err)) < 0) {
		CE_IGNORE(ce_journal_remove(&journal, &ignored)); /* nothing was touched; recovery would sweep it */
		return CE_FAILED;
	}
	if (STEP(&run, "prepare", err, ce_commit_prepare(&commit, err)) < 0) {
		ce_commit_release(&commit); /* removes the temporaries */
		if (!ce_run_is_cut_off(&run)) /* else it is what knows of them */
			CE_IGNORE(ce_journal_remove(&journal, &ignored));
		return CE_FAILED;
	}
	bool reloaded = false;
	if (go_forward(&run, &commit, &journal, &reloaded, err) == CE_OK) {
		CE_IGNORE(ce_journal_remove(&journal, &ignored)); /* committed: what stays is swept by the next run */
		return CE_DEPLOYED;
	}
	return ce_run_undo(&run, &commit.steps, &journal, reloaded, ret_trouble);
}
