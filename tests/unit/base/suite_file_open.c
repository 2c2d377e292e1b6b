#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/sys.h"
#include "fixture.h"
#include "lib/sys_fault.h"

static int
open_code(const char *path)
{
	CE_CLEANUP(ce_closep) int fd = -1;
	struct ce_error err = { .code = CE_OK };
	int code = ce_dir_open(path, &fd, &err);
	CU_ASSERT_EQUAL(code == CE_OK, fd >= 0);
	CU_ASSERT_EQUAL(code, err.code);
	return code;
}

static bool
is_directory(const char *path, const char *expected)
{
	CE_CLEANUP(ce_closep) int fd = -1;
	struct stat found, wanted;
	return ce_dir_open(path, &fd, NULL) == CE_OK && fstat(fd, &found) == 0 && stat(expected, &wanted) == 0
	       && found.st_ino == wanted.st_ino && found.st_dev == wanted.st_dev;
}

/* hostile/ can be written by others; real/ lies beside it. */
static void
make_ground(mode_t hostile)
{
	fixture_directory();
	CU_ASSERT_EQUAL(mkdir(fixture_path("real"), 0755), 0);
	CU_ASSERT_EQUAL(mkdir(fixture_path("real/below"), 0755), 0);
	CU_ASSERT_EQUAL(mkdir(fixture_path("hostile"), 0755), 0);
	CU_ASSERT_EQUAL(mkdir(fixture_path("hostile/plain"), 0755), 0);
	CU_ASSERT_EQUAL(symlink("../real", fixture_path("hostile/link")), 0);
	CU_ASSERT_EQUAL(chmod(fixture_path("hostile"), hostile), 0);
}

static void
planted_link_is_refused(void)
{
	static const mode_t modes[] = { 0777, 0775, 0757, 01777 };
	for (size_t i = 0; i < CE_COUNT(modes); i++) {
		make_ground(modes[i]);
		CU_ASSERT_EQUAL(open_code(fixture_path("hostile/link")), CE_ERR_REFUSED);
		CU_ASSERT_EQUAL(open_code(fixture_path("hostile/link/below")), CE_ERR_REFUSED);
		CU_ASSERT_EQUAL(open_code(fixture_path("hostile/plain")), CE_OK);
		CU_ASSERT_EQUAL(open_code(fixture_path("hostile/none")), CE_ERR_NOT_FOUND);
	}
}

static void
trusted_link_is_followed(void)
{
	make_ground(0755);
	CU_ASSERT_TRUE(is_directory(fixture_path("hostile/link"), fixture_path("real")));
	CU_ASSERT_TRUE(is_directory(fixture_path("hostile/link/below/.."), fixture_path("real")));
	CU_ASSERT_EQUAL(symlink(fixture_path("real/below"), fixture_path("absolute")), 0);
	CU_ASSERT_TRUE(is_directory(fixture_path("absolute"), fixture_path("real/below")));
	CU_ASSERT_TRUE(is_directory(fixture_path("absolute//./"), fixture_path("real/below")));
	CU_ASSERT_EQUAL(symlink("none", fixture_path("dangling")), 0);
	CU_ASSERT_EQUAL(open_code(fixture_path("dangling/x")), CE_ERR_NOT_FOUND);
}

static void
trusted_link_to_planted_link_is_refused(void)
{
	make_ground(0777);
	CU_ASSERT_EQUAL(symlink("hostile/link", fixture_path("first")), 0);
	CU_ASSERT_EQUAL(open_code(fixture_path("first")), CE_ERR_REFUSED);
}

static void
foreign_owner_makes_a_link_untrusted(void)
{
	if (geteuid() != 0)
		return; /* only root can give a directory away */
	make_ground(0755);
	CU_ASSERT_EQUAL(chown(fixture_path("hostile"), 65534, 65534), 0);
	CU_ASSERT_EQUAL(open_code(fixture_path("hostile/link")), CE_ERR_REFUSED);
	CU_ASSERT_EQUAL(open_code(fixture_path("hostile/plain")), CE_OK);
}

static void
link_loop_ends(void)
{
	fixture_directory();
	CU_ASSERT_EQUAL(symlink("b", fixture_path("a")), 0);
	CU_ASSERT_EQUAL(symlink("a", fixture_path("b")), 0);
	CU_ASSERT_EQUAL(open_code(fixture_path("a")), CE_ERR_REFUSED);
	struct ce_file_info info;
	CU_ASSERT_EQUAL(ce_file_stat(fixture_path("a"), &info, NULL), CE_ERR_REFUSED);
}

