#include "acme/account.h"

#include <string.h>

#include "base/text.h"
#include "net/url.h"

static void create(struct ce_acme_session *session);

static void
fail(struct ce_acme_session *session, enum ce_acme_kind kind, enum ce_acme_class class, const struct ce_error *err)
{
	const struct ce_acme_outcome outcome = { .kind = kind, .class = class, .code = err->code, .step = "account",
		.text = err->text };
	ce_acme_session_fail(session, &outcome);
}

bool
ce_acme_account_is_gone(const struct ce_acme_answer *answer)
{
	const char *type = answer->problem.type;
	return answer->code == CE_ERR_ISSUER && (!strcmp(type, "accountDoesNotExist")
	       || (!strcmp(type, "unauthorized") && (answer->status == 401 || answer->status == 403)));
}

/* Says no to everything that waits for the account; said is the CA's word for it. */
static void
give_up(struct ce_acme_session *session, const char *said)
{
	struct ce_error err = { 0 };
	(void)ce_fail(&err, CE_ERR_ISSUER, CE_ACME_ACCOUNT_GONE, session->job->name, said, session->job->name);
	fail(session, CE_ACME_REFUSED, CE_ACME_INPUT, &err);
}

/* Answers 201 (made) and 200 (it was there) are alike. */
static void
adopt(struct ce_acme_session *session, const struct ce_acme_answer *answer)
{
	struct ce_acme_run *run = session->run;
	struct ce_error err = { 0 };
	const char *url = ce_http_header(answer->http, "Location", 0), *status = ce_json_text(answer->json, "status");
	if (status && strcmp(status, "valid")) {
		char said[80];
		snprintf(said, sizeof(said), "its status there is '%.40s'", status);
		give_up(session, said);
		return;
	}
	if (ce_url_check(url, true, &err)) {
		err.code = CE_ERR_ISSUER;
		(void)ce_error_wrap(&err, "the CA of issuer '%s' did not tell the account's URL", session->job->name);
		fail(session, CE_ACME_REFUSED, CE_ACME_CA, &err);
		return;
	}
	free(session->account);
	session->account = strdup(url);
	int rc = run->keeper->save_account(run->keeper->context, session->index, url, session->directory.terms, &err);
	if (ce_acme_run_check(run, rc, &err))
		ce_acme_session_ready(session);
}

bool
ce_acme_account_wants_action(const struct ce_acme_answer *answer)
{
	const char *type = answer->problem.type;
	return answer->code == CE_ERR_ISSUER && (!strcmp(type, "userActionRequired") || !strcmp(type, "agreementRequired"));
}

void
ce_acme_account_call_operator(struct ce_acme_session *session, const struct ce_acme_answer *answer)
{
	CE_CLEANUP(ce_freep) char *link = ce_http_link(answer->http, "terms-of-service", 0);
	const char *terms = link ? link : session->directory.terms;
	struct ce_error err = { 0 };
	(void)ce_fail(&err, CE_ERR_WAIT, "the CA of issuer '%s' wants an action of yours: %s; terms of service: %.300s; %s",
		session->job->name, answer->problem.text, terms ? terms : "not named",
		answer->problem.instance[0] ? answer->problem.instance : "then run again");
	fail(session, CE_ACME_OPERATOR, CE_ACME_INPUT, &err);
}

/* "unauthorized" is the environment's fault for a name; for an account it is what was configured. */
static void
refuse_binding(struct ce_acme_session *session, const struct ce_acme_answer *answer)
{
	struct ce_acme_answer mine = *answer;
	mine.problem.class = CE_ACME_INPUT;
	ce_acme_session_refuse(session, "account", "the account with eab.kid and eab.hmac_key_file", &mine);
}

static void
take_account(const struct ce_acme_answer *answer, void *context)
{
	struct ce_acme_session *session = context;
	if (answer->code == CE_OK)
		adopt(session, answer);
	else if (ce_acme_account_wants_action(answer))
		ce_acme_account_call_operator(session, answer);
	else if (session->job->has_binding && (answer->status == 401 || answer->status == 403))
		refuse_binding(session, answer);
	else
		ce_acme_session_refuse(session, "account", "the account", answer);
}

