/* CAs that a program of the operator speaks to. The request goes to its standard input, the chain comes from its standard
 * output, and the exit status says the rest: certengine.conf(5), kind command. */
#include <jansson.h>
#include <string.h>

#include "base/log.h"
#include "base/process.h"
#include "base/sys.h"
#include "base/text.h"
#include "base/trusted.h"
#include "crypto/collect.h"
#include "issuer/drivers.h"

#define OUTPUT_MAX (256u << 10)
#define WAIT_MAX_S (90 * 86400LL)
#define ID_MAX 1024
#define SIDE_BY_SIDE 8
#define LOOK_MS 250 /* how long a signal may go unnoticed that came just before the waiting */

/* What a program may answer, from sysexits.h where that has a word for it. */
enum { ANSWER_ISSUED = 0, ANSWER_UNREACHABLE = 69, ANSWER_WAIT = 75, ANSWER_REFUSED = 77 };

static const struct ce_option options[] = {
	{ "command", CE_OPTION_LIST, 1, NULL, 0, 0, NULL, "program, an absolute path, and its arguments" },
	{ "timeout", CE_OPTION_INT, 0, "120", 1, 3600, NULL, "seconds after which the program is killed" },
	{ "chain_files", CE_OPTION_LIST, 0, NULL, 0, 0, NULL,
		"files with the CA's own certificates, which complete what the program prints" },
	{ NULL, 0, 0, NULL, 0, 0, NULL, NULL },
};

static int
check(const struct ce_issuer_config *issuer, struct ce_problems *problems, struct ce_error *err)
{
	const struct ce_setting *command = ce_settings_find(&issuer->settings, "command");
	bool good = !command || command->kind != CE_SETTING_LIST
	            || (command->list.count > 0 && command->list.items[0][0] == '/');
	int code = good ? CE_OK : ce_problems_add(problems, command->file, command->line, err,
		"command of issuer '%s' begins with the absolute path of a program", issuer->name);
	return code < 0 ? code : ce_issue_check_paths(issuer, "chain_files", problems, err);
}

/* --- the state: what the program wants to see again, and when --- */

struct state {
	char *id;
	long long not_before;
};

static void
state_release(struct state *state)
{
	free(state->id);
	state->id = NULL;
}

static int
state_read(const char *certificate, struct ce_bytes blob, struct state *ret_state, struct ce_error *err)
{
	*ret_state = (struct state){ 0 };
	if (blob.size == 0)
		return CE_OK;
	CE_CLEANUP(json_decrefp) json_t *json = json_loadb((const char *)blob.data, blob.size, 0, NULL);
	const char *id = NULL;
	json_int_t not_before = 0;
	if (!json || json_unpack(json, "{s:s, s:I}", "id", &id, "not_before", &not_before) < 0) {
		ce_log(CE_LOG_WARNING, "the record of the request that waits for certificate '%s' is damaged: the program is asked as "
			"if for the first time, for the same key", certificate);
		return CE_OK;
	}
	ret_state->id = strdup(id);
	ret_state->not_before = not_before;
	return ret_state->id ? CE_OK : ce_fail(err, CE_ERR_MEMORY, "out of memory");
}

static int
state_keep(struct ce_issue_request *request, const struct ce_issue_context *context, const struct state *state,
	struct ce_error *err)
{
	CE_CLEANUP(json_decrefp) json_t *json = json_pack("{s:s, s:I}", "id", state->id, "not_before",
		(json_int_t)state->not_before);
	CE_CLEANUP(ce_freep) char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
	if (!text)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	struct ce_bytes blob = { (const unsigned char *)text, strlen(text) };
	return context->save_state ? context->save_state(request, blob, context->context, err) : CE_OK;
}

/* --- the program --- */

/* A request that its program works on. */
struct job {
	struct ce_issue_request *request;
	struct state state;
	struct ce_running *child; /* NULL: the place is free */
};

