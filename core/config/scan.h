/* What libconfig reads without a word and should not: found in the text before it is parsed. */
#ifndef CE_CONFIG_SCAN_H
#define CE_CONFIG_SCAN_H

#include "config/settings.h"

/* Looks through text for NUL bytes and "\x00" (libconfig 1.5 cuts the string there), whole numbers that do not
 * fit (it wraps them, or clamps those with L) and @include (conf.d is for that). Findings go to problems under
 * the name file. CE_ERR_REFUSED: it must not be parsed at all; other errors are the system's. */
CE_MUSTCHECK int ce_scan(struct ce_bytes text, const char *file, struct ce_problems *problems, struct ce_error *err);

#endif
