#include "plugin/table.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "plugin/wire.h"

#define NAME_LONGEST 64
#define LINE_LONGEST 512

bool
ce_text_is_line(const char *text, size_t max)
{
	char shown[CE_PLUGIN_TEXT_MAX + 1];
	size_t size = text ? strlen(text) : 0;
	if (size == 0 || size > max || size >= sizeof(shown))
		return false;
	ce_text_printable(shown, sizeof(shown), text);
	return strcmp(shown, text) == 0;
}

static bool
is_option_name(const char *name)
{
	size_t size = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_");
	return name[0] >= 'a' && name[0] <= 'z' && name[size] == '\0' && size <= NAME_LONGEST;
}

CE_MUSTCHECK static int
parse_int(const struct ce_option *row, const char *text, long long *ret_number, struct ce_error *err)
{
	char *end = NULL;
	errno = 0;
	long long number = strtoll(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0' || text[0] == ' ')
		return ce_fail(err, CE_ERR_CONFIG, "option '%s' must be a whole number, not '%s'", row->name, text);
	bool ranged = row->minimum != 0 || row->maximum != 0;
	if (ranged && (number < row->minimum || number > row->maximum))
		return ce_fail(err, CE_ERR_CONFIG, "option '%s' must lie between %lld and %lld, not %s", row->name,
			row->minimum, row->maximum, text);
	*ret_number = number;
	return CE_OK;
}

CE_MUSTCHECK static int
parse_bool(const struct ce_option *row, const char *text, long long *ret_number, struct ce_error *err)
{
	bool truth = strcmp(text, "true") == 0;
	if (!truth && strcmp(text, "false") != 0)
		return ce_fail(err, CE_ERR_CONFIG, "option '%s' must be true or false, not '%s'", row->name, text);
	*ret_number = truth;
	return CE_OK;
}

CE_MUSTCHECK static int
check_choice(const struct ce_option *row, const char *text, struct ce_error *err)
{
	for (const char *const *choice = row->choices; choice && *choice; choice++)
		if (strcmp(*choice, text) == 0)
			return CE_OK;
	return ce_fail(err, CE_ERR_CONFIG, "option '%s' knows no choice '%s'", row->name, text);
}

int
ce_table_value(const struct ce_option *row, const char *text, struct ce_plugin_option *ret_value, struct ce_error *err)
{
	struct ce_plugin_option value = { .name = row->name, .type = row->type };
	int code = CE_OK;
	switch (row->type) {
	case CE_OPTION_INT:
		code = parse_int(row, text, &value.number, err);
		break;
	case CE_OPTION_BOOL:
		code = parse_bool(row, text, &value.number, err);
		break;
	case CE_OPTION_ENUM:
		code = check_choice(row, text, err);
		value.text = text;
		break;
	case CE_OPTION_PATH:
		if (text[0] != '/')
			code = ce_fail(err, CE_ERR_CONFIG, "option '%s' must be an absolute path, not '%s'", row->name, text);
		value.text = text;
		break;
	case CE_OPTION_STRING:
	case CE_OPTION_SECRET:
		value.text = text;
		break;
	default:
		code = ce_fail(err, CE_ERR_CONFIG, "option '%s' cannot be given as one text", row->name);
	}
	if (code == CE_OK)
		*ret_value = value;
	return code;
}

CE_MUSTCHECK static int
check_choices(const struct ce_option *row, struct ce_error *err)
{
	if (row->type != CE_OPTION_ENUM)
		return CE_OK;
	if (!row->choices || !row->choices[0])
		return ce_fail(err, CE_ERR_CONFIG, "option '%s' is an enum without choices", row->name);
	for (const char *const *choice = row->choices; *choice; choice++)
		if (!ce_text_is_line(*choice, NAME_LONGEST))
			return ce_fail(err, CE_ERR_CONFIG, "option '%s' has a choice '%s'", row->name, *choice);
	return CE_OK;
}

CE_MUSTCHECK static int
check_row(const struct ce_option *row, struct ce_error *err)
{
	if (!is_option_name(row->name))
		return ce_fail(err, CE_ERR_CONFIG, "'%s' is no name of an option: [a-z][a-z0-9_]*, at most %d",
			row->name, NAME_LONGEST);
	if (row->type < CE_OPTION_STRING || row->type > CE_OPTION_ENUM)
		return ce_fail(err, CE_ERR_CONFIG, "option '%s' has the unknown type %d", row->name, row->type);
	if (row->minimum > row->maximum)
		return ce_fail(err, CE_ERR_CONFIG, "option '%s' has an empty range, %lld to %lld", row->name,
			row->minimum, row->maximum);
	if (!ce_text_is_line(row->help, LINE_LONGEST))
		return ce_fail(err, CE_ERR_CONFIG, "option '%s' has no line of help", row->name);
	int code = check_choices(row, err);
	if (code != CE_OK || !row->fallback)
		return code;

	struct ce_plugin_option value;
	if (row->type == CE_OPTION_SECRET)
		return ce_fail(err, CE_ERR_CONFIG, "option '%s' is a secret with a default", row->name);
	if (!ce_text_is_line(row->fallback, LINE_LONGEST))
		return ce_fail(err, CE_ERR_CONFIG, "option '%s' has a default that is no line of text", row->name);
	code = ce_table_value(row, row->fallback, &value, err);
	return code == CE_OK ? CE_OK : ce_error_wrap(err, "default of option '%s'", row->name);
}

int
ce_table_check(const struct ce_option *table, struct ce_error *err)
{
	for (const struct ce_option *row = table; row->name; row++) {
		int code = check_row(row, err);
		if (code != CE_OK)
			return code;
		for (const struct ce_option *other = table; other < row; other++)
			if (strcmp(other->name, row->name) == 0)
				return ce_fail(err, CE_ERR_CONFIG, "option '%s' is there twice", row->name);
	}
	return CE_OK;
}
