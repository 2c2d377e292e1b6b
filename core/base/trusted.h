/* Whether a program that the configuration names may be run with our rights. */
#ifndef CE_BASE_TRUSTED_H
#define CE_BASE_TRUSTED_H

#include "base/error.h"

/* The file at an absolute path must be a regular one (no link), executable, belong to root or to us, and be closed to the
 * writing of others; so must every directory above it, where a sticky one counts as closed unless it is the file's own.
 * Links in the middle of the path count as in ce_dir_open. CE_ERR_NOT_FOUND: there is no such file; CE_ERR_REFUSED: it
 * is not to be trusted, the text says why. */
CE_MUSTCHECK int ce_program_check(const char *path, struct ce_error *err);

#endif
