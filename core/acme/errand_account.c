/* Errands about the account itself (RFC 8555 sections 7.3.2 and 7.3.6). */
#include <string.h>

#include "acme/account.h"
#include "acme/errand.h"

/* What of an account object is told: the key is known, and what else a CA adds means nothing to us. */
static json_t *
describe(const struct ce_acme_errand *errand, const json_t *object)
{
	const char *url = ce_acme_errand_account(errand);
	json_t *contact = json_object_get(object, "contact");
	json_t *told = json_pack("{s:s, s:s*, s:s*}", "url", url ? url : "", "status", ce_json_text(object, "status"), "orders",
		ce_json_text(object, "orders"));
	if (told && json_is_array(contact) && json_object_set(told, "contact", contact)) {
		json_decref(told);
		return NULL;
	}
	return told;
}

static void
take_account(const struct ce_acme_answer *answer, void *context)
{
	struct ce_acme_errand *errand = context;
	if (answer->code == CE_OK && answer->json)
		ce_acme_errand_done(errand, describe(errand, answer->json));
	else if (answer->code == CE_OK)
		ce_acme_errand_refuse(errand, CE_ACME_CA, CE_ERR_ISSUER, "the CA of issuer '%s' did not show its account",
			errand->session->job->name);
	else if (ce_acme_account_is_gone(answer))
		ce_acme_errand_refuse(errand, CE_ACME_INPUT, CE_ERR_ISSUER, CE_ACME_ACCOUNT_GONE, errand->session->job->name,
			answer->problem.text, errand->session->job->name);
	else
		ce_acme_errand_refuse_answer(errand, answer, "the account");
}

const char *
ce_acme_errand_account(const struct ce_acme_errand *errand)
{
	return errand->session->account ? errand->session->account : errand->job->url;
}

/* payload is taken over; NULL: POST-as-GET, since an update without members is refused by some. */
static void
post(struct ce_acme_errand *errand, json_t *payload)
{
	const char *url = ce_acme_errand_account(errand);
	if (!url) {
		json_decref(payload);
		ce_acme_errand_refuse(errand, CE_ACME_INPUT, CE_ERR_NOT_FOUND, "the account of issuer '%s' is not known",
			errand->session->job->name);
		return;
	}
	const struct ce_acme_post request = { .resource = -1, .url = url, .payload = payload, .repeatable = true };
	ce_acme_session_post(errand->session, &request, take_account, errand);
}

void
ce_acme_show_begin(struct ce_acme_errand *errand)
{
	post(errand, NULL);
}

/* An empty list takes all contacts back. */
void
ce_acme_update_begin(struct ce_acme_errand *errand)
{
	json_t *contact = ce_acme_contacts(&errand->job->list);
	json_t *payload = contact ? json_pack("{s:o}", "contact", contact) : NULL;
	if (payload)
		post(errand, payload);
	else
		ce_acme_errand_refuse(errand, CE_ACME_INPUT, CE_ERR_INVALID, "a contact of issuer '%s' is not UTF-8 text",
			errand->session->job->name);
}

void
ce_acme_deactivate_begin(struct ce_acme_errand *errand)
{
	post(errand, json_pack("{s:s}", "status", "deactivated"));
}
