/* The account at a CA (RFC 8555 section 7.3). */
#ifndef CE_ACME_ACCOUNT_H
#define CE_ACME_ACCOUNT_H

#include "acme/session.h"

/* Makes the session ready: at once when the account is known, else by looking for it with the key that
 * there is, and then by making it, if the operator agreed to the terms. */
void ce_acme_account_begin(struct ce_acme_session *session);
/* The CA does not know the account any more. */
void ce_acme_account_renew(struct ce_acme_session *session);

#endif
