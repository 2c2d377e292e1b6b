/* A growable byte buffer with a ceiling. Data is always followed by a NUL that
 * size does not count, so text can be read as a C string. */
#ifndef CE_BASE_BUF_H
#define CE_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct ce_buf {
	unsigned char *data; /* NULL only while nothing was ever added */
	size_t size;
	size_t room;         /* bytes allocated */
	size_t limit;        /* 0: no ceiling */
	bool secret;         /* wiped on growth and release */
};

#define CE_BUF_INIT { NULL, 0, 0, 0, false }
#define CE_BUF_SECRET { NULL, 0, 0, 0, true }

/* Past the limit: CE_ERR_LIMIT; the buffer is as it was. */
CE_MUSTCHECK int ce_buf_add(struct ce_buf *buf, const void *data, size_t size, struct ce_error *err);
CE_MUSTCHECK int ce_buf_adds(struct ce_buf *buf, const char *text, struct ce_error *err);
CE_MUSTCHECK int ce_buf_addf(struct ce_buf *buf, struct ce_error *err, const char *format, ...) CE_PRINTF(3, 4);

/* Grows by size bytes of unspecified content and returns where they start, NULL past limit or memory. */
void *ce_buf_grow(struct ce_buf *buf, size_t size);

/* The content as a C string, "" for an empty buffer; valid until the next change. */
const char *ce_buf_text(const struct ce_buf *buf);

/* The content as a malloc'ed string that the caller owns; the buffer is empty afterwards. */
char *ce_buf_steal_text(struct ce_buf *buf);

/* Releases (and wipes, if secret) the content; the buffer can be used again. */
void ce_buf_release(struct ce_buf *buf);

/* A plain view for passing on; valid until the next change. */
static inline struct ce_bytes
ce_buf_bytes(const struct ce_buf *buf)
{
	struct ce_bytes bytes = { buf->data, buf->size };
	return bytes;
}

/* Overwrites memory so that the compiler cannot leave it out. */
void ce_wipe(void *memory, size_t size);

#endif
