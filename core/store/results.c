#include <stdlib.h>

#include "store/record.h"

static const struct ce_member target_members[] = {
	{ "generation", CE_MEMBER_LONG, offsetof(struct ce_target_result, generation), NULL, 0 },
	{ "when", CE_MEMBER_MOMENT, offsetof(struct ce_target_result, when), NULL, 0 },
	{ "failure_step", CE_MEMBER_TEXT, offsetof(struct ce_target_result, failure_step), NULL, 0 },
	{ "failure", CE_MEMBER_TEXT, offsetof(struct ce_target_result, failure), NULL, 0 },
	{ "failed_at", CE_MEMBER_MOMENT, offsetof(struct ce_target_result, failed_at), NULL, 0 },
	{ NULL, 0, 0, NULL, 0 },
};

static int
target_path(const char *certificate, const char *target, struct ce_store_path *ret_path, struct ce_error *err)
{
	int code = ce_store_name_check("target", target, err);
	return code < 0 ? code : ce_store_certificate_path(certificate, ret_path, err, "targets/%s/result.json", target);
}

int
ce_store_target_result(struct ce_store *store, const char *certificate, const char *target,
	struct ce_target_result *ret_result, struct ce_error *err)
{
	struct ce_store_path path;
	int code = target_path(certificate, target, &path, err);
	if (code < 0)
		return code;
	struct ce_target_result result = { 0 };
	code = ce_record_get(store, path.text, target_members, &result, err);
	if (code < 0) {
		ce_target_result_release(&result);
		ce_error_forget(err);
	}
	*ret_result = result;
	return CE_OK;
}

int
ce_store_target_result_put(struct ce_store *store, const char *certificate, const char *target,
	const struct ce_target_result *result, struct ce_error *err)
{
	struct ce_store_path path;
	int code = target_path(certificate, target, &path, err);
	return code < 0 ? code : ce_record_put(store, path.text, target_members, result, err);
}

void
ce_target_result_release(struct ce_target_result *result)
{
	free(result->failure_step);
	free(result->failure);
	*result = (struct ce_target_result){ 0 };
}
