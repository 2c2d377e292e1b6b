/* The file rules. Directories that a service owns are hostile ground: a path is
 * resolved once to a directory descriptor, symbolic links count only where
 * their parent is out of others' reach, files are read through descriptors
 * opened without following links, and replaced by a temporary in the same
 * directory that gets its owner and mode before it is renamed into place. */
#ifndef CE_BASE_FILE_H
#define CE_BASE_FILE_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/strlist.h"

/* Facts about a file. exists == false: nothing else is set. */
struct ce_file_info {
	bool exists;
	bool is_directory;
	mode_t mode; /* permission bits only */
	uid_t uid;
	gid_t gid;
	long long size;
	long long mtime;
};

#define CE_FILE_DEFAULT_LIMIT (4u << 20)

/* Opens the directory at an absolute path. A symbolic link on the way is followed only
 * if the directory it lies in belongs to root (or to us) and is not writable by others. The descriptor is the
 * caller's. CE_ERR_NOT_FOUND, CE_ERR_REFUSED (link or permissions), CE_ERR_SYSTEM. */
CE_MUSTCHECK int ce_dir_open(const char *path, int *ret_fd, struct ce_error *err);

/* The same for a directory that nobody may have put a link in the place of: CE_ERR_REFUSED when the last component is
 * anything but a directory. */
CE_MUSTCHECK int ce_dir_open_real(const char *path, int *ret_fd, struct ce_error *err);

/* Splits an absolute path into its opened directory and the last component (points into path). */
CE_MUSTCHECK int ce_dir_open_parent(const char *path, int *ret_fd, const char **ret_name, struct ce_error *err);

/* Creates the directory and its missing parents (mode 0700, ours); an existing one of another
 * owner or with wider mode is CE_ERR_REFUSED. */
CE_MUSTCHECK int ce_dir_create_private(const char *path, struct ce_error *err);

/* Names in a directory, sorted, without "." and "..". At most limit of them, else CE_ERR_LIMIT. */
CE_MUSTCHECK int ce_dir_list(const char *path, size_t limit, struct ce_strlist *ret_names, struct ce_error *err);

/* Removes a private directory with the files in it (one level; engine's own directories only); an
 * absent one is CE_UNCHANGED. */
CE_MUSTCHECK int ce_dir_remove(const char *path, struct ce_error *err);

/* Facts by path; a missing file (or parent) is CE_OK with exists == false. A symbolic link at
 * the end is followed under the same rule as in the middle. */
CE_MUSTCHECK int ce_file_stat(const char *path, struct ce_file_info *ret_info, struct ce_error *err);

/* Reads a regular file of at most limit bytes, link count 1. ret_info may be NULL.
 * CE_ERR_NOT_FOUND when it is absent, CE_ERR_LIMIT when larger, CE_ERR_REFUSED when it is
 * no regular file or has several links. What ret_bytes held is released; it keeps its secret mark. */
CE_MUSTCHECK int ce_file_read(const char *path, size_t limit, struct ce_buf *ret_bytes, struct ce_file_info *ret_info,
	struct ce_error *err);

/* A replacement in three acts, so that all files of a transaction are written before the first
 * becomes visible. */
struct ce_file_replace;

/* What the new file shall look like. */
struct ce_file_spec {
	const char *path;  /* absolute; its directory must exist */
	const char *temporary; /* name of the temporary in the same directory, NULL: random */
	struct ce_bytes bytes;
	uid_t uid;
	gid_t gid;
	mode_t mode;
	bool keep_labels;  /* copy extended attributes (ACL, SELinux) of the file it replaces */
};

/* Creates the temporary (O_EXCL, 0600), sets owner and mode on the descriptor (before the first byte
 * where others have no access, else after the last), writes, syncs, closes. A temporary that spec
 * names may be left from a crash and is made anew. At a trusted symbolic link the file it points to
 * is the one that is replaced. CE_ERR_REFUSED: no regular file, or one with several links. */
CE_MUSTCHECK int ce_file_prepare(const struct ce_file_spec *spec, struct ce_file_replace **ret_replace,
	struct ce_error *err);

/* Puts it in place. Where something lies there already the two are exchanged and the old content is
 * given in ret_displaced (may be NULL), so that an edit that raced is noticed; then it is removed.
 * CE_ERR_FOREIGN: something appeared where nothing was, disappeared, or became no plain file. After a
 * failure what lay there lies there still. */
CE_MUSTCHECK int ce_file_switch(struct ce_file_replace *replace, struct ce_buf *ret_displaced, struct ce_error *err);

/* Syncs the directory. */
CE_MUSTCHECK int ce_file_settle(struct ce_file_replace *replace, struct ce_error *err);

/* Frees; removes the temporary if it was not switched. Accepts NULL. */
void ce_file_replace_free(struct ce_file_replace *replace);
void ce_file_replacep(struct ce_file_replace **replace);

/* The three acts in one, for the engine's own files: mode 0600 of our own, durable on return. A crash
 * may leave the temporary ".NAME.new", which the next save of that file overwrites. */
CE_MUSTCHECK int ce_file_save(const char *path, struct ce_bytes bytes, struct ce_error *err);

/* The same for a file that others take from us (a request, a CRL, an export), with a mode of its own and never at a
 * link. CE_UNCHANGED when it holds these bytes with this mode already. */
CE_MUSTCHECK int ce_file_publish(const char *path, struct ce_bytes bytes, mode_t mode, struct ce_error *err);

/* Removes what was published there; a link that somebody put in its place stays, and so does what it leads to. Absent, or a
 * link: CE_UNCHANGED. */
CE_MUSTCHECK int ce_file_withdraw(const char *path, struct ce_error *err);

/* Removes a file and syncs its directory; an absent one is CE_UNCHANGED. A trusted symbolic link is followed. */
CE_MUSTCHECK int ce_file_remove(const char *path, struct ce_error *err);

#endif
