/* The machine a target is on. Whoever touches a product's files or runs its programs does so through
 * this table, so that a target on another machine needs no other code. Each operation behaves as the
 * function of base/file.h or base/process.h it is named after: arguments, ownership and errors. */
#ifndef CE_HOST_HOST_H
#define CE_HOST_HOST_H

#include "base/file.h"
#include "base/process.h"

struct ce_host;

/* A replacement under way. What follows the head belongs to the host that prepared it. */
struct ce_host_replace {
	const struct ce_host *host;
};

struct ce_host {
	const char *name;    /* for messages: "local", "ssh://root@db.example.com" */
	const char *address; /* where it is reached; NULL: it is this machine */

	/* Makes sure that it can be reached. The other operations do so by themselves. */
	int (*open)(const struct ce_host *host, struct ce_error *err);
	/* The number of an account, or of a group; CE_ERR_CONFIG when there is none of that name. */
	int (*account)(const struct ce_host *host, const char *name, bool group, unsigned long *ret_id, struct ce_error *err);
	int (*read)(const struct ce_host *host, const char *path, size_t limit, struct ce_buf *ret_bytes,
		struct ce_file_info *ret_info, struct ce_error *err);
	int (*stat)(const struct ce_host *host, const char *path, struct ce_file_info *ret_info, struct ce_error *err);
	int (*list)(const struct ce_host *host, const char *path, size_t limit, struct ce_strlist *ret_names,
		struct ce_error *err);
	/* ce_file_prepare, ce_file_switch, ce_file_settle, ce_file_replace_free */
	int (*prepare)(const struct ce_host *host, const struct ce_file_spec *spec, struct ce_host_replace **ret_replace,
		struct ce_error *err);
	int (*switch_in)(const struct ce_host *host, struct ce_host_replace *replace, struct ce_buf *ret_displaced,
		struct ce_error *err);
	int (*settle)(const struct ce_host *host, struct ce_host_replace *replace, struct ce_error *err);
	void (*replace_free)(const struct ce_host *host, struct ce_host_replace *replace);
	int (*remove)(const struct ce_host *host, const char *path, struct ce_error *err);
	int (*run)(const struct ce_host *host, const struct ce_process_spec *spec, struct ce_outcome *ret_outcome,
		struct ce_error *err);
};

/* This machine. */
const struct ce_host *ce_host_local(void);

/* Frees by the host that prepared it; for CE_CLEANUP. A pointer to NULL is accepted. */
static inline void
ce_host_replacep(struct ce_host_replace **replace)
{
	if (*replace)
		(*replace)->host->replace_free((*replace)->host, *replace);
	*replace = NULL;
}

#endif
