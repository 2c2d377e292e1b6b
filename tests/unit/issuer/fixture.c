#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/sys.h"
#include "crypto/digest.h"
#include "suites.h"

static void
must(int code, const struct ce_error *err)
{
	if (code >= 0)
		return;
	fprintf(stderr, "fixture: %s\n", err->text);
	abort();
}

void
fixture_open(struct fixture *fixture, const char *issuers)
{
	static int number;
	struct ce_error err = { 0 };
	*fixture = (struct fixture){ 0 };
	must(ce_crypto_begin(&err), &err);
	snprintf(fixture->directory, sizeof(fixture->directory), "%s/store-%d", ce_test_directory(), ++number);

	char path[160];
	snprintf(path, sizeof(path), "%s/%d.conf", ce_test_directory(), number);
	FILE *file = fopen(path, "w");
	if (!file)
		abort();
	fprintf(file,
		"issuers: { %s };\n"
		"certificates: {\n"
		" shop: { issuer = \"house\"; names = [ \"shop.example.com\", \"192.0.2.7\", \"2001:db8::7\" ];\n"
		"         subject: { organization = \"Example\"; common_name = \"shop.example.com\"; }; };\n"
		" blog: { issuer = \"house\"; names = [ \"blog.example.com\" ]; };\n"
		"};\n", issuers);
	fclose(file);
	int code = ce_config_read(path, false, &fixture->config, &fixture->problems, &err);
	if (code != CE_ERR_CONFIG)
		must(code, &err);
	must(ce_store_open(fixture->directory, &fixture->store, &err), &err);
}

void
fixture_close(struct fixture *fixture)
{
	ce_store_close(fixture->store);
	ce_problems_release(&fixture->problems);
	ce_config_release(&fixture->config);
}

void
fixture_request(struct fixture *fixture, const char *certificate, struct request *ret_request)
{
	struct ce_error err = { 0 };
	const struct ce_certificate_config *config = ce_config_certificate(&fixture->config, certificate);
	*ret_request = (struct request){ 0 };
	must(ce_key_generate("ec-p256", &ret_request->key, &err), &err);
	must(ce_csr_build(ret_request->key, &config->names, &config->subject, &ret_request->csr, &err), &err);
	ret_request->request.certificate = config;
	ret_request->request.issuer = ce_config_issuer(&fixture->config, config->issuer);
	ret_request->request.key = ret_request->key;
	ret_request->request.csr_der = ce_buf_bytes(&ret_request->csr);
}

void
request_release(struct request *request)
{
	ce_issue_request_release(&request->request);
	ce_key_free(request->key);
	ce_buf_release(&request->csr);
}

static void
on_progress(struct ce_issue_request *request, const char *step, const char *text, void *context)
{
	(void)request;
	(void)step;
	struct fixture *fixture = context;
	if (text)
		snprintf(fixture->progress, sizeof(fixture->progress), "%s", text);
}

void
fixture_issue(struct fixture *fixture, struct request *request)
{
	struct ce_error err = { 0 };
	const struct ce_issue_context context = { .store = fixture->store, .progress = on_progress, .context = fixture };
	struct ce_issue_request *requests[] = { &request->request };
	must(ce_issuer_driver(request->request.issuer->kind)->issue(requests, 1, &context, &err), &err);
}

int
fixture_accept(const struct request *request, struct ce_bundle *ret_bundle, struct ce_error *err)
{
	const struct ce_chain_demands demands = {
		.key = request->key, .names = &request->request.certificate->names, .exact_names = true, .now = ce_now(),
	};
	ce_bundle_init(ret_bundle);
	return ce_chain_accept(ce_buf_bytes(&request->request.chain_pem), &demands, ret_bundle, err);
}
