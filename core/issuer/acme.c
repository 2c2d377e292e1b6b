/* CAs that speak ACME (RFC 8555). This is the supervisor's side: it prepares what the network process
 * needs, holds the account keys, and cleans up whatever becomes of that process. */
#include <string.h>

#include "base/log.h"
#include "base/message.h"
#include "crypto/digest.h"
#include "crypto/jws.h"
#include "crypto/names.h"
#include "issuer/acme_own.h"
#include "net/net_agent.h"
#include "net/url.h"

#define STOP_MS 2000
static const char *const profile_modes[] = { "required", "preferred", NULL };

const struct ce_option ce_acme_options[] = {
	{ "directory", CE_OPTION_STRING, 1, NULL, 0, 0, NULL, "URL of the CA's directory, https" },
	{ "staging_directory", CE_OPTION_STRING, 0, NULL, 0, 0, NULL, "URL of the directory of its staging environment, for apply --staging" },
	{ "agree_to_terms", CE_OPTION_BOOL, 0, "false", 0, 0, NULL, "you read and agree to the CA's terms of service" },
	{ "contact", CE_OPTION_LIST, 0, NULL, 0, 0, NULL, "mail addresses that the CA may write to" },
	{ "ca_file", CE_OPTION_PATH, 0, NULL, 0, 0, NULL, "PEM file with the root that the CA's own server is trusted by" },
	{ "account_key", CE_OPTION_STRING, 0, "ec-p256", 0, 0, NULL, "kind of the account key, when it is made; or PKCS#11 URI of one" },
	{ "account_token", CE_OPTION_STRING, 0, NULL, 0, 0, NULL, "PKCS#11 URI of the token in which the account key is made" },
	{ "profile_mode", CE_OPTION_ENUM, 0, "required", 0, 0, profile_modes,
		"whether a certificate is issued without its profile where the CA has it not" },
	{ "names_max", CE_OPTION_INT, 0, "100", 1, CE_ACME_NAMES_MAX, NULL, "names that the CA takes in one certificate" },
	{ "limits.requests", CE_OPTION_STRING, 0, NULL, 0, 0, NULL, "requests at most, such as \"20/1s\"" },
	{ "limits.orders", CE_OPTION_STRING, 0, NULL, 0, 0, NULL, "orders of the account at most, such as \"300/3h\"" },
	{ "limits.certificates", CE_OPTION_STRING, 0, NULL, 0, 0, NULL, "certificates for a registered domain at most, such as \"50/7d\"" },
	{ "limits.identical", CE_OPTION_STRING, 0, NULL, 0, 0, NULL, "certificates for exactly the same names at most, such as \"5/7d\"" },
	{ "limits.failures", CE_OPTION_STRING, 0, NULL, 0, 0, NULL, "failed proofs of a name at most, such as \"5/1h\"" },
	{ "drop_refused_names", CE_OPTION_BOOL, 0, "false", 0, 0, NULL,
		"a certificate without the names that the CA refuses is better than none" },
	{ "days", CE_OPTION_INT, 0, NULL, 1, 3650, NULL, "lifetime to ask for in days, of a CA that lets one choose" },
	{ "preferred_chain", CE_OPTION_STRING, 0, NULL, 0, 0, NULL,
		"chain to take: common name of its root, or SHA-256 or key identifier of an issuer" },
	{ "language", CE_OPTION_STRING, 0, NULL, 0, 0, NULL, "language of the CA's messages, such as \"de\"; else the locale's" },
	{ "proxy", CE_OPTION_STRING, 0, NULL, 0, 0, NULL, "URL of the proxy that leads to the CA" },
	{ "interface", CE_OPTION_STRING, 0, NULL, 0, 0, NULL, "network interface or own address to reach the CA from" },
	{ "dns_servers", CE_OPTION_STRING, 0, NULL, 0, 0, NULL, "addresses of name servers for the CA's own name, by comma" },
	{ "client_certificate", CE_OPTION_PATH, 0, NULL, 0, 0, NULL, "PEM file shown to the CA's server, which asks for one" },
	{ "client_key", CE_OPTION_PATH, 0, NULL, 0, 0, NULL, "PEM file with the key of client_certificate" },
	{ "eab.kid", CE_OPTION_STRING, 0, NULL, 0, 0, NULL, "external account: its identifier at the CA" },
	{ "eab.hmac_key_file", CE_OPTION_PATH, 0, NULL, 0, 0, NULL, "external account: file with its key in base64url" },
	{ "eab.mac", CE_OPTION_ENUM, 0, "HS256", 0, 0, ce_jws_macs, "external account: what its key signs with" },
	{ "challenge.kind", CE_OPTION_ENUM, 0, "http-01", 0, 0, ce_acme_challenge_names, "how control of the names is proved" },
	{ "challenge.names", CE_OPTION_LIST, 0, NULL, 0, 0, NULL, "patterns of the names that are proved so; without it all" },
	{ "challenge.webroot", CE_OPTION_PATH, 0, NULL, 0, 0, NULL, "directory that a web server serves on port 80" },
	{ "challenge.port", CE_OPTION_INT, 0, NULL, 1, 65535, NULL, "port of the built-in server: 80, or 443 for tls-alpn-01" },
	{ "challenge.server", CE_OPTION_STRING, 0, NULL, 0, 0, NULL, "name server that takes dynamic updates, maybe with :PORT" },
	{ "challenge.tsig_key_file", CE_OPTION_PATH, 0, NULL, 0, 0, NULL, "file with the TSIG key for the updates" },
	{ "challenge.zone", CE_OPTION_STRING, 0, NULL, 0, 0, NULL, "zone that is written to; without it the DNS is asked" },
	{ "challenge.alias", CE_OPTION_STRING, 0, NULL, 0, 0, NULL, "name that is written to, in place of following CNAMEs" },
	{ "challenge.resolver", CE_OPTION_STRING, 0, NULL, 0, 0, NULL, "IPv4 address of the resolver that is asked, maybe with :PORT" },
	{ "challenge.ttl", CE_OPTION_INT, 0, "60", 1, 86400, NULL, "of the records that are written, in seconds" },
	{ "challenge.hook", CE_OPTION_PATH, 0, NULL, 0, 0, NULL, "program that puts responses in place" },
	{ "challenge.cleanup_hook", CE_OPTION_PATH, 0, NULL, 0, 0, NULL, "program that takes them away, for the dialect certbot" },
	{ "challenge.dialect", CE_OPTION_ENUM, 0, NULL, 0, 0, ce_hook_dialects, "how the hook is called" },
	{ "challenge.dnsapi", CE_OPTION_STRING, 0, NULL, 0, 0, NULL, "script of acme.sh that writes to the DNS, such as dns_cf" },
	{ "challenge.acme_sh", CE_OPTION_PATH, 0, "/root/.acme.sh", 0, 0, NULL, "directory where acme.sh is installed" },
	{ "challenge.environment_file", CE_OPTION_PATH, 0, NULL, 0, 0, NULL, "file of lines NAME=value for hook or dnsapi" },
	{ "challenge.timeout", CE_OPTION_INT, 0, "120", 1, 3600, NULL, "seconds that a program may take for one response" },
	{ "challenge.wait", CE_OPTION_INT, 0, "0", 0, 3600, NULL, "seconds from writing to the DNS to telling the CA" },
	{ "challenge.self_check", CE_OPTION_BOOL, 0, "false", 0, 0, NULL, "wait no longer than until the records can be seen" },
	{ NULL, 0, 0, NULL, 0, 0, NULL, NULL },
};

