/* Extended attributes that a replaced file hands on to its successor. */
#ifndef CE_BASE_FILE_LABELS_H
#define CE_BASE_FILE_LABELS_H

#include "base/error.h"

/* Copies access control lists, security labels and users' attributes of the file called name in dir to fd. */
CE_MUSTCHECK int ce_labels_copy(int dir, const char *name, int fd, const char *path, struct ce_error *err);

#endif
