#include "host/ssh_serve.h"

#include <errno.h>
#include <string.h>

#include "base/sys.h"
#include "host/ssh_session.h"

#define PATIENCE_MS 60000 /* for the rest of a request whose beginning has come */

int
ce_ssh_serve_begin(struct ce_error *err)
{
	return ssh_init() == SSH_OK ? CE_OK : ce_fail(err, CE_ERR_CRYPTO, "the SSH library cannot be set up");
}

static int
read_login(struct ce_message *asked, struct ce_bytes given, struct ce_ssh_login *ret_login, struct ce_error *err)
{
	struct ce_ssh_login login = { .known = given };
	login.address = ce_message_get_str(asked);
	login.port = (int)ce_message_get_int(asked);
	login.user = ce_message_get_str(asked);
	login.timeout_s = (int)ce_message_get_int(asked);
	login.agent = ce_message_get_int(asked) != 0;
	login.known_file = ce_message_get_str(asked);
	int64_t count = ce_message_get_int(asked);
	if (asked->broken || count < 0 || count > CE_SSH_KEYS_MAX || !login.address || !login.user || !login.known_file)
		return ce_fail(err, CE_ERR_INVALID, "a malformed request to connect");
	for (login.key_count = 0; login.key_count < (size_t)count; login.key_count++) {
		login.names[login.key_count] = ce_message_get_str(asked);
		login.keys[login.key_count] = ce_message_get_bytes(asked);
	}
	*ret_login = login;
	return ce_message_end(asked, err);
}

static int
job_open(struct ce_ssh_session *session, struct ce_message *asked, struct ce_bytes given, struct ce_message *reply,
	struct ce_buf *payload, struct ce_error *err)
{
	(void)reply;
	(void)payload;
	struct ce_ssh_login login;
	int code = read_login(asked, given, &login, err);
	return code < 0 ? code : ce_ssh_connect(session, &login, err);
}

static int
job_run(struct ce_ssh_session *session, struct ce_message *asked, struct ce_bytes given, struct ce_message *reply,
	struct ce_buf *payload, struct ce_error *err)
{
	struct ce_ssh_order order = { .line = ce_message_get_str(asked), .input = given };
	order.timeout_ms = (int)ce_message_get_int(asked);
	order.limit = (size_t)ce_message_get_int(asked);
	int code = ce_message_end(asked, err);
	if (code < 0)
		return code;
	CE_CLEANUP(ce_outcome_release) struct ce_outcome outcome = CE_OUTCOME_INIT;
	bool absent = false;
	code = ce_ssh_exec(session, &order, &absent, &outcome, err);
	if (code < 0)
		return code;
	ce_message_put_int(reply, outcome.status);
	ce_message_put_int(reply, outcome.timed_out);
	ce_message_put_int(reply, absent);
	ce_message_put_int(reply, (int64_t)outcome.out.size);
	code = ce_buf_add(payload, outcome.out.data, outcome.out.size, err);
	return code < 0 ? code : ce_buf_add(payload, outcome.err.data, outcome.err.size, err);
}

static const struct {
	int kind;
	bool with_files;
	ce_ssh_job serve;
} jobs[] = {
	{ CE_SSH_OPEN, false, job_open },
	{ CE_SSH_STAT, true, ce_ssh_job_stat },
	{ CE_SSH_LIST, true, ce_ssh_job_list },
	{ CE_SSH_READ, true, ce_ssh_job_read },
	{ CE_SSH_PREPARE, true, ce_ssh_job_prepare },
	{ CE_SSH_SWITCH, true, ce_ssh_job_switch },
	{ CE_SSH_DISCARD, true, ce_ssh_job_discard },
	{ CE_SSH_REMOVE, true, ce_ssh_job_remove },
	{ CE_SSH_SETTLE, true, ce_ssh_job_settle },
	{ CE_SSH_RUN, false, job_run },
};

