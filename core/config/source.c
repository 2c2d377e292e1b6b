#include "config/source.h"

#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "config/scan.h"

#define SOURCE_LIMIT (1u << 20)
#define DIRECTORY_LIMIT 10000

/* libconfig's own words say too little. */
static const struct {
	const char *theirs;
	const char *ours;
} parse_errors[] = {
	{ "syntax error",
		"this line, or the end of the one before, is not understood; "
		"is a ';', a quote or a brace missing, or one too many?" },
	{ "duplicate setting name", "this key stands twice in its group" },
};

CE_MUSTCHECK static int
explain(const config_t *tree, const char *file, struct ce_problems *problems, struct ce_error *err)
{
	const char *text = config_error_text(tree);
	for (size_t i = 0; text && i < CE_COUNT(parse_errors); i++)
		if (strcmp(text, parse_errors[i].theirs) == 0)
			return ce_problems_add(problems, file, config_error_line(tree), err, "%s", parse_errors[i].ours);
	return ce_problems_add(problems, file, config_error_line(tree), err, "%s", text ? text : "it cannot be parsed");
}

static void
tree_freep(config_t **tree)
{
	if (*tree)
		config_destroy(*tree);
	free(*tree);
}

int
ce_source_parse(struct ce_source *source, struct ce_bytes text, struct ce_problems *problems, struct ce_error *err)
{
	int code = ce_scan(text, source->path, problems, err);
	if (code == CE_ERR_REFUSED) {
		ce_error_clear(err);
		return CE_OK;
	}
	if (code < 0)
		return code;

	CE_CLEANUP(tree_freep) config_t *tree = calloc(1, sizeof(*tree));
	if (!tree)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	config_init(tree);
	if (!config_read_string(tree, text.size > 0 ? (const char *)text.data : ""))
		return explain(tree, source->path, problems, err);

	source->tree = CE_STEAL(tree);
	return CE_OK;
}

/* Whoever can write the configuration is root: the files and the directory they lie in belong to root or to us. */
CE_MUSTCHECK static int
check_owner(const char *path, const struct ce_file_info *info, struct ce_problems *problems, struct ce_error *err)
{
	if (info->uid != 0 && info->uid != geteuid())
		return ce_problems_add(problems, path, 0, err,
			"it belongs to user %lu, who could change it at will: chown root", (unsigned long)info->uid);
	if ((info->mode & 022) != 0 && !(info->is_directory && (info->mode & 01000)))
		return ce_problems_add(problems, path, 0, err,
			"others may write it (mode %04o): chmod go-w", (unsigned)info->mode);
	return CE_OK;
}

CE_MUSTCHECK static int
read_text(const char *path, struct ce_buf *ret_text, struct ce_problems *problems, struct ce_error *err)
{
	struct ce_file_info info;
	int code = ce_file_read(path, SOURCE_LIMIT, ret_text, &info, err);
	if (code == CE_ERR_LIMIT) {
		code = ce_problems_add(problems, path, 0, err, "it is larger than 1 MiB");
		return code < 0 ? code : CE_ERR_LIMIT;
	}
	if (code < 0 && code != CE_ERR_MEMORY && code != CE_ERR_NOT_FOUND) {
		char text[CE_ERROR_TEXT_MAX];
		strcpy(text, err->text);
		code = ce_problems_add(problems, path, 0, err, "%s", text);
		return code < 0 ? code : CE_ERR_LIMIT;
	}
	if (code < 0)
		return code;
	return check_owner(path, &info, problems, err);
}

