/* What running and recovering a transaction share. */
#ifndef CE_DEPLOY_TRANSACTION_OWN_H
#define CE_DEPLOY_TRANSACTION_OWN_H

#include "deploy/journal.h"
#include "deploy/step.h"
#include "deploy/transaction.h"

struct ce_run_state {
	const struct ce_host *host;
	const json_t *recipe;
	const struct ce_transaction_hooks *hooks;
};

void ce_run_step(const struct ce_run_state *run, const char *step, int code, const char *text);
/* Tells the end of a step and gives its code, CE_UNCHANGED as CE_OK. */
int ce_run_told(const struct ce_run_state *run, const char *step, int code, const struct ce_error *err);
CE_MUSTCHECK int ce_run_reload(const struct ce_run_state *run, const char *step, const struct ce_strlist *paths,
	struct ce_error *err);
CE_MUSTCHECK int ce_run_verify(const struct ce_run_state *run, const char *step, enum ce_side side,
	struct ce_error *err);

/* Whether the host cannot be reached now, so that whatever it is that failed may be repaired later. */
bool ce_run_is_cut_off(const struct ce_run_state *run);

/* Whether a verify proves anything. */
bool ce_run_proves(const struct ce_run_state *run);

/* Takes everything back and proves it: CE_ROLLED_BACK with the journal gone, or CE_HELP_NEEDED with the journal
 * moved aside (where the host cannot be reached: left for the next run) and ret_trouble saying what is wrong. reload: the product may have loaded the new files. */
enum ce_transaction_outcome ce_run_undo(const struct ce_run_state *run, const struct ce_steps *steps,
	struct ce_journal *journal, bool reload, char **ret_trouble);

#endif
