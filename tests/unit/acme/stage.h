/* The protocol without network, keys and time: a keeper that writes down what it is asked, a carrier
 * that answers from a table, and a clock that jumps to the next timer. */
#ifndef CE_TESTS_ACME_STAGE_H
#define CE_TESTS_ACME_STAGE_H

#include "acme/run.h"

#define STAGE_ORDERS_MAX 4
#define STAGE_ERRANDS_MAX 4
#define STAGE_FLYING_MAX 64

struct stage;

/* Fills the reply to a request that is not answered yet: status, body, header fields. payload NULL: none. */
typedef void (*stage_answer)(struct stage *stage, const struct ce_http_call *call, const char *payload,
	struct ce_http_answer *ret_answer);

struct stage {
	struct ce_acme_batch batch;
	stage_answer answer;
	void *context;
	int kinds[STAGE_ORDERS_MAX];       /* enum ce_acme_kind, 0: none yet */
	int classes[STAGE_ORDERS_MAX];
	long long not_before[STAGE_ORDERS_MAX];
	char texts[STAGE_ORDERS_MAX][1200];
	bool ended[STAGE_ERRANDS_MAX];
	int errand_codes[STAGE_ERRANDS_MAX], errand_classes[STAGE_ERRANDS_MAX];
	char errand_texts[STAGE_ERRANDS_MAX][1200]; /* why not, or the result */
	struct ce_buf log;                 /* "sign URL payload", "send METHOD URL", "present TOKEN", ... a line each */
	size_t requests;
	size_t together;                   /* most requests that were under way at once */
	long long waited_ms;
	const char *choices;               /* of every name; NULL: the only way, which is http-01 by the keeper */
	int deploy_code;                   /* what the keeper answers to deploy */
	const char *deploy_text;
	size_t wanted[STAGE_FLYING_MAX], wanted_count; /* the ways of what was to be presented */
	/* its own */
	bool deploying[STAGE_ORDERS_MAX];
	struct { ce_http_done done; void *done_context; char *url, *method, *payload; } flying[STAGE_FLYING_MAX];
	size_t flying_count;
	char *signed_payload;
	unsigned long nonces;
};

/* One issuer "ca" with a webroot and a known account; orders are added by stage_order. */
void stage_open(struct stage *stage, stage_answer answer);
void stage_order(struct stage *stage, const char *const *names, const char *state);
struct ce_acme_errand_job *stage_errand(struct stage *stage, enum ce_acme_errand_kind kind, const char *text);
/* Runs to the end; false when it came to none. */
bool stage_run(struct stage *stage);
void stage_close(struct stage *stage);

/* For answers: adds a header field; sets a body; and a fresh nonce. */
void stage_header(struct ce_http_answer *answer, const char *name, const char *value);
void stage_body(struct ce_http_answer *answer, int status, const char *body);
void stage_nonce(struct stage *stage, struct ce_http_answer *answer);

#endif
