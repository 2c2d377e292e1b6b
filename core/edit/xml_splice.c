/* Writing the recorded changes into the original bytes. Everything between two changes is copied as it
 * stands; the walk is in document order, so the copy only ever moves forward. */
#include "edit/xml_internal.h"

#include <string.h>

struct splice {
	const ce_xml *document;
	struct ce_buf *out;
	size_t copied; /* up to here the original is copied or left out */
	struct ce_error *err;
};

static int
put(struct splice *splice, const char *text)
{
	return ce_buf_adds(splice->out, text, splice->err);
}

static int
put_bytes(struct splice *splice, struct ce_bytes bytes)
{
	return ce_buf_add(splice->out, bytes.data, bytes.size, splice->err);
}

static int
copy_to(struct splice *splice, size_t at)
{
	if (at <= splice->copied)
		return CE_OK;

	const unsigned char *from = splice->document->bytes.data + splice->copied;
	size_t size = at - splice->copied;
	splice->copied = at;
	return ce_buf_add(splice->out, from, size, splice->err);
}

/* Copies up to from and leaves out what is between from and to. */
static int
cut(struct splice *splice, size_t from, size_t to)
{
	int rc = copy_to(splice, from);
	if (rc >= 0 && to > splice->copied)
		splice->copied = to;
	return rc;
}

/* One character as a reference if it may not stand as it is (XML 1.0 sections 2.4, 3.3.3); the number of
 * bytes it has in UTF-8, or an error. The value is valid UTF-8: ce_xml_set made sure. */
static int
put_character(struct splice *splice, const unsigned char *at, char quote)
{
	static const struct {
		char character;
		const char *reference;
	} references[] = {
		{ '&', "&amp;" }, { '<', "&lt;" }, { '"', "&quot;" }, { '\'', "&apos;" },
		{ '\t', "&#9;" }, { '\n', "&#10;" }, { '\r', "&#13;" },
	};
	for (size_t i = 0; i < CE_COUNT(references); i++) {
		bool is_quote = references[i].character == '"' || references[i].character == '\'';
		if (*at == references[i].character && (!is_quote || *at == quote)) {
			int rc = put(splice, references[i].reference);
			return rc < 0 ? rc : 1;
		}
	}

	int length = *at < 0x80 ? 1 : *at < 0xe0 ? 2 : *at < 0xf0 ? 3 : 4;
	int rc = CE_OK;
	if (length == 1 || splice->document->utf8) {
		rc = ce_buf_add(splice->out, at, (size_t)length, splice->err);
	} else {
		unsigned value = *at & (0xffu >> (length + 1));
		for (int i = 1; i < length; i++)
			value = value << 6 | (at[i] & 0x3fu);
		rc = ce_buf_addf(splice->out, splice->err, "&#x%X;", value);
	}
	return rc < 0 ? rc : length;
}

static int
put_value(struct splice *splice, const char *value, char quote)
{
	const unsigned char *at = (const unsigned char *)value;
	while (*at != '\0') {
		int length = put_character(splice, at, quote);
		if (length < 0)
			return length;
		at += length;
	}
	return CE_OK;
}

static int
put_attribute(struct splice *splice, struct ce_bytes separator, const struct ce_xml_attribute *attribute, char quote)
{
	char marks[2] = { quote, '\0' };
	int rc = put_bytes(splice, separator);
	if (rc >= 0)
		rc = put(splice, attribute->name);
	if (rc >= 0)
		rc = put(splice, "=");
	if (rc >= 0)
		rc = put(splice, marks);
	if (rc >= 0)
		rc = put_value(splice, attribute->now, quote);
	if (rc >= 0)
		rc = put(splice, marks);
	return rc;
}

/* An attribute that was read: removed with its leading white space, or its value replaced. */
static int
splice_attribute(struct splice *splice, const struct ce_xml_attribute *attribute)
{
	if (!attribute->now)
		return cut(splice, attribute->from, attribute->value_end + 1);
	if (strcmp(attribute->was, attribute->now) == 0)
		return CE_OK;

	int rc = cut(splice, attribute->value_at, attribute->value_end);
	return rc < 0 ? rc : put_value(splice, attribute->now, attribute->quote);
}

/* The white space before the last attribute that was read, and its quote. */
static void
attribute_style(const ce_xml_element *element, struct ce_bytes *ret_separator, char *ret_quote, size_t *ret_behind)
{
	const unsigned char *data = element->document->bytes.data;
	struct ce_bytes separator = { (const unsigned char *)" ", 1 };
	*ret_quote = '"';
	*ret_behind = element->name_end;
	for (size_t i = 0; i < element->attribute_count; i++) {
		const struct ce_xml_attribute *attribute = &element->attributes[i];
		if (!attribute->was)
			continue;
		separator.data = data + attribute->from;
		separator.size = strspn((const char *)separator.data, " \t\r\n");
		*ret_quote = attribute->quote;
		*ret_behind = attribute->value_end + 1;
	}
	*ret_separator = separator;
}

