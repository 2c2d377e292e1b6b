/* CAs that a person speaks to: a portal, a mail, a form of the change board. The request is written where the person
 * can take it from; what the CA sends comes back by `certengine import`. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/sys.h"
#include "base/text.h"
#include "crypto/collect.h"
#include "issuer/drivers.h"

#define DAY_S 86400LL
#define PUBLIC 0644

static const struct ce_option options[] = {
	{ "csr_directory", CE_OPTION_PATH, 0, NULL, 0, 0, NULL,
		"directory that requests are written to; default: requests in the state directory" },
	{ "days", CE_OPTION_INT, 0, "14", 1, 365, NULL, "a request that waits longer, in days, is an error" },
	{ "chain_files", CE_OPTION_LIST, 0, NULL, 0, 0, NULL,
		"files with the CA's own certificates, which complete what is imported" },
	{ "instructions", CE_OPTION_STRING, 0, NULL, 0, 0, NULL, "what a person is told to do with a request" },
	{ NULL, 0, 0, NULL, 0, 0, NULL, NULL },
};

static int
check(const struct ce_issuer_config *issuer, struct ce_problems *problems, struct ce_error *err)
{
	return ce_issue_check_paths(issuer, "chain_files", problems, err);
}

/* --- the state: JSON --- */

struct state {
	long long since;       /* the request was written first */
	char *csr;             /* path of the PEM, without ".pem" */
	char *imported;        /* PEM, complete; NULL: it waits */
	long long imported_at;
};

static void
state_release(struct state *state)
{
	free(state->csr);
	free(state->imported);
	*state = (struct state){ 0 };
}

/* An empty blob is a request that is new. */
static int
state_read(struct ce_bytes blob, struct state *ret_state, struct ce_error *err)
{
	*ret_state = (struct state){ 0 };
	if (blob.size == 0)
		return CE_OK;
	CE_CLEANUP(json_decrefp) json_t *json = json_loadb((const char *)blob.data, blob.size, 0, NULL);
	const char *csr = NULL, *imported = NULL;
	json_int_t since = 0, at = 0;
	if (!json || json_unpack(json, "{s:I, s:s, s?s, s?I}", "since", &since, "csr", &csr, "imported", &imported,
	        "imported_at", &at) < 0)
		return ce_fail(err, CE_ERR_INVALID, "the record of the request that waits is damaged; "
			"`certengine import --withdraw` gives it up");
	ret_state->since = since;
	ret_state->imported_at = at;
	int code = ce_text_assign(&ret_state->csr, csr, err);
	return code < 0 ? code : ce_text_assign(&ret_state->imported, imported, err);
}

static int
state_write(const struct state *state, struct ce_buf *ret_blob, struct ce_error *err)
{
	CE_CLEANUP(json_decrefp) json_t *json = json_pack("{s:I, s:s, s:s*, s:I}", "since", (json_int_t)state->since, "csr",
		state->csr, "imported", state->imported, "imported_at", (json_int_t)state->imported_at);
	CE_CLEANUP(ce_freep) char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
	if (!text)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory, or a path that is not UTF-8");
	return ce_buf_adds(ret_blob, text, err);
}

/* --- the request's files --- */

static int
csr_path(const struct ce_issue_request *request, struct ce_store *store, bool make, char **ret_path,
	struct ce_error *err)
{
	const char *wanted = ce_option_text(options, &request->issuer->settings, "csr_directory");
	CE_CLEANUP(ce_buf_release) struct ce_buf path = CE_BUF_INIT;
	int code = wanted ? ce_buf_adds(&path, wanted, err)
	                  : ce_buf_addf(&path, err, "%s/requests", ce_store_directory(store));
	if (code == CE_OK && make && !wanted)
		code = ce_dir_create_private(ce_buf_text(&path), err);
	if (code == CE_OK)
		code = ce_buf_addf(&path, err, "/%s.csr", request->certificate->name);
	if (code < 0)
		return code;
	*ret_path = ce_buf_steal_text(&path);
	return *ret_path ? CE_OK : ce_fail(err, CE_ERR_MEMORY, "out of memory");
}

