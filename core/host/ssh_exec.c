/* Programs on that host: limited output, a deadline for the whole process group, and an end that is the program's own. */
#include <stdlib.h>
#include <string.h>

#include <libssh/callbacks.h>

#include "base/sys.h"
#include "host/ssh_session.h"

#define QUIET_MS 250       /* what it left running may hold its output open: so long is waited for the rest */
#define TICK_MS 1000
#define PIECE 16384u
#define BANNER_MAX 65536u  /* what the account's shell may write before our line */
#define KILL_MS 10000

struct run {
	struct ce_ssh_session *session;
	ssh_channel channel;
	struct ce_bytes input;     /* left to be written */
	bool fed;
	struct ce_buf out, err;
	size_t limit;
	bool ended, eof, closed;
	int status;
	long long last;            /* when something came */
	bool broken;               /* no memory */
	struct ssh_channel_callbacks_struct callbacks;
};

static void
run_release(struct run *run)
{
	if (run->channel) {
		(void)ssh_remove_channel_callbacks(run->channel, &run->callbacks);
		ssh_channel_free(run->channel);
	}
	ce_buf_release(&run->out);
	ce_buf_release(&run->err);
}

static int
on_data(ssh_session ssh, ssh_channel channel, void *data, uint32_t size, int is_err, void *context)
{
	(void)ssh;
	(void)channel;
	struct run *run = context;
	struct ce_buf *stream = is_err ? &run->err : &run->out;
	size_t limit = run->limit + (is_err ? 0 : BANNER_MAX);
	size_t room = limit > stream->size ? limit - stream->size : 0;
	run->last = ce_monotonic_ms();
	if (ce_buf_add(stream, data, size < room ? size : room, NULL) < 0)
		run->broken = true;
	return (int)size; /* what is beyond the limit is dropped */
}

static void
on_eof(ssh_session ssh, ssh_channel channel, void *context)
{
	(void)ssh;
	(void)channel;
	((struct run *)context)->eof = true;
}

static void
on_close(ssh_session ssh, ssh_channel channel, void *context)
{
	(void)ssh;
	(void)channel;
	((struct run *)context)->closed = true;
}

static void
on_status(ssh_session ssh, ssh_channel channel, int status, void *context)
{
	(void)ssh;
	(void)channel;
	struct run *run = context;
	run->status = status & 0xff;
	run->ended = true;
	run->last = ce_monotonic_ms();
}

static void
on_signal(ssh_session ssh, ssh_channel channel, const char *name, int core, const char *text, const char *language,
	void *context)
{
	static const struct {
		const char *name;
		int number;
	} signals[] = { { "HUP", 1 }, { "INT", 2 }, { "QUIT", 3 }, { "ILL", 4 }, { "ABRT", 6 }, { "FPE", 8 }, { "KILL", 9 },
		{ "USR1", 10 }, { "SEGV", 11 }, { "USR2", 12 }, { "PIPE", 13 }, { "ALRM", 14 }, { "TERM", 15 } };
	(void)ssh;
	(void)channel;
	(void)core;
	(void)text;
	(void)language;
	struct run *run = context;
	run->status = 128 + 9;
	for (size_t i = 0; name && i < CE_COUNT(signals); i++)
		if (strcmp(signals[i].name, name) == 0)
			run->status = 128 + signals[i].number;
	run->ended = true;
	run->last = ce_monotonic_ms();
}

static int
start(struct run *run, const char *line, struct ce_error *err)
{
	struct ssh_channel_callbacks_struct *callbacks = &run->callbacks;
	*callbacks = (struct ssh_channel_callbacks_struct){ .userdata = run, .channel_data_function = on_data,
		.channel_eof_function = on_eof, .channel_close_function = on_close, .channel_exit_status_function = on_status,
		.channel_exit_signal_function = on_signal };
	ssh_callbacks_init(callbacks)
	run->channel = ssh_channel_new(run->session->ssh);
	if (!run->channel || ssh_set_channel_callbacks(run->channel, callbacks) != SSH_OK)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	if (ssh_channel_open_session(run->channel) != SSH_OK)
		return ce_ssh_fail(run->session, err, "run a program");
	if (ssh_channel_request_exec(run->channel, line) == SSH_OK)
		return CE_OK;
	return ce_ssh_is_alive(run->session) ? ce_fail(err, CE_ERR_REFUSED, "the server runs no programs for this user")
	                                     : ce_ssh_fail(run->session, err, "run a program");
}

