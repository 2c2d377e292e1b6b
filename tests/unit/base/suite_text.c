#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "fixture.h"

static void
every_byte_is_escaped_or_printable(void)
{
	for (int byte = 1; byte < 256; byte++) {
		char text[] = { (char)byte, '\0' };
		char shown[8], expected[8];
		ce_text_printable(shown, sizeof(shown), text);
		snprintf(expected, sizeof(expected), byte >= 0x20 && byte < 0x7f ? "%c" : "\\x%02x", byte);
		CU_ASSERT_STRING_EQUAL(shown, expected);
	}
	CE_CLEANUP(ce_buf_release) struct ce_buf out = CE_BUF_INIT;
	CU_ASSERT_EQUAL(ce_text_add_printable(&out, "a\0b\n\t", 5, true, NULL), CE_OK);
	CU_ASSERT_STRING_EQUAL(ce_buf_text(&out), "a\\x00b\n\t");
}

static void
unicode_passes_unless_it_deceives(void)
{
	static const struct {
		const char *text, *shown;
	} cases[] = {
		{ "gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f" },
		{ "\xe2\x82\xac\xf0\x9f\x94\x91", "\xe2\x82\xac\xf0\x9f\x94\x91" },
		{ "\xc2\x9b", "\\xc2\\x9b" },                   /* C1: CSI */
		{ "\xe2\x80\xae", "\\xe2\\x80\\xae" },          /* right-to-left override */
		{ "\xe2\x81\xa6", "\\xe2\\x81\\xa6" },          /* isolate */
		{ "\xe2\x80\xa8", "\\xe2\\x80\\xa8" },          /* line separator */
		{ "\xc0\x80", "\\xc0\\x80" },                   /* overlong NUL */
		{ "\xe0\x80\xaf", "\\xe0\\x80\\xaf" },          /* overlong slash */
		{ "\xed\xa0\x80", "\\xed\\xa0\\x80" },          /* surrogate */
		{ "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80" }, /* past the last point */
		{ "\xf0\x9f\x94", "\\xf0\\x9f\\x94" },          /* cut short */
		{ "\xc3(", "\\xc3(" },
	};
	for (size_t i = 0; i < CE_COUNT(cases); i++) {
		char shown[64];
		ce_text_printable(shown, sizeof(shown), cases[i].text);
		CU_ASSERT_STRING_EQUAL(shown, cases[i].shown);
	}
}

static void
cuts_between_characters(void)
{
	char shown[6];
	ce_text_printable(shown, sizeof(shown), "ab\x1b\x1b");
	CU_ASSERT_STRING_EQUAL(shown, "ab");
	ce_text_printable(shown, 5, "abc\xe2\x82\xac");
	CU_ASSERT_STRING_EQUAL(shown, "abc");
	ce_text_printable(shown, 1, "abc");
	CU_ASSERT_STRING_EQUAL(shown, "");
	ce_text_printable(NULL, 0, "abc");
}

static void
names_have_their_alphabets(void)
{
	char longest[258];
	memset(longest, 'a', 257);
	longest[257] = '\0';
	CU_ASSERT_TRUE(ce_name_is_plain("tomcat-10"));
	CU_ASSERT_FALSE(ce_name_is_plain(""));
	CU_ASSERT_FALSE(ce_name_is_plain("Tomcat"));
	CU_ASSERT_FALSE(ce_name_is_plain("a/b"));
	CU_ASSERT_FALSE(ce_name_is_plain(longest + 257 - 33));
	CU_ASSERT_TRUE(ce_name_is_plain(longest + 257 - 32));
	CU_ASSERT_TRUE(ce_name_is_label("shop.example.com"));
	CU_ASSERT_FALSE(ce_name_is_label(".hidden"));
	CU_ASSERT_FALSE(ce_name_is_label(".."));
	CU_ASSERT_FALSE(ce_name_is_label("a b"));
	CU_ASSERT_FALSE(ce_name_is_label(longest + 257 - 65));
}

