#include "acme/order.h"

#include <string.h>
#include <strings.h>

#include "base/moment.h"
#include "base/sys.h"
#include "net/url.h"

#define FINALIZATIONS_MAX 2

void
ce_acme_order_init(struct ce_acme_order *order, struct ce_acme_run *run, size_t index)
{
	order->run = run;
	order->index = index;
	order->job = &run->batch->orders[index];
	order->session = &run->sessions[order->job->issuer];
	order->session->order_count++;
	order->session->wants_account = true;
	order->wait_s = -1;
}

void
ce_acme_order_forget(struct ce_acme_order *order)
{
	for (size_t i = 0; i < order->authz_count; i++) {
		if (order->authzs[i].answered) /* the responder would tell it what is fetched */
			ce_responder_remove(order->run->responder, order->authzs[i].name, order->authzs[i].token);
		free(order->authzs[i].url);
		free(order->authzs[i].name);
		free(order->authzs[i].token);
		free(order->authzs[i].detail);
		free(order->authzs[i].challenge);
	}
	free(order->authzs);
	free(order->url);
	free(order->finalize);
	free(order->certificate);
	order->authzs = NULL;
	order->authz_count = 0;
	order->url = order->finalize = order->certificate = NULL;
	order->stage = CE_ACME_FRESH;
	order->resumed = order->hurried = false;
	order->polls = order->finalizations = 0;
	order->deadline_ms = 0;
	order->wait_s = -1;
}

void
ce_acme_order_release(struct ce_acme_order *order)
{
	ce_acme_order_forget(order);
	free(order->parting);
	ce_strlist_release(&order->left_out);
	for (size_t i = 0; i < order->alternate_count; i++) {
		free(order->alternates[i].url);
		ce_buf_release(&order->alternates[i].chain);
	}
	free(order->alternates);
	ce_buf_release(&order->chain);
	free(order->barred);
}

/* --- an order of an earlier run --- */

/* The state is ours, but the directory may have been configured anew since. */
static char *
url_of_state(struct ce_acme_order *order)
{
	const char *state = order->job->state;
	if (!state)
		return NULL;
	CE_CLEANUP(json_decrefp) json_t *json = ce_json_object((struct ce_bytes){ (const unsigned char *)state, strlen(state) });
	const char *directory = ce_json_text(json, "directory"), *url = ce_json_text(json, "order");
	const char *csr = ce_json_text(json, "csr");
	if (!directory || strcmp(directory, order->session->job->directory) || ce_url_check(url, true, NULL))
		return NULL;
	order->other_request = !csr || strcmp(csr, order->csr_id);
	return strdup(url);
}

static void
begin(struct ce_acme_order *order)
{
	struct ce_error err = { 0 };
	const struct ce_bytes csr = { (const unsigned char *)order->job->csr, strlen(order->job->csr) };
	if (!ce_acme_run_check(order->run, ce_sha256_hex(csr, order->csr_id, &err), &err))
		return;
	order->started = true;
	order->url = url_of_state(order);
	order->resumed = order->url != NULL;
	if (order->resumed)
		ce_acme_order_read(order);
	else
		ce_acme_order_new(order);
}

void
ce_acme_orders_begin(struct ce_acme_session *session)
{
	struct ce_acme_run *run = session->run;
	for (size_t i = 0; i < run->batch->order_count && session->phase == CE_ACME_READY; i++)
		if (run->orders[i].session == session && !run->orders[i].started)
			begin(&run->orders[i]);
}

void
ce_acme_orders_fail(struct ce_acme_session *session)
{
	struct ce_acme_run *run = session->run;
	for (size_t i = 0; i < run->batch->order_count; i++)
		if (run->orders[i].session == session)
			ce_acme_order_end(&run->orders[i], &session->outcome);
}

/* --- the order object, and what follows from it --- */

static int
copy_https(char **ret_url, const json_t *object, const char *member, struct ce_error *err)
{
	const char *url = ce_json_text(object, member);
	int rc = ce_url_check(url, true, err);
	if (rc)
		return ce_error_wrap(err, "%s", member);
	free(*ret_url);
	*ret_url = strdup(url);
	return *ret_url ? CE_OK : ce_fail(err, CE_ERR_MEMORY, "out of memory");
}

static bool
has_identifier(const json_t *list, const char *name)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *value = ce_json_text(json_array_get(list, i), "value");
		if (value && !strcasecmp(value, name))
			return true;
	}
	return false;
}

