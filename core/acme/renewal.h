/* Renewal information (RFC 9773): when the CA would like a certificate to be renewed. */
#ifndef CE_ACME_RENEWAL_H
#define CE_ACME_RENEWAL_H

#include "acme/json.h"
#include "base/error.h"

/* A renewalInfo object (section 4.2) as start and end, both seconds since the epoch, and explanation when
 * there is a readable one. CE_ERR_INVALID for a window that does not end after its start, for missing
 * members and for bad dates: such an answer counts as none. */
CE_MUSTCHECK int ce_acme_renewal_read(const json_t *object, json_t **ret_result, struct ce_error *err);

#endif