/* SEC-01: the token becomes a file name, so nothing but base64url may pass. */
static void
tokens_cannot_be_paths(void)
{
	static const char *const evil[] = { "", ".", "..", "../x", "a/b", "a\\b", "%2e", "a\n", "a ", "\xc3\xbc", "a=" };
	char longest[257];
	memset(longest, 'a', 256);
	longest[256] = '\0';
	for (size_t i = 0; i < CE_COUNT(evil); i++)
		CU_ASSERT_FALSE(ce_name_is_token(evil[i]));
	CU_ASSERT_FALSE(ce_name_is_token(longest));
	CU_ASSERT_TRUE(ce_name_is_token(longest + 1));
	CU_ASSERT_TRUE(ce_name_is_token("LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0"));
}

static void
suggests_the_nearest_word(void)
{
	const char *const words[] = { "names", "issuer", "targets", "key", NULL };
	CU_ASSERT_STRING_EQUAL(ce_text_nearest("isuser", words), "issuer");
	CU_ASSERT_STRING_EQUAL(ce_text_nearest("target", words), "targets");
	CU_ASSERT_STRING_EQUAL(ce_text_nearest("nmaes", words), "names");
	CU_ASSERT_STRING_EQUAL(ce_text_nearest("kex", words), "key");
	CU_ASSERT_PTR_NULL(ce_text_nearest("challenge", words));
	CU_ASSERT_PTR_NULL(ce_text_nearest("", words));
	CU_ASSERT_PTR_NULL(ce_text_nearest("key", NULL));
}

static void
masks_secrets_and_their_overlaps(void)
{
	static const struct {
		const char *text, *masked;
	} cases[] = {
		{ "password=hunter22 and hunter22", "password=******** and ********" },
		{ "abcdefxyz", "********" },      /* abcdef and defxyz overlap */
		{ "hunter2", "hunter2" },         /* not the whole secret */
		{ "pin 123", "pin 123" },         /* shorter than four bytes: masks nothing */
		{ "", "" },
	};
	const char *const secrets[] = { "hunter22", "abcdef", "defxyz", "123", NULL };
	for (size_t i = 0; i < CE_COUNT(cases); i++) {
		CE_CLEANUP(ce_buf_release) struct ce_buf text = CE_BUF_INIT;
		CU_ASSERT_EQUAL(ce_buf_adds(&text, cases[i].text, NULL), CE_OK);
		CU_ASSERT_EQUAL(ce_text_mask(&text, secrets, NULL), CE_OK);
		CU_ASSERT_STRING_EQUAL(ce_buf_text(&text), cases[i].masked);
	}
}

static void
writes_hex_and_time(void)
{
	char hex[9], when[21];
	ce_text_hex(hex, "\x00\x0f\xa5\xff", 4);
	CU_ASSERT_STRING_EQUAL(hex, "000fa5ff");
	ce_text_time(when, 1795144447LL);
	CU_ASSERT_STRING_EQUAL(when, "2026-11-20T03:14:07Z");
	ce_text_time(when, 0);
	CU_ASSERT_STRING_EQUAL(when, "1970-01-01T00:00:00Z");
	ce_text_time(when, 400000000000LL);
	CU_ASSERT_STRING_EQUAL(when, "-");
}

const struct ce_test text_tests[] = {
	{ "every byte is escaped or printable (SEC-10)", every_byte_is_escaped_or_printable },
	{ "unicode passes unless it deceives", unicode_passes_unless_it_deceives },
	{ "cuts between characters", cuts_between_characters },
	{ "names have their alphabets", names_have_their_alphabets },
	{ "tokens cannot be paths (SEC-01)", tokens_cannot_be_paths },
	{ "suggests the nearest word", suggests_the_nearest_word },
	{ "masks secrets and their overlaps", masks_secrets_and_their_overlaps },
	{ "writes hex and time", writes_hex_and_time },
	{ NULL, NULL },
};
