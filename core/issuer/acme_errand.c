/* Errands: what is asked of an ACME CA besides certificates. */
#include <string.h>

#include "base/text.h"
#include "crypto/ari.h"
#include "crypto/jws.h"
#include "issuer/acme_own.h"
#include "net/url.h"

static enum ce_acme_need
need_of(const struct ce_acme_errand_way *errand)
{
	static const enum ce_acme_need needs[CE_ACME_ERRAND_KINDS] = { [CE_ACME_DIRECTORY] = CE_ACME_NEED_DIRECTORY,
		[CE_ACME_RENEWAL_INFO] = CE_ACME_NEED_DIRECTORY, [CE_ACME_ACCOUNT_ROLLOVER] = CE_ACME_NEED_KEYS,
		[CE_ACME_ACCOUNT_SETTLE] = CE_ACME_NEED_KEYS };
	if (errand->job.kind == CE_ACME_REVOKE && errand->key)
		return CE_ACME_NEED_DIRECTORY;
	return needs[errand->job.kind] ? needs[errand->job.kind] : CE_ACME_NEED_ACCOUNT;
}

void
ce_acme_errand_way_release(struct ce_acme_errand_way *errand)
{
	free(errand->job.url);
	free(errand->job.text);
	ce_strlist_release(&errand->job.list);
	ce_buf_release(&errand->job.der);
	json_decrefp(&errand->result);
}

static void
answer(struct ce_acme_errand_way *errand, enum ce_refusal refusal, const struct ce_error *why)
{
	errand->answered = true;
	errand->refusal = refusal;
	errand->error = *why;
}

/* --- the batch --- */

int
ce_acme_errands_send(struct ce_acme_supervisor *supervisor, struct ce_error *err)
{
	int rc = CE_OK;
	for (size_t i = 0; i < supervisor->errand_count && !rc; i++) {
		struct ce_message message = CE_MESSAGE_INIT(CE_ACME_ERRAND);
		ce_acme_errand_put(&message, &supervisor->errands[i]->job);
		rc = ce_message_send(supervisor->helper.fd, &message, err);
		ce_message_release(&message);
	}
	return rc;
}

void
ce_acme_errands_refuse(struct ce_acme_supervisor *supervisor, const struct ce_error *why)
{
	for (size_t i = 0; i < supervisor->errand_count; i++)
		if (!supervisor->errands[i]->answered)
			answer(supervisor->errands[i], CE_REFUSAL_CA, supervisor->failure.code ? &supervisor->failure : why);
}

/* What the neediest errand needs, every issuer of the batch is loaded with. */
static enum ce_acme_need
most_needed(const struct ce_acme_errand_way *errands, size_t count)
{
	enum ce_acme_need need = CE_ACME_NEED_DIRECTORY;
	for (size_t i = 0; i < count; i++)
		if (need_of(&errands[i]) > need)
			need = need_of(&errands[i]);
	return need;
}

/* Takes up what can be tried; the rest is refused here. */
static int
gather(struct ce_acme_supervisor *supervisor, struct ce_acme_errand_way *errands, size_t count, struct ce_error *err)
{
	supervisor->issuers = calloc(count ? count : 1, sizeof(*supervisor->issuers));
	supervisor->errands = calloc(count ? count : 1, sizeof(*supervisor->errands));
	if (!supervisor->issuers || !supervisor->errands)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	enum ce_acme_need need = most_needed(errands, count);
	for (size_t i = 0; i < count; i++) {
		size_t number = ce_acme_supervisor_issuer(supervisor, errands[i].issuer, need);
		struct ce_acme_issuer *issuer = &supervisor->issuers[number];
		if (issuer->error.code) {
			answer(&errands[i], issuer->refusal, &issuer->error);
			continue;
		}
		errands[i].job.issuer = number;
		if (issuer->need >= CE_ACME_NEED_KEYS && issuer->url && !errands[i].job.url
		    && !(errands[i].job.url = strdup(issuer->url)))
			return ce_fail(err, CE_ERR_MEMORY, "out of memory");
		supervisor->errands[supervisor->errand_count++] = &errands[i];
		/* Who asks for the directory wants it as it is now. */
		if (errands[i].job.kind == CE_ACME_DIRECTORY)
			free(CE_STEAL(issuer->document));
	}
	return CE_OK;
}

