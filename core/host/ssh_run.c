/* Programs on another host. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/ssh_line.h"
#include "host/ssh_own.h"

#define TIMEOUT_MS 60000      /* the defaults of base/process.h */
#define OUTPUT_LIMIT 65536
#define OUTPUT_MOST (8u << 20)
#define GRACE_MS 30000        /* a program whose time is over is killed, and that is told */

static int
take_outcome(struct ce_ssh_host *host, struct ce_ssh_answer *answer, const char *program, bool *ret_absent,
	struct ce_outcome *outcome, struct ce_error *err)
{
	int64_t status = ce_message_get_int(&answer->message);
	outcome->timed_out = ce_message_get_int(&answer->message) != 0;
	*ret_absent = ce_message_get_int(&answer->message) != 0;
	int64_t size = ce_message_get_int(&answer->message);
	bool sound = status >= 0 && status < 512 && size >= 0 && (uint64_t)size <= answer->payload.size;
	int code = ce_ssh_answered(host, answer, sound, err);
	if (code < 0)
		return code;
	outcome->status = (int)status;
	const unsigned char *data = answer->payload.data;
	code = ce_buf_add(&outcome->out, data, (size_t)size, err);
	if (code == CE_OK)
		code = ce_buf_add(&outcome->err, data + size, answer->payload.size - (size_t)size, err);
	if (code == CE_OK && *ret_absent)
		return ce_fail(err, CE_ERR_NOT_FOUND, "host '%s': start '%s': no such program", host->url, program);
	return code;
}

static int
ssh_run(const struct ce_host *shown, const struct ce_process_spec *spec, struct ce_outcome *ret_outcome,
	struct ce_error *err)
{
	struct ce_ssh_host *host = ce_ssh_of(shown);
	int timeout_ms = spec->timeout_ms > 0 ? spec->timeout_ms : TIMEOUT_MS;
	size_t limit = spec->output_limit > 0 ? spec->output_limit : OUTPUT_LIMIT;
	CE_CLEANUP(ce_buf_release) struct ce_buf line = CE_BUF_SECRET;
	int code = ce_ssh_line(&line, spec->argv, spec->env, err);
	if (code < 0)
		return code;
	CE_CLEANUP(ce_message_release) struct ce_message request = CE_MESSAGE_INIT(CE_SSH_RUN);
	CE_CLEANUP(ce_ssh_answer_release) struct ce_ssh_answer answer = CE_SSH_ANSWER_INIT;
	ce_message_put_str(&request, ce_buf_text(&line));
	ce_message_put_int(&request, timeout_ms);
	ce_message_put_int(&request, (int64_t)(limit < OUTPUT_MOST ? limit : OUTPUT_MOST));
	code = ce_ssh_ask(host, &request, spec->input, timeout_ms + GRACE_MS, &answer, err);
	if (code < 0)
		return code;
	CE_CLEANUP(ce_outcome_release) struct ce_outcome outcome = CE_OUTCOME_INIT;
	bool absent = false;
	code = take_outcome(host, &answer, spec->argv[0], &absent, &outcome, err);
	if (code < 0)
		return code;
	if (outcome.timed_out)
		code = ce_fail(err, CE_ERR_TIMEOUT, "host '%s': '%s' did not end within %d ms and was killed", host->url,
			spec->argv[0], timeout_ms);
	*ret_outcome = outcome;
	outcome = (struct ce_outcome)CE_OUTCOME_INIT;
	return code;
}

/* The number in the answer of `id -u NAME` or in the third field of `getent group NAME`. */
static int
parse_number(const char *text, bool group, unsigned long *ret_id)
{
	for (int field = 0; group && field < 2; field++) {
		text = strchr(text, ':');
		if (!text)
			return CE_ERR_INVALID;
		text++;
	}
	char *end = NULL;
	errno = 0;
	unsigned long id = strtoul(text, &end, 10);
	if (errno || end == text || text[0] < '0' || text[0] > '9' || (*end != '\0' && *end != '\n' && *end != ':'))
		return CE_ERR_INVALID;
	*ret_id = id;
	return CE_OK;
}

static int
ssh_account(const struct ce_host *shown, const char *name, bool group, unsigned long *ret_id, struct ce_error *err)
{
	const char *const user_argv[] = { "id", "-u", name, NULL }, *const group_argv[] = { "getent", "group", name, NULL };
	struct ce_process_spec spec = { .argv = group ? group_argv : user_argv };
	CE_CLEANUP(ce_outcome_release) struct ce_outcome outcome = CE_OUTCOME_INIT;
	const char *what = group ? "group" : "user";
	if (name[0] == '-')
		return ce_fail(err, CE_ERR_CONFIG, "'%s' is no %s", name, what);
	int code = ssh_run(shown, &spec, &outcome, err);
	if (code < 0)
		return code;
	if (outcome.status == 0 && parse_number(ce_buf_text(&outcome.out), group, ret_id) == CE_OK)
		return CE_OK;
	return ce_fail(err, CE_ERR_CONFIG, "%s '%s' is no %s of host '%s'", group ? "group" : "owner", name, what, shown->name);
}

void
ce_ssh_run_fill(struct ce_host *host)
{
	host->run = ssh_run;
	host->account = ssh_account;
}
