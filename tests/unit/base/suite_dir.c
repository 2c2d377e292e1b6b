#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "fixture.h"
#include "lib/sys_fault.h"

static mode_t
mode_of(const char *name)
{
	struct stat st;
	return stat(fixture_path(name), &st) == 0 && S_ISDIR(st.st_mode) ? st.st_mode & 07777 : 0;
}

static void
missing_parents_are_made_private(void)
{
	fixture_directory();
	struct ce_error err = { .code = CE_OK };
	CU_ASSERT_EQUAL(ce_dir_create_private(fixture_path("a/b/c/"), &err), CE_OK);
	CU_ASSERT_EQUAL(err.code, CE_OK);
	CU_ASSERT_EQUAL(mode_of("a"), 0700);
	CU_ASSERT_EQUAL(mode_of("a/b"), 0700);
	CU_ASSERT_EQUAL(mode_of("a/b/c"), 0700);
	CU_ASSERT_EQUAL(ce_dir_create_private(fixture_path("a/b/c"), NULL), CE_OK);
}

static void
wide_or_foreign_directory_is_refused(void)
{
	fixture_directory();
	CU_ASSERT_EQUAL(mkdir(fixture_path("wide"), 0750), 0);
	CU_ASSERT_EQUAL(ce_dir_create_private(fixture_path("wide"), NULL), CE_ERR_REFUSED);
	CU_ASSERT_EQUAL(ce_dir_create_private("relative", NULL), CE_ERR_INVALID);
	fixture_put("file", "x", 0600);
	CU_ASSERT(ce_dir_create_private(fixture_path("file/x"), NULL) < 0);
	CU_ASSERT(ce_dir_create_private(fixture_path("file"), NULL) < 0);
	if (geteuid() != 0)
		return; /* only root can give a directory away */
	CU_ASSERT_EQUAL(mkdir(fixture_path("foreign"), 0700), 0);
	CU_ASSERT_EQUAL(chown(fixture_path("foreign"), 65534, 65534), 0);
	CU_ASSERT_EQUAL(ce_dir_create_private(fixture_path("foreign"), NULL), CE_ERR_REFUSED);
}

static void
listing_is_sorted_and_limited(void)
{
	fixture_directory();
	fixture_put("b", "", 0600);
	fixture_put("a", "", 0600);
	fixture_put(".c", "", 0600);
	CE_CLEANUP(ce_strlist_release) struct ce_strlist names = CE_STRLIST_INIT;
	CU_ASSERT_EQUAL(ce_dir_list(fixture_path("."), 2, &names, NULL), CE_ERR_LIMIT);
	CU_ASSERT_EQUAL(names.count, 0);
	CU_ASSERT_EQUAL(ce_dir_list(fixture_path("."), 3, &names, NULL), CE_OK);
	CU_ASSERT_EQUAL_FATAL(names.count, 3);
	CU_ASSERT_STRING_EQUAL(names.items[0], ".c");
	CU_ASSERT_STRING_EQUAL(names.items[2], "b");
	struct ce_strlist none = CE_STRLIST_INIT;
	CU_ASSERT_EQUAL(ce_dir_list(fixture_path("none"), 3, &none, NULL), CE_ERR_NOT_FOUND);
	ce_fault_begin("only:readdir,fail:2:EIO");
	CU_ASSERT_EQUAL(ce_dir_list(fixture_path("."), 3, &none, NULL), CE_ERR_SYSTEM);
	ce_fault_begin("only:fdopendir,fail:1:ENOMEM");
	CU_ASSERT_EQUAL(ce_dir_list(fixture_path("."), 3, &none, NULL), CE_ERR_SYSTEM);
	ce_fault_end();
}

static void
removing_takes_one_level(void)
{
	fixture_directory();
	CU_ASSERT_EQUAL(mkdir(fixture_path("dir"), 0700), 0);
	fixture_put("dir/a", "", 0600);
	fixture_put("dir/b", "", 0600);
	struct ce_error err = { .code = CE_OK };
	CU_ASSERT_EQUAL(ce_dir_remove(fixture_path("dir"), &err), CE_OK);
	CU_ASSERT_EQUAL(fixture_count(), 0);
	CU_ASSERT_EQUAL(ce_dir_remove(fixture_path("dir"), &err), CE_UNCHANGED);
	CU_ASSERT_EQUAL(err.code, CE_OK);
	CU_ASSERT_EQUAL(mkdir(fixture_path("dir"), 0700), 0);
	CU_ASSERT_EQUAL(mkdir(fixture_path("dir/below"), 0700), 0);
	CU_ASSERT(ce_dir_remove(fixture_path("dir"), &err) < 0);
	CU_ASSERT_TRUE(fixture_exists("dir/below"));
}

static void
removing_never_goes_through_a_link(void)
{
	fixture_directory();
	CU_ASSERT_EQUAL(mkdir(fixture_path("others"), 0700), 0);
	fixture_put("others/file", "x", 0600);
	CU_ASSERT_EQUAL(symlink("others", fixture_path("dir")), 0);
	struct ce_error err = { .code = CE_OK };
	CU_ASSERT_EQUAL(ce_dir_remove(fixture_path("dir"), &err), CE_ERR_REFUSED);
	CU_ASSERT_TRUE(fixture_exists("others/file"));
	CU_ASSERT_TRUE(fixture_exists("dir"));
	CU_ASSERT_EQUAL(ce_dir_remove(fixture_path("others/file"), &err), CE_ERR_REFUSED);
	CU_ASSERT_TRUE(fixture_exists("others/file"));
}

const struct ce_test dir_tests[] = {
	{ "missing parents are made private", missing_parents_are_made_private },
	{ "wide or foreign directory is refused", wide_or_foreign_directory_is_refused },
	{ "listing is sorted and limited", listing_is_sorted_and_limited },
	{ "removing takes one level", removing_takes_one_level },
	{ "removing never goes through a link", removing_never_goes_through_a_link },
	{ NULL, NULL },
};
