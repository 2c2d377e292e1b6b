#include <signal.h>
#include <string.h>

#include "fake_engine.h"
#include "suites.h"

static const struct ce_report good = { NULL, 0, CE_STRLIST_INIT, CE_EXIT_OK, NULL };

static void
quiet_is_silent_on_success(void)
{
	static const struct ce_event event = { "shop", NULL, NULL, "issue", CE_OK, NULL };
	fake_reset();
	fake.report = &good;
	fake.event = &event;
	fake.log = true;
	CU_ASSERT_EQUAL(fake_run("-q", "apply", NULL), CE_EXIT_OK);
	CU_ASSERT_STRING_EQUAL(fake_out, "");
	CU_ASSERT_STRING_EQUAL(fake_err, "");
}

static void
quiet_is_complete_on_failure(void)
{
	static const struct ce_event event = { "shop", NULL, NULL, "issue", CE_OK, NULL };
	fake_reset();
	fake.report = fake_report();
	fake.event = &event;
	fake.log = true;
	CU_ASSERT_EQUAL(fake_run("-q", "apply", NULL), CE_EXIT_PARTIAL);
	CU_ASSERT_PTR_NOT_NULL(strstr(fake_out, "step=issue"));
	CU_ASSERT_PTR_NOT_NULL(strstr(fake_out, "mail/db: failed at verify"));
	CU_ASSERT_STRING_EQUAL(fake_err, "certengine: warning: something odd\n");
}

static void
findings_come_with_their_places(void)
{
	fake_reset();
	fake.problem = "unknown key 'isuer', did you mean 'issuer'?";
	fake.open_code = CE_ERR_CONFIG;
	CU_ASSERT_EQUAL(fake_run("apply", NULL), CE_EXIT_USAGE);
	CU_ASSERT_STRING_EQUAL(fake_err,
		"/etc/certengine/certengine.conf:7: unknown key 'isuer', did you mean 'issuer'?\n");
	CU_ASSERT_STRING_EQUAL(fake_out, "");
}

static void
errors_have_their_exit_status(void)
{
	static const struct {
		int code, open, run;
	} rows[] = {
		{ CE_ERR_CONFIG, CE_EXIT_USAGE, CE_EXIT_USAGE },
		{ CE_ERR_NOT_FOUND, CE_EXIT_USAGE, CE_EXIT_FAILED },
		{ CE_ERR_SYSTEM, CE_EXIT_FAILED, CE_EXIT_FAILED },
		{ CE_ERR_LOCKED, CE_EXIT_LOCKED, CE_EXIT_LOCKED },
		{ CE_ERR_WAIT, CE_EXIT_WAIT, CE_EXIT_WAIT },
	};
	for (size_t i = 0; i < CE_COUNT(rows); i++) {
		fake_reset();
		fake.open_code = rows[i].code;
		CU_ASSERT_EQUAL(fake_run("apply", NULL), rows[i].open);
		CU_ASSERT_STRING_EQUAL(fake_err, "certengine: cannot open\n");
		fake_reset();
		fake.run_code = rows[i].code;
		CU_ASSERT_EQUAL(fake_run("apply", NULL), rows[i].run);
		CU_ASSERT_STRING_EQUAL(fake_err, "certengine: cannot go on\n");
		CU_ASSERT_STRING_EQUAL(fake_out, "");
	}
}

/* A repair that failed ends the run, and somebody must look. */
static void
help_that_is_needed_outweighs_the_error(void)
{
	static const struct ce_report help = { NULL, 0, CE_STRLIST_INIT, CE_EXIT_HELP, NULL };
	fake_reset();
	fake.report = &help;
	fake.run_code = CE_ERR_SYSTEM;
	CU_ASSERT_EQUAL(fake_run("apply", NULL), CE_EXIT_HELP);
	CU_ASSERT_STRING_EQUAL(fake_err, "certengine: cannot go on\n");
}

static void
lost_output_is_a_failure(void)
{
	fake_reset();
	fake.report = &good;
	fake.write_fails = true;
	CU_ASSERT_EQUAL(fake_run("status", NULL), CE_EXIT_FAILED);
	CU_ASSERT_PTR_NOT_NULL(strstr(fake_err, "write the output"));
}

static void
check_says_that_all_is_well(void)
{
	fake_reset();
	CU_ASSERT_EQUAL(fake_run("check", NULL), CE_EXIT_OK);
	CU_ASSERT_STRING_EQUAL(fake_out, "the configuration is good\n");
	CU_ASSERT_EQUAL(fake_run("recover", NULL), CE_EXIT_OK);
	CU_ASSERT_STRING_EQUAL(fake_out, "nothing to recover\n");
}

static void
signals_end_the_run_after_the_undo(void)
{
	static const struct ce_report help = { NULL, 0, CE_STRLIST_INIT, CE_EXIT_HELP, NULL };
	fake_reset();
	fake.report = &good;
	fake.raise = SIGTERM;
	CU_ASSERT_EQUAL(fake_run("apply", NULL), 128 + SIGTERM);
	fake.report = &help;
	CU_ASSERT_EQUAL(fake_run("apply", NULL), CE_EXIT_HELP);
}

const struct ce_test program_tests[] = {
	{ "quiet is silent on success", quiet_is_silent_on_success },
	{ "quiet is complete on failure", quiet_is_complete_on_failure },
	{ "findings are file, line and sentence on standard error", findings_come_with_their_places },
	{ "every error has its exit status", errors_have_their_exit_status },
	{ "help that is needed outweighs the error", help_that_is_needed_outweighs_the_error },
	{ "results that could not be written are a failure", lost_output_is_a_failure },
	{ "check and recover say that all is well", check_says_that_all_is_well },
	{ "after a signal the status is 128 + its number, unless help is needed", signals_end_the_run_after_the_undo },
	{ NULL, NULL },
};