static int
publish(const char *base, const char *end, struct ce_bytes bytes, struct ce_error *err)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf path = CE_BUF_INIT;
	int code = ce_buf_addf(&path, err, "%s%s", base, end);
	return code < 0 ? code : ce_file_publish(ce_buf_text(&path), bytes, PUBLIC, err);
}

static int
write_request(const struct ce_issue_request *request, const char *base, struct ce_error *err)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf pem = CE_BUF_INIT;
	int code = ce_csr_to_pem(request->csr_der, &pem, err);
	if (code >= CE_OK)
		code = publish(base, ".pem", ce_buf_bytes(&pem), err);
	if (code >= CE_OK)
		code = publish(base, ".der", request->csr_der, err);
	return code < 0 ? ce_error_wrap(err, "the request cannot be written") : CE_OK;
}

static int
remove_request(const char *base, struct ce_error *err)
{
	static const char *const ends[] = { ".pem", ".der" };
	for (size_t i = 0; base && i < CE_COUNT(ends); i++) {
		CE_CLEANUP(ce_buf_release) struct ce_buf path = CE_BUF_INIT;
		int code = ce_buf_addf(&path, err, "%s%s", base, ends[i]);
		if (code >= CE_OK)
			code = ce_file_withdraw(ce_buf_text(&path), err);
		if (code < 0)
			return code;
	}
	return CE_OK;
}

/* --- answers --- */

static int
tell(struct ce_issue_request *request, const struct state *state, struct ce_error *err)
{
	const char *instructions = ce_option_text(options, &request->issuer->settings, "instructions");
	long long days = ce_option_int(options, &request->issuer->settings, "days");
	const char *name = request->certificate->name;
	char since[21], key_id[65];
	CE_CLEANUP(ce_buf_release) struct ce_buf text = CE_BUF_INIT;
	int code = ce_key_id(request->key, key_id, err);
	if (code < 0)
		return code;
	ce_text_time(since, state->since);
	request->overdue = ce_now() - days * DAY_S > state->since;
	if (request->overdue)
		code = ce_buf_addf(&text, err, "overdue, more than %lld %s: ", days, days == 1 ? "day" : "days");
	if (code == CE_OK)
		code = ce_buf_addf(&text, err, "waits since %s for the CA's answer to the request %s.pem (or .der) of the key %.16s; ",
			since, state->csr, key_id);
	if (code == CE_OK)
		code = instructions ? ce_buf_addf(&text, err, "%s; ", instructions)
		                    : ce_buf_adds(&text, "send it to the CA; ", err);
	if (code == CE_OK)
		code = ce_buf_addf(&text, err, "then `certengine import %s FILE...`", name);
	if (code < 0)
		return code;
	free(request->text);
	request->text = ce_buf_steal_text(&text);
	request->outcome = CE_ISSUE_OPERATOR;
	return request->text ? CE_OK : ce_fail(err, CE_ERR_MEMORY, "out of memory");
}

/* What was imported is answered, and the request's files are of no use any more. */
static int
answer(struct ce_issue_request *request, const struct state *state, struct ce_error *err)
{
	ce_buf_release(&request->chain_pem);
	int code = ce_buf_adds(&request->chain_pem, state->imported, err);
	if (code == CE_OK)
		code = remove_request(state->csr, err);
	if (code == CE_OK)
		request->outcome = CE_ISSUE_ISSUED;
	return code;
}

static int
keep(struct ce_issue_request *request, const struct ce_issue_context *context, const struct state *state,
	struct ce_error *err)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf blob = CE_BUF_INIT;
	int code = state_write(state, &blob, err);
	if (code == CE_OK && context->save_state)
		code = context->save_state(request, ce_buf_bytes(&blob), context->context, err);
	return code;
}

/* A request that somebody removed is written again, and one that is to lie elsewhere now moves. */
static int
ask(struct ce_issue_request *request, const struct ce_issue_context *context, struct state *state,
	struct ce_error *err)
{
	CE_CLEANUP(ce_freep) char *path = NULL;
	int code = csr_path(request, context->store, true, &path, err);
	if (code == CE_OK)
		code = write_request(request, path, err);
	if (code < 0)
		return code;
	if (!state->csr || strcmp(state->csr, path) != 0) {
		code = remove_request(state->csr, err);
		if (code < 0)
			return code;
		free(state->csr);
		state->csr = CE_STEAL(path);
		if (state->since == 0)
			state->since = ce_now();
		code = keep(request, context, state, err);
	}
	return code < 0 ? code : tell(request, state, err);
}

