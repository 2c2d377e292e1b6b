/* Starting a program; shared by process.c and helper.c only. */
#ifndef CE_BASE_SPAWN_H
#define CE_BASE_SPAWN_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"

struct ce_spawn {
	const char *const *argv; /* argv[0] is an absolute path */
	const char *const *env;  /* additions to the fixed environment, may be NULL */
	const int *fds;          /* become 0, 1, 2, ... in the child; all others are closed */
	size_t fd_count;
	bool helper;             /* keeps umask 077; else umask 022. Each has a process group of its own and dies with us */
};

/* CE_ERR_NOT_FOUND or CE_ERR_SYSTEM when the program could not be executed; no child is left then. */
CE_MUSTCHECK int ce_spawn(const struct ce_spawn *spawn, pid_t *ret_pid, struct ce_error *err);

/* Opens /dev/null for reading and writing. */
CE_MUSTCHECK int ce_spawn_null(int *ret_fd, struct ce_error *err);

/* The fixed environment, NULL-terminated. */
extern const char *const ce_spawn_environment[];

#endif
