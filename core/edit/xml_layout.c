/* How the bytes around an element are laid out: lines, indentation, line ends. */
#include "edit/xml_internal.h"

#include <string.h>

static bool
is_line_end(unsigned char c)
{
	return c == '\n' || c == '\r';
}

static bool
is_blank(unsigned char c)
{
	return c == ' ' || c == '\t';
}

/* Where the first line begins: behind the byte order mark, if there is one. */
static size_t
first_line(const ce_xml *document)
{
	return document->bytes.size >= 3 && memcmp(document->bytes.data, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}

/* Where the blanks before at begin. */
static size_t
before_blanks(const ce_xml *document, size_t at)
{
	while (at > first_line(document) && is_blank(document->bytes.data[at - 1]))
		at--;
	return at;
}

static size_t
behind_blanks(const ce_xml *document, size_t at)
{
	while (at < document->bytes.size && is_blank(document->bytes.data[at]))
		at++;
	return at;
}

/* Whether only blanks stand before it on its line. */
bool
ce_xml_at_line_start(const ce_xml *document, size_t at)
{
	size_t start = before_blanks(document, at);
	return start == first_line(document) || is_line_end(document->bytes.data[start - 1]);
}

/* Where the line begins on which it is the first thing. */
size_t
ce_xml_line_start(const ce_xml *document, size_t at)
{
	return before_blanks(document, at);
}

/* Whether only blanks follow on the line; ret_behind: behind its end. */
bool
ce_xml_line_ends(const ce_xml *document, size_t at, size_t *ret_behind)
{
	const unsigned char *data = document->bytes.data;
	size_t end = behind_blanks(document, at);
	if (end >= document->bytes.size || !is_line_end(data[end]))
		return false;

	bool pair = data[end] == '\r' && end + 1 < document->bytes.size && data[end + 1] == '\n';
	*ret_behind = end + (pair ? 2 : 1);
	return true;
}

/* Behind the comments that follow on the same line: they speak of what stands before them. */
size_t
ce_xml_behind_comments(const ce_xml *document, size_t at)
{
	const unsigned char *data = document->bytes.data;
	size_t size = document->bytes.size;
	for (;;) {
		size_t start = behind_blanks(document, at);
		if (start + 7 > size || memcmp(data + start, "<!--", 4) != 0)
			return at;
		size_t end = start + 4;
		while (end + 3 <= size && !is_line_end(data[end]) && memcmp(data + end, "-->", 3) != 0)
			end++;
		if (end + 3 > size || is_line_end(data[end]))
			return at;
		at = end + 3;
	}
}

/* How the line before at ends, else the next one. */
const char *
ce_xml_line_end_near(const ce_xml *document, size_t at)
{
	const unsigned char *data = document->bytes.data;
	size_t size = document->bytes.size;
	size_t i = at;
	while (i > 0 && !is_line_end(data[i - 1]))
		i--;
	if (i > 0) {
		i--;
	} else {
		while (i < size && !is_line_end(data[i]))
			i++;
		if (i + 1 < size && data[i] == '\r' && data[i + 1] == '\n')
			i++;
	}
	if (i >= size || (data[i] == '\n' && (i == 0 || data[i - 1] != '\r')))
		return "\n";
	return data[i] == '\n' ? "\r\n" : "\r";
}

/* The blanks before an element that is the first thing on its line; empty for others. */
struct ce_bytes
ce_xml_indent(const ce_xml_element *element)
{
	const ce_xml *document = element->document;
	struct ce_bytes none = { NULL, 0 };
	if (element->added || !ce_xml_at_line_start(document, element->start))
		return none;

	size_t start = before_blanks(document, element->start);
	struct ce_bytes indent = { document->bytes.data + start, element->start - start };
	return indent;
}

static const ce_xml_element *
first_on_line(const ce_xml_element *parent)
{
	for (const ce_xml_element *child = parent->first; child; child = child->following)
		if (!child->added && ce_xml_at_line_start(parent->document, child->start))
			return child;
	return NULL;
}

/* By how much the first children are indented deeper than the root; two blanks if nothing tells. */
struct ce_bytes
ce_xml_indent_unit(const ce_xml *document)
{
	struct ce_bytes unit = { (const unsigned char *)"  ", 2 };
	const ce_xml_element *child = first_on_line(document->root);
	if (!child)
		return unit;

	struct ce_bytes outer = ce_xml_indent(document->root);
	struct ce_bytes inner = ce_xml_indent(child);
	if (inner.size < outer.size || (outer.size > 0 && memcmp(inner.data, outer.data, outer.size) != 0))
		return unit;

	unit.data = inner.data + outer.size;
	unit.size = inner.size - outer.size;
	return unit;
}

/* The indentation for a new child: that of a child on a line of its own, else one unit more than the parent's. */
int
ce_xml_child_indent(const ce_xml_element *parent, struct ce_buf *ret_indent, struct ce_error *err)
{
	const ce_xml_element *child = first_on_line(parent);
	struct ce_bytes indent = ce_xml_indent(child ? child : parent);
	int rc = ce_buf_add(ret_indent, indent.data, indent.size, err);
	if (rc < 0 || child)
		return rc;

	struct ce_bytes unit = ce_xml_indent_unit(parent->document);
	return ce_buf_add(ret_indent, unit.data, unit.size, err);
}
