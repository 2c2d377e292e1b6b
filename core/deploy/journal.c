#include "deploy/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>

#include "base/file.h"
#include "base/sys.h"
#include "crypto/digest.h"

#define LOG_LIMIT (8u << 20)
#define IMAGE_LIMIT (16u << 20)
#define CHECKSUM_DIGITS 16
#define KEPT "kept"

static const char *const state_names[] = {
	[CE_JOURNAL_NONE] = "none",         [CE_JOURNAL_PREPARED] = "prepared", [CE_JOURNAL_SWITCHED] = "switched",
	[CE_JOURNAL_UNDOING] = "undoing",   [CE_JOURNAL_COMMITTED] = "committed", [CE_JOURNAL_UNDONE] = "undone",
};

static int
path_in(const struct ce_journal *journal, struct ce_error *err, char **ret_path, const char *name)
{
	char *path = NULL;
	if (asprintf(&path, "%s/%s", journal->directory, name) < 0)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	*ret_path = path;
	return CE_OK;
}

const char *
ce_journal_id(const struct ce_journal *journal)
{
	return strrchr(journal->directory, '/') + 1;
}

static int
open_log(struct ce_journal *journal, int flags, struct ce_error *err)
{
	CE_CLEANUP(ce_closep) int dir = -1;
	int code = ce_dir_open(journal->directory, &dir, err);
	if (code < 0)
		return code;
	int fd = ce_sys->openat(dir, "log", flags | O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return ce_fail_errno(err, errno, "open the journal '%s/log'", journal->directory);
	journal->fd = fd;
	if ((flags & O_CREAT) && ce_sys->fsync(dir) < 0)
		return ce_fail_errno(err, errno, "sync '%s'", journal->directory);
	return CE_OK;
}

int
ce_journal_create(const char *directory, struct ce_journal *ret_journal, struct ce_error *err)
{
	struct timespec now;
	if (ce_sys->clock_gettime(CLOCK_REALTIME, &now) < 0)
		return ce_fail_errno(err, errno, "read the clock");
	unsigned char random[4];
	int code = ce_random_bytes(random, sizeof(random), err);
	if (code < 0)
		return code;
	CE_CLEANUP(ce_journal_release) struct ce_journal journal = CE_JOURNAL_INIT;
	if (asprintf(&journal.directory, "%s/%012lld.%03ld-%02x%02x%02x%02x", directory, (long long)now.tv_sec,
		now.tv_nsec / 1000000, random[0], random[1], random[2], random[3]) < 0) {
		journal.directory = NULL;
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	}
	code = ce_dir_create_private(journal.directory, err);
	if (code == CE_OK)
		code = open_log(&journal, O_CREAT | O_EXCL, err);
	if (code < 0)
		return code;
	*ret_journal = journal;
	journal = (struct ce_journal)CE_JOURNAL_INIT;
	return CE_OK;
}

static int
image_path(const struct ce_journal *journal, size_t number, char **ret_path, struct ce_error *err)
{
	char name[32];
	snprintf(name, sizeof(name), "before.%zu", number);
	return path_in(journal, err, ret_path, name);
}

int
ce_journal_image_put(struct ce_journal *journal, size_t number, struct ce_bytes bytes, struct ce_error *err)
{
	CE_CLEANUP(ce_freep) char *path = NULL;
	int code = image_path(journal, number, &path, err);
	return code < 0 ? code : ce_file_save(path, bytes, err);
}

int
ce_journal_image(const struct ce_journal *journal, size_t number, struct ce_buf *ret_bytes, struct ce_error *err)
{
	CE_CLEANUP(ce_freep) char *path = NULL;
	int code = image_path(journal, number, &path, err);
	return code < 0 ? code : ce_file_read(path, IMAGE_LIMIT, ret_bytes, NULL, err);
}

static int
write_all(int fd, const void *data, size_t size, struct ce_error *err)
{
	const char *at = data;
	while (size > 0) {
		ssize_t moved = ce_sys->write(fd, at, size);
		if (moved < 0 && errno == EINTR)
			continue;
		if (moved < 0)
			return ce_fail_errno(err, errno, "write the journal");
		at += moved;
		size -= (size_t)moved;
	}
	return CE_OK;
}

/* Writes and syncs a record. One that is not on stable storage is cut off again: it must neither join the next
 * record nor be read as a state that was never entered. Where even that fails, a reader cuts a torn one. */
static int
write_record(struct ce_journal *journal, const struct ce_buf *line, struct ce_error *err)
{
	int code = write_all(journal->fd, line->data, line->size, err);
	if (code == CE_OK && ce_sys->fsync(journal->fd) < 0)
		code = ce_fail_errno(err, errno, "sync the journal '%s/log'", journal->directory);
	if (code < 0) {
		CE_IGNORE(ce_sys->ftruncate(journal->fd, (off_t)journal->whole));
		return code;
	}
	journal->whole += line->size;
	return CE_OK;
}

/* One record, durable. */
static int
append(struct ce_journal *journal, json_t *record, struct ce_error *err)
{
	CE_CLEANUP(ce_wipe_strp) char *json = json_dumps(record, JSON_COMPACT | JSON_SORT_KEYS);
	if (!json)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	char checksum[CE_SHA256_HEX];
	struct ce_bytes bytes = { (const unsigned char *)json, strlen(json) };
	int code = ce_sha256_hex(bytes, checksum, err);
	if (code < 0)
		return code;
	CE_CLEANUP(ce_buf_release) struct ce_buf line = CE_BUF_SECRET;
	code = ce_buf_addf(&line, err, "%.*s %s\n", CHECKSUM_DIGITS, checksum, json);
	return code < 0 ? code : write_record(journal, &line, err);
}

int
ce_journal_prepare(struct ce_journal *journal, json_t *members, struct ce_error *err)
{
	journal->prepared = members;
	if (json_object_set_new(members, "record", json_string(state_names[CE_JOURNAL_PREPARED])) < 0
	    || json_object_set_new(members, "version", json_integer(1)) < 0)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	int code = append(journal, members, err);
	if (code == CE_OK)
		journal->state = CE_JOURNAL_PREPARED;
	return code;
}

int
ce_journal_begin_command(struct ce_journal *journal, size_t number, struct ce_error *err)
{
	CE_CLEANUP(json_decrefp) json_t *record = json_pack("{s:s, s:I}", "record", "command", "change", (json_int_t)number);
	if (!record)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	int code = append(journal, record, err);
	return code < 0 ? code : ce_strlist_addf(&journal->begun, err, "%zu", number);
}

bool
ce_journal_command_begun(const struct ce_journal *journal, size_t number)
{
	char text[24];
	snprintf(text, sizeof(text), "%zu", number);
	return ce_strlist_has(&journal->begun, text);
}

int
ce_journal_enter(struct ce_journal *journal, enum ce_journal_state state, struct ce_error *err)
{
	CE_CLEANUP(json_decrefp) json_t *record = json_pack("{s:s}", "record", state_names[state]);
	if (!record)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	int code = append(journal, record, err);
	if (code == CE_OK)
		journal->state = state;
	return code;
}

/* Takes one record in. Damaged or of no known kind: CE_ERR_INVALID. */
static int
take(struct ce_journal *journal, const char *line, size_t size, struct ce_error *err)
{
	char checksum[CE_SHA256_HEX];
	if (size < CHECKSUM_DIGITS + 2 || line[CHECKSUM_DIGITS] != ' ')
		return ce_fail(err, CE_ERR_INVALID, "a record is damaged");
	struct ce_bytes json = { (const unsigned char *)line + CHECKSUM_DIGITS + 1, size - CHECKSUM_DIGITS - 1 };
	int code = ce_sha256_hex(json, checksum, err);
	if (code < 0)
		return code;
	if (memcmp(checksum, line, CHECKSUM_DIGITS) != 0)
		return ce_fail(err, CE_ERR_INVALID, "a record is damaged");
	CE_CLEANUP(json_decrefp) json_t *record = json_loadb((const char *)json.data, json.size, 0, NULL);
	const char *kind = json_string_value(json_object_get(record, "record"));
	if (!kind)
		return ce_fail(err, CE_ERR_INVALID, "a record has no kind");
	if (strcmp(kind, "command") == 0)
		return ce_strlist_addf(&journal->begun, err, "%lld",
			(long long)json_integer_value(json_object_get(record, "change")));
	for (size_t i = CE_JOURNAL_PREPARED; i < CE_COUNT(state_names); i++)
		if (strcmp(kind, state_names[i]) == 0) {
			journal->state = (enum ce_journal_state)i;
			if (i == CE_JOURNAL_PREPARED && !journal->prepared)
				journal->prepared = CE_STEAL(record);
			return CE_OK;
		}
	return ce_fail(err, CE_ERR_INVALID, "a record is of the unknown kind '%s'; was it written by a newer version?", kind);
}

static int
take_all(struct ce_journal *journal, const struct ce_buf *log, struct ce_error *err)
{
	const char *at = ce_buf_text(log), *end = at + log->size;
	while (at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		if (!newline)
			break; /* torn: the step it announces never began */
		int code = take(journal, at, (size_t)(newline - at), err);
		if (code == CE_ERR_INVALID && newline + 1 == end)
			break; /* torn as well: the length reached the disk before the data */
		if (code < 0)
			return ce_error_wrap(err, "journal '%s'", journal->directory);
		at = newline + 1;
	}
	ce_error_clear(err);
	journal->whole = (size_t)(at - ce_buf_text(log));
	return CE_OK;
}

static int
read_log(struct ce_journal *journal, struct ce_error *err)
{
	CE_CLEANUP(ce_freep) char *path = NULL;
	int code = path_in(journal, err, &path, "log");
	if (code < 0)
		return code;
	CE_CLEANUP(ce_buf_release) struct ce_buf log = CE_BUF_SECRET;
	code = ce_file_read(path, LOG_LIMIT, &log, NULL, err);
	if (code == CE_ERR_NOT_FOUND) {
		ce_error_clear(err);
		return CE_OK; /* killed between the directory and its log */
	}
	if (code == CE_OK)
		code = take_all(journal, &log, err);
	if (code == CE_OK)
		code = open_log(journal, 0, err);
	if (code < 0)
		return code;
	if (journal->whole < log.size && ce_sys->ftruncate(journal->fd, (off_t)journal->whole) < 0)
		return ce_fail_errno(err, errno, "cut the torn end off the journal '%s/log'", journal->directory);
	return CE_OK;
}

int
ce_journal_open(const char *directory, const char *id, struct ce_journal *ret_journal, struct ce_error *err)
{
	CE_CLEANUP(ce_journal_release) struct ce_journal journal = CE_JOURNAL_INIT;
	if (asprintf(&journal.directory, "%s/%s", directory, id) < 0) {
		journal.directory = NULL;
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	}
	/* What is no directory could be neither read nor swept, and would be found again for ever. */
	CE_CLEANUP(ce_closep) int fd = -1;
	int code = ce_dir_open_real(journal.directory, &fd, err);
	if (code == CE_OK)
		code = read_log(&journal, err);
	if (code < 0)
		return code;
	*ret_journal = journal;
	journal = (struct ce_journal)CE_JOURNAL_INIT;
	return CE_OK;
}

int
ce_journal_list(const char *directory, struct ce_strlist *ret_ids, struct ce_error *err)
{
	CE_CLEANUP(ce_strlist_release) struct ce_strlist names = CE_STRLIST_INIT;
	int code = ce_dir_list(directory, 100000, &names, err);
	if (code == CE_ERR_NOT_FOUND) {
		ce_error_clear(err);
		return CE_OK;
	}
	for (size_t i = 0; code == CE_OK && i < names.count; i++)
		if (strcmp(names.items[i], KEPT) != 0)
			code = ce_strlist_add(ret_ids, names.items[i], err);
	return code;
}

int
ce_journal_remove(struct ce_journal *journal, struct ce_error *err)
{
	ce_closep(&journal->fd);
	return ce_dir_remove(journal->directory, err);
}

int
ce_journal_keep(struct ce_journal *journal, char **ret_path, struct ce_error *err)
{
	const char *id = ce_journal_id(journal);
	CE_CLEANUP(ce_freep) char *kept = NULL;
	CE_CLEANUP(ce_freep) char *path = NULL;
	size_t parent = (size_t)(id - journal->directory);
	if (asprintf(&kept, "%.*s" KEPT, (int)parent, journal->directory) < 0 || asprintf(&path, "%s/%s", kept, id) < 0)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	int code = ce_dir_create_private(kept, err);
	if (code < 0)
		return code;
	CE_CLEANUP(ce_closep) int from = -1;
	CE_CLEANUP(ce_closep) int to = -1;
	const char *name = NULL;
	code = ce_dir_open_parent(journal->directory, &from, &name, err);
	if (code == CE_OK)
		code = ce_dir_open(kept, &to, err);
	if (code < 0)
		return code;
	if (ce_sys->renameat2(from, name, to, name, 0) < 0 || ce_sys->fsync(to) < 0 || ce_sys->fsync(from) < 0)
		return ce_fail_errno(err, errno, "move the journal to '%s'", path);
	*ret_path = CE_STEAL(path);
	return CE_OK;
}

void
ce_journal_release(struct ce_journal *journal)
{
	free(journal->directory);
	ce_closep(&journal->fd);
	json_decref(journal->prepared);
	ce_strlist_release(&journal->begun);
	*journal = (struct ce_journal)CE_JOURNAL_INIT;
}
