/* Requests that replace and remove files: the new content lies beside the old, durable and with its owner and mode, before
 * it is renamed over it. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "host/ssh_line.h"
#include "host/ssh_session.h"

#define WRITE_PIECE (32u << 10)
#define SYNC_MS 60000

struct wanted {
	const char *path, *temporary;
	uid_t uid;
	gid_t gid;
	mode_t mode;
	struct ce_bytes bytes;
};

static int
fail_status(int status, const char *what, const char *path, struct ce_error *err)
{
	if (status < 0)
		return ce_fail(err, CE_ERR_NETWORK, "%s '%s': the connection was lost", what, path);
	return ce_fail(err, CE_ERR_SYSTEM, "%s '%s': %s", what, path,
		status == SSH_FX_PERMISSION_DENIED ? "permission denied" : "the server refused it");
}

/* Owner first: changing it would take set-id bits away again. */
static int
dress(struct ce_ssh_session *session, sftp_file file, const struct wanted *wanted, struct ce_error *err)
{
	CE_CLEANUP(ce_ssh_attributesp) sftp_attributes is = sftp_fstat(file);
	if (!is)
		return ce_ssh_fail_file(session, err, "examine the new", wanted->path);
	int status = is->uid == wanted->uid && is->gid == wanted->gid ? SSH_FX_OK
	                                                           : ce_ssh_set_owner(session, file, wanted->uid, wanted->gid);
	if (status != SSH_FX_OK)
		return fail_status(status, "give its owner to", wanted->path, err);
	status = ce_ssh_set_mode(session, file, wanted->mode);
	return status == SSH_FX_OK ? CE_OK : fail_status(status, "give its mode to", wanted->path, err);
}

static int
write_all(struct ce_ssh_session *session, sftp_file file, const struct wanted *wanted, struct ce_error *err)
{
	for (struct ce_bytes left = wanted->bytes; left.size > 0;) {
		size_t size = left.size < WRITE_PIECE ? left.size : WRITE_PIECE;
		ssize_t written = sftp_write(file, left.data, size);
		if (written <= 0)
			return ce_ssh_fail_file(session, err, "write beside", wanted->path);
		left.data += written;
		left.size -= (size_t)written;
	}
	return CE_OK;
}

/* Others get at the bytes only once all of them are there. */
static int
fill(struct ce_ssh_session *session, sftp_file file, const struct wanted *wanted, struct ce_error *err)
{
	bool private = (wanted->mode & 077) == 0;
	int code = private ? dress(session, file, wanted, err) : CE_OK;
	if (code == CE_OK)
		code = write_all(session, file, wanted, err);
	if (code == CE_OK && !private)
		code = dress(session, file, wanted, err);
	if (code == CE_OK && sftp_fsync(file) != SSH_OK)
		code = ce_ssh_fail_file(session, err, "make durable what is beside", wanted->path);
	return code;
}

/* One of that name is left from a run that was killed. */
static int
create(struct ce_ssh_session *session, const char *temporary, bool named, sftp_file *ret_file, struct ce_error *err)
{
	const int flags = O_WRONLY | O_CREAT | O_EXCL;
	sftp_file file = sftp_open(session->sftp, temporary, flags, 0600);
	if (!file && named && sftp_unlink(session->sftp, temporary) == SSH_OK)
		file = sftp_open(session->sftp, temporary, flags, 0600);
	if (!file)
		return ce_ssh_fail_file(session, err, "create", temporary);
	*ret_file = file;
	return CE_OK;
}

static int
write_temporary(struct ce_ssh_session *session, const char *temporary, const struct wanted *wanted, struct ce_error *err)
{
	sftp_file file = NULL;
	int code = create(session, temporary, wanted->temporary != NULL, &file, err);
	if (code < 0)
		return code;
	code = fill(session, file, wanted, err);
	int closed = sftp_close(file);
	if (code == CE_OK && closed != SSH_OK)
		code = ce_ssh_fail_file(session, err, "close what is beside", wanted->path);
	if (code < 0 && ce_ssh_is_alive(session))
		(void)sftp_unlink(session->sftp, temporary); /* the failure is what counts */
	return code;
}

