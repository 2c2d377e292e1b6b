#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/trusted.h"
#include "fixture.h"

static int
judge(const char *name, const char *part)
{
	struct ce_error err = { 0 };
	int code = ce_program_check(fixture_path(name), &err);
	if (part)
		CU_ASSERT_PTR_NOT_NULL(strstr(err.text, part));
	return code;
}

static void
a_program_of_ours_that_others_cannot_write_is_trusted(void)
{
	fixture_directory();
	fixture_put("good", "#!/bin/sh\n", 0755);
	CU_ASSERT_EQUAL(judge("good", NULL), CE_OK);
	CU_ASSERT_EQUAL(mkdir(fixture_path("bin"), 0755), 0);
	fixture_put("bin/deep", "#!/bin/sh\n", 0700);
	CU_ASSERT_EQUAL(judge("bin/deep", NULL), CE_OK);
}

static void
whatever_others_could_exchange_is_refused(void)
{
	fixture_directory();
	fixture_put("wide", "#!/bin/sh\n", 0700);
	CU_ASSERT_EQUAL(chmod(fixture_path("wide"), 0722), 0);
	CU_ASSERT_EQUAL(judge("wide", "can be written by others"), CE_ERR_REFUSED);
	fixture_put("plain", "x", 0644);
	CU_ASSERT_EQUAL(judge("plain", "not executable"), CE_ERR_REFUSED);
	CU_ASSERT_EQUAL(judge("absent", "no program"), CE_ERR_NOT_FOUND);
	CU_ASSERT_EQUAL(symlink("wide", fixture_path("link")), 0);
	CU_ASSERT_EQUAL(judge("link", "symbolic link"), CE_ERR_REFUSED);
	CU_ASSERT_EQUAL(mkdir(fixture_path("open"), 0700), 0);
	fixture_put("open/inner", "#!/bin/sh\n", 0700);
	CU_ASSERT_EQUAL(judge("open", "no regular file"), CE_ERR_REFUSED);
	CU_ASSERT_EQUAL(chmod(fixture_path("open"), 01777), 0);
	CU_ASSERT_EQUAL(judge("open/inner", "a directory above"), CE_ERR_REFUSED);
	CU_ASSERT_EQUAL(ce_program_check("relative", NULL), CE_ERR_INVALID);
	if (geteuid() != 0)
		return; /* only root can give a file away */
	fixture_put("foreign", "#!/bin/sh\n", 0700);
	CU_ASSERT_EQUAL(chown(fixture_path("foreign"), 65534, 65534), 0);
	CU_ASSERT_EQUAL(judge("foreign", "belongs to user 65534"), CE_ERR_REFUSED);
}

static void
what_is_published_has_its_mode_and_never_goes_through_a_link(void)
{
	fixture_directory();
	struct ce_error err = { 0 };
	struct ce_bytes text = { (const unsigned char *)"one", 3 }, other = { (const unsigned char *)"two", 3 };
	struct stat st;
	CU_ASSERT_EQUAL(ce_file_publish(fixture_path("public"), text, 0644, &err), CE_OK);
	CU_ASSERT_EQUAL(ce_file_publish(fixture_path("public"), text, 0644, &err), CE_UNCHANGED);
	CU_ASSERT_EQUAL(stat(fixture_path("public"), &st), 0);
	CU_ASSERT_EQUAL(st.st_mode & 07777, 0644);
	CU_ASSERT_EQUAL(ce_file_publish(fixture_path("public"), text, 0600, &err), CE_OK);
	CU_ASSERT_EQUAL(stat(fixture_path("public"), &st), 0);
	CU_ASSERT_EQUAL(st.st_mode & 07777, 0600);
	CU_ASSERT_EQUAL(ce_file_publish(fixture_path("public"), other, 0600, &err), CE_OK);
	CU_ASSERT_EQUAL(symlink("public", fixture_path("link")), 0);
	CU_ASSERT_EQUAL(ce_file_publish(fixture_path("link"), text, 0644, &err), CE_ERR_REFUSED);
	CE_CLEANUP(ce_buf_release) struct ce_buf now = CE_BUF_INIT;
	CU_ASSERT_EQUAL(ce_file_read(fixture_path("public"), 10, &now, NULL, &err), CE_OK);
	CU_ASSERT_STRING_EQUAL(ce_buf_text(&now), "two");
	CU_ASSERT_EQUAL(ce_file_publish(fixture_path("nowhere/x"), text, 0644, &err), CE_ERR_NOT_FOUND);
}

const struct ce_test trusted_tests[] = {
	{ "a program of ours that others cannot write is trusted", a_program_of_ours_that_others_cannot_write_is_trusted },
	{ "whatever others could exchange is refused", whatever_others_could_exchange_is_refused },
	{ "what is published has its mode and never goes through a link", what_is_published_has_its_mode_and_never_goes_through_a_link },
	{ NULL, NULL },
};
