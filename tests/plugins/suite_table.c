/* Option tables and values, as a plugin may describe them. */
#include <string.h>

#include "plugin/table.h"
#include "suites.h"

static const char *const choices[] = { "one", "two", NULL };
static const char *const no_choices[] = { NULL };
static const char *const bad_choices[] = { "one\n", NULL };

#define ROW(...) { __VA_ARGS__ }
#define END { NULL, 0, 0, NULL, 0, 0, NULL, NULL }

static int
check(const struct ce_option *rows, const char *part)
{
	struct ce_error err;
	ce_error_clear(&err);
	int code = ce_table_check(rows, &err);
	if (part)
		CU_ASSERT_PTR_NOT_NULL(strstr(err.text, part));
	return code;
}

static void
a_sound_table_passes(void)
{
	static const struct ce_option rows[] = {
		ROW("a", CE_OPTION_STRING, 1, NULL, 0, 0, NULL, "help"),
		ROW("b_2", CE_OPTION_INT, 0, "-3", -5, 5, NULL, "help"),
		ROW("c", CE_OPTION_BOOL, 0, "false", 0, 0, NULL, "help"),
		ROW("d", CE_OPTION_ENUM, 0, "two", 0, 0, choices, "help"),
		ROW("e", CE_OPTION_PATH, 0, "/etc", 0, 0, NULL, "help"),
		ROW("f", CE_OPTION_LIST, 0, NULL, 0, 0, NULL, "help"),
		ROW("g", CE_OPTION_SECRET, 0, NULL, 0, 0, NULL, "help"),
		END,
	};
	static const struct ce_option none[] = { END };
	CU_ASSERT_EQUAL(check(rows, NULL), CE_OK);
	CU_ASSERT_EQUAL(check(none, NULL), CE_OK);
}

static void
each_fault_of_a_row_is_named(void)
{
	static const struct {
		struct ce_option rows[2];
		const char *part;
	} faults[] = {
		{ { ROW("", CE_OPTION_INT, 0, NULL, 0, 0, NULL, "h"), END }, "no name of an option" },
		{ { ROW("Port", CE_OPTION_INT, 0, NULL, 0, 0, NULL, "h"), END }, "no name of an option" },
		{ { ROW("2port", CE_OPTION_INT, 0, NULL, 0, 0, NULL, "h"), END }, "no name of an option" },
		{ { ROW("po-rt", CE_OPTION_INT, 0, NULL, 0, 0, NULL, "h"), END }, "no name of an option" },
		{ { ROW("port", 0, 0, NULL, 0, 0, NULL, "h"), END }, "unknown type 0" },
		{ { ROW("port", 8, 0, NULL, 0, 0, NULL, "h"), END }, "unknown type 8" },
		{ { ROW("port", CE_OPTION_INT, 0, NULL, 9, 1, NULL, "h"), END }, "empty range" },
		{ { ROW("port", CE_OPTION_INT, 0, NULL, 0, 0, NULL, NULL), END }, "no line of help" },
		{ { ROW("port", CE_OPTION_INT, 0, NULL, 0, 0, NULL, "two\nlines"), END }, "no line of help" },
		{ { ROW("port", CE_OPTION_INT, 0, "many", 0, 0, NULL, "h"), END }, "must be a whole number" },
		{ { ROW("port", CE_OPTION_INT, 0, "99999999999999999999", 0, 0, NULL, "h"), END }, "must be a whole number" },
		{ { ROW("port", CE_OPTION_INT, 0, "0", 1, 9, NULL, "h"), END }, "must lie between 1 and 9" },
		{ { ROW("flag", CE_OPTION_BOOL, 0, "yes", 0, 0, NULL, "h"), END }, "must be true or false" },
		{ { ROW("kind", CE_OPTION_ENUM, 0, NULL, 0, 0, NULL, "h"), END }, "enum without choices" },
		{ { ROW("kind", CE_OPTION_ENUM, 0, NULL, 0, 0, no_choices, "h"), END }, "enum without choices" },
		{ { ROW("kind", CE_OPTION_ENUM, 0, NULL, 0, 0, bad_choices, "h"), END }, "has a choice" },
		{ { ROW("kind", CE_OPTION_ENUM, 0, "three", 0, 0, choices, "h"), END }, "knows no choice 'three'" },
		{ { ROW("file", CE_OPTION_PATH, 0, "etc", 0, 0, NULL, "h"), END }, "absolute path" },
		{ { ROW("list", CE_OPTION_LIST, 0, "a b", 0, 0, NULL, "h"), END }, "cannot be given as one text" },
		{ { ROW("pass", CE_OPTION_SECRET, 0, "x", 0, 0, NULL, "h"), END }, "secret with a default" },
		{ { ROW("text", CE_OPTION_STRING, 0, "a\tb", 0, 0, NULL, "h"), END }, "no line of text" },
	};
	for (size_t i = 0; i < CE_COUNT(faults); i++)
		CU_ASSERT_EQUAL(check(faults[i].rows, faults[i].part), CE_ERR_CONFIG);
}

static void
two_rows_of_one_name_are_refused(void)
{
	static const struct ce_option rows[] = {
		ROW("port", CE_OPTION_INT, 0, NULL, 0, 0, NULL, "h"),
		ROW("host", CE_OPTION_STRING, 0, NULL, 0, 0, NULL, "h"),
		ROW("port", CE_OPTION_INT, 0, NULL, 0, 0, NULL, "h"),
		END,
	};
	CU_ASSERT_EQUAL(check(rows, "option 'port' is there twice"), CE_ERR_CONFIG);
}

static void
values_follow_their_type(void)
{
	static const struct ce_option number = ROW("n", CE_OPTION_INT, 0, NULL, 0, 0, NULL, "h");
	static const struct ce_option truth = ROW("t", CE_OPTION_BOOL, 0, NULL, 0, 0, NULL, "h");
	struct ce_plugin_option value;
	CU_ASSERT_EQUAL(ce_table_value(&number, "-42", &value, NULL), CE_OK);
	CU_ASSERT_EQUAL(value.number, -42);
	CU_ASSERT_EQUAL(ce_table_value(&truth, "true", &value, NULL), CE_OK);
	CU_ASSERT_EQUAL(value.number, 1);
	CU_ASSERT_EQUAL(ce_table_value(&number, " 1", &value, NULL), CE_ERR_CONFIG);
	CU_ASSERT_EQUAL(ce_table_value(&number, "1x", &value, NULL), CE_ERR_CONFIG);
	CU_ASSERT_EQUAL(ce_table_value(&number, "", &value, NULL), CE_ERR_CONFIG);
}

const struct ce_test table_tests[] = {
	{ "a sound table passes", a_sound_table_passes },
	{ "each fault of a row is named", each_fault_of_a_row_is_named },
	{ "two rows of one name are refused", two_rows_of_one_name_are_refused },
	{ "values follow their type", values_follow_their_type },
	{ NULL, NULL },
};
