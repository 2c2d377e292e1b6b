/* The message loop: what the network process asks for is checked as a stranger's wish, then done. */
#include <errno.h>
#include <string.h>

#include "acme/pem.h"
#include "base/log.h"
#include "base/message.h"
#include "base/sys.h"
#include "base/text.h"
#include "crypto/jws.h"
#include "issuer/acme_own.h"
#include "net/url.h"

/* While orders are under way something is asked at least this often: the longest wait that is sat
 * out, three tries of 30 s. */
#define SILENCE_MS 180000
#define GLANCE_MS 250
#define TOGETHER_MS 100
#define DEADLINE_MS 1800000LL
#define DEADLINE_PER_ORDER_MS 2000LL
#define NOT_BEFORE_MAX_S (7 * 86400LL)
#define STEP_MAX 40
/* As many as one order may have names. */
#define WARNINGS_MAX CE_ACME_NAMES_MAX

/* --- whom a message is about --- */

static int
the_issuer(struct ce_acme_supervisor *supervisor, struct ce_message *message, struct ce_acme_issuer **ret_issuer,
	struct ce_error *err)
{
	int64_t number = ce_message_get_int(message);
	if (number < 0 || (size_t)number >= supervisor->issuer_count || supervisor->issuers[number].error.code)
		return ce_fail(err, CE_ERR_INVALID, "a message about an issuer that is not in the batch");
	*ret_issuer = &supervisor->issuers[number];
	return CE_OK;
}

int
ce_acme_the_order(struct ce_acme_supervisor *supervisor, struct ce_message *message, struct ce_acme_order_way **ret_order,
	struct ce_error *err)
{
	int64_t number = ce_message_get_int(message);
	if (number < 0 || (size_t)number >= supervisor->order_count || supervisor->orders[number].answered)
		return ce_fail(err, CE_ERR_INVALID, "a message about an order that is not in the batch");
	*ret_order = &supervisor->orders[number];
	return CE_OK;
}

/* A text that must be there and of at most limit bytes. */
static int
the_text(struct ce_message *message, size_t limit, const char **ret_text, struct ce_error *err)
{
	const char *text = ce_message_get_str(message);
	if (!text || strlen(text) > limit)
		return ce_fail(err, CE_ERR_INVALID, "a message without its text, or with one that is too long");
	*ret_text = text;
	return CE_OK;
}

/* --- what is asked: an error of these is the answer; CE_ERR_INVALID ends the process --- */

static int
sign(struct ce_acme_supervisor *supervisor, struct ce_message *message, struct ce_buf *result, struct ce_error *err)
{
	struct ce_acme_issuer *issuer = NULL;
	int rc = the_issuer(supervisor, message, &issuer, err);
	if (rc)
		return rc;
	bool by_key = ce_message_get_int(message) != 0;
	const char *url = ce_message_get_str(message), *nonce = ce_message_get_str(message);
	const char *payload = ce_message_get_str(message);
	rc = ce_message_end(message, err);
	if (rc)
		return rc;
	rc = ce_url_check(url, true, err);
	if (rc)
		return rc;
	if (!issuer->key || !nonce || !ce_name_is_token(nonce) || (!by_key && !issuer->url))
		return ce_fail(err, CE_ERR_INVALID, "a request to sign without nonce or account");
	const struct ce_jws_request request = { .url = url, .nonce = nonce, .kid = by_key ? NULL : issuer->url,
		.payload = payload };
	rc = ce_jws_sign(issuer->key, &request, result, err);
	if (rc == CE_ERR_LIMIT || (!rc && result->size >= CE_ACME_REQUEST_MAX))
		return ce_fail(err, CE_ERR_REFUSED, "the request to the CA would be larger than %d bytes", CE_ACME_REQUEST_MAX);
	return rc;
}

