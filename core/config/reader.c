#include "config/reader.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define KEYS_MAX 32
#define VALUE_MAX 16384

const config_setting_t *
ce_reader_place(const config_setting_t *group, const char *key)
{
	const config_setting_t *setting = config_setting_get_member(group, key);
	return setting ? setting : group;
}

int
ce_reader_is_group(struct ce_reader *reader, const config_setting_t *setting, bool *ret_group, struct ce_error *err)
{
	*ret_group = config_setting_is_group(setting);
	if (*ret_group)
		return CE_OK;
	return ce_reader_complain(reader, setting, err, "'%s' must be a group: %s: { ... };",
		config_setting_name(setting), config_setting_name(setting));
}

/* Control bytes and broken UTF-8 have no business in names and paths, and end up in products' files and in JSON. */
static bool
is_clean(const char *text)
{
	char shown[VALUE_MAX];
	if (strlen(text) >= sizeof(shown))
		return false;
	ce_text_printable(shown, sizeof(shown), text);
	return strcmp(shown, text) == 0;
}

int
ce_reader_list(struct ce_reader *reader, const config_setting_t *setting, struct ce_strlist *list, struct ce_error *err)
{
	for (int i = 0; i < config_setting_length(setting); i++) {
		const config_setting_t *element = config_setting_get_elem(setting, (unsigned)i);
		const char *text = config_setting_get_string(element);
		int code;
		if (!text || text[0] == '\0')
			code = ce_reader_complain(reader, setting, err, "element %d of '%s' must be a text in double quotes",
				i + 1, config_setting_name(setting));
		else if (!is_clean(text))
			code = ce_reader_complain(reader, setting, err,
				"element %d of '%s' holds control characters or is no UTF-8", i + 1, config_setting_name(setting));
		else
			code = ce_strlist_add(list, text, err);
		if (code < 0)
			return code;
	}
	return CE_OK;
}

bool
ce_reader_is_list(const config_setting_t *setting)
{
	return config_setting_is_array(setting) || config_setting_is_list(setting);
}

/* --------------------------------------------------------------- known keys */

/* What a value must look like, by kind. */
static const char *const forms[] = {
	[CE_KEY_STRING] = "a text in double quotes",
	[CE_KEY_LIST] = "a list of texts: [ \"one\", \"two\" ]",
	[CE_KEY_CHOICE] = "a text in double quotes, or a list of them in order of preference",
	[CE_KEY_INT] = "a whole number",
	[CE_KEY_FRACTION] = "a number with a point",
	[CE_KEY_GROUP] = "a group: { ... }",
	[CE_KEY_LATER] = "a group: { ... }",
};

static bool
is_kind(const config_setting_t *setting, enum ce_key_kind kind)
{
	int type = config_setting_type(setting);
	switch (kind) {
	case CE_KEY_STRING:
		return type == CONFIG_TYPE_STRING;
	case CE_KEY_LIST:
		return ce_reader_is_list(setting);
	case CE_KEY_CHOICE:
		return type == CONFIG_TYPE_STRING || ce_reader_is_list(setting);
	case CE_KEY_INT:
		return type == CONFIG_TYPE_INT;
	case CE_KEY_FRACTION:
		return config_setting_is_number(setting);
	default:
		return type == CONFIG_TYPE_GROUP;
	}
}

static double
fraction_of(const config_setting_t *setting)
{
	if (config_setting_type(setting) == CONFIG_TYPE_FLOAT)
		return config_setting_get_float(setting);
	return (double)config_setting_get_int64(setting);
}

int
ce_reader_string(struct ce_reader *reader, const config_setting_t *setting, char **ret_text, struct ce_error *err)
{
	const char *text = config_setting_get_string(setting);
	if (text[0] == '\0')
		return ce_reader_complain(reader, setting, err, "'%s' must not be empty", config_setting_name(setting));
	if (!is_clean(text))
		return ce_reader_complain(reader, setting, err, "'%s' holds control characters or is no UTF-8",
			config_setting_name(setting));
	*ret_text = strdup(text);
	return *ret_text ? CE_OK : ce_fail(err, CE_ERR_MEMORY, "out of memory");
}

CE_MUSTCHECK static int
read_choice(struct ce_reader *reader, const config_setting_t *setting, struct ce_strlist *list, struct ce_error *err)
{
	if (ce_reader_is_list(setting))
		return ce_reader_list(reader, setting, list, err);
	CE_CLEANUP(ce_freep) char *text = NULL;
	int code = ce_reader_string(reader, setting, &text, err);
	return code < 0 || !text ? code : ce_strlist_add(list, text, err);
}

CE_MUSTCHECK static int
read_key(struct ce_reader *reader, const config_setting_t *setting, const char *what, const struct ce_key *key,
	void *base, struct ce_error *err)
{
	if (!is_kind(setting, key->kind))
		return ce_reader_complain(reader, setting, err, "'%s' of %s must be %s", key->name, what, forms[key->kind]);

	void *member = base ? (char *)base + key->offset : NULL;
	char inner[160];
	switch (key->kind) {
	case CE_KEY_STRING:
		return ce_reader_string(reader, setting, member, err);
	case CE_KEY_LIST:
		return ce_reader_list(reader, setting, member, err);
	case CE_KEY_CHOICE:
		return read_choice(reader, setting, member, err);
	case CE_KEY_INT:
		*(int *)member = config_setting_get_int(setting);
		return CE_OK;
	case CE_KEY_FRACTION:
		*(double *)member = fraction_of(setting);
		return CE_OK;
	case CE_KEY_GROUP:
		(void)snprintf(inner, sizeof(inner), "'%s' of %s", key->name, what);
		return ce_reader_group(reader, setting, inner, key->group, base, NULL, err);
	default:
		return CE_OK;
	}
}

static const struct ce_key *
key_find(const struct ce_key *keys, const char *name)
{
	for (const struct ce_key *key = keys; key->name; key++)
		if (strcmp(key->name, name) == 0)
			return key;
	return NULL;
}

CE_MUSTCHECK static int
complain_unknown(struct ce_reader *reader, const config_setting_t *setting, const char *what,
	const struct ce_key *keys, struct ce_error *err)
{
	const char *names[KEYS_MAX + 1] = { NULL };
	for (size_t i = 0; keys[i].name && i < KEYS_MAX; i++)
		names[i] = keys[i].name;
	const char *name = config_setting_name(setting);
	const char *nearest = ce_text_nearest(name, names);
	if (nearest)
		return ce_reader_complain(reader, setting, err, "unknown key '%s' in %s, did you mean '%s'?",
			name, what, nearest);
	return ce_reader_complain(reader, setting, err, "unknown key '%s' in %s", name, what);
}

int
ce_reader_group(struct ce_reader *reader, const config_setting_t *group, const char *what, const struct ce_key *keys,
	void *base, struct ce_settings *rest, struct ce_error *err)
{
	for (int i = 0; i < config_setting_length(group); i++) {
		const config_setting_t *setting = config_setting_get_elem(group, (unsigned)i);
		const struct ce_key *key = key_find(keys, config_setting_name(setting));
		int code;
		if (key)
			code = read_key(reader, setting, what, key, base, err);
		else if (rest)
			code = ce_reader_setting(reader, setting, "", rest, err);
		else
			code = complain_unknown(reader, setting, what, keys, err);
		if (code < 0)
			return code;
	}
	return CE_OK;
}
