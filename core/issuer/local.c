/* The embedded private CA: one key and one root certificate per issuer, made when first needed and kept
 * in the store. It works offline and at once. */
#include <stdio.h>
#include <string.h>

#include "base/sys.h"
#include "base/text.h"
#include "issuer/drivers.h"

#define DAY_S 86400LL
#define ROOT_DAYS 3650LL
#define BACKDATE_S 3600LL
#define COMMON_NAME_MAX 64 /* ub-common-name, RFC 5280 appendix A.1 */

/* Records in the store. */
#define RECORD_KEY "ca.key"
#define RECORD_ROOT "ca.pem"
#define RECORD_CRL "ca.crl"

static const struct ce_option options[] = {
	{ "days", CE_OPTION_INT, 0, "90", 1, 825, NULL, "lifetime of a certificate in days" },
	{ "common_name", CE_OPTION_STRING, 0, NULL, 0, 0, NULL,
		"common name of the CA's own certificate, used when it is made" },
	{ "key", CE_OPTION_ENUM, 0, "ec-p256", 0, 0, ce_key_kinds, "kind of the CA's own key, used when it is made" },
	{ NULL, 0, 0, NULL, 0, 0, NULL, NULL },
};

static int
check(const struct ce_issuer_config *issuer, struct ce_problems *problems, struct ce_error *err)
{
	const struct ce_setting *name = ce_settings_find(&issuer->settings, "common_name");
	if (!name || name->kind != CE_SETTING_STRING)
		return CE_OK;
	size_t size = strlen(name->text);
	if (size >= 1 && size <= COMMON_NAME_MAX)
		return CE_OK;
	return ce_problems_add(problems, name->file, name->line, err,
		"common_name of issuer '%s' has %zu bytes; 1 to %d are allowed", issuer->name, size, COMMON_NAME_MAX);
}

/* The CA of one issuer, loaded. */
struct authority {
	const struct ce_issuer_config *issuer;
	struct ce_key *key;
	struct ce_buf root_pem;
	struct ce_facts root;
};

static void
authority_release(struct authority *authority)
{
	ce_keyp(&authority->key);
	ce_buf_release(&authority->root_pem);
	ce_facts_release(&authority->root);
	*authority = (struct authority){ 0 };
}

static int
make_key(struct ce_store *store, const struct ce_issuer_config *issuer, struct ce_key **ret_key, struct ce_error *err)
{
	CE_CLEANUP(ce_keyp) struct ce_key *key = NULL;
	int code = ce_key_generate(ce_option_text(options, &issuer->settings, "key"), &key, err);
	if (code < 0)
		return code;
	CE_CLEANUP(ce_buf_release) struct ce_buf pem = CE_BUF_SECRET;
	code = ce_key_to_pem(key, &pem, err);
	if (code < 0)
		return code;
	code = ce_store_issuer_put(store, issuer->name, RECORD_KEY, ce_buf_bytes(&pem), err);
	if (code < 0)
		return code;

	*ret_key = CE_STEAL(key);
	return CE_OK;
}

static int
read_key(struct ce_store *store, const struct ce_issuer_config *issuer, struct ce_key **ret_key, struct ce_error *err)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf pem = CE_BUF_SECRET;
	int code = ce_store_issuer_get(store, issuer->name, RECORD_KEY, &pem, err);
	if (code < 0)
		return code;
	code = ce_key_from_pem(ce_buf_bytes(&pem), ret_key, err);
	return code < 0 ? ce_error_wrap(err, "record '%s' of issuer '%s'", RECORD_KEY, issuer->name) : code;
}

