/* What deploy's own files share about changes. */
#ifndef CE_DEPLOY_CHANGE_OWN_H
#define CE_DEPLOY_CHANGE_OWN_H

#include "deploy/change.h"

/* A file that is changed is read whole. */
#define CE_CHANGE_FILE_MAX (16u << 20)

void ce_change_release(struct ce_change *change);

/* Runs one command of a change; a status other than 0 is CE_ERR_PRODUCT with what it said. */
CE_MUSTCHECK int ce_change_run(const struct ce_host *host, const char *what, const char *const *argv,
	struct ce_error *err);

#endif
