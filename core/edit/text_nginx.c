/* The configuration language of nginx: directives of words that end in a semicolon, or in a block in braces. Words are
 * cut and unquoted as nginx does (ngx_conf_read_token in its ngx_conf_file.c). */
#include <string.h>

#include "edit/text_own.h"

struct scan {
	ce_text *document;
	size_t at;
	size_t counted;          /* up to where lines were counted */
	long line_number;
	struct ce_text_entry *block;
	unsigned depth;
};

static bool
is_space(unsigned char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

static long
line_of(struct scan *scan, size_t at)
{
	for (; scan->counted < at; scan->counted++)
		if (scan->document->bytes.data[scan->counted] == '\n')
			scan->line_number++;
	return scan->line_number;
}

/* Where the word that begins at *at ends; what stands in quotes, behind a backslash or in ${} does not end it. */
CE_MUSTCHECK static int
end_of_word(struct scan *scan, size_t start, size_t *ret_end, struct ce_error *err)
{
	const struct ce_buf *bytes = &scan->document->bytes;
	unsigned char quote = strchr("\"'", bytes->data[start]) ? bytes->data[start] : '\0';
	bool variable = false;
	size_t at = quote ? start + 1 : start;
	for (; at < bytes->size; at++) {
		unsigned char byte = bytes->data[at];
		if (byte == '{' && variable && !quote)
			continue;
		variable = byte == '$';
		if (byte == '\\')
			at++;
		else if (quote ? byte == quote : is_space(byte) || byte == ';' || byte == '{')
			break;
	}
	if (at >= bytes->size)
		return ce_fail(err, CE_ERR_INVALID, "line %ld: the file ends within a directive", line_of(scan, start));
	if (quote)
		at++;
	if (quote && (at >= bytes->size || (!is_space(bytes->data[at]) && !strchr(";{)", bytes->data[at]))))
		return ce_fail(err, CE_ERR_REFUSED, "line %ld: something stands right behind a quoted text", line_of(scan, start));
	*ret_end = at;
	return CE_OK;
}

/* The word without its quotes; backslashes that stand before something else than these are kept. */
CE_MUSTCHECK static int
unquote(struct scan *scan, size_t start, size_t end, const char **ret_text, struct ce_error *err)
{
	static const char from[] = "\"'\\trn", to[] = "\"'\\\t\r\n";
	const unsigned char *data = scan->document->bytes.data;
	bool quoted = strchr("\"'", data[start]) != NULL;
	char *text = ce_text_allocate(scan->document, end - start + 1, err);
	size_t size = 0;
	if (!text)
		return CE_ERR_MEMORY;
	for (size_t at = quoted ? start + 1 : start; at < (quoted ? end - 1 : end); at++) {
		const char *known = data[at] == '\\' && at + 1 < end ? strchr(from, data[at + 1]) : NULL;
		text[size++] = known ? to[known - from] : (char)data[at];
		at += known ? 1 : 0;
	}
	*ret_text = text;
	return CE_OK;
}

static void
skip_space(struct scan *scan)
{
	const struct ce_buf *bytes = &scan->document->bytes;
	while (scan->at < bytes->size) {
		if (bytes->data[scan->at] == '#')
			while (scan->at < bytes->size && bytes->data[scan->at] != '\n')
				scan->at++;
		else if (is_space(bytes->data[scan->at]))
			scan->at++;
		else
			return;
	}
}

/* Whole lines, when nothing else stands on them. */
static void
settle_range(const ce_text *document, struct ce_text_entry *entry, size_t end)
{
	size_t line = ce_text_line_start(document, entry->start), rest = ce_text_line_end(document, end);
	bool alone = ce_text_only_blanks(document, line, entry->start) && ce_text_only_blanks(document, end, rest);
	entry->end = alone ? ce_text_line_next(document, end) : end;
	entry->start = alone ? line : entry->start;
}

CE_MUSTCHECK static int
open_block(struct scan *scan, struct ce_text_entry *entry, struct ce_error *err)
{
	size_t size = strlen(entry->key);
	if (size > 13 && strcmp(entry->key + size - 13, "_by_lua_block") == 0)
		return ce_fail(err, CE_ERR_REFUSED, "line %ld: '%s': Lua in the configuration is not read; move it to a file",
			entry->line, entry->key);
	if (++scan->depth > CE_TEXT_DEPTH_MAX)
		return ce_fail(err, CE_ERR_REFUSED, "line %ld: blocks are nested deeper than %d", entry->line, CE_TEXT_DEPTH_MAX);
	entry->inner = scan->at;
	scan->block = entry;
	return CE_OK;
}

CE_MUSTCHECK static int
take_words(struct scan *scan, struct ce_text_entry **ret_entry, struct ce_error *err)
{
	const struct ce_buf *bytes = &scan->document->bytes;
	struct ce_text_entry *entry = NULL;
	for (;;) {
		const char *text = NULL;
		size_t end = 0;
		int rc = end_of_word(scan, scan->at, &end, err);
		if (rc == CE_OK)
			rc = unquote(scan, scan->at, end, &text, err);
		if (rc == CE_OK && entry)
			rc = ce_text_value_new(scan->document, entry, text, scan->at, end, err);
		else if (rc == CE_OK)
			rc = ce_text_entry_new(scan->document, "", text, scan->at, &entry, err);
		if (rc < 0)
			return rc;
		entry->line = entry->line > 0 ? entry->line : line_of(scan, scan->at);
		scan->at = end;
		skip_space(scan);
		if (scan->at >= bytes->size)
			return ce_fail(err, CE_ERR_INVALID, "line %ld: the directive '%s' has no end", entry->line, entry->key);
		if (bytes->data[scan->at] == '}')
			return ce_fail(err, CE_ERR_INVALID, "line %ld: '}' within the directive '%s'", line_of(scan, scan->at),
				entry->key);
		if (strchr(";{", bytes->data[scan->at]))
			break;
	}
	entry->parent = scan->block;
	entry->depth = scan->depth;
	*ret_entry = entry;
	return CE_OK;
}

CE_MUSTCHECK static int
take_directive(struct scan *scan, struct ce_error *err)
{
	struct ce_text_entry *entry = NULL;
	if (strchr(";{", scan->document->bytes.data[scan->at]))
		return ce_fail(err, CE_ERR_INVALID, "line %ld: '%c' without a directive", line_of(scan, scan->at),
			scan->document->bytes.data[scan->at]);
	int rc = take_words(scan, &entry, err);
	if (rc < 0)
		return rc;
	bool block = scan->document->bytes.data[scan->at++] == '{';
	if (block)
		return open_block(scan, entry, err);
	settle_range(scan->document, entry, scan->at);
	return CE_OK;
}

CE_MUSTCHECK static int
close_block(struct scan *scan, struct ce_error *err)
{
	struct ce_text_entry *block = scan->block;
	if (!block)
		return ce_fail(err, CE_ERR_INVALID, "line %ld: '}' without a block", line_of(scan, scan->at));
	settle_range(scan->document, block, ++scan->at);
	scan->block = block->parent;
	scan->depth--;
	return CE_OK;
}

static int
nginx_scan(ce_text *document, struct ce_error *err)
{
	struct scan scan = { .document = document, .line_number = 1 };
	int rc = CE_OK;
	if (ce_text_bom(document) > 0)
		return ce_fail(err, CE_ERR_REFUSED, "line 1: nginx takes the byte order mark for a part of the first directive; "
			"remove it");
	for (;;) {
		skip_space(&scan);
		if (scan.at >= document->bytes.size)
			break;
		rc = document->bytes.data[scan.at] == '}' ? close_block(&scan, err) : take_directive(&scan, err);
		if (rc < 0)
			return rc;
	}
	if (scan.block)
		return ce_fail(err, CE_ERR_INVALID, "line %ld: the block '%s' is not closed", scan.block->line, scan.block->key);
	return CE_OK;
}

/* -------------------------------------------------------------------- writing */

/* A word in the quotes it had; else in none, or in double ones where it needs them. A dollar sign would be a variable. */
static int
nginx_encode(const char *value, const struct ce_text_value *old, struct ce_buf *out, struct ce_error *err)
{
	static const char special[] = " \t\r\n;{}#'\"\\";
	(void)old;
	bool plain = value[0] != '\0' && value[strcspn(value, special)] == '\0';
	if (strchr(value, '$'))
		return ce_fail(err, CE_ERR_INVALID, "a value with '$' would be a variable in this file");
	for (const char *at = value; *at != '\0'; at++)
		if ((unsigned char)*at < 0x20 && !strchr("\t\r\n", *at))
			return ce_fail(err, CE_ERR_INVALID, "a value with a control character cannot be written in this file");
	int rc = plain ? ce_buf_adds(out, value, err) : ce_buf_adds(out, "\"", err);
	for (const char *at = value; !plain && *at != '\0' && rc == CE_OK; at++)
		rc = ce_buf_addf(out, err, "%s%c", strchr("\"\\", *at) ? "\\" : "", *at);
	return rc == CE_OK && !plain ? ce_buf_adds(out, "\"", err) : rc;
}

/* The last directive in a block that is not in a block of it; NULL: the block is empty. */
static const struct ce_text_entry *
last_child(const ce_text *document, const struct ce_text_entry *block)
{
	const struct ce_text_entry *last = NULL;
	for (const struct ce_text_entry *entry = document->first; entry; entry = entry->next)
		if (entry->parent == block)
			last = entry;
	return last;
}

/* Copies the blanks before what stands at start of a line. */
CE_MUSTCHECK static int
indent_as(const ce_text *document, size_t at, const char *more, struct ce_buf *out, struct ce_error *err)
{
	size_t line = ce_text_line_start(document, at);
	int rc = ce_buf_add(out, document->bytes.data + line, ce_text_skip_blanks(document, line, document->bytes.size) - line, err);
	return rc < 0 ? rc : ce_buf_adds(out, more, err);
}

CE_MUSTCHECK static int
add_directive(const struct ce_text_entry *added, struct ce_buf *out, struct ce_error *err)
{
	int rc = nginx_encode(added->key, NULL, out, err);
	for (size_t i = 0; i < added->value_count && rc == CE_OK; i++) {
		rc = ce_buf_adds(out, " ", err);
		if (rc == CE_OK)
			rc = nginx_encode(added->values[i].text, NULL, out, err);
	}
	return rc < 0 ? rc : ce_buf_adds(out, ";", err);
}

/* On a line of its own behind the last directive, or beside it where that shares its line with what follows. */
static int
nginx_place(ce_text *document, const struct ce_text_entry *added, struct ce_text_splice *splice, struct ce_error *err)
{
	const struct ce_text_entry *block = added->parent, *last = last_child(document, block);
	size_t behind = last ? last->end : block ? block->inner : 0;
	bool at_line = behind == ce_text_line_start(document, behind);
	size_t rest = ce_text_skip_blanks(document, behind, document->bytes.size);
	bool comment = !at_line && (rest == ce_text_line_end(document, rest) || document->bytes.data[rest] == '#');
	bool own_line = at_line || comment;
	splice->start = splice->end = comment ? ce_text_line_next(document, rest) : behind;
	int rc = CE_OK;
	if (own_line && last)
		rc = indent_as(document, last->start, "", &splice->text, err);
	else if (own_line && block)
		rc = indent_as(document, block->start, "    ", &splice->text, err);
	else if (!own_line)
		rc = ce_buf_adds(&splice->text, " ", err);
	if (rc == CE_OK)
		rc = add_directive(added, &splice->text, err);
	return rc < 0 || !own_line ? rc : ce_text_as_lines(document, splice, err);
}

const struct ce_text_syntax_of ce_text_nginx = { nginx_scan, nginx_encode, nginx_place };
