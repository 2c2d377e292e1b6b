/* acme-run CONFIGURATION STORE [again]: asks the acme issuers of a configuration for all its certificates, once,
 * as the engine would, and prints what came of each:
 *
 *     CERTIFICATE issued PEM-FILE
 *     CERTIFICATE pending SECONDS
 *     CERTIFICATE operator TEXT
 *     CERTIFICATE refused CLASS SECONDS STEP: TEXT
 *
 * SECONDS is how long from now nothing shall be tried. What the driver logs goes to standard error. The
 * store keeps keys, states and accounts, so that a second run goes on where the first one stopped. With "again"
 * each certificate is to replace the one that an earlier run issued. */
#include <stdio.h>
#include <string.h>

#include "base/dirs.h"
#include "base/file.h"
#include "base/log.h"
#include "base/sys.h"
#include "crypto/csr.h"
#include "crypto/digest.h"
#include "issuer/drivers.h"

struct way {
	struct ce_issue_request request; /* first: the driver gives it back */
	struct ce_store *store;
	struct ce_key *key;
	struct ce_buf csr, state, live;
};

static void
show_log(int level, const char *line, void *context)
{
	(void)level;
	(void)context;
	fprintf(stderr, "log: %s\n", line);
}

static int
save_state(struct ce_issue_request *request, struct ce_bytes state, void *context, struct ce_error *err)
{
	(void)context;
	struct way *way = (struct way *)request;
	return ce_store_pending_state(way->store, request->certificate->name, state, err);
}

static void
progress(struct ce_issue_request *request, const char *step, const char *text, void *context)
{
	(void)context;
	fprintf(stderr, "progress: %s %s %s\n", request->certificate->name, step, text ? text : "");
}

static int
begin(struct way *way, struct ce_error *err)
{
	const struct ce_certificate_config *config = way->request.certificate;
	CE_CLEANUP(ce_buf_release) struct ce_buf pem = CE_BUF_SECRET;
	int rc = ce_store_pending(way->store, config->name, &pem, &way->csr, &way->state, err);
	if (rc == CE_OK)
		return ce_key_from_pem(ce_buf_bytes(&pem), &way->key, err);
	rc = ce_key_generate(config->key, &way->key, err);
	if (!rc)
		rc = ce_csr_build(way->key, &config->names, NULL, &way->csr, err);
	if (!rc)
		rc = ce_key_to_pem(way->key, &pem, err);
	return rc ? rc : ce_store_pending_begin(way->store, config->name, ce_buf_bytes(&pem), ce_buf_bytes(&way->csr), err);
}

/* The engine's own checks, then the chain into a file beside the store. */
static int
save_chain(struct way *way, const char *directory, struct ce_error *err)
{
	const struct ce_certificate_config *config = way->request.certificate;
	const struct ce_chain_demands demands = { .key = way->key, .names = &config->names, .exact_names = true,
		.now = ce_now() };
	struct ce_bundle bundle;
	char path[512];
	ce_bundle_init(&bundle);
	int rc = ce_chain_accept(ce_buf_bytes(&way->request.chain_pem), &demands, &bundle, err);
	if (rc)
		return rc;
	snprintf(path, sizeof(path), "%s.%s.pem", directory, config->name);
	FILE *file = fopen(path, "w");
	if (!file || fprintf(file, "%s%s", ce_buf_text(&bundle.leaf), ce_buf_text(&bundle.chain)) < 0 || fclose(file))
		rc = ce_fail(err, CE_ERR_SYSTEM, "write '%s'", path);
	ce_bundle_release(&bundle);
	printf("%s issued %s\n", config->name, path);
	return rc ? rc : ce_store_pending_end(way->store, config->name, err);
}