/* --- the configuration --- */

static int
complain(const struct ce_issuer_config *issuer, const char *option, struct ce_problems *problems, struct ce_error *err,
	const char *text)
{
	const struct ce_setting *setting = ce_settings_find(&issuer->settings, option);
	return ce_problems_add(problems, setting ? setting->file : issuer->settings.file,
		setting ? setting->line : issuer->settings.line, err, "issuer '%s': %s", issuer->name, text);
}

static int
check(const struct ce_issuer_config *issuer, struct ce_problems *problems, struct ce_error *err)
{
	const struct ce_settings *settings = &issuer->settings;
	const struct ce_setting *directory = ce_settings_find(settings, "directory");
	struct ce_error why = { 0 };
	int rc = CE_OK;
	if (directory && directory->kind == CE_SETTING_STRING && ce_url_check(directory->text, true, &why))
		rc = complain(issuer, "directory", problems, err, why.text);
	const struct ce_setting *staging = ce_settings_find(settings, "staging_directory");
	if (!rc && staging && staging->kind == CE_SETTING_STRING && ce_url_check(staging->text, true, &why))
		rc = complain(issuer, "staging_directory", problems, err, why.text);
	bool kid = ce_settings_find(settings, "eab.kid"), key = ce_settings_find(settings, "eab.hmac_key_file");
	if (!rc && kid != key)
		rc = complain(issuer, kid ? "eab.kid" : "eab.hmac_key_file", problems, err,
			"an external account needs both eab.kid and eab.hmac_key_file");
	struct ce_acme_complaint route = { 0 }, account = { 0 };
	if (!rc && ce_acme_account_check(issuer, &account))
		rc = complain(issuer, account.option, problems, err, account.why.text);
	if (!rc && ce_acme_route_check(issuer, &route))
		rc = complain(issuer, route.option, problems, err, route.why.text);
	if (!rc)
		rc = ce_ways_check(issuer, problems, err);
	if (!rc)
		rc = ce_acme_quota_check(issuer, problems, err);
	return rc ? rc : ce_acme_key_check(issuer, problems, err);
}

