#include "config/scan.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <string.h>

#define NUMBER_MAX 80

/* A walk over the text by libconfig's own tokens: comments, strings, names, numbers, the rest. */
struct walk {
	const char *at;   /* the text is followed by a NUL */
	const char *end;
	int line;
	const char *file;
	struct ce_problems *problems;
	bool refused;
	bool behind_string; /* nothing but blanks and comments since a string */
};

static void
step(struct walk *walk, size_t count)
{
	for (; count > 0 && walk->at < walk->end; count--)
		if (*walk->at++ == '\n')
			walk->line++;
}

static bool
starts(const struct walk *walk, const char *what)
{
	size_t size = strlen(what);
	return (size_t)(walk->end - walk->at) >= size && memcmp(walk->at, what, size) == 0;
}

static void
skip_line(struct walk *walk)
{
	while (walk->at < walk->end && *walk->at != '\n')
		walk->at++;
}

static void
skip_comment(struct walk *walk)
{
	step(walk, 2);
	while (walk->at < walk->end && !starts(walk, "*/"))
		step(walk, 1);
	step(walk, 2);
}

static void
skip_name(struct walk *walk)
{
	while (walk->at < walk->end && (isalnum((unsigned char)*walk->at) || strchr("-_*", *walk->at)))
		walk->at++;
}

CE_MUSTCHECK static int
scan_string(struct walk *walk, struct ce_error *err)
{
	/* libconfig joins the two: a forgotten comma would make one long, wrong name of two. */
	if (walk->behind_string) {
		int code = ce_problems_add(walk->problems, walk->file, walk->line, err,
			"this text stands directly behind another: a ',' is missing between them");
		if (code < 0)
			return code;
	}
	walk->behind_string = true;
	step(walk, 1);
	while (walk->at < walk->end && *walk->at != '"') {
		if (starts(walk, "\\x00")) {
			walk->refused = true;
			int code = ce_problems_add(walk->problems, walk->file, walk->line, err,
				"a string must not hold \\x00");
			if (code < 0)
				return code;
		}
		step(walk, *walk->at == '\\' ? 2 : 1);
	}
	step(walk, 1);
	return CE_OK;
}

/* Where the literal ends and what it is: 0x1F, -17, 17L; a floating-point number is not our business. */
static const char *
number_end(const char *at, bool *ret_whole)
{
	*ret_whole = true;
	if (*at == '+' || *at == '-')
		at++;
	if (at[0] == '0' && (at[1] == 'x' || at[1] == 'X') && isxdigit((unsigned char)at[2])) {
		at += 2;
		while (isxdigit((unsigned char)*at))
			at++;
	} else {
		while (isdigit((unsigned char)*at))
			at++;
		if (*at == '.' || *at == 'e' || *at == 'E') {
			*ret_whole = false;
			while (isalnum((unsigned char)*at) || (*at && strchr(".+-", *at)))
				at++;
			return at;
		}
	}
	while (*at == 'L')
		at++;
	return at;
}

/* NULL when it fits. */
static const char *
number_trouble(const char *literal)
{
	bool wide = strchr(literal, 'L') != NULL;
	bool hex = strpbrk(literal, "xX") != NULL;
	errno = 0;
	long long value = strtoll(literal, NULL, hex ? 16 : 10);
	if (errno == ERANGE)
		return "does not fit 64 bits";
	if (!wide && (value > INT_MAX || value < INT_MIN))
		return "does not fit 32 bits: put an L behind it if it is meant";
	return NULL;
}

CE_MUSTCHECK static int
scan_number(struct walk *walk, struct ce_error *err)
{
	bool whole;
	const char *end = number_end(walk->at, &whole);
	size_t size = end > walk->at ? (size_t)(end - walk->at) : 1;
	char literal[NUMBER_MAX];
	const char *trouble = "is too long";
	if (size < sizeof(literal)) {
		memcpy(literal, walk->at, size);
		literal[size] = '\0';
		trouble = whole ? number_trouble(literal) : NULL;
	} else {
		memcpy(literal, walk->at, 16);
		strcpy(literal + 16, "...");
	}
	walk->at += size;
	if (!trouble)
		return CE_OK;
	return ce_problems_add(walk->problems, walk->file, walk->line, err, "the number %s %s", literal, trouble);
}

CE_MUSTCHECK static int
scan_include(struct walk *walk, struct ce_error *err)
{
	walk->refused = true;
	int code = ce_problems_add(walk->problems, walk->file, walk->line, err,
		"@include is not allowed here: put the file into conf.d beside certengine.conf instead");
	skip_line(walk);
	return code;
}

CE_MUSTCHECK static int
scan_token(struct walk *walk, struct ce_error *err)
{
	unsigned char first = (unsigned char)*walk->at;
	if (first != '"' && first != '#' && first != '/' && !isspace(first))
		walk->behind_string = false;
	if (first == '#' || starts(walk, "//"))
		skip_line(walk);
	else if (starts(walk, "/*"))
		skip_comment(walk);
	else if (first == '"')
		return scan_string(walk, err);
	else if (first == '@')
		return scan_include(walk, err);
	else if (isalpha(first) || first == '*')
		skip_name(walk);
	else if (isdigit(first) || first == '+' || first == '-' || first == '.')
		return scan_number(walk, err);
	else
		step(walk, 1);
	return CE_OK;
}

CE_MUSTCHECK static int
scan_nul(struct ce_bytes text, const char *file, struct ce_problems *problems, struct ce_error *err)
{
	const unsigned char *nul = memchr(text.data, '\0', text.size);
	int line = 1;
	for (const unsigned char *at = text.data; at < nul; at++)
		line += *at == '\n';
	int code = ce_problems_add(problems, file, line, err, "the file holds a NUL byte");
	return code < 0 ? code : ce_fail(err, CE_ERR_REFUSED, "'%s' holds a NUL byte", file);
}

int
ce_scan(struct ce_bytes text, const char *file, struct ce_problems *problems, struct ce_error *err)
{
	if (text.size == 0)
		return CE_OK;
	if (memchr(text.data, '\0', text.size))
		return scan_nul(text, file, problems, err);

	const char *begin = (const char *)text.data;
	struct walk walk = { begin, begin + text.size, 1, file, problems, false, false };
	while (walk.at < walk.end) {
		int code = scan_token(&walk, err);
		if (code < 0)
			return code;
	}
	return walk.refused ? ce_fail(err, CE_ERR_REFUSED, "'%s' cannot be read as it stands", file) : CE_OK;
}
