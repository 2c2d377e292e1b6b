#include "cli/page.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/sys.h"
#include "base/text.h"

static const char *const paints[] = {
	[CE_PAINT_NONE] = "",
	[CE_PAINT_GOOD] = "\033[32m",
	[CE_PAINT_BAD] = "\033[31m",
	[CE_PAINT_CHANGE] = "\033[33m",
	[CE_PAINT_FAINT] = "\033[2m",
};

static void
keep(struct ce_page *page, int code)
{
	if (code < 0)
		page->broken = true;
}

CE_PRINTF(2, 0) static void
add_list(struct ce_page *page, const char *format, va_list arguments)
{
	CE_CLEANUP(ce_freep) char *text = NULL;
	int size = vasprintf(&text, format, arguments);
	if (size < 0) {
		text = NULL; /* unspecified after a failure */
		page->broken = true;
		return;
	}
	keep(page, ce_text_add_printable(&page->buf, text, (size_t)size, false, NULL));
}

void
ce_page_add(struct ce_page *page, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	add_list(page, format, arguments);
	va_end(arguments);
}

void
ce_page_line(struct ce_page *page, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	add_list(page, format, arguments);
	va_end(arguments);
	ce_page_end(page);
}

void
ce_page_end(struct ce_page *page)
{
	keep(page, ce_buf_adds(&page->buf, "\n", NULL));
}

void
ce_page_raw(struct ce_page *page, const char *text)
{
	keep(page, ce_buf_adds(&page->buf, text, NULL));
}

static void
paint_begin(struct ce_page *page, enum ce_paint paint)
{
	if (page->colour && paint != CE_PAINT_NONE)
		ce_page_raw(page, paints[paint]);
}

static void
paint_end(struct ce_page *page, enum ce_paint paint)
{
	if (page->colour && paint != CE_PAINT_NONE)
		ce_page_raw(page, "\033[0m");
}

void
ce_page_cell(struct ce_page *page, enum ce_paint paint, size_t width, const char *text)
{
	paint_begin(page, paint);
	size_t before = page->buf.size;
	ce_page_add(page, "%s", text);
	size_t size = page->buf.size - before;
	paint_end(page, paint);
	if (size < width)
		ce_page_add(page, "%*s", (int)(width - size), "");
}

static enum ce_paint
paint_of_line(const char *line)
{
	switch (line[0]) {
	case '+':
		return CE_PAINT_GOOD;
	case '-':
		return CE_PAINT_BAD;
	default:
		return CE_PAINT_NONE;
	}
}

void
ce_page_diff(struct ce_page *page, const char *indent, const char *text)
{
	while (*text) {
		size_t size = strcspn(text, "\n");
		enum ce_paint paint = paint_of_line(text);
		ce_page_raw(page, indent);
		paint_begin(page, paint);
		keep(page, ce_text_add_printable(&page->buf, text, size, true, NULL)); /* tabs pass */
		paint_end(page, paint);
		ce_page_end(page);
		text += size + (text[size] == '\n');
	}
}

void
ce_page_drop(struct ce_page *page)
{
	ce_buf_release(&page->buf);
}

CE_MUSTCHECK static int
write_all(int fd, const unsigned char *data, size_t size, struct ce_error *err)
{
	while (size > 0) {
		ssize_t written = ce_sys->write(fd, data, size);
		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return ce_fail_errno(err, errno, "write the output");
		data += written;
		size -= (size_t)written;
	}
	return CE_OK;
}

int
ce_page_flush(struct ce_page *page, struct ce_error *err)
{
	if (page->broken) {
		ce_page_drop(page);
		return ce_fail(err, CE_ERR_SYSTEM, "the output is not complete");
	}
	int code = write_all(page->fd, page->buf.data, page->buf.size, err);
	if (code < 0)
		page->broken = true;
	ce_page_drop(page);
	return code;
}