/* --- the batch --- */

static int
load(struct ce_acme_issuer *issuer, const struct ce_issue_context *context, struct ce_error *err)
{
	issuer->refusal = CE_REFUSAL_INPUT;
	int rc = ce_acme_issuer_load(issuer, err);
	if (!rc && issuer->need >= CE_ACME_NEED_ACCOUNT)
		rc = ce_acme_key_settle(issuer, context, err);
	return rc || issuer->need != CE_ACME_NEED_ORDERS ? rc : ce_ways_read(&issuer->config->settings, &issuer->ways, err);
}

size_t
ce_acme_supervisor_issuer(struct ce_acme_supervisor *supervisor, const struct ce_issuer_config *config,
	enum ce_acme_need need)
{
	for (size_t i = 0; i < supervisor->issuer_count; i++)
		if (supervisor->issuers[i].config == config)
			return i;
	struct ce_acme_issuer *issuer = &supervisor->issuers[supervisor->issuer_count];
	struct ce_error why = { 0 };
	issuer->config = config;
	issuer->store = supervisor->context->store;
	issuer->need = need;
	ce_error_step(&why, "account");
	if (load(issuer, supervisor->context, &why))
		issuer->error = why;
	return supervisor->issuer_count++;
}

static int
check_names(const struct ce_acme_issuer *issuer, const struct ce_issue_request *request, struct ce_error *err)
{
	ce_error_step(err, "order");
	return ce_acme_order_check_names(issuer, request->certificate, err);
}

static void
add_order(struct ce_acme_supervisor *supervisor, struct ce_issue_request *request, size_t number)
{
	struct ce_acme_issuer *issuer = &supervisor->issuers[number];
	struct ce_acme_order_way *order = &supervisor->orders[supervisor->order_count];
	struct ce_error why = { 0 };
	enum ce_refusal refusal;
	if (ce_acme_order_ways(supervisor, issuer, &request->certificate->names, &order->choices, &refusal, &why)) {
		ce_strlist_release(&order->choices);
		ce_issue_refuse(request, refusal, &why);
		return;
	}
	order->request = request;
	order->issuer = number;
	ce_presented_init(&supervisor->presenter, &order->presented, issuer->config->name, request->certificate->name,
		supervisor->order_count++);
}

/* Takes up what can be tried; the rest is refused here. */
static int
gather(struct ce_acme_supervisor *supervisor, struct ce_issue_request **requests, size_t count, struct ce_error *err)
{
	supervisor->issuers = calloc(count, sizeof(*supervisor->issuers));
	supervisor->orders = calloc(count, sizeof(*supervisor->orders));
	if (!supervisor->issuers || !supervisor->orders)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	for (size_t i = 0; i < count; i++) {
		struct ce_error why = { 0 };
		size_t number = ce_acme_supervisor_issuer(supervisor, requests[i]->issuer, CE_ACME_NEED_ORDERS);
		struct ce_acme_issuer *issuer = &supervisor->issuers[number];
		int admitted = CE_OK;
		if (issuer->error.code)
			ce_issue_refuse(requests[i], issuer->refusal, &issuer->error);
		else if (check_names(issuer, requests[i], &why))
			ce_issue_refuse(requests[i], CE_REFUSAL_INPUT, &why);
		else if ((admitted = ce_acme_quota_admit(issuer, requests[i], &why)) < 0)
			ce_issue_refuse(requests[i], CE_REFUSAL_ENVIRONMENT, &why);
		else if (admitted == CE_OK)
			add_order(supervisor, requests[i], number);
	}
	return CE_OK;
}

