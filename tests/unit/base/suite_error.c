#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "fixture.h"

static void
failure_fills_code_and_text(void)
{
	struct ce_error err = { .code = CE_OK };
	CU_ASSERT_EQUAL(ce_fail(&err, CE_ERR_CONFIG, "line %d is wrong", 3), CE_ERR_CONFIG);
	CU_ASSERT_EQUAL(err.code, CE_ERR_CONFIG);
	CU_ASSERT_STRING_EQUAL(err.text, "line 3 is wrong");
	CU_ASSERT_EQUAL(ce_fail_errno(&err, ENOENT, "open '%s'", "x"), CE_ERR_SYSTEM);
	CU_ASSERT_STRING_EQUAL(err.text, "open 'x': No such file or directory");
}

static void
without_error_only_the_code_returns(void)
{
	CU_ASSERT_EQUAL(ce_fail(NULL, CE_ERR_LIMIT, "x"), CE_ERR_LIMIT);
	CU_ASSERT_EQUAL(ce_fail_errno(NULL, EIO, "x"), CE_ERR_SYSTEM);
	ce_error_forget(NULL);
}

static void
step_survives_failures(void)
{
	struct ce_error err = { .code = CE_OK };
	ce_error_step(&err, "install");
	(void)ce_fail(&err, CE_ERR_PRODUCT, "no connector");
	CU_ASSERT_STRING_EQUAL(err.step, "install");
	ce_error_forget(&err);
	CU_ASSERT_EQUAL(err.code, CE_OK);
	CU_ASSERT_STRING_EQUAL(err.text, "");
	CU_ASSERT_STRING_EQUAL(err.step, "install");
	ce_error_clear(&err);
	CU_ASSERT_STRING_EQUAL(err.step, "");
}

static void
control_bytes_are_made_visible(void)
{
	struct ce_error err = { .code = CE_OK };
	(void)ce_fail(&err, CE_ERR_ISSUER, "the CA says: %s", "\x1b[2Jgone\r\n");
	CU_ASSERT_STRING_EQUAL(err.text, "the CA says: \\x1b[2Jgone\\x0d\\x0a");
}

static void
long_text_is_cut(void)
{
	struct ce_error err = { .code = CE_OK };
	char text[4 * CE_ERROR_TEXT_MAX];
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	(void)ce_fail(&err, CE_ERR_INVALID, "%s", text);
	CU_ASSERT_EQUAL(strlen(err.text), CE_ERROR_TEXT_MAX - 1);
	CU_ASSERT_EQUAL(ce_error_wrap(&err, "%s", text), CE_ERR_INVALID);
	CU_ASSERT_EQUAL(strlen(err.text), CE_ERROR_TEXT_MAX - 1);
}

static void
wrapping_puts_a_prefix(void)
{
	struct ce_error err = { .code = CE_OK };
	(void)ce_fail(&err, CE_ERR_NETWORK, "refused");
	CU_ASSERT_EQUAL(ce_error_wrap(&err, "issuer '%s'", "house"), CE_ERR_NETWORK);
	CU_ASSERT_STRING_EQUAL(err.text, "issuer 'house': refused");
}

static void
every_code_has_a_name(void)
{
	for (int code = CE_ERR_WAIT; code <= CE_UNCHANGED; code++)
		CU_ASSERT_STRING_NOT_EQUAL(ce_code_name(code), "unknown");
	CU_ASSERT_STRING_EQUAL(ce_code_name(CE_ERR_TIMEOUT), "timeout");
	CU_ASSERT_STRING_EQUAL(ce_code_name(-99), "unknown");
}

const struct ce_test error_tests[] = {
	{ "failure fills code and text", failure_fills_code_and_text },
	{ "without error only the code returns", without_error_only_the_code_returns },
	{ "step survives failures", step_survives_failures },
	{ "control bytes are made visible (SEC-10)", control_bytes_are_made_visible },
	{ "long text is cut", long_text_is_cut },
	{ "wrapping puts a prefix", wrapping_puts_a_prefix },
	{ "every code has a name", every_code_has_a_name },
	{ NULL, NULL },
};
