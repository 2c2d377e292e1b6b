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

static const struct ce_option *
option_find(const struct ce_option *table, const char *name)
{
	const struct ce_option *row = table;
	while (row->name && strcmp(row->name, name) != 0)
		row++;
	return row;
}

const char *
ce_option_text(const struct ce_option *table, const struct ce_settings *settings, const char *name)
{
	const struct ce_setting *setting = ce_settings_find(settings, name);
	return setting ? setting->text : option_find(table, name)->fallback;
}

long long
ce_option_int(const struct ce_option *table, const struct ce_settings *settings, const char *name)
{
	const struct ce_setting *setting = ce_settings_find(settings, name);
	if (setting)
		return setting->number;
	const char *fallback = option_find(table, name)->fallback;
	return fallback ? strtoll(fallback, NULL, 10) : 0;
}

bool
ce_option_bool(const struct ce_option *table, const struct ce_settings *settings, const char *name)
{
	const struct ce_setting *setting = ce_settings_find(settings, name);
	if (setting)
		return setting->truth;
	const char *fallback = option_find(table, name)->fallback;
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