static int
splice_start_tag(struct splice *splice, const ce_xml_element *element)
{
	struct ce_bytes separator = { NULL, 0 };
	char quote = '"';
	size_t behind = 0;
	attribute_style(element, &separator, &quote, &behind);
	for (size_t i = 0; i < element->attribute_count; i++) {
		const struct ce_xml_attribute *attribute = &element->attributes[i];
		int rc = CE_OK;
		if (attribute->was) {
			rc = splice_attribute(splice, attribute);
		} else if (attribute->now) {
			rc = copy_to(splice, behind);
			if (rc >= 0)
				rc = put_attribute(splice, separator, attribute, quote);
		}
		if (rc < 0)
			return rc;
	}
	return CE_OK;
}

/* A line end and an indentation: what stands between two added things. NULL: all on one line. */
struct margin {
	const char *line_end;
	struct ce_bytes indent;
};

static int
put_margin(struct splice *splice, const struct margin *margin)
{
	if (!margin)
		return CE_OK;

	int rc = put(splice, margin->line_end);
	return rc < 0 ? rc : put_bytes(splice, margin->indent);
}

static int put_element(struct splice *splice, const ce_xml_element *element, const struct margin *margin);

static int
put_content(struct splice *splice, const ce_xml_element *element, const struct margin *margin)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf indent = CE_BUF_INIT;
	struct margin inner = { NULL, { NULL, 0 } };
	int rc = CE_OK;
	if (margin) {
		struct ce_bytes unit = ce_xml_indent_unit(splice->document);
		rc = ce_buf_add(&indent, margin->indent.data, margin->indent.size, splice->err);
		if (rc >= 0)
			rc = ce_buf_add(&indent, unit.data, unit.size, splice->err);
		inner.line_end = margin->line_end;
		inner.indent = ce_buf_bytes(&indent);
	}
	for (const ce_xml_element *child = ce_xml_child(element); child && rc >= 0; child = ce_xml_next(child)) {
		rc = put_margin(splice, margin ? &inner : NULL);
		if (rc >= 0)
			rc = put_element(splice, child, margin ? &inner : NULL);
	}
	return rc < 0 ? rc : put_margin(splice, margin);
}

/* An added element with all that was added to it; margin is the one it stands at. */
static int
put_element(struct splice *splice, const ce_xml_element *element, const struct margin *margin)
{
	static const struct ce_bytes blank = { (const unsigned char *)" ", 1 };
	int rc = ce_buf_addf(splice->out, splice->err, "<%s", element->name);
	for (size_t i = 0; i < element->attribute_count && rc >= 0; i++)
		if (element->attributes[i].now)
			rc = put_attribute(splice, blank, &element->attributes[i], '"');
	if (rc < 0)
		return rc;
	if (!ce_xml_child(element))
		return put(splice, "/>");

	rc = put(splice, ">");
	if (rc >= 0)
		rc = put_content(splice, element, margin);
	return rc < 0 ? rc : ce_buf_addf(splice->out, splice->err, "</%s>", element->name);
}

/* The run of added and dropped siblings from first up to the next one that stays. */
struct run {
	const ce_xml_element *first;
	const ce_xml_element *behind; /* the one that stays; NULL: the end of the parent */
	bool adds;
};

static struct run
find_run(const ce_xml_element *first)
{
	struct run run = { first, first, false };
	while (run.behind && (run.behind->added || run.behind->dropped)) {
		if (!run.behind->dropped)
			run.adds = true;
		run.behind = run.behind->following;
	}
	return run;
}

/* Leaves the dropped ones out: with their line if they stand alone on it. */
static int
cut_dropped(struct splice *splice, const struct run *run)
{
	const ce_xml *document = splice->document;
	for (const ce_xml_element *element = run->first; element != run->behind; element = element->following) {
		if (element->added)
			continue;
		size_t from = element->start, to = element->end, behind = 0;
		if (ce_xml_at_line_start(document, from) && ce_xml_line_ends(document, to, &behind)) {
			from = ce_xml_line_start(document, from);
			to = behind;
		}
		int rc = cut(splice, from, to);
		if (rc < 0)
			return rc;
	}
	return CE_OK;
}

/* The added ones, each with the margin before it (or, at the front of a line, behind it). */
static int
put_added(struct splice *splice, const struct run *run, const struct margin *margin, bool before_line)
{
	int rc = CE_OK;
	for (const ce_xml_element *element = run->first; element != run->behind && rc >= 0; element = element->following) {
		if (element->dropped)
			continue;
		if (margin && before_line)
			rc = put_bytes(splice, margin->indent);
		else
			rc = put_margin(splice, margin);
		if (rc >= 0)
			rc = put_element(splice, element, margin);
		if (rc >= 0 && margin && before_line)
			rc = put(splice, margin->line_end);
	}
	return rc;
}

/* Behind the sibling that stands before them: on lines of their own if it has one. */
static int
add_behind(struct splice *splice, const ce_xml_element *previous, const struct run *run)
{
	const ce_xml *document = splice->document;
	size_t at = ce_xml_behind_comments(document, previous->end);
	size_t line_end = 0;
	bool own_line = ce_xml_at_line_start(document, previous->start) && ce_xml_line_ends(document, at, &line_end);
	struct margin margin = { ce_xml_line_end_near(document, previous->start), ce_xml_indent(previous) };
	int rc = copy_to(splice, own_line ? at : previous->end);
	return rc < 0 ? rc : put_added(splice, run, own_line ? &margin : NULL, false);
}

