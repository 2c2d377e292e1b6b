/* SFTP where the library's own calls are not enough: beginning it, and what must be done to an open file. */
#include <arpa/inet.h>
#include <string.h>

#include "host/ssh_session.h"

/* SSH File Transfer Protocol, draft-ietf-secsh-filexfer-02, sections 3, 5 and 6. */
#define FXP_RENAME 18
#define FXP_FSETSTAT 10
#define FXP_STATUS 101
#define FXP_EXTENDED 200
#define ATTR_UIDGID 0x00000002u
#define ATTR_PERMISSIONS 0x00000004u
#define OWN_IDS 0xc0000000u    /* the library counts its own from 1 */
#define REPLY_MAX 4096

static const char posix_rename[] = "posix-rename@openssh.com";

static int
begin(struct ce_ssh_session *session, struct ce_error *err)
{
	session->files = ssh_channel_new(session->ssh);
	if (!session->files)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	if (ssh_channel_open_session(session->files) != SSH_OK || ssh_channel_request_sftp(session->files) != SSH_OK)
		return ce_fail(err, CE_ERR_REFUSED, "the server offers no SFTP (sshd_config: Subsystem sftp): %s",
			ssh_get_error(session->ssh));
	session->sftp = sftp_new_channel(session->ssh, session->files);
	if (!session->sftp || sftp_init(session->sftp) != SSH_OK)
		return ce_ssh_fail(session, err, "begin SFTP");
	return CE_OK;
}

static void
end(struct ce_ssh_session *session)
{
	if (session->sftp)
		sftp_free(session->sftp);
	else if (session->files)
		ssh_channel_free(session->files);
	session->sftp = NULL;
	session->files = NULL;
}

int
ce_ssh_files(struct ce_ssh_session *session, struct ce_error *err)
{
	static const char *const needed[] = { posix_rename, "fsync@openssh.com" };
	if (session->sftp)
		return CE_OK;
	int code = begin(session, err);
	for (size_t i = 0; code == CE_OK && i < CE_COUNT(needed); i++)
		if (!sftp_extension_supported(session->sftp, needed[i], "1"))
			code = ce_fail(err, CE_ERR_REFUSED, "its SFTP server has no %s: files cannot be replaced there at one blow and durably; "
				"OpenSSH 6.5 or later has it", needed[i]);
	if (code < 0)
		end(session);
	return code;
}

int
ce_ssh_fail_file(const struct ce_ssh_session *session, struct ce_error *err, const char *what, const char *path)
{
	if (!ce_ssh_is_alive(session) || !ssh_channel_is_open(session->files) || ssh_channel_is_eof(session->files))
		return ce_fail(err, CE_ERR_NETWORK, "%s '%s': the connection was lost", what, path);
	switch (sftp_get_error(session->sftp)) {
	case SSH_FX_NO_SUCH_FILE:
	case SSH_FX_NO_SUCH_PATH:
		return ce_fail(err, CE_ERR_NOT_FOUND, "%s '%s': no such file or directory", what, path);
	case SSH_FX_PERMISSION_DENIED:
		return ce_fail(err, CE_ERR_SYSTEM, "%s '%s': permission denied", what, path);
	case SSH_FX_CONNECTION_LOST:
	case SSH_FX_NO_CONNECTION:
		return ce_fail(err, CE_ERR_NETWORK, "%s '%s': the connection was lost", what, path);
	default:
		return ce_fail(err, CE_ERR_SYSTEM, "%s '%s': %s", what, path, ssh_get_error(session->ssh));
	}
}

/* --- requests of our own: nothing else is under way on the channel when they are made --- */

static int
put_number(struct ce_buf *packet, uint32_t number)
{
	uint32_t wire = htonl(number);
	return ce_buf_add(packet, &wire, sizeof(wire), NULL);
}

static int
put_string(struct ce_buf *packet, const void *data, size_t size)
{
	int code = put_number(packet, (uint32_t)size);
	return code == CE_OK ? ce_buf_add(packet, data, size, NULL) : code;
}

static int
begin_packet(struct ce_buf *packet, unsigned char type, uint32_t *ret_id)
{
	static uint32_t count;
	*ret_id = OWN_IDS | (++count & 0x0fffffffu);
	int code = put_number(packet, 0); /* its length, when it is known */
	if (code == CE_OK)
		code = ce_buf_add(packet, &type, 1, NULL);
	return code == CE_OK ? put_number(packet, *ret_id) : code;
}

static bool
read_whole(ssh_channel channel, void *out, size_t size)
{
	for (size_t got = 0; got < size;) {
		int now = ssh_channel_read(channel, (char *)out + got, (uint32_t)(size - got), 0);
		if (now <= 0)
			return false;
		got += (size_t)now;
	}
	return true;
}

static uint32_t
number_at(const unsigned char *bytes)
{
	uint32_t wire;
	memcpy(&wire, bytes, sizeof(wire));
	return ntohl(wire);
}

/* Sends and takes the status that answers it; -1 when that is none. */
static int
ask_status(struct ce_ssh_session *session, struct ce_buf *packet, uint32_t id)
{
	uint32_t size = htonl((uint32_t)(packet->size - 4));
	unsigned char reply[REPLY_MAX], head[4];
	memcpy(packet->data, &size, sizeof(size));
	if (ssh_channel_write(session->files, packet->data, (uint32_t)packet->size) != (int)packet->size
	    || !read_whole(session->files, head, sizeof(head)))
		return -1;
	uint32_t length = number_at(head);
	if (length < 9 || length > sizeof(reply) || !read_whole(session->files, reply, length) || reply[0] != FXP_STATUS
	    || number_at(reply + 1) != id)
		return -1;
	return (int)number_at(reply + 5);
}

static int
set_attributes(struct ce_ssh_session *session, sftp_file file, uint32_t flags, const uint32_t *values, size_t count)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf packet = CE_BUF_INIT;
	uint32_t id = 0;
	int code = begin_packet(&packet, FXP_FSETSTAT, &id);
	if (code == CE_OK)
		code = put_string(&packet, ssh_string_data(file->handle), ssh_string_len(file->handle));
	if (code == CE_OK)
		code = put_number(&packet, flags);
	for (size_t i = 0; code == CE_OK && i < count; i++)
		code = put_number(&packet, values[i]);
	return code < 0 ? -1 : ask_status(session, &packet, id);
}

int
ce_ssh_set_owner(struct ce_ssh_session *session, sftp_file file, uid_t uid, gid_t gid)
{
	const uint32_t values[] = { uid, gid };
	return set_attributes(session, file, ATTR_UIDGID, values, CE_COUNT(values));
}

int
ce_ssh_set_mode(struct ce_ssh_session *session, sftp_file file, mode_t mode)
{
	const uint32_t values[] = { mode & 07777 };
	return set_attributes(session, file, ATTR_PERMISSIONS, values, CE_COUNT(values));
}

int
ce_ssh_rename(struct ce_ssh_session *session, const char *from, const char *to, bool replace)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf packet = CE_BUF_INIT;
	uint32_t id = 0;
	int code = begin_packet(&packet, replace ? FXP_EXTENDED : FXP_RENAME, &id);
	if (code == CE_OK && replace)
		code = put_string(&packet, posix_rename, strlen(posix_rename));
	if (code == CE_OK)
		code = put_string(&packet, from, strlen(from));
	if (code == CE_OK)
		code = put_string(&packet, to, strlen(to));
	return code < 0 ? -1 : ask_status(session, &packet, id);
}
