#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "store/record.h"

static void *
at(void *result, const struct ce_member *member)
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
member_value(const void *field, enum ce_member_kind kind)
{
	switch (kind) {
	case CE_MEMBER_INT:
		return json_integer(*(const int *)field);
	case CE_MEMBER_LONG:
		return json_integer(*(const long *)field);
	case CE_MEMBER_MOMENT:
		return json_integer(*(const long long *)field);
	case CE_MEMBER_TEXT:
		return text_value(*(char *const *)field);
	default:
		return NULL;
	}
}

static json_t *object_value(const struct ce_member *members, const void *result);

static json_t *
list_value(const struct ce_record_list *list, const struct ce_member *member)
{
	CE_CLEANUP(json_decrefp) json_t *array = json_array();
	for (size_t i = 0; i < list->count; i++)
		if (json_array_append_new(array, object_value(member->rows, (const char *)list->items + i * member->size)))
			return NULL;
	return CE_STEAL(array);
}

/* Lists do not nest: the tables say how deep it goes. */
static json_t *
object_value(const struct ce_member *members, const void *result)
{
	CE_CLEANUP(json_decrefp) json_t *object = json_object();
	for (const struct ce_member *member = members; member->name; member++) {
		const void *field = (const char *)result + member->offset;
		json_t *value = member->kind == CE_MEMBER_LIST ? list_value(field, member) : member_value(field, member->kind);
		if (json_object_set_new(object, member->name, value))
			return NULL;
	}
	return CE_STEAL(object);
}

int
ce_record_put(struct ce_store *store, const char *path, const struct ce_member *members, const void *result,
	struct ce_error *err)
{
	CE_CLEANUP(json_decrefp) json_t *object = object_value(members, result);
	if (!object)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	CE_CLEANUP(ce_freep) char *text = json_dumps(object, JSON_INDENT(2));
	if (!text)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	return ce_store_write(store, path, (struct ce_bytes){ (const unsigned char *)text, strlen(text) }, err);
}

static bool take_list(const json_t *value, const struct ce_member *member, struct ce_record_list *list);

/* False for a value of the wrong type or memory that ran out: the file counts as damaged. */
static bool
take_member(const json_t *value, const struct ce_member *member, void *result)
{
	if (!value || json_is_null(value))
		return true;
	if (member->kind == CE_MEMBER_TEXT) {
		if (!json_is_string(value))
			return false;
		char *text = strdup(json_string_value(value));
		*(char **)at(result, member) = text;
		return text != NULL;
	}
	if (member->kind == CE_MEMBER_LIST)
		return take_list(value, member, at(result, member));
	if (!json_is_integer(value))
		return false;
	long long number = json_integer_value(value);
	if (member->kind == CE_MEMBER_INT)
		*(int *)at(result, member) = number < 0 ? 0 : number > INT_MAX ? INT_MAX : (int)number;
	else if (member->kind == CE_MEMBER_LONG)
		*(long *)at(result, member) = (long)number;
	else
		*(long long *)at(result, member) = number;
	return true;
}

static bool
take_members(const json_t *object, const struct ce_member *members, void *result)
{
	bool good = json_is_object(object);
	for (const struct ce_member *member = members; good && member->name; member++)
		good = take_member(json_object_get(object, member->name), member, result);
	return good;
}

/* The count grows with each element, so that whoever releases the record finds what a damaged one holds. */
static bool
take_list(const json_t *value, const struct ce_member *member, struct ce_record_list *list)
{
	if (!json_is_array(value))
		return false;
	list->items = calloc(json_array_size(value) + 1, member->size);
	bool good = list->items != NULL;
	for (size_t i = 0; good && i < json_array_size(value); i++)
		good = take_members(json_array_get(value, i), member->rows, (char *)list->items + list->count++ * member->size);
	return good;
}

int
ce_record_get(struct ce_store *store, const char *path, const struct ce_member *members, void *result,
	struct ce_error *err)
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
	CE_CLEANUP(json_decrefp) json_t *object = json_loadb((const char *)text.data, text.size, JSON_REJECT_DUPLICATES, &problem);
	if (take_members(object, members, result))
		return CE_OK;
	ce_log(CE_LOG_WARNING, "a stored result counts as absent: '%s/%s' is damaged", store->directory, path);
	return CE_ERR_NOT_FOUND;
}
