/* Output as it is put together: text from elsewhere cannot steer the terminal, colour only where it is wanted. */
#ifndef CE_CLI_PAGE_H
#define CE_CLI_PAGE_H

#include "base/buf.h"

enum ce_paint { CE_PAINT_NONE = 0, CE_PAINT_GOOD, CE_PAINT_BAD, CE_PAINT_CHANGE, CE_PAINT_FAINT };

struct ce_page {
	struct ce_buf buf;
	int fd;        /* where it goes */
	bool colour;
	bool broken;   /* out of memory, or the other end is gone; ce_page_flush reports it */
};

#define CE_PAGE_INIT(fd) { CE_BUF_INIT, (fd), false, false }

/* Text of one line; what is not printable is made visible, newlines included. */
void ce_page_add(struct ce_page *page, const char *format, ...) CE_PRINTF(2, 3);
/* As ce_page_add with a newline behind it. */
void ce_page_line(struct ce_page *page, const char *format, ...) CE_PRINTF(2, 3);
void ce_page_end(struct ce_page *page);
/* Text in a colour, filled up with blanks to width. */
void ce_page_cell(struct ce_page *page, enum ce_paint paint, size_t width, const char *text);
/* Lines, each behind indent; added and removed lines of a diff in their colours. */
void ce_page_diff(struct ce_page *page, const char *indent, const char *text);
/* Text of our own, as it is: control sequences, JSON. */
void ce_page_raw(struct ce_page *page, const char *text);
/* Writes what there is and forgets it. CE_ERR_SYSTEM when it could not be written. */
CE_MUSTCHECK int ce_page_flush(struct ce_page *page, struct ce_error *err);
/* Forgets what there is. */
void ce_page_drop(struct ce_page *page);

#endif
