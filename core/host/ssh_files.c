/* The file operations of another host. */
#include <stdlib.h>
#include <string.h>

#include "host/ssh_own.h"

#define WAIT_MS 60000
#define BYTES_PER_MS 16    /* of a slow line */

struct ssh_replace {
	struct ce_host_replace head;
	char *path, *temporary; /* as that host resolved them */
	bool existed;
	bool pending;           /* the temporary is there */
};

static int
wait_for(size_t bytes)
{
	return WAIT_MS + (int)(bytes / BYTES_PER_MS);
}

static int
ssh_read(const struct ce_host *shown, const char *path, size_t limit, struct ce_buf *ret_bytes,
	struct ce_file_info *ret_info, struct ce_error *err)
{
	struct ce_ssh_host *host = ce_ssh_of(shown);
	size_t most = limit < CE_SSH_PAYLOAD_MAX ? limit : CE_SSH_PAYLOAD_MAX;
	CE_CLEANUP(ce_message_release) struct ce_message request = CE_MESSAGE_INIT(CE_SSH_READ);
	CE_CLEANUP(ce_ssh_answer_release) struct ce_ssh_answer answer = CE_SSH_ANSWER_INIT;
	ce_message_put_str(&request, path);
	ce_message_put_int(&request, (int64_t)most);
	int code = ce_ssh_ask(host, &request, (struct ce_bytes){ NULL, 0 }, wait_for(most), &answer, err);
	if (code < 0)
		return code;
	struct ce_file_info info;
	ce_ssh_facts_get(&answer.message, &info);
	code = ce_ssh_answered(host, &answer, info.exists && answer.payload.size <= most, err);
	if (code < 0)
		return code;
	bool secret = ret_bytes->secret;
	ce_buf_release(ret_bytes);
	*ret_bytes = answer.payload;
	ret_bytes->secret = secret;
	answer.payload = (struct ce_buf)CE_BUF_INIT;
	if (ret_info)
		*ret_info = info;
	return CE_OK;
}

static int
ssh_stat(const struct ce_host *shown, const char *path, struct ce_file_info *ret_info, struct ce_error *err)
{
	struct ce_ssh_host *host = ce_ssh_of(shown);
	CE_CLEANUP(ce_message_release) struct ce_message request = CE_MESSAGE_INIT(CE_SSH_STAT);
	CE_CLEANUP(ce_ssh_answer_release) struct ce_ssh_answer answer = CE_SSH_ANSWER_INIT;
	ce_message_put_str(&request, path);
	int code = ce_ssh_ask(host, &request, (struct ce_bytes){ NULL, 0 }, WAIT_MS, &answer, err);
	if (code < 0)
		return code;
	struct ce_file_info info;
	ce_ssh_facts_get(&answer.message, &info);
	code = ce_ssh_answered(host, &answer, true, err);
	if (code == CE_OK)
		*ret_info = info;
	return code;
}

static bool
are_names(const struct ce_strlist *names)
{
	for (size_t i = 0; i < names->count; i++)
		if (names->items[i][0] == '\0' || strchr(names->items[i], '/'))
			return false;
	return true;
}

static int
compare_names(const void *left, const void *right)
{
	return strcmp(*(char *const *)left, *(char *const *)right);
}

static int
ssh_list(const struct ce_host *shown, const char *path, size_t limit, struct ce_strlist *ret_names,
	struct ce_error *err)
{
	struct ce_ssh_host *host = ce_ssh_of(shown);
	size_t most = limit < CE_SSH_NAMES_MAX ? limit : CE_SSH_NAMES_MAX;
	CE_CLEANUP(ce_message_release) struct ce_message request = CE_MESSAGE_INIT(CE_SSH_LIST);
	CE_CLEANUP(ce_ssh_answer_release) struct ce_ssh_answer answer = CE_SSH_ANSWER_INIT;
	CE_CLEANUP(ce_strlist_release) struct ce_strlist names = CE_STRLIST_INIT;
	ce_message_put_str(&request, path);
	ce_message_put_int(&request, (int64_t)most);
	int code = ce_ssh_ask(host, &request, (struct ce_bytes){ NULL, 0 }, WAIT_MS, &answer, err);
	if (code < 0)
		return code;
	bool sound = ce_message_get_list(&answer.message, most, &names, NULL) == CE_OK && are_names(&names);
	code = ce_ssh_answered(host, &answer, sound, err);
	if (code < 0)
		return code;
	if (names.count > 1)
		qsort(names.items, names.count, sizeof(*names.items), compare_names);
	ce_strlist_release(ret_names);
	*ret_names = names;
	names = (struct ce_strlist)CE_STRLIST_INIT;
	return CE_OK;
}

static void
ssh_replace_free(const struct ce_host *shown, struct ce_host_replace *head)
{
	struct ssh_replace *replace = (struct ssh_replace *)head;
	if (!replace)
		return;
	if (replace->pending) {
		CE_CLEANUP(ce_message_release) struct ce_message request = CE_MESSAGE_INIT(CE_SSH_DISCARD);
		CE_CLEANUP(ce_ssh_answer_release) struct ce_ssh_answer answer = CE_SSH_ANSWER_INIT;
		struct ce_error ignored = { 0 };
		ce_message_put_str(&request, replace->temporary);
		/* A failed step is being left; what stays is swept by name. */
		CE_IGNORE(ce_ssh_ask(ce_ssh_of(shown), &request, (struct ce_bytes){ NULL, 0 }, WAIT_MS, &answer, &ignored));
	}
	free(replace->path);
	free(replace->temporary);
	free(replace);
}

