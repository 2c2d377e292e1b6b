#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "fixture.h"

static char seen[256];
static int seen_level;

static void
keep(int level, const char *line, void *context)
{
	CU_ASSERT_PTR_EQUAL(context, seen);
	seen_level = level;
	snprintf(seen, sizeof(seen), "%s", line);
}

static void
lines_below_the_level_are_dropped(void)
{
	seen[0] = '\0';
	ce_log(CE_LOG_WARNING, "before anybody listens");
	ce_log_to(keep, seen, CE_LOG_INFO);
	ce_log(CE_LOG_DEBUG, "small");
	CU_ASSERT_STRING_EQUAL(seen, "");
	ce_log(CE_LOG_INFO, "size %d", 7);
	CU_ASSERT_STRING_EQUAL(seen, "size 7");
	CU_ASSERT_EQUAL(seen_level, CE_LOG_INFO);
	ce_log_to(NULL, NULL, CE_LOG_DEBUG);
}

static void
one_record_is_one_line(void)
{
	ce_log_to(keep, seen, CE_LOG_DEBUG);
	ce_log(CE_LOG_NOTICE, "%s", "a\nfake: line\x1b[0m");
	CU_ASSERT_STRING_EQUAL(seen, "a\\x0afake: line\\x1b[0m");
	ce_log_to(NULL, NULL, CE_LOG_DEBUG);
}

const struct ce_test log_tests[] = {
	{ "lines below the level are dropped", lines_below_the_level_are_dropped },
	{ "one record is one line (SEC-10)", one_record_is_one_line },
	{ NULL, NULL },
};
