#include <stdio.h>
#include <string.h>

#include "cli/show.h"
#include "fake_engine.h"
#include "suites.h"

static void
judge(const char *command, const char *wanted)
{
	fake_reset();
	fake.report = fake_report();
	CU_ASSERT_EQUAL(fake_run(command, NULL), CE_EXIT_PARTIAL);
	if (strcmp(fake_out, wanted) != 0)
		fprintf(stderr, "\n%s", fake_out);
	CU_ASSERT_STRING_EQUAL(fake_out, wanted);
	CU_ASSERT_STRING_EQUAL(fake_err, "");
}

static void
status_is_a_table(void)
{
	judge("status",
		"CERTIFICATE  ISSUER       STATE    EXPIRES IN  TARGETS\n"
		"shop         letsencrypt  ok       59 days     web ok, intra pending\n"
		"mail         house        waiting  not issued  db rolled-back\n"
		"mail: waiting: the CA asks to wait (until 2026-11-18T12:06:40Z)\n"
		"mail/db: failed at verify: port 5432 did not answer\n"
		"shop: renewal at 2026-12-17T11:06:40Z\n"
		"shop/web was put back\n");
}

static void
plan_shows_what_would_be_done(void)
{
	judge("plan",
		"shop/web was put back\n"
		"shop (letsencrypt): ok\n"
		"  renewal at 2026-12-17T11:06:40Z\n"
		"  web (tomcat): ok\n"
		"  intra (springboot): pending\n"
		"    --- a\n    +++ b\n    -old\tvalue\n    +new \\x1b[2Jvalue\n"
		"    reloaded by: restart of app.service\n"
		"    verified at: 127.0.0.1 port 8443 as shop.example.com\n"
		"mail (house): waiting: no certificate yet\n"
		"  waiting: the CA asks to wait (until 2026-11-18T12:06:40Z)\n"
		"  db (tomcat): rolled-back\n"
		"    failed at verify: port 5432 did not answer\n"
		"2 certificates (1 ok, 1 waiting), 3 targets (1 ok, 1 pending, 1 rolled-back)\n");
}

static void
verify_shows_endpoints(void)
{
	judge("verify",
		"shop/web was put back\n"
		"shop/web (tomcat): ok\n"
		"shop/intra (springboot): pending\n"
		"  --- a\n  +++ b\n  -old\tvalue\n  +new \\x1b[2Jvalue\n"
		"  127.0.0.1 port 8443 as shop.example.com: serves another certificate\n"
		"mail: no certificate yet\n"
		"mail: failed: the CA asks to wait\n"
		"mail/db (tomcat): rolled-back\n"
		"  failed at verify: port 5432 did not answer\n"
		"2 certificates (1 ok, 1 waiting), 3 targets (1 ok, 1 pending, 1 rolled-back)\n");
}

static void
apply_ends_with_what_needs_attention(void)
{
	judge("apply",
		"shop/web was put back\n"
		"mail: waiting: the CA asks to wait (until 2026-11-18T12:06:40Z)\n"
		"mail/db: failed at verify: port 5432 did not answer\n"
		"mail/db: what was there before is back\n"
		"2 certificates (1 ok, 1 waiting), 3 targets (1 ok, 1 pending, 1 rolled-back)\n");
}

static void
many_targets_are_counted(void)
{
	struct ce_target_report targets[12];
	memset(targets, 0, sizeof(targets));
	for (size_t i = 0; i < CE_COUNT(targets); i++)
		targets[i].name = (char *)"t";
	targets[5].state = CE_TARGET_FAILED;
	targets[5].name = (char *)"bad";
	struct ce_certificate_report certificate = {
		.name = (char *)"shop", .issuer = (char *)"house", .generation = 1, .not_after = FAKE_NOW - 3 * 3600,
		.targets = targets, .target_count = CE_COUNT(targets),
	};
	const struct ce_report report = { &certificate, 1, CE_STRLIST_INIT, CE_EXIT_OK, NULL };
	fake_reset();
	fake.report = &report;
	CU_ASSERT_EQUAL(fake_run("status", NULL), CE_EXIT_OK);
	CU_ASSERT_PTR_NOT_NULL(strstr(fake_out, "3 hours ago  bad failed, 11 others well\n"));
}

static void
distances_are_rounded_down(void)
{
	static const struct {
		long long seconds;
		const char *wanted;
	} rows[] = {
		{ 0, "0 seconds" }, { 1, "1 second" }, { 119, "119 seconds" }, { 120, "2 minutes" }, { 7200, "2 hours" },
		{ 86400, "24 hours" }, { 172800, "2 days" }, { -7200, "2 hours" }, { 90 * 86400 - 1, "89 days" },
	};
	for (size_t i = 0; i < CE_COUNT(rows); i++) {
		char text[32];
		ce_show_distance(text, rows[i].seconds);
		CU_ASSERT_STRING_EQUAL(text, rows[i].wanted);
	}
}

static void
plugins_are_listed_and_described(void)
{
	fake_reset();
	CU_ASSERT_EQUAL(fake_run("plugin", "list", NULL), CE_EXIT_OK);
	CU_ASSERT_STRING_EQUAL(fake_out, "broken  '/p/broken.so' was built for ABI 2\ngood    1.0       a product\n");
	CU_ASSERT_EQUAL(fake_run("plugin", "info", "good", NULL), CE_EXIT_OK);
	CU_ASSERT_PTR_NOT_NULL(strstr(fake_out, "  base (path, required)\n      where it lies\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(fake_out, "  port (int, default 8443, 1 to 65535)\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(fake_out, "  mode (enum, default auto, one of auto manual)\n"));
	CU_ASSERT_EQUAL(fake_run("plugin", "info", "broken", NULL), CE_EXIT_FAILED);
	CU_ASSERT_EQUAL(fake_run("plugin", "info", "absent", NULL), CE_EXIT_USAGE);
	CU_ASSERT_EQUAL(fake_run("plugin", "info", NULL), CE_EXIT_USAGE);
	CU_ASSERT_EQUAL(fake_run("plugin", "list", "x", NULL), CE_EXIT_USAGE);
	CU_ASSERT_EQUAL(fake_run("plugin", "frobnicate", NULL), CE_EXIT_USAGE);
}

const struct ce_test show_tests[] = {
	{ "status is a table, errors below it", status_is_a_table },
	{ "plan shows reasons, diffs, reloads and endpoints", plan_shows_what_would_be_done },
	{ "verify shows every endpoint", verify_shows_endpoints },
	{ "apply ends with what needs attention and a summary", apply_ends_with_what_needs_attention },
	{ "of many targets only the bad ones are named", many_targets_are_counted },
	{ "distances are in the unit that fits", distances_are_rounded_down },
	{ "plugins are listed and described", plugins_are_listed_and_described },
	{ NULL, NULL },
};
