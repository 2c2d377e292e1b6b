/* The files that an include stands for: a path, or a pattern as glob(3) takes it, which nginx uses. */
#include "nginx.h"

#include <fnmatch.h>
#include <string.h>

#define FILES_MAX 512

struct expansion {
	const struct nginx_work *work;
	const char **paths;
	size_t count;
};

static bool
is_pattern(const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (strchr("*?[", text[i]))
			return true;
	return false;
}

static int
found(struct expansion *expansion, const char *path)
{
	const struct nginx_work *work = expansion->work;
	if (expansion->count >= FILES_MAX)
		return work->services->fail(work->call, CE_ERR_LIMIT, "an include of '%s' stands for more than %d files",
			work->settings.config, FILES_MAX);
	expansion->paths[expansion->count++] = path;
	return CE_OK;
}

static int expand(struct expansion *expansion, const char *directory, const char *rest);

/* One name below the directory: the end of the path, or a directory to go into. */
static int
take(struct expansion *expansion, const char *directory, const char *name, const char *rest)
{
	const struct ce_services *services = expansion->work->services;
	ce_call *call = expansion->work->call;
	struct ce_stat stat = { .size = sizeof(stat) };
	const char *path = services->format(call, "%s/%s", directory, name);
	if (!path)
		return ce_plug_no_memory(services, call);
	int rc = services->stat(call, path, &stat);
	if (rc < 0 || !stat.exists || (rest[0] != '\0') != (stat.is_directory != 0))
		return rc;
	return rest[0] != '\0' ? expand(expansion, path, rest) : found(expansion, path);
}

/* The directory has no slash at its end; rest is what is below it, at least one name. */
static int
expand(struct expansion *expansion, const char *directory, const char *rest)
{
	const struct ce_services *services = expansion->work->services;
	ce_call *call = expansion->work->call;
	while (*rest == '/')
		rest++;
	size_t size = strcspn(rest, "/");
	const char *part = services->format(call, "%.*s", (int)size, rest), *more = rest + size;
	const char *const *names = NULL;
	struct ce_stat stat = { .size = sizeof(stat) };
	if (!part)
		return ce_plug_no_memory(services, call);
	more += strspn(more, "/");
	if (!is_pattern(part, size))
		return take(expansion, directory, part, more);
	int rc = services->stat(call, directory[0] == '\0' ? "/" : directory, &stat);
	if (rc < 0 || !stat.exists || !stat.is_directory)
		return rc;
	rc = services->list(call, directory[0] == '\0' ? "/" : directory, &names);
	for (; rc >= 0 && *names; names++)
		if (fnmatch(part, *names, FNM_PERIOD) == 0)
			rc = take(expansion, directory, *names, more);
	return rc < 0 ? rc : CE_OK;
}

int
ce_nginx_expand(const struct nginx_work *work, const char *pattern, const char *const **ret_paths)
{
	struct expansion expansion = { .work = work };
	expansion.paths = work->services->allocate(work->call, (FILES_MAX + 1) * sizeof(*expansion.paths));
	if (!expansion.paths)
		return ce_plug_no_memory(work->services, work->call);
	int rc = is_pattern(pattern, strlen(pattern)) ? expand(&expansion, "", pattern) : found(&expansion, pattern);
	if (rc >= 0)
		*ret_paths = expansion.paths;
	return rc;
}
