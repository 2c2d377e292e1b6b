/* Answering challenges: everything is in place before the CA is told of the first. */
#include <string.h>

#include "acme/order.h"

static const struct ce_acme_way_job *
way_of(const struct ce_acme_authz *authz)
{
	return &authz->order->session->job->ways[authz->way];
}

/* The responder is given what it shall say: RFC 8555 section 8.1. */
static int
answer_here(struct ce_acme_authz *authz, struct ce_error *err)
{
	struct ce_acme_order *order = authz->order;
	CE_CLEANUP(ce_buf_release) struct ce_buf text = CE_BUF_INIT;
	if (!order->run->responder)
		return ce_fail(err, CE_ERR_INVALID, "a challenge for the built-in responder, which has no socket");
	int rc = ce_buf_addf(&text, err, "%s.%s", authz->token, order->session->job->thumbprint);
	if (!rc && way_of(authz)->kind == CE_ACME_ALPN)
		rc = ce_responder_add_tls(order->run->responder, authz->name, authz->token, ce_buf_text(&text), err);
	else if (!rc)
		rc = ce_responder_add(order->run->responder, authz->name, authz->token, ce_buf_text(&text), err);
	authz->answered = rc == CE_OK;
	authz->watched = !rc && ce_responder_watch(order->run->responder, authz->name, authz->token, &authz->asked);
	return rc;
}

static int
ask_keeper(struct ce_acme_authz *authz, struct ce_error *err)
{
	struct ce_acme_order *order = authz->order;
	const struct ce_acme_wanted wanted = { .way = authz->way, .identifier = authz->name, .wildcard = authz->wildcard,
		.token = authz->token, .detail = authz->detail };
	order->asked = true;
	return order->run->keeper->present(order->run->keeper->context, order->index, &wanted, err);
}

void
ce_acme_order_cleanup(struct ce_acme_order *order)
{
	struct ce_acme_run *run = order->run;
	struct ce_error err = { 0 };
	for (size_t i = 0; i < order->authz_count; i++) {
		struct ce_acme_authz *authz = &order->authzs[i];
		if (authz->answered)
			ce_responder_remove(run->responder, authz->name, authz->token);
		authz->answered = false;
	}
	if (order->asked && !run->failure.code)
		(void)ce_acme_run_check(run, run->keeper->cleanup(run->keeper->context, order->index, order->proved, &err), &err);
	order->asked = order->deploying = false;
}

static void
take_posted(const struct ce_acme_answer *answer, void *context)
{
	struct ce_acme_authz *authz = context;
	struct ce_acme_order *order = authz->order;
	if (order->ended)
		return;
	/* An error here (the challenge was decided already, the answer was lost) shows in the order too. A failure that
	 * is told at once may show nowhere else: Caddy and step-ca leave authorization and order pending then. */
	const char *status = answer->code == CE_OK ? ce_json_text(answer->json, "status") : NULL;
	if (status && !strcmp(status, "invalid")) {
		authz->failed = true;
		ce_acme_problem_read(&authz->problem, json_object_get(answer->json, "error"));
	}
	if (answer->retry_after > order->wait_s)
		order->wait_s = answer->retry_after;
	if (--order->waiting > 0)
		return;
	for (size_t i = 0; i < order->authz_count; i++) {
		if (order->authzs[i].failed) {
			ce_acme_order_explain(order, NULL);
			return;
		}
	}
	ce_acme_order_poll(order);
}

static void
post_all(struct ce_acme_order *order)
{
	for (size_t i = 0; i < order->authz_count; i++)
		order->waiting += order->authzs[i].challenge != NULL;
	if (order->waiting == 0) {
		ce_acme_order_poll(order);
		return;
	}
	for (size_t i = 0; i < order->authz_count; i++) {
		struct ce_acme_authz *authz = &order->authzs[i];
		CE_CLEANUP(ce_freep) char *url = CE_STEAL(authz->challenge);
		if (!url)
			continue;
		const struct ce_acme_post post = { .resource = -1, .url = url, .payload = json_object() };
		ce_acme_session_post(order->session, &post, take_posted, authz);
	}
}

void
ce_acme_order_answer(struct ce_acme_order *order)
{
	struct ce_acme_run *run = order->run;
	struct ce_error err = { 0 };
	int rc = CE_OK;
	ce_acme_order_progress(order, "challenge", NULL);
	order->stage = CE_ACME_ANSWERED;
	order->wait_s = -1;
	for (size_t i = 0; i < order->authz_count && !rc; i++) {
		struct ce_acme_authz *authz = &order->authzs[i];
		if (authz->chosen)
			rc = way_of(authz)->asked ? ask_keeper(authz, &err) : answer_here(authz, &err);
	}
	if (!rc && order->asked) {
		order->deploying = true;
		rc = run->keeper->deploy(run->keeper->context, order->index, &err);
	}
	if (ce_acme_run_check(run, rc, &err) && !order->asked)
		post_all(order);
}

/* An order whose responses cannot be put in place fails alone. */
void
ce_acme_order_deployed(struct ce_acme_order *order, int code, const char *text)
{
	if (order->ended || !order->deploying)
		return; /* it was given up meanwhile */
	order->deploying = false;
	if (code == CE_ERR_WAIT) {
		const struct ce_acme_outcome outcome = { .kind = CE_ACME_OPERATOR, .text = text };
		ce_acme_order_end(order, &outcome);
	} else if (code < 0)
		ce_acme_order_refuse(order, CE_ACME_ENVIRONMENT, code, "challenge", "%s", text ? text : "no response can be presented");
	else
		post_all(order);
}
