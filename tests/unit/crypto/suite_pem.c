#include "crypto/pem.h"

#include "crypto_fixture.h"

static const char text[] =
	"before\r\n"
	"-----BEGIN A KEY 2-----\r\n"
	"Header: x\r\n"
	"AAAA\r\n"
	"-----END A KEY 2-----  \r\n"
	"between\n"
	"-----BEGIN CERTIFICATE-----\n"
	"AQID\n"
	"-----END CERTIFICATE-----";

/* RFC 7468 */
static void
blocks_come_one_after_the_other(void)
{
	struct ce_pem pem = { fixture_text(text), 0, true };
	struct ce_pem_block block;
	CE_CLEANUP(ce_buf_release) struct ce_buf der = CE_BUF_INIT;
	CU_ASSERT_EQUAL_FATAL(ce_pem_next(&pem, &block, NULL), CE_OK);
	CU_ASSERT_STRING_EQUAL(block.label, "A KEY 2");
	CU_ASSERT_EQUAL(block.whole.data[block.whole.size - 1], '-');
	CU_ASSERT_EQUAL_FATAL(ce_pem_next(&pem, &block, NULL), CE_OK);
	CU_ASSERT_STRING_EQUAL(block.label, "CERTIFICATE");
	CU_ASSERT_EQUAL(ce_pem_decode(&block, &der, NULL), CE_OK);
	CU_ASSERT_EQUAL(der.size, 3);
	CU_ASSERT_EQUAL(memcmp(der.data, "\x01\x02\x03", 3), 0);
	CU_ASSERT_EQUAL(ce_pem_next(&pem, &block, NULL), CE_UNCHANGED);
	CU_ASSERT_EQUAL(ce_pem_next(&pem, &block, NULL), CE_UNCHANGED);
}

static void
what_is_written_reads_back(void)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf out = CE_BUF_INIT;
	CE_CLEANUP(ce_buf_release) struct ce_buf der = CE_BUF_INIT;
	struct ce_pem_block block;
	CU_ASSERT_EQUAL(ce_pem_add(&out, "CERTIFICATE", fixture_text("some bytes"), NULL), CE_OK);
	struct ce_pem pem = { ce_buf_bytes(&out), 0, true };
	CU_ASSERT_EQUAL_FATAL(ce_pem_next(&pem, &block, NULL), CE_OK);
	CU_ASSERT_EQUAL(ce_pem_decode(&block, &der, NULL), CE_OK);
	CU_ASSERT_STRING_EQUAL(ce_buf_text(&der), "some bytes");
}

static void
lax_reading_passes_over_what_strict_refuses(void)
{
	static const char *const odd[] = { "\xff\xfe\n", "x-----BEGIN A-----\n", "-----BEGIN a-----\n", "----- \n",
		"-----BEGIN AAAAAAAAAABBBBBBBBBBCCCCCCCCCCDDDDDDDDDDEEEEEEEEEE-----\n" };
	for (size_t i = 0; i < CE_COUNT(odd); i++) {
		struct ce_pem_block block;
		struct ce_pem strict = { fixture_text(odd[i]), 0, true }, lax = { fixture_text(odd[i]), 0, false };
		CU_ASSERT_EQUAL(ce_pem_next(&strict, &block, NULL), CE_ERR_INVALID);
		CU_ASSERT_EQUAL(ce_pem_next(&lax, &block, NULL), CE_UNCHANGED);
	}
}

const struct ce_test ce_pem_tests[] = {
	{ "blocks come one after the other", blocks_come_one_after_the_other },
	{ "what is written reads back", what_is_written_reads_back },
	{ "lax reading passes over what strict refuses", lax_reading_passes_over_what_strict_refuses },
	{ NULL, NULL }
};
