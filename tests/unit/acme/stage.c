#include "stage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acme/order.h"
#include "base/sys.h"
#include "base/text.h"
#include "net/url.h"

#define ROUNDS_MAX 20000
#define EPOCH 1700000000

static long long now_ms;
static struct ce_sys sys;

static int
tell_time(clockid_t clock, struct timespec *ret)
{
	long long ms = clock == CLOCK_REALTIME ? EPOCH * 1000LL + now_ms : 1000000 + now_ms;
	*ret = (struct timespec){ .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };
	return 0;
}

static void
note(struct stage *stage, const char *what, const char *first, const char *second)
{
	if (ce_buf_addf(&stage->log, NULL, "%s %s%s%s\n", what, first, second ? " " : "", second ? second : ""))
		abort();
}

/* --- the keeper --- */

static int
keep_sign(void *context, size_t issuer, const struct ce_acme_signing *what, struct ce_buf *ret_jws, struct ce_error *err)
{
	struct stage *stage = context;
	(void)issuer;
	if (!what->nonce)
		abort();
	int rc = ce_url_check(what->url, true, err);
	if (rc)
		return rc;
	note(stage, what->by_key ? "sign-by-key" : "sign", what->url, what->payload);
	free(stage->signed_payload);
	stage->signed_payload = strdup(what->payload ? what->payload : "");
	return ce_buf_adds(ret_jws, "{}", err);
}

static int
keep_sign_other(void *context, size_t errand, const struct ce_acme_signing *what, struct ce_buf *ret_jws,
	struct ce_error *err)
{
	struct stage *stage = context;
	(void)errand;
	int rc = ce_url_check(what->url, true, err);
	if (rc)
		return rc;
	note(stage, what->nonce ? "sign-other" : "sign-inner", what->url, what->payload);
	if (what->nonce) {
		free(stage->signed_payload);
		stage->signed_payload = strdup(what->payload ? what->payload : "");
	}
	return ce_buf_adds(ret_jws, "{\"inner\":1}", err);
}

static int
keep_bind(void *context, size_t issuer, const char *url, struct ce_buf *ret_json, struct ce_error *err)
{
	(void)issuer;
	note(context, "bind", url, NULL);
	return ce_buf_adds(ret_json, "{\"bound\":true}", err);
}

static int
keep_directory(void *context, size_t issuer, const char *document, const char *terms, struct ce_error *err)
{
	(void)issuer;
	(void)terms;
	(void)err;
	note(context, "directory", document, NULL);
	return CE_OK;
}

static int
keep_account(void *context, size_t issuer, const char *url, const char *terms, struct ce_error *err)
{
	(void)issuer;
	(void)err;
	note(context, "account", url, terms);
	return CE_OK;
}

static int
keep_state(void *context, size_t order, const char *state, struct ce_error *err)
{
	(void)order;
	(void)err;
	note(context, "state", state, NULL);
	return CE_OK;
}

static int
keep_present(void *context, size_t order, const struct ce_acme_wanted *wanted, struct ce_error *err)
{
	struct stage *stage = context;
	char what[300];
	(void)order;
	(void)err;
	if (!wanted->token ? !wanted->detail : !ce_name_is_token(wanted->token))
		abort();
	snprintf(what, sizeof(what), "%s%s", wanted->wildcard ? "*." : "", wanted->identifier);
	note(stage, "present", wanted->token ? wanted->token : wanted->detail, what);
	stage->wanted[stage->wanted_count++ % STAGE_FLYING_MAX] = wanted->way;
	return CE_OK;
}

/* The answer comes when the play goes on, as it does from another process. */
static int
keep_deploy(void *context, size_t order, struct ce_error *err)
{
	struct stage *stage = context;
	(void)err;
	note(stage, "deploy", "", NULL);
	stage->deploying[order] = true;
	return CE_OK;
}

static int
keep_cleanup(void *context, size_t order, bool proved, struct ce_error *err)
{
	(void)order;
	(void)err;
	note(context, "cleanup", proved ? "proved" : "given-up", NULL);
	return CE_OK;
}

