#include "deploy/diff.h"

#include <stdlib.h>
#include <string.h>

#include "product.h"

static struct ce_bytes
bytes(const char *text)
{
	return (struct ce_bytes){ (const unsigned char *)text, strlen(text) };
}

static void
expect(const char *before, const char *after, const char *wanted)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf out = CE_BUF_INIT;
	struct ce_error err = { 0 };
	struct ce_bytes a = bytes(before ? before : ""), b = bytes(after ? after : "");
	CU_ASSERT_EQUAL(ce_diff_add(&out, "/f", before ? &a : NULL, after ? &b : NULL, &err), CE_OK);
	CU_ASSERT_STRING_EQUAL(ce_buf_text(&out), wanted);
}

static void
one_line_changed_is_one_hunk_with_context(void)
{
	expect("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n",
		"--- /f\n+++ /f\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n");
}

static void
a_new_file_is_all_plus(void)
{
	expect(NULL, "a\nb\n", "--- /dev/null\n+++ /f\n@@ -0,0 +1,2 @@\n+a\n+b\n");
}

static void
a_missing_last_newline_is_told(void)
{
	expect("a\n", "a", "--- /f\n+++ /f\n@@ -1,1 +1,1 @@\n-a\n+a\n\\ No newline at end of file\n");
}

static void
far_changes_are_hunks_of_their_own(void)
{
	expect("1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n", "one\n2\n3\n4\n5\n6\n7\n8\n9\nten\n",
		"--- /f\n+++ /f\n@@ -1,4 +1,4 @@\n-1\n+one\n 2\n 3\n 4\n@@ -7,4 +7,4 @@\n 7\n 8\n 9\n-10\n+ten\n");
}

static void
control_bytes_are_made_visible(void)
{
	expect("a\n", "\x1b[2J\r\n", "--- /f\n+++ /f\n@@ -1,1 +1,1 @@\n-a\n+\\x1b[2J\\x0d\n");
}

/* Applying the diff's minus and plus lines to random texts gives the other text. */
static void
random_texts_differ_by_exactly_what_is_shown(void)
{
	srandom(7);
	for (int round = 0; round < 300; round++) {
		char texts[2][200] = { "", "" };
		for (int side = 0; side < 2; side++)
			for (long i = random() % 20; i > 0; i--)
				strcat(texts[side], random() % 2 ? "a\n" : random() % 2 ? "b\n" : "c\n");
		CE_CLEANUP(ce_buf_release) struct ce_buf out = CE_BUF_INIT;
		struct ce_error err = { 0 };
		struct ce_bytes a = bytes(texts[0]), b = bytes(texts[1]);
		CU_ASSERT_EQUAL(ce_diff_add(&out, "/f", &a, &b, &err), CE_OK);
		char old[400] = "", new_[400] = "";
		long at = 0, from = 0, size = 0;
		char *rest = NULL;
		for (char *line = strtok_r((char *)out.data, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
			if (sscanf(line, "@@ -%ld,%ld", &from, &size) == 2) {
				for (size > 0 ? from-- : 0; at < from; at++) {
					strncat(old, texts[0] + 2 * at, 2);
					strncat(new_, texts[0] + 2 * at, 2);
				}
			} else if (strncmp(line, "---", 3) != 0 && strncmp(line, "+++", 3) != 0) {
				at += line[0] != '+';
				if (line[0] != '+')
					strcat(strncat(old, line + 1, 1), "\n");
				if (line[0] != '-')
					strcat(strncat(new_, line + 1, 1), "\n");
			}
		}
		strcat(old, texts[0] + 2 * at);
		strcat(new_, texts[0] + 2 * at);
		CU_ASSERT_STRING_EQUAL(old, texts[0]);
		CU_ASSERT_STRING_EQUAL(new_, texts[1]);
	}
}

static void
secrets_are_masked_and_stores_described(void)
{
	product_begin();
	CE_CLEANUP(ce_changes_release) struct ce_changes changes = CE_CHANGES_INIT;
	CE_CLEANUP(ce_buf_release) struct ce_buf out = CE_BUF_INIT;
	struct ce_error err = { 0 };
	struct ce_change_spec text = { .path = product_path("config"), .bytes = bytes("password=s3cret-word\n") };
	struct ce_change_spec store = { .path = product_path("store"), .bytes = bytes("s3cret-word in a store"),
		.note = "PKCS#12 keystore", .secret = true };
	CU_ASSERT_EQUAL(ce_changes_write(&changes, ce_host_local(), &text, &err), CE_OK);
	CU_ASSERT_EQUAL(ce_changes_write(&changes, ce_host_local(), &store, &err), CE_OK);
	CU_ASSERT_EQUAL(ce_changes_mask(&changes, "s3cret-word", &err), CE_OK);
	CU_ASSERT_EQUAL(ce_changes_show(&changes, &out, &err), CE_OK);
	CU_ASSERT_PTR_NULL(strstr(ce_buf_text(&out), "s3cret"));
	CU_ASSERT_PTR_NOT_NULL(strstr(ce_buf_text(&out), "+password=********"));
	CU_ASSERT_PTR_NOT_NULL(strstr(ce_buf_text(&out), "PKCS#12 keystore"));
	CU_ASSERT_PTR_NOT_NULL(strstr(ce_buf_text(&out), "mode 0600"));
}

static void
commands_cannot_forge_lines(void)
{
	product_begin();
	CE_CLEANUP(ce_changes_release) struct ce_changes changes = CE_CHANGES_INIT;
	CE_CLEANUP(ce_buf_release) struct ce_buf out = CE_BUF_INIT;
	struct ce_error err = { 0 };
	const char *const argv[] = { "/bin/true", "a\n+++ /etc/shadow\033[1m", NULL };
	CU_ASSERT_EQUAL(ce_changes_command(&changes, ce_host_local(), "act", argv, NULL, NULL, &err), CE_OK);
	CU_ASSERT_EQUAL(ce_changes_show(&changes, &out, &err), CE_OK);
	CU_ASSERT_STRING_EQUAL(ce_buf_text(&out), "run (act): /bin/true a\\x0a+++ /etc/shadow\\x1b[1m\n");
}

const struct ce_test diff_tests[] = {
	{ "one line changed is one hunk with context", one_line_changed_is_one_hunk_with_context },
	{ "a new file is all plus", a_new_file_is_all_plus },
	{ "a missing last newline is told", a_missing_last_newline_is_told },
	{ "far changes are hunks of their own", far_changes_are_hunks_of_their_own },
	{ "control bytes are made visible", control_bytes_are_made_visible },
	{ "random texts differ by exactly what is shown", random_texts_differ_by_exactly_what_is_shown },
	{ "commands cannot forge lines", commands_cannot_forge_lines },
	{ "secrets are masked and stores described", secrets_are_masked_and_stores_described },
	{ NULL, NULL },
};
