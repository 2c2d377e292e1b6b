/* Text services: files are read and staged by the engine, scanned and edited here. */
#include <string.h>
#include <strings.h>

#include "edit/text.h"
#include "plugin/host_call.h"

/* An open document and the file it came from. */
struct text_document {
	struct ce_kept kept;
	struct text_document *next;
	ce_text *text;
	const char *path;
};

static void
release_document(struct ce_kept *kept)
{
	struct text_document *document = (struct text_document *)kept; /* kept is its first member */
	ce_text_free(document->text);
	free(document);
}

static int
failed_at(ce_call *call, struct ce_error *why, const char *path)
{
	ce_error_wrap(why, "'%.300s'", path);
	return ce_call_failed(call, why);
}

CE_MUSTCHECK static int
mask_values(ce_call *call, ce_text *text)
{
	int code = CE_OK;
	for (ce_text_entry *entry = ce_text_first(text); entry && code >= 0; entry = ce_text_next(entry)) {
		const char *value = NULL;
		for (size_t i = 0; code >= 0 && (value = ce_text_value(entry, i)) != NULL; i++)
			if (ce_host_is_secret(ce_text_key(entry), value))
				code = ce_host_mask(call, value);
	}
	return code;
}

static int
text_open(ce_call *call, const char *path, int syntax, ce_text **ret_document)
{
	struct ce_bytes bytes = { NULL, 0 };
	int code = ce_call_may(call, CE_WIRE_TEXT_OPEN);
	if (code == CE_OK)
		code = ce_host_read(call, path, CE_TEXT_BYTES_MAX, &bytes);
	if (code < 0)
		return code;

	const char *kept_path = ce_host_format(call, "%s", path);
	struct text_document *document = calloc(1, sizeof(*document));
	if (!document || !kept_path) {
		free(document);
		return ce_call_no_memory(call);
	}
	document->path = kept_path;
	ce_call_keep(call, &document->kept, release_document);

	struct ce_error why;
	ce_error_clear(&why);
	if (ce_text_open(bytes, syntax, &document->text, &why) < 0)
		return failed_at(call, &why, path);
	document->next = call->texts;
	call->texts = document;
	code = mask_values(call, document->text);
	if (code < 0)
		return code;
	*ret_document = document->text;
	return CE_OK;
}

static struct text_document *
opened(ce_call *call, const ce_text *text)
{
	struct text_document *document = call->texts;
	while (document && document->text != text)
		document = document->next;
	if (!document)
		ce_call_breach(call, "it used a text that it did not open");
	return document;
}

/* The document an entry belongs to; NULL (and a breach) for one that is in none of this call's. */
static struct text_document *
document_of(ce_call *call, const ce_text_entry *entry)
{
	for (struct text_document *document = call->texts; document; document = document->next)
		if (ce_text_holds(document->text, entry))
			return document;
	ce_call_breach(call, "it used an entry that is in no text it opened");
	return NULL;
}

static int
mask_one(ce_call *call, const char *key, const char *value)
{
	return value && ce_host_is_secret(key, value) ? ce_host_mask(call, value) : CE_OK;
}

static int
text_set(ce_call *call, ce_text *text, const char *section, const char *key, const char *value)
{
	struct ce_error why;
	ce_error_clear(&why);
	struct text_document *document = opened(call, text);
	if (!document)
		return CE_ERR_PLUGIN;
	int code = mask_one(call, key, value);
	if (code < 0)
		return code;
	code = ce_text_set(text, section, key, value, &why);
	return code < 0 ? failed_at(call, &why, document->path) : code;
}

static int
text_change(ce_call *call, ce_text_entry *entry, size_t index, const char *value)
{
	struct ce_error why;
	ce_error_clear(&why);
	struct text_document *document = document_of(call, entry);
	if (!document)
		return CE_ERR_PLUGIN;
	int code = mask_one(call, ce_text_key(entry), value);
	if (code < 0)
		return code;
	code = ce_text_change(document->text, entry, index, value, &why);
	return code < 0 ? failed_at(call, &why, document->path) : code;
}

static int
text_add(ce_call *call, ce_text *text, ce_text_entry *parent, const char *section, const char *key,
	const char *const *values, ce_text_entry **ret_entry)
{
	struct ce_error why;
	ce_error_clear(&why);
	struct text_document *document = opened(call, text);
	if (!document)
		return CE_ERR_PLUGIN;
	if (parent && !ce_text_holds(text, parent))
		return ce_call_breach(call, "it added to a block that is not in the text");
	int code = CE_OK;
	for (const char *const *value = values; *value && code >= 0; value++)
		code = mask_one(call, key, *value);
	if (code < 0)
		return code;
	code = ce_text_add(text, parent, section, key, values, ret_entry, &why);
	return code < 0 ? failed_at(call, &why, document->path) : code;
}

static int
text_drop(ce_call *call, ce_text_entry *entry)
{
	struct ce_error why;
	ce_error_clear(&why);
	struct text_document *document = document_of(call, entry);
	if (!document)
		return CE_ERR_PLUGIN;
	int code = ce_text_drop(document->text, entry, &why);
	return code < 0 ? failed_at(call, &why, document->path) : code;
}

static int
text_stage(ce_call *call, ce_text *text)
{
	int code = ce_call_may(call, CE_WIRE_TEXT_STAGE);
	if (code != CE_OK)
		return code;
	struct text_document *document = opened(call, text);
	if (!document)
		return CE_ERR_PLUGIN;
	if (!ce_text_changed(text))
		return CE_UNCHANGED;
	return ce_host_write(call, document->path, ce_text_bytes(text), NULL);
}

const struct ce_text_services ce_host_text = {
	.size = sizeof(struct ce_text_services),
	.open = text_open,
	.first = ce_text_first,
	.next = ce_text_next,
	.parent = ce_text_parent,
	.section = ce_text_section,
	.key = ce_text_key,
	.value = ce_text_value,
	.line = ce_text_line,
	.find = ce_text_find,
	.set = text_set,
	.change = text_change,
	.add = text_add,
	.drop = text_drop,
	.stage = text_stage,
};