/* A root that is there without its key must not get a second key: clients trust the root they know. */
static int
load_key(struct ce_store *store, struct authority *authority, struct ce_error *err)
{
	const struct ce_issuer_config *issuer = authority->issuer;
	int code = read_key(store, issuer, &authority->key, err);
	if (code != CE_ERR_NOT_FOUND)
		return code;

	CE_CLEANUP(ce_buf_release) struct ce_buf root = CE_BUF_INIT;
	code = ce_store_issuer_get(store, issuer->name, RECORD_ROOT, &root, err);
	if (code >= 0)
		return ce_fail(err, CE_ERR_REFUSED,
			"the CA key of issuer '%s' is gone while its certificate is there; put record '%s' back from a backup, "
			"or remove record '%s' to begin a new CA", issuer->name, RECORD_KEY, RECORD_ROOT);
	if (code != CE_ERR_NOT_FOUND)
		return code;
	ce_error_forget(err);
	return make_key(store, issuer, &authority->key, err);
}

/* Two CAs of the same configured name must not look alike to a trust store, so the default name carries the key. */
static int
root_name(const struct authority *authority, char out[COMMON_NAME_MAX + 1], struct ce_error *err)
{
	const char *wanted = ce_option_text(options, &authority->issuer->settings, "common_name");
	if (wanted) {
		snprintf(out, COMMON_NAME_MAX + 1, "%s", wanted);
		return CE_OK;
	}
	char key_id[65];
	int code = ce_key_id(authority->key, key_id, err);
	if (code < 0)
		return code;
	snprintf(out, COMMON_NAME_MAX + 1, "certengine CA %.40s %.8s", authority->issuer->name, key_id);
	return CE_OK;
}

static int
make_root(struct ce_store *store, struct authority *authority, struct ce_error *err)
{
	char name[COMMON_NAME_MAX + 1];
	int code = root_name(authority, name, err);
	if (code < 0)
		return code;
	long long now = ce_now();
	code = ce_authority_create(authority->key, name, now - BACKDATE_S, now + ROOT_DAYS * DAY_S, &authority->root_pem, err);
	if (code < 0)
		return code;
	return ce_store_issuer_put(store, authority->issuer->name, RECORD_ROOT, ce_buf_bytes(&authority->root_pem), err);
}

static int
load_root(struct ce_store *store, struct authority *authority, struct ce_error *err)
{
	const struct ce_issuer_config *issuer = authority->issuer;
	int code = ce_store_issuer_get(store, issuer->name, RECORD_ROOT, &authority->root_pem, err);
	if (code == CE_ERR_NOT_FOUND) {
		ce_error_forget(err);
		code = make_root(store, authority, err);
	}
	if (code < 0)
		return code;
	code = ce_facts_read(ce_buf_bytes(&authority->root_pem), &authority->root, err);
	if (code < 0)
		return ce_error_wrap(err, "record '%s' of issuer '%s'", RECORD_ROOT, issuer->name);

	char key_id[65];
	code = ce_key_id(authority->key, key_id, err);
	if (code < 0)
		return code;
	if (strcmp(key_id, authority->root.key_id) != 0)
		return ce_fail(err, CE_ERR_INVALID, "records '%s' and '%s' of issuer '%s' do not belong together; "
			"put both back from one backup", RECORD_KEY, RECORD_ROOT, issuer->name);
	return CE_OK;
}

/* An empty CRL, as long as nothing can be revoked; it is as old as the root and lasts as long. */
static int
ensure_crl(struct ce_store *store, const struct authority *authority, struct ce_error *err)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf crl = CE_BUF_INIT;
	int code = ce_store_issuer_get(store, authority->issuer->name, RECORD_CRL, &crl, err);
	if (code != CE_ERR_NOT_FOUND)
		return code;
	ce_error_forget(err);
	code = ce_authority_crl(authority->key, ce_buf_bytes(&authority->root_pem), NULL, 0, 1, authority->root.not_before,
		authority->root.not_after, &crl, err);
	if (code < 0)
		return code;
	return ce_store_issuer_put(store, authority->issuer->name, RECORD_CRL, ce_buf_bytes(&crl), err);
}