static void
job_release(struct job *job)
{
	ce_running_free(job->child);
	state_release(&job->state);
	*job = (struct job){ 0 };
}

static int
build_environment(const struct ce_issue_request *request, const struct state *state, struct ce_strlist *env,
	struct ce_error *err)
{
	const struct ce_certificate_config *certificate = request->certificate;
	char key_id[65];
	CE_CLEANUP(ce_buf_release) struct ce_buf names = CE_BUF_INIT;
	int code = ce_key_id(request->key, key_id, err);
	for (size_t i = 0; code == CE_OK && i < certificate->names.count; i++)
		code = ce_buf_addf(&names, err, "%s%s", i > 0 ? " " : "", certificate->names.items[i]);
	const struct {
		const char *name, *value;
	} rows[] = {
		{ "CERTENGINE_CERTIFICATE", certificate->name },
		{ "CERTENGINE_ISSUER", request->issuer->name },
		{ "CERTENGINE_NAMES", ce_buf_text(&names) },
		{ "CERTENGINE_KEY_KIND", ce_key_kind(request->key) },
		{ "CERTENGINE_KEY_ID", key_id },
		{ "CERTENGINE_PROFILE", certificate->profile ? certificate->profile : "" },
		{ "CERTENGINE_REQUEST_ID", state->id ? state->id : "" },
	};
	for (size_t i = 0; code == CE_OK && i < CE_COUNT(rows); i++)
		code = ce_strlist_addf(env, err, "%s=%s", rows[i].name, rows[i].value);
	return code;
}

static int
start_program(struct job *job, struct ce_error *err)
{
	const struct ce_issue_request *request = job->request;
	const struct ce_settings *settings = &request->issuer->settings;
	const char *const *argv = ce_option_list(options, settings, "command");
	CE_CLEANUP(ce_strlist_release) struct ce_strlist env = CE_STRLIST_INIT;
	CE_CLEANUP(ce_buf_release) struct ce_buf csr = CE_BUF_INIT;
	int code = ce_program_check(argv[0], err);
	if (code == CE_OK)
		code = build_environment(request, &job->state, &env, err);
	if (code == CE_OK)
		code = ce_csr_to_pem(request->csr_der, &csr, err);
	if (code < 0)
		return code;
	const struct ce_process_spec spec = { .argv = argv, .env = (const char *const *)env.items,
		.input = ce_buf_bytes(&csr), .timeout_ms = (int)ce_option_int(options, settings, "timeout") * 1000,
		.output_limit = OUTPUT_MAX };
	return ce_running_start(&spec, &job->child, err);
}

/* The first line that says anything, made printable; the next one, if ret_rest is given, behind it. */
static void
first_line(const struct ce_buf *text, char *out, size_t room, const char **ret_rest)
{
	const char *at = ce_buf_text(text);
	at += strspn(at, " \t\r\n");
	size_t size = strcspn(at, "\r\n");
	CE_CLEANUP(ce_freep) char *line = strndup(at, size);
	ce_text_printable(out, room, line ? line : "");
	if (ret_rest)
		*ret_rest = at + size;
}

static int
fail_answer(const struct ce_issue_request *request, const struct ce_outcome *outcome, int code, const char *what,
	struct ce_error *err)
{
	char said[300];
	first_line(&outcome->err, said, sizeof(said), NULL);
	const char *program = ce_option_list(options, &request->issuer->settings, "command")[0];
	return ce_fail(err, code, "issuer '%s': %s%s%s; '%s' ended with %d", request->issuer->name, what, said[0] ? ": " : "",
		said, program, outcome->status);
}

/* --- its answers --- */

