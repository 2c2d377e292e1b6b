#include "deploy/diff.h"

#include <pwd.h>
#include <grp.h>
#include <stdint.h>
#include <string.h>

#include "base/text.h"

#define CONTEXT 3
#define CELLS_MAX (16u << 20) /* beyond it the differing middle is shown as replaced whole */

struct line {
	const unsigned char *data;
	size_t size; /* with its newline, if it has one */
};
struct lines {
	struct line *items;
	size_t count;
};

static void
free_lines(struct lines *lines)
{
	free(lines->items);
}

static int
split(const struct ce_bytes *bytes, struct lines *ret_lines, struct ce_error *err)
{
	size_t count = 0;
	if (bytes)
		for (size_t i = 0; i < bytes->size; i++)
			count += bytes->data[i] == '\n' || i + 1 == bytes->size;
	struct line *items = calloc(count + 1, sizeof(*items));
	if (!items)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	const unsigned char *at = bytes ? bytes->data : NULL;
	const unsigned char *end = bytes ? bytes->data + bytes->size : NULL;
	for (size_t i = 0; i < count; i++) {
		const unsigned char *newline = memchr(at, '\n', (size_t)(end - at));
		items[i].data = at;
		items[i].size = newline ? (size_t)(newline - at) + 1 : (size_t)(end - at);
		at += items[i].size;
	}
	ret_lines->items = items;
	ret_lines->count = count;
	return CE_OK;
}

static bool
same(const struct line *a, const struct line *b)
{
	return a->size == b->size && memcmp(a->data, b->data, a->size) == 0;
}

/* Marks the lines that are not common to both, by the longest common subsequence of what lies
 * between the common head and the common tail. */
static int
mark(const struct lines *a, const struct lines *b, bool *gone, bool *come, struct ce_error *err)
{
	size_t head = 0, tail = 0;
	while (head < a->count && head < b->count && same(&a->items[head], &b->items[head]))
		head++;
	while (tail < a->count - head && tail < b->count - head
	       && same(&a->items[a->count - 1 - tail], &b->items[b->count - 1 - tail]))
		tail++;
	size_t rows = a->count - head - tail, columns = b->count - head - tail;
	memset(gone + head, true, rows);
	memset(come + head, true, columns);
	if (rows == 0 || columns == 0 || (rows + 1) * (columns + 1) > CELLS_MAX)
		return CE_OK;

	CE_CLEANUP(ce_freep) uint32_t *length = calloc((rows + 1) * (columns + 1), sizeof(*length));
	if (!length)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	for (size_t i = rows; i-- > 0;)
		for (size_t j = columns; j-- > 0;) {
			uint32_t *cell = &length[i * (columns + 1) + j];
			uint32_t down = cell[columns + 1], right = cell[1];
			*cell = same(&a->items[head + i], &b->items[head + j]) ? cell[columns + 2] + 1 : down > right ? down : right;
		}
	for (size_t i = 0, j = 0; i < rows && j < columns;) {
		const uint32_t *cell = &length[i * (columns + 1) + j];
		if (same(&a->items[head + i], &b->items[head + j])) {
			gone[head + i++] = false;
			come[head + j++] = false;
		} else if (cell[columns + 1] >= cell[1]) {
			i++;
		} else {
			j++;
		}
	}
	return CE_OK;
}

static int
put_line(struct ce_buf *out, char sign, const struct line *line, struct ce_error *err)
{
	int code = ce_buf_addf(out, err, "%c", sign);
	if (code == CE_OK)
		code = ce_text_add_printable(out, line->data, line->size, true, err);
	if (code == CE_OK && (line->size == 0 || line->data[line->size - 1] != '\n'))
		code = ce_buf_adds(out, "\n\\ No newline at end of file\n", err);
	return code;
}

/* Where a hunk begins and ends in both texts. */
struct hunk {
	size_t a_from, a_to, b_from, b_to;
};

/* The next hunk at or after (i, j): from CONTEXT lines before its first change to CONTEXT lines after its last. */
static bool
next_hunk(const struct lines *a, const struct lines *b, const bool *gone, const bool *come, size_t i, size_t j,
	struct hunk *ret_hunk)
{
	while (i < a->count && j < b->count && !gone[i] && !come[j]) {
		i++;
		j++;
	}
	if (i >= a->count && j >= b->count)
		return false;
	size_t lead = i < CONTEXT ? i : CONTEXT;
	if (lead > j)
		lead = j;
	struct hunk hunk = { i - lead, i, j - lead, j };
	size_t quiet = 0;
	while ((i < a->count || j < b->count) && quiet <= 2 * CONTEXT) {
		if (i < a->count && gone[i]) {
			i++;
			quiet = 0;
		} else if (j < b->count && come[j]) {
			j++;
			quiet = 0;
		} else {
			i++;
			j++;
			quiet++;
		}
		if (quiet == 0) {
			hunk.a_to = i;
			hunk.b_to = j;
		}
	}
	size_t rest = a->count - hunk.a_to < CONTEXT ? a->count - hunk.a_to : CONTEXT;
	hunk.a_to += rest;
	hunk.b_to += rest;
	*ret_hunk = hunk;
	return true;
}