static int
name_temporary(const char *path, const char *name, char **ret_path, struct ce_error *err)
{
	size_t directory = (size_t)(strrchr(path, '/') - path);
	unsigned char chance[8];
	char *made = NULL;
	if (name && (strchr(name, '/') || name[0] == '\0'))
		return ce_fail(err, CE_ERR_INVALID, "'%s' cannot name a temporary file", name);
	if (!name && ssh_get_random(chance, sizeof(chance), 0) != 1)
		return ce_fail(err, CE_ERR_CRYPTO, "no random bytes");
	unsigned long long number = 0;
	memcpy(&number, chance, name ? 0 : sizeof(number));
	int done = name ? asprintf(&made, "%.*s/%s", (int)directory, path, name)
	                : asprintf(&made, "%.*s/.certengine-%016llx", (int)directory, path, number);
	*ret_path = done < 0 ? NULL : made;
	return done < 0 ? ce_fail(err, CE_ERR_MEMORY, "out of memory") : CE_OK;
}

int
ce_ssh_job_prepare(struct ce_ssh_session *session, struct ce_message *asked, struct ce_bytes given,
	struct ce_message *reply, struct ce_buf *payload, struct ce_error *err)
{
	(void)payload;
	struct wanted wanted = { .path = ce_message_get_str(asked), .bytes = given };
	wanted.temporary = ce_message_get_str(asked);
	wanted.uid = (uid_t)ce_message_get_int(asked);
	wanted.gid = (gid_t)ce_message_get_int(asked);
	wanted.mode = (mode_t)ce_message_get_int(asked);
	CE_CLEANUP(ce_freep) char *path = NULL;
	CE_CLEANUP(ce_freep) char *temporary = NULL;
	CE_CLEANUP(ce_ssh_attributesp) sftp_attributes there = NULL;
	int code = ce_message_end(asked, err);
	if (code == CE_OK)
		code = ce_ssh_resolve(session, wanted.path, &path, &there, err);
	if (code == CE_OK && there && !S_ISREG(there->permissions))
		code = ce_fail(err, CE_ERR_REFUSED, "'%s' is not a regular file", wanted.path);
	if (code == CE_OK)
		code = name_temporary(path, wanted.temporary, &temporary, err);
	if (code == CE_OK)
		code = write_temporary(session, temporary, &wanted, err);
	if (code < 0)
		return code;
	ce_message_put_str(reply, path);
	ce_message_put_str(reply, temporary);
	ce_message_put_int(reply, there != NULL);
	return CE_OK;
}

static int
switch_new(struct ce_ssh_session *session, const char *path, const char *temporary, struct ce_error *err)
{
	int status = ce_ssh_rename(session, temporary, path, false);
	if (status == SSH_FX_OK)
		return CE_OK;
	CE_CLEANUP(ce_ssh_attributesp) sftp_attributes there = status < 0 ? NULL : sftp_lstat(session->sftp, path);
	if (there)
		return ce_fail(err, CE_ERR_FOREIGN, "'%s' has appeared meanwhile; it is left as it is", path);
	return fail_status(status, "put in place", path, err);
}

/* What is read is gone a moment later; an edit between the two cannot be seen. */
static int
switch_old(struct ce_ssh_session *session, const char *path, const char *temporary, bool look, struct ce_buf *payload,
	struct ce_error *err)
{
	CE_CLEANUP(ce_ssh_attributesp) sftp_attributes there = sftp_lstat(session->sftp, path);
	CE_CLEANUP(ce_ssh_attributesp) sftp_attributes read = NULL;
	int code = there ? CE_OK : ce_ssh_fail_file(session, err, "examine", path);
	if (code == CE_ERR_NOT_FOUND)
		return ce_fail(err, CE_ERR_FOREIGN, "'%s' has disappeared meanwhile", path);
	if (code == CE_OK && !S_ISREG(there->permissions))
		return ce_fail(err, CE_ERR_FOREIGN, "'%s' was replaced by something else meanwhile", path);
	if (code == CE_OK && look)
		code = ce_ssh_slurp(session, path, CE_SSH_PAYLOAD_MAX, payload, &read, err);
	int status = code == CE_OK ? ce_ssh_rename(session, temporary, path, true) : SSH_FX_OK;
	return status == SSH_FX_OK ? code : fail_status(status, "put in place", path, err);
}