static int
keep_progress(void *context, size_t order, const char *step, const char *text, struct ce_error *err)
{
	(void)order;
	(void)err;
	note(context, "progress", step, text);
	return CE_OK;
}

static int
keep_warning(void *context, size_t order, const char *text, struct ce_error *err)
{
	(void)order;
	(void)err;
	note(context, "warning", text, NULL);
	return CE_OK;
}

static int
keep_outcome(void *context, size_t order, const struct ce_acme_outcome *outcome, struct ce_error *err)
{
	struct stage *stage = context;
	(void)err;
	if (order >= STAGE_ORDERS_MAX || stage->kinds[order] || !outcome->kind
	    || (outcome->kind == CE_ACME_REFUSED && (!outcome->class || !outcome->code || !outcome->text[0] || !outcome->step)))
		abort(); /* exactly one outcome, and a complete one */
	stage->kinds[order] = outcome->kind;
	stage->classes[order] = outcome->class;
	stage->not_before[order] = outcome->not_before ? outcome->not_before - EPOCH : 0;
	snprintf(stage->texts[order], sizeof(stage->texts[order]), "%s", outcome->text ? outcome->text : "");
	return CE_OK;
}

static int
keep_errand_done(void *context, size_t errand, const struct ce_acme_errand_end *end, struct ce_error *err)
{
	struct stage *stage = context;
	(void)err;
	if (errand >= STAGE_ERRANDS_MAX || stage->ended[errand] || (end->code ? !end->class || !end->step || !end->text[0] : !end->result))
		abort(); /* exactly one end, and a complete one */
	stage->ended[errand] = true;
	stage->errand_codes[errand] = end->code;
	stage->errand_classes[errand] = end->class;
	snprintf(stage->errand_texts[errand], sizeof(stage->errand_texts[errand]), "%s", end->code ? end->text : end->result);
	return CE_OK;
}

/* --- the carrier --- */

static int
carry(void *context, const struct ce_http_call *call, ce_http_done done, void *done_context, struct ce_error *err)
{
	struct stage *stage = context;
	int rc = ce_url_check(call->url, call->https_only, err);
	if (rc)
		return rc;
	if (!call->https_only || stage->flying_count == STAGE_FLYING_MAX)
		abort();
	note(stage, "send", call->method, call->url);
	stage->requests++;
	size_t n = stage->flying_count++;
	stage->flying[n].done = done;
	stage->flying[n].done_context = done_context;
	stage->flying[n].url = strdup(call->url);
	stage->flying[n].method = strdup(call->method);
	stage->flying[n].payload = strcmp(call->method, "POST") ? NULL : strdup(stage->signed_payload);
	if (stage->flying_count > stage->together)
		stage->together = stage->flying_count;
	return CE_OK;
}

static void
land_first(struct stage *stage)
{
	struct ce_http_answer answer = { .status = 404 };
	struct ce_http_call call = { .method = stage->flying[0].method, .url = stage->flying[0].url };
	char *payload = stage->flying[0].payload;
	ce_http_done done = stage->flying[0].done;
	void *context = stage->flying[0].done_context;
	memmove(stage->flying, stage->flying + 1, --stage->flying_count * sizeof(stage->flying[0]));
	stage->answer(stage, &call, payload, &answer);
	done(&answer, context);
	ce_http_answer_release(&answer);
	free((char *)call.method);
	free((char *)call.url);
	free(payload);
}

/* --- the play --- */

void
stage_open(struct stage *stage, stage_answer answer)
{
	memset(stage, 0, sizeof(*stage));
	stage->answer = answer;
	now_ms = 0;
	sys = ce_sys_real;
	sys.clock_gettime = tell_time;
	ce_sys = &sys;
	struct ce_acme_issuer_job *issuer = ce_acme_batch_issuer(&stage->batch);
	issuer->name = strdup("ca");
	issuer->directory = strdup("https://ca/dir");
	issuer->thumbprint = strdup("thumb");
	issuer->has_account = true;
	issuer->way_count = 1;
	issuer->ways[0] = (struct ce_acme_way_job){ CE_ACME_HTTP, true };
}

