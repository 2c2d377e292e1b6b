#include "acme/json.h"

json_t *
ce_json_object(struct ce_bytes bytes)
{
	json_t *json = json_loadb((const char *)bytes.data, bytes.size, 0, NULL);
	if (json_is_object(json))
		return json;
	json_decref(json);
	return NULL;
}

const char *
ce_json_text(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

char *
ce_json_steal_text(json_t *json)
{
	char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
	json_decref(json);
	return text;
}
