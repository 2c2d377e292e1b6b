/* What a killed run, or a lost connection, left, state by state:
 *
 *   none        nothing was touched: sweep
 *   prepared    each file is old or new: put the old ones back, prove it
 *   switched    if the new certificate is served and every file is new: commit; else undo, reload, prove. Where what is
 *               served says nothing of the reload, it is made up for first
 *   undoing     undo again, reload, prove
 *   committed   sweep
 *   undone      sweep
 *
 * Each branch ends by removing or moving the journal, and can be killed and repeated. */
#include <string.h>

#include "deploy/transaction_own.h"
#include "host/host.h"

void
ce_recovered_release(struct ce_recovered *recovered)
{
	json_decref(recovered->recipe);
	free(recovered->text);
	memset(recovered, 0, sizeof(*recovered));
}

static bool
all_new(const struct ce_steps *steps, const struct ce_host *host)
{
	for (size_t i = 0; i < steps->count; i++) {
		enum ce_step_now now;
		struct ce_error ignored = { 0 };
		if (steps->items[i].kind == CE_CHANGE_COMMAND)
			continue;
		if (ce_step_look(&steps->items[i], host, &now, &ignored) < 0 || now != CE_NOW_NEW)
			return false;
	}
	return true;
}

static int
sweep(struct ce_journal *journal, struct ce_error *err)
{
	int code = ce_journal_remove(journal, err);
	return code == CE_ERR_NOT_FOUND ? CE_OK : code;
}

static int
tell(struct ce_recovered *recovered, enum ce_transaction_outcome outcome, char *text, struct ce_error *err)
{
	recovered->outcome = outcome;
	recovered->text = text;
	return text ? CE_OK : ce_fail(err, CE_ERR_MEMORY, "out of memory");
}

static int
reload_new(const struct ce_run_state *run, const struct ce_steps *steps, struct ce_error *err)
{
	CE_CLEANUP(ce_strlist_release) struct ce_strlist paths = CE_STRLIST_INIT;
	int code = CE_OK;
	for (size_t i = 0; code == CE_OK && i < steps->count; i++)
		if (steps->items[i].path)
			code = ce_strlist_add(&paths, steps->items[i].path, err);
	return code < 0 ? code : ce_run_reload(run, "recover-reload", &paths, err);
}

/* Every file is new; whether the product has loaded them is to be found out. */
static int
prove_new(const struct ce_run_state *run, const struct ce_steps *steps, struct ce_error *err)
{
	int code = ce_run_proves(run) ? CE_OK : reload_new(run, steps, err);
	return code < 0 ? code : ce_run_verify(run, "recover-verify", CE_SIDE_NEW, err);
}

static int
settle(const struct ce_run_state *run, const struct ce_steps *steps, struct ce_journal *journal,
	struct ce_recovered *recovered, struct ce_error *err)
{
	struct ce_error unproved = { 0 };
	if (journal->state == CE_JOURNAL_SWITCHED && all_new(steps, run->host)
	    && prove_new(run, steps, &unproved) == CE_OK) {
		int code = ce_journal_enter(journal, CE_JOURNAL_COMMITTED, err);
		if (code == CE_OK)
			code = sweep(journal, err);
		return code < 0 ? code
		                : tell(recovered, CE_DEPLOYED, strdup("an interrupted deployment has gone through"), err);
	}
	bool reload = journal->state != CE_JOURNAL_PREPARED;
	char *trouble = NULL;
	enum ce_transaction_outcome outcome = ce_run_undo(run, steps, journal, reload, &trouble);
	if (outcome == CE_HELP_NEEDED)
		return tell(recovered, outcome, trouble, err);
	free(trouble);
	return tell(recovered, outcome, strdup("an interrupted deployment was taken back, what was there before is installed"), err);
}

/* A damaged journal is moved aside, so that it does not stand in the way of every run. One that only could not be read
 * now (memory, descriptors) stays where it is: it is still good. */
static int
set_aside(const char *directory, const char *id, struct ce_error *err)
{
	if (err->code == CE_ERR_MEMORY || err->code == CE_ERR_SYSTEM)
		return ce_error_wrap(err, "an unfinished transaction could not be repaired");
	CE_CLEANUP(ce_journal_release) struct ce_journal journal = CE_JOURNAL_INIT;
	CE_CLEANUP(ce_freep) char *kept = NULL;
	struct ce_error own = { 0 };
	if (asprintf(&journal.directory, "%s/%s", directory, id) < 0) {
		journal.directory = NULL;
		return err->code;
	}
	if (ce_journal_keep(&journal, &kept, &own) < 0)
		return err->code;
	return ce_error_wrap(err, "an unfinished transaction could not be repaired and was moved to '%s'", kept);
}

