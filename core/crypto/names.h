/* The identifiers of a certificate: DNS names and IP addresses. */
#ifndef CE_CRYPTO_NAMES_H
#define CE_CRYPTO_NAMES_H

#include <stdbool.h>

#include "base/strlist.h"

enum ce_name_kind { CE_NAME_DNS = 1, CE_NAME_IP = 2 };

/* Canonical form: lower-case A-labels without trailing dot (a "*." in front survives), IPv4 dotted,
 * IPv6 as RFC 5952 says. CE_ERR_INVALID with the reason. The caller frees. */
CE_MUSTCHECK int ce_name_canonical(const char *name, char **ret_name, enum ce_name_kind *ret_kind,
	struct ce_error *err);
bool ce_name_is_ip(const char *canonical);
/* Whether pattern (maybe "*.x") covers name, both canonical (RFC 6125: one label, leftmost only). */
bool ce_name_covers(const char *pattern, const char *name);

#endif
