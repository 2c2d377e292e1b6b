/* Services that look: the certificate, files, directories, archives. */
#include <string.h>

#include "edit/archive.h"
#include "plugin/host_call.h"

#define MEMBER_MAX (1u << 20)

int
ce_host_certificate(ce_call *call, const struct ce_certificate_facts **ret_facts)
{
	int code = ce_call_may(call, CE_WIRE_CERTIFICATE);
	if (code == CE_OK)
		*ret_facts = &call->facts;
	return code;
}

int
ce_host_committed(ce_call *call, const char *path)
{
	if (ce_call_may(call, CE_WIRE_COMMITTED) != CE_OK)
		return 0;
	for (const char *const *item = call->committed; item && *item; item++)
		if (strcmp(*item, path) == 0)
			return 1;
	return 0;
}

int
ce_host_read(ce_call *call, const char *path, size_t limit, struct ce_bytes *ret_bytes)
{
	CE_CLEANUP(ce_message_release) struct ce_message question = CE_MESSAGE_INIT(CE_WIRE_READ);
	ce_message_put_str(&question, path);
	ce_message_put_int(&question, limit < CE_PLUGIN_READ_MAX ? (int64_t)limit : CE_PLUGIN_READ_MAX);
	struct ce_message *answer = NULL;
	int code = ce_call_ask(call, &question, &answer);
	if (code < 0)
		return code;
	struct ce_bytes bytes = ce_message_get_bytes(answer);
	code = ce_call_end(call, answer);
	if (code == CE_OK)
		*ret_bytes = bytes;
	return code;
}

int
ce_host_stat(ce_call *call, const char *path, struct ce_stat *ret_stat)
{
	CE_CLEANUP(ce_message_release) struct ce_message question = CE_MESSAGE_INIT(CE_WIRE_STAT);
	ce_message_put_str(&question, path);
	struct ce_message *answer = NULL;
	int code = ce_call_ask(call, &question, &answer);
	if (code < 0)
		return code;
	struct ce_stat found = { .size = sizeof(found) };
	found.exists = (int)ce_message_get_int(answer);
	found.is_directory = (int)ce_message_get_int(answer);
	found.mode = (unsigned)ce_message_get_int(answer);
	found.uid = (unsigned long)ce_message_get_int(answer);
	found.gid = (unsigned long)ce_message_get_int(answer);
	found.bytes = ce_message_get_int(answer);
	found.mtime = ce_message_get_int(answer);
	code = ce_call_end(call, answer);
	if (code == CE_OK)
		*ret_stat = found;
	return code;
}

int
ce_host_list(ce_call *call, const char *path, const char *const **ret_names)
{
	CE_CLEANUP(ce_message_release) struct ce_message question = CE_MESSAGE_INIT(CE_WIRE_LIST);
	ce_message_put_str(&question, path);
	struct ce_message *answer = NULL;
	int code = ce_call_ask(call, &question, &answer);
	if (code < 0)
		return code;
	int64_t count = ce_message_get_int(answer);
	const char **names = NULL;
	if (count >= 0 && count <= 2 * CE_PLUGIN_NAMES_MAX)
		names = ce_call_pointers(call, (size_t)count);
	for (int64_t i = 0; names && i < count; i++)
		names[i] = ce_message_get_str(answer); /* in the answer, which lives as long as the array */
	code = ce_call_end(call, answer);
	if (code == CE_OK && !names)
		return ce_call_no_memory(call);
	if (code == CE_OK)
		*ret_names = names;
	return code;
}

/* ------------------------------------------------------------------ archives */

struct kept_buf {
	struct ce_kept kept;
	struct ce_buf buf;
};

static void
release_buf(struct ce_kept *kept)
{
	struct kept_buf *owner = (struct kept_buf *)kept; /* kept is its first member */
	ce_buf_release(&owner->buf);
	free(owner);
}

int
ce_host_archive_member(ce_call *call, const char *path, const char *member, struct ce_bytes *ret_bytes)
{
	struct ce_bytes archive = { NULL, 0 };
	int code = ce_host_read(call, path, CE_PLUGIN_READ_MAX, &archive);
	if (code < 0)
		return code;

	struct ce_error why;
	ce_error_clear(&why);
	struct kept_buf *owner = calloc(1, sizeof(*owner));
	if (!owner)
		return ce_call_no_memory(call);
	ce_call_keep(call, &owner->kept, release_buf);
	code = ce_archive_member(archive, member, MEMBER_MAX, &owner->buf, &why);
	if (code < 0) {
		ce_error_wrap(&why, "archive '%.200s'", path);
		return ce_call_failed(call, &why);
	}
	*ret_bytes = ce_buf_bytes(&owner->buf);
	return CE_OK;
}
