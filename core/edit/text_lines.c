/* Lines and characters, for every syntax. */
#include <string.h>

#include "edit/text_own.h"

static bool
ends_line(unsigned char byte)
{
	return byte == '\n' || byte == '\r';
}

size_t
ce_text_line_start(const ce_text *document, size_t at)
{
	while (at > 0 && !ends_line(document->bytes.data[at - 1]))
		at--;
	return at == 0 ? ce_text_bom(document) : at;
}

size_t
ce_text_line_end(const ce_text *document, size_t at)
{
	while (at < document->bytes.size && !ends_line(document->bytes.data[at]))
		at++;
	return at;
}

size_t
ce_text_line_next(const ce_text *document, size_t at)
{
	size_t end = ce_text_line_end(document, at);
	if (end >= document->bytes.size)
		return end;
	bool two = document->bytes.data[end] == '\r' && end + 1 < document->bytes.size && document->bytes.data[end + 1] == '\n';
	return end + (two ? 2 : 1);
}

long
ce_text_line_number(const ce_text *document, size_t at)
{
	long line = 1;
	for (size_t i = 0; i < at && i < document->bytes.size; i++) {
		bool second = document->bytes.data[i] == '\n' && i > 0 && document->bytes.data[i - 1] == '\r';
		if (ends_line(document->bytes.data[i]) && !second)
			line++;
	}
	return line;
}

const char *
ce_text_eol(const ce_text *document)
{
	size_t end = ce_text_line_end(document, 0);
	if (end >= document->bytes.size || document->bytes.data[end] == '\n')
		return "\n";
	return ce_text_line_next(document, 0) == end + 2 ? "\r\n" : "\r";
}

size_t
ce_text_skip_blanks(const ce_text *document, size_t at, size_t end)
{
	while (at < end && (document->bytes.data[at] == ' ' || document->bytes.data[at] == '\t'))
		at++;
	return at;
}

bool
ce_text_only_blanks(const ce_text *document, size_t start, size_t end)
{
	return ce_text_skip_blanks(document, start, end) == end;
}

size_t
ce_text_bom(const ce_text *document)
{
	return document->bytes.size >= 3 && memcmp(document->bytes.data, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}

int
ce_text_as_lines(const ce_text *document, struct ce_text_splice *splice, struct ce_error *err)
{
	size_t at = splice->start;
	const char *eol = ce_text_eol(document);
	if (at <= ce_text_bom(document) || ends_line(document->bytes.data[at - 1]))
		return ce_buf_adds(&splice->text, eol, err);

	struct ce_buf lines = splice->text;
	splice->text = (struct ce_buf)CE_BUF_SECRET;
	int rc = ce_buf_adds(&splice->text, eol, err);
	if (rc == CE_OK)
		rc = ce_buf_add(&splice->text, lines.data, lines.size, err);
	ce_buf_release(&lines);
	return rc;
}

int
ce_text_literal(const char *value, struct ce_buf *out, struct ce_error *err)
{
	size_t size = strlen(value);
	for (size_t i = 0; i < size; i++)
		if (((unsigned char)value[i] < 0x20 && value[i] != '\t') || value[i] == 0x7f)
			return ce_fail(err, CE_ERR_INVALID, "a value with a control character cannot be written in this file");
	if (size > 0 && (strchr(" \t", value[0]) || strchr(" \t", value[size - 1])))
		return ce_fail(err, CE_ERR_INVALID, "a value with blanks around it cannot be written in this file");
	return ce_buf_add(out, value, size, err);
}

/* RFC 3629 section 3: how many bytes follow the first, and the smallest point that needs that many. */
static int
following(unsigned char first, uint32_t *ret_bits, uint32_t *ret_least)
{
	static const struct {
		unsigned char mask, mark;
		uint32_t least;
	} forms[] = { { 0x80, 0x00, 0 }, { 0xe0, 0xc0, 0x80 }, { 0xf0, 0xe0, 0x800 }, { 0xf8, 0xf0, 0x10000 } };
	for (int i = 0; i < (int)CE_COUNT(forms); i++) {
		if ((first & forms[i].mask) != forms[i].mark)
			continue;
		*ret_bits = (uint32_t)(first & ~forms[i].mask);
		*ret_least = forms[i].least;
		return i;
	}
	return -1;
}

int
ce_text_code_point(const char **at, uint32_t *ret_point, struct ce_error *err)
{
	uint32_t point = 0, least = 0;
	const unsigned char *byte = (const unsigned char *)*at;
	int more = following(*byte++, &point, &least);
	for (int i = 0; i < more; i++, byte++) {
		if ((*byte & 0xc0) != 0x80)
			return ce_fail(err, CE_ERR_INVALID, "a text that is no UTF-8 cannot be written");
		point = point << 6 | (*byte & 0x3fu);
	}
	if (more < 0 || point < least || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
		return ce_fail(err, CE_ERR_INVALID, "a text that is no UTF-8 cannot be written");
	*at = (const char *)byte;
	*ret_point = point;
	return CE_OK;
}

int
ce_text_add_utf8(struct ce_buf *out, uint32_t point, struct ce_error *err)
{
	unsigned char bytes[4];
	size_t size = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
	static const unsigned char marks[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	for (size_t i = size; i > 1; i--, point >>= 6)
		bytes[i - 1] = (unsigned char)(0x80 | (point & 0x3f));
	bytes[0] = (unsigned char)(marks[size] | point);
	return ce_buf_add(out, bytes, size, err);
}