void
stage_order(struct stage *stage, const char *const *names, const char *state)
{
	struct ce_acme_order_job *order = ce_acme_batch_order(&stage->batch);
	order->csr = strdup("Q1NS");
	order->state = state ? strdup(state) : NULL;
	if (ce_strlist_copy(&order->names, names, NULL))
		abort();
	for (size_t i = 0; i < order->names.count; i++)
		if (ce_strlist_add(&order->choices, stage->choices ? stage->choices : "0", NULL))
			abort();
}

struct ce_acme_errand_job *
stage_errand(struct stage *stage, enum ce_acme_errand_kind kind, const char *text)
{
	struct ce_acme_errand_job *errand = ce_acme_batch_errand(&stage->batch);
	errand->kind = kind;
	errand->text = text ? strdup(text) : NULL;
	return errand;
}

static bool
end_deploying(struct stage *stage, struct ce_acme_run *run)
{
	for (size_t i = 0; i < run->batch->order_count; i++) {
		if (!stage->deploying[i])
			continue;
		stage->deploying[i] = false;
		ce_acme_order_deployed(&run->orders[i], stage->deploy_code, stage->deploy_text);
		return true;
	}
	return false;
}

static bool
play(struct stage *stage, struct ce_acme_run *run)
{
	ce_acme_run_start(run);
	for (int round = 0; round < ROUNDS_MAX; round++) {
		if (ce_acme_run_over(run))
			return !run->failure.code;
		if (stage->flying_count > 0) {
			land_first(stage);
			continue;
		}
		if (end_deploying(stage, run))
			continue;
		int wait = ce_acme_timers_next(&run->timers, 1000000);
		if (wait == 1000000)
			return false; /* nothing will ever happen again */
		now_ms += wait;
		stage->waited_ms += wait;
		ce_acme_timers_fire(&run->timers);
	}
	return false;
}

bool
stage_run(struct stage *stage)
{
	const struct ce_acme_keeper keeper = { .sign = keep_sign, .sign_other = keep_sign_other, .bind = keep_bind,
		.save_directory = keep_directory, .save_account = keep_account, .save_state = keep_state, .present = keep_present,
		.deploy = keep_deploy, .cleanup = keep_cleanup, .progress = keep_progress, .warn = keep_warning, .outcome = keep_outcome, .errand_done = keep_errand_done,
		.context = stage };
	const struct ce_acme_carrier carrier = { carry, stage };
	struct ce_acme_run *run = NULL;
	if (ce_acme_run_open(&stage->batch, &keeper, &carrier, NULL, &run, NULL))
		return false;
	bool good = play(stage, run);
	ce_acme_run_close(run);
	return good;
}

void
stage_close(struct stage *stage)
{
	ce_sys = &ce_sys_real;
	for (size_t i = 0; i < stage->flying_count; i++) {
		free(stage->flying[i].url);
		free(stage->flying[i].method);
		free(stage->flying[i].payload);
	}
	free(stage->signed_payload);
	ce_buf_release(&stage->log);
	ce_acme_batch_release(&stage->batch);
}

void
stage_header(struct ce_http_answer *answer, const char *name, const char *value)
{
	if (ce_strlist_add(&answer->names, name, NULL) || ce_strlist_add(&answer->values, value, NULL))
		abort();
}

void
stage_body(struct ce_http_answer *answer, int status, const char *body)
{
	answer->status = status;
	ce_buf_release(&answer->body);
	if (ce_buf_adds(&answer->body, body, NULL))
		abort();
}

void
stage_nonce(struct stage *stage, struct ce_http_answer *answer)
{
	char nonce[32];
	snprintf(nonce, sizeof(nonce), "nonce-%lu", ++stage->nonces);
	stage_header(answer, "replay-nonce", nonce);
}
