/* How ACME names a certificate in renewal information (RFC 9773 section 4.1). */
#ifndef CE_CRYPTO_ARI_H
#define CE_CRYPTO_ARI_H

#include "base/buf.h"

/* base64url(keyIdentifier of the AKI) "." base64url(content of the serial's INTEGER, with its leading zero); of the
 * first certificate in PEM, or of DER. The caller frees. CE_ERR_NOT_FOUND when it names no authority key. */
CE_MUSTCHECK int ce_ari_cert_id(struct ce_bytes leaf, char **ret_text, struct ce_error *err);

#endif