/* As much of the input as the other side takes now. */
static void
feed(struct run *run)
{
	uint32_t room = ssh_channel_window_size(run->channel);
	while (run->input.size > 0 && room > 0 && !run->ended && !run->closed) {
		size_t size = run->input.size < PIECE ? run->input.size : PIECE;
		int written = ssh_channel_write(run->channel, run->input.data, (uint32_t)(size < room ? size : room));
		if (written <= 0)
			break;
		run->input.data += written;
		run->input.size -= (size_t)written;
		room = ssh_channel_window_size(run->channel);
	}
	if (run->input.size == 0 && !run->fed && !run->closed) {
		run->fed = true;
		(void)ssh_channel_send_eof(run->channel); /* it may have ended already */
	}
}

static bool
is_over(const struct run *run)
{
	return run->closed || (run->ended && (run->eof || ce_monotonic_ms() - run->last >= QUIET_MS));
}

/* CE_ERR_TIMEOUT: its time is over. */
static int
run_to_end(struct run *run, long long deadline, struct ce_error *err)
{
	while (!is_over(run)) {
		long long left = deadline - ce_monotonic_ms();
		if (left <= 0)
			return run->ended ? CE_OK : CE_ERR_TIMEOUT;
		feed(run);
		int wait = run->ended ? QUIET_MS / 5 : TICK_MS;
		if (ssh_event_dopoll(run->session->event, left < wait ? (int)left : wait) == SSH_ERROR
		    || !ce_ssh_is_alive(run->session))
			return ce_ssh_fail(run->session, err, "the connection was lost while a program ran");
		if (run->broken)
			return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	}
	if (!run->ended)
		return ce_ssh_fail(run->session, err, "nobody can tell how a program ended");
	return CE_OK;
}

/* What stands on our line, "" when there is none; what was written up to its end is taken away. */
static void
take_mark(struct ce_buf *out, char *ret_word, size_t room)
{
	ret_word[0] = '\0';
	char *mark = out->data ? memmem(out->data, out->size, CE_SSH_MARK, strlen(CE_SSH_MARK)) : NULL;
	if (!mark)
		return;
	char *word = mark + strlen(CE_SSH_MARK), *end = (char *)out->data + out->size;
	char *stop = memchr(word, '\n', (size_t)(end - word));
	if (!stop)
		return;
	(void)snprintf(ret_word, room, "%.*s", (int)(stop - word), word);
	size_t left = (size_t)(end - stop - 1);
	memmove(out->data, stop + 1, left);
	out->size = left;
	out->data[left] = '\0';
}

/* Its shell began a process group, as sshd does for each command; nobody is waited for long. */
static void
kill_group(struct ce_ssh_session *session, const char *group)
{
	if (group[0] == '\0' || strspn(group, "0123456789") != strlen(group) || strtoll(group, NULL, 10) < 2)
		return;
	char line[64];
	struct ce_error ignored = { 0 };
	(void)snprintf(line, sizeof(line), "kill -KILL -%s", group);
	CE_CLEANUP(run_release) struct run run = { .session = session, .limit = 256, .last = ce_monotonic_ms() };
	if (start(&run, line, &ignored) == CE_OK)
		CE_IGNORE(run_to_end(&run, ce_monotonic_ms() + KILL_MS, &ignored)); /* the timeout is what counts */
}

int
ce_ssh_exec(struct ce_ssh_session *session, const struct ce_ssh_order *order, bool *ret_absent,
	struct ce_outcome *ret_outcome, struct ce_error *err)
{
	if (!order->line)
		return ce_fail(err, CE_ERR_INVALID, "a malformed request to run a program");
	CE_CLEANUP(run_release) struct run run = { .session = session, .input = order->input, .limit = order->limit,
		.last = ce_monotonic_ms() };
	char word[32];
	int code = start(&run, order->line, err);
	if (code == CE_OK)
		code = run_to_end(&run, ce_monotonic_ms() + order->timeout_ms, err);
	take_mark(&run.out, word, sizeof(word));
	if (code < 0 && code != CE_ERR_TIMEOUT)
		return code;
	*ret_absent = run.ended && strcmp(word, CE_SSH_ABSENT) == 0;
	ret_outcome->status = run.status;
	ret_outcome->timed_out = code == CE_ERR_TIMEOUT;
	if (ret_outcome->timed_out)
		kill_group(session, word);
	if (run.out.size > order->limit) {
		run.out.size = order->limit;
		run.out.data[run.out.size] = '\0';
	}
	ret_outcome->out = run.out;
	ret_outcome->err = run.err;
	run.out = run.err = (struct ce_buf)CE_BUF_INIT;
	return CE_OK;
}
