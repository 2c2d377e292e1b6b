#include <string.h>

#include "base/text.h"
#include "config/reader.h"

#define DEADLINE_DEFAULT 60
#define DEADLINE_MAX 3600

#define AT(member) offsetof(struct ce_target_config, member)

static const struct ce_key verify_keys[] = {
	{ "endpoints", CE_KEY_LIST, AT(verify.endpoints), NULL },
	{ "deadline", CE_KEY_INT, AT(verify.deadline_s), NULL },
	{ "off", CE_KEY_STRING, AT(verify.off), NULL },
	{ NULL, 0, 0, NULL },
};

static const struct ce_key target_keys[] = {
	{ "plugin", CE_KEY_STRING, AT(plugin), NULL },
	{ "host", CE_KEY_STRING, AT(host), NULL },
	{ "verify", CE_KEY_GROUP, 0, verify_keys },
	{ NULL, 0, 0, NULL },
};

void
ce_target_config_release(struct ce_target_config *target)
{
	free(target->name);
	free(target->plugin);
	free(target->host);
	ce_strlist_release(&target->verify.endpoints);
	free(target->verify.off);
	ce_settings_release(&target->settings);
	free(target->file);
	memset(target, 0, sizeof(*target));
}

CE_MUSTCHECK static int
check_plugin(struct ce_reader *reader, const config_setting_t *group, const struct ce_target_config *target,
	struct ce_error *err)
{
	static const char *const plugin[] = { "plugin", NULL };
	if (target->plugin && ce_name_is_plain(target->plugin))
		return CE_OK;
	if (target->plugin)
		return ce_reader_complain(reader, ce_reader_place(group, "plugin"), err,
			"'%s' cannot be the name of a plugin: lower-case letters, digits and '-'", target->plugin);
	if (config_setting_get_member(group, "plugin"))
		return CE_OK; /* its value is a finding already */

	for (size_t i = 0; i < target->settings.count; i++) {
		const struct ce_setting *setting = &target->settings.items[i];
		if (ce_text_nearest(setting->name, plugin))
			return ce_problems_add(reader->problems, reader->file, setting->line, err,
				"unknown key '%s' in target '%s', did you mean 'plugin'?", setting->name, target->name);
	}
	return ce_reader_complain(reader, group, err,
		"target '%s' needs a 'plugin'; `certengine plugin list` shows them", target->name);
}

/* The word "local" is the same as no host at all. */
CE_MUSTCHECK static int
check_host(struct ce_reader *reader, const config_setting_t *group, struct ce_target_config *target,
	struct ce_error *err)
{
	if (!target->host)
		return CE_OK;
	CE_CLEANUP(ce_freep) char *said = CE_STEAL(target->host);
	if (strcmp(said, "local") == 0)
		return CE_OK;
	return ce_reader_host(reader, ce_reader_place(group, "host"), said, &target->host, err);
}

CE_MUSTCHECK static int
check_endpoints(struct ce_reader *reader, const config_setting_t *place, const struct ce_verify_config *verify,
	struct ce_error *err)
{
	for (size_t i = 0; i < verify->endpoints.count; i++) {
		CE_CLEANUP(ce_endpoint_config_release) struct ce_endpoint_config endpoint = { NULL, 0, NULL };
		struct ce_error why = { .code = CE_OK };
		int code = ce_endpoint_config_parse(verify->endpoints.items[i], &endpoint, &why);
		if (code == CE_ERR_INVALID)
			code = ce_reader_complain(reader, place, err, "%s", why.text);
		if (code < 0)
			return code;
	}
	return CE_OK;
}

CE_MUSTCHECK static int
check_verify(struct ce_reader *reader, const config_setting_t *group, const struct ce_target_config *target,
	struct ce_error *err)
{
	const config_setting_t *place = config_setting_get_member(group, "verify");
	if (!place || !config_setting_is_group(place))
		return CE_OK;

	const struct ce_verify_config *verify = &target->verify;
	int code = CE_OK;
	if (verify->deadline_s < 1 || verify->deadline_s > DEADLINE_MAX)
		code = ce_reader_complain(reader, ce_reader_place(place, "deadline"), err,
			"'deadline' must lie between 1 and %d seconds, not %d", DEADLINE_MAX, verify->deadline_s);
	if (code >= 0 && verify->off && config_setting_length(place) > 1)
		code = ce_reader_complain(reader, place, err,
			"verification of target '%s' is off, so nothing else may stand in 'verify'", target->name);
	if (code >= 0)
		code = check_endpoints(reader, ce_reader_place(place, "endpoints"), verify, err);
	return code;
}

CE_MUSTCHECK static int
append(struct ce_certificate_config *certificate, struct ce_target_config *target, struct ce_error *err)
{
	struct ce_target_config *items
		= realloc(certificate->targets, (certificate->target_count + 1) * sizeof(*items));
	if (!items)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	certificate->targets = items;
	items[certificate->target_count++] = *target;
	memset(target, 0, sizeof(*target));
	return CE_OK;
}

CE_MUSTCHECK static int
begin(struct ce_reader *reader, const config_setting_t *group, struct ce_target_config *target, struct ce_error *err)
{
	target->verify.deadline_s = DEADLINE_DEFAULT;
	target->line = target->settings.line = (int)config_setting_source_line(group);
	target->name = strdup(config_setting_name(group));
	target->file = strdup(reader->file);
	target->settings.file = strdup(reader->file);
	if (!target->name || !target->file || !target->settings.file)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	return CE_OK;
}

CE_MUSTCHECK static int
read_target(struct ce_reader *reader, const config_setting_t *group, struct ce_certificate_config *certificate,
	struct ce_error *err)
{
	bool good;
	int code = ce_reader_is_group(reader, group, &good, err);
	if (code < 0 || !good)
		return code;
	if (!ce_name_is_label(config_setting_name(group)))
		return ce_reader_complain(reader, group, err,
			"'%s' cannot be the name of a target: at most 64 letters, digits, '-' and '_'",
			config_setting_name(group));

	CE_CLEANUP(ce_target_config_release) struct ce_target_config target = { .name = NULL };
	CE_CLEANUP(ce_buf_release) struct ce_buf what = CE_BUF_INIT;
	code = begin(reader, group, &target, err);
	if (code >= 0)
		code = ce_buf_addf(&what, err, "target '%s'", target.name);
	if (code >= 0)
		code = ce_reader_group(reader, group, ce_buf_text(&what), target_keys, &target, &target.settings, err);
	if (code >= 0)
		code = check_plugin(reader, group, &target, err);
	if (code >= 0)
		code = check_host(reader, group, &target, err);
	if (code >= 0)
		code = check_verify(reader, group, &target, err);
	if (code < 0 || !target.plugin)
		return code; /* without its plugin nobody can judge the rest */
	return append(certificate, &target, err);
}

int
ce_reader_targets(struct ce_reader *reader, const config_setting_t *targets, struct ce_certificate_config *certificate,
	struct ce_error *err)
{
	for (int i = 0; i < config_setting_length(targets); i++) {
		int code = read_target(reader, config_setting_get_elem(targets, (unsigned)i), certificate, err);
		if (code < 0)
			return code;
	}
	return CE_OK;
}
