/* The directory behind the store: paths relative to it, made of checked names only. Internal to core/store. */
#ifndef CE_STORE_TREE_H
#define CE_STORE_TREE_H

#include <limits.h>

#include "store/store.h"

struct ce_store {
	char *directory; /* absolute */
	char *journal;
	int fd;          /* the directory; -1: it does not exist (read-only) */
	bool readonly;
};

#define CE_STORE_FILE_LIMIT (4u << 20)

/* Room for any path below the store: the longest one has three labels of 64 and a number. */
struct ce_store_path {
	char text[384];
};

/* CE_ERR_INVALID unless name is a label; what says of which thing ("certificate"). */
CE_MUSTCHECK int ce_store_name_check(const char *what, const char *name, struct ce_error *err);

/* certificates/NAME, followed by "/" and the formatted rest when format is not NULL. Every variable
 * part of the rest is a number or was checked by ce_store_name_check. */
CE_MUSTCHECK int ce_store_certificate_path(const char *certificate, struct ce_store_path *ret_path,
	struct ce_error *err, const char *format, ...) CE_PRINTF(4, 5);

/* Reads a whole file of at most CE_STORE_FILE_LIMIT bytes; what the buffer held is released, it is marked secret then. Five system
 * calls, relative to the open directory, never through a link. CE_ERR_NOT_FOUND. */
CE_MUSTCHECK int ce_store_read(const struct ce_store *store, const char *path, struct ce_buf *ret_bytes,
	struct ce_error *err);

/* The name of the file that holds a key: PEM, or the record of one in a token. */
const char *ce_store_key_file(struct ce_bytes key);

/* Whether anything lies at path. */
CE_MUSTCHECK int ce_store_has(const struct ce_store *store, const char *path, bool *ret_there, struct ce_error *err);

/* Writes a file durably; its directory is created when it is missing. */
CE_MUSTCHECK int ce_store_write(const struct ce_store *store, const char *path, struct ce_bytes bytes,
	struct ce_error *err);

/* Removes a file and syncs its directory; an absent one is CE_UNCHANGED. */
CE_MUSTCHECK int ce_store_remove(const struct ce_store *store, const char *path, struct ce_error *err);

/* Renames a file within its directory, durably; what lay under the new name goes. An absent one is CE_UNCHANGED. */
CE_MUSTCHECK int ce_store_rename(const struct ce_store *store, const char *from, const char *to, struct ce_error *err);

/* Files that appear together as a directory, durably: they are written below fresh, where a killed run may have left some,
 * and moved to place; what lies there already is exchanged for them and removed. */
struct ce_store_part {
	const char *name;
	struct ce_bytes bytes;
};
CE_MUSTCHECK int ce_store_put_directory(const struct ce_store *store, const char *fresh, const char *place,
	const struct ce_store_part *parts, size_t count, struct ce_error *err);

/* Removes a directory: out of sight first (under the name gone, in the same parent), so that a kill
 * never leaves half of it under its own name. An absent one is CE_UNCHANGED. */
CE_MUSTCHECK int ce_store_drop_directory(const struct ce_store *store, const char *path, const char *gone,
	struct ce_error *err);

/* Names in a directory; an absent one is empty. */
CE_MUSTCHECK int ce_store_list(const struct ce_store *store, const char *path, struct ce_strlist *ret_names,
	struct ce_error *err);

/* CE_ERR_REFUSED for a store opened for reading. */
CE_MUSTCHECK int ce_store_writable(const struct ce_store *store, struct ce_error *err);

#endif
