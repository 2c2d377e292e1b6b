/* Requests that look at files. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "host/ssh_session.h"

#define CHUNK (64u << 10)
#define NAME_LONGEST 255

static void
describe(const sftp_attributes there, struct ce_file_info *ret_info)
{
	*ret_info = (struct ce_file_info){ .exists = there != NULL };
	if (!there)
		return;
	ret_info->is_directory = S_ISDIR(there->permissions);
	ret_info->mode = there->permissions & 07777;
	ret_info->uid = there->uid;
	ret_info->gid = there->gid;
	ret_info->size = (long long)there->size;
	ret_info->mtime = there->mtime;
}

/* The path that is asked for and nothing else, resolved. */
static int
resolve_asked(struct ce_ssh_session *session, struct ce_message *asked, const char *path, char **ret_path,
	sftp_attributes *ret_there, struct ce_error *err)
{
	int code = ce_message_end(asked, err);
	return code < 0 ? code : ce_ssh_resolve(session, path, ret_path, ret_there, err);
}

int
ce_ssh_job_stat(struct ce_ssh_session *session, struct ce_message *asked, struct ce_bytes given,
	struct ce_message *reply, struct ce_buf *payload, struct ce_error *err)
{
	(void)given;
	(void)payload;
	CE_CLEANUP(ce_freep) char *path = NULL;
	CE_CLEANUP(ce_ssh_attributesp) sftp_attributes there = NULL;
	int code = resolve_asked(session, asked, ce_message_get_str(asked), &path, &there, err);
	if (code == CE_ERR_NOT_FOUND)
		code = CE_OK; /* not even its directory is there */
	if (code < 0)
		return code;
	struct ce_file_info info;
	describe(there, &info);
	ce_ssh_facts_put(reply, &info);
	return CE_OK;
}

static void
close_directory(sftp_dir *directory)
{
	if (*directory)
		(void)sftp_closedir(*directory);
}

static int
add_name(struct ce_strlist *names, const char *name, size_t limit, const char *path, struct ce_error *err)
{
	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return CE_OK;
	if (name[0] == '\0' || strchr(name, '/') || strlen(name) > NAME_LONGEST)
		return ce_fail(err, CE_ERR_INVALID, "directory '%s' holds a name that is none", path);
	if (names->count >= limit)
		return ce_fail(err, CE_ERR_LIMIT, "directory '%s' holds more than %zu names", path, limit);
	return ce_strlist_add(names, name, err);
}

int
ce_ssh_job_list(struct ce_ssh_session *session, struct ce_message *asked, struct ce_bytes given,
	struct ce_message *reply, struct ce_buf *payload, struct ce_error *err)
{
	(void)given;
	(void)payload;
	CE_CLEANUP(ce_freep) char *path = NULL;
	CE_CLEANUP(ce_ssh_attributesp) sftp_attributes there = NULL;
	CE_CLEANUP(ce_strlist_release) struct ce_strlist names = CE_STRLIST_INIT;
	const char *wanted = ce_message_get_str(asked);
	size_t limit = (size_t)ce_message_get_int(asked);
	int code = resolve_asked(session, asked, wanted, &path, &there, err);
	if (code < 0)
		return code;
	if (!there || !S_ISDIR(there->permissions))
		return ce_fail(err, CE_ERR_NOT_FOUND, "there is no directory '%s'", wanted);
	CE_CLEANUP(close_directory) sftp_dir directory = sftp_opendir(session->sftp, path);
	if (!directory)
		return ce_ssh_fail_file(session, err, "list", wanted);
	for (sftp_attributes entry; code == CE_OK && (entry = sftp_readdir(session->sftp, directory));) {
		code = add_name(&names, entry->name ? entry->name : "", limit, wanted, err);
		sftp_attributes_free(entry);
	}
	if (code == CE_OK && !sftp_dir_eof(directory))
		code = ce_ssh_fail_file(session, err, "list", wanted);
	if (code == CE_OK) {
		static const char *const none[] = { NULL };
		ce_message_put_list(reply, names.items ? (const char *const *)names.items : none);
	}
	return code;
}

static void
close_file(sftp_file *file)
{
	if (*file)
		(void)sftp_close(*file); /* it was read */
}

static int
read_all(struct ce_ssh_session *session, sftp_file file, const char *path, size_t limit, struct ce_buf *bytes,
	struct ce_error *err)
{
	CE_CLEANUP(ce_freep) unsigned char *chunk = malloc(CHUNK);
	if (!chunk)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	int code = CE_OK;
	for (ssize_t got = 1; code == CE_OK && got > 0;) {
		got = sftp_read(file, chunk, CHUNK);
		if (got < 0)
			code = ce_ssh_fail_file(session, err, "read", path);
		else if (bytes->size + (size_t)got > limit)
			code = ce_fail(err, CE_ERR_LIMIT, "read '%s': larger than %zu bytes", path, limit);
		else if (got > 0)
			code = ce_buf_add(bytes, chunk, (size_t)got, err);
	}
	ce_wipe(chunk, CHUNK);
	return code;
}

int
ce_ssh_slurp(struct ce_ssh_session *session, const char *path, size_t limit, struct ce_buf *ret_bytes,
	sftp_attributes *ret_attributes, struct ce_error *err)
{
	CE_CLEANUP(close_file) sftp_file file = sftp_open(session->sftp, path, O_RDONLY, 0);
	if (!file)
		return ce_ssh_fail_file(session, err, "read", path);
	*ret_attributes = sftp_fstat(file);
	if (!*ret_attributes)
		return ce_ssh_fail_file(session, err, "examine", path);
	if (!S_ISREG((*ret_attributes)->permissions))
		return ce_fail(err, CE_ERR_REFUSED, "'%s' is not a regular file", path);
	if ((*ret_attributes)->size > limit)
		return ce_fail(err, CE_ERR_LIMIT, "read '%s': larger than %zu bytes", path, limit);
	return read_all(session, file, path, limit, ret_bytes, err);
}

int
ce_ssh_job_read(struct ce_ssh_session *session, struct ce_message *asked, struct ce_bytes given,
	struct ce_message *reply, struct ce_buf *payload, struct ce_error *err)
{
	(void)given;
	CE_CLEANUP(ce_freep) char *path = NULL;
	CE_CLEANUP(ce_ssh_attributesp) sftp_attributes there = NULL;
	CE_CLEANUP(ce_ssh_attributesp) sftp_attributes read = NULL;
	const char *wanted = ce_message_get_str(asked);
	size_t limit = (size_t)ce_message_get_int(asked);
	int code = resolve_asked(session, asked, wanted, &path, &there, err);
	if (code < 0)
		return code;
	if (!there)
		return ce_fail(err, CE_ERR_NOT_FOUND, "read '%s': no such file", wanted);
	if (!S_ISREG(there->permissions)) /* opening a pipe would wait */
		return ce_fail(err, CE_ERR_REFUSED, "'%s' is not a regular file", wanted);
	code = ce_ssh_slurp(session, path, limit, payload, &read, err);
	if (code < 0)
		return code;
	struct ce_file_info info;
	describe(read, &info);
	ce_ssh_facts_put(reply, &info);
	return CE_OK;
}