/* Whoever repeats this would meet it again and again. */
static int
check_gone(const char *directory, const char *id, const struct ce_recovered *recovered, struct ce_error *err)
{
	CE_CLEANUP(ce_strlist_release) struct ce_strlist ids = CE_STRLIST_INIT;
	int code = ce_journal_list(directory, &ids, err);
	if (code < 0 || !ce_strlist_has(&ids, id))
		return code;
	return ce_fail(err, CE_ERR_SYSTEM, "%s; its journal '%s/%s' could not be put away", recovered->text, directory, id);
}

/* Its host as the recipe says, if it can be reached; CE_UNCHANGED: it cannot, and ret_recovered says so. */
static int
reach(const struct ce_transaction_hooks *hooks, struct ce_recovered *recovered, const struct ce_host **ret_host,
	struct ce_error *err)
{
	*ret_host = ce_host_local();
	int code = hooks->host ? hooks->host(recovered->recipe, ret_host, hooks->context, err) : CE_OK;
	if (code < 0)
		return code;
	struct ce_error why = { 0 };
	if ((*ret_host)->open(*ret_host, &why) == CE_OK)
		return CE_OK;
	char *text = NULL;
	if (asprintf(&text, "an interrupted deployment waits to be repaired until its host can be reached: %s", why.text) < 0)
		text = NULL;
	recovered->unreachable = *ret_host;
	code = tell(recovered, CE_HELP_NEEDED, text, err);
	return code < 0 ? code : CE_UNCHANGED;
}

/* The journal of one transaction that was begun. CE_UNCHANGED: it stays for the next run. */
static int
repair(struct ce_journal *journal, const struct ce_steps *steps, const struct ce_transaction_hooks *hooks,
	struct ce_recovered *recovered, struct ce_error *err)
{
	if (!journal->prepared || journal->state == CE_JOURNAL_COMMITTED || journal->state == CE_JOURNAL_UNDONE) {
		int code = sweep(journal, err);
		return code == CE_OK ? tell(recovered, CE_DEPLOYED, strdup(""), err) : code;
	}
	recovered->recipe = json_incref(json_object_get(journal->prepared, "recipe"));
	struct ce_run_state run = { .recipe = recovered->recipe, .hooks = hooks };
	int code = reach(hooks, recovered, &run.host, err);
	if (code != CE_OK)
		return code;
	code = settle(&run, steps, journal, recovered, err);
	if (code < 0 || recovered->outcome != CE_HELP_NEEDED || !ce_run_is_cut_off(&run))
		return code;
	recovered->unreachable = run.host; /* it went away in the middle */
	return CE_UNCHANGED;
}

/* The oldest that is not passed over; NULL: there is none. */
static const char *
choose(const struct ce_strlist *ids, const struct ce_strlist *passed_over)
{
	for (size_t i = 0; i < ids->count; i++)
		if (!ce_strlist_has(passed_over, ids->items[i]))
			return ids->items[i];
	return NULL;
}

int
ce_transaction_recover(const char *journal_directory, struct ce_strlist *passed_over,
	const struct ce_transaction_hooks *hooks, struct ce_recovered *ret_recovered, struct ce_error *err)
{
	ce_error_step(err, "recover");
	CE_CLEANUP(ce_strlist_release) struct ce_strlist ids = CE_STRLIST_INIT;
	int code = ce_journal_list(journal_directory, &ids, err);
	const char *id = code == CE_OK ? choose(&ids, passed_over) : NULL;
	if (code < 0 || !id)
		return code < 0 ? code : CE_UNCHANGED;

	CE_CLEANUP(ce_journal_release) struct ce_journal journal = CE_JOURNAL_INIT;
	code = ce_journal_open(journal_directory, id, &journal, err);
	CE_CLEANUP(ce_steps_release) struct ce_steps steps = { 0 };
	if (code == CE_OK && journal.prepared)
		code = ce_steps_from_json(json_object_get(journal.prepared, "changes"), &steps, err);
	if (code < 0)
		return set_aside(journal_directory, id, err);

	CE_CLEANUP(ce_recovered_release) struct ce_recovered recovered = { 0 };
	code = repair(&journal, &steps, hooks, &recovered, err);
	if (code == CE_OK)
		code = check_gone(journal_directory, id, &recovered, err);
	else if (code == CE_UNCHANGED)
		code = ce_strlist_add(passed_over, id, err);
	if (code < 0)
		return code;
	*ret_recovered = recovered;
	memset(&recovered, 0, sizeof(recovered));
	return CE_OK;
}

int
ce_transaction_unfinished(const char *journal_directory, size_t *ret_count, struct ce_error *err)
{
	CE_CLEANUP(ce_strlist_release) struct ce_strlist ids = CE_STRLIST_INIT;
	int code = ce_journal_list(journal_directory, &ids, err);
	if (code == CE_OK)
		*ret_count = ids.count;
	return code;
}
