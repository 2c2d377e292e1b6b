#include "base/text.h"

#include <stdio.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LONGEST_WORD 64
#define SHORTEST_SECRET 4

static const char mask[] = "********";

/* Length of the UTF-8 sequence that the first byte announces; 0: it cannot start one. */
static size_t
announced(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first >= 0xc2 && first <= 0xdf)
		return 2;
	if ((first & 0xf0) == 0xe0)
		return 3;
	if (first >= 0xf0 && first <= 0xf4)
		return 4;
	return 0;
}

/* Decodes one sequence (RFC 3629); 0: not valid. */
static size_t
decode(const unsigned char *text, size_t size, uint32_t *ret_point)
{
	static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	static const unsigned char first_bits[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };

	size_t length = announced(text[0]);
	if (length == 0 || length > size)
		return 0;
	uint32_t point = text[0] & first_bits[length];
	for (size_t i = 1; i < length; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		point = point << 6 | (text[i] & 0x3f);
	}
	if (point < smallest[length] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
		return 0;
	*ret_point = point;
	return length;
}

/* Points that move the cursor, break the line or turn the reading order (SEC-10). */
static bool
harmful(uint32_t point)
{
	static const struct {
		uint32_t first, last;
	} ranges[] = {
		{ 0x00, 0x1f }, { 0x7f, 0x9f }, { 0x061c, 0x061c }, { 0x200e, 0x200f }, { 0x2028, 0x202e },
		{ 0x2066, 0x2069 }, { 0xfeff, 0xfeff },
	};
	for (size_t i = 0; i < CE_COUNT(ranges); i++)
		if (point >= ranges[i].first && point <= ranges[i].last)
			return true;
	return false;
}

struct piece {
	size_t taken;    /* bytes of the input */
	size_t size;     /* bytes of out */
	char out[4 * 4 + 1];
};

/* The next character as it may be shown. */
static struct piece
next_piece(const unsigned char *text, size_t size, bool lines)
{
	struct piece piece = { 0, 0, "" };
	uint32_t point = 0;
	size_t length = decode(text, size, &point);
	bool plain = length > 0 && (!harmful(point) || (lines && (point == '\n' || point == '\t')));

	piece.taken = length > 0 ? length : 1;
	if (plain) {
		memcpy(piece.out, text, length);
		piece.size = length;
		return piece;
	}
	for (size_t i = 0; i < piece.taken; i++, piece.size += 4)
		(void)snprintf(piece.out + piece.size, 5, "\\x%02x", text[i]); /* always four characters */
	return piece;
}

void
ce_text_printable(char *out, size_t room, const char *text)
{
	if (room == 0)
		return;

	const unsigned char *at = (const unsigned char *)text;
	size_t left = strlen(text), used = 0;
	while (left > 0) {
		struct piece piece = next_piece(at, left, false);
		if (piece.size >= room - used)
			break;
		memcpy(out + used, piece.out, piece.size);
		used += piece.size;
		at += piece.taken;
		left -= piece.taken;
	}
	out[used] = '\0';
}

int
ce_text_add_printable(struct ce_buf *out, const void *text, size_t size, bool lines, struct ce_error *err)
{
	const unsigned char *at = text;
	while (size > 0) {
		struct piece piece = next_piece(at, size, lines);
		int code = ce_buf_add(out, piece.out, piece.size, err);
		if (code != CE_OK)
			return code;
		at += piece.taken;
		size -= piece.taken;
	}
	return CE_OK;
}

static bool
consists_of(const char *name, const char *alphabet, size_t longest)
{
	size_t length = strspn(name, alphabet);
	return length > 0 && length <= longest && name[length] == '\0';
}

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

bool
ce_name_is_plain(const char *name)
{
	return consists_of(name, LOWER DIGITS "-", 32);
}

bool
ce_name_is_label(const char *name)
{
	return name[0] != '.' && consists_of(name, LOWER UPPER DIGITS "._-", 64);
}

bool
ce_name_is_token(const char *name)
{
	return consists_of(name, LOWER UPPER DIGITS "_-", 255);
}

static size_t
smaller(size_t left, size_t right)
{
	return left < right ? left : right;
}

/* Edits (insert, drop, replace, swap of neighbours) from left to right. */
static size_t
distance(const char *left, size_t left_size, const char *right, size_t right_size)
{
	size_t rows[3][LONGEST_WORD + 1];
	for (size_t j = 0; j <= right_size; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= left_size; i++) {
		size_t *now = rows[i % 3], *before = rows[(i + 2) % 3], *twice = rows[(i + 1) % 3];
		now[0] = i;
		for (size_t j = 1; j <= right_size; j++) {
			now[j] = smaller(before[j - 1] + (left[i - 1] != right[j - 1]), smaller(before[j], now[j - 1]) + 1);
			if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1])
				now[j] = smaller(now[j], twice[j - 2] + 1);
		}
	}
	return rows[left_size % 3][right_size];
}

