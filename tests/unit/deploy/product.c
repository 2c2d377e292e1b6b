#include "product.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/digest.h"

struct product_faults product_faults;
int product_reloads;

static char directory[200], journal[240];
static json_t *recipe;

const char *
product_path(const char *name)
{
	static char paths[4][300];
	static unsigned turn;
	char *path = paths[turn++ % 4];
	snprintf(path, sizeof(paths[0]), "%s/%s", directory, name);
	return path;
}

void
product_put(const char *name, const char *content)
{
	FILE *file = fopen(product_path(name), "w");
	if (!file || fputs(content, file) < 0 || fclose(file) != 0)
		abort();
}

const char *
product_read(const char *name)
{
	static char content[4096];
	FILE *file = fopen(product_path(name), "r");
	if (!file)
		return "(none)";
	size_t size = fread(content, 1, sizeof(content) - 1, file);
	content[size] = '\0';
	(void)fclose(file);
	return content;
}

static void
free_recipe(void)
{
	json_decref(recipe);
}

void
product_begin(void)
{
	static int number;
	struct ce_error err = { 0 };
	if (ce_crypto_begin(&err) < 0)
		abort();
	if (!recipe) {
		recipe = json_pack("{s:s}", "product", "test");
		atexit(free_recipe);
	}
	snprintf(directory, sizeof(directory), "%s/product%d", ce_test_directory(), number++);
	snprintf(journal, sizeof(journal), "%s/journal", directory);
	if (mkdir(directory, 0755) < 0 || mkdir(journal, 0700) < 0)
		abort();
	product_faults = (struct product_faults){ 0 };
	product_reloads = 0;
	product_put("config", "line one\nold\nline three\n");
	if (chmod(product_path("config"), 0604) < 0)
		abort();
	product_put("obsolete", "obsolete\n");
	product_put("served", "old");
}

const char *
product_journal(void)
{
	return journal;
}

const json_t *
product_recipe(void)
{
	return recipe;
}

static int
reload(const json_t *own_recipe, const struct ce_strlist *paths, void *context, struct ce_error *err)
{
	(void)own_recipe;
	(void)paths;
	(void)context;
	product_reloads++;
	if (product_faults.reload_fails > 0) {
		product_faults.reload_fails--;
		return ce_fail(err, CE_ERR_PRODUCT, "the product refused to reload");
	}
	if (product_faults.dead_after_reload)
		product_put("served", "");
	else if (!product_faults.loads_nothing)
		product_put("served", strstr(product_read("config"), "new") ? "new" : "old");
	return CE_OK;
}

static int
verify(const json_t *own_recipe, enum ce_side side, void *context, struct ce_error *err)
{
	(void)own_recipe;
	(void)context;
	const char *served = product_read("served");
	if (strcmp(served, side == CE_SIDE_NEW ? "new" : "old") == 0)
		return CE_OK;
	return ce_fail(err, CE_ERR_VERIFY, "it serves '%s'", served);
}

const struct ce_transaction_hooks *
product_hooks(void)
{
	static const struct ce_transaction_hooks hooks = { .reload = reload, .verify = verify };
	return &hooks;
}

static void
stage_write(struct ce_changes *changes, const char *name, const char *content)
{
	struct ce_error err = { 0 };
	struct ce_change_spec spec = { .path = product_path(name),
		.bytes = { (const unsigned char *)content, strlen(content) } };
	CU_ASSERT_EQUAL(ce_changes_write(changes, ce_host_local(), &spec, &err), CE_OK);
}

void
product_stage(struct ce_changes *ret_changes)
{
	struct ce_error err = { 0 };
	stage_write(ret_changes, "config", "line one\nnew\nline three\n");
	stage_write(ret_changes, "store", "the new store\n");
	CU_ASSERT_EQUAL(ce_changes_remove(ret_changes, ce_host_local(), product_path("obsolete"), &err), CE_OK);
	char flag[300];
	snprintf(flag, sizeof(flag), "%s", product_path("flag"));
	const char *const make[] = { "/bin/touch", flag, NULL };
	const char *const undo[] = { "/bin/rm", "-f", flag, NULL };
	const char *const check[] = { "/usr/bin/test", "-e", flag, NULL };
	CU_ASSERT_EQUAL(ce_changes_command(ret_changes, ce_host_local(), "make the flag", make, undo, check, &err), CE_OK);
}

enum ce_transaction_outcome
product_deploy(struct ce_error *err, char **ret_trouble)
{
	CE_CLEANUP(ce_changes_release) struct ce_changes changes = CE_CHANGES_INIT;
	product_stage(&changes);
	const struct ce_changes *all = &changes;
	return ce_transaction_run(journal, ce_host_local(), &all, 1, recipe, product_hooks(), ret_trouble, err);
}

static bool
has_mode(const char *name, mode_t mode)
{
	struct stat st;
	return stat(product_path(name), &st) == 0 && (st.st_mode & 07777) == mode;
}

bool
product_is_old(void)
{
	return strcmp(product_read("config"), "line one\nold\nline three\n") == 0 && has_mode("config", 0604)
	       && strcmp(product_read("store"), "(none)") == 0 && strcmp(product_read("obsolete"), "obsolete\n") == 0
	       && strcmp(product_read("flag"), "(none)") == 0;
}

bool
product_is_new(void)
{
	return strcmp(product_read("config"), "line one\nnew\nline three\n") == 0 && has_mode("config", 0604)
	       && strcmp(product_read("store"), "the new store\n") == 0 && strcmp(product_read("obsolete"), "(none)") == 0
	       && strcmp(product_read("flag"), "") == 0;
}

static size_t
count(const char *path, const char *start)
{
	size_t found = 0;
	DIR *dir = opendir(path);
	if (!dir)
		return 0;
	for (struct dirent *entry; (entry = readdir(dir));)
		found += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 && strcmp(entry->d_name, "kept") != 0
		         && strncmp(entry->d_name, start, strlen(start)) == 0;
	(void)closedir(dir);
	return found;
}

unsigned long
product_stride(void)
{
	return getenv("CE_TEST_BRIEF") ? 17 : 1;
}

size_t
product_leftovers(void)
{
	return count(directory, ".certengine") + count(journal, "");
}
