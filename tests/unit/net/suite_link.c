#include <string.h>

#include "net/link.h"
#include "suites.h"

/* H11: several links in one value, quotes or none, parameters in any order. */
static const struct {
	const char *value, *rel;
	size_t index;
	const char *wanted;
} cases[] = {
	{ "<https://ca/tos>;rel=\"terms-of-service\"", "terms-of-service", 0, "https://ca/tos" },
	{ "<https://ca/tos>; rel=terms-of-service", "terms-of-service", 0, "https://ca/tos" },
	{ "<https://ca/tos>; title=\"a, b; c\"; REL = \"Terms-Of-Service\"", "terms-of-service", 0, "https://ca/tos" },
	{ "<https://ca/1>;rel=\"alternate\", <https://ca/2>;rel=\"alternate\"", "alternate", 1, "https://ca/2" },
	{ "<https://ca/1>;rel=\"alternate\",<https://ca/2>;rel=\"index\"", "index", 0, "https://ca/2" },
	{ "<https://ca/1>;rel=\"index alternate\"", "alternate", 0, "https://ca/1" },
	{ "<https://ca/1>;rel=\"index\";rel=\"alternate\"", "alternate", 0, NULL },
	{ "<https://ca/a,b;c>;rel=up", "up", 0, "https://ca/a,b;c" },
	{ "</relative>;rel=up", "up", 0, "/relative" },
	{ "<https://ca/1>;rel=\"alternate\"", "alternate", 1, NULL },
	{ "<https://ca/1>", "up", 0, NULL },
	{ "<https://ca/1>;title=\"a \\\" rel=up\";rel=help", "help", 0, "https://ca/1" },
	{ "<https://ca/1>;rel=\"up", "up", 0, NULL },
	{ "<https://ca/1;rel=up", "up", 0, NULL },
	{ "<https://ca/1>;;;rel=up", "up", 0, "https://ca/1" },
	{ "https://ca/1;rel=up", "up", 0, NULL },
	{ "", "up", 0, NULL },
	{ "<>;rel=up", "up", 0, "" },
	{ "<https://ca/1>;rel=upper", "up", 0, NULL },
};

static void
links_are_found(void)
{
	for (size_t i = 0; i < CE_COUNT(cases); i++) {
		char *got = ce_link_find(cases[i].value, cases[i].rel, cases[i].index);
		if (cases[i].wanted) {
			CU_ASSERT_PTR_NOT_NULL(got);
			if (got)
				CU_ASSERT_STRING_EQUAL(got, cases[i].wanted);
		} else {
			CU_ASSERT_PTR_NULL(got);
		}
		free(got);
	}
}

const struct ce_test suite_link[] = {
	{ "links are found", links_are_found },
	{ NULL, NULL },
};
