/* Messages between our processes: length-prefixed, typed, size-capped. A reader
 * takes fields in the order the writer put them; a wrong type, a short message
 * or a rest is an error, so a malicious child can at worst fail its own call.
 *
 * On the wire: u32 length of all that follows, u16 kind, then fields of one type byte each:
 * 'i' s64 | 's' u32 length + bytes + NUL | 'n' no string | 'b' u32 length + bytes. Host byte order. */
#ifndef CE_BASE_MESSAGE_H
#define CE_BASE_MESSAGE_H

#include <stdint.h>

#include "base/buf.h"
#include "base/strlist.h"

#define CE_MESSAGE_LIMIT (8u << 20)
#define CE_MESSAGE_PATIENCE_MS 120000

struct ce_message {
	int kind;
	struct ce_buf body;   /* fields only */
	size_t at;            /* read position */
	bool broken;          /* a put or get went wrong; reported by send and end */
};

#define CE_MESSAGE_INIT(kind) { (kind), { NULL, 0, 0, CE_MESSAGE_LIMIT, true }, 0, false }

/* Writing: errors are kept and reported by ce_message_send. */
void ce_message_put_int(struct ce_message *message, int64_t value);
void ce_message_put_str(struct ce_message *message, const char *text_or_null);
void ce_message_put_bytes(struct ce_message *message, struct ce_bytes bytes);
void ce_message_put_list(struct ce_message *message, const char *const *items); /* count, then strings */

/* Reading: 0, NULL or empty once broken. Strings and bytes point into the message. */
int64_t ce_message_get_int(struct ce_message *message);
const char *ce_message_get_str(struct ce_message *message);
struct ce_bytes ce_message_get_bytes(struct ce_message *message);
CE_MUSTCHECK int ce_message_get_list(struct ce_message *message, size_t limit, struct ce_strlist *ret_list,
	struct ce_error *err);

/* Takes a message apart that has arrived whole: size bytes behind its length word. CE_ERR_INVALID. */
CE_MUSTCHECK int ce_message_parse(const void *bytes, size_t size, struct ce_message *ret_message, struct ce_error *err);

/* CE_ERR_INVALID unless exactly the fields that were there have been read, all of the right type. */
CE_MUSTCHECK int ce_message_end(const struct ce_message *message, struct ce_error *err);

/* Sends whole; CE_ERR_SYSTEM when the peer is gone, CE_ERR_TIMEOUT when it has taken nothing for
 * CE_MESSAGE_PATIENCE_MS. fd may be any stream socket. */
CE_MUSTCHECK int ce_message_send(int fd, const struct ce_message *message, struct ce_error *err);

/* Receives one into an initialised message, whose old content is released. timeout_ms < 0 waits for
 * ever, else it is the deadline for the whole message. CE_ERR_TIMEOUT; CE_ERR_NOT_FOUND at a clean end of stream. */
CE_MUSTCHECK int ce_message_receive(int fd, int timeout_ms, struct ce_message *ret_message, struct ce_error *err);

void ce_message_release(struct ce_message *message);

#endif
