#include "base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/spawn.h"
#include "base/sys.h"

#define DEFAULT_TIMEOUT_MS 60000
#define DEFAULT_OUTPUT_LIMIT 65536
#define CHUNK 16384

enum { WATCH_OUT, WATCH_ERR, WATCH_END, WATCH_COUNT };

/* A program that runs. */
struct run {
	pid_t pid;               /* 0: ended and reaped */
	int out, err_fd;         /* our ends of its output */
	int end;                 /* readable when it has ended */
	long long deadline;
	size_t limit;
	struct ce_outcome *outcome;
};

void
ce_outcome_release(struct ce_outcome *outcome)
{
	ce_buf_release(&outcome->out);
	ce_buf_release(&outcome->err);
}

static void
kill_group(const struct run *run)
{
	if (ce_sys->kill(-run->pid, SIGKILL) != 0)
		(void)ce_sys->kill(run->pid, SIGKILL);
}

/* CE_ERR_SYSTEM when nobody can tell how it ended: that must not pass for success. */
static int
reap(struct run *run, struct ce_error *err)
{
	int status = 0;
	pid_t got;
	do
		got = ce_sys->waitpid(run->pid, &status, 0);
	while (got < 0 && errno == EINTR);
	run->pid = 0;
	if (got < 0)
		return ce_fail_errno(err, errno, "learn how a program ended");
	run->outcome->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	return CE_OK;
}

static void
run_release(struct run *run)
{
	if (run->pid > 0) {
		kill_group(run);
		CE_IGNORE(reap(run, NULL)); /* an earlier failure is being left */
	}
	ce_closep(&run->out);
	ce_closep(&run->err_fd);
	ce_closep(&run->end);
}

/* Standard input from memory: no pipe to serve, so a program that does not read cannot block us. */
static int
open_input(struct ce_bytes input, int *ret_fd, struct ce_error *err)
{
	if (input.size == 0)
		return ce_spawn_null(ret_fd, err);

	CE_CLEANUP(ce_closep) int fd = ce_sys->memfd_create("certengine-input", MFD_CLOEXEC);
	if (fd < 0)
		return ce_fail_errno(err, errno, "create the standard input of a program");
	while (input.size > 0) {
		ssize_t written = ce_sys->write(fd, input.data, input.size);
		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return ce_fail_errno(err, errno, "write the standard input of a program");
		input.data += written;
		input.size -= (size_t)written;
	}
	if (ce_sys->lseek(fd, 0, SEEK_SET) != 0)
		return ce_fail_errno(err, errno, "rewind the standard input of a program");
	*ret_fd = fd;
	fd = -1;
	return CE_OK;
}

static int
open_pipe(int *ret_ours, int *ret_theirs, struct ce_error *err)
{
	int ends[2] = { -1, -1 };
	if (ce_sys->pipe2(ends, O_CLOEXEC) != 0)
		return ce_fail_errno(err, errno, "create a pipe");
	*ret_ours = ends[0];
	*ret_theirs = ends[1];
	return CE_OK;
}

static int
start(const struct ce_process_spec *spec, struct run *run, struct ce_error *err)
{
	CE_CLEANUP(ce_closep) int in = -1;
	CE_CLEANUP(ce_closep) int out = -1;
	CE_CLEANUP(ce_closep) int err_fd = -1;
	int code = open_input(spec->input, &in, err);
	if (code == CE_OK)
		code = open_pipe(&run->out, &out, err);
	if (code == CE_OK)
		code = open_pipe(&run->err_fd, &err_fd, err);
	if (code != CE_OK)
		return code;

	const int fds[] = { in, out, err_fd };
	struct ce_spawn spawn = { .argv = spec->argv, .env = spec->env, .fds = fds, .fd_count = CE_COUNT(fds) };
	code = ce_spawn(&spawn, &run->pid, err);
	if (code != CE_OK)
		return code;
	run->end = ce_sys->pidfd_open(run->pid, 0);
	if (run->end < 0)
		return ce_fail_errno(err, errno, "watch '%s'", spec->argv[0]);
	return CE_OK;
}

/* Takes what a stream has now; beyond the limit it is dropped. Closes *fd at its end. */
static int
take(int *fd, size_t limit, struct ce_buf *buf, struct ce_error *err)
{
	char chunk[CHUNK];
	ssize_t got = ce_sys->read(*fd, chunk, sizeof(chunk));
	if (got < 0 && (errno == EINTR || errno == EAGAIN))
		return CE_OK;
	if (got < 0)
		return ce_fail_errno(err, errno, "read the output of a program");
	if (got == 0) {
		ce_closep(fd);
		return CE_OK;
	}
	size_t room = limit > buf->size ? limit - buf->size : 0;
	return ce_buf_add(buf, chunk, (size_t)got < room ? (size_t)got : room, err);
}

