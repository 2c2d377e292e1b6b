#include "common/plug.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool
ce_plug_equal(const char *a, const char *b)
{
	return a && b && strcmp(a, b) == 0;
}

bool
ce_plug_equal_nocase(const char *a, const char *b)
{
	return a && b && strcasecmp(a, b) == 0;
}

bool
ce_plug_starts(const char *text, const char *start)
{
	return text && strncmp(text, start, strlen(start)) == 0;
}

bool
ce_plug_is_ascii(const char *text, size_t least)
{
	size_t size = 0;
	if (!text)
		return false;

	for (; text[size] != '\0'; size++)
		if (text[size] < 0x20 || text[size] > 0x7e)
			return false;
	return size >= least;
}

bool
ce_plug_number(const char *text, long limit, long *ret_number)
{
	if (!text || text[0] == '\0' || text[strspn(text, "0123456789")] != '\0' || strlen(text) > 9)
		return false;

	long number = strtol(text, NULL, 10);
	if (number > limit)
		return false;

	*ret_number = number;
	return true;
}

bool
ce_plug_covers(const char *pattern, const char *name)
{
	if (ce_plug_equal_nocase(pattern, name))
		return true;

	const char *dot = strchr(name, '.');
	return ce_plug_starts(pattern, "*.") && dot && dot != name && ce_plug_equal_nocase(pattern + 1, dot);
}

bool
ce_plug_is_address(const char *text)
{
	return strchr(text, ':') || text[strspn(text, "0123456789.")] == '\0';
}

const char *
ce_plug_lower(const struct ce_services *services, ce_call *call, const char *text)
{
	size_t size = strlen(text);
	char *copy = services->allocate(call, size + 1);
	if (!copy)
		return NULL;

	for (size_t i = 0; i <= size; i++)
		copy[i] = (char)(text[i] >= 'A' && text[i] <= 'Z' ? text[i] + ('a' - 'A') : text[i]);
	return copy;
}

static const char *
copy_bytes(const struct ce_services *services, ce_call *call, const void *data, size_t size)
{
	char *copy = services->allocate(call, size + 1);
	if (!copy)
		return NULL;

	if (size > 0)
		memcpy(copy, data, size);
	copy[size] = '\0';
	return copy;
}

const char *
ce_plug_directory(const struct ce_services *services, ce_call *call, const char *path)
{
	const char *slash = strrchr(path, '/');
	if (!slash || slash == path)
		return "/";
	return copy_bytes(services, call, path, (size_t)(slash - path));
}

const char *
ce_plug_first_line(const struct ce_services *services, ce_call *call, struct ce_bytes bytes)
{
	size_t from = bytes.size >= 3 && memcmp(bytes.data, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
	size_t to = from;
	while (to < bytes.size && bytes.data[to] != '\n' && bytes.data[to] != '\r' && bytes.data[to] != '\0')
		to++;
	return copy_bytes(services, call, to > from ? bytes.data + from : (const unsigned char *)"", to - from);
}

int
ce_plug_no_memory(const struct ce_services *services, ce_call *call)
{
	return services->fail(call, CE_ERR_MEMORY, "out of memory");
}
