/* What CAs count certificates by. */
#ifndef CE_ACME_DOMAIN_H
#define CE_ACME_DOMAIN_H

#include "base/error.h"

/* The registered domain of a name ("shop.example.co.uk" -> "example.co.uk", by the public suffix list), the IPv4 address
 * itself, or the /64 of an IPv6 address. A name that is a public suffix itself counts as it is. Canonical names; the
 * caller frees. */
CE_MUSTCHECK int ce_acme_domain(const char *name, char **ret_domain, struct ce_error *err);

#endif
