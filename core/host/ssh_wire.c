#include "host/ssh_wire.h"

int
ce_ssh_payload_send(int fd, struct ce_bytes bytes, struct ce_error *err)
{
	CE_CLEANUP(ce_message_release) struct ce_message head = CE_MESSAGE_INIT(CE_SSH_PAYLOAD);
	ce_message_put_int(&head, (int64_t)bytes.size);
	int code = ce_message_send(fd, &head, err);
	while (code == CE_OK && bytes.size > 0) {
		size_t size = bytes.size < CE_SSH_PIECE ? bytes.size : CE_SSH_PIECE;
		CE_CLEANUP(ce_message_release) struct ce_message piece = CE_MESSAGE_INIT(CE_SSH_DATA);
		ce_message_put_bytes(&piece, (struct ce_bytes){ bytes.data, size });
		code = ce_message_send(fd, &piece, err);
		bytes.data += size;
		bytes.size -= size;
	}
	return code;
}

static int
receive_piece(int fd, int timeout_ms, size_t left, struct ce_buf *bytes, struct ce_error *err)
{
	CE_CLEANUP(ce_message_release) struct ce_message piece = CE_MESSAGE_INIT(0);
	int code = ce_message_receive(fd, timeout_ms, &piece, err);
	if (code < 0)
		return code;
	struct ce_bytes part = ce_message_get_bytes(&piece);
	code = ce_message_end(&piece, err);
	if (code < 0)
		return code;
	if (piece.kind != CE_SSH_DATA || part.size == 0 || part.size > left)
		return ce_fail(err, CE_ERR_INVALID, "a payload that is not what was announced");
	return ce_buf_add(bytes, part.data, part.size, err);
}

int
ce_ssh_payload_receive(int fd, int timeout_ms, size_t limit, struct ce_buf *ret_bytes, struct ce_error *err)
{
	CE_CLEANUP(ce_message_release) struct ce_message head = CE_MESSAGE_INIT(0);
	int code = ce_message_receive(fd, timeout_ms, &head, err);
	if (code < 0)
		return code;
	int64_t size = ce_message_get_int(&head);
	code = ce_message_end(&head, err);
	if (code < 0)
		return code;
	if (head.kind != CE_SSH_PAYLOAD || size < 0)
		return ce_fail(err, CE_ERR_INVALID, "a message where a payload belongs");
	if ((uint64_t)size > limit)
		return ce_fail(err, CE_ERR_LIMIT, "a payload of %lld bytes, more than %zu", (long long)size, limit);
	while (code == CE_OK && ret_bytes->size < (size_t)size)
		code = receive_piece(fd, timeout_ms, (size_t)size - ret_bytes->size, ret_bytes, err);
	return code;
}

void
ce_ssh_facts_put(struct ce_message *message, const struct ce_file_info *info)
{
	ce_message_put_int(message, info->exists);
	ce_message_put_int(message, info->is_directory);
	ce_message_put_int(message, info->mode);
	ce_message_put_int(message, info->uid);
	ce_message_put_int(message, info->gid);
	ce_message_put_int(message, info->size);
	ce_message_put_int(message, info->mtime);
}

void
ce_ssh_facts_get(struct ce_message *message, struct ce_file_info *ret_info)
{
	*ret_info = (struct ce_file_info){ .exists = ce_message_get_int(message) != 0 };
	ret_info->is_directory = ce_message_get_int(message) != 0;
	ret_info->mode = (mode_t)(ce_message_get_int(message) & 07777);
	ret_info->uid = (uid_t)ce_message_get_int(message);
	ret_info->gid = (gid_t)ce_message_get_int(message);
	ret_info->size = ce_message_get_int(message);
	ret_info->mtime = ce_message_get_int(message);
	if (!ret_info->exists)
		*ret_info = (struct ce_file_info){ .exists = false };
}
