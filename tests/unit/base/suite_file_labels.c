#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/file.h"
#include "fixture.h"
#include "lib/sys_fault.h"

static int
replace(bool keep_labels)
{
	struct ce_file_spec spec = {
		.path = fixture_path("file"), .bytes = { (const unsigned char *)"new", 3 },
		.uid = geteuid(), .gid = getegid(), .mode = 0640, .keep_labels = keep_labels,
	};
	CE_CLEANUP(ce_file_replacep) struct ce_file_replace *acts = NULL;
	int code = ce_file_prepare(&spec, &acts, NULL);
	return code == CE_OK ? ce_file_switch(acts, NULL, NULL) : code;
}

static bool
has_attribute(void)
{
	char value[8];
	return getxattr(fixture_path("file"), "user.origin", value, sizeof(value)) == 4 && memcmp(value, "here", 4) == 0;
}

static void
make_labelled(void)
{
	fixture_directory();
	fixture_put("file", "old", 0640);
	CU_ASSERT_EQUAL_FATAL(setxattr(fixture_path("file"), "user.origin", "here", 4, 0), 0);
}

static void
attributes_are_kept_when_asked(void)
{
	make_labelled();
	CU_ASSERT_EQUAL(replace(true), CE_OK);
	CU_ASSERT_TRUE(has_attribute());
	CU_ASSERT_EQUAL(replace(false), CE_OK);
	CU_ASSERT_FALSE(has_attribute());
}

/* An access list of two more users than the mode can say (the kernel's form, version 2). */
static void
access_list_survives_with_the_mode(void)
{
	static const unsigned char list[] = {
		2, 0, 0, 0,
		1, 0, 6, 0, 255, 255, 255, 255, /* owner rw */
		2, 0, 4, 0, 77, 0, 0, 0,        /* user 77 r */
		4, 0, 4, 0, 255, 255, 255, 255, /* group r */
		16, 0, 4, 0, 255, 255, 255, 255, /* mask r */
		32, 0, 0, 0, 255, 255, 255, 255, /* others nothing */
	};
	make_labelled();
	if (setxattr(fixture_path("file"), "system.posix_acl_access", list, sizeof(list), 0) != 0)
		return; /* this file system has no access lists */
	CU_ASSERT_EQUAL(replace(true), CE_OK);
	unsigned char found[128];
	ssize_t size = getxattr(fixture_path("file"), "system.posix_acl_access", found, sizeof(found));
	CU_ASSERT_EQUAL_FATAL(size, (ssize_t)sizeof(list));
	CU_ASSERT_EQUAL(memcmp(found, list, sizeof(list)), 0);
}

static void
attribute_that_cannot_be_kept_is_an_error(void)
{
	make_labelled();
	ce_fault_begin("only:fsetxattr,fail:1:EPERM");
	CU_ASSERT_EQUAL(replace(true), CE_ERR_SYSTEM);
	ce_fault_end();
	CU_ASSERT_TRUE(fixture_holds("file", "old"));
	CU_ASSERT_EQUAL(fixture_count(), 1);
}

static void
file_systems_without_attributes_are_served(void)
{
	make_labelled();
	ce_fault_begin("only:flistxattr,fail:1:EOPNOTSUPP");
	CU_ASSERT_EQUAL(replace(true), CE_OK);
	ce_fault_end();
	CU_ASSERT_TRUE(fixture_holds("file", "new"));
}

const struct ce_test file_labels_tests[] = {
	{ "attributes are kept when asked", attributes_are_kept_when_asked },
	{ "access list survives with the mode", access_list_survives_with_the_mode },
	{ "attribute that cannot be kept is an error", attribute_that_cannot_be_kept_is_an_error },
	{ "file systems without attributes are served", file_systems_without_attributes_are_served },
	{ NULL, NULL },
};