int
ce_acme_errands_run(struct ce_acme_errand_way *errands, size_t count, const struct ce_issue_context *context,
	struct ce_error *err)
{
	struct ce_acme_supervisor supervisor = { .context = context, .helper = CE_HELPER_INIT };
	ce_presenter_init(&supervisor.presenter, context->store);
	int rc = gather(&supervisor, errands, count, err);
	if (!rc)
		rc = ce_acme_supervisor_run(&supervisor, err);
	ce_acme_supervisor_release(&supervisor);
	return rc;
}

/* --- what the network process asks and tells, checked as a stranger's --- */

static int
the_errand(struct ce_acme_supervisor *supervisor, struct ce_message *message, struct ce_acme_errand_way **ret_errand,
	struct ce_error *err)
{
	int64_t number = ce_message_get_int(message);
	if (number < 0 || (size_t)number >= supervisor->errand_count || supervisor->errands[number]->answered)
		return ce_fail(err, CE_ERR_INVALID, "a message about an errand that is not in the batch");
	*ret_errand = supervisor->errands[number];
	return CE_OK;
}

/* What the new key says of itself: whose it shall be, and which key it follows (RFC 8555 section 7.3.5). No word of it
 * comes from the network process. */
static int
sign_change(const struct ce_acme_issuer *issuer, const struct ce_key *next, const char *url, struct ce_buf *result,
	struct ce_error *err)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf old = CE_BUF_INIT;
	int rc = ce_jwk(issuer->key, &old, err);
	if (rc)
		return rc;
	json_t *change = json_pack("{s:s, s:o*}", "account", issuer->url, "oldKey", ce_json_object(ce_buf_bytes(&old)));
	CE_CLEANUP(ce_freep) char *payload = change ? ce_json_steal_text(change) : NULL;
	if (!payload)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	const struct ce_jws_request request = { .url = url, .payload = payload };
	return ce_jws_sign(next, &request, result, err);
}

int
ce_acme_errand_sign(struct ce_acme_supervisor *supervisor, struct ce_message *message, struct ce_buf *result,
	struct ce_error *err)
{
	struct ce_acme_errand_way *errand = NULL;
	int rc = the_errand(supervisor, message, &errand, err);
	if (rc)
		return rc;
	const char *url = ce_message_get_str(message), *nonce = ce_message_get_str(message);
	const char *payload = ce_message_get_str(message);
	rc = ce_message_end(message, err);
	if (!rc)
		rc = ce_url_check(url, true, err);
	if (rc)
		return rc;
	const struct ce_acme_issuer *issuer = &supervisor->issuers[errand->job.issuer];
	bool change = errand->job.kind == CE_ACME_ACCOUNT_ROLLOVER && !nonce && !payload && issuer->key && issuer->url;
	if (errand->key && change)
		return sign_change(issuer, errand->key, url, result, err);
	if (!errand->key || !nonce || !ce_name_is_token(nonce))
		return ce_fail(err, CE_ERR_INVALID, "a request to sign for an errand that has no key of its own");
	const struct ce_jws_request request = { .url = url, .nonce = nonce, .payload = payload };
	rc = ce_jws_sign(errand->key, &request, result, err);
	if (rc == CE_ERR_LIMIT || (!rc && result->size >= CE_ACME_REQUEST_MAX))
		return ce_fail(err, CE_ERR_REFUSED, "the request to the CA would be larger than %d bytes", CE_ACME_REQUEST_MAX);
	return rc;
}

