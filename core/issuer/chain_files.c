/* A CA's own certificates in files of the operator: what its answers are completed from. */
#include "base/file.h"
#include "crypto/collect.h"
#include "issuer/drivers.h"

int
ce_issue_chain_files(const char *const *files, struct ce_buf *out, struct ce_error *err)
{
	for (; *files; files++) {
		CE_CLEANUP(ce_buf_release) struct ce_buf bytes = CE_BUF_INIT;
		int code = ce_file_read(*files, CE_COLLECT_BYTES_MAX, &bytes, NULL, err);
		if (code < 0)
			return code;
		code = ce_certificates_add(out, ce_buf_bytes(&bytes), err);
		if (code < 0)
			return ce_error_wrap(err, "chain file '%s'", *files);
	}
	return CE_OK;
}

int
ce_issue_check_paths(const struct ce_issuer_config *issuer, const char *option, struct ce_problems *problems,
	struct ce_error *err)
{
	const struct ce_setting *setting = ce_settings_find(&issuer->settings, option);
	for (size_t i = 0; setting && setting->kind == CE_SETTING_LIST && i < setting->list.count; i++) {
		if (setting->list.items[i][0] == '/')
			continue;
		int code = ce_problems_add(problems, setting->file, setting->line, err,
			"%s of issuer '%s' takes absolute paths, not '%s'", option, issuer->name, setting->list.items[i]);
		if (code < 0)
			return code;
	}
	return CE_OK;
}