static void
only_absolute_directories_open(void)
{
	fixture_directory();
	fixture_put("file", "x", 0644);
	CU_ASSERT_EQUAL(open_code("relative/path"), CE_ERR_INVALID);
	CU_ASSERT_EQUAL(open_code(""), CE_ERR_INVALID);
	CU_ASSERT_EQUAL(open_code(fixture_path("file")), CE_ERR_NOT_FOUND);
	CU_ASSERT_EQUAL(open_code(fixture_path("file/x")), CE_ERR_NOT_FOUND);
	CU_ASSERT_EQUAL(open_code("/"), CE_OK);
}

static void
parent_gives_the_last_name(void)
{
	const char *path = "/etc";
	const char *name = NULL;
	CE_CLEANUP(ce_closep) int fd = -1;
	CU_ASSERT_EQUAL(ce_dir_open_parent(path, &fd, &name, NULL), CE_OK);
	CU_ASSERT_PTR_EQUAL(name, path + 1);
	static const char *const bad[] = { "/", "/etc/", "/etc/.", "/etc/..", "etc/x", "" };
	for (size_t i = 0; i < CE_COUNT(bad); i++) {
		int none = -1;
		CU_ASSERT_EQUAL(ce_dir_open_parent(bad[i], &none, &name, NULL), CE_ERR_INVALID);
		CU_ASSERT_EQUAL(none, -1);
	}
}

/* An old kernel, or a container's filter that answers EPERM. */
static void
without_openat2_the_walk_judges_the_same(void)
{
	make_ground(0777);
	ce_fault_begin("only:openat2,failall:1:ENOSYS");
	CU_ASSERT_EQUAL(open_code(fixture_path("hostile/plain")), CE_OK);
	CU_ASSERT_EQUAL(open_code(fixture_path("hostile/link")), CE_ERR_REFUSED);
	CU_ASSERT_EQUAL(open_code(fixture_path("none/x")), CE_ERR_NOT_FOUND);
	ce_fault_begin("only:openat2,failall:1:EPERM");
	CU_ASSERT_EQUAL(open_code(fixture_path("real/below")), CE_OK);
	ce_fault_begin("only:openat2,failall:1:EIO");
	CU_ASSERT_EQUAL(open_code(fixture_path("real/below")), CE_ERR_SYSTEM);
	ce_fault_end();
}

/* 10,000 targets: a path without links costs one call to open and one to close. */
static void
plain_path_is_one_call(void)
{
	make_ground(0755);
	ce_fault_begin("now:0");
	CU_ASSERT_EQUAL(open_code(fixture_path("real/below")), CE_OK);
	CU_ASSERT_EQUAL(ce_fault_count(), 2);
	ce_fault_end();
}

static void
each_failing_call_is_reported(void)
{
	make_ground(0755);
	for (unsigned long call = 2;; call++) { /* the first has its fallback, above */
		char rules[64];
		snprintf(rules, sizeof(rules), "fail:%lu:EIO", call);
		ce_fault_begin(rules);
		CE_CLEANUP(ce_closep) int fd = -1;
		int code = ce_dir_open(fixture_path("hostile/link/below"), &fd, NULL);
		bool reached = ce_fault_count() >= call;
		ce_fault_end();
		if (!reached) {
			CU_ASSERT_EQUAL(code, CE_OK);
			break;
		}
		CU_ASSERT(code == CE_OK || code == CE_ERR_SYSTEM); /* a close that fails does not matter here */
	}
}

const struct ce_test file_open_tests[] = {
	{ "planted link is refused", planted_link_is_refused },
	{ "trusted link is followed", trusted_link_is_followed },
	{ "trusted link to planted link is refused", trusted_link_to_planted_link_is_refused },
	{ "foreign owner makes a link untrusted", foreign_owner_makes_a_link_untrusted },
	{ "link loop ends", link_loop_ends },
	{ "only absolute directories open", only_absolute_directories_open },
	{ "parent gives the last name", parent_gives_the_last_name },
	{ "without openat2 the walk judges the same", without_openat2_the_walk_judges_the_same },
	{ "plain path is one call", plain_path_is_one_call },
	{ "each failing call is reported", each_failing_call_is_reported },
	{ NULL, NULL },
};
