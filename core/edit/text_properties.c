/* Java properties, as java.util.Properties and Spring Boot read them: ISO-8859-1 with \uXXXX, lines that go on after a
 * backslash, and (Spring Boot 2.4 on) documents that are divided by #--- or !---. */
#include <string.h>

#include "edit/text_own.h"

#define NO_SEPARATOR 1 /* style of a value: its key stands alone */

struct cursor {
	ce_text *document;
	size_t at, end;   /* of the logical line, without its end */
	const char *section;
};

static bool
is_white(unsigned char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\f';
}

static size_t
skip_white(const ce_text *document, size_t at, size_t end)
{
	while (at < end && is_white(document->bytes.data[at]))
		at++;
	return at;
}

/* Whether the line ends in an odd number of backslashes, so that it goes on in the next. */
static bool
goes_on(const ce_text *document, size_t start, size_t end)
{
	size_t count = 0;
	while (end - count > start && document->bytes.data[end - count - 1] == '\\')
		count++;
	return count % 2 == 1;
}

/* Where the logical line that begins at start ends. */
static size_t
logical_end(const ce_text *document, size_t start)
{
	size_t line = start;
	for (;;) {
		size_t end = ce_text_line_end(document, line);
		size_t next = ce_text_line_next(document, line);
		if (!goes_on(document, line, end) || next == end)
			return end;
		line = next;
	}
}

/* An end of line within a logical line stands behind a backslash; both and the white space after them are nothing. */
static size_t
skip_continuation(const struct cursor *cursor, size_t at)
{
	return skip_white(cursor->document, ce_text_line_next(cursor->document, at), cursor->end);
}

CE_MUSTCHECK static int
take_unicode(const struct cursor *cursor, size_t at, uint32_t *ret_unit, struct ce_error *err)
{
	uint32_t unit = 0;
	for (size_t i = at; i < at + 4; i++) {
		const char *digits = "0123456789abcdef";
		unsigned char byte = i < cursor->end ? cursor->document->bytes.data[i] : '\n';
		const char *digit = strchr(digits, byte >= 'A' && byte <= 'F' ? byte + ('a' - 'A') : byte);
		if (!digit)
			return ce_fail(err, CE_ERR_INVALID, "line %ld: \\u without four hexadecimal digits",
				ce_text_line_number(cursor->document, at));
		unit = unit << 4 | (uint32_t)(digit - digits);
	}
	if (unit == 0)
		return ce_fail(err, CE_ERR_REFUSED, "line %ld: \\u0000 in a text", ce_text_line_number(cursor->document, at));
	*ret_unit = unit;
	return CE_OK;
}

/* One UTF-16 unit as Java has it; a pair becomes one character, half a pair is refused. */
CE_MUSTCHECK static int
add_unit(struct cursor *cursor, uint32_t unit, struct ce_buf *out, struct ce_error *err)
{
	const struct ce_buf *bytes = &cursor->document->bytes;
	if (unit < 0xd800 || unit > 0xdfff)
		return ce_text_add_utf8(out, unit, err);
	uint32_t second = 0;
	if (unit < 0xdc00 && cursor->at + 6 <= cursor->end && memcmp(bytes->data + cursor->at, "\\u", 2) == 0) {
		int rc = take_unicode(cursor, cursor->at + 2, &second, err);
		if (rc < 0)
			return rc;
	}
	if (second < 0xdc00 || second > 0xdfff)
		return ce_fail(err, CE_ERR_REFUSED, "line %ld: half of a pair of surrogates",
			ce_text_line_number(cursor->document, cursor->at));
	cursor->at += 6;
	return ce_text_add_utf8(out, 0x10000 + ((unit - 0xd800) << 10) + (second - 0xdc00), err);
}

