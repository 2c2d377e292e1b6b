/* The keeper as the helper sees it: messages to the supervisor, each answered before anything else
 * goes on. */
#ifndef CE_ACME_ASKER_H
#define CE_ACME_ASKER_H

#include "acme/keeper.h"

/* fd is kept in the keeper's context, by value. */
void ce_acme_asker_init(struct ce_acme_keeper *keeper, int fd);

#endif
