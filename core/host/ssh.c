/* The supervisor's side of certengine-ssh. What it answers was made from bytes of another host, by a process that may have
 * been taken over by them: everything is bounded and checked. */
#include "host/ssh.h"

#include <stdlib.h>
#include <string.h>

#include "base/sys.h"
#include "host/ssh_own.h"

#define STOP_MS 500
#define GRACE_MS 10000      /* what the helper may need beyond the time limit of connecting */
#define DOWN_MS 60000       /* all targets of a host that cannot be reached fail by one attempt */

void
ce_ssh_answer_release(struct ce_ssh_answer *answer)
{
	ce_message_release(&answer->message);
	ce_buf_release(&answer->payload);
}

/* After a failure nobody knows what the helper will say next. */
static int
give_up(struct ce_ssh_host *host, int code, struct ce_error *err)
{
	ce_helper_stop(&host->helper, 0);
	if (code == CE_ERR_NOT_FOUND)
		return ce_fail(err, CE_ERR_NETWORK, "host '%s': its process ended before it answered", host->url);
	if (code == CE_ERR_TIMEOUT)
		return ce_fail(err, CE_ERR_NETWORK, "host '%s' did not answer in time; the connection was given up", host->url);
	return ce_error_wrap(err, "host '%s'", host->url);
}

/* A failure in its own words, as far as they are words that it may use. */
static int
take_failure(struct ce_ssh_host *host, struct ce_message *message, struct ce_error *err)
{
	static const int codes[] = { CE_ERR_NOT_FOUND, CE_ERR_REFUSED, CE_ERR_LIMIT, CE_ERR_NETWORK, CE_ERR_CONFIG,
		CE_ERR_FOREIGN, CE_ERR_MEMORY, CE_ERR_TIMEOUT, CE_ERR_INVALID };
	int64_t said = ce_message_get_int(message);
	const char *text = ce_message_get_str(message);
	bool lost = ce_message_get_int(message) != 0;
	if (ce_message_end(message, err) < 0)
		return give_up(host, CE_ERR_INVALID, err);
	if (lost)
		ce_helper_stop(&host->helper, STOP_MS);
	int code = CE_ERR_SYSTEM;
	for (size_t i = 0; i < CE_COUNT(codes); i++)
		if (codes[i] == said)
			code = codes[i];
	return ce_fail(err, code, "host '%s': %s", host->url, text ? text : "no reason given");
}

/* CE_UNCHANGED: the connection was gone before this was begun. */
static int
exchange(struct ce_ssh_host *host, const struct ce_message *request, struct ce_bytes payload, int wait_ms,
	struct ce_ssh_answer *ret_answer, struct ce_error *err)
{
	CE_CLEANUP(ce_ssh_answer_release) struct ce_ssh_answer answer = CE_SSH_ANSWER_INIT;
	int code = ce_message_send(host->helper.fd, request, err);
	if (code == CE_OK)
		code = ce_ssh_payload_send(host->helper.fd, payload, err);
	if (code == CE_OK)
		code = ce_message_receive(host->helper.fd, wait_ms, &answer.message, err);
	if (code < 0)
		return give_up(host, code, err);
	if (answer.message.kind == CE_SSH_FAILED)
		return take_failure(host, &answer.message, err);
	if (answer.message.kind == CE_SSH_CLOSED)
		return CE_UNCHANGED;
	if (answer.message.kind != CE_SSH_DONE)
		return give_up(host, ce_fail(err, CE_ERR_INVALID, "an answer out of order"), err);
	code = ce_ssh_payload_receive(host->helper.fd, wait_ms, CE_SSH_PAYLOAD_MAX, &answer.payload, err);
	if (code < 0)
		return give_up(host, code, err);
	*ret_answer = answer;
	answer = (struct ce_ssh_answer)CE_SSH_ANSWER_INIT;
	return CE_OK;
}

static int
log_in(struct ce_ssh_host *host, struct ce_error *err)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf known = CE_BUF_INIT;
	CE_CLEANUP(ce_message_release) struct ce_message request = CE_MESSAGE_INIT(CE_SSH_OPEN);
	CE_CLEANUP(ce_ssh_answer_release) struct ce_ssh_answer answer = CE_SSH_ANSWER_INIT;
	int code = ce_ssh_opening(host, &request, &known, err);
	if (code < 0)
		return ce_error_wrap(err, "host '%s'", host->url);
	code = exchange(host, &request, ce_buf_bytes(&known), host->timeout_s * 1000 + GRACE_MS, &answer, err);
	return code == CE_OK ? ce_ssh_answered(host, &answer, true, err) : code;
}