/* As a set the identifiers are those that were asked for; the CA may have put them in any order. */
static int
check_identifiers(const struct ce_acme_order *order, const json_t *object, struct ce_error *err)
{
	const json_t *list = json_object_get(object, "identifiers");
	const struct ce_strlist *names = &order->job->names;
	for (size_t i = 0; i < names->count; i++)
		if (ce_acme_order_wants(order, i) && !has_identifier(list, names->items[i]))
			return ce_fail(err, CE_ERR_ISSUER, "the CA's order lacks '%s'", names->items[i]);
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *value = ce_json_text(json_array_get(list, i), "value");
		bool asked = false;
		for (size_t k = 0; value && k < names->count; k++)
			asked = asked || (ce_acme_order_wants(order, k) && !strcasecmp(value, names->items[k]));
		if (!asked)
			return ce_fail(err, CE_ERR_ISSUER, "the CA's order is also for '%.200s', which nobody asked for",
				value ? value : "?");
	}
	return CE_OK;
}

static int
take_authzs(struct ce_acme_order *order, const json_t *list, struct ce_error *err)
{
	size_t count = json_array_size(list);
	if (order->authzs || count == 0)
		return order->authzs ? CE_OK : ce_fail(err, CE_ERR_ISSUER, "the CA's order has no authorizations");
	if (count > CE_ACME_NAMES_MAX)
		return ce_fail(err, CE_ERR_LIMIT, "the CA's order has %zu authorizations", count);
	order->authzs = calloc(count, sizeof(*order->authzs));
	if (!order->authzs)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	for (size_t i = 0; i < count; i++) {
		const char *url = json_string_value(json_array_get(list, i));
		int rc = ce_url_check(url, true, err);
		if (rc)
			return ce_error_wrap(err, "an authorization");
		order->authzs[i].order = order;
		order->authzs[i].url = strdup(url);
		order->authz_count++;
		if (!order->authzs[i].url)
			return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	}
	return CE_OK;
}

static int
take_object(struct ce_acme_order *order, const json_t *object, struct ce_error *err)
{
	int rc = check_identifiers(order, object, err);
	if (!rc)
		rc = take_authzs(order, json_object_get(object, "authorizations"), err);
	if (!rc && (!order->finalize || json_object_get(object, "finalize")))
		rc = copy_https(&order->finalize, object, "finalize", err);
	if (!rc && json_object_get(object, "certificate"))
		rc = copy_https(&order->certificate, object, "certificate", err);
	return rc;
}

static bool
is_past(const json_t *object)
{
	const char *expires = ce_json_text(object, "expires");
	long long moment = 0;
	return expires && ce_moment_parse(expires, &moment, NULL) == CE_OK && moment < ce_now();
}

/* An old order that has expired; or that was given another CSR, and leads to a certificate for another key. */
static bool
is_useless(const struct ce_acme_order *order, const json_t *object, const char *status)
{
	bool valid = !strcmp(status, "valid"), given = valid || !strcmp(status, "processing");
	return (!valid && is_past(object)) || (given && order->other_request);
}

static void
explain(struct ce_acme_order *order, const json_t *object)
{
	/* What an earlier run left may be dead by now: that is no failure, only too late. */
	if (order->resumed)
		ce_acme_order_new(order);
	else
		ce_acme_order_explain(order, object);
}

static void
authorize(struct ce_acme_order *order, const json_t *object)
{
	(void)object;
	ce_acme_order_authorize(order);
}

static void
finalize(struct ce_acme_order *order, const json_t *object)
{
	if (order->finalizations < FINALIZATIONS_MAX) {
		ce_acme_order_finalize(order);
		return;
	}
	struct ce_acme_problem problem;
	char why[800];
	ce_acme_problem_read(&problem, json_object_get(object, "error"));
	ce_acme_problem_sentence(&problem, why, sizeof(why));
	ce_acme_order_refuse(order, CE_ACME_CA, CE_ERR_ISSUER, "finalize", "the CA still waits for a request that it was given%s%s",
		why[0] ? ": " : "", why);
}

static void
wait_more(struct ce_acme_order *order, const json_t *object)
{
	(void)object;
	ce_acme_order_poll(order);
}

static void
download(struct ce_acme_order *order, const json_t *object)
{
	(void)object;
	ce_acme_order_download(order);
}

/* RFC 8555 section 7.1.6. An order whose authorizations were given back is "invalid" there; pebble 2.4 shows the
 * authorization's own status. A status that is not known counts as not yet. */