static int
take_chain(struct ce_issue_request *request, const struct ce_outcome *outcome, struct ce_error *err)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf given = CE_BUF_INIT, more = CE_BUF_INIT;
	if (outcome->out.size >= OUTPUT_MAX)
		return fail_answer(request, outcome, CE_ERR_LIMIT, "the program printed more than a chain has", err);
	int code = ce_certificates_add(&given, ce_buf_bytes(&outcome->out), err);
	if (code < 0)
		return ce_error_wrap(err, "issuer '%s': what the program printed", request->issuer->name);
	code = ce_issue_chain_files(ce_option_list(options, &request->issuer->settings, "chain_files"), &more, err);
	if (code < 0)
		return code;
	const struct ce_collect_demands demands = { .key = request->key, .given = ce_buf_bytes(&given),
		.more = ce_buf_bytes(&more), .now = ce_now() };
	code = ce_chain_collect(&demands, &request->chain_pem, err);
	return code < 0 ? ce_error_wrap(err, "issuer '%s': what the program printed", request->issuer->name) : code;
}

/* Standard output: seconds on the first line, what the program wants to see again on the second. */
static int
take_wait(struct ce_issue_request *request, const struct ce_issue_context *context, const struct state *before,
	const struct ce_outcome *outcome, struct ce_error *err)
{
	char line[ID_MAX + 1], id[ID_MAX + 1], *end;
	const char *rest = NULL;
	first_line(&outcome->out, line, sizeof(line), &rest);
	long long seconds = strtoll(line, &end, 10);
	if (end == line || *end != '\0' || seconds < 1 || seconds > WAIT_MAX_S)
		return fail_answer(request, outcome, CE_ERR_INVALID, "the program asks to wait, but its first line is not a number "
			"of seconds from 1 to 7776000", err);
	const struct ce_buf tail = { .data = (unsigned char *)(uintptr_t)rest, .size = strlen(rest) };
	first_line(&tail, id, sizeof(id), NULL);
	const char *kept = id[0] || !before->id ? id : before->id;
	const struct state after = { .id = (char *)(uintptr_t)kept, .not_before = ce_now() + seconds };
	int code = state_keep(request, context, &after, err);
	if (code < 0)
		return code;
	request->outcome = CE_ISSUE_PENDING;
	request->not_before = after.not_before;
	return CE_OK;
}

static void
judge(struct ce_issue_request *request, const struct ce_issue_context *context, const struct state *state,
	const struct ce_outcome *outcome)
{
	struct ce_error why = { 0 };
	ce_error_step(&why, "command");
	enum ce_refusal refusal = CE_REFUSAL_CA;
	int code;
	switch (outcome->status) {
	case ANSWER_ISSUED:
		code = take_chain(request, outcome, &why);
		if (code == CE_OK)
			request->outcome = CE_ISSUE_ISSUED;
		break;
	case ANSWER_WAIT:
		code = take_wait(request, context, state, outcome, &why);
		break;
	case ANSWER_REFUSED:
		code = fail_answer(request, outcome, CE_ERR_ISSUER, "the CA refused", &why);
		refusal = CE_REFUSAL_INPUT;
		break;
	case ANSWER_UNREACHABLE:
		code = fail_answer(request, outcome, CE_ERR_NETWORK, "the CA could not be reached", &why);
		break;
	default:
		code = fail_answer(request, outcome, CE_ERR_ISSUER, "the program failed", &why);
		refusal = CE_REFUSAL_ENVIRONMENT;
		break;
	}
	if (code < 0)
		ce_issue_refuse(request, refusal, &why);
}

/* --- several side by side --- */

struct work {
	const struct ce_issue_context *context;
	struct job jobs[SIDE_BY_SIDE];
	size_t running;
};

static void
work_release(struct work *work)
{
	for (size_t i = 0; i < SIDE_BY_SIDE; i++)
		job_release(&work->jobs[i]);
}