static int
take_result(struct ce_acme_errand_way *errand, const char *text, struct ce_error *err)
{
	size_t size = text ? strlen(text) : 0;
	if (size == 0 || size > CE_ACME_RESULT_MAX)
		return ce_fail(err, CE_ERR_INVALID, "an errand's result is missing or too long");
	errand->result = ce_json_object((struct ce_bytes){ (const unsigned char *)text, size });
	if (!errand->result)
		return ce_fail(err, CE_ERR_INVALID, "an errand's result is no JSON object");
	errand->answered = true;
	return CE_OK;
}

int
ce_acme_errand_end(struct ce_acme_supervisor *supervisor, struct ce_message *message, struct ce_buf *result,
	struct ce_error *err)
{
	(void)result;
	struct ce_acme_errand_way *errand = NULL;
	int rc = the_errand(supervisor, message, &errand, err);
	if (rc)
		return rc;
	long long code = ce_message_get_int(message), class = ce_message_get_int(message);
	long long not_before = ce_message_get_int(message);
	const char *step = ce_message_get_str(message), *text = ce_message_get_str(message);
	const char *json = ce_message_get_str(message);
	rc = ce_message_end(message, err);
	if (rc)
		return rc;
	if (code == CE_OK)
		return take_result(errand, json, err);
	errand->not_before = ce_acme_within_reason(not_before);
	rc = ce_acme_take_refusal(class, code, step, text, &errand->refusal, &errand->error, err);
	errand->answered = rc == CE_OK;
	return rc;
}

/* --- renewal information --- */

static void
refuse_query(struct ce_renewal_query *query, const struct ce_error *why, bool passing)
{
	query->error = *why;
	query->code = why->code;
	query->passing = passing;
}

static int
make_query(struct ce_acme_errand_way *errand, struct ce_renewal_query *query, struct ce_error *err)
{
	*errand = (struct ce_acme_errand_way){ .issuer = query->issuer, .job = { .kind = CE_ACME_RENEWAL_INFO } };
	query->retry_after = -1;
	return ce_ari_cert_id(query->leaf_pem, &errand->job.text, err);
}

static void
take_window(struct ce_renewal_query *query, const struct ce_acme_errand_way *errand)
{
	if (errand->error.code) {
		refuse_query(query, &errand->error, errand->refusal == CE_REFUSAL_CA || errand->refusal == CE_REFUSAL_LIMIT);
		return;
	}
	const json_t *result = errand->result;
	const char *explanation = ce_json_text(result, "explanation");
	struct ce_error why = { 0 };
	query->start = json_integer_value(json_object_get(result, "start"));
	query->end = json_integer_value(json_object_get(result, "end"));
	query->retry_after = json_integer_value(json_object_get(result, "retry_after"));
	query->code = CE_OK;
	if (query->end <= query->start) {
		(void)ce_fail(&why, CE_ERR_INVALID, "the network process told no window");
		refuse_query(query, &why, false);
	} else if (explanation && !ce_url_check(explanation, false, &why)) {
		query->explanation = strdup(explanation);
	}
}

/* Queries that come to no errand are answered at once; the others keep their order. */
int
ce_acme_renewal_hints(struct ce_renewal_query *queries, size_t count, const struct ce_issue_context *context,
	struct ce_error *err)
{
	CE_CLEANUP(ce_freep) struct ce_acme_errand_way *errands = calloc(count ? count : 1, sizeof(*errands));
	CE_CLEANUP(ce_freep) size_t *whose = calloc(count ? count : 1, sizeof(*whose));
	size_t asked = 0;
	if (!errands || !whose)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	for (size_t i = 0; i < count; i++) {
		struct ce_error why = { 0 };
		if (make_query(&errands[asked], &queries[i], &why))
			refuse_query(&queries[i], &why, false);
		else
			whose[asked++] = i;
	}
	int rc = asked ? ce_acme_errands_run(errands, asked, context, err) : CE_OK;
	for (size_t i = 0; i < asked; i++) {
		if (!rc)
			take_window(&queries[whose[i]], &errands[i]);
		ce_acme_errand_way_release(&errands[i]);
	}
	return rc;
}
