/* Where the attributes of a start tag lie. The parser has accepted the tag before it is scanned, so
 * what does not fit here is a disagreement between the two readers, and the file is refused. */
#include "edit/xml_internal.h"

#include <string.h>

struct scan {
	const unsigned char *data;
	size_t size;
	size_t at;
};

static bool
is_white(unsigned char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void
skip_white(struct scan *scan)
{
	while (scan->at < scan->size && is_white(scan->data[scan->at]))
		scan->at++;
}

static void
skip_name(struct scan *scan)
{
	while (scan->at < scan->size && !is_white(scan->data[scan->at]) && !strchr("=/>", scan->data[scan->at]))
		scan->at++;
}

static bool
take(struct scan *scan, unsigned char wanted)
{
	if (scan->at >= scan->size || scan->data[scan->at] != wanted)
		return false;

	scan->at++;
	return true;
}

/* name="value", the scan standing on the name. */
static bool
scan_value(struct scan *scan, struct ce_xml_attribute *attribute)
{
	skip_name(scan);
	skip_white(scan);
	if (!take(scan, '='))
		return false;

	skip_white(scan);
	if (scan->at >= scan->size || !strchr("\"'", scan->data[scan->at]))
		return false;

	attribute->quote = (char)scan->data[scan->at++];
	attribute->value_at = scan->at;
	const unsigned char *close = memchr(scan->data + scan->at, attribute->quote, scan->size - scan->at);
	if (!close)
		return false;

	attribute->value_end = (size_t)(close - scan->data);
	scan->at = attribute->value_end + 1;
	return true;
}

static int
disagree(const ce_xml_element *element, struct ce_error *err)
{
	return ce_fail(err, CE_ERR_REFUSED, "line %ld: the start tag of '%s' cannot be taken apart safely", element->line,
		element->name);
}

/* Behind the last attribute: ">" or "/>". */
static bool
scan_close(struct scan *scan, ce_xml_element *element)
{
	skip_white(scan);
	element->empty_tag = take(scan, '/');
	if (!take(scan, '>'))
		return false;

	element->tag_end = scan->at;
	return true;
}

int
ce_xml_scan_start(ce_xml_element *element, const char **values, struct ce_error *err)
{
	const struct ce_buf *bytes = &element->document->bytes;
	struct scan scan = { bytes->data, bytes->size, element->start };
	if (!take(&scan, '<'))
		return disagree(element, err);

	skip_name(&scan);
	element->name_end = scan.at;
	for (size_t i = 0; values[i]; i += 2) {
		struct ce_xml_attribute *attribute = NULL;
		int rc = ce_xml_attribute_new(element, values[i], &attribute, err);
		if (rc < 0)
			return rc;

		attribute->from = scan.at;
		skip_white(&scan);
		size_t name_size = strlen(values[i]);
		bool same = name_size <= scan.size - scan.at && memcmp(scan.data + scan.at, values[i], name_size) == 0;
		if ((!same && element->document->utf8) || !scan_value(&scan, attribute))
			return disagree(element, err);

		attribute->was = strdup(values[i + 1]);
		attribute->now = strdup(values[i + 1]);
		if (!attribute->was || !attribute->now)
			return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	}
	return scan_close(&scan, element) ? CE_OK : disagree(element, err);
}
