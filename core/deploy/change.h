/* Changes: what one install staged. Nothing here touches the product but by reading. */
#ifndef CE_DEPLOY_CHANGE_H
#define CE_DEPLOY_CHANGE_H

#include <stdbool.h>

#include "base/file.h"
#include "base/strlist.h"

struct ce_host; /* host/host.h */

enum ce_change_kind { CE_CHANGE_WRITE = 1, CE_CHANGE_REMOVE = 2, CE_CHANGE_COMMAND = 3 };

struct ce_change {
	int kind;
	/* WRITE and REMOVE */
	char *path;
	struct ce_buf bytes;             /* WRITE: the new content; marked secret when it holds a key */
	char *note;                      /* WRITE: shown in plans instead of a text diff; NULL: it is text */
	uid_t uid;
	gid_t gid;
	mode_t mode;
	struct ce_file_info before_info; /* as it was found when it was staged */
	struct ce_buf before;            /* its content then */
	char before_digest[65];          /* SHA-256 hex, "" when there was no file */
	char after_digest[65];           /* "" for REMOVE */
	/* COMMAND */
	char *what;
	struct ce_strlist do_argv, undo_argv, check_argv;
};

/* All that one target staged. A change that would alter neither content nor owner nor mode is not kept. */
struct ce_changes {
	struct ce_change *items;
	size_t count;
	struct ce_strlist secrets;       /* masked wherever the changes are shown */
	struct ce_strlist paths;         /* every file that was staged, also those that are so already */
};
#define CE_CHANGES_INIT { NULL, 0, CE_STRLIST_INIT, CE_STRLIST_INIT }
void ce_changes_release(struct ce_changes *changes);

/* Reading that sees what has been staged. Errors as ce_file_read and ce_file_stat. */
CE_MUSTCHECK int ce_changes_read(const struct ce_changes *changes, const struct ce_host *host, const char *path,
	size_t limit, struct ce_buf *ret_bytes, struct ce_error *err);
CE_MUSTCHECK int ce_changes_stat(const struct ce_changes *changes, const struct ce_host *host, const char *path,
	struct ce_file_info *ret_info, struct ce_error *err);

/* What a file to be written shall be. */
struct ce_change_spec {
	const char *path;                /* absolute, its directory exists */
	struct ce_bytes bytes;
	const char *note;                /* NULL: text, shown as a diff */
	bool secret;                     /* holds a private key: new files get 0600, not 0640 */
	const char *owner, *group, *mode;/* names or decimal ids, octal; NULL: as the file is, or as its directory's owner and group */
};
/* Stages; writing a path twice replaces what was staged before. CE_UNCHANGED when the file already is so. */
CE_MUSTCHECK int ce_changes_write(struct ce_changes *changes, const struct ce_host *host,
	const struct ce_change_spec *spec, struct ce_error *err);
/* CE_UNCHANGED when there is no such file. */
CE_MUSTCHECK int ce_changes_remove(struct ce_changes *changes, const struct ce_host *host, const char *path,
	struct ce_error *err);
/* Runs check_argv at once (on the host): exit 0 means done already, CE_UNCHANGED. check_argv and undo_argv may be NULL. */
CE_MUSTCHECK int ce_changes_command(struct ce_changes *changes, const struct ce_host *host, const char *what,
	const char *const *do_argv, const char *const *undo_argv, const char *const *check_argv, struct ce_error *err);
CE_MUSTCHECK int ce_changes_mask(struct ce_changes *changes, const char *secret, struct ce_error *err);

#endif
