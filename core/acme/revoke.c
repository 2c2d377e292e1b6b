/* Revocation (RFC 8555 section 7.6), by the account or by the certificate's own key. */
#include <stdlib.h>
#include <string.h>

#include "acme/errand.h"
#include "crypto/digest.h"

static void
take(const struct ce_acme_answer *answer, void *context)
{
	struct ce_acme_errand *errand = context;
	const char *type = answer->problem.type, *name = errand->session->job->name;
	bool refused = answer->code == CE_ERR_ISSUER;
	if (answer->code == CE_OK)
		ce_acme_errand_done(errand, json_pack("{s:b}", "already", 0));
	else if (refused && !strcmp(type, "alreadyRevoked"))
		ce_acme_errand_done(errand, json_pack("{s:b}", "already", 1));
	else if (refused && !strcmp(type, "badRevocationReason"))
		ce_acme_errand_refuse(errand, CE_ACME_INPUT, CE_ERR_ISSUER,
			"the CA of issuer '%s' does not take this reason: %.500s; give another one, or none", name, answer->problem.text);
	else if (refused && !strcmp(type, "unauthorized") && !errand->job->own_key)
		ce_acme_errand_refuse(errand, CE_ACME_INPUT, CE_ERR_ISSUER, "the account of issuer '%s' may not revoke it: %.500s; "
			"try --with-certificate-key", name, answer->problem.text);
	else
		ce_acme_errand_refuse_answer(errand, answer, "the revocation by the CA");
}

static json_t *
payload_of(const struct ce_acme_errand_job *job)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf certificate = CE_BUF_INIT;
	struct ce_error ignored = { 0 };
	if (ce_base64url_add(&certificate, ce_buf_bytes(&job->der), &ignored))
		return NULL;
	json_t *payload = json_pack("{s:s}", "certificate", ce_buf_text(&certificate));
	if (payload && job->text && json_object_set_new(payload, "reason", json_integer(strtol(job->text, NULL, 10)))) {
		json_decref(payload);
		return NULL;
	}
	return payload;
}

void
ce_acme_revoke_begin(struct ce_acme_errand *errand)
{
	const struct ce_acme_errand_job *job = errand->job;
	json_t *payload = payload_of(job);
	if (!errand->session->directory.urls[CE_ACME_REVOKE_CERT]) {
		json_decref(payload);
		ce_acme_errand_refuse(errand, CE_ACME_INPUT, CE_ERR_NOT_FOUND, "the CA of issuer '%s' does not revoke",
			errand->session->job->name);
	} else if (!payload) {
		ce_acme_errand_refuse(errand, CE_ACME_INPUT, CE_ERR_MEMORY, "out of memory");
	} else {
		const struct ce_acme_post post = { .resource = CE_ACME_REVOKE_CERT, .payload = payload, .repeatable = true,
			.by_key = job->own_key, .other = job->own_key ? errand->index + 1 : 0 };
		ce_acme_session_post(errand->session, &post, take, errand);
	}
}