static int
show(struct way *way, const char *directory, struct ce_error *err)
{
	static const char *const classes[] = { [CE_REFUSAL_INPUT] = "input", [CE_REFUSAL_ENVIRONMENT] = "environment",
		[CE_REFUSAL_CA] = "ca", [CE_REFUSAL_LIMIT] = "limit" };
	const struct ce_issue_request *request = &way->request;
	const char *name = request->certificate->name;
	long long wait = request->not_before ? request->not_before - ce_now() : 0;
	switch (request->outcome) {
	case CE_ISSUE_ISSUED:
		return save_chain(way, directory, err);
	case CE_ISSUE_PENDING:
		printf("%s pending %lld\n", name, wait);
		return CE_OK;
	case CE_ISSUE_OPERATOR:
		printf("%s operator %s\n", name, request->text);
		return CE_OK;
	case CE_ISSUE_REFUSED:
		printf("%s refused %s %lld %s: %s\n", name, classes[request->refusal], wait, request->error.step,
			request->error.text);
		return CE_OK;
	}
	return ce_fail(err, CE_ERR_INVALID, "'%s' got no outcome", name);
}

/* The leaf is the first in the file. */
static int
load_live(struct way *way, const char *directory, struct ce_error *err)
{
	static const char end[] = "-----END CERTIFICATE-----\n";
	char path[512];
	snprintf(path, sizeof(path), "%s.%s.pem", directory, way->request.certificate->name);
	int rc = ce_file_read(path, CE_FILE_DEFAULT_LIMIT, &way->live, NULL, err);
	if (rc)
		return rc;
	const char *stop = strstr(ce_buf_text(&way->live), end);
	way->request.replaces_pem = ce_buf_bytes(&way->live);
	if (stop)
		way->request.replaces_pem.size = (size_t)(stop - ce_buf_text(&way->live)) + sizeof(end) - 1;
	return CE_OK;
}

static int
issue_all(const struct ce_config *config, struct ce_store *store, const char *directory, bool again, struct ce_error *err)
{
	size_t count = config->certificate_count;
	struct way *ways = calloc(count + 1, sizeof(*ways));
	struct ce_issue_request **requests = calloc(count + 1, sizeof(*requests));
	int rc = CE_OK;
	for (size_t i = 0; i < count && !rc; i++) {
		struct way *way = &ways[i];
		way->store = store;
		way->request.certificate = &config->certificates[i];
		way->request.issuer = ce_config_issuer(config, config->certificates[i].issuer);
		rc = begin(way, err);
		if (!rc && again)
			rc = load_live(way, directory, err);
		way->request.key = way->key;
		way->request.csr_der = ce_buf_bytes(&way->csr);
		way->request.state = ce_buf_bytes(&way->state);
		requests[i] = &way->request;
	}
	const struct ce_issue_context context = { .store = store, .save_state = save_state, .progress = progress };
	if (!rc)
		rc = ce_issuer_acme.issue(requests, count, &context, err);
	for (size_t i = 0; i < count; i++) {
		if (!rc)
			rc = show(&ways[i], directory, err);
		ce_issue_request_release(&ways[i].request);
		ce_key_free(ways[i].key);
		ce_buf_release(&ways[i].csr);
		ce_buf_release(&ways[i].state);
		ce_buf_release(&ways[i].live);
	}
	free(requests);
	free(ways);
	return rc;
}

static int
run(const char *configuration, const char *directory, bool again, struct ce_error *err)
{
	struct ce_problems problems = { 0 };
	struct ce_config config = { 0 };
	CE_CLEANUP(ce_storep) struct ce_store *store = NULL;
	int rc = ce_config_read(configuration, false, &config, &problems, err);
	if (!rc)
		rc = ce_issuers_check(&config, &problems, err);
	for (size_t i = 0; i < problems.count; i++)
		printf("problem %d: %s\n", problems.items[i].line, problems.items[i].text);
	if (!rc && problems.count == 0)
		rc = ce_store_open(directory, &store, err);
	if (!rc && problems.count == 0)
		rc = issue_all(&config, store, directory, again, err);
	ce_problems_release(&problems);
	ce_config_release(&config);
	return rc;
}

int
main(int argc, char **argv)
{
	struct ce_error err = { 0 };
	bool again = argc == 4 && !strcmp(argv[3], "again");
	if (argc != 3 && !again)
		return 2;
	ce_build_begin();
	ce_log_to(show_log, NULL, CE_LOG_DEBUG);
	int rc = ce_crypto_begin(&err);
	if (!rc)
		rc = run(argv[1], argv[2], again, &err);
	if (rc)
		printf("failed: %s\n", err.text);
	return rc ? 1 : 0;
}
