#include "deploy/journal.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/sys_fault.h"
#include "product.h"

static void
prepare(struct ce_journal *journal)
{
	struct ce_error err = { 0 };
	product_begin();
	CU_ASSERT_EQUAL_FATAL(ce_journal_create(product_journal(), journal, &err), CE_OK);
	CU_ASSERT_EQUAL(ce_journal_prepare(journal, json_pack("{s:[]}", "changes"), &err), CE_OK);
}

static void
records_come_back_in_order(void)
{
	CE_CLEANUP(ce_journal_release) struct ce_journal journal = CE_JOURNAL_INIT;
	CE_CLEANUP(ce_journal_release) struct ce_journal again = CE_JOURNAL_INIT;
	struct ce_error err = { 0 };
	prepare(&journal);
	CU_ASSERT_EQUAL(ce_journal_begin_command(&journal, 3, &err), CE_OK);
	CU_ASSERT_EQUAL(ce_journal_enter(&journal, CE_JOURNAL_SWITCHED, &err), CE_OK);
	CU_ASSERT_EQUAL(ce_journal_open(product_journal(), ce_journal_id(&journal), &again, &err), CE_OK);
	CU_ASSERT_EQUAL(again.state, CE_JOURNAL_SWITCHED);
	CU_ASSERT_TRUE(ce_journal_command_begun(&again, 3));
	CU_ASSERT_FALSE(ce_journal_command_begun(&again, 2));
	CU_ASSERT_PTR_NOT_NULL(json_object_get(again.prepared, "changes"));
}

static off_t
log_size(const struct ce_journal *journal, char *path, size_t room)
{
	struct stat st = { 0 };
	snprintf(path, room, "%s/log", journal->directory);
	CU_ASSERT_EQUAL(stat(path, &st), 0);
	return st.st_size;
}

/* A record that may not be on the disk must not be read as a state that was never entered. */
static void
a_record_that_could_not_be_synced_is_cut_off(void)
{
	CE_CLEANUP(ce_journal_release) struct ce_journal journal = CE_JOURNAL_INIT;
	CE_CLEANUP(ce_journal_release) struct ce_journal again = CE_JOURNAL_INIT;
	struct ce_error err = { 0 };
	prepare(&journal);
	ce_fault_begin("only:fsync,fail:1:EIO");
	CU_ASSERT_EQUAL(ce_journal_enter(&journal, CE_JOURNAL_COMMITTED, &err), CE_ERR_SYSTEM);
	ce_fault_end();
	CU_ASSERT_EQUAL(ce_journal_open(product_journal(), ce_journal_id(&journal), &again, &err), CE_OK);
	CU_ASSERT_EQUAL(again.state, CE_JOURNAL_PREPARED);
}

/* However much of the last record reached the disk, what stands before it counts. */
static void
a_record_torn_at_any_byte_is_cut_off(void)
{
	char path[400];
	CE_CLEANUP(ce_journal_release) struct ce_journal journal = CE_JOURNAL_INIT;
	struct ce_error err = { 0 };
	prepare(&journal);
	off_t before = log_size(&journal, path, sizeof(path));
	CU_ASSERT_EQUAL(ce_journal_enter(&journal, CE_JOURNAL_SWITCHED, &err), CE_OK);
	for (off_t size = log_size(&journal, path, sizeof(path)) - 1; size >= before; size--) {
		CE_CLEANUP(ce_journal_release) struct ce_journal torn = CE_JOURNAL_INIT;
		CU_ASSERT_EQUAL(truncate(path, size), 0);
		CU_ASSERT_EQUAL(ce_journal_open(product_journal(), ce_journal_id(&journal), &torn, &err), CE_OK);
		CU_ASSERT_EQUAL(torn.state, CE_JOURNAL_PREPARED);
		CU_ASSERT_EQUAL(log_size(&journal, path, sizeof(path)), before);
		CU_ASSERT_EQUAL(ce_journal_enter(&torn, CE_JOURNAL_UNDOING, &err), CE_OK);
	}
	for (off_t size = before - 1; size >= 0; size--) {
		CE_CLEANUP(ce_journal_release) struct ce_journal torn = CE_JOURNAL_INIT;
		CU_ASSERT_EQUAL(truncate(path, size), 0);
		CU_ASSERT_EQUAL(ce_journal_open(product_journal(), ce_journal_id(&journal), &torn, &err), CE_OK);
		CU_ASSERT_EQUAL(torn.state, CE_JOURNAL_NONE);
	}
}