static int
take_prepared(struct ce_ssh_host *host, struct ce_ssh_answer *answer, struct ssh_replace *replace, struct ce_error *err)
{
	const char *path = ce_message_get_str(&answer->message);
	const char *temporary = ce_message_get_str(&answer->message);
	replace->existed = ce_message_get_int(&answer->message) != 0;
	int code = ce_ssh_answered(host, answer, path && temporary && path[0] == '/' && temporary[0] == '/', err);
	if (code < 0)
		return code;
	replace->path = strdup(path);
	replace->temporary = strdup(temporary);
	return replace->path && replace->temporary ? CE_OK : ce_fail(err, CE_ERR_MEMORY, "out of memory");
}

static int
ssh_prepare(const struct ce_host *shown, const struct ce_file_spec *spec, struct ce_host_replace **ret_replace,
	struct ce_error *err)
{
	struct ce_ssh_host *host = ce_ssh_of(shown);
	CE_CLEANUP(ce_host_replacep) struct ce_host_replace *head = calloc(1, sizeof(struct ssh_replace));
	CE_CLEANUP(ce_message_release) struct ce_message request = CE_MESSAGE_INIT(CE_SSH_PREPARE);
	CE_CLEANUP(ce_ssh_answer_release) struct ce_ssh_answer answer = CE_SSH_ANSWER_INIT;
	if (!head)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	head->host = shown;
	ce_message_put_str(&request, spec->path);
	ce_message_put_str(&request, spec->temporary);
	ce_message_put_int(&request, spec->uid);
	ce_message_put_int(&request, spec->gid);
	ce_message_put_int(&request, spec->mode);
	int code = ce_ssh_ask(host, &request, spec->bytes, wait_for(spec->bytes.size), &answer, err);
	if (code == CE_OK)
		code = take_prepared(host, &answer, (struct ssh_replace *)head, err);
	if (code < 0)
		return code;
	((struct ssh_replace *)head)->pending = true;
	*ret_replace = CE_STEAL(head);
	return CE_OK;
}

static int
ssh_switch_in(const struct ce_host *shown, struct ce_host_replace *head, struct ce_buf *ret_displaced,
	struct ce_error *err)
{
	struct ce_ssh_host *host = ce_ssh_of(shown);
	struct ssh_replace *replace = (struct ssh_replace *)head;
	if (!replace->pending)
		return ce_fail(err, CE_ERR_INVALID, "'%s' is not ready to be put in place", replace->path);
	CE_CLEANUP(ce_message_release) struct ce_message request = CE_MESSAGE_INIT(CE_SSH_SWITCH);
	CE_CLEANUP(ce_ssh_answer_release) struct ce_ssh_answer answer = CE_SSH_ANSWER_INIT;
	ce_message_put_str(&request, replace->path);
	ce_message_put_str(&request, replace->temporary);
	ce_message_put_int(&request, replace->existed);
	ce_message_put_int(&request, ret_displaced != NULL);
	int code = ce_ssh_ask(host, &request, (struct ce_bytes){ NULL, 0 }, WAIT_MS, &answer, err);
	if (code == CE_OK)
		code = ce_ssh_answered(host, &answer, true, err);
	if (code < 0)
		return code;
	replace->pending = false;
	if (ret_displaced && replace->existed) {
		ce_buf_release(ret_displaced);
		*ret_displaced = answer.payload;
		answer.payload = (struct ce_buf)CE_BUF_INIT;
	}
	return CE_OK;
}

/* Asks about a path what is answered by nothing but a number; ret_number may be NULL: there is none. */
static int
ask_path(struct ce_ssh_host *host, int kind, const char *path, int64_t *ret_number, struct ce_error *err)
{
	CE_CLEANUP(ce_message_release) struct ce_message request = CE_MESSAGE_INIT(kind);
	CE_CLEANUP(ce_ssh_answer_release) struct ce_ssh_answer answer = CE_SSH_ANSWER_INIT;
	ce_message_put_str(&request, path);
	int code = ce_ssh_ask(host, &request, (struct ce_bytes){ NULL, 0 }, WAIT_MS, &answer, err);
	if (code < 0)
		return code;
	if (ret_number)
		*ret_number = ce_message_get_int(&answer.message);
	return ce_ssh_answered(host, &answer, true, err);
}

static int
ssh_settle(const struct ce_host *shown, struct ce_host_replace *head, struct ce_error *err)
{
	return ask_path(ce_ssh_of(shown), CE_SSH_SETTLE, ((struct ssh_replace *)head)->path, NULL, err);
}

static int
ssh_remove(const struct ce_host *shown, const char *path, struct ce_error *err)
{
	int64_t there = 0;
	int code = ask_path(ce_ssh_of(shown), CE_SSH_REMOVE, path, &there, err);
	return code == CE_OK && !there ? CE_UNCHANGED : code;
}

void
ce_ssh_files_fill(struct ce_host *host)
{
	host->read = ssh_read;
	host->stat = ssh_stat;
	host->list = ssh_list;
	host->prepare = ssh_prepare;
	host->switch_in = ssh_switch_in;
	host->settle = ssh_settle;
	host->replace_free = ssh_replace_free;
	host->remove = ssh_remove;
}
