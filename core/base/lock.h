/* Kernel locks that die with the process (open file description locks). */
#ifndef CE_BASE_LOCK_H
#define CE_BASE_LOCK_H

#include "base/error.h"

/* Takes the lock at path (created 0600), waiting up to wait_ms. The descriptor holds the lock
 * until it is closed. CE_ERR_LOCKED names the process that holds it. */
CE_MUSTCHECK int ce_lock_take(const char *path, int wait_ms, int *ret_fd, struct ce_error *err);

#endif
