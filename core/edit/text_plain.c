/* Syntaxes whose values stand on their line as they are: KEY=value directives, and ini. */
#include <string.h>

#include "edit/text_own.h"

struct scan {
	ce_text *document;
	const char *section;
	struct ce_text_entry *open; /* ini: the entry that a line with blanks in front goes on with */
	long line_number;
};

static size_t
trim(const ce_text *document, size_t start, size_t end)
{
	while (end > start && strchr(" \t\f", document->bytes.data[end - 1]))
		end--;
	return end;
}

CE_MUSTCHECK static int
begin_section(struct scan *scan, size_t start, size_t end, size_t at, struct ce_error *err)
{
	struct ce_text_place *place = NULL;
	scan->open = NULL;
	scan->section = ce_text_copy(scan->document, scan->document->bytes.data + start, end - start, err);
	return scan->section ? ce_text_place_new(scan->document, scan->section, "", at, &place, err) : CE_ERR_MEMORY;
}

/* key=value between start and end, with the separator at sign. */
CE_MUSTCHECK static int
take_entry(struct scan *scan, size_t line, size_t start, size_t sign, size_t end, struct ce_error *err)
{
	ce_text *document = scan->document;
	struct ce_text_entry *entry = NULL;
	size_t value = ce_text_skip_blanks(document, sign + 1, end), value_end = trim(document, value, end);
	const char *key = ce_text_copy(document, document->bytes.data + start, trim(document, start, sign) - start, err);
	const char *text = ce_text_copy(document, document->bytes.data + value, value_end - value, err);
	if (!key || !text)
		return CE_ERR_MEMORY;
	int rc = ce_text_entry_new(document, scan->section, key, line, &entry, err);
	if (rc == CE_OK)
		rc = ce_text_value_new(document, entry, text, value, value_end, err);
	if (rc < 0)
		return rc;
	entry->line = scan->line_number;
	entry->end = ce_text_line_next(document, end);
	scan->open = entry;
	return CE_OK;
}

/* ----------------------------------------------------------------- directives */

