/* Answering challenges: everything is in place before the CA is told of the first. */
#include <string.h>

#include "acme/order.h"

static int
key_authorization(const struct ce_acme_authz *authz, char **ret_text, struct ce_error *err)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf text = CE_BUF_INIT;
	int rc = ce_buf_addf(&text, err, "%s.%s", authz->token, authz->order->session->job->thumbprint);
	if (rc)
		return rc;
	*ret_text = ce_buf_steal_text(&text);
	return *ret_text ? CE_OK : ce_fail(err, CE_ERR_MEMORY, "out of memory");
}

static int
present(struct ce_acme_authz *authz, struct ce_error *err)
{
	struct ce_acme_order *order = authz->order;
	struct ce_acme_run *run = order->run;
	if (order->session->job->webroot)
		return run->keeper->present(run->keeper->context, order->index, authz->token, err);
	CE_CLEANUP(ce_freep) char *content = NULL;
	int rc = key_authorization(authz, &content, err);
	return rc ? rc : ce_responder_add(run->responder, authz->name, authz->token, content, err);
}

static void
cleanup(struct ce_acme_authz *authz)
{
	struct ce_acme_order *order = authz->order;
	struct ce_acme_run *run = order->run;
	struct ce_error err = { 0 };
	if (!authz->presented)
		return;
	authz->presented = false;
	if (!order->session->job->webroot)
		ce_responder_remove(run->responder, authz->name, authz->token);
	else if (!run->failure.code)
		(void)ce_acme_run_check(run, run->keeper->cleanup(run->keeper->context, order->index, authz->token, &err), &err);
}

void
ce_acme_order_cleanup(struct ce_acme_order *order)
{
	for (size_t i = 0; i < order->authz_count; i++)
		cleanup(&order->authzs[i]);
}

/* An order whose file cannot be written fails alone. */
static bool
present_all(struct ce_acme_order *order)
{
	for (size_t i = 0; i < order->authz_count; i++) {
		struct ce_acme_authz *authz = &order->authzs[i];
		struct ce_error err = { 0 };
		if (!authz->token)
			continue;
		int rc = present(authz, &err);
		if (rc == CE_ERR_REFUSED || rc == CE_ERR_CONFIG) {
			ce_acme_order_refuse(order, CE_ACME_ENVIRONMENT, rc, "challenge", "%s", err.text);
			return false;
		}
		if (!ce_acme_run_check(order->run, rc, &err))
			return false;
		authz->presented = true;
	}
	return true;
}

static void
take_posted(const struct ce_acme_answer *answer, void *context)
{
	struct ce_acme_authz *authz = context;
	struct ce_acme_order *order = authz->order;
	if (order->ended)
		return;
	/* An error here (the challenge was decided already, the answer was lost) shows in the order too. */
	if (answer->retry_after > order->wait_s)
		order->wait_s = answer->retry_after;
	if (--order->waiting == 0)
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
	ce_acme_order_progress(order, "challenge", NULL);
	order->stage = CE_ACME_ANSWERED;
	order->wait_s = -1;
	if (present_all(order))
		post_all(order);
}
