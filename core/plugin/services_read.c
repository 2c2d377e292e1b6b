/* Services that look: what they see includes what the call has staged. */
#include <string.h>

#include "plugin/pool.h"
#include "plugin/wire.h"

int
ce_serve_read(struct ce_serving *serving, struct ce_message *asked, struct ce_message *reply, struct ce_error *err)
{
	const char *path = ce_message_get_str(asked);
	int64_t limit = ce_message_get_int(asked);
	int code = ce_asked_all(serving, asked, err);
	if (code != CE_OK)
		return code;

	char normal[CE_PLUGIN_TEXT_MAX];
	code = ce_path_normal(path, normal, err);
	if (code != CE_OK)
		return code;
	if (limit <= 0 || limit > CE_PLUGIN_READ_MAX)
		limit = CE_PLUGIN_READ_MAX;
	CE_CLEANUP(ce_buf_release) struct ce_buf bytes = CE_BUF_SECRET;
	code = ce_changes_read(serving->changes, serving->target->host, normal, (size_t)limit, &bytes, err);
	if (code >= 0)
		ce_message_put_bytes(reply, ce_buf_bytes(&bytes));
	return code;
}

int
ce_serve_stat(struct ce_serving *serving, struct ce_message *asked, struct ce_message *reply, struct ce_error *err)
{
	const char *path = ce_message_get_str(asked);
	int code = ce_asked_all(serving, asked, err);
	if (code != CE_OK)
		return code;

	char normal[CE_PLUGIN_TEXT_MAX];
	struct ce_file_info info = { 0 };
	code = ce_path_normal(path, normal, err);
	if (code == CE_OK)
		code = ce_changes_stat(serving->changes, serving->target->host, normal, &info, err);
	if (code < 0)
		return code;
	ce_message_put_int(reply, info.exists);
	ce_message_put_int(reply, info.is_directory);
	ce_message_put_int(reply, info.mode);
	ce_message_put_int(reply, info.uid);
	ce_message_put_int(reply, info.gid);
	ce_message_put_int(reply, info.size);
	ce_message_put_int(reply, info.mtime);
	return CE_OK;
}

/* The name in directory that a path has; NULL when it lies elsewhere. */
static const char *
name_within(const char *directory, const char *path)
{
	size_t size = strcmp(directory, "/") == 0 ? 0 : strlen(directory);
	if (strncmp(path, directory, size) != 0 || path[size] != '/' || strchr(path + size + 1, '/'))
		return NULL;
	return path + size + 1;
}

/* Whether the call has staged the end of this file. */
static bool
is_removed(const struct ce_changes *changes, const char *directory, const char *wanted)
{
	bool removed = false;
	for (size_t i = 0; i < changes->count; i++) {
		const struct ce_change *change = &changes->items[i];
		const char *name = change->kind == CE_CHANGE_COMMAND ? NULL : name_within(directory, change->path);
		if (name && strcmp(name, wanted) == 0)
			removed = change->kind == CE_CHANGE_REMOVE;
	}
	return removed;
}

CE_MUSTCHECK static int
add_staged(const struct ce_changes *changes, const char *directory, struct ce_strlist *names, struct ce_error *err)
{
	int code = CE_OK;
	for (size_t i = 0; i < changes->count && code == CE_OK; i++) {
		const struct ce_change *change = &changes->items[i];
		const char *name = change->kind == CE_CHANGE_WRITE ? name_within(directory, change->path) : NULL;
		if (name && !ce_strlist_has(names, name))
			code = ce_strlist_add(names, name, err);
	}
	return code;
}

int
ce_serve_list(struct ce_serving *serving, struct ce_message *asked, struct ce_message *reply, struct ce_error *err)
{
	const char *path = ce_message_get_str(asked);
	int code = ce_asked_all(serving, asked, err);
	if (code != CE_OK)
		return code;

	char normal[CE_PLUGIN_TEXT_MAX];
	code = ce_path_normal(path, normal, err);
	if (code != CE_OK)
		return code;
	const struct ce_host *host = serving->target->host;
	CE_CLEANUP(ce_strlist_release) struct ce_strlist found = CE_STRLIST_INIT;
	CE_CLEANUP(ce_strlist_release) struct ce_strlist names = CE_STRLIST_INIT;
	code = host->list(host, normal, CE_PLUGIN_NAMES_MAX, &found, err);
	for (size_t i = 0; i < found.count && code >= 0; i++)
		if (!is_removed(serving->changes, normal, found.items[i]))
			code = ce_strlist_add(&names, found.items[i], err);
	if (code >= 0)
		code = add_staged(serving->changes, normal, &names, err);
	if (code < 0)
		return code;
	ce_strlist_sort(&names);
	ce_message_put_list(reply, (const char *const *)names.items);
	return CE_OK;
}
