/* How paths become descriptors; shared by the file_*.c and dir.c only. */
#ifndef CE_BASE_FILE_OPEN_H
#define CE_BASE_FILE_OPEN_H

#include <stdbool.h>
#include <sys/stat.h>

#include "base/buf.h"

/* Where a path ends once trusted links are followed: a directory, and a name in it that is
 * no link. */
struct ce_place {
	int dir;
	char *name;
	bool exists;
	struct stat st; /* only if it exists */
};

#define CE_PLACE_INIT { .dir = -1 }

/* CE_ERR_NOT_FOUND only when the directory is missing; CE_ERR_REFUSED for a link that does not count. */
CE_MUSTCHECK int ce_place_find(const char *path, struct ce_place *ret_place, struct ce_error *err);
void ce_place_release(struct ce_place *place);

/* Syncs a directory; file systems that cannot (EINVAL) have nothing to sync. */
CE_MUSTCHECK int ce_dir_sync(int dir, const char *what, struct ce_error *err);

/* Reads a regular file with one link through an open descriptor; what names it in errors. */
CE_MUSTCHECK int ce_file_read_fd(int fd, const char *what, size_t limit, struct ce_buf *ret_bytes, struct stat *ret_st,
	struct ce_error *err);

#endif
