#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/sys.h"
#include "fixture.h"
#include "lib/sys_fault.h"

static void
table_has_no_hole(void)
{
	typedef void (*call)(void);
	call calls[sizeof(struct ce_sys) / sizeof(call)];
	memcpy(calls, &ce_sys_real, sizeof(calls));
	for (size_t i = 0; i < CE_COUNT(calls); i++)
		CU_ASSERT(calls[i] != NULL);
	ce_fault_begin("now:0");
	memcpy(calls, ce_sys, sizeof(calls));
	ce_fault_end();
	for (size_t i = 0; i < CE_COUNT(calls); i++)
		CU_ASSERT(calls[i] != NULL);
	CU_ASSERT_PTR_EQUAL(ce_sys, &ce_sys_real);
}

static void
clocks_tell_the_time(void)
{
	long long now = ce_now();
	CU_ASSERT(llabs(now - (long long)time(NULL)) <= 1);
	ce_fault_begin("now:+8640000");
	CU_ASSERT(llabs(ce_now() - now - 8640000) <= 1);
	long long monotonic = ce_monotonic_ms();
	ce_fault_end();
	CU_ASSERT(llabs(ce_monotonic_ms() - monotonic) < 5000);
}

static void
counts_are_the_same_each_time(void)
{
	struct ce_bytes bytes = { (const unsigned char *)"x", 1 };
	unsigned long counts[3];
	for (size_t i = 0; i < CE_COUNT(counts); i++) {
		char rules[512];
		fixture_directory();
		fixture_put("file", "old", 0600);
		snprintf(rules, sizeof(rules), "count:%s,trace:%s", fixture_path("count"), fixture_path("trace"));
		ce_fault_begin(rules);
		CU_ASSERT_EQUAL(ce_file_save(fixture_path("file"), bytes, NULL), CE_OK);
		counts[i] = ce_fault_count();
		ce_fault_end();
		char expected[32];
		snprintf(expected, sizeof(expected), "%lu\n", counts[i]);
		CU_ASSERT_TRUE(fixture_holds("count", expected));
		CU_ASSERT_EQUAL(counts[i], counts[0]);
	}
	CU_ASSERT(counts[0] >= 10);
}

static int
die_at_the_second_write(void)
{
	ce_fault_begin("only:write,kill:2");
	int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	(void)!ce_sys->write(fd, "1", 1);
	ce_sys->fstat(fd, &(struct stat){ 0 });
	(void)!ce_sys->write(fd, "2", 1);
	return 0;
}

static void
kill_comes_before_its_call(void)
{
	int status = fixture_in_child(die_at_the_second_write);
	CU_ASSERT(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static int
misspell(void)
{
	(void)!freopen("/dev/null", "w", stderr);
	ce_fault_begin("fail:1:ENOSUCHERROR");
	return 0;
}

static void
misspelt_rule_ends_the_program(void)
{
	int status = fixture_in_child(misspell);
	CU_ASSERT(WIFEXITED(status) && WEXITSTATUS(status) == 125);
}

const struct ce_test sys_tests[] = {
	{ "table has no hole", table_has_no_hole },
	{ "clocks tell the time", clocks_tell_the_time },
	{ "counts are the same each time (T24)", counts_are_the_same_each_time },
	{ "kill comes before its call", kill_comes_before_its_call },
	{ "misspelt rule ends the program", misspelt_rule_ends_the_program },
	{ NULL, NULL },
};
