/* A journalled change: what is needed to tell old from new and to take it back. */
#ifndef CE_DEPLOY_STEP_H
#define CE_DEPLOY_STEP_H

#include <jansson.h>

#include "deploy/change.h"
#include "deploy/journal.h"

struct ce_step_state {
	bool exists;
	char digest[65];
	mode_t mode;
	uid_t uid;
	gid_t gid;
};

struct ce_step {
	int kind;                         /* enum ce_change_kind */
	char *path;
	char *temporary;                  /* name beside path */
	struct ce_step_state before, after;
	char *what;
	struct ce_strlist do_argv, undo_argv;
};

struct ce_steps {
	struct ce_step *items;
	size_t count;
};
void ce_steps_release(struct ce_steps *steps);

/* From staged changes; temporaries are named after the journal. */
CE_MUSTCHECK int ce_steps_from_changes(const struct ce_changes *const *changes, size_t count, const char *id,
	struct ce_steps *ret_steps, struct ce_error *err);
/* To and from the journal's first record. */
CE_MUSTCHECK int ce_steps_to_json(const struct ce_steps *steps, json_t **ret_array, struct ce_error *err);
CE_MUSTCHECK int ce_steps_from_json(const json_t *array, struct ce_steps *ret_steps, struct ce_error *err);

/* What a file is now, compared with its step. */
enum ce_step_now { CE_NOW_OLD = 1, CE_NOW_NEW, CE_NOW_FOREIGN };
CE_MUSTCHECK int ce_step_look(const struct ce_step *step, const struct ce_host *host, enum ce_step_now *ret_now,
	struct ce_error *err);

/* Takes the steps back, last first, from the journal's images; whatever is old already is left alone, so
 * it can be repeated; a command that was begun is undone each time. ret_paths: what was put back. What cannot be put back
 * (CE_ERR_FOREIGN: somebody else's file, which is left) is passed over and the rest goes on; the first failure is told. */
CE_MUSTCHECK int ce_steps_undo(const struct ce_steps *steps, const struct ce_journal *journal,
	const struct ce_host *host, struct ce_strlist *ret_paths, struct ce_error *err);

#endif
