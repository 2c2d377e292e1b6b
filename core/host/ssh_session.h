/* The inside of certengine-ssh: one connection to one host. */
#ifndef CE_HOST_SSH_SESSION_H
#define CE_HOST_SSH_SESSION_H

#include <libssh/libssh.h>
#include <libssh/sftp.h>

#include "base/process.h"
#include "host/ssh_wire.h"

#define CE_SSH_TRUSTED_MAX 32

struct ce_ssh_session {
	ssh_session ssh;         /* NULL: not connected */
	ssh_event event;
	ssh_channel files;       /* of sftp */
	sftp_session sftp;       /* NULL: not begun */
	char *trusted[CE_SSH_TRUSTED_MAX]; /* directories that only root can change, and so all above them */
	size_t trusted_count;
};

/* What OPEN brings. */
struct ce_ssh_login {
	const char *address, *user;
	int port, timeout_s;
	bool agent;
	const char *known_file;  /* for messages */
	struct ce_bytes known;   /* lines of known_hosts files */
	const char *names[CE_SSH_KEYS_MAX];
	struct ce_bytes keys[CE_SSH_KEYS_MAX];
	size_t key_count;
};

/* --- ssh_session.c --- */
CE_MUSTCHECK int ce_ssh_connect(struct ce_ssh_session *session, const struct ce_ssh_login *login, struct ce_error *err);
void ce_ssh_disconnect(struct ce_ssh_session *session);
bool ce_ssh_is_alive(const struct ce_ssh_session *session);
/* As ce_fail with CE_ERR_NETWORK and what the library says. */
int ce_ssh_fail(const struct ce_ssh_session *session, struct ce_error *err, const char *what);

/* --- ssh_known.c: pinned host keys --- */
/* Before connecting: asks for host keys of the kinds that are recorded. */
CE_MUSTCHECK int ce_ssh_known_prefer(struct ce_ssh_session *session, const struct ce_ssh_login *login,
	struct ce_error *err);
/* CE_ERR_REFUSED unless the key that was shown is recorded for this host. */
CE_MUSTCHECK int ce_ssh_known_check(struct ce_ssh_session *session, const struct ce_ssh_login *login,
	struct ce_error *err);

/* --- ssh_path.c --- */
/* What a path stands for on that host: links are followed where only root can have made them, else CE_ERR_REFUSED. The last
 * component need not exist (*ret_there is NULL then), its directory must: CE_ERR_NOT_FOUND. The caller frees both. */
CE_MUSTCHECK int ce_ssh_resolve(struct ce_ssh_session *session, const char *path, char **ret_path,
	sftp_attributes *ret_there, struct ce_error *err);
void ce_ssh_attributesp(sftp_attributes *attributes);

/* --- ssh_sftp.c --- */
/* Begins SFTP once; CE_ERR_REFUSED where the server lacks what atomic replacement needs. */
CE_MUSTCHECK int ce_ssh_files(struct ce_ssh_session *session, struct ce_error *err);
/* What the last failed operation on path was: CE_ERR_NOT_FOUND, CE_ERR_SYSTEM, CE_ERR_NETWORK. */
int ce_ssh_fail_file(const struct ce_ssh_session *session, struct ce_error *err, const char *what, const char *path);
/* Owner, mode of an open file; SSH_FX_OK or what the server said, -1: the connection is lost. The library has these for paths
 * only, where somebody could put a link between. */
CE_MUSTCHECK int ce_ssh_set_owner(struct ce_ssh_session *session, sftp_file file, uid_t uid, gid_t gid);
CE_MUSTCHECK int ce_ssh_set_mode(struct ce_ssh_session *session, sftp_file file, mode_t mode);
/* Renames at one blow; where something is already it is replaced, or with replace == false that fails (of OpenSSH's server it
 * is known; the library uses either, as its version is). The same answers. */
CE_MUSTCHECK int ce_ssh_rename(struct ce_ssh_session *session, const char *from, const char *to, bool replace);

/* --- ssh_exec.c --- */
struct ce_ssh_order {
	const char *line;        /* by ssh_line.h */
	struct ce_bytes input;
	int timeout_ms;
	size_t limit;            /* of each stream */
};
CE_MUSTCHECK int ce_ssh_exec(struct ce_ssh_session *session, const struct ce_ssh_order *order, bool *ret_absent,
	struct ce_outcome *ret_outcome, struct ce_error *err);

/* --- ssh_jobs.c: the requests; each reads asked and fills reply and payload --- */
typedef int (*ce_ssh_job)(struct ce_ssh_session *session, struct ce_message *asked, struct ce_bytes given,
	struct ce_message *reply, struct ce_buf *payload, struct ce_error *err);
CE_MUSTCHECK int ce_ssh_job_stat(struct ce_ssh_session *session, struct ce_message *asked, struct ce_bytes given,
	struct ce_message *reply, struct ce_buf *payload, struct ce_error *err);
CE_MUSTCHECK int ce_ssh_job_list(struct ce_ssh_session *session, struct ce_message *asked, struct ce_bytes given,
	struct ce_message *reply, struct ce_buf *payload, struct ce_error *err);
CE_MUSTCHECK int ce_ssh_job_read(struct ce_ssh_session *session, struct ce_message *asked, struct ce_bytes given,
	struct ce_message *reply, struct ce_buf *payload, struct ce_error *err);
/* --- ssh_replace.c --- */
CE_MUSTCHECK int ce_ssh_job_prepare(struct ce_ssh_session *session, struct ce_message *asked, struct ce_bytes given,
	struct ce_message *reply, struct ce_buf *payload, struct ce_error *err);
CE_MUSTCHECK int ce_ssh_job_switch(struct ce_ssh_session *session, struct ce_message *asked, struct ce_bytes given,
	struct ce_message *reply, struct ce_buf *payload, struct ce_error *err);
CE_MUSTCHECK int ce_ssh_job_discard(struct ce_ssh_session *session, struct ce_message *asked, struct ce_bytes given,
	struct ce_message *reply, struct ce_buf *payload, struct ce_error *err);
CE_MUSTCHECK int ce_ssh_job_remove(struct ce_ssh_session *session, struct ce_message *asked, struct ce_bytes given,
	struct ce_message *reply, struct ce_buf *payload, struct ce_error *err);
CE_MUSTCHECK int ce_ssh_job_settle(struct ce_ssh_session *session, struct ce_message *asked, struct ce_bytes given,
	struct ce_message *reply, struct ce_buf *payload, struct ce_error *err);
/* Reads a regular file whole; what describes it in ret_attributes, that the caller frees. */
CE_MUSTCHECK int ce_ssh_slurp(struct ce_ssh_session *session, const char *path, size_t limit, struct ce_buf *ret_bytes,
	sftp_attributes *ret_attributes, struct ce_error *err);

#endif