/* What follows a backslash. */
CE_MUSTCHECK static int
take_escape(struct cursor *cursor, struct ce_buf *out, struct ce_error *err)
{
	static const char from[] = "tnrf", to[] = "\t\n\r\f";
	if (cursor->at >= cursor->end)
		return CE_OK; /* the last backslash of the file is nothing */
	unsigned char byte = cursor->document->bytes.data[cursor->at];
	if (byte == '\n' || byte == '\r') {
		cursor->at = skip_continuation(cursor, cursor->at);
		return CE_OK;
	}
	cursor->at++;
	if (byte == 'u') {
		uint32_t unit = 0;
		int rc = take_unicode(cursor, cursor->at, &unit, err);
		if (rc < 0)
			return rc;
		cursor->at += 4;
		return add_unit(cursor, unit, out, err);
	}
	const char *known = strchr(from, byte);
	return ce_text_add_utf8(out, known ? (unsigned char)to[known - from] : byte, err);
}

/* Decodes up to the end of the logical line, or of the key. */
CE_MUSTCHECK static int
take_text(struct cursor *cursor, bool key, const char **ret_text, struct ce_error *err)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf out = CE_BUF_SECRET;
	int rc = CE_OK;
	while (cursor->at < cursor->end && rc == CE_OK) {
		unsigned char byte = cursor->document->bytes.data[cursor->at];
		if (key && (byte == '=' || byte == ':' || is_white(byte)))
			break;
		cursor->at++;
		rc = byte == '\\' ? take_escape(cursor, &out, err) : ce_text_add_utf8(&out, byte, err);
	}
	if (rc < 0)
		return rc;
	const char *text = ce_text_copy(cursor->document, out.data, out.size, err);
	if (!text)
		return CE_ERR_MEMORY;
	*ret_text = text;
	return CE_OK;
}

/* White space, which may go over lines. */
static void
skip_gap(struct cursor *cursor)
{
	const unsigned char *data = cursor->document->bytes.data;
	for (;;) {
		cursor->at = skip_white(cursor->document, cursor->at, cursor->end);
		bool on = cursor->at + 1 < cursor->end && data[cursor->at] == '\\' &&
			(data[cursor->at + 1] == '\n' || data[cursor->at + 1] == '\r');
		if (!on)
			return;
		cursor->at = skip_continuation(cursor, cursor->at + 1);
	}
}

CE_MUSTCHECK static int
take_entry(struct cursor *cursor, size_t line, struct ce_error *err)
{
	ce_text *document = cursor->document;
	const char *key = NULL, *value = NULL;
	struct ce_text_entry *entry = NULL;
	int rc = take_text(cursor, true, &key, err);
	if (rc < 0)
		return rc;
	size_t key_end = cursor->at;
	skip_gap(cursor);
	if (cursor->at < cursor->end && strchr("=:", document->bytes.data[cursor->at])) {
		cursor->at++;
		skip_gap(cursor);
	}
	size_t start = cursor->at;
	rc = take_text(cursor, false, &value, err);
	if (rc == CE_OK)
		rc = ce_text_entry_new(document, cursor->section, key, line, &entry, err);
	if (rc == CE_OK)
		rc = ce_text_value_new(document, entry, value, start, cursor->end, err);
	if (rc < 0)
		return rc;
	entry->values[0].style = start == key_end ? NO_SEPARATOR : 0;
	entry->end = ce_text_line_next(document, cursor->end);
	return CE_OK;
}

/* A divider stands at the very beginning of its line, has three hyphens and nothing behind them but white space, and
 * no comment of the same character touches it (products.md 5.2). */
static bool
is_divider(const ce_text *document, size_t line)
{
	const unsigned char *data = document->bytes.data;
	size_t end = ce_text_line_end(document, line), next = ce_text_line_next(document, line);
	if (end - line < 4 || !strchr("#!", data[line]) || memcmp(data + line + 1, "---", 3) != 0)
		return false;
	if (skip_white(document, line + 4, end) != end)
		return false;
	size_t before = line;
	if (line > 0) {
		before = line - 1;
		if (before > 0 && data[before] == '\n' && data[before - 1] == '\r')
			before--;
		before = ce_text_line_start(document, before);
	}
	bool touched = (before < line && data[before] == data[line]) ||
		(next > end && next < document->bytes.size && data[next] == data[line]);
	return !touched;
}