/* Starts the program, unless it said when it wants to be called again. */
static void
begin(struct work *work, struct job *job, struct ce_issue_request *request)
{
	struct ce_error why = { 0 };
	ce_error_step(&why, "command");
	ce_issue_progress(work->context, request, "command", NULL);
	*job = (struct job){ .request = request };
	int code = state_read(request->certificate->name, request->state, &job->state, &why);
	bool early = code == CE_OK && job->state.not_before > ce_now();
	if (code == CE_OK && !early)
		code = start_program(job, &why);
	if (code == CE_OK && !early) {
		work->running++;
		return;
	}
	if (code < 0) {
		ce_issue_refuse(request, CE_REFUSAL_ENVIRONMENT, &why);
	} else {
		request->outcome = CE_ISSUE_PENDING;
		request->not_before = job->state.not_before;
	}
	job_release(job);
}

/* Looks after each program that runs; one that has ended makes place. */
static void
step(struct work *work)
{
	for (size_t i = 0; i < SIDE_BY_SIDE; i++) {
		struct job *job = &work->jobs[i];
		struct ce_error why = { 0 };
		ce_error_step(&why, "command");
		int code = job->child ? ce_running_step(job->child, &why) : CE_UNCHANGED;
		if (code == CE_UNCHANGED)
			continue;
		if (code == CE_OK)
			judge(job->request, work->context, &job->state, ce_running_outcome(job->child));
		else
			ce_issue_refuse(job->request, CE_REFUSAL_ENVIRONMENT, &why);
		job_release(job);
		work->running--;
	}
}

static void
wait_for_any(const struct work *work)
{
	struct pollfd polled[SIDE_BY_SIDE * CE_RUNNING_FDS];
	nfds_t count = 0;
	long long wait_ms = LOOK_MS;
	for (size_t i = 0; i < SIDE_BY_SIDE; i++) {
		int fds[CE_RUNNING_FDS];
		size_t own = work->jobs[i].child ? ce_running_fds(work->jobs[i].child, fds) : 0;
		if (work->jobs[i].child && ce_running_left_ms(work->jobs[i].child) < wait_ms)
			wait_ms = ce_running_left_ms(work->jobs[i].child);
		for (size_t k = 0; k < own; k++)
			polled[count++] = (struct pollfd){ .fd = fds[k], .events = POLLIN };
	}
	(void)ce_sys->poll(polled, count, (int)wait_ms); /* whatever it says: the next step looks itself */
}

static bool
is_interrupted(const struct ce_issue_context *context)
{
	return context->interrupted && context->interrupted(context->context);
}

/* What runs is killed, what has not begun does not begin; the next run does it. */
static void
break_off(struct work *work, struct ce_issue_request **rest, size_t count)
{
	struct ce_error why = { 0 };
	ce_error_step(&why, "command");
	(void)ce_fail(&why, CE_ERR_ISSUER, "the run was interrupted; the next one asks again");
	for (size_t i = 0; i < SIDE_BY_SIDE; i++)
		if (work->jobs[i].child)
			ce_issue_refuse(work->jobs[i].request, CE_REFUSAL_ENVIRONMENT, &why);
	for (size_t i = 0; i < count; i++)
		ce_issue_refuse(rest[i], CE_REFUSAL_ENVIRONMENT, &why);
}

static int
issue(struct ce_issue_request **requests, size_t count, const struct ce_issue_context *context, struct ce_error *err)
{
	(void)err;
	CE_CLEANUP(work_release) struct work work = { .context = context };
	size_t next = 0;
	while (next < count || work.running > 0) {
		if (is_interrupted(context)) {
			break_off(&work, requests + next, count - next);
			return CE_OK;
		}
		for (size_t i = 0; i < SIDE_BY_SIDE && next < count; i++)
			if (!work.jobs[i].child)
				begin(&work, &work.jobs[i], requests[next++]);
		if (work.running > 0)
			wait_for_any(&work);
		step(&work);
	}
	return CE_OK;
}

const struct ce_issuer_driver ce_issuer_command = {
	.kind = "command",
	.summary = "a CA that a program speaks to: request on its standard input, chain on its standard output",
	.options = options,
	.check = check,
	.issue = issue,
	.adds_names = true,
};