static int
send_issuer(struct ce_acme_supervisor *supervisor, const struct ce_acme_issuer *issuer, struct ce_error *err)
{
	/* A job that borrows: nothing of it is released. */
	const struct ce_settings *settings = &issuer->config->settings;
	const char *const *contact = ce_option_list(ce_acme_options, settings, "contact");
	struct ce_acme_issuer_job job = {
		.name = issuer->config->name,
		.directory = (char *)issuer->directory,
		.document = issuer->document,
		.thumbprint = issuer->thumbprint ? issuer->thumbprint : (char *)"",
		.terms = issuer->terms,
		.has_account = issuer->url != NULL,
		.key_is_new = issuer->key_is_new,
		.existing_only = issuer->need != CE_ACME_NEED_ORDERS,
		.agree_to_terms = ce_option_bool(ce_acme_options, settings, "agree_to_terms"),
		.has_binding = issuer->eab_kid != NULL,
		.binding_is_new = issuer->eab_kid && (!issuer->eab_kid_used || strcmp(issuer->eab_kid, issuer->eab_kid_used)),
		.way_count = issuer->ways.count,
		.contact = { (char **)contact, 0 },
		.trust = issuer->trust,
		.requests = (char *)ce_option_text(ce_acme_options, settings, "limits.requests"),
	};
	for (size_t i = 0; i < job.way_count; i++)
		job.ways[i] = (struct ce_acme_way_job){ issuer->ways.items[i].kind, issuer->ways.items[i].method != CE_WAY_BUILT_IN };
	ce_acme_route_put(issuer, &job);
	struct ce_message message = CE_MESSAGE_INIT(CE_ACME_ISSUER);
	ce_acme_issuer_put(&message, &job);
	int rc = ce_message_send(supervisor->helper.fd, &message, err);
	ce_message_release(&message);
	return rc;
}

static int
send_order(struct ce_acme_supervisor *supervisor, const struct ce_acme_order_way *order, struct ce_error *err)
{
	const struct ce_issue_request *request = order->request;
	CE_CLEANUP(ce_buf_release) struct ce_buf csr = CE_BUF_INIT, state = CE_BUF_INIT;
	int rc = ce_base64url_add(&csr, request->csr_der, err);
	if (!rc && request->state.size > 0)
		rc = ce_buf_add(&state, request->state.data, request->state.size, err);
	struct ce_acme_wishes wishes = { 0 };
	if (!rc)
		rc = ce_acme_order_wishes(&supervisor->issuers[order->issuer], request, &wishes, err);
	if (rc)
		return rc;
	CE_CLEANUP(ce_freep) char *replaces = wishes.replaces;
	const struct ce_acme_order_job job = { .issuer = order->issuer, .names = request->certificate->names,
		.choices = order->choices,
		.csr = (char *)ce_buf_text(&csr), .state = state.size ? (char *)ce_buf_text(&state) : NULL,
		.profile = request->certificate->profile, .replaces = replaces,
		.not_before = wishes.not_before[0] ? wishes.not_before : NULL,
		.not_after = wishes.not_after[0] ? wishes.not_after : NULL };
	struct ce_message message = CE_MESSAGE_INIT(CE_ACME_ORDER);
	ce_acme_order_put(&message, &job);
	rc = ce_message_send(supervisor->helper.fd, &message, err);
	ce_message_release(&message);
	return rc;
}

/* An issuer that could not be loaded has no order; it is sent all the same so that numbers agree. */
static int
send_batch(struct ce_acme_supervisor *supervisor, struct ce_error *err)
{
	int rc = CE_OK;
	for (size_t i = 0; i < supervisor->issuer_count && !rc; i++)
		rc = send_issuer(supervisor, &supervisor->issuers[i], err);
	for (size_t i = 0; i < supervisor->order_count && !rc; i++)
		rc = send_order(supervisor, &supervisor->orders[i], err);
	return rc ? rc : ce_acme_errands_send(supervisor, err);
}

/* --- the end --- */

