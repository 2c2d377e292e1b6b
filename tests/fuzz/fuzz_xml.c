/* The XML editor over foreign bytes: what it reads it must be able to edit, and what it writes must
 * read back as meant (ce_xml_apply refuses it otherwise). The input's own bytes choose the edits. */
#include <stdlib.h>

#include "edit/xml.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

struct edits {
	const unsigned char *data;
	size_t size;
	size_t at;
};

static unsigned
next_choice(struct edits *edits)
{
	return edits->data[edits->at++ % edits->size];
}

static int
edit_one(ce_xml *document, ce_xml_element *element, unsigned choice)
{
	ce_xml_element *added = NULL;
	switch (choice % 8) {
	case 0:
		return ce_xml_set(document, element, "port", "8443", NULL);
	case 1:
		return ce_xml_set(document, element, "keystorePass", "<&\"'\t\n\xc3\xa9", NULL);
	case 2:
		return ce_xml_set(document, element, "port", NULL, NULL);
	case 3:
		return ce_xml_add(document, element, ce_xml_child(element), "Certificate", &added, NULL);
	case 4:
		return ce_xml_add(document, element, NULL, "Certificate", &added, NULL);
	case 5:
		return element == ce_xml_root(document) ? CE_OK : ce_xml_drop(document, element, NULL);
	default:
		return CE_OK;
	}
}

static void
edit_all(ce_xml *document, ce_xml_element *element, struct edits *edits)
{
	while (element) {
		ce_xml_element *next = element == ce_xml_root(document) ? NULL : ce_xml_next(element);
		edit_all(document, ce_xml_child(element), edits);
		int rc = edit_one(document, element, next_choice(edits));
		if (rc < 0 && rc != CE_ERR_LIMIT)
			abort();
		element = next;
	}
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct ce_bytes bytes = { data, size };
	CE_CLEANUP(ce_xmlp) ce_xml *document = NULL;
	if (size > CE_XML_BYTES_MAX / 16 || ce_xml_parse(bytes, &document, NULL) < 0)
		return 0;

	struct edits edits = { data, size, 0 };
	CE_CLEANUP(ce_buf_release) struct ce_buf same = CE_BUF_INIT;
	CE_CLEANUP(ce_buf_release) struct ce_buf out = CE_BUF_INIT;
	if (ce_xml_apply(document, &same, NULL) != CE_UNCHANGED)
		abort();
	edit_all(document, ce_xml_root(document), &edits);
	if (ce_xml_apply(document, &out, NULL) < 0)
		abort();
	return 0;
}