static int
put_hunk(struct ce_buf *out, const struct lines *a, const struct lines *b, const bool *gone, const bool *come,
	const struct hunk *hunk, struct ce_error *err)
{
	size_t a_size = hunk->a_to - hunk->a_from, b_size = hunk->b_to - hunk->b_from;
	int code = ce_buf_addf(out, err, "@@ -%zu,%zu +%zu,%zu @@\n", hunk->a_from + (a_size > 0), a_size,
		hunk->b_from + (b_size > 0), b_size);
	size_t i = hunk->a_from, j = hunk->b_from;
	while (code == CE_OK && (i < hunk->a_to || j < hunk->b_to)) {
		if (i < hunk->a_to && gone[i]) {
			code = put_line(out, '-', &a->items[i++], err);
		} else if (j < hunk->b_to && come[j]) {
			code = put_line(out, '+', &b->items[j++], err);
		} else {
			code = put_line(out, ' ', &a->items[i++], err);
			j++;
		}
	}
	return code;
}

int
ce_diff_add(struct ce_buf *out, const char *path, const struct ce_bytes *before, const struct ce_bytes *after,
	struct ce_error *err)
{
	CE_CLEANUP(free_lines) struct lines a = { 0 };
	int code = split(before, &a, err);
	if (code < 0)
		return code;
	CE_CLEANUP(free_lines) struct lines b = { 0 };
	code = split(after, &b, err);
	if (code < 0)
		return code;
	CE_CLEANUP(ce_freep) bool *gone = calloc(a.count + 1, sizeof(*gone));
	CE_CLEANUP(ce_freep) bool *come = calloc(b.count + 1, sizeof(*come));
	if (!gone || !come)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	code = mark(&a, &b, gone, come, err);
	if (code < 0)
		return code;

	code = ce_buf_addf(out, err, "--- %s\n+++ %s\n", before ? path : "/dev/null", after ? path : "/dev/null");
	struct hunk hunk = { 0 };
	while (code == CE_OK && next_hunk(&a, &b, gone, come, hunk.a_to, hunk.b_to, &hunk))
		code = put_hunk(out, &a, &b, gone, come, &hunk, err);
	return code;
}

static int
show_owner(struct ce_buf *out, const struct ce_change *change, struct ce_error *err)
{
	const struct ce_file_info *before = &change->before_info;
	if (before->exists && before->uid == change->uid && before->gid == change->gid && before->mode == change->mode)
		return CE_OK;
	const struct passwd *user = getpwuid(change->uid);
	const struct group *group = getgrgid(change->gid);
	char uid[24], gid[24];
	snprintf(uid, sizeof(uid), "%lu", (unsigned long)change->uid);
	snprintf(gid, sizeof(gid), "%lu", (unsigned long)change->gid);
	return ce_buf_addf(out, err, "%s '%s': owner %s, group %s, mode %04o\n", before->exists ? "set" : "create",
		change->path, user ? user->pw_name : uid, group ? group->gr_name : gid, (unsigned)change->mode);
}

static bool
is_text(const struct ce_buf *bytes)
{
	return !bytes->data || !memchr(bytes->data, '\0', bytes->size);
}

static int
show_write(struct ce_buf *out, const struct ce_change *change, struct ce_error *err)
{
	bool existed = change->before_info.exists;
	int code = show_owner(out, change, err);
	if (code < 0 || strcmp(change->before_digest, change->after_digest) == 0)
		return code;
	if (change->note)
		return ce_buf_addf(out, err, "%s '%s': %s\n", existed ? "replace" : "write", change->path, change->note);
	if (!is_text(&change->before) || !is_text(&change->bytes))
		return ce_buf_addf(out, err, "%s '%s': %zu bytes\n", existed ? "replace" : "write", change->path,
			change->bytes.size);
	struct ce_bytes before = ce_buf_bytes(&change->before), after = ce_buf_bytes(&change->bytes);
	return ce_diff_add(out, change->path, existed ? &before : NULL, &after, err);
}

static int
show_command(struct ce_buf *out, const struct ce_change *change, struct ce_error *err)
{
	int code = ce_buf_addf(out, err, "run (%s):", change->what);
	for (size_t i = 0; code == CE_OK && i < change->do_argv.count; i++) {
		const char *word = change->do_argv.items[i];
		code = ce_buf_adds(out, " ", err);
		if (code == CE_OK)
			code = ce_text_add_printable(out, word, strlen(word), false, err);
	}
	return code == CE_OK ? ce_buf_adds(out, "\n", err) : code;
}

int
ce_changes_show(const struct ce_changes *changes, struct ce_buf *ret_text, struct ce_error *err)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf text = CE_BUF_SECRET;
	int code = CE_OK;
	for (size_t i = 0; code == CE_OK && i < changes->count; i++) {
		const struct ce_change *change = &changes->items[i];
		if (change->kind == CE_CHANGE_WRITE)
			code = show_write(&text, change, err);
		else if (change->kind == CE_CHANGE_REMOVE)
			code = ce_buf_addf(&text, err, "remove '%s'\n", change->path);
		else
			code = show_command(&text, change, err);
	}
	if (code == CE_OK && changes->secrets.count > 0)
		code = ce_text_mask(&text, (const char *const *)changes->secrets.items, err);
	return code == CE_OK ? ce_buf_add(ret_text, text.data, text.size, err) : code;
}