void
ce_acme_supervisor_release(struct ce_acme_supervisor *supervisor)
{
	ce_acme_listeners_close(&supervisor->listeners);
	ce_acme_listeners_close(&supervisor->tls_listeners);
	ce_presenter_release(&supervisor->presenter);
	for (size_t i = 0; i < supervisor->order_count; i++)
		ce_strlist_release(&supervisor->orders[i].choices);
	for (size_t i = 0; i < supervisor->issuer_count; i++)
		ce_acme_issuer_release(&supervisor->issuers[i]);
	free(supervisor->issuers);
	free(supervisor->orders);
	free(supervisor->errands);
}

static void
refuse_unanswered(struct ce_acme_supervisor *supervisor, const struct ce_error *why)
{
	for (size_t i = 0; i < supervisor->order_count; i++) {
		struct ce_acme_order_way *order = &supervisor->orders[i];
		if (!order->answered)
			ce_issue_refuse(order->request, CE_REFUSAL_CA, supervisor->failure.code ? &supervisor->failure : why);
	}
}

static int
start(struct ce_acme_supervisor *supervisor, struct ce_error *err)
{
	const struct ce_acme_listeners *http = &supervisor->listeners, *tls = &supervisor->tls_listeners;
	int fds[CE_COUNT(http->fds) + CE_COUNT(tls->fds)];
	memcpy(fds, http->fds, http->count * sizeof(fds[0]));
	memcpy(fds + http->count, tls->fds, tls->count * sizeof(fds[0]));
	return ce_net_start(fds, http->count, tls->count, &supervisor->helper, err);
}

static void
count_failures(struct ce_acme_supervisor *supervisor)
{
	for (size_t i = 0; i < supervisor->order_count; i++)
		ce_acme_quota_failed(&supervisor->issuers[supervisor->orders[i].issuer], supervisor->orders[i].request);
	for (size_t i = 0; i < supervisor->issuer_count; i++) {
		struct ce_error err = { 0 };
		if (ce_acme_quota_save(&supervisor->issuers[i], &err) < 0)
			ce_log(CE_LOG_WARNING, "what was asked of issuer '%s' is not counted: %s", supervisor->issuers[i].config->name, err.text);
	}
}

int
ce_acme_supervisor_run(struct ce_acme_supervisor *supervisor, struct ce_error *err)
{
	if (supervisor->order_count + supervisor->errand_count == 0)
		return CE_OK;
	/* Counted before it is asked: a run that is killed may have ordered. */
	for (size_t i = 0; i < supervisor->issuer_count; i++) {
		int kept = ce_acme_quota_save(&supervisor->issuers[i], err);
		if (kept)
			return kept;
	}
	ce_acme_remove_left(supervisor);
	int rc = start(supervisor, err);
	if (rc)
		return rc;
	struct ce_error why = { 0 };
	ce_error_step(&why, supervisor->order_count ? "order" : "network");
	rc = send_batch(supervisor, &why);
	if (!rc)
		rc = ce_acme_supervise(supervisor, &why);
	ce_helper_stop(&supervisor->helper, rc ? 0 : STOP_MS);
	if (!rc)
		(void)ce_fail(&why, CE_ERR_NETWORK, "the network process gave no answer");
	refuse_unanswered(supervisor, &why);
	ce_acme_errands_refuse(supervisor, &why);
	count_failures(supervisor);
	ce_acme_remove_presented(supervisor);
	return CE_OK;
}

static int
issue(struct ce_issue_request **requests, size_t count, const struct ce_issue_context *context, struct ce_error *err)
{
	struct ce_acme_supervisor supervisor = { .context = context, .helper = CE_HELPER_INIT };
	ce_presenter_init(&supervisor.presenter, context->store);
	int rc = gather(&supervisor, requests, count, err);
	if (!rc)
		rc = ce_acme_supervisor_run(&supervisor, err);
	ce_acme_supervisor_release(&supervisor);
	return rc;
}

const struct ce_issuer_driver ce_issuer_acme = {
	.kind = "acme",
	.summary = "a CA that speaks ACME, such as Let's Encrypt",
	.options = ce_acme_options,
	.check = check,
	.issue = issue,
	.staging = ce_acme_staging,
	.anchors = NULL,
	.renewal_hints = ce_acme_renewal_hints,
	.info = ce_acme_info,
	.account = ce_acme_account,
	.revoke = ce_acme_revoke,
	.orders_names = true,
};