/* Each piece is made when it is missing, so a run that was killed between two of them is completed here. */
static int
load_authority(struct ce_store *store, const struct ce_issuer_config *issuer, struct authority *authority,
	struct ce_error *err)
{
	authority_release(authority);
	authority->issuer = issuer;
	int code = load_key(store, authority, err);
	if (code >= 0)
		code = load_root(store, authority, err);
	if (code >= 0)
		code = ensure_crl(store, authority, err);
	if (code < 0)
		authority_release(authority);
	return code;
}

/* No leaf outlives its root: clients would refuse it from that day on. */
static int
fit_into_root(const struct authority *authority, struct ce_issue_request *request,
	const struct ce_issue_context *context, struct ce_certificate_template *wanted, struct ce_error *err)
{
	const struct ce_facts *root = &authority->root;
	char until[21];
	ce_text_time(until, root->not_after);
	if (wanted->not_before < root->not_before)
		wanted->not_before = root->not_before;
	if (wanted->not_after <= root->not_after)
		return CE_OK;
	if (ce_now() + DAY_S > root->not_after)
		return ce_fail(err, CE_ERR_ISSUER, "the CA certificate of issuer '%s' ends at %s; remove its records '%s', '%s' "
			"and '%s' from the state directory to begin a new CA, and let clients trust that one", authority->issuer->name,
			until, RECORD_KEY, RECORD_ROOT, RECORD_CRL);

	wanted->not_after = root->not_after;
	char text[128];
	snprintf(text, sizeof(text), "the certificate ends at %s, when the CA's own certificate ends", until);
	ce_issue_progress(context, request, "sign", text);
	return CE_OK;
}

static int
sign(const struct authority *authority, struct ce_issue_request *request, const struct ce_issue_context *context,
	struct ce_error *err)
{
	long long days = ce_option_int(options, &request->issuer->settings, "days");
	struct ce_certificate_template wanted = ce_issue_template(request, ce_now(), days);
	int code = fit_into_root(authority, request, context, &wanted, err);
	if (code < 0)
		return code;

	/* The root goes along, so that whoever accepts the chain sees the leaf signed. */
	CE_CLEANUP(ce_buf_release) struct ce_buf chain = CE_BUF_INIT;
	code = ce_authority_issue(authority->key, ce_buf_bytes(&authority->root_pem), request->csr_der, &wanted, &chain, err);
	if (code < 0)
		return code;
	code = ce_buf_add(&chain, authority->root_pem.data, authority->root_pem.size, err);
	if (code < 0)
		return code;

	ce_buf_release(&request->chain_pem);
	request->chain_pem = chain;
	chain = (struct ce_buf)CE_BUF_INIT;
	return CE_OK;
}

static int
issue(struct ce_issue_request **requests, size_t count, const struct ce_issue_context *context, struct ce_error *err)
{
	(void)err;
	CE_CLEANUP(authority_release) struct authority authority = { 0 };
	for (size_t i = 0; i < count; i++) {
		struct ce_issue_request *request = requests[i];
		struct ce_error why = { 0 };
		ce_error_step(&why, "sign");
		ce_issue_progress(context, request, "sign", NULL);
		int code = CE_OK;
		if (authority.issuer != request->issuer)
			code = load_authority(context->store, request->issuer, &authority, &why);
		if (code < 0) {
			ce_issue_refuse(request, CE_REFUSAL_ENVIRONMENT, &why);
			continue;
		}
		code = sign(&authority, request, context, &why);
		if (code < 0)
			ce_issue_refuse(request, code == CE_ERR_ISSUER ? CE_REFUSAL_CA : CE_REFUSAL_INPUT, &why);
		else
			request->outcome = CE_ISSUE_ISSUED;
	}
	return CE_OK;
}

static int
anchors(const struct ce_issuer_config *issuer, struct ce_store *store, struct ce_buf *ret_pem, struct ce_error *err)
{
	return ce_store_issuer_get(store, issuer->name, RECORD_ROOT, ret_pem, err);
}

const struct ce_issuer_driver ce_issuer_local = {
	.kind = "local",
	.summary = "an embedded private CA: works offline and at once",
	.options = options,
	.check = check,
	.issue = issue,
	.anchors = anchors,
};
