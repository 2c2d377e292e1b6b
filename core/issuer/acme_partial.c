/* A certificate for fewer names than were asked for, where the operator prefers that to none. */
#include <string.h>

#include "crypto/csr.h"
#include "crypto/digest.h"
#include "issuer/acme_own.h"

bool
ce_acme_is_partial(const struct ce_acme_issuer *issuer)
{
	return ce_option_bool(ce_acme_options, &issuer->config->settings, "drop_refused_names");
}

/* The rest of the names; CE_ERR_INVALID when something else is left out than some of them. */
static int
subtract(const struct ce_strlist *names, const struct ce_strlist *left_out, struct ce_strlist *ret_rest, struct ce_error *err)
{
	for (size_t i = 0; i < names->count; i++) {
		int rc = ce_strlist_has(left_out, names->items[i]) ? CE_OK : ce_strlist_add(ret_rest, names->items[i], err);
		if (rc)
			return rc;
	}
	if (ret_rest->count == 0 || left_out->count == 0 || ret_rest->count + left_out->count != names->count)
		return ce_fail(err, CE_ERR_INVALID, "a request for other names than those of the certificate");
	return CE_OK;
}

int
ce_acme_take_csr(struct ce_acme_supervisor *supervisor, struct ce_message *message, struct ce_buf *result, struct ce_error *err)
{
	struct ce_acme_order_way *order = NULL;
	CE_CLEANUP(ce_strlist_release) struct ce_strlist left_out = CE_STRLIST_INIT, rest = CE_STRLIST_INIT;
	CE_CLEANUP(ce_buf_release) struct ce_buf der = CE_BUF_INIT;
	int rc = ce_acme_the_order(supervisor, message, &order, err);
	if (!rc)
		rc = ce_message_get_list(message, CE_ACME_NAMES_MAX, &left_out, err);
	if (!rc)
		rc = ce_message_end(message, err);
	if (rc)
		return rc;
	struct ce_issue_request *request = order->request;
	if (!ce_acme_is_partial(&supervisor->issuers[order->issuer]))
		return ce_fail(err, CE_ERR_INVALID, "a request for fewer names, which is not configured");
	rc = subtract(&request->certificate->names, &left_out, &rest, err);
	if (!rc)
		rc = ce_csr_build(request->key, &rest, &request->certificate->subject, &der, err);
	if (!rc)
		rc = ce_base64url_add(result, ce_buf_bytes(&der), err);
	if (rc)
		return rc;
	ce_strlist_release(&request->left_out);
	request->left_out = left_out;
	left_out = (struct ce_strlist)CE_STRLIST_INIT;
	return CE_OK;
}
