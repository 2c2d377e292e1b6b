#include <string.h>

#include "base/text.h"
#include "config/reader.h"

static const struct ce_key issuer_keys[] = {
	{ "kind", CE_KEY_STRING, offsetof(struct ce_issuer_config, kind), NULL },
	{ NULL, 0, 0, NULL },
};

void
ce_issuer_config_release(struct ce_issuer_config *issuer)
{
	free(issuer->name);
	free(issuer->kind);
	ce_settings_release(&issuer->settings);
	memset(issuer, 0, sizeof(*issuer));
}

CE_MUSTCHECK static int
check_kind(struct ce_reader *reader, const config_setting_t *group, struct ce_issuer_config *issuer,
	struct ce_error *err)
{
	static const char *const kind[] = { "kind", NULL };
	if (issuer->kind && ce_name_is_plain(issuer->kind))
		return CE_OK;
	if (issuer->kind)
		return ce_reader_complain(reader, ce_reader_place(group, "kind"), err,
			"'%s' cannot be the kind of an issuer", issuer->kind);

	for (size_t i = 0; i < issuer->settings.count; i++) {
		const struct ce_setting *setting = &issuer->settings.items[i];
		if (ce_text_nearest(setting->name, kind))
			return ce_problems_add(reader->problems, reader->file, setting->line, err,
				"unknown key '%s' in issuer '%s', did you mean 'kind'?", setting->name, issuer->name);
	}
	if (config_setting_get_member(group, "kind"))
		return CE_OK; /* its value is a finding already */
	return ce_reader_complain(reader, group, err, "issuer '%s' needs a 'kind', such as \"acme\" or \"local\"",
		issuer->name);
}

CE_MUSTCHECK static int
append(struct ce_config *config, struct ce_issuer_config *issuer, struct ce_error *err)
{
	struct ce_issuer_config *items = realloc(config->issuers, (config->issuer_count + 1) * sizeof(*items));
	if (!items)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	config->issuers = items;
	items[config->issuer_count++] = *issuer;
	memset(issuer, 0, sizeof(*issuer));
	return CE_OK;
}

CE_MUSTCHECK static int
check_name(struct ce_reader *reader, const config_setting_t *group, bool *ret_good, struct ce_error *err)
{
	const char *name = config_setting_name(group);
	const struct ce_issuer_config *before = ce_config_issuer(reader->config, name);
	*ret_good = false;
	if (before)
		return ce_reader_complain(reader, group, err, "issuer '%s' is declared in %s:%d already", name,
			before->settings.file, before->settings.line);
	if (!ce_name_is_label(name))
		return ce_reader_complain(reader, group, err,
			"'%s' cannot be the name of an issuer: at most 64 letters, digits, '-' and '_'", name);
	return ce_reader_is_group(reader, group, ret_good, err);
}

CE_MUSTCHECK static int
read_issuer(struct ce_reader *reader, const config_setting_t *group, struct ce_error *err)
{
	bool good;
	int code = check_name(reader, group, &good, err);
	if (code < 0 || !good)
		return code;

	CE_CLEANUP(ce_issuer_config_release) struct ce_issuer_config issuer = {
		.settings.line = (int)config_setting_source_line(group)
	};
	issuer.name = strdup(config_setting_name(group));
	issuer.settings.file = strdup(reader->file);
	if (!issuer.name || !issuer.settings.file)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");

	CE_CLEANUP(ce_buf_release) struct ce_buf what = CE_BUF_INIT;
	code = ce_buf_addf(&what, err, "issuer '%s'", issuer.name);
	if (code >= 0)
		code = ce_reader_group(reader, group, ce_buf_text(&what), issuer_keys, &issuer, &issuer.settings, err);
	if (code >= 0)
		code = check_kind(reader, group, &issuer, err);
	return code < 0 ? code : append(reader->config, &issuer, err);
}

int
ce_reader_issuers(struct ce_reader *reader, const config_setting_t *issuers, struct ce_error *err)
{
	for (int i = 0; i < config_setting_length(issuers); i++) {
		int code = read_issuer(reader, config_setting_get_elem(issuers, (unsigned)i), err);
		if (code < 0)
			return code;
	}
	return CE_OK;
}
