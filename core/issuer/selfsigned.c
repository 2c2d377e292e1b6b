/* Certificates signed by their own key: for tests and for clients that pin. */
#include "base/sys.h"
#include "issuer/drivers.h"

static const struct ce_option options[] = {
	{ "days", CE_OPTION_INT, 0, "90", 1, 825, NULL, "lifetime of a certificate in days" },
	{ NULL, 0, 0, NULL, 0, 0, NULL, NULL },
};

static void
issue_one(struct ce_issue_request *request, const struct ce_issue_context *context)
{
	struct ce_error err = { 0 };
	ce_error_step(&err, "sign");
	ce_issue_progress(context, request, "sign", NULL);
	long long days = ce_option_int(options, &request->issuer->settings, "days");
	struct ce_certificate_template wanted;
	int code = ce_issue_template(request, ce_now(), days, &wanted, &err);
	if (code == CE_OK)
		code = ce_authority_self_sign(request->key, &wanted, &request->chain_pem, &err);
	if (code < 0)
		ce_issue_refuse(request, CE_REFUSAL_INPUT, &err);
	else
		request->outcome = CE_ISSUE_ISSUED;
}

static int
issue(struct ce_issue_request **requests, size_t count, const struct ce_issue_context *context, struct ce_error *err)
{
	(void)err;
	for (size_t i = 0; i < count; i++)
		issue_one(requests[i], context);
	return CE_OK;
}

const struct ce_issuer_driver ce_issuer_selfsigned = {
	.kind = "selfsigned",
	.unmetered = true,
	.summary = "each certificate is signed by its own key",
	.options = options,
	.issue = issue,
	.profiles = ce_issue_profiles,
};
