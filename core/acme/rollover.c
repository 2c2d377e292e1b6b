/* Changing the account's key (RFC 8555 section 7.3.5). The new key is on disk before the first request; whenever
 * it is not certain which of the two the CA goes by, the CA is asked: by looking the account up with each. */
#include <string.h>

#include "acme/errand.h"

static void
tell_live(struct ce_acme_errand *errand, const char *which)
{
	ce_acme_errand_done(errand, json_pack("{s:s}", "live", which));
}

/* The key that the CA would have to take belongs to another account there. */
static void
refuse_conflict(struct ce_acme_errand *errand, const struct ce_acme_answer *answer)
{
	const char *other = ce_http_header(answer->http, "Location", 0);
	ce_acme_errand_refuse(errand, CE_ACME_INPUT, CE_ERR_ISSUER,
		"the CA of issuer '%s' has the new key for another account already, %.300s: run it again with another key",
		errand->session->job->name, other ? other : "which it does not name");
}

static void
refuse_unsettled(struct ce_acme_errand *errand, const struct ce_acme_answer *answer)
{
	struct ce_acme_answer mine = *answer;
	if (mine.problem.class != CE_ACME_LIMIT)
		mine.problem.class = CE_ACME_CA;
	ce_acme_errand_refuse_answer(errand, &mine,
		"the change of the account key is not settled, the next run finds out which key is live; looking it up at the CA");
}

/* --- which key is live --- */

static bool
is_unknown(const struct ce_acme_answer *answer)
{
	return answer->code == CE_ERR_ISSUER && !strcmp(answer->problem.type, "accountDoesNotExist");
}

static void
look_up(struct ce_acme_errand *errand, bool new, ce_acme_done done)
{
	const struct ce_acme_post post = { .resource = CE_ACME_NEW_ACCOUNT, .by_key = true, .repeatable = true,
		.other = new ? errand->index + 1 : 0, .payload = json_pack("{s:b}", "onlyReturnExisting", 1) };
	ce_acme_session_post(errand->session, &post, done, errand);
}

static void
take_old(const struct ce_acme_answer *answer, void *context)
{
	struct ce_acme_errand *errand = context;
	if (answer->code == CE_OK)
		tell_live(errand, "old");
	else if (is_unknown(answer))
		ce_acme_errand_refuse(errand, CE_ACME_INPUT, CE_ERR_ISSUER, "the CA of issuer '%s' knows the account by neither its old "
			"nor its new key: 'certengine account new %s' makes another", errand->session->job->name,
			errand->session->job->name);
	else
		refuse_unsettled(errand, answer);
}

static void
take_new(const struct ce_acme_answer *answer, void *context)
{
	struct ce_acme_errand *errand = context;
	const char *known = errand->job->url;
	const char *url = answer->code == CE_OK ? ce_http_header(answer->http, "Location", 0) : NULL;
	if (answer->code == CE_OK && known && url && strcmp(url, known))
		refuse_conflict(errand, answer);
	else if (answer->code == CE_OK)
		tell_live(errand, "new");
	else if (is_unknown(answer))
		look_up(errand, false, take_old);
	else
		refuse_unsettled(errand, answer);
}

void
ce_acme_settle_begin(struct ce_acme_errand *errand)
{
	look_up(errand, true, take_new);
}

/* --- the change --- */

/* The class tells the supervisor whether it is certain that the key stays: input, and only then. */
static void
refuse_change(struct ce_acme_errand *errand, const struct ce_acme_answer *answer)
{
	struct ce_acme_answer mine = *answer;
	mine.problem.class = CE_ACME_INPUT;
	ce_acme_errand_refuse_answer(errand, &mine, "the new account key at the CA");
}

/* A lost answer, or a CA that failed over it, leaves open what became of the key; 501 is a plain no. */
static void
take_change(const struct ce_acme_answer *answer, void *context)
{
	struct ce_acme_errand *errand = context;
	if (answer->code == CE_OK)
		tell_live(errand, "new");
	else if (answer->code != CE_ERR_ISSUER || (answer->status >= 500 && answer->status != 501))
		look_up(errand, true, take_new);
	else if (answer->status == 409)
		refuse_conflict(errand, answer);
	else
		refuse_change(errand, answer);
}

/* The new key signs the inner object, which the keeper writes: it names the account and the old key. */
void
ce_acme_rollover_begin(struct ce_acme_errand *errand)
{
	struct ce_acme_session *session = errand->session;
	struct ce_acme_run *run = errand->run;
	const char *url = session->directory.urls[CE_ACME_KEY_CHANGE];
	if (!url) {
		ce_acme_errand_refuse(errand, CE_ACME_INPUT, CE_ERR_NOT_FOUND, "the CA of issuer '%s' does not change account keys",
			session->job->name);
		return;
	}
	CE_CLEANUP(ce_buf_release) struct ce_buf inner = CE_BUF_INIT;
	struct ce_error err = { 0 };
	const struct ce_acme_signing what = { .url = url, .by_key = true };
	int rc = run->keeper->sign_other(run->keeper->context, errand->index, &what, &inner, &err);
	if (!ce_acme_run_check(run, rc, &err))
		return;
	/* Never sent a second time blindly: the first may have done it. */
	const struct ce_acme_post post = { .resource = CE_ACME_KEY_CHANGE, .once = true, .payload = ce_json_object(ce_buf_bytes(&inner)) };
	ce_acme_session_post(session, &post, take_change, errand);
}
