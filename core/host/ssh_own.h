/* What the supervisor's files about SSH share. */
#ifndef CE_HOST_SSH_OWN_H
#define CE_HOST_SSH_OWN_H

#include "base/process.h"
#include "host/ssh.h"
#include "host/ssh_wire.h"

struct ce_ssh_host {
	struct ce_host head;
	char *url, *address, *user, *agent;
	int port, timeout_s;
	struct ce_strlist identities, known_hosts;
	struct ce_helper helper;
	bool barred;             /* not tried again in this run */
	long long down_until;    /* until then (monotonic, ms) it is not tried again */
	char down[CE_ERROR_TEXT_MAX]; /* why */
};

/* What an answer brought. */
struct ce_ssh_answer {
	struct ce_message message;
	struct ce_buf payload;
};
#define CE_SSH_ANSWER_INIT { CE_MESSAGE_INIT(0), CE_BUF_SECRET }
void ce_ssh_answer_release(struct ce_ssh_answer *answer);

/* Connects if need be, asks and waits so long for the answer beyond what connecting takes. CE_OK: it is CE_SSH_DONE, whose
 * fields are the caller's to read. What fails names the host. A connection that was lost is made anew by the next request. */
CE_MUSTCHECK int ce_ssh_ask(struct ce_ssh_host *host, const struct ce_message *request, struct ce_bytes payload,
	int wait_ms, struct ce_ssh_answer *ret_answer, struct ce_error *err);
/* After the answer's fields: CE_ERR_INVALID, and the helper is stopped, when it said something else than it should. */
CE_MUSTCHECK int ce_ssh_answered(struct ce_ssh_host *host, const struct ce_ssh_answer *answer, bool sound,
	struct ce_error *err);

/* --- ssh_open.c: what the helper is given --- */
CE_MUSTCHECK int ce_ssh_start(struct ce_ssh_host *host, struct ce_error *err);
CE_MUSTCHECK int ce_ssh_opening(const struct ce_ssh_host *host, struct ce_message *request, struct ce_buf *ret_known,
	struct ce_error *err);

/* --- ssh_files.c, ssh_run.c: the operations --- */
void ce_ssh_files_fill(struct ce_host *host);
void ce_ssh_run_fill(struct ce_host *host);

/* The operations get it as it is shown to the others. */
static inline struct ce_ssh_host *
ce_ssh_of(const struct ce_host *host)
{
	return (struct ce_ssh_host *)host;
}

#endif
