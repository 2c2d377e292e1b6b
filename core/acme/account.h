/* The account at a CA (RFC 8555 section 7.3). */
#ifndef CE_ACME_ACCOUNT_H
#define CE_ACME_ACCOUNT_H

#include "acme/session.h"

/* Makes the session ready: at once when the account is known, else by looking for it with the key that
 * there is, and then by making it, if the operator agreed to the terms. */
void ce_acme_account_begin(struct ce_acme_session *session);
/* The CA does not know the account any more, or will not have it: looked up by its key, and made again
 * when it is lost and the operator agreed to that. */
void ce_acme_account_renew(struct ce_acme_session *session);

/* Whether an answer to a request signed by the account means that there is no such account any more: RFC 8555 section
 * 7.3.6 wants 401 for a deactivated one, others answer 403. */
bool ce_acme_account_is_gone(const struct ce_acme_answer *answer);
/* The sentence for that: issuer, what the CA said, issuer. */
#define CE_ACME_ACCOUNT_GONE "the CA of issuer '%s' does not take the account any more: %.400s; if it was deactivated " \
	"there, 'certengine account new %s' makes another"

/* Whether the CA wants a person, to read new terms or to click somewhere (section 7.3.3; servers that predate
 * it say "agreementRequired"). The session fails with what to do; nothing is tried again. */
bool ce_acme_account_wants_action(const struct ce_acme_answer *answer);
void ce_acme_account_call_operator(struct ce_acme_session *session, const struct ce_acme_answer *answer);

/* The contacts of a new or changed account; NULL without memory, or for text that is not UTF-8. */
json_t *ce_acme_contacts(const struct ce_strlist *contact);

#endif
