/* The form of a downloaded chain. */
#ifndef CE_ACME_PEM_H
#define CE_ACME_PEM_H

#include "base/buf.h"

/* CE_OK when the bytes are one to ten CERTIFICATE blocks and nothing else but empty lines, at most
 * CE_ACME_CHAIN_MAX bytes. What is in the blocks is for crypto to judge. CE_ERR_ISSUER. */
CE_MUSTCHECK int ce_acme_pem_check(struct ce_bytes pem, struct ce_error *err);

#endif