static int
bind_account(struct ce_acme_supervisor *supervisor, struct ce_message *message, struct ce_buf *result,
	struct ce_error *err)
{
	struct ce_acme_issuer *issuer = NULL;
	int rc = the_issuer(supervisor, message, &issuer, err);
	if (rc)
		return rc;
	const char *url = ce_message_get_str(message);
	rc = ce_message_end(message, err);
	if (!rc)
		rc = ce_url_check(url, true, err);
	if (rc)
		return rc;
	if (!issuer->eab_kid || !issuer->key)
		return ce_fail(err, CE_ERR_INVALID, "a binding to an account that is not configured");
	return ce_jws_bind(issuer->key, issuer->eab_mac, url, issuer->eab_kid, ce_buf_bytes(&issuer->eab_key), result, err);
}

static int
save_directory(struct ce_acme_supervisor *supervisor, struct ce_message *message, struct ce_buf *result,
	struct ce_error *err)
{
	(void)result;
	struct ce_acme_issuer *issuer = NULL;
	const char *document = NULL;
	int rc = the_issuer(supervisor, message, &issuer, err);
	if (!rc)
		rc = the_text(message, CE_ACME_DOCUMENT_MAX, &document, err);
	if (rc)
		return rc;
	const char *terms = ce_message_get_str(message);
	rc = ce_message_end(message, err);
	return rc ? rc : ce_acme_issuer_save_directory(issuer, document, terms, err);
}

static int
save_account(struct ce_acme_supervisor *supervisor, struct ce_message *message, struct ce_buf *result,
	struct ce_error *err)
{
	(void)result;
	struct ce_acme_issuer *issuer = NULL;
	int rc = the_issuer(supervisor, message, &issuer, err);
	if (rc)
		return rc;
	const char *url = ce_message_get_str(message), *terms = ce_message_get_str(message);
	rc = ce_message_end(message, err);
	if (!rc)
		rc = ce_url_check(url, true, err);
	return rc ? rc : ce_acme_issuer_save_account(issuer, url, terms, err);
}

/* Texts of messages about an order are a first that must be there, and a second that need not. */
static int
save_state(struct ce_acme_supervisor *supervisor, struct ce_message *message, struct ce_buf *result,
	struct ce_error *err)
{
	(void)result;
	struct ce_acme_order_way *order = NULL;
	const char *state = NULL;
	int rc = ce_acme_the_order(supervisor, message, &order, err);
	if (!rc)
		rc = the_text(message, CE_ACME_STATE_MAX, &state, err);
	if (rc)
		return rc;
	(void)ce_message_get_str(message); /* none */
	rc = ce_message_end(message, err);
	const struct ce_bytes bytes = { (const unsigned char *)state, strlen(state) };
	return rc ? rc : supervisor->context->save_state(order->request, bytes, supervisor->context->context, err);
}

/* --- what is told --- */

static int
progress(struct ce_acme_supervisor *supervisor, struct ce_message *message, struct ce_buf *result,
	struct ce_error *err)
{
	(void)result;
	struct ce_acme_order_way *order = NULL;
	const char *told = NULL;
	int rc = ce_acme_the_order(supervisor, message, &order, err);
	if (!rc)
		rc = the_text(message, STEP_MAX, &told, err);
	if (rc)
		return rc;
	const char *more = ce_message_get_str(message);
	rc = ce_message_end(message, err);
	if (rc)
		return rc;
	char step[STEP_MAX + 1], text[512];
	ce_text_printable(step, sizeof(step), told);
	ce_text_printable(text, sizeof(text), more ? more : "");
	ce_issue_progress(supervisor->context, order->request, step, more ? text : NULL);
	return CE_OK;
}