/* A name such as WEBSOCKET_ENABLE_SSL: whatever else stands before a = is no directive. */
static bool
is_name(const ce_text *document, size_t start, size_t end)
{
	static const char first[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
	for (size_t i = start; i < end; i++)
		if (!strchr(first, document->bytes.data[i]) && (i == start || !strchr("0123456789.-", document->bytes.data[i])))
			return false;
	return end > start;
}

static int
directives_scan(ce_text *document, struct ce_error *err)
{
	struct scan scan = { document, "", NULL, 0 };
	int rc = begin_section(&scan, 0, 0, ce_text_bom(document), err);
	for (size_t line = ce_text_bom(document); line < document->bytes.size && rc == CE_OK;) {
		size_t start = ce_text_skip_blanks(document, line, document->bytes.size);
		size_t end = ce_text_line_end(document, start);
		const unsigned char *sign = memchr(document->bytes.data + start, '=', end - start);
		size_t at = sign ? (size_t)(sign - document->bytes.data) : start;
		scan.line_number++;
		if (is_name(document, start, trim(document, start, at)))
			rc = take_entry(&scan, line, start, at, end, err);
		line = ce_text_line_next(document, end);
		if (rc == CE_OK)
			document->last_place->end = line;
	}
	return rc;
}

static int
directives_encode(const char *value, const struct ce_text_value *old, struct ce_buf *out, struct ce_error *err)
{
	(void)old;
	return ce_text_literal(value, out, err);
}

CE_MUSTCHECK static int
check_key(const char *key, const char *forbidden, struct ce_error *err)
{
	bool good = key[0] != '\0' && !strchr(" \t#;[", key[0]) && key[strcspn(key, forbidden)] == '\0' &&
		!strchr(" \t", key[strlen(key) - 1]);
	for (const char *at = key; *at != '\0'; at++)
		good = good && (unsigned char)*at >= 0x20;
	return good ? CE_OK : ce_fail(err, CE_ERR_INVALID, "'%s' cannot be a key in this file", key);
}

static int
directives_place(ce_text *document, const struct ce_text_entry *added, struct ce_text_splice *splice,
	struct ce_error *err)
{
	int rc = check_key(added->key, "=", err);
	if (rc == CE_OK)
		rc = ce_text_place_line(document, added, &splice->start, err);
	if (rc == CE_OK)
		rc = ce_buf_addf(&splice->text, err, "%s=", added->key);
	if (rc == CE_OK)
		rc = ce_text_literal(ce_text_value(added, 0), &splice->text, err);
	splice->end = splice->start;
	return rc < 0 ? rc : ce_text_as_lines(document, splice, err);
}

/* ------------------------------------------------------------------------ ini */

/* Readers differ in whether a line with blanks in front, or after a backslash, goes on with the value, and in what is a
 * comment behind one; so such values are shown but not changed. */
CE_MUSTCHECK static int
go_on(struct scan *scan, size_t start, size_t end, struct ce_error *err)
{
	ce_text *document = scan->document;
	struct ce_text_value *value = &scan->open->values[0];
	CE_CLEANUP(ce_buf_release) struct ce_buf text = CE_BUF_SECRET;
	size_t to = trim(document, start, end);
	int rc = ce_buf_addf(&text, err, "%s\n", value->text);
	if (rc == CE_OK)
		rc = ce_buf_add(&text, document->bytes.data + start, to - start, err);
	if (rc < 0)
		return rc;
	value->text = ce_text_copy(document, text.data, text.size, err);
	value->end = to;
	scan->open->end = ce_text_line_next(document, end);
	scan->open->fixed = "its value goes on over several lines";
	return value->text ? CE_OK : CE_ERR_MEMORY;
}

static bool
has_comment(const ce_text *document, size_t start, size_t end)
{
	for (size_t i = start; i < end; i++)
		if (strchr("#;", document->bytes.data[i]) && (i == start || strchr(" \t", document->bytes.data[i - 1])))
			return true;
	return false;
}

CE_MUSTCHECK static int
take_ini_entry(struct scan *scan, size_t line, size_t start, size_t end, struct ce_error *err)
{
	ce_text *document = scan->document;
	size_t sign = start;
	while (sign < end && !strchr("=:", document->bytes.data[sign]))
		sign++;
	scan->open = NULL;
	if (sign == end || sign == start)
		return CE_OK;
	int rc = take_entry(scan, line, start, sign, end, err);
	if (rc < 0)
		return rc;
	const struct ce_text_value *value = &scan->open->values[0];
	if (has_comment(document, value->start, value->end))
		scan->open->fixed = "some readers take a part of its value for a comment";
	if (line != start)
		scan->open->fixed = "blanks stand before its key";
	return CE_OK;
}

CE_MUSTCHECK static int
take_ini_line(struct scan *scan, size_t line, size_t start, size_t end, struct ce_error *err)
{
	ce_text *document = scan->document;
	const unsigned char *data = document->bytes.data;
	bool slash = scan->open && scan->open->value_count > 0 && scan->open->values[0].end > 0 &&
		data[scan->open->values[0].end - 1] == '\\';
	if (start == end || (!slash && strchr("#;", data[start]))) {
		scan->open = start == end || slash ? NULL : scan->open;
		return CE_OK;
	}
	if (scan->open && (slash || start > line))
		return go_on(scan, start, end, err);
	if (data[start] != '[')
		return take_ini_entry(scan, line, start, end, err);

	size_t close = start;
	while (close < end && data[close] != ']')
		close++;
	if (close == end)
		return ce_fail(err, CE_ERR_INVALID, "line %ld: a section without ']'", scan->line_number);
	return begin_section(scan, start + 1, close, ce_text_line_next(document, end), err);
}

static int
ini_scan(ce_text *document, struct ce_error *err)
{
	struct scan scan = { document, "", NULL, 0 };
	size_t line = ce_text_bom(document);
	int rc = begin_section(&scan, 0, 0, line, err);
	while (line < document->bytes.size && rc == CE_OK) {
		size_t start = ce_text_skip_blanks(document, line, document->bytes.size);
		size_t end = ce_text_line_end(document, start);
		scan.line_number++;
		rc = take_ini_line(&scan, line, start, end, err);
		line = ce_text_line_next(document, end);
		if (rc == CE_OK && scan.open)
			document->last_place->end = scan.open->end;
	}
	return rc;
}

static int
ini_encode(const char *value, const struct ce_text_value *old, struct ce_buf *out, struct ce_error *err)
{
	(void)old;
	size_t size = strlen(value);
	for (size_t i = 0; i < size; i++)
		if (strchr("#;", value[i]) && (i == 0 || strchr(" \t", value[i - 1])))
			return ce_fail(err, CE_ERR_INVALID, "a value with a blank and '%c' would be a comment for some readers", value[i]);
	if (size > 0 && value[size - 1] == '\\')
		return ce_fail(err, CE_ERR_INVALID, "a value that ends in a backslash would go on in the next line for some readers");
	return ce_text_literal(value, out, err);
}

/* The section is there once; a new one is written at the end. */
CE_MUSTCHECK static int
settle_section(ce_text *document, const struct ce_text_entry *added, struct ce_text_splice *splice,
	struct ce_error *err)
{
	const struct ce_text_place *place = ce_text_place_of(document, added->section, "");
	for (const struct ce_text_place *other = place ? place->next : NULL; other; other = other->next)
		if (strcmp(other->section, added->section) == 0)
			return ce_fail(err, CE_ERR_REFUSED, "section '%s' stands in the file twice; join its parts", added->section);
	if (place)
		return ce_text_place_line(document, added, &splice->start, err);
	int rc = check_key(added->section, "]", err);
	splice->start = document->bytes.size;
	return rc < 0 ? rc : ce_buf_addf(&splice->text, err, "[%s]%s", added->section, ce_text_eol(document));
}

static int
ini_place(ce_text *document, const struct ce_text_entry *added, struct ce_text_splice *splice, struct ce_error *err)
{
	int rc = check_key(added->key, "=:", err);
	if (rc == CE_OK)
		rc = settle_section(document, added, splice, err);
	if (rc == CE_OK)
		rc = ce_buf_addf(&splice->text, err, "%s=", added->key);
	if (rc == CE_OK)
		rc = ini_encode(ce_text_value(added, 0), NULL, &splice->text, err);
	splice->end = splice->start;
	return rc < 0 ? rc : ce_text_as_lines(document, splice, err);
}

const struct ce_text_syntax_of ce_text_directives = { directives_scan, directives_encode, directives_place };
const struct ce_text_syntax_of ce_text_ini = { ini_scan, ini_encode, ini_place };
