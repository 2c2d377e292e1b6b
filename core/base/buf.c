#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SMALLEST_ROOM 64

void
ce_wipe(void *memory, size_t size)
{
	if (memory)
		explicit_bzero(memory, size);
}

/* realloc may leave a copy of the old bytes behind, so secrets move by hand. */
static unsigned char *
resize(const struct ce_buf *buf, size_t room)
{
	if (!buf->secret)
		return realloc(buf->data, room);

	unsigned char *data = malloc(room);
	if (data && buf->data) {
		memcpy(data, buf->data, buf->size);
		ce_wipe(buf->data, buf->room);
		free(buf->data);
	}
	return data;
}

/* Room for more bytes and the NUL behind them. */
static int
reserve(struct ce_buf *buf, size_t more)
{
	if (more > SIZE_MAX / 4 || buf->size > SIZE_MAX / 4)
		return CE_ERR_LIMIT;
	if (buf->limit > 0 && (buf->size > buf->limit || more > buf->limit - buf->size))
		return CE_ERR_LIMIT;

	size_t needed = buf->size + more + 1;
	if (needed <= buf->room)
		return CE_OK;
	size_t room = buf->room < SMALLEST_ROOM ? SMALLEST_ROOM : buf->room * 2;
	if (room < needed)
		room = needed;

	unsigned char *data = resize(buf, room);
	if (!data)
		return CE_ERR_MEMORY;
	buf->data = data;
	buf->room = room;
	return CE_OK;
}

static int
explain(const struct ce_buf *buf, int code, struct ce_error *err)
{
	if (code == CE_ERR_LIMIT)
		return ce_fail(err, code, "more than %zu bytes", buf->limit);
	return ce_fail(err, code, "out of memory");
}

int
ce_buf_add(struct ce_buf *buf, const void *data, size_t size, struct ce_error *err)
{
	int code = reserve(buf, size);
	if (code != CE_OK)
		return explain(buf, code, err);

	if (size > 0)
		memcpy(buf->data + buf->size, data, size);
	buf->size += size;
	buf->data[buf->size] = '\0';
	return CE_OK;
}

int
ce_buf_adds(struct ce_buf *buf, const char *text, struct ce_error *err)
{
	return ce_buf_add(buf, text, strlen(text), err);
}

int
ce_buf_addf(struct ce_buf *buf, struct ce_error *err, const char *format, ...)
{
	va_list list;
	va_start(list, format);
	int length = vsnprintf(NULL, 0, format, list);
	va_end(list);
	if (length < 0)
		return ce_fail(err, CE_ERR_INVALID, "text cannot be formatted");

	int code = reserve(buf, (size_t)length);
	if (code != CE_OK)
		return explain(buf, code, err);

	va_start(list, format);
	(void)vsnprintf((char *)buf->data + buf->size, (size_t)length + 1, format, list); /* measured above */
	va_end(list);
	buf->size += (size_t)length;
	return CE_OK;
}

void *
ce_buf_grow(struct ce_buf *buf, size_t size)
{
	if (reserve(buf, size) != CE_OK)
		return NULL;

	void *start = buf->data + buf->size;
	buf->size += size;
	buf->data[buf->size] = '\0';
	return start;
}

const char *
ce_buf_text(const struct ce_buf *buf)
{
	return buf->data ? (const char *)buf->data : "";
}

char *
ce_buf_steal_text(struct ce_buf *buf)
{
	char *text = buf->data ? (char *)CE_STEAL(buf->data) : strdup("");
	buf->size = 0;
	buf->room = 0;
	return text;
}

void
ce_buf_release(struct ce_buf *buf)
{
	if (buf->secret)
		ce_wipe(buf->data, buf->room);
	free(buf->data);
	buf->data = NULL;
	buf->size = 0;
	buf->room = 0;
}
