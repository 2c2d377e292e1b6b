/* Moments as text (RFC 3339). */
#ifndef CE_BASE_MOMENT_H
#define CE_BASE_MOMENT_H

#include "base/error.h"

/* "2026-11-20T03:14:07Z", also with a fraction of any length, which is dropped, with an offset ("+02:00"), in
 * lower case, with a space for the T, and with a leap second, which counts as the next one. Seconds since the
 * epoch, from year 1 to 9999. CE_ERR_INVALID for anything else. */
CE_MUSTCHECK int ce_moment_parse(const char *text, long long *ret_seconds, struct ce_error *err);

#endif
