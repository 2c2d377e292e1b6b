/* Writing YAML: scalars in the style they had, and new pairs below the mapping that holds most of their path. */
#include <string.h>
#include <yaml.h>

#include "edit/text_own.h"

/* Texts that every reader takes for themselves (or, for numbers and truth values, that mean the same as the text):
 * nothing that could be an octal number, a date, null, or one of YAML 1.1's many names of true and false. */
static bool
is_plain(const char *value)
{
	static const char *const words[] = { "y", "n", "yes", "no", "on", "off", "null" };
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	static const char digits[] = "0123456789";
	size_t size = strlen(value);
	for (size_t i = 0; i < CE_COUNT(words); i++)
		if (strcasecmp(words[i], value) == 0)
			return false;
	if (value[0] >= '1' && value[0] <= '9')
		return size <= 9 && value[strspn(value, digits)] == '\0';
	if (size == 0 || (!strchr(letters, value[0]) && value[0] != '/'))
		return false;
	for (size_t i = 0; i < size; i++)
		if (!strchr(letters, value[i]) && !strchr(digits, value[i]) && !strchr("/._-", value[i]))
			return false;
	return true;
}

CE_MUSTCHECK static int
add_double(const char *value, struct ce_buf *out, struct ce_error *err)
{
	int rc = ce_buf_adds(out, "\"", err);
	while (*value != '\0' && rc == CE_OK) {
		uint32_t point = 0;
		rc = ce_text_code_point(&value, &point, err);
		if (rc < 0)
			return rc;
		if (point == '"' || point == '\\')
			rc = ce_buf_addf(out, err, "\\%c", (int)point);
		else if (point < 0x20 || (point >= 0x7f && point < 0xa0))
			rc = ce_buf_addf(out, err, "\\x%02X", point);
		else if (point == 0x2028 || point == 0x2029 || point == 0xfeff || (point >= 0xfffe && point <= 0xffff))
			rc = ce_buf_addf(out, err, "\\u%04X", point);
		else
			rc = ce_text_add_utf8(out, point, err);
	}
	return rc < 0 ? rc : ce_buf_adds(out, "\"", err);
}

CE_MUSTCHECK static int
add_single(const char *value, struct ce_buf *out, struct ce_error *err)
{
	int rc = ce_buf_adds(out, "'", err);
	for (; *value != '\0' && rc == CE_OK; value++)
		rc = *value == '\'' ? ce_buf_adds(out, "''", err) : ce_buf_add(out, value, 1, err);
	return rc < 0 ? rc : ce_buf_adds(out, "'", err);
}

static bool
is_printable_ascii(const char *value)
{
	for (; *value != '\0'; value++)
		if (*value < 0x20 || *value > 0x7e)
			return false;
	return true;
}

/* The empty value behind a colon is a value without place of its own. */
int
ce_text_yaml_encode(const char *value, const struct ce_text_value *old, struct ce_buf *out, struct ce_error *err)
{
	int style = old ? old->style : YAML_PLAIN_SCALAR_STYLE;
	int rc = old && old->start == old->end ? ce_buf_adds(out, " ", err) : CE_OK;
	if (rc < 0)
		return rc;
	if (style != YAML_DOUBLE_QUOTED_SCALAR_STYLE && style != YAML_SINGLE_QUOTED_SCALAR_STYLE && is_plain(value))
		return ce_buf_adds(out, value, err);
	if (style == YAML_DOUBLE_QUOTED_SCALAR_STYLE || !is_printable_ascii(value))
		return add_double(value, out, err);
	return add_single(value, out, err);
}

/* ------------------------------------------------------------------ new pairs */

/* The mapping of the section that holds the longest beginning of the path. */
static const struct ce_text_place *
deepest(const ce_text *document, const char *section, const char *path)
{
	const struct ce_text_place *best = NULL;
	for (const struct ce_text_place *place = document->places; place; place = place->next) {
		size_t size = strlen(place->path);
		bool holds = size == 0 || (strncmp(place->path, path, size) == 0 && path[size] == '.');
		if (strcmp(place->section, section) == 0 && holds && (!best || size > strlen(best->path)))
			best = place;
	}
	return best;
}

/* How much deeper a mapping stands than the one around it: as the file has it, else two. */
static size_t
step_of(const ce_text *document)
{
	size_t least = 0;
	for (const struct ce_text_place *place = document->places; place; place = place->next)
		if (place->indent > 0 && (least == 0 || place->indent < least))
			least = place->indent;
	return least > 0 && least <= 8 ? least : 2;
}

CE_MUSTCHECK static int
add_blanks(struct ce_buf *out, size_t count, struct ce_error *err)
{
	int rc = CE_OK;
	while (count-- > 0 && rc == CE_OK)
		rc = ce_buf_adds(out, " ", err);
	return rc;
}

/* What is left of the path, one line for each part. */
CE_MUSTCHECK static int
add_path(const ce_text *document, const char *path, size_t indent, struct ce_buf *out, struct ce_error *err)
{
	for (;;) {
		size_t size = strcspn(path, ".");
		CE_CLEANUP(ce_freep) char *part = strndup(path, size);
		if (!part)
			return ce_fail(err, CE_ERR_MEMORY, "out of memory");
		if (!is_plain(part) || strchr(part, '/'))
			return ce_fail(err, CE_ERR_INVALID, "'%s' cannot be written as a key", part);
		int rc = add_blanks(out, indent, err);
		if (rc == CE_OK)
			rc = ce_buf_addf(out, err, "%s:%s", part, path[size] == '.' ? ce_text_eol(document) : " ");
		if (rc < 0 || path[size] != '.')
			return rc;
		path += size + 1;
		indent += step_of(document);
	}
}

int
ce_text_yaml_place(ce_text *document, const struct ce_text_entry *added, struct ce_text_splice *splice,
	struct ce_error *err)
{
	const char *value = ce_text_value(added, 0);
	const struct ce_text_place *place = deepest(document, added->section, added->key);
	if (!place)
		return ce_fail(err, CE_ERR_NOT_FOUND, "the file has no document number %s", added->section);
	if (place->fixed)
		return ce_fail(err, CE_ERR_REFUSED, "'%s' cannot be added to '%s': %s", added->key, place->path, place->fixed);
	size_t known = strlen(place->path);
	splice->start = splice->end = place->end;
	int rc = add_path(document, added->key + known + (known > 0 ? 1 : 0), place->indent, &splice->text, err);
	if (rc == CE_OK)
		rc = ce_text_yaml_encode(value ? value : "", NULL, &splice->text, err);
	return rc < 0 ? rc : ce_text_as_lines(document, splice, err);
}