static int
warn(struct ce_acme_supervisor *supervisor, struct ce_message *message, struct ce_buf *result, struct ce_error *err)
{
	(void)result;
	struct ce_acme_order_way *order = NULL;
	const char *told = NULL;
	char text[700];
	int rc = ce_acme_the_order(supervisor, message, &order, err);
	if (!rc)
		rc = the_text(message, CE_ERROR_TEXT_MAX, &told, err);
	if (!rc)
		rc = ce_message_end(message, err);
	if (rc)
		return rc;
	if (order->warnings++ >= WARNINGS_MAX)
		return CE_OK;
	ce_text_printable(text, sizeof(text), told);
	ce_log(CE_LOG_WARNING, "certificate '%s': %s", order->request->certificate->name, text);
	return CE_OK;
}

long long
ce_acme_within_reason(long long not_before)
{
	long long latest = ce_now() + NOT_BEFORE_MAX_S;
	return not_before < 0 ? 0 : not_before > latest ? latest : not_before;
}

static int
take_issued(struct ce_issue_request *request, struct ce_bytes chain, struct ce_error *err)
{
	int rc = ce_acme_pem_check(chain, err);
	if (rc)
		return ce_fail(err, CE_ERR_INVALID, "a certificate that is none: %s", err->text);
	request->outcome = CE_ISSUE_ISSUED;
	return ce_buf_add(&request->chain_pem, chain.data, chain.size, err);
}

static int
take_operator(struct ce_issue_request *request, const char *text, struct ce_error *err)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf printable = CE_BUF_INIT;
	int rc = ce_text_add_printable(&printable, text ? text : "", text ? strlen(text) : 0, false, err);
	if (rc)
		return rc;
	free(request->text);
	request->text = ce_buf_steal_text(&printable);
	request->outcome = CE_ISSUE_OPERATOR;
	return request->text ? CE_OK : ce_fail(err, CE_ERR_MEMORY, "out of memory");
}

int
ce_acme_take_refusal(long long class, long long code, const char *step, const char *text,
	enum ce_refusal *ret_refusal, struct ce_error *ret_why, struct ce_error *err)
{
	static const enum ce_refusal refusals[] = { [CE_ACME_INPUT] = CE_REFUSAL_INPUT,
		[CE_ACME_ENVIRONMENT] = CE_REFUSAL_ENVIRONMENT, [CE_ACME_CA] = CE_REFUSAL_CA, [CE_ACME_LIMIT] = CE_REFUSAL_LIMIT };
	if (class < CE_ACME_INPUT || class > CE_ACME_LIMIT)
		return ce_fail(err, CE_ERR_INVALID, "a refusal of unknown class");
	bool known = code <= CE_ERR_SYSTEM && code >= CE_ERR_WAIT;
	char printable[STEP_MAX];
	struct ce_error why = { 0 };
	ce_text_printable(printable, sizeof(printable), step ? step : "order");
	ce_error_step(&why, printable);
	(void)ce_fail(&why, known ? (int)code : CE_ERR_ISSUER, "%s", text && *text ? text : "the CA does not say why");
	*ret_refusal = refusals[class];
	*ret_why = why;
	return CE_OK;
}

static int
take_refused(struct ce_issue_request *request, long long class, long long code, const char *step, const char *text,
	struct ce_error *err)
{
	enum ce_refusal refusal = CE_REFUSAL_CA;
	struct ce_error why = { 0 };
	int rc = ce_acme_take_refusal(class, code, step, text, &refusal, &why, err);
	if (!rc)
		ce_issue_refuse(request, refusal, &why);
	return rc;
}

