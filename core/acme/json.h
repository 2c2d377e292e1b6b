/* Small readers on top of jansson. */
#ifndef CE_ACME_JSON_H
#define CE_ACME_JSON_H

#include <jansson.h>
#include <stdbool.h>

#include "base/buf.h"

/* An object, or NULL when the bytes are no JSON object. */
json_t *ce_json_object(struct ce_bytes bytes);

/* A string member; NULL when it is absent or of another type. Lives as long as the object. */
const char *ce_json_text(const json_t *object, const char *name);

/* Compact text; NULL without memory. Drops the reference to json. The caller frees. */
char *ce_json_steal_text(json_t *json);

#endif
