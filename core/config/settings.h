/* Settings as an operator wrote them, with the place of each, and the check of
 * settings against an option table. */
#ifndef CE_CONFIG_SETTINGS_H
#define CE_CONFIG_SETTINGS_H

#include <stdbool.h>

#include "base/strlist.h"

/* Everything that is wrong with a configuration, found in one run. */
struct ce_problem {
	char *file;
	int line;      /* 0: the file as a whole */
	char *text;    /* one sentence, lower case */
};
struct ce_problems {
	struct ce_problem *items;
	size_t count;
};
CE_MUSTCHECK int ce_problems_add(struct ce_problems *problems, const char *file, int line, struct ce_error *err,
	const char *format, ...) CE_PRINTF(5, 6);
/* By name of file, which is the order in which they are read (certengine.conf, conf.d/a.conf, ...), then line. */
void ce_problems_sort(struct ce_problems *problems);
void ce_problems_release(struct ce_problems *problems);

enum ce_setting_kind { CE_SETTING_STRING = 1, CE_SETTING_INT, CE_SETTING_FLOAT, CE_SETTING_BOOL, CE_SETTING_LIST };

/* One value. A setting inside a group has the group's name before it: "challenge.webroot". */
struct ce_setting {
	char *name;
	int kind;
	char *text;               /* STRING */
	long long number;         /* INT */
	double fraction;          /* FLOAT */
	bool truth;               /* BOOL */
	struct ce_strlist list;   /* LIST of strings */
	char *file;
	int line;
};
struct ce_settings {
	struct ce_setting *items;
	size_t count;
	char *file;               /* where the group they belong to begins */
	int line;
};
const struct ce_setting *ce_settings_find(const struct ce_settings *settings, const char *name);
void ce_setting_release(struct ce_setting *setting);
void ce_settings_release(struct ce_settings *settings);

/* Checks settings against a table (rows of the public header, ended by a NULL name): unknown names
 * (with the nearest known one), types, presence, ranges, choices, absolute paths, secrets in files that others
 * may read. what names the thing
 * configured: "plugin 'tomcat'". Findings go to problems; the result is only for system errors. */
CE_MUSTCHECK int ce_options_check(const struct ce_option *table, const struct ce_settings *settings, const char *what,
	struct ce_problems *problems, struct ce_error *err);

/* The row of an option, NULL: none. Of a list of groups each has the options of one: "challenge[1].kind" is the row
 * "challenge.kind". */
const struct ce_option *ce_option_find(const struct ce_option *table, const char *name);

/* Values of checked settings, or the table's fallback; NULL, 0, false or an empty list when neither is there.
 * A list has no fallback. What is returned belongs to the settings or the table. */
const char *ce_option_text(const struct ce_option *table, const struct ce_settings *settings, const char *name);
long long ce_option_int(const struct ce_option *table, const struct ce_settings *settings, const char *name);
bool ce_option_bool(const struct ce_option *table, const struct ce_settings *settings, const char *name);
const char *const *ce_option_list(const struct ce_option *table, const struct ce_settings *settings, const char *name);

#endif
