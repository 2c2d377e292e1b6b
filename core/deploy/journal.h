/* The journal of one transaction: a private directory with an append-only log and the images of what
 * the files held before. A record is one line, "CHECKSUM JSON"; the checksum tells a torn line.
 * Every record is on stable storage before the step that follows it begins. */
#ifndef CE_DEPLOY_JOURNAL_H
#define CE_DEPLOY_JOURNAL_H

#include <jansson.h>
#include <stdbool.h>

#include "base/buf.h"
#include "base/strlist.h"

/* The states, in the order in which they can follow each other. */
enum ce_journal_state {
	CE_JOURNAL_NONE = 0,      /* no whole record: nothing was touched */
	CE_JOURNAL_PREPARED,      /* images are safe; files may be old or new */
	CE_JOURNAL_SWITCHED,      /* all files are new; reload may have begun */
	CE_JOURNAL_UNDOING,       /* it is being taken back */
	CE_JOURNAL_COMMITTED,     /* done and proved */
	CE_JOURNAL_UNDONE         /* taken back */
};

struct ce_journal {
	char *directory;
	int fd;                   /* of the log, open for appending; -1: not open */
	enum ce_journal_state state;
	json_t *prepared;         /* the first record */
	struct ce_strlist begun;  /* numbers of the commands that were begun, as text */
	size_t whole;             /* bytes of the log that are whole records */
};
#define CE_JOURNAL_INIT { NULL, -1, CE_JOURNAL_NONE, NULL, CE_STRLIST_INIT, 0 }

/* Creates DIRECTORY/ID, where ID begins with the time and is unique. */
CE_MUSTCHECK int ce_journal_create(const char *directory, struct ce_journal *ret_journal, struct ce_error *err);
/* The last component of its directory. */
const char *ce_journal_id(const struct ce_journal *journal);

/* The content of a file before, as image N. */
CE_MUSTCHECK int ce_journal_image_put(struct ce_journal *journal, size_t number, struct ce_bytes bytes,
	struct ce_error *err);
CE_MUSTCHECK int ce_journal_image(const struct ce_journal *journal, size_t number, struct ce_buf *ret_bytes,
	struct ce_error *err);

/* The first record; members is taken over. */
CE_MUSTCHECK int ce_journal_prepare(struct ce_journal *journal, json_t *members, struct ce_error *err);
/* The intent to run the command of change N. */
CE_MUSTCHECK int ce_journal_begin_command(struct ce_journal *journal, size_t number, struct ce_error *err);
bool ce_journal_command_begun(const struct ce_journal *journal, size_t number);
CE_MUSTCHECK int ce_journal_enter(struct ce_journal *journal, enum ce_journal_state state, struct ce_error *err);

/* Reads one that an earlier run left; a torn last line is cut off. CE_ERR_INVALID when a record before the last
 * is damaged. */
CE_MUSTCHECK int ce_journal_open(const char *directory, const char *id, struct ce_journal *ret_journal,
	struct ce_error *err);
/* IDs of what lies in the directory, oldest first. */
CE_MUSTCHECK int ce_journal_list(const char *directory, struct ce_strlist *ret_ids, struct ce_error *err);

/* Removes it with its images. */
CE_MUSTCHECK int ce_journal_remove(struct ce_journal *journal, struct ce_error *err);
/* Moves it to DIRECTORY/kept/ID for the operator; ret_path tells where. The caller frees. */
CE_MUSTCHECK int ce_journal_keep(struct ce_journal *journal, char **ret_path, struct ce_error *err);

void ce_journal_release(struct ce_journal *journal);

#endif
