#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "store/tree.h"

static void
jsonp(json_t **value)
{
	json_decref(*value);
	*value = NULL;
}

/* One member of a result and where it lies in the struct. */
enum member_kind { MEMBER_INT, MEMBER_LONG, MEMBER_MOMENT, MEMBER_TEXT };

struct member {
	const char *name;
	enum member_kind kind;
	size_t offset;
};

static const struct member target_members[] = {
	{ "generation", MEMBER_LONG, offsetof(struct ce_target_result, generation) },
	{ "when", MEMBER_MOMENT, offsetof(struct ce_target_result, when) },
	{ "failure_step", MEMBER_TEXT, offsetof(struct ce_target_result, failure_step) },
	{ "failure", MEMBER_TEXT, offsetof(struct ce_target_result, failure) },
	{ "failed_at", MEMBER_MOMENT, offsetof(struct ce_target_result, failed_at) },
	{ NULL, 0, 0 },
};

static const struct member issue_members[] = {
	{ "issuer", MEMBER_TEXT, offsetof(struct ce_issue_result, issuer) },
	{ "failures", MEMBER_INT, offsetof(struct ce_issue_result, failures) },
	{ "not_before", MEMBER_MOMENT, offsetof(struct ce_issue_result, not_before) },
	{ "failure_step", MEMBER_TEXT, offsetof(struct ce_issue_result, failure_step) },
	{ "failure", MEMBER_TEXT, offsetof(struct ce_issue_result, failure) },
	{ "failed_at", MEMBER_MOMENT, offsetof(struct ce_issue_result, failed_at) },
	{ NULL, 0, 0 },
};

static void *
at(void *result, const struct member *member)
{
	return (char *)result + member->offset;
}

/* JSON holds valid UTF-8 only, and a failure may quote anything: bad bytes are made visible first. */
static json_t *
text_value(const char *text)
{
	if (!text)
		return json_null();
	char printable[CE_ERROR_TEXT_MAX];
	ce_text_printable(printable, sizeof(printable), text);
	return json_string(printable);
}

static json_t *
member_value(const void *field, enum member_kind kind)
{
	switch (kind) {
	case MEMBER_INT:
		return json_integer(*(const int *)field);
	case MEMBER_LONG:
		return json_integer(*(const long *)field);
	case MEMBER_MOMENT:
		return json_integer(*(const long long *)field);
	case MEMBER_TEXT:
		return text_value(*(char *const *)field);
	}
	return NULL;
}

static int
put_result(struct ce_store *store, const char *path, const struct member *members, const void *result,
	struct ce_error *err)
{
	CE_CLEANUP(jsonp) json_t *object = json_object();
	for (const struct member *member = members; member->name; member++)
		if (json_object_set_new(object, member->name, member_value((const char *)result + member->offset, member->kind)))
			return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	CE_CLEANUP(ce_freep) char *text = json_dumps(object, JSON_INDENT(2));
	if (!text)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	return ce_store_write(store, path, (struct ce_bytes){ (const unsigned char *)text, strlen(text) }, err);
}

/* False for a value of the wrong type or memory that ran out: the file counts as damaged. */
static bool
take_member(const json_t *value, const struct member *member, void *result)
{
	if (!value || json_is_null(value))
		return true;
	if (member->kind == MEMBER_TEXT) {
		if (!json_is_string(value))
			return false;
		char *text = strdup(json_string_value(value));
		*(char **)at(result, member) = text;
		return text != NULL;
	}
	if (!json_is_integer(value))
		return false;
	long long number = json_integer_value(value);
	if (member->kind == MEMBER_INT)
		*(int *)at(result, member) = number < 0 ? 0 : number > INT_MAX ? INT_MAX : (int)number;
	else if (member->kind == MEMBER_LONG)
		*(long *)at(result, member) = (long)number;
	else
		*(long long *)at(result, member) = number;
	return true;
}

/* CE_ERR_NOT_FOUND also for a damaged file, which is reported: a result that cannot be read must not
 * keep a certificate from being deployed. */
static int
get_result(struct ce_store *store, const char *path, const struct member *members, void *result, struct ce_error *err)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf text = CE_BUF_INIT;
	int code = ce_store_read(store, path, &text, err);
	if (code == CE_ERR_NOT_FOUND)
		return code;
	if (code < 0) {
		ce_log(CE_LOG_WARNING, "a stored result counts as absent: %s", err ? err->text : path);
		return CE_ERR_NOT_FOUND;
	}

	json_error_t problem;
	CE_CLEANUP(jsonp) json_t *object = json_loadb((const char *)text.data, text.size, JSON_REJECT_DUPLICATES, &problem);
	bool good = json_is_object(object);
	for (const struct member *member = members; good && member->name; member++)
		good = take_member(json_object_get(object, member->name), member, result);
	if (good)
		return CE_OK;
	ce_log(CE_LOG_WARNING, "a stored result counts as absent: '%s/%s' is damaged", store->directory, path);
	return CE_ERR_NOT_FOUND;
}

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
	code = get_result(store, path.text, target_members, &result, err);
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
	return code < 0 ? code : put_result(store, path.text, target_members, result, err);
}

void
ce_target_result_release(struct ce_target_result *result)
{
	free(result->failure_step);
	free(result->failure);
	*result = (struct ce_target_result){ 0 };
}

int
ce_store_issue_result(struct ce_store *store, const char *certificate, struct ce_issue_result *ret_result,
	struct ce_error *err)
{
	struct ce_store_path path;
	int code = ce_store_certificate_path(certificate, &path, err, "issue.json");
	if (code < 0)
		return code;
	struct ce_issue_result result = { 0 };
	code = get_result(store, path.text, issue_members, &result, err);
	if (code < 0) {
		ce_issue_result_release(&result);
		ce_error_forget(err);
	}
	*ret_result = result;
	return CE_OK;
}

int
ce_store_issue_result_put(struct ce_store *store, const char *certificate, const struct ce_issue_result *result,
	struct ce_error *err)
{
	struct ce_store_path path;
	int code = ce_store_certificate_path(certificate, &path, err, "issue.json");
	return code < 0 ? code : put_result(store, path.text, issue_members, result, err);
}

void
ce_issue_result_release(struct ce_issue_result *result)
{
	free(result->issuer);
	free(result->failure_step);
	free(result->failure);
	*result = (struct ce_issue_result){ 0 };
}
