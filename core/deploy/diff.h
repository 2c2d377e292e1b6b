/* Changes as an operator reads them. */
#ifndef CE_DEPLOY_DIFF_H
#define CE_DEPLOY_DIFF_H

#include "deploy/change.h"

/* A unified diff (three lines of context) of two texts, with path in its head; an absent text is
 * shown as /dev/null. Appended to out. */
CE_MUSTCHECK int ce_diff_add(struct ce_buf *out, const char *path, const struct ce_bytes *before,
	const struct ce_bytes *after, struct ce_error *err);

/* Everything that was staged: diffs of text, one line for what is no text, one for each command. Secrets are masked
 * and control bytes made visible. */
CE_MUSTCHECK int ce_changes_show(const struct ce_changes *changes, struct ce_buf *ret_text, struct ce_error *err);

#endif