/* One round of waiting. CE_UNCHANGED: the program has ended and its output is read. */
static int
serve(struct run *run, int wait_ms, struct ce_error *err)
{
	struct pollfd fds[WATCH_COUNT] = {
		[WATCH_OUT] = { .fd = run->out, .events = POLLIN },
		[WATCH_ERR] = { .fd = run->err_fd, .events = POLLIN },
		[WATCH_END] = { .fd = run->end, .events = POLLIN },
	};
	int ready = ce_sys->poll(fds, WATCH_COUNT, wait_ms);
	if (ready < 0 && errno != EINTR)
		return ce_fail_errno(err, errno, "wait for a program");
	if (ready <= 0)
		return CE_OK;

	int code = CE_OK;
	if (fds[WATCH_OUT].revents != 0)
		code = take(&run->out, run->limit, &run->outcome->out, err);
	if (code == CE_OK && fds[WATCH_ERR].revents != 0)
		code = take(&run->err_fd, run->limit, &run->outcome->err, err);
	if (code != CE_OK)
		return code;
	bool quiet = fds[WATCH_OUT].revents == 0 && fds[WATCH_ERR].revents == 0;
	return quiet && fds[WATCH_END].revents != 0 ? CE_UNCHANGED : CE_OK;
}

static int
run_to_end(struct run *run, struct ce_error *err)
{
	for (;;) {
		long long left = run->deadline - ce_monotonic_ms();
		if (left <= 0)
			return CE_ERR_TIMEOUT;
		int code = serve(run, left > 60000 ? 60000 : (int)left, err);
		if (code == CE_UNCHANGED)
			return reap(run, err);
		if (code != CE_OK)
			return code;
	}
}

/* Its time is over. */
static int
give_up(struct run *run, const char *program, int timeout_ms, struct ce_error *err)
{
	run->outcome->timed_out = true;
	kill_group(run);
	CE_IGNORE(reap(run, NULL)); /* the timeout is what counts */
	return ce_fail(err, CE_ERR_TIMEOUT, "'%s' did not end within %d ms and was killed", program, timeout_ms);
}

static struct run
make_run(const struct ce_process_spec *spec, struct ce_outcome *outcome, int *ret_timeout_ms)
{
	*ret_timeout_ms = spec->timeout_ms > 0 ? spec->timeout_ms : DEFAULT_TIMEOUT_MS;
	return (struct run){ .out = -1, .err_fd = -1, .end = -1, .outcome = outcome,
		.deadline = ce_monotonic_ms() + *ret_timeout_ms,
		.limit = spec->output_limit > 0 ? spec->output_limit : DEFAULT_OUTPUT_LIMIT };
}

int
ce_process_run(const struct ce_process_spec *spec, struct ce_outcome *ret_outcome, struct ce_error *err)
{
	int timeout_ms;
	CE_CLEANUP(ce_outcome_release) struct ce_outcome outcome = CE_OUTCOME_INIT;
	CE_CLEANUP(run_release) struct run run = make_run(spec, &outcome, &timeout_ms);
	int code = start(spec, &run, err);
	if (code == CE_OK)
		code = run_to_end(&run, err);
	if (code == CE_ERR_TIMEOUT)
		code = give_up(&run, spec->argv[0], timeout_ms, err);
	if (code != CE_OK && code != CE_ERR_TIMEOUT)
		return code;
	ce_outcome_release(ret_outcome);
	*ret_outcome = outcome;
	outcome = (struct ce_outcome)CE_OUTCOME_INIT;
	return code;
}

/* --- while other things go on --- */

struct ce_running {
	struct run run;
	struct ce_outcome outcome;
	char *program;
	int timeout_ms;
};

int
ce_running_start(const struct ce_process_spec *spec, struct ce_running **ret_child, struct ce_error *err)
{
	struct ce_running *child = calloc(1, sizeof(*child));
	if (!child)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	child->outcome = (struct ce_outcome)CE_OUTCOME_INIT;
	child->run = make_run(spec, &child->outcome, &child->timeout_ms);
	child->program = strdup(spec->argv[0]);
	int code = child->program ? start(spec, &child->run, err) : ce_fail(err, CE_ERR_MEMORY, "out of memory");
	if (code == CE_OK)
		*ret_child = child;
	else
		ce_running_free(child);
	return code;
}

size_t
ce_running_fds(const struct ce_running *child, int *fds)
{
	const int all[] = { child->run.out, child->run.err_fd, child->run.end };
	size_t count = 0;
	for (size_t i = 0; i < CE_COUNT(all); i++)
		if (all[i] >= 0)
			fds[count++] = all[i];
	return count;
}

long long
ce_running_left_ms(const struct ce_running *child)
{
	long long left = child->run.deadline - ce_monotonic_ms();
	return left > 0 ? left : 0;
}

int
ce_running_step(struct ce_running *child, struct ce_error *err)
{
	int code = serve(&child->run, 0, err);
	if (code == CE_UNCHANGED)
		return reap(&child->run, err);
	if (code != CE_OK)
		return code;
	if (ce_running_left_ms(child) == 0)
		return give_up(&child->run, child->program, child->timeout_ms, err);
	return CE_UNCHANGED;
}

const struct ce_outcome *
ce_running_outcome(const struct ce_running *child)
{
	return &child->outcome;
}

void
ce_running_free(struct ce_running *child)
{
	if (!child)
		return;
	run_release(&child->run);
	ce_outcome_release(&child->outcome);
	free(child->program);
	free(child);
}
