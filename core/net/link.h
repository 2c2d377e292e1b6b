/* The Link header (RFC 8288). */
#ifndef CE_NET_LINK_H
#define CE_NET_LINK_H

#include "base/error.h"

/* The target of the index-th link with the relation rel (case-insensitive) in one header value, which
 * may hold several links separated by commas; parameters in any order, rel with or without quotes, and
 * with several relations in one value. Relative targets are given as they stand. The caller frees;
 * NULL when there is no such link, the value is malformed before it, or memory is short. */
char *ce_link_find(const char *value, const char *rel, size_t index);

#endif
