#include "acme/pem.h"

#include <stdbool.h>
#include <string.h>

#include "acme/wire.h"

#define BLOCKS_MAX 10

static const char begin[] = "-----BEGIN CERTIFICATE-----";
static const char end[] = "-----END CERTIFICATE-----";

/* Length without trailing white space. */
static size_t
trimmed(const char *line, size_t size)
{
	while (size > 0 && strchr(" \t\r", line[size - 1]) && line[size - 1])
		size--;
	return size;
}

static bool
is(const char *line, size_t size, const char *text)
{
	return size == strlen(text) && !memcmp(line, text, size);
}

static bool
is_base64(const char *line, size_t size)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
	for (size_t i = 0; i < size; i++)
		if (!memchr(alphabet, line[i], sizeof(alphabet) - 1))
			return false;
	return true;
}

/* NULL, or what is wrong with a line; inside and blocks are moved on. */
static const char *
judge_line(const char *line, size_t size, bool *inside, size_t *blocks)
{
	if (*inside) {
		*inside = !is(line, size, end);
		return !*inside || is_base64(line, size) ? NULL : "a block holds more than base64";
	}
	if (size == 0)
		return NULL;
	if (!is(line, size, begin))
		return "it holds something else than certificates";
	*inside = true;
	return ++*blocks <= BLOCKS_MAX ? NULL : "it holds more than ten certificates";
}

int
ce_acme_pem_check(struct ce_bytes pem, struct ce_error *err)
{
	bool inside = false;
	size_t blocks = 0;
	const char *at = (const char *)pem.data, *stop = at + pem.size;
	if (pem.size > CE_ACME_CHAIN_MAX)
		return ce_fail(err, CE_ERR_ISSUER, "it is larger than 64 KiB");
	while (at < stop) {
		const char *next = memchr(at, '\n', (size_t)(stop - at));
		const char *problem = judge_line(at, trimmed(at, (size_t)((next ? next : stop) - at)), &inside, &blocks);
		if (problem)
			return ce_fail(err, CE_ERR_ISSUER, "%s", problem);
		at = next ? next + 1 : stop;
	}
	if (inside || blocks == 0)
		return ce_fail(err, CE_ERR_ISSUER, "%s", inside ? "it is cut short" : "it holds no certificate");
	return CE_OK;
}
