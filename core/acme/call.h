/* One signed request in a session's queue; shared by session.c, call.c and nonces. */
#ifndef CE_ACME_CALL_H
#define CE_ACME_CALL_H

#include "acme/session.h"

struct ce_acme_call {
	TAILQ_ENTRY(ce_acme_call) place;
	struct ce_acme_session *session;
	int resource;
	char *url;                  /* resource < 0 */
	char *payload;              /* NULL: POST-as-GET */
	const char *accept;
	bool by_key;
	size_t other;
	bool repeatable;
	bool may_be_refused;
	bool once;
	bool moved;                 /* the directory or account was renewed for it once */
	int tries;                  /* sent and failed for no fault of its own */
	int nonce_tries;            /* refused for their nonce */
	long long sent_ms;          /* monotonic */
	struct ce_acme_timer timer; /* before the next try */
	struct ce_error unsent;     /* why it could not be sent at all */
	ce_acme_done done;
	void *context;
};

const char *ce_acme_call_url(const struct ce_acme_call *call);
/* Signs and sends with the nonce, which is taken over. The call is in `flying` from then on. */
void ce_acme_call_send(struct ce_acme_call *call, char *nonce);
/* Tells the owner and frees. */
void ce_acme_call_end(struct ce_acme_call *call, const struct ce_acme_answer *answer);
void ce_acme_call_free(struct ce_acme_call *call);

#endif