/* In front of everything that stays in the parent: at is where that, or the end tag, begins. */
static int
add_in_front(struct splice *splice, const ce_xml_element *parent, size_t at, const struct run *run)
{
	const ce_xml *document = splice->document;
	CE_CLEANUP(ce_buf_release) struct ce_buf indent = CE_BUF_INIT;
	int rc = ce_xml_child_indent(parent, &indent, splice->err);
	if (rc < 0)
		return rc;

	struct margin inner = { ce_xml_line_end_near(document, at), ce_buf_bytes(&indent) };
	if (!parent->empty_tag && ce_xml_at_line_start(document, at)) {
		rc = copy_to(splice, ce_xml_line_start(document, at));
		return rc < 0 ? rc : put_added(splice, run, &inner, true);
	}

	bool own_line = !run->behind && ce_xml_at_line_start(document, parent->start);
	struct margin outer = { inner.line_end, ce_xml_indent(parent) };
	rc = copy_to(splice, at);
	if (rc >= 0)
		rc = put_added(splice, run, own_line ? &inner : NULL, false);
	return rc < 0 ? rc : put_margin(splice, own_line ? &outer : NULL);
}

/* <name/> that got children: the slash goes, and blanks before it on the same line with it. */
static int
open_empty_tag(struct splice *splice, const ce_xml_element *element, const struct run *run)
{
	size_t slash = element->tag_end - 2;
	size_t from = ce_xml_at_line_start(splice->document, slash) ? slash : ce_xml_line_start(splice->document, slash);
	int rc = cut(splice, from, element->tag_end);
	if (rc >= 0)
		rc = put(splice, ">");
	if (rc >= 0)
		rc = add_in_front(splice, element, element->tag_end, run);
	if (rc >= 0)
		rc = put(splice, "</");

	/* The name as the file has it: the tree's is in UTF-8. */
	struct ce_bytes name = { splice->document->bytes.data + element->start + 1, element->name_end - element->start - 1 };
	if (rc >= 0)
		rc = put_bytes(splice, name);
	return rc < 0 ? rc : put(splice, ">");
}

static int splice_element(struct splice *splice, const ce_xml_element *element);

/* What stands behind previous (NULL: at the front) is added first and dropped then, so that the new lines
 * stay with the sibling before them; at the front it is the other way round. */
static int
splice_run(struct splice *splice, const ce_xml_element *parent, const ce_xml_element *previous, const struct run *run)
{
	int rc = CE_OK;
	if (run->adds && previous)
		rc = add_behind(splice, previous, run);
	if (rc >= 0)
		rc = cut_dropped(splice, run);
	if (rc < 0 || !run->adds || previous)
		return rc;
	if (parent->empty_tag)
		return open_empty_tag(splice, parent, run);
	return add_in_front(splice, parent, run->behind ? run->behind->start : parent->end_tag, run);
}

static int
splice_children(struct splice *splice, const ce_xml_element *parent)
{
	const ce_xml_element *previous = NULL;
	const ce_xml_element *child = parent->first;
	for (;;) {
		struct run run = find_run(child);
		int rc = splice_run(splice, parent, previous, &run);
		if (rc < 0 || !run.behind)
			return rc;
		rc = splice_element(splice, run.behind);
		if (rc < 0)
			return rc;
		previous = run.behind;
		child = previous->following;
	}
}

static int
splice_element(struct splice *splice, const ce_xml_element *element)
{
	int rc = splice_start_tag(splice, element);
	return rc < 0 ? rc : splice_children(splice, element);
}

static int
check(const ce_xml *document, struct ce_bytes bytes, struct ce_error *err)
{
	CE_CLEANUP(ce_xmlp) ce_xml *again = NULL;
	struct ce_error why = { 0 };
	int rc = ce_xml_parse(bytes, &again, &why);
	if (rc < 0)
		return ce_fail(err, rc == CE_ERR_MEMORY ? rc : CE_ERR_REFUSED,
			"the edited file would not be readable, so nothing was changed: %s", why.text);
	return ce_xml_compare(document, again, err);
}

int
ce_xml_apply(ce_xml *document, struct ce_buf *ret_bytes, struct ce_error *err)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf out = CE_BUF_SECRET;
	struct splice splice = { document, &out, 0, err };
	int rc = splice_element(&splice, document->root);
	if (rc >= 0)
		rc = copy_to(&splice, document->bytes.size);
	if (rc < 0)
		return rc;

	bool same = out.size == document->bytes.size && memcmp(out.data, document->bytes.data, out.size) == 0;
	if (!same)
		rc = check(document, ce_buf_bytes(&out), err);
	if (rc < 0)
		return rc;

	rc = ce_buf_add(ret_bytes, out.data, out.size, err);
	if (rc < 0)
		return rc;
	return same ? CE_UNCHANGED : CE_OK;
}