const char *
ce_text_nearest(const char *word, const char *const *candidates)
{
	size_t size = strlen(word);
	if (size == 0 || size > LONGEST_WORD)
		return NULL;

	size_t best = size / 3 > 1 ? size / 3 : 1;
	const char *nearest = NULL;
	for (; candidates && *candidates; candidates++) {
		size_t candidate_size = strlen(*candidates);
		if (candidate_size > LONGEST_WORD)
			continue;
		size_t found = distance(word, size, *candidates, candidate_size);
		if (found < best || (found == best && !nearest)) {
			best = found;
			nearest = *candidates;
		}
	}
	return nearest;
}

/* Length of the longest secret that starts at text; 0: none does. */
static size_t
secret_at(const unsigned char *text, size_t size, const char *const *secrets)
{
	size_t longest = 0;
	for (; *secrets; secrets++) {
		if ((unsigned char)(*secrets)[0] != text[0])
			continue;
		size_t length = strlen(*secrets);
		if (length >= SHORTEST_SECRET && length > longest && length <= size && memcmp(text, *secrets, length) == 0)
			longest = length;
	}
	return longest;
}

int
ce_text_mask(struct ce_buf *text, const char *const *secrets, struct ce_error *err)
{
	if (text->size == 0 || !secrets || !*secrets)
		return CE_OK;

	CE_CLEANUP(ce_buf_release) struct ce_buf out = { NULL, 0, 0, text->limit, text->secret };
	size_t hidden_until = 0; /* secrets that overlap leave no rest between them */
	for (size_t at = 0; at < text->size; at++) {
		size_t length = secret_at(text->data + at, text->size - at, secrets);
		int code = CE_OK;
		if (length > 0 && at >= hidden_until)
			code = ce_buf_adds(&out, mask, err);
		else if (at >= hidden_until)
			code = ce_buf_add(&out, text->data + at, 1, err);
		if (code != CE_OK)
			return code;
		if (length > 0 && at + length > hidden_until)
			hidden_until = at + length;
	}
	struct ce_buf old = *text;
	*text = out;
	out = old;
	return CE_OK;
}

int
ce_text_assign(char **place, const char *text, struct ce_error *err)
{
	char *fresh = text ? strdup(text) : NULL;
	if (text && !fresh)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	free(*place);
	*place = fresh;
	return CE_OK;
}

void
ce_text_hex(char *out, const void *bytes, size_t size)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *at = bytes;
	for (size_t i = 0; i < size; i++) {
		*out++ = digits[at[i] >> 4];
		*out++ = digits[at[i] & 15];
	}
	*out = '\0';
}

void
ce_text_time(char *out, long long seconds)
{
	time_t when = (time_t)seconds;
	struct tm parts;
	if (!gmtime_r(&when, &parts) || strftime(out, 21, "%Y-%m-%dT%H:%M:%SZ", &parts) == 0)
		strcpy(out, "-"); /* a year of five digits has no such form */
}
