/* Text from elsewhere, made safe to show, and small questions about names. */
#ifndef CE_BASE_TEXT_H
#define CE_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* Copies text to out with every byte below 0x20 (also tab and newline), 0x7f, C1 control,
 * invalid UTF-8 and bidirectional control written as \xNN. Always ends with NUL; cut to fit. */
void ce_text_printable(char *out, size_t room, const char *text);

/* As above into a growing buffer; newline and tab pass when lines is true. */
CE_MUSTCHECK int ce_text_add_printable(struct ce_buf *out, const void *text, size_t size, bool lines,
	struct ce_error *err);

/* True for [a-z0-9-]{1,32}: plugins, issuer kinds. */
bool ce_name_is_plain(const char *name);

/* True for [A-Za-z0-9._-]{1,64}, not starting with a dot: certificates, targets, issuers. */
bool ce_name_is_label(const char *name);

/* True for [A-Za-z0-9_-]{1,255}: ACME tokens (RFC 8555 section 8.1) before any use as a path. */
bool ce_name_is_token(const char *name);

/* The candidate nearest to word by edit distance, NULL when none is near enough to suggest. */
const char *ce_text_nearest(const char *word, const char *const *candidates);

/* Replaces every occurrence of each secret (4 bytes or longer) in text by "********". */
CE_MUSTCHECK int ce_text_mask(struct ce_buf *text, const char *const *secrets, struct ce_error *err);

/* Copies text into *place, freeing what was there; NULL clears. */
CE_MUSTCHECK int ce_text_assign(char **place, const char *text, struct ce_error *err);

/* Lower-case hexadecimal of size bytes plus NUL; out has room for 2 * size + 1. */
void ce_text_hex(char *out, const void *bytes, size_t size);

/* Seconds since the epoch as 2026-11-20T03:14:07Z; out has room for 21 bytes. */
void ce_text_time(char *out, long long seconds);

#endif