int
ce_ssh_job_switch(struct ce_ssh_session *session, struct ce_message *asked, struct ce_bytes given,
	struct ce_message *reply, struct ce_buf *payload, struct ce_error *err)
{
	(void)given;
	(void)reply;
	const char *path = ce_message_get_str(asked), *temporary = ce_message_get_str(asked);
	bool existed = ce_message_get_int(asked) != 0, look = ce_message_get_int(asked) != 0;
	int code = ce_message_end(asked, err);
	if (code == CE_OK && (!path || !temporary))
		code = ce_fail(err, CE_ERR_INVALID, "a malformed request to replace a file");
	if (code < 0)
		return code;
	return existed ? switch_old(session, path, temporary, look, payload, err) : switch_new(session, path, temporary, err);
}

int
ce_ssh_job_discard(struct ce_ssh_session *session, struct ce_message *asked, struct ce_bytes given,
	struct ce_message *reply, struct ce_buf *payload, struct ce_error *err)
{
	(void)given;
	(void)reply;
	(void)payload;
	const char *temporary = ce_message_get_str(asked);
	int code = ce_message_end(asked, err);
	if (code < 0 || !temporary)
		return ce_fail(err, CE_ERR_INVALID, "a malformed request to remove a file");
	return sftp_unlink(session->sftp, temporary) == SSH_OK ? CE_OK : ce_ssh_fail_file(session, err, "remove", temporary);
}

/* SFTP cannot open a directory to make its entries durable; sync(1) can. */
static int
settle_directory(struct ce_ssh_session *session, const char *path, struct ce_error *err)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf line = CE_BUF_INIT;
	CE_CLEANUP(ce_outcome_release) struct ce_outcome outcome = CE_OUTCOME_INIT;
	size_t size = (size_t)(strrchr(path, '/') - path);
	CE_CLEANUP(ce_freep) char *directory = size ? strndup(path, size) : strdup("/");
	if (!directory)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	const char *const argv[] = { "sync", directory, NULL };
	bool absent = false;
	int code = ce_ssh_line(&line, argv, NULL, err);
	struct ce_ssh_order order = { .line = ce_buf_text(&line), .timeout_ms = SYNC_MS, .limit = 1024 };
	if (code == CE_OK)
		code = ce_ssh_exec(session, &order, &absent, &outcome, err);
	if (code < 0)
		return code;
	if (outcome.status != 0 || outcome.timed_out)
		return ce_fail(err, CE_ERR_SYSTEM, "make the directory of '%s' durable: `sync` ended with status %d: %.200s", path,
			outcome.status, ce_buf_text(&outcome.err));
	return CE_OK;
}

int
ce_ssh_job_settle(struct ce_ssh_session *session, struct ce_message *asked, struct ce_bytes given,
	struct ce_message *reply, struct ce_buf *payload, struct ce_error *err)
{
	(void)given;
	(void)reply;
	(void)payload;
	const char *path = ce_message_get_str(asked);
	int code = ce_message_end(asked, err);
	if (code < 0 || !path || path[0] != '/')
		return ce_fail(err, CE_ERR_INVALID, "a malformed request to make a directory durable");
	return settle_directory(session, path, err);
}

int
ce_ssh_job_remove(struct ce_ssh_session *session, struct ce_message *asked, struct ce_bytes given,
	struct ce_message *reply, struct ce_buf *payload, struct ce_error *err)
{
	(void)given;
	(void)payload;
	CE_CLEANUP(ce_freep) char *path = NULL;
	CE_CLEANUP(ce_ssh_attributesp) sftp_attributes there = NULL;
	const char *wanted = ce_message_get_str(asked);
	int code = ce_message_end(asked, err);
	if (code == CE_OK)
		code = ce_ssh_resolve(session, wanted, &path, &there, err);
	if (code < 0 && code != CE_ERR_NOT_FOUND)
		return code;
	ce_message_put_int(reply, there != NULL);
	if (!there)
		return CE_OK;
	if (sftp_unlink(session->sftp, path) != SSH_OK)
		return ce_ssh_fail_file(session, err, "remove", wanted);
	return settle_directory(session, path, err);
}