CE_MUSTCHECK static int
sources_add(struct ce_sources *sources, const char *path, struct ce_problems *problems, struct ce_error *err)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf text = CE_BUF_SECRET;
	int code = read_text(path, &text, problems, err);
	if (code == CE_ERR_LIMIT) {
		ce_error_clear(err);
		return CE_OK;
	}
	if (code < 0)
		return code;

	struct ce_source *items = realloc(sources->items, (sources->count + 1) * sizeof(*items));
	if (!items)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	sources->items = items;
	struct ce_source *source = &items[sources->count];
	memset(source, 0, sizeof(*source));
	source->path = strdup(path);
	if (!source->path)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	sources->count++;
	return ce_source_parse(source, ce_buf_bytes(&text), problems, err);
}

static bool
is_configuration(const char *name)
{
	size_t size = strlen(name);
	return name[0] != '.' && size > 5 && strcmp(name + size - 5, ".conf") == 0;
}

CE_MUSTCHECK static int
sources_add_directory(struct ce_sources *sources, const char *directory, struct ce_problems *problems,
	struct ce_error *err)
{
	struct ce_file_info info;
	int code = ce_file_stat(directory, &info, err);
	if (code < 0 || !info.exists)
		return code;
	code = check_owner(directory, &info, problems, err);
	if (code < 0)
		return code;

	CE_CLEANUP(ce_strlist_release) struct ce_strlist names = CE_STRLIST_INIT;
	code = ce_dir_list(directory, DIRECTORY_LIMIT, &names, err);
	for (size_t i = 0; code >= 0 && i < names.count; i++) {
		if (!is_configuration(names.items[i]))
			continue;
		CE_CLEANUP(ce_buf_release) struct ce_buf path = CE_BUF_INIT;
		code = ce_buf_addf(&path, err, "%s/%s", directory, names.items[i]);
		if (code >= 0)
			code = sources_add(sources, ce_buf_text(&path), problems, err);
	}
	return code < 0 ? code : CE_OK;
}

/* The directory that path lies in, then conf.d in it. */
CE_MUSTCHECK static int
sources_add_beside(struct ce_sources *sources, const char *path, bool with_directory, struct ce_problems *problems,
	struct ce_error *err)
{
	const char *slash = strrchr(path, '/');
	CE_CLEANUP(ce_buf_release) struct ce_buf directory = CE_BUF_INIT;
	int code = ce_buf_addf(&directory, err, "%.*s", slash > path ? (int)(slash - path) : 1, path);
	if (code < 0)
		return code;
	struct ce_file_info info;
	code = ce_file_stat(ce_buf_text(&directory), &info, err);
	if (code >= 0 && info.exists)
		code = check_owner(ce_buf_text(&directory), &info, problems, err);
	if (code < 0 || !with_directory)
		return code;

	code = ce_buf_adds(&directory, "/conf.d", err);
	return code < 0 ? code : sources_add_directory(sources, ce_buf_text(&directory), problems, err);
}

int
ce_sources_read(const char *path, bool with_directory, struct ce_sources *ret_sources, struct ce_problems *problems,
	struct ce_error *err)
{
	if (path[0] != '/')
		return ce_fail(err, CE_ERR_INVALID, "'%s' is not an absolute path", path);

	CE_CLEANUP(ce_sources_release) struct ce_sources sources = { NULL, 0 };
	int code = sources_add(&sources, path, problems, err);
	if (code == CE_ERR_NOT_FOUND)
		return ce_fail(err, code, "there is no configuration '%s': write one after certengine.conf(5) or the "
			"examples in share/certengine/examples", path);
	if (code >= 0)
		code = sources_add_beside(&sources, path, with_directory, problems, err);
	if (code < 0)
		return code;

	*ret_sources = sources;
	memset(&sources, 0, sizeof(sources));
	return CE_OK;
}

void
ce_source_release(struct ce_source *source)
{
	tree_freep(&source->tree);
	free(source->path);
	memset(source, 0, sizeof(*source));
}

void
ce_sources_release(struct ce_sources *sources)
{
	for (size_t i = 0; i < sources->count; i++)
		ce_source_release(&sources->items[i]);
	free(sources->items);
	memset(sources, 0, sizeof(*sources));
}
