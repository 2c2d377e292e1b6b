/* One CA in a run: its directory, its nonces, and signed requests to it, some at once. */
#ifndef CE_ACME_SESSION_H
#define CE_ACME_SESSION_H

#include "acme/directory.h"
#include "acme/gate.h"
#include "acme/nonce.h"
#include "acme/problem.h"
#include "acme/run.h"
#include "acme/width.h"

struct ce_acme_call;
TAILQ_HEAD(ce_acme_calls, ce_acme_call);

enum ce_acme_phase { CE_ACME_NEEDS_DIRECTORY, CE_ACME_NEEDS_ACCOUNT, CE_ACME_READY, CE_ACME_FAILED };

struct ce_acme_session {
	struct ce_acme_run *run;
	size_t index;
	const struct ce_acme_issuer_job *job;
	size_t order_count, errand_count; /* both 0: nothing is asked of it */
	size_t errands_open;        /* begun and not ended */
	struct ce_acme_timer errands_timer;
	bool wants_account;         /* an order, or an errand that is signed by the account */
	enum ce_acme_phase phase;
	struct ce_acme_directory directory;
	bool directory_kept;        /* it comes from an earlier run */
	char *document;             /* the directory as a document to keep */
	bool account_again;         /* the account was lost once in this run */
	char *account;              /* its URL, when this run learned it */
	int tries;                  /* of the directory or of newNonce, in a row */
	struct ce_acme_timer timer; /* for the next try */
	struct ce_acme_nonces nonces;
	struct ce_acme_gate gate;   /* what the CA takes in a time */
	struct ce_acme_timer gate_timer;
	struct ce_acme_calls waiting;
	struct ce_acme_calls flying;
	size_t posts, heads;        /* under way */
	long long heads_ms;         /* when the last HEAD was sent */
	struct ce_acme_width width; /* signed requests under way together; each needs a nonce of its own */
	struct ce_http_route route;
	/* Why it failed; orders tell it as theirs. */
	struct ce_acme_outcome outcome;
	char failure[CE_ERROR_TEXT_MAX];
};

/* What came of a signed request. Valid during the callback. */
struct ce_acme_answer {
	int code;                   /* CE_OK: 2xx; CE_ERR_ISSUER: the CA said no; else it was not reached */
	int status;
	const struct ce_http_answer *http;
	json_t *json;               /* the body when it is an object, else NULL */
	struct ce_acme_problem problem;
	long long retry_after;      /* seconds, -1: not told */
};

typedef void (*ce_acme_done)(const struct ce_acme_answer *answer, void *context);

struct ce_acme_post {
	int resource;               /* enum ce_acme_resource, or -1: url */
	const char *url;            /* copied */
	json_t *payload;            /* taken over; NULL: POST-as-GET */
	const char *accept;         /* a constant; NULL: JSON */
	bool by_key;
	size_t other;               /* signed by the own key of this errand, its number + 1; 0: by the account */
	bool once;                  /* by no means sent twice, not even by the library */
	bool may_be_refused;        /* its owner has another way: a refusal says nothing about the account */
	bool repeatable;            /* may be sent again when no answer came or the CA failed */
};

void ce_acme_session_init(struct ce_acme_session *session, struct ce_acme_run *run, size_t index);
/* Fetches what is missing; orders are told when it is ready or failed. */
void ce_acme_session_start(struct ce_acme_session *session);
void ce_acme_session_release(struct ce_acme_session *session);

/* Queues a signed request; done is called once, later. Requests wait until the account is there, except
 * those signed by the key itself. */
void ce_acme_session_post(struct ce_acme_session *session, const struct ce_acme_post *post, ce_acme_done done,
	void *context);

/* For the directory's readers: it is there; what needs no account begins. */
void ce_acme_session_directed(struct ce_acme_session *session);
/* For account.c: it is there, or cannot be had. Text is a whole sentence. */
void ce_acme_session_ready(struct ce_acme_session *session);
void ce_acme_session_fail(struct ce_acme_session *session, const struct ce_acme_outcome *outcome);

/* A request to this CA: by https, with its trust and by its way; the rest is the caller's to add. */
struct ce_http_call ce_acme_session_call(const struct ce_acme_session *session, const char *method, const char *url);

/* For the files of the session: sends what can be sent now, and asks for nonces where they are short. */
void ce_acme_session_pump(struct ce_acme_session *session);
/* Queues anew at the front. */
void ce_acme_call_again(struct ce_acme_call *call);
/* The directory, by an unsigned GET. */
void ce_acme_directory_fetch(struct ce_acme_session *session);
/* Milliseconds before the n-th further try (n from 1), with jitter. */
long long ce_acme_backoff(int n);
/* A CA that failed for good with this answer. step: "directory", "account". */
void ce_acme_session_refuse(struct ce_acme_session *session, const char *step, const char *what,
	const struct ce_acme_answer *answer);
/* When an answer says that nothing shall be tried before a moment: that moment, else 0. */
long long ce_acme_not_before(const struct ce_acme_answer *answer);
/* What went wrong as the end of a sentence: the problem, or why there was no answer. */
void ce_acme_answer_sentence(const struct ce_acme_answer *answer, char *out, size_t room);

#endif
