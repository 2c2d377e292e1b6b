/* Settings against an option table. */
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/text.h"
#include "config/settings.h"

/* What is being checked, and where findings go. */
struct check {
	const struct ce_option *table;
	const char *what;
	struct ce_problems *problems;
};

/* How each type is written, for the message when something else was. */
static const struct {
	int setting_kind;
	const char *form;
} types[] = {
	[CE_OPTION_STRING] = { CE_SETTING_STRING, "a text in double quotes" },
	[CE_OPTION_PATH] = { CE_SETTING_STRING, "an absolute path in double quotes" },
	[CE_OPTION_INT] = { CE_SETTING_INT, "a whole number" },
	[CE_OPTION_BOOL] = { CE_SETTING_BOOL, "true or false" },
	[CE_OPTION_SECRET] = { CE_SETTING_STRING, "a text in double quotes" },
	[CE_OPTION_LIST] = { CE_SETTING_LIST, "a list of texts: [ \"one\", \"two\" ]" },
	[CE_OPTION_ENUM] = { CE_SETTING_STRING, "one of its choices in double quotes" },
};

CE_MUSTCHECK static int
table_nearest(const struct ce_option *table, const char *name, const char **ret_nearest, struct ce_error *err)
{
	size_t count = 0;
	while (table[count].name)
		count++;
	CE_CLEANUP(ce_freep) const char **names = calloc(count + 1, sizeof(*names));
	if (!names)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");

	for (size_t i = 0; i < count; i++)
		names[i] = table[i].name;
	*ret_nearest = ce_text_nearest(name, names);
	return CE_OK;
}

CE_MUSTCHECK static int
check_unknown(const struct check *check, const struct ce_setting *setting, struct ce_error *err)
{
	const char *nearest = NULL;
	int code = table_nearest(check->table, setting->name, &nearest, err);
	if (code < 0)
		return code;

	if (nearest)
		return ce_problems_add(check->problems, setting->file, setting->line, err,
			"%s does not know the option '%s', did you mean '%s'?", check->what, setting->name, nearest);
	return ce_problems_add(check->problems, setting->file, setting->line, err,
		"%s does not know the option '%s'", check->what, setting->name);
}

CE_MUSTCHECK static int
check_range(const struct check *check, const struct ce_option *row, const struct ce_setting *setting,
	struct ce_error *err)
{
	if (row->minimum == 0 && row->maximum == 0)
		return CE_OK;
	if (setting->number >= row->minimum && setting->number <= row->maximum)
		return CE_OK;
	return ce_problems_add(check->problems, setting->file, setting->line, err,
		"option '%s' of %s must lie between %lld and %lld, not %lld",
		row->name, check->what, row->minimum, row->maximum, setting->number);
}

CE_MUSTCHECK static int
check_path(const struct check *check, const struct ce_option *row, const struct ce_setting *setting,
	struct ce_error *err)
{
	if (setting->text[0] == '/')
		return CE_OK;
	return ce_problems_add(check->problems, setting->file, setting->line, err,
		"option '%s' of %s must be an absolute path, not '%s'", row->name, check->what, setting->text);
}

CE_MUSTCHECK static int
check_choice(const struct check *check, const struct ce_option *row, const struct ce_setting *setting,
	struct ce_error *err)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf choices = CE_BUF_INIT;
	for (const char *const *choice = row->choices; choice && *choice; choice++) {
		if (strcmp(*choice, setting->text) == 0)
			return CE_OK;
		int code = ce_buf_addf(&choices, err, "%s'%s'", choices.size > 0 ? ", " : "", *choice);
		if (code < 0)
			return code;
	}
	return ce_problems_add(check->problems, setting->file, setting->line, err,
		"option '%s' of %s must be one of %s, not '%s'",
		row->name, check->what, ce_buf_text(&choices), setting->text);
}

/* A secret in the open is one only while nobody else can read the file it stands in (SEC-21). */
CE_MUSTCHECK static int
check_secret(const struct check *check, const struct ce_option *row, const struct ce_setting *setting,
	struct ce_error *err)
{
	struct ce_file_info info;
	if (!setting->file)
		return CE_OK;
	int code = ce_file_stat(setting->file, &info, err);
	if (code < 0)
		return code;

	if (!info.exists || (info.mode & 077) == 0)
		return CE_OK;
	return ce_problems_add(check->problems, setting->file, setting->line, err,
		"option '%s' of %s is a secret, but others may read this file (mode %04o): chmod 0600 it, "
		"or move the target into a file of its own in conf.d", row->name, check->what, (unsigned)info.mode);
}

CE_MUSTCHECK static int
check_value(const struct check *check, const struct ce_option *row, const struct ce_setting *setting,
	struct ce_error *err)
{
	if ((size_t)row->type >= CE_COUNT(types) || !types[row->type].form)
		return ce_fail(err, CE_ERR_PLUGIN, "%s declares option '%s' with an unknown type %d", check->what,
			row->name, row->type);
	if (setting->kind != types[row->type].setting_kind)
		return ce_problems_add(check->problems, setting->file, setting->line, err,
			"option '%s' of %s must be %s", row->name, check->what, types[row->type].form);
	if (setting->kind == CE_SETTING_STRING && setting->text[0] == '\0')
		return ce_problems_add(check->problems, setting->file, setting->line, err,
			"option '%s' of %s must not be empty", row->name, check->what);

	switch (row->type) {
	case CE_OPTION_INT:
		return check_range(check, row, setting, err);
	case CE_OPTION_PATH:
		return check_path(check, row, setting, err);
	case CE_OPTION_ENUM:
		return check_choice(check, row, setting, err);
	case CE_OPTION_SECRET:
		return check_secret(check, row, setting, err);
	default:
		return CE_OK;
	}
}

CE_MUSTCHECK static int
check_presence(const struct check *check, const struct ce_settings *settings, struct ce_error *err)
{
	for (const struct ce_option *row = check->table; row->name; row++) {
		if (!row->required || ce_settings_find(settings, row->name))
			continue;
		int code = ce_problems_add(check->problems, settings->file, settings->line, err,
			"%s needs the option '%s'%s%s", check->what, row->name, row->help ? ": " : "",
			row->help ? row->help : "");
		if (code < 0)
			return code;
	}
	return CE_OK;
}

int
ce_options_check(const struct ce_option *table, const struct ce_settings *settings, const char *what,
	struct ce_problems *problems, struct ce_error *err)
{
	const struct check check = { table, what, problems };
	for (size_t i = 0; i < settings->count; i++) {
		const struct ce_setting *setting = &settings->items[i];
		const struct ce_option *row = ce_option_find(table, setting->name);
		int code = row ? check_value(&check, row, setting, err) : check_unknown(&check, setting, err);
		if (code < 0)
			return code;
	}
	return check_presence(&check, settings, err);
}