static int
do_job(struct ce_ssh_session *session, struct ce_message *asked, struct ce_bytes given, struct ce_message *reply,
	struct ce_buf *payload, struct ce_error *err)
{
	for (size_t i = 0; i < CE_COUNT(jobs); i++) {
		if (jobs[i].kind != asked->kind)
			continue;
		int code = jobs[i].with_files ? ce_ssh_files(session, err) : CE_OK;
		return code < 0 ? code : jobs[i].serve(session, asked, given, reply, payload, err);
	}
	return ce_fail(err, CE_ERR_INVALID, "a request of unknown kind %d", asked->kind);
}

static int
answer(struct ce_ssh_session *session, struct ce_message *asked, struct ce_bytes given, struct ce_error *err)
{
	CE_CLEANUP(ce_message_release) struct ce_message reply = CE_MESSAGE_INIT(CE_SSH_DONE);
	CE_CLEANUP(ce_buf_release) struct ce_buf payload = CE_BUF_SECRET;
	if (asked->kind != CE_SSH_OPEN && !ce_ssh_is_alive(session)) {
		reply.kind = CE_SSH_CLOSED;
		return ce_message_send(CE_SSH_SOCKET, &reply, err);
	}
	struct ce_error why = { 0 };
	int code = do_job(session, asked, given, &reply, &payload, &why);
	if (code >= 0) {
		code = ce_message_send(CE_SSH_SOCKET, &reply, err);
		return code < 0 ? code : ce_ssh_payload_send(CE_SSH_SOCKET, ce_buf_bytes(&payload), err);
	}
	CE_CLEANUP(ce_message_release) struct ce_message failed = CE_MESSAGE_INIT(CE_SSH_FAILED);
	ce_message_put_int(&failed, code);
	ce_message_put_str(&failed, why.text);
	ce_message_put_int(&failed, !ce_ssh_is_alive(session) || code == CE_ERR_NETWORK);
	return ce_message_send(CE_SSH_SOCKET, &failed, err);
}

static int
serve_one(struct ce_ssh_session *session, struct ce_error *err)
{
	CE_CLEANUP(ce_message_release) struct ce_message asked = CE_MESSAGE_INIT(0);
	CE_CLEANUP(ce_buf_release) struct ce_buf given = CE_BUF_SECRET;
	int code = ce_message_receive(CE_SSH_SOCKET, -1, &asked, err);
	if (code == CE_OK)
		code = ce_ssh_payload_receive(CE_SSH_SOCKET, PATIENCE_MS, CE_SSH_PAYLOAD_MAX, &given, err);
	return code < 0 ? code : answer(session, &asked, ce_buf_bytes(&given), err);
}

/* Between requests the server's own questions (is anybody there? new keys) are answered. */
static int
await(struct ce_ssh_session *session, struct ce_error *err)
{
	for (;;) {
		bool watch = session->ssh && ce_ssh_is_alive(session);
		struct pollfd fds[] = { { .fd = CE_SSH_SOCKET, .events = POLLIN },
			{ .fd = watch ? ssh_get_fd(session->ssh) : -1, .events = POLLIN } };
		int ready = ce_sys->poll(fds, CE_COUNT(fds), -1);
		if (ready < 0 && errno != EINTR)
			return ce_fail_errno(err, errno, "wait for a request");
		if (ready > 0 && fds[0].revents)
			return CE_OK;
		if (ready > 0 && fds[1].revents)
			(void)ssh_event_dopoll(session->event, 0); /* its end is seen by the next look */
	}
}

int
ce_ssh_serve(struct ce_error *err)
{
	struct ce_ssh_session session = { 0 };
	int code = CE_OK;
	while (code == CE_OK) {
		code = await(&session, err);
		if (code == CE_OK)
			code = serve_one(&session, err);
	}
	ce_ssh_disconnect(&session);
	return code == CE_ERR_NOT_FOUND ? CE_OK : code; /* the supervisor has closed its end */
}
