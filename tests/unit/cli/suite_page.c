#include <string.h>

#include "cli/page.h"
#include "suites.h"

static void
shows_what_could_steer_a_terminal(void)
{
	struct ce_page page = CE_PAGE_INIT(1);
	ce_page_line(&page, "%s|%s", "a\033]0;x\007", "b\nfake: line\xff");
	const char *text = ce_buf_text(&page.buf);
	CU_ASSERT_PTR_NULL(strchr(text, '\033'));
	CU_ASSERT_PTR_NULL(strchr(text, '\007'));
	CU_ASSERT_PTR_EQUAL(strchr(text, '\n'), text + strlen(text) - 1);
	CU_ASSERT_PTR_NOT_NULL(strstr(text, "\\x0afake"));
	ce_page_drop(&page);
}

static void
diffs_keep_lines_and_tabs(void)
{
	struct ce_page page = CE_PAGE_INIT(1);
	ce_page_diff(&page, "  ", "-a\tb\n+c\033\n\nlast");
	CU_ASSERT_STRING_EQUAL(ce_buf_text(&page.buf), "  -a\tb\n  +c\\x1b\n  \n  last\n");
	ce_page_drop(&page);
	page.colour = true;
	ce_page_diff(&page, "", "+x\n y\n");
	CU_ASSERT_STRING_EQUAL(ce_buf_text(&page.buf), "\033[32m+x\033[0m\n y\n");
	ce_page_drop(&page);
}

static void
cells_are_filled_up(void)
{
	struct ce_page page = CE_PAGE_INIT(1);
	ce_page_cell(&page, CE_PAINT_GOOD, 4, "ok");
	ce_page_cell(&page, CE_PAINT_GOOD, 2, "long");
	CU_ASSERT_STRING_EQUAL(ce_buf_text(&page.buf), "ok  long");
	ce_page_drop(&page);
	page.colour = true;
	ce_page_cell(&page, CE_PAINT_GOOD, 4, "ok");
	CU_ASSERT_STRING_EQUAL(ce_buf_text(&page.buf), "\033[32mok\033[0m  ");
	ce_page_drop(&page);
}

const struct ce_test page_tests[] = {
	{ "text from elsewhere cannot steer the terminal or fake a line", shows_what_could_steer_a_terminal },
	{ "a diff keeps its lines and tabs, and has colours where wanted", diffs_keep_lines_and_tabs },
	{ "cells are filled up by what is seen, not by colours", cells_are_filled_up },
	{ NULL, NULL },
};
