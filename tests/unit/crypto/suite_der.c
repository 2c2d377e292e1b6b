#include "crypto/der.h"

#include "crypto_fixture.h"

static void
judge(const struct ce_buf *got, const char *wanted, size_t size)
{
	CU_ASSERT_EQUAL_FATAL(got->size, size);
	CU_ASSERT_EQUAL(memcmp(got->data, wanted, size), 0);
}

/* X.690 section 8.1.3 and 10.1: the shortest form */
static void
lengths_take_the_shortest_form(void)
{
	static const struct {
		size_t size;
		const char *head;
		size_t head_size;
	} rows[] = { { 0, "\x04\x00", 2 }, { 127, "\x04\x7f", 2 }, { 128, "\x04\x81\x80", 3 }, { 255, "\x04\x81\xff", 3 },
		{ 256, "\x04\x82\x01\x00", 4 }, { 65536, "\x04\x83\x01\x00\x00", 5 } };
	static const unsigned char content[65536];
	for (size_t i = 0; i < CE_COUNT(rows); i++) {
		CE_CLEANUP(ce_buf_release) struct ce_buf out = CE_BUF_INIT;
		CU_ASSERT_EQUAL(ce_der_add(&out, CE_DER_OCTET_STRING, (struct ce_bytes){ content, rows[i].size }, NULL), CE_OK);
		CU_ASSERT_EQUAL(out.size, rows[i].head_size + rows[i].size);
		CU_ASSERT_EQUAL(memcmp(out.data, rows[i].head, rows[i].head_size), 0);
	}
}

/* X.690 section 8.3 */
static void
integers_are_positive_and_minimal(void)
{
	static const struct {
		unsigned long value;
		const char *der;
		size_t size;
	} rows[] = { { 0, "\x02\x01\x00", 3 }, { 127, "\x02\x01\x7f", 3 }, { 128, "\x02\x02\x00\x80", 4 },
		{ 256, "\x02\x02\x01\x00", 4 } };
	for (size_t i = 0; i < CE_COUNT(rows); i++) {
		CE_CLEANUP(ce_buf_release) struct ce_buf out = CE_BUF_INIT;
		CU_ASSERT_EQUAL(ce_der_add_long(&out, rows[i].value, NULL), CE_OK);
		judge(&out, rows[i].der, rows[i].size);
	}
	CE_CLEANUP(ce_buf_release) struct ce_buf out = CE_BUF_INIT;
	CU_ASSERT_EQUAL(ce_der_add_integer(&out, (struct ce_bytes){ (const unsigned char *)"\x00\x00\xff", 3 }, NULL), CE_OK);
	judge(&out, "\x02\x02\x00\xff", 4);
}

/* RFC 5280 section 4.1.2.5 */
static void
times_change_their_form_in_2050(void)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf last = CE_BUF_INIT;
	CE_CLEANUP(ce_buf_release) struct ce_buf first = CE_BUF_INIT;
	CU_ASSERT_EQUAL(ce_der_add_time(&last, 2524607999LL, NULL), CE_OK);
	judge(&last, "\x17\x0d" "491231235959Z", 15);
	CU_ASSERT_EQUAL(ce_der_add_time(&first, 2524608000LL, NULL), CE_OK);
	judge(&first, "\x18\x0f" "20500101000000Z", 17);
	CU_ASSERT_EQUAL(ce_der_add_time(&first, -1, NULL), CE_ERR_INVALID);
	CU_ASSERT_EQUAL(ce_der_add_time(&first, 253402300800LL, NULL), CE_ERR_INVALID); /* the year 10000 */
}

const struct ce_test ce_der_tests[] = {
	{ "lengths take the shortest form", lengths_take_the_shortest_form },
	{ "integers are positive and minimal", integers_are_positive_and_minimal },
	{ "times change their form in 2050", times_change_their_form_in_2050 },
	{ NULL, NULL }
};