static int
open_host(const struct ce_host *shown, struct ce_error *err)
{
	struct ce_ssh_host *host = ce_ssh_of(shown);
	if (host->barred || (host->down[0] && ce_monotonic_ms() < host->down_until))
		return ce_fail(err, CE_ERR_NETWORK, "%s", host->down);
	if (host->helper.fd >= 0)
		return CE_OK;
	struct ce_error why = { 0 };
	int code = ce_ssh_start(host, &why);
	if (code == CE_OK)
		code = log_in(host, &why);
	if (code == CE_OK) {
		host->down[0] = '\0';
		return CE_OK;
	}
	ce_helper_stop(&host->helper, 0);
	memcpy(host->down, why.text, sizeof(host->down));
	host->down_until = ce_monotonic_ms() + DOWN_MS;
	return ce_fail(err, why.code, "%s", why.text);
}

int
ce_ssh_ask(struct ce_ssh_host *host, const struct ce_message *request, struct ce_bytes payload, int wait_ms,
	struct ce_ssh_answer *ret_answer, struct ce_error *err)
{
	for (bool again = false;; again = true) {
		int code = open_host(&host->head, err);
		if (code == CE_OK)
			code = exchange(host, request, payload, wait_ms, ret_answer, err);
		if (code != CE_UNCHANGED)
			return code;
		ce_helper_stop(&host->helper, STOP_MS);
		if (again)
			return ce_fail(err, CE_ERR_NETWORK, "host '%s' closes every connection", host->url);
	}
}

int
ce_ssh_answered(struct ce_ssh_host *host, const struct ce_ssh_answer *answer, bool sound, struct ce_error *err)
{
	if (sound && ce_message_end(&answer->message, NULL) == CE_OK)
		return CE_OK;
	return give_up(host, ce_fail(err, CE_ERR_INVALID, "a malformed answer"), err);
}

static int
copy_text(char **place, const char *text, struct ce_error *err)
{
	*place = text ? strdup(text) : NULL;
	return text && !*place ? ce_fail(err, CE_ERR_MEMORY, "out of memory") : CE_OK;
}

static int
copy_spec(struct ce_ssh_host *host, const struct ce_ssh_spec *spec, struct ce_error *err)
{
	int code = copy_text(&host->url, spec->url, err);
	if (code == CE_OK)
		code = copy_text(&host->address, spec->address, err);
	if (code == CE_OK)
		code = copy_text(&host->user, spec->user, err);
	if (code == CE_OK)
		code = copy_text(&host->agent, spec->agent, err);
	if (code == CE_OK)
		code = ce_strlist_copy(&host->identities, spec->identities, err);
	return code == CE_OK ? ce_strlist_copy(&host->known_hosts, spec->known_hosts, err) : code;
}

int
ce_ssh_host_new(const struct ce_ssh_spec *spec, struct ce_host **ret_host, struct ce_error *err)
{
	struct ce_ssh_host *host = calloc(1, sizeof(*host));
	if (!host)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	host->helper = (struct ce_helper)CE_HELPER_INIT;
	host->port = spec->port;
	host->timeout_s = spec->timeout_s;
	int code = copy_spec(host, spec, err);
	if (code < 0) {
		ce_ssh_host_free(&host->head);
		return code;
	}
	host->head = (struct ce_host){ .name = host->url, .address = host->address, .open = open_host };
	ce_ssh_files_fill(&host->head);
	ce_ssh_run_fill(&host->head);
	*ret_host = &host->head;
	return CE_OK;
}

void
ce_ssh_host_free(struct ce_host *shown)
{
	if (!shown)
		return;
	struct ce_ssh_host *host = ce_ssh_of(shown);
	ce_helper_stop(&host->helper, STOP_MS);
	ce_strlist_release(&host->identities);
	ce_strlist_release(&host->known_hosts);
	free(host->url);
	free(host->address);
	free(host->user);
	free(host->agent);
	free(host);
}

void
ce_ssh_host_forget(struct ce_host *shown)
{
	ce_ssh_of(shown)->helper = (struct ce_helper)CE_HELPER_INIT;
}

void
ce_ssh_host_bar(struct ce_host *shown, const char *why)
{
	struct ce_ssh_host *host = ce_ssh_of(shown);
	struct ce_error text = { 0 };
	(void)ce_fail(&text, CE_ERR_NETWORK, "%s", why);
	ce_helper_stop(&host->helper, STOP_MS);
	memcpy(host->down, text.text, sizeof(host->down));
	host->barred = true;
}
