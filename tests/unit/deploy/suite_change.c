#include <string.h>
#include <sys/stat.h>

#include "product.h"

static int
write_text(struct ce_changes *changes, const char *name, const char *content, const char *mode, struct ce_error *err)
{
	struct ce_change_spec spec = { .path = product_path(name),
		.bytes = { (const unsigned char *)content, strlen(content) }, .mode = mode };
	return ce_changes_write(changes, ce_host_local(), &spec, err);
}

static void
the_same_content_is_no_change(void)
{
	product_begin();
	CE_CLEANUP(ce_changes_release) struct ce_changes changes = CE_CHANGES_INIT;
	struct ce_error err = { 0 };
	CU_ASSERT_EQUAL(write_text(&changes, "config", "line one\nold\nline three\n", NULL, &err), CE_UNCHANGED);
	CU_ASSERT_EQUAL(changes.count, 0);
}

static void
another_mode_alone_is_a_change(void)
{
	product_begin();
	CE_CLEANUP(ce_changes_release) struct ce_changes changes = CE_CHANGES_INIT;
	struct ce_error err = { 0 };
	CU_ASSERT_EQUAL(write_text(&changes, "config", "line one\nold\nline three\n", "0600", &err), CE_OK);
	CU_ASSERT_EQUAL(changes.count, 1);
}

static void
writing_back_what_was_there_drops_the_change(void)
{
	product_begin();
	CE_CLEANUP(ce_changes_release) struct ce_changes changes = CE_CHANGES_INIT;
	struct ce_error err = { 0 };
	CU_ASSERT_EQUAL(write_text(&changes, "store", "x", NULL, &err), CE_OK);
	CU_ASSERT_EQUAL(write_text(&changes, "config", "other", NULL, &err), CE_OK);
	CU_ASSERT_EQUAL(write_text(&changes, "config", "line one\nold\nline three\n", NULL, &err), CE_UNCHANGED);
	CU_ASSERT_EQUAL_FATAL(changes.count, 1);
	CU_ASSERT_STRING_EQUAL(strrchr(changes.items[0].path, '/'), "/store");
}

static void
reading_sees_what_was_staged(void)
{
	product_begin();
	CE_CLEANUP(ce_changes_release) struct ce_changes changes = CE_CHANGES_INIT;
	CE_CLEANUP(ce_buf_release) struct ce_buf bytes = CE_BUF_INIT;
	struct ce_error err = { 0 };
	CU_ASSERT_EQUAL(write_text(&changes, "config", "staged", NULL, &err), CE_OK);
	CU_ASSERT_EQUAL(ce_changes_read(&changes, ce_host_local(), product_path("config"), 100, &bytes, &err), CE_OK);
	CU_ASSERT_STRING_EQUAL(ce_buf_text(&bytes), "staged");
	CU_ASSERT_EQUAL(ce_changes_remove(&changes, ce_host_local(), product_path("config"), &err), CE_OK);
	CU_ASSERT_EQUAL(ce_changes_read(&changes, ce_host_local(), product_path("config"), 100, &bytes, &err),
		CE_ERR_NOT_FOUND);
	CU_ASSERT_STRING_EQUAL(product_read("config"), "line one\nold\nline three\n");
}

static void
a_new_file_is_closed_to_others_and_a_key_to_the_group(void)
{
	product_begin();
	CE_CLEANUP(ce_changes_release) struct ce_changes changes = CE_CHANGES_INIT;
	struct ce_error err = { 0 };
	struct ce_change_spec key = { .path = product_path("key"), .bytes = { (const unsigned char *)"k", 1 }, .secret = true };
	CU_ASSERT_EQUAL(write_text(&changes, "plain", "x", NULL, &err), CE_OK);
	CU_ASSERT_EQUAL(ce_changes_write(&changes, ce_host_local(), &key, &err), CE_OK);
	CU_ASSERT_EQUAL(changes.items[0].mode, 0640);
	CU_ASSERT_EQUAL(changes.items[1].mode, 0600);
}

static void
a_missing_directory_and_unknown_owners_are_errors(void)
{
	product_begin();
	CE_CLEANUP(ce_changes_release) struct ce_changes changes = CE_CHANGES_INIT;
	struct ce_error err = { 0 };
	CU_ASSERT_EQUAL(write_text(&changes, "no/such/directory", "x", NULL, &err), CE_ERR_NOT_FOUND);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "there is no directory"));
	CU_ASSERT_EQUAL(write_text(&changes, "config", "x", "0999", &err), CE_ERR_CONFIG);
	struct ce_change_spec spec = { .path = product_path("config"), .owner = "no-such-user-here" };
	CU_ASSERT_EQUAL(ce_changes_write(&changes, ce_host_local(), &spec, &err), CE_ERR_CONFIG);
	CU_ASSERT_EQUAL(changes.count, 0);
}

static void
a_command_whose_check_succeeds_is_no_change(void)
{
	product_begin();
	CE_CLEANUP(ce_changes_release) struct ce_changes changes = CE_CHANGES_INIT;
	struct ce_error err = { 0 };
	const char *const yes[] = { "/bin/true", NULL }, *const missing[] = { "/no/such/program", NULL };
	CU_ASSERT_EQUAL(ce_changes_command(&changes, ce_host_local(), "x", yes, NULL, yes, &err), CE_UNCHANGED);
	CU_ASSERT_TRUE(ce_changes_command(&changes, ce_host_local(), "x", yes, NULL, missing, &err) < 0);
	CU_ASSERT_EQUAL(changes.count, 0);
}

const struct ce_test change_tests[] = {
	{ "the same content is no change", the_same_content_is_no_change },
	{ "another mode alone is a change", another_mode_alone_is_a_change },
	{ "writing back what was there drops the change", writing_back_what_was_there_drops_the_change },
	{ "reading sees what was staged", reading_sees_what_was_staged },
	{ "a new file is closed to others and a key to the group", a_new_file_is_closed_to_others_and_a_key_to_the_group },
	{ "a missing directory and unknown owners are errors", a_missing_directory_and_unknown_owners_are_errors },
	{ "a command whose check succeeds is no change", a_command_whose_check_succeeds_is_no_change },
	{ NULL, NULL },
};
