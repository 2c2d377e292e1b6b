/* The local host forwards; judged is that each operation reaches the function that it is named after. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fixture.h"
#include "host/host.h"
#include "suites.h"

extern const struct ce_test host_tests[];

static char path[256];

static int
replace_content(const char *content, struct ce_buf *ret_displaced)
{
	struct ce_error err = { 0 };
	const struct ce_host *host = ce_host_local();
	const struct ce_file_spec spec = {
		.path = path, .bytes = fixture_bytes(content), .uid = geteuid(), .gid = getegid(), .mode = 0640,
	};
	CE_CLEANUP(ce_host_replacep) struct ce_host_replace *replace = NULL;
	int code = host->prepare(host, &spec, &replace, &err);
	if (code >= 0)
		CU_ASSERT_PTR_EQUAL(replace->host, host);
	if (code >= 0)
		code = host->switch_in(host, replace, ret_displaced, &err);
	return code < 0 ? code : host->settle(host, replace, &err);
}

static void
files_are_replaced_read_and_removed(void)
{
	struct ce_error err = { 0 };
	const struct ce_host *host = ce_host_local();
	const char *directory = fixture_directory();
	CU_ASSERT_EQUAL_FATAL(ce_dir_create_private(directory, &err), CE_OK);
	snprintf(path, sizeof(path), "%s/file", directory);
	CE_CLEANUP(ce_buf_release) struct ce_buf displaced = CE_BUF_INIT;
	CE_CLEANUP(ce_buf_release) struct ce_buf bytes = CE_BUF_INIT;
	CE_CLEANUP(ce_strlist_release) struct ce_strlist names = CE_STRLIST_INIT;
	struct ce_file_info info = { 0 };
	CU_ASSERT_EQUAL(host->read(host, path, 100, &bytes, NULL, &err), CE_ERR_NOT_FOUND);
	CU_ASSERT_EQUAL(replace_content("old", NULL), CE_OK);
	CU_ASSERT_EQUAL(replace_content("new", &displaced), CE_OK);
	CU_ASSERT_TRUE(fixture_equal(&displaced, "old"));
	CU_ASSERT_EQUAL(host->read(host, path, 100, &bytes, NULL, &err), CE_OK);
	CU_ASSERT_TRUE(fixture_equal(&bytes, "new"));
	CU_ASSERT_EQUAL(host->stat(host, path, &info, &err), CE_OK);
	CU_ASSERT_EQUAL(info.mode, 0640);
	CU_ASSERT_EQUAL(host->list(host, directory, 10, &names, &err), CE_OK);
	CU_ASSERT_EQUAL(names.count, 1);
	CU_ASSERT_EQUAL(host->remove(host, path, &err), CE_OK);
	CU_ASSERT_EQUAL(host->remove(host, path, &err), CE_UNCHANGED);
}

static void
a_replacement_that_is_dropped_leaves_nothing(void)
{
	struct ce_error err = { 0 };
	const struct ce_host *host = ce_host_local();
	const char *directory = fixture_directory();
	CU_ASSERT_EQUAL_FATAL(ce_dir_create_private(directory, &err), CE_OK);
	snprintf(path, sizeof(path), "%s/file", directory);
	const struct ce_file_spec spec = {
		.path = path, .bytes = fixture_bytes("x"), .uid = geteuid(), .gid = getegid(), .mode = 0600,
	};
	struct ce_host_replace *replace = NULL;
	CU_ASSERT_EQUAL(host->prepare(host, &spec, &replace, &err), CE_OK);
	ce_host_replacep(&replace);
	CU_ASSERT_PTR_NULL(replace);
	ce_host_replacep(&replace);
	CE_CLEANUP(ce_strlist_release) struct ce_strlist names = CE_STRLIST_INIT;
	CU_ASSERT_EQUAL(host->list(host, directory, 10, &names, &err), CE_OK);
	CU_ASSERT_EQUAL(names.count, 0);
}

static void
programs_are_run(void)
{
	static const char *const argv[] = { "/bin/echo", "hello", NULL };
	struct ce_error err = { 0 };
	const struct ce_host *host = ce_host_local();
	const struct ce_process_spec spec = { .argv = argv };
	CE_CLEANUP(ce_outcome_release) struct ce_outcome outcome = CE_OUTCOME_INIT;
	CU_ASSERT_EQUAL_FATAL(host->run(host, &spec, &outcome, &err), CE_OK);
	CU_ASSERT_EQUAL(outcome.status, 0);
	CU_ASSERT_STRING_EQUAL(ce_buf_text(&outcome.out), "hello\n");
}

const struct ce_test host_tests[] = {
	{ "files are replaced, read and removed", files_are_replaced_read_and_removed },
	{ "a replacement that is dropped leaves nothing", a_replacement_that_is_dropped_leaves_nothing },
	{ "programs are run", programs_are_run },
	{ NULL, NULL },
};
