/* XML services: files are read and staged by the engine, parsed and edited here. */
#include <string.h>

#include "edit/xml.h"
#include "plugin/host_call.h"

/* An open document and the file it came from. */
struct document {
	struct ce_kept kept;
	struct document *next;
	ce_xml *xml;
	const char *path;
};

static void
release_document(struct ce_kept *kept)
{
	struct document *document = (struct document *)kept; /* kept is its first member */
	ce_xml_free(document->xml);
	free(document);
}

struct masking {
	ce_call *call;
	int code;
};

static void
mask_attribute(const char *name, const char *value, void *context)
{
	struct masking *masking = context;
	if (masking->code >= 0 && ce_host_is_secret(name, value))
		masking->code = ce_host_mask(masking->call, value);
}

static int
xml_open(ce_call *call, const char *path, ce_xml **ret_document)
{
	struct ce_bytes bytes = { NULL, 0 };
	int code = ce_call_may(call, CE_WIRE_XML_OPEN);
	if (code == CE_OK)
		code = ce_host_read(call, path, CE_XML_BYTES_MAX, &bytes);
	if (code < 0)
		return code;

	const char *kept_path = ce_host_format(call, "%s", path);
	struct document *document = calloc(1, sizeof(*document));
	if (!document || !kept_path) {
		free(document);
		return ce_call_no_memory(call);
	}
	document->path = kept_path;
	ce_call_keep(call, &document->kept, release_document);

	struct ce_error why;
	ce_error_clear(&why);
	if (ce_xml_parse(bytes, &document->xml, &why) < 0) {
		ce_error_wrap(&why, "'%.300s'", path);
		return ce_call_failed(call, &why);
	}
	document->next = call->documents;
	call->documents = document;

	struct masking masking = { call, CE_OK };
	ce_xml_each_attribute(document->xml, mask_attribute, &masking);
	if (masking.code < 0)
		return masking.code;
	*ret_document = document->xml;
	return CE_OK;
}

static bool
holds(const ce_xml_element *top, const ce_xml_element *wanted)
{
	if (top == wanted)
		return true;
	for (const ce_xml_element *child = ce_xml_child(top); child; child = ce_xml_next(child))
		if (holds(child, wanted)) /* at most CE_XML_DEPTH_MAX deep */
			return true;
	return false;
}

/* The document an element belongs to; NULL (and a breach) for one that is in none of this call's. */
static ce_xml *
document_of(ce_call *call, const ce_xml_element *element)
{
	for (struct document *document = call->documents; document && element; document = document->next) {
		const ce_xml_element *root = ce_xml_root(document->xml);
		if (root && holds(root, element))
			return document->xml;
	}
	ce_call_breach(call, "it used an XML element that is in no document it opened");
	return NULL;
}

static int
xml_set(ce_call *call, ce_xml_element *element, const char *name, const char *value)
{
	struct ce_error why;
	ce_error_clear(&why);
	ce_xml *document = document_of(call, element);
	if (!document)
		return CE_ERR_PLUGIN;
	int code = value && ce_host_is_secret(name, value) ? ce_host_mask(call, value) : CE_OK;
	if (code < 0)
		return code;
	code = ce_xml_set(document, element, name, value, &why);
	return code < 0 ? ce_call_failed(call, &why) : code;
}

static int
xml_add(ce_call *call, ce_xml_element *parent, ce_xml_element *before, const char *name, ce_xml_element **ret_element)
{
	struct ce_error why;
	ce_error_clear(&why);
	ce_xml *document = document_of(call, parent);
	if (!document)
		return CE_ERR_PLUGIN;
	int code = ce_xml_add(document, parent, before, name, ret_element, &why);
	return code < 0 ? ce_call_failed(call, &why) : code;
}

static int
xml_drop(ce_call *call, ce_xml_element *element)
{
	struct ce_error why;
	ce_error_clear(&why);
	ce_xml *document = document_of(call, element);
	if (!document)
		return CE_ERR_PLUGIN;
	int code = ce_xml_drop(document, element, &why);
	return code < 0 ? ce_call_failed(call, &why) : code;
}

static int
xml_stage(ce_call *call, ce_xml *xml)
{
	int code = ce_call_may(call, CE_WIRE_XML_STAGE);
	if (code != CE_OK)
		return code;
	struct document *document = call->documents;
	while (document && document->xml != xml)
		document = document->next;
	if (!document)
		return ce_call_breach(call, "it staged an XML document that it did not open");

	struct ce_error why;
	ce_error_clear(&why);
	CE_CLEANUP(ce_buf_release) struct ce_buf bytes = CE_BUF_SECRET;
	code = ce_xml_apply(xml, &bytes, &why);
	if (code < 0) {
		ce_error_wrap(&why, "'%.300s'", document->path);
		return ce_call_failed(call, &why);
	}
	return code == CE_UNCHANGED ? CE_UNCHANGED : ce_host_write(call, document->path, ce_buf_bytes(&bytes), NULL);
}

const struct ce_xml_services ce_host_xml = {
	.size = sizeof(struct ce_xml_services),
	.open = xml_open,
	.root = ce_xml_root,
	.child = ce_xml_child,
	.next = ce_xml_next,
	.name = ce_xml_name,
	.attribute = ce_xml_attribute,
	.line = ce_xml_line,
	.set = xml_set,
	.add = xml_add,
	.drop = xml_drop,
	.stage = xml_stage,
};