static int
outcome(struct ce_acme_supervisor *supervisor, struct ce_message *message, struct ce_buf *result, struct ce_error *err)
{
	(void)result;
	struct ce_acme_order_way *order = NULL;
	int rc = ce_acme_the_order(supervisor, message, &order, err);
	if (rc)
		return rc;
	long long kind = ce_message_get_int(message), class = ce_message_get_int(message);
	long long code = ce_message_get_int(message), not_before = ce_message_get_int(message);
	const char *step = ce_message_get_str(message), *text = ce_message_get_str(message);
	struct ce_bytes chain = ce_message_get_bytes(message);
	rc = ce_message_end(message, err);
	if (rc)
		return rc;
	struct ce_issue_request *request = order->request;
	request->not_before = ce_acme_within_reason(not_before);
	if (kind == CE_ACME_ISSUED)
		rc = take_issued(request, chain, err);
	else if (kind == CE_ACME_PENDING)
		request->outcome = CE_ISSUE_PENDING;
	else if (kind == CE_ACME_OPERATOR)
		rc = take_operator(request, text, err);
	else
		rc = take_refused(request, class, code, step, text, err);
	order->answered = rc == CE_OK;
	return rc;
}

static int
finish(struct ce_acme_supervisor *supervisor, struct ce_message *message, struct ce_buf *result, struct ce_error *err)
{
	(void)result;
	long long requests = ce_message_get_int(message);
	int rc = ce_message_end(message, err);
	if (rc)
		return rc;
	supervisor->done = true;
	ce_log(CE_LOG_DEBUG, "acme: %lld requests for %zu orders and %zu errands", requests,
		supervisor->order_count, supervisor->errand_count);
	return CE_OK;
}

/* --- the loop --- */

static const struct {
	int kind;
	bool answered;
	int (*take)(struct ce_acme_supervisor *supervisor, struct ce_message *message, struct ce_buf *result,
		struct ce_error *err);
} table[] = {
	{ CE_ACME_SIGN, true, sign },
	{ CE_ACME_BIND, true, bind_account },
	{ CE_ACME_SAVE_DIRECTORY, true, save_directory },
	{ CE_ACME_SAVE_ACCOUNT, true, save_account },
	{ CE_ACME_SAVE_STATE, true, save_state },
	{ CE_ACME_CSR, true, ce_acme_take_csr },
	{ CE_ACME_PRESENT, false, ce_acme_take_present },
	{ CE_ACME_DEPLOY, false, ce_acme_take_deploy },
	{ CE_ACME_CLEANUP, false, ce_acme_take_cleanup },
	{ CE_ACME_PROGRESS, false, progress },
	{ CE_ACME_WARNING, false, warn },
	{ CE_ACME_OUTCOME, false, outcome },
	{ CE_ACME_SIGN_OTHER, true, ce_acme_errand_sign },
	{ CE_ACME_ERRAND_DONE, false, ce_acme_errand_end },
	{ CE_ACME_DONE, false, finish },
};

static int
reply(struct ce_acme_supervisor *supervisor, int code, const struct ce_error *what, const struct ce_buf *result,
	struct ce_error *err)
{
	struct ce_message message = CE_MESSAGE_INIT(CE_ACME_REPLY);
	ce_message_put_int(&message, code);
	ce_message_put_str(&message, code < 0 ? what->text : NULL);
	ce_message_put_bytes(&message, ce_buf_bytes(result));
	int rc = ce_message_send(supervisor->helper.fd, &message, err);
	ce_message_release(&message);
	return rc;
}

static int
serve_one(struct ce_acme_supervisor *supervisor, struct ce_message *message, struct ce_error *err)
{
	for (size_t i = 0; i < CE_COUNT(table); i++) {
		if (table[i].kind != message->kind)
			continue;
		CE_CLEANUP(ce_buf_release) struct ce_buf result = CE_BUF_INIT;
		struct ce_error problem = { 0 };
		int rc = table[i].take(supervisor, message, &result, &problem);
		if (rc < 0 && (rc == CE_ERR_INVALID || !table[i].answered))
			return ce_fail(err, CE_ERR_INVALID, "the network process broke the protocol: %s", problem.text);
		/* What is ours to fail (a full disk) explains later why orders got no answer. */
		if (rc < 0 && rc != CE_ERR_REFUSED && !supervisor->failure.code)
			supervisor->failure = problem;
		return table[i].answered ? reply(supervisor, rc, &problem, &result, err) : CE_OK;
	}
	return ce_fail(err, CE_ERR_INVALID, "the network process broke the protocol: a message of kind %d", message->kind);
}