static void
take_existing(const struct ce_acme_answer *answer, void *context)
{
	struct ce_acme_session *session = context;
	if (answer->code != CE_OK && !strcmp(answer->problem.type, "accountDoesNotExist"))
		create(session);
	else if (ce_acme_account_is_gone(answer))
		give_up(session, answer->problem.text);
	else
		take_account(answer, session);
}

static void
find(struct ce_acme_session *session)
{
	const struct ce_acme_post post = { .resource = CE_ACME_NEW_ACCOUNT, .by_key = true, .repeatable = true,
		.payload = json_pack("{s:b}", "onlyReturnExisting", 1) };
	ce_acme_session_post(session, &post, take_existing, session);
}

json_t *
ce_acme_contacts(const struct ce_strlist *contact)
{
	json_t *list = json_array();
	for (size_t i = 0; i < contact->count && list; i++) {
		const char *item = contact->items[i];
		json_t *text = strncmp(item, "mailto:", 7) ? json_pack("s+", "mailto:", item) : json_string(item);
		if (json_array_append_new(list, text)) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

/* The CA's key for us, over our key: only the keeper holds both. */
static json_t *
binding(struct ce_acme_session *session)
{
	struct ce_acme_run *run = session->run;
	struct ce_error err = { 0 };
	CE_CLEANUP(ce_buf_release) struct ce_buf text = CE_BUF_INIT;
	if (!session->job->has_binding)
		return NULL;
	int rc = run->keeper->bind(run->keeper->context, session->index, session->directory.urls[CE_ACME_NEW_ACCOUNT], &text,
		&err);
	if (!ce_acme_run_check(run, rc, &err))
		return NULL;
	return ce_json_object(ce_buf_bytes(&text));
}

static bool
may_create(struct ce_acme_session *session)
{
	struct ce_error err = { 0 };
	if (session->job->existing_only)
		(void)ce_fail(&err, CE_ERR_NOT_FOUND, "the CA of issuer '%s' has no account for the key that is kept here: the next "
			"'certengine apply' makes one", session->job->name);
	else if (session->directory.terms && !session->job->agree_to_terms)
		(void)ce_fail(&err, CE_ERR_CONFIG, "the CA of issuer '%s' makes an account only for those who agree to its terms of "
			"service, %.400s: read them and set agree_to_terms = true", session->job->name, session->directory.terms);
	else if (session->account_again && session->job->has_binding && !session->job->binding_is_new)
		(void)ce_fail(&err, CE_ERR_ISSUER, "the CA of issuer '%s' does not know the account any more, and what binds it to a "
			"customer is good for one account: ask the CA for new credentials and set eab.kid and eab.hmac_key_file",
			session->job->name);
	else if (session->directory.binding_required && !session->job->has_binding)
		(void)ce_fail(&err, CE_ERR_CONFIG, "the CA of issuer '%s' makes accounts only for its customers: set eab.kid and "
			"eab.hmac_key_file as the CA gave them", session->job->name);
	if (err.code)
		fail(session, CE_ACME_REFUSED, CE_ACME_INPUT, &err);
	return !err.code;
}

static void
create(struct ce_acme_session *session)
{
	if (!may_create(session))
		return;
	json_t *bound = binding(session);
	if (session->run->failure.code)
		return;
	const struct ce_strlist *list = &session->job->contact;
	json_t *payload = json_object(), *contact = list->count ? ce_acme_contacts(list) : NULL;
	/* What memory did not suffice for, the CA would miss and say so. */
	if (contact)
		(void)json_object_set_new(payload, "contact", contact);
	if (bound)
		(void)json_object_set_new(payload, "externalAccountBinding", bound);
	if (session->job->agree_to_terms)
		(void)json_object_set_new(payload, "termsOfServiceAgreed", json_true());
	const struct ce_acme_post post = { .resource = CE_ACME_NEW_ACCOUNT, .by_key = true, .repeatable = true,
		.payload = payload };
	ce_acme_session_post(session, &post, take_account, session);
}

void
ce_acme_account_begin(struct ce_acme_session *session)
{
	session->phase = CE_ACME_NEEDS_ACCOUNT;
	if (session->job->has_account && !session->account_again)
		ce_acme_session_ready(session);
	else if (session->job->key_is_new)
		create(session);
	else
		find(session);
}

void
ce_acme_account_renew(struct ce_acme_session *session)
{
	session->phase = CE_ACME_NEEDS_ACCOUNT;
	find(session);
}
