#include <string.h>

#include "base/buf.h"
#include "fixture.h"

static void
grows_and_stays_a_string(void)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf buf = CE_BUF_INIT;
	CU_ASSERT_STRING_EQUAL(ce_buf_text(&buf), "");
	for (int i = 0; i < 1000; i++)
		CU_ASSERT_EQUAL(ce_buf_addf(&buf, NULL, "%d,", i % 10), CE_OK);
	CU_ASSERT_EQUAL(buf.size, 2000);
	CU_ASSERT_EQUAL(strlen(ce_buf_text(&buf)), 2000);
	CU_ASSERT_EQUAL(ce_buf_add(&buf, NULL, 0, NULL), CE_OK);
}

static void
past_the_limit_nothing_changes(void)
{
	struct ce_error err = { .code = CE_OK };
	CE_CLEANUP(ce_buf_release) struct ce_buf buf = { NULL, 0, 0, 5, false };
	CU_ASSERT_EQUAL(ce_buf_adds(&buf, "abcde", &err), CE_OK);
	CU_ASSERT_EQUAL(ce_buf_adds(&buf, "f", &err), CE_ERR_LIMIT);
	CU_ASSERT_EQUAL(ce_buf_addf(&buf, &err, "%d", 1), CE_ERR_LIMIT);
	CU_ASSERT_PTR_NULL(ce_buf_grow(&buf, 1));
	CU_ASSERT_PTR_NULL(ce_buf_grow(&buf, SIZE_MAX));
	CU_ASSERT_STRING_EQUAL(ce_buf_text(&buf), "abcde");
	CU_ASSERT_STRING_EQUAL(err.text, "more than 5 bytes");
}

static void
secrets_move_whole(void)
{
	struct ce_buf buf = CE_BUF_SECRET;
	for (int i = 0; i < 500; i++)
		CU_ASSERT_EQUAL(ce_buf_add(&buf, "0123456789", 10, NULL), CE_OK);
	CU_ASSERT_EQUAL(buf.size, 5000);
	CU_ASSERT_EQUAL(memcmp(buf.data + 4990, "0123456789", 11), 0);
	ce_buf_release(&buf);
	CU_ASSERT_PTR_NULL(buf.data);
	CU_ASSERT_TRUE(buf.secret);
}

static void
stolen_text_leaves_it_empty(void)
{
	struct ce_buf buf = CE_BUF_INIT;
	CE_CLEANUP(ce_freep) char *none = ce_buf_steal_text(&buf);
	CU_ASSERT_STRING_EQUAL(none, "");
	CU_ASSERT_EQUAL(ce_buf_adds(&buf, "text", NULL), CE_OK);
	CE_CLEANUP(ce_freep) char *text = ce_buf_steal_text(&buf);
	CU_ASSERT_STRING_EQUAL(text, "text");
	CU_ASSERT_EQUAL(buf.size, 0);
	CU_ASSERT_EQUAL(ce_buf_adds(&buf, "again", NULL), CE_OK);
	CU_ASSERT_STRING_EQUAL(ce_buf_text(&buf), "again");
	ce_buf_release(&buf);
}

const struct ce_test buf_tests[] = {
	{ "grows and stays a string", grows_and_stays_a_string },
	{ "past the limit nothing changes", past_the_limit_nothing_changes },
	{ "secrets move whole", secrets_move_whole },
	{ "stolen text leaves it empty", stolen_text_leaves_it_empty },
	{ NULL, NULL },
};
