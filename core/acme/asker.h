/* The keeper as the helper sees it: messages to the supervisor, each answered before anything else
 * goes on. */
#ifndef CE_ACME_ASKER_H
#define CE_ACME_ASKER_H

#include "acme/keeper.h"
#include "base/message.h"

/* What the supervisor told unasked while a reply was awaited: kept for whoever serves the batch. */
struct ce_acme_told {
	struct ce_acme_told *next;
	struct ce_message message;
};

struct ce_acme_asker {
	int fd;
	struct ce_acme_told *first, **last;
};

/* The asker must outlive the keeper, whose context it is. */
void ce_acme_asker_init(struct ce_acme_asker *asker, struct ce_acme_keeper *keeper, int fd);
/* The oldest message that was kept goes into ret_message, which is empty; CE_ERR_NOT_FOUND: there is none. */
int ce_acme_asker_told(struct ce_acme_asker *asker, struct ce_message *ret_message);
void ce_acme_asker_release(struct ce_acme_asker *asker);

#endif
