#include <string.h>

#include "fake_engine.h"
#include "suites.h"

static const struct ce_event failed = {
	"shop", "web", "tomcat", "verify", CE_ERR_VERIFY, "port 8443 said \"no\"\n\033[31m \\o/",
};

static void
writes_one_line_per_event(void)
{
	fake_reset();
	fake.event = &failed;
	CU_ASSERT_EQUAL(fake_run("apply", NULL), CE_EXIT_OK);
	static const char wanted[] = "2026-11-18T11:06:40Z certificate=shop target=web plugin=tomcat step=verify result=failed "
		"text=\"port 8443 said \\\"no\\\"\\x0a\\x1b[31m \\\\o/\"\n";
	CU_ASSERT_EQUAL(strncmp(fake_out, wanted, strlen(wanted)), 0);
}

static void
leaves_out_what_is_not_there(void)
{
	static const struct ce_event whole = { NULL, NULL, NULL, "recover", CE_OK, NULL };
	fake_reset();
	fake.event = &whole;
	CU_ASSERT_EQUAL(fake_run("apply", NULL), CE_EXIT_OK);
	static const char wanted[] = "2026-11-18T11:06:40Z step=recover result=ok\n";
	CU_ASSERT_EQUAL(strncmp(fake_out, wanted, strlen(wanted)), 0);
}

static void
keeps_json_clean(void)
{
	fake_reset();
	fake.event = &failed;
	CU_ASSERT_EQUAL(fake_run("apply", "--json", NULL), CE_EXIT_OK);
	CU_ASSERT_EQUAL(fake_out[0], '{');
}

/* A page that nobody reads, as on a terminal without colour. */
static void
replaces_the_line_of_a_running_step(void)
{
	static const struct ce_event begins = { "shop", "web", "tomcat", "reload", CE_UNCHANGED, NULL };
	struct ce_cli cli = { .terminal = true, .out = CE_PAGE_INIT(-1), .err = CE_PAGE_INIT(-1) };
	ce_progress(&begins, &cli);
	CU_ASSERT_TRUE(cli.line_open);
	ce_progress(&failed, &cli);
	CU_ASSERT_FALSE(cli.line_open);
	ce_page_drop(&cli.out);
	CU_ASSERT_TRUE(cli.out.broken); /* descriptor -1: the run went on all the same */
}

const struct ce_test progress_tests[] = {
	{ "elsewhere than on a terminal every event is a line with escaped text", writes_one_line_per_event },
	{ "an event about the whole run names no certificate", leaves_out_what_is_not_there },
	{ "events do not get into the JSON document", keeps_json_clean },
	{ "on a terminal a step that runs is replaced by its result", replaces_the_line_of_a_running_step },
	{ NULL, NULL },
};