static void
a_flipped_byte_before_the_last_record_is_refused(void)
{
	char path[400];
	CE_CLEANUP(ce_journal_release) struct ce_journal journal = CE_JOURNAL_INIT;
	CE_CLEANUP(ce_journal_release) struct ce_journal broken = CE_JOURNAL_INIT;
	struct ce_error err = { 0 };
	prepare(&journal);
	CU_ASSERT_EQUAL(ce_journal_enter(&journal, CE_JOURNAL_SWITCHED, &err), CE_OK);
	(void)log_size(&journal, path, sizeof(path));
	FILE *file = fopen(path, "r+");
	CU_ASSERT_PTR_NOT_NULL_FATAL(file);
	CU_ASSERT_EQUAL(fseek(file, 25, SEEK_SET), 0);
	CU_ASSERT_NOT_EQUAL(fputc('~', file), EOF);
	CU_ASSERT_EQUAL(fclose(file), 0);
	CU_ASSERT_EQUAL(ce_journal_open(product_journal(), ce_journal_id(&journal), &broken, &err), CE_ERR_INVALID);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "damaged"));
}

static void
images_are_private_and_come_back(void)
{
	CE_CLEANUP(ce_journal_release) struct ce_journal journal = CE_JOURNAL_INIT;
	CE_CLEANUP(ce_buf_release) struct ce_buf bytes = CE_BUF_INIT;
	struct ce_error err = { 0 };
	struct stat st;
	char path[400];
	prepare(&journal);
	struct ce_bytes image = { (const unsigned char *)"a\0b", 3 };
	CU_ASSERT_EQUAL(ce_journal_image_put(&journal, 2, image, &err), CE_OK);
	CU_ASSERT_EQUAL(ce_journal_image(&journal, 2, &bytes, &err), CE_OK);
	CU_ASSERT_EQUAL(bytes.size, 3);
	snprintf(path, sizeof(path), "%s/before.2", journal.directory);
	CU_ASSERT_EQUAL(stat(path, &st), 0);
	CU_ASSERT_EQUAL(st.st_mode & 07777, 0600);
	CU_ASSERT_EQUAL(stat(journal.directory, &st), 0);
	CU_ASSERT_EQUAL(st.st_mode & 07777, 0700);
}

static void
a_kept_journal_is_not_listed(void)
{
	CE_CLEANUP(ce_journal_release) struct ce_journal journal = CE_JOURNAL_INIT;
	CE_CLEANUP(ce_strlist_release) struct ce_strlist ids = CE_STRLIST_INIT;
	CE_CLEANUP(ce_freep) char *path = NULL;
	struct ce_error err = { 0 };
	prepare(&journal);
	CU_ASSERT_EQUAL(ce_journal_keep(&journal, &path, &err), CE_OK);
	CU_ASSERT_EQUAL(access(path, F_OK), 0);
	CU_ASSERT_EQUAL(ce_journal_list(product_journal(), &ids, &err), CE_OK);
	CU_ASSERT_EQUAL(ids.count, 0);
}

const struct ce_test journal_tests[] = {
	{ "records come back in order", records_come_back_in_order },
	{ "a record that could not be synced is cut off", a_record_that_could_not_be_synced_is_cut_off },
	{ "a record torn at any byte is cut off", a_record_torn_at_any_byte_is_cut_off },
	{ "a flipped byte before the last record is refused", a_flipped_byte_before_the_last_record_is_refused },
	{ "images are private and come back", images_are_private_and_come_back },
	{ "a kept journal is not listed", a_kept_journal_is_not_listed },
	{ NULL, NULL },
};
