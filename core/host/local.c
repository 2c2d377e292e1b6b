#include "host/host.h"

#include <grp.h>
#include <pwd.h>
#include <stdlib.h>

struct local_replace {
	struct ce_host_replace head;
	struct ce_file_replace *file;
};

static int
local_open(const struct ce_host *host, struct ce_error *err)
{
	(void)host;
	(void)err;
	return CE_OK;
}

static int
local_account(const struct ce_host *host, const char *name, bool group, unsigned long *ret_id, struct ce_error *err)
{
	(void)host;
	const struct passwd *user = group ? NULL : getpwnam(name);
	const struct group *of = group ? getgrnam(name) : NULL;
	if (!user && !of)
		return ce_fail(err, CE_ERR_CONFIG, "%s '%s' is no %s of this host", group ? "group" : "owner", name,
			group ? "group" : "user");
	*ret_id = group ? of->gr_gid : user->pw_uid;
	return CE_OK;
}

static int
local_read(const struct ce_host *host, const char *path, size_t limit, struct ce_buf *ret_bytes,
	struct ce_file_info *ret_info, struct ce_error *err)
{
	(void)host;
	return ce_file_read(path, limit, ret_bytes, ret_info, err);
}

static int
local_stat(const struct ce_host *host, const char *path, struct ce_file_info *ret_info, struct ce_error *err)
{
	(void)host;
	return ce_file_stat(path, ret_info, err);
}

static int
local_list(const struct ce_host *host, const char *path, size_t limit, struct ce_strlist *ret_names,
	struct ce_error *err)
{
	(void)host;
	return ce_dir_list(path, limit, ret_names, err);
}

static int
local_prepare(const struct ce_host *host, const struct ce_file_spec *spec, struct ce_host_replace **ret_replace,
	struct ce_error *err)
{
	CE_CLEANUP(ce_freep) struct local_replace *replace = calloc(1, sizeof(*replace));
	if (!replace)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");

	int code = ce_file_prepare(spec, &replace->file, err);
	if (code < 0)
		return code;

	replace->head.host = host;
	*ret_replace = &CE_STEAL(replace)->head;
	return code;
}

static int
local_switch_in(const struct ce_host *host, struct ce_host_replace *replace, struct ce_buf *ret_displaced,
	struct ce_error *err)
{
	(void)host;
	return ce_file_switch(((struct local_replace *)replace)->file, ret_displaced, err);
}

static int
local_settle(const struct ce_host *host, struct ce_host_replace *replace, struct ce_error *err)
{
	(void)host;
	return ce_file_settle(((struct local_replace *)replace)->file, err);
}

static void
local_replace_free(const struct ce_host *host, struct ce_host_replace *replace)
{
	(void)host;
	if (!replace)
		return;
	ce_file_replace_free(((struct local_replace *)replace)->file);
	free(replace);
}

static int
local_remove(const struct ce_host *host, const char *path, struct ce_error *err)
{
	(void)host;
	return ce_file_remove(path, err);
}

static int
local_run(const struct ce_host *host, const struct ce_process_spec *spec, struct ce_outcome *ret_outcome,
	struct ce_error *err)
{
	(void)host;
	return ce_process_run(spec, ret_outcome, err);
}

static const struct ce_host local = {
	.name = "local",
	.open = local_open,
	.account = local_account,
	.read = local_read,
	.stat = local_stat,
	.list = local_list,
	.prepare = local_prepare,
	.switch_in = local_switch_in,
	.settle = local_settle,
	.replace_free = local_replace_free,
	.remove = local_remove,
	.run = local_run,
};

const struct ce_host *
ce_host_local(void)
{
	return &local;
}