/* One wait for a message, or for what is done about challenges; CE_UNCHANGED: no message yet. */
static int
wait_once(struct ce_acme_supervisor *supervisor, struct ce_error *err)
{
	const struct ce_issue_context *context = supervisor->context;
	struct pollfd ready[1 + CE_PRESENTER_FDS_MAX] = { { .fd = supervisor->helper.fd, .events = POLLIN } };
	int wait_ms = GLANCE_MS;
	size_t count = ce_presenter_fds(&supervisor->presenter, ready + 1, CE_PRESENTER_FDS_MAX, &wait_ms);
	int found = ce_sys->poll(ready, 1 + count, wait_ms);
	if (context->interrupted && context->interrupted(context->context))
		return ce_fail(err, CE_ERR_TIMEOUT, "interrupted by a signal; the next run takes the order up again");
	if (found < 0 && errno != EINTR)
		return ce_fail_errno(err, errno, "wait for the network process");
	return found > 0 && ready[0].revents ? CE_OK : CE_UNCHANGED;
}

/* What was asked for is begun when nothing more is being asked, so that it is begun together. */
static int
work(struct ce_acme_supervisor *supervisor, struct ce_error *err)
{
	struct pollfd more = { .fd = supervisor->helper.fd, .events = POLLIN };
	long long now = ce_monotonic_ms();
	if (now < supervisor->worked_ms + TOGETHER_MS && ce_sys->poll(&more, 1, 0) > 0)
		return CE_OK;
	supervisor->worked_ms = now;
	ce_presenter_step(&supervisor->presenter);
	return ce_acme_tell_deployed(supervisor, err);
}

/* Waits for the next message, looking up now and then for a signal. */
static int
await_message(struct ce_acme_supervisor *supervisor, struct ce_error *err)
{
	long long until = ce_monotonic_ms() + SILENCE_MS;
	while (ce_monotonic_ms() < until) {
		int rc = work(supervisor, err);
		if (!rc)
			rc = wait_once(supervisor, err);
		if (rc != CE_UNCHANGED)
			return rc;
		if (ce_presenter_busy(&supervisor->presenter))
			until = ce_monotonic_ms() + SILENCE_MS; /* it waits for us */
	}
	return ce_fail(err, CE_ERR_TIMEOUT, "the network process said nothing for %d s", SILENCE_MS / 1000);
}

static int
serve_all(struct ce_acme_supervisor *supervisor, struct ce_error *err)
{
	long long until = ce_monotonic_ms() + DEADLINE_MS +
	                  DEADLINE_PER_ORDER_MS * (long long)(supervisor->order_count + supervisor->errand_count);
	while (!supervisor->done) {
		struct ce_message message = CE_MESSAGE_INIT(0);
		int rc = await_message(supervisor, err);
		if (!rc)
			rc = ce_message_receive(supervisor->helper.fd, SILENCE_MS, &message, err);
		if (!rc)
			rc = serve_one(supervisor, &message, err);
		ce_message_release(&message);
		if (rc == CE_ERR_NOT_FOUND)
			return ce_fail(err, CE_ERR_NETWORK, "the network process ended before it was done");
		if (rc)
			return rc;
		if (ce_monotonic_ms() > until)
			return ce_fail(err, CE_ERR_TIMEOUT, "the network process came to no end");
	}
	return CE_OK;
}

int
ce_acme_supervise(struct ce_acme_supervisor *supervisor, struct ce_error *err)
{
	struct ce_message begin = CE_MESSAGE_INIT(CE_ACME_BEGIN);
	int rc = ce_message_send(supervisor->helper.fd, &begin, err);
	ce_message_release(&begin);
	return rc ? rc : serve_all(supervisor, err);
}
