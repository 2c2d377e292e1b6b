#include "net/link.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

static const char *
skip_space(const char *at)
{
	return at + strspn(at, " \t");
}

/* One word out of a space-separated list of relations. */
static bool
has_word(const char *words, size_t size, const char *word)
{
	size_t length = strlen(word);
	for (size_t i = 0; i < size;) {
		while (i < size && (words[i] == ' ' || words[i] == '\t'))
			i++;
		size_t start = i;
		while (i < size && words[i] != ' ' && words[i] != '\t')
			i++;
		if (i - start == length && !strncasecmp(words + start, word, length))
			return true;
	}
	return false;
}

/* The value of a parameter: a quoted string or a token. Returns what follows it, NULL if unfinished. */
static const char *
read_value(const char *at, const char **ret_value, size_t *ret_size)
{
	if (*at != '"') {
		*ret_value = at;
		*ret_size = strcspn(at, ";, \t");
		return at + *ret_size;
	}
	const char *end = at + 1;
	while (*end && *end != '"')
		end += end[0] == '\\' && end[1] ? 2 : 1;
	if (!*end)
		return NULL;
	*ret_value = at + 1;
	*ret_size = (size_t)(end - at - 1);
	return end + 1;
}

/* Reads the parameters of one link; *ret_matches tells whether the first rel among them has the
 * relation (later ones do not count, RFC 8288 section 3.3). Returns what follows, NULL if malformed. */
static const char *
read_parameters(const char *at, const char *rel, bool *ret_matches)
{
	bool seen = false;
	*ret_matches = false;
	for (at = skip_space(at); *at == ';'; at = skip_space(at)) {
		at = skip_space(at + 1);
		const char *name = at, *value = "";
		size_t name_size = strcspn(at, "=;, \t"), value_size = 0;
		at = skip_space(at + name_size);
		if (*at == '=')
			at = read_value(skip_space(at + 1), &value, &value_size);
		if (!at)
			return NULL;
		if (!seen && name_size == 3 && !strncasecmp(name, "rel", 3)) {
			seen = true;
			*ret_matches = has_word(value, value_size, rel);
		}
	}
	return at;
}

char *
ce_link_find(const char *value, const char *rel, size_t index)
{
	for (const char *at = skip_space(value); *at == '<';) {
		const char *target = at + 1, *end = strchr(target, '>');
		if (!end)
			return NULL;
		bool matches = false;
		at = read_parameters(end + 1, rel, &matches);
		if (!at)
			return NULL;
		if (matches && index-- == 0)
			return strndup(target, (size_t)(end - target));
		at += strspn(at, ", \t");
	}
	return NULL;
}