CE_MUSTCHECK static int
begin_section(struct cursor *cursor, unsigned number, size_t at, struct ce_error *err)
{
	char name[16];
	struct ce_text_place *place = NULL;
	(void)snprintf(name, sizeof(name), "%u", number); /* always fits */
	cursor->section = ce_text_copy(cursor->document, name, strlen(name), err);
	return cursor->section ? ce_text_place_new(cursor->document, cursor->section, "", at, &place, err) : CE_ERR_MEMORY;
}

static int
properties_scan(ce_text *document, struct ce_error *err)
{
	struct cursor cursor = { document, 0, 0, "" };
	unsigned number = 0;
	long line_number = 0;
	size_t counted = 0;
	if (ce_text_bom(document) > 0)
		return ce_fail(err, CE_ERR_REFUSED,
			"line 1: Java takes the byte order mark for a part of the first key; remove it");
	int rc = begin_section(&cursor, number, 0, err);
	for (size_t line = 0; line < document->bytes.size && rc == CE_OK;) {
		size_t natural = ce_text_line_end(document, line);
		cursor.at = skip_white(document, line, natural);
		cursor.end = natural;
		for (; counted <= line; counted = ce_text_line_next(document, counted))
			line_number++;
		bool comment = cursor.at < natural && strchr("#!", document->bytes.data[cursor.at]);
		if (comment && is_divider(document, line)) {
			rc = begin_section(&cursor, ++number, ce_text_line_next(document, line), err);
		} else if (!comment && cursor.at < natural) {
			cursor.end = logical_end(document, line);
			rc = take_entry(&cursor, line, err);
			if (rc == CE_OK)
				document->last->line = line_number;
		}
		line = ce_text_line_next(document, cursor.end);
		if (rc == CE_OK && !comment)
			document->last_place->end = line;
	}
	return rc;
}

/* -------------------------------------------------------------------- writing */

/* As Properties.store writes: ASCII, the rest as \uXXXX. */
CE_MUSTCHECK static int
add_escaped(const char *text, const char *escaped, struct ce_buf *out, struct ce_error *err)
{
	static const char control[] = "\t\n\r\f", letters[] = "tnrf";
	int rc = CE_OK;
	for (const char *at = text; *at != '\0' && rc == CE_OK;) {
		uint32_t point = 0;
		bool leading = at == text && *at == ' ';
		rc = ce_text_code_point(&at, &point, err);
		if (rc < 0)
			return rc;
		const char *known = point < 0x80 ? strchr(control, (int)point) : NULL;
		if (known)
			rc = ce_buf_addf(out, err, "\\%c", letters[known - control]);
		else if (point > 0xffff)
			rc = ce_buf_addf(out, err, "\\u%04X\\u%04X", 0xd800 + ((point - 0x10000) >> 10),
				0xdc00 + ((point - 0x10000) & 0x3ff));
		else if (point < 0x20 || point > 0x7e)
			rc = ce_buf_addf(out, err, "\\u%04X", point);
		else
			rc = ce_buf_addf(out, err, "%s%c", leading || strchr(escaped, (int)point) ? "\\" : "", (int)point);
	}
	return rc;
}

static int
properties_encode(const char *value, const struct ce_text_value *old, struct ce_buf *out, struct ce_error *err)
{
	int rc = old && old->style == NO_SEPARATOR ? ce_buf_adds(out, "=", err) : CE_OK;
	return rc < 0 ? rc : add_escaped(value, "\\", out, err);
}

static int
properties_place(ce_text *document, const struct ce_text_entry *added, struct ce_text_splice *splice,
	struct ce_error *err)
{
	int rc = ce_text_place_line(document, added, &splice->start, err);
	splice->end = splice->start;
	if (rc == CE_OK && added->key[0] == '\0')
		rc = ce_fail(err, CE_ERR_INVALID, "a key must not be empty");
	if (rc == CE_OK)
		rc = add_escaped(added->key, "\\ =:#!", &splice->text, err);
	if (rc == CE_OK)
		rc = ce_buf_adds(&splice->text, "=", err);
	if (rc == CE_OK)
		rc = properties_encode(ce_text_value(added, 0), NULL, &splice->text, err);
	return rc < 0 ? rc : ce_text_as_lines(document, splice, err);
}

const struct ce_text_syntax_of ce_text_properties = { properties_scan, properties_encode, properties_place };
