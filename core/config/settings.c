#include "config/settings.h"

#include <string.h>

#include "base/buf.h"

const struct ce_setting *
ce_settings_find(const struct ce_settings *settings, const char *name)
{
	for (size_t i = 0; i < settings->count; i++)
		if (strcmp(settings->items[i].name, name) == 0)
			return &settings->items[i];
	return NULL;
}

/* Any of them may be a secret. */
void
ce_setting_release(struct ce_setting *setting)
{
	free(setting->name);
	ce_wipe_strp(&setting->text);
	ce_strlist_release(&setting->list);
	free(setting->file);
	memset(setting, 0, sizeof(*setting));
}

void
ce_settings_release(struct ce_settings *settings)
{
	for (size_t i = 0; i < settings->count; i++)
		ce_setting_release(&settings->items[i]);
	free(settings->items);
	free(settings->file);
	memset(settings, 0, sizeof(*settings));
}

/* Whether a row is meant: of a list of groups each has the same options, "challenge[1].kind" is row "challenge.kind". */
static bool
is_row(const struct ce_option *row, const char *name)
{
	const char *bracket = strchr(name, '['), *rest = bracket ? strchr(bracket, ']') : NULL;
	if (!rest)
		return strcmp(row->name, name) == 0;
	size_t size = (size_t)(bracket - name);
	return strncmp(row->name, name, size) == 0 && strcmp(row->name + size, rest + 1) == 0;
}

const struct ce_option *
ce_option_find(const struct ce_option *table, const char *name)
{
	for (const struct ce_option *row = table; row->name; row++)
		if (is_row(row, name))
			return row;
	return NULL;
}

static const char *
fallback_of(const struct ce_option *table, const char *name)
{
	const struct ce_option *row = ce_option_find(table, name);
	return row ? row->fallback : NULL;
}

const char *
ce_option_text(const struct ce_option *table, const struct ce_settings *settings, const char *name)
{
	const struct ce_setting *setting = ce_settings_find(settings, name);
	return setting ? setting->text : fallback_of(table, name);
}

long long
ce_option_int(const struct ce_option *table, const struct ce_settings *settings, const char *name)
{
	const struct ce_setting *setting = ce_settings_find(settings, name);
	if (setting)
		return setting->number;
	const char *fallback = fallback_of(table, name);
	return fallback ? strtoll(fallback, NULL, 10) : 0;
}

bool
ce_option_bool(const struct ce_option *table, const struct ce_settings *settings, const char *name)
{
	const struct ce_setting *setting = ce_settings_find(settings, name);
	if (setting)
		return setting->truth;
	const char *fallback = fallback_of(table, name);
	return fallback && strcmp(fallback, "true") == 0;
}

const char *const *
ce_option_list(const struct ce_option *table, const struct ce_settings *settings, const char *name)
{
	static const char *const empty[] = { NULL };
	(void)table; /* a list has no fallback */
	const struct ce_setting *setting = ce_settings_find(settings, name);
	if (!setting || !setting->list.items)
		return empty;
	return (const char *const *)setting->list.items;
}