static int
issue(struct ce_issue_request **requests, size_t count, const struct ce_issue_context *context, struct ce_error *err)
{
	(void)err;
	for (size_t i = 0; i < count; i++) {
		struct ce_error why = { 0 };
		CE_CLEANUP(state_release) struct state state = { 0 };
		ce_error_step(&why, "request");
		int code = state_read(requests[i]->state, &state, &why);
		if (code == CE_OK)
			code = state.imported ? answer(requests[i], &state, &why) : ask(requests[i], context, &state, &why);
		if (code < 0)
			ce_issue_refuse(requests[i], CE_REFUSAL_ENVIRONMENT, &why);
	}
	return CE_OK;
}

static int
standing(struct ce_issue_request *request, struct ce_store *store, struct ce_error *err)
{
	(void)store;
	CE_CLEANUP(state_release) struct state state = { 0 };
	int code = state_read(request->state, &state, err);
	if (code < 0)
		return code;
	if (!state.imported)
		return state.csr ? tell(request, &state, err) : ce_fail(err, CE_ERR_NOT_FOUND, "nothing waits yet");
	char when[21];
	ce_text_time(when, state.imported_at);
	request->outcome = CE_ISSUE_ISSUED;
	free(request->text);
	if (asprintf(&request->text, "the CA's answer was imported at %s; the next apply takes it up", when) >= 0)
		return CE_OK;
	request->text = NULL;
	return ce_fail(err, CE_ERR_MEMORY, "out of memory");
}

/* --- what people do --- */

static int
import(const struct ce_issue_request *request, struct ce_bytes pem, struct ce_buf *ret_state, struct ce_error *err)
{
	CE_CLEANUP(state_release) struct state state = { 0 };
	CE_CLEANUP(ce_buf_release) struct ce_buf more = CE_BUF_INIT, chain = CE_BUF_INIT;
	CE_CLEANUP(ce_bundle_release) struct ce_bundle bundle;
	ce_bundle_init(&bundle);
	int code = state_read(request->state, &state, err);
	if (code == CE_OK && !state.csr)
		return ce_fail(err, CE_ERR_NOT_FOUND, "the request has not been written yet");
	if (code == CE_OK)
		code = ce_issue_chain_files(ce_option_list(options, &request->issuer->settings, "chain_files"), &more, err);
	if (code < 0)
		return code;
	const struct ce_collect_demands wanted = { .key = request->key, .given = pem, .more = ce_buf_bytes(&more),
		.now = ce_now(), .complete = true };
	code = ce_chain_collect(&wanted, &chain, err);
	if (code < 0)
		return code;
	const struct ce_chain_demands demands = { .key = request->key, .names = &request->certificate->names,
		.now = ce_now() };
	code = ce_chain_accept(ce_buf_bytes(&chain), &demands, &bundle, err);
	if (code < 0)
		return code;
	free(state.imported);
	state.imported = ce_buf_steal_text(&chain);
	state.imported_at = ce_now();
	return state_write(&state, ret_state, err);
}

static int
withdraw(const struct ce_issue_request *request, struct ce_store *store, struct ce_error *err)
{
	CE_CLEANUP(ce_freep) char *path = NULL;
	CE_CLEANUP(state_release) struct state state = { 0 };
	struct ce_error damaged = { 0 };
	if (state_read(request->state, &state, &damaged) == CE_OK && state.csr)
		return remove_request(state.csr, err);
	int code = csr_path(request, store, false, &path, err);
	return code < 0 ? code : remove_request(path, err);
}

const struct ce_issuer_driver ce_issuer_manual = {
	.kind = "manual",
	.unmetered = true,
	.summary = "a CA that a person speaks to: the request is written to a file, the answer is imported",
	.options = options,
	.check = check,
	.issue = issue,
	.adds_names = true,
	.import = import,
	.withdraw = withdraw,
	.standing = standing,
};