static const struct {
	const char *status;
	void (*act[CE_ACME_STAGES])(struct ce_acme_order *order, const json_t *object);
} table[] = {
	/*              fresh      answered   finalized */
	{ "pending",    { authorize, wait_more, wait_more } },
	{ "ready",      { finalize,  finalize,  finalize } },
	{ "processing", { wait_more, wait_more, wait_more } },
	{ "valid",      { download,  download,  download } },
	{ "invalid",    { explain,   explain,   explain } },
	{ "deactivated", { explain,  explain,   explain } },
	{ NULL,         { wait_more, wait_more, wait_more } },
};

void
ce_acme_order_proceed(struct ce_acme_order *order, const json_t *object)
{
	struct ce_error err = { 0 };
	const char *status = ce_json_text(object, "status");
	if (!status) {
		ce_acme_order_refuse(order, CE_ACME_CA, CE_ERR_ISSUER, "order", "the CA's answer at %.300s is no order", order->url);
		return;
	}
	int rc = take_object(order, object, &err);
	if (rc == CE_ERR_MEMORY) {
		(void)ce_acme_run_check(order->run, rc, &err);
		return;
	}
	if (order->resumed && (rc || is_useless(order, object, status))) {
		ce_acme_order_new(order);
		return;
	}
	if (rc) {
		ce_acme_order_refuse(order, CE_ACME_CA, CE_ERR_ISSUER, "order", "%s", err.text);
		return;
	}
	size_t row = 0;
	while (table[row].status && strcmp(table[row].status, status))
		row++;
	table[row].act[order->stage](order, object);
}

/* --- reading, finalizing, fetching --- */

static void
take_order(const struct ce_acme_answer *answer, void *context)
{
	struct ce_acme_order *order = context;
	if (order->ended)
		return;
	order->wait_s = answer->retry_after;
	if (answer->code == CE_OK)
		ce_acme_order_proceed(order, answer->json);
	else if (order->resumed && answer->status >= 400 && answer->status < 500 && answer->status != 429)
		ce_acme_order_new(order); /* gone, or of an account that is gone */
	else
		ce_acme_order_refuse_answer(order, answer, "order", "reading the order");
}

void
ce_acme_order_read(struct ce_acme_order *order)
{
	const struct ce_acme_post post = { .resource = -1, .url = order->url, .repeatable = true };
	ce_acme_session_post(order->session, &post, take_order, order);
}

static void
take_finalized(const struct ce_acme_answer *answer, void *context)
{
	struct ce_acme_order *order = context;
	if (order->ended)
		return;
	order->wait_s = answer->retry_after;
	if (answer->code == CE_OK && ce_json_text(answer->json, "status"))
		ce_acme_order_proceed(order, answer->json);
	else if (answer->code == CE_OK || answer->code != CE_ERR_ISSUER || answer->status >= 500
	         || !strcmp(answer->problem.type, "orderNotReady"))
		ce_acme_order_poll(order); /* whether it arrived, the order itself tells */
	else if (ce_acme_order_lowers(order, answer))
		ce_acme_order_new(order);
	else
		ce_acme_order_refuse_answer(order, answer, "finalize", "the certificate request");
}

/* NULL: the order or the run is over. */
static const char *
csr_of(struct ce_acme_order *order, struct ce_buf *fewer)
{
	struct ce_acme_run *run = order->run;
	struct ce_error err = { 0 };
	if (order->left_out.count == 0)
		return order->job->csr;
	int rc = run->keeper->csr(run->keeper->context, order->index, &order->left_out, fewer, &err);
	return ce_acme_run_check(run, rc, &err) ? ce_buf_text(fewer) : NULL;
}

void
ce_acme_order_finalize(struct ce_acme_order *order)
{
	order->proved = true;
	ce_acme_order_cleanup(order);
	ce_acme_order_progress(order, "finalize", NULL);
	order->stage = CE_ACME_FINALIZED;
	order->other_request = false;
	order->finalizations++;
	order->polls = 0;
	order->deadline_ms = 0;
	CE_CLEANUP(ce_buf_release) struct ce_buf fewer = CE_BUF_INIT;
	const char *csr = csr_of(order, &fewer);
	if (!csr)
		return;
	const struct ce_acme_post post = { .resource = -1, .url = order->finalize, .payload = json_pack("{s:s}", "csr", csr) };
	ce_acme_session_post(order->session, &post, take_finalized, order);
}
