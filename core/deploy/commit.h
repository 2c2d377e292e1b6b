/* The forward half of a transaction. */
#ifndef CE_DEPLOY_COMMIT_H
#define CE_DEPLOY_COMMIT_H

#include "deploy/journal.h"
#include "deploy/step.h"

/* One staged change beside its step, in the same order. */
struct ce_commit {
	struct ce_steps steps;
	const struct ce_change **changes;
	struct ce_host_replace **replaces; /* prepared temporaries; NULL where there is none */
	const struct ce_host *host;
	struct ce_strlist paths;           /* what was changed */
};

CE_MUSTCHECK int ce_commit_begin(const struct ce_changes *const *changes, size_t count, const struct ce_host *host,
	const char *id, struct ce_commit *ret_commit, struct ce_error *err);
/* Writes the images of what the files hold now; CE_ERR_FOREIGN when one is no longer as it was staged. */
CE_MUSTCHECK int ce_commit_images(struct ce_commit *commit, struct ce_journal *journal, struct ce_error *err);
/* All temporaries first (a full disk shows here), then the switches and commands in order, then the directories. */
CE_MUSTCHECK int ce_commit_prepare(struct ce_commit *commit, struct ce_error *err);
CE_MUSTCHECK int ce_commit_switch(struct ce_commit *commit, struct ce_journal *journal, struct ce_error *err);
void ce_commit_release(struct ce_commit *commit);

#endif
