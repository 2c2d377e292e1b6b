/* Running programs: an argument vector, never a shell; a built environment; no
 * inherited descriptors; limited output; a deadline for the whole process group. */
#ifndef CE_BASE_PROCESS_H
#define CE_BASE_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/buf.h"

struct ce_process_spec {
	const char *const *argv;    /* argv[0] is an absolute path */
	const char *const *env;     /* additions "NAME=value" to the fixed environment, may be NULL */
	struct ce_bytes input;      /* standard input; empty: /dev/null */
	int timeout_ms;             /* the group is killed when it is over; 0: 60 s */
	size_t output_limit;        /* for each stream; what is beyond is read and dropped; 0: 64 KiB */
};

struct ce_outcome {
	int status;         /* exit status; 128 + n when signal n ended it */
	bool timed_out;
	struct ce_buf out;
	struct ce_buf err;
};

#define CE_OUTCOME_INIT { 0, false, CE_BUF_INIT, CE_BUF_INIT }

/* Runs to the end. A non-zero status is CE_OK here: the caller judges. CE_ERR_NOT_FOUND or
 * CE_ERR_SYSTEM when it could not be started, CE_ERR_TIMEOUT with ret_outcome filled. The end is that
 * of the program itself: what it leaves running in the background is neither waited for nor killed.
 * Not wiped: ask for no secret on the output. */
CE_MUSTCHECK int ce_process_run(const struct ce_process_spec *spec, struct ce_outcome *ret_outcome,
	struct ce_error *err);
void ce_outcome_release(struct ce_outcome *outcome);

/* A program that runs while other things go on. It is killed with whoever started it. */
struct ce_running;
#define CE_RUNNING_FDS 3

CE_MUSTCHECK int ce_running_start(const struct ce_process_spec *spec, struct ce_running **ret_child, struct ce_error *err);
/* Descriptors to wait for (to read), at most CE_RUNNING_FDS; returns how many. */
size_t ce_running_fds(const struct ce_running *child, int *fds);
/* Milliseconds until its time is over. */
long long ce_running_left_ms(const struct ce_running *child);
/* Takes its output without waiting. CE_UNCHANGED: it still runs; else as ce_process_run, and it has ended. */
CE_MUSTCHECK int ce_running_step(struct ce_running *child, struct ce_error *err);
const struct ce_outcome *ce_running_outcome(const struct ce_running *child);
/* Kills it if it still runs. Accepts NULL. */
void ce_running_free(struct ce_running *child);

/* A helper: one of our own programs, talked to over a socket (its descriptor 3). Descriptors in
 * pass[] become 4, 5, ... in the child. It dies with us (parent death signal). */
struct ce_helper {
	pid_t pid;  /* 0: not running */
	int fd;     /* our end of the socket, -1: none */
};

#define CE_HELPER_INIT { 0, -1 }

CE_MUSTCHECK int ce_helper_start(const char *const *argv, const int *pass, size_t pass_count,
	struct ce_helper *ret_helper, struct ce_error *err);

/* A child of ours that goes on with what is in memory: run is called in it with its end of a socket, and it ends when
 * run returns; nothing is flushed or freed then. Descriptors of ours stay open in it; those that belong to other helpers
 * are not for it to use. It leaves our process group and dies with us. Stopped as a helper is. */
CE_MUSTCHECK int ce_child_start(void (*run)(int fd, void *context), void *context, struct ce_helper *ret_child,
	struct ce_error *err);

/* Closes the socket, waits up to grace_ms for the end, then kills. Safe on CE_HELPER_INIT. */
void ce_helper_stop(struct ce_helper *helper, int grace_ms);

/* In the helper itself, after it has opened what it needs: gives up root for the unprivileged
 * account ("certengine", else "nobody"), all capabilities, new privileges, core dumps and (where the kernel
 * knows Landlock) every path but those in readable, a NULL-terminated list of files and directories
 * (with what is below) that stay readable as far as the account may; NULL: none. Missing ones are
 * passed over. */
CE_MUSTCHECK int ce_process_confine(const char *const *readable, struct ce_error *err);

/* At the very start of a program: descriptors 0-2 open, the rest closed (from keep_from on), umask
 * 077, no core dumps, fixed environment (TERM, NO_COLOR and CREDENTIALS_DIRECTORY stay) and working
 * directory /, empty signal mask, SIGPIPE ignored. */
void ce_process_hygiene(int keep_from);

/* CE_ERR_LIMIT when so few files may be open at once that a transaction could be begun, but not taken back. */
CE_MUSTCHECK int ce_process_room(struct ce_error *err);

#endif
