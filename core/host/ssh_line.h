/* Argument vectors as one line for a POSIX shell on another host. */
#ifndef CE_HOST_SSH_LINE_H
#define CE_HOST_SSH_LINE_H

#include "base/buf.h"

/* Appends text so that a POSIX shell reads exactly it as one word. */
CE_MUSTCHECK int ce_ssh_quote(struct ce_buf *out, const char *text, struct ce_error *err);

/* The line that runs argv as base/process.h would here: the fixed environment with env added, umask 022, working directory
 * /. Before that it writes CE_SSH_MARK and the number of its process group, or that there is no such program. */
CE_MUSTCHECK int ce_ssh_line(struct ce_buf *out, const char *const *argv, const char *const *env, struct ce_error *err);

#endif
