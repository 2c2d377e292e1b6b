/* Certificates as people and programs bring them: in several files, in any order and of any format. */
#ifndef CE_CRYPTO_COLLECT_H
#define CE_CRYPTO_COLLECT_H

#include "crypto/certificate.h"

/* More certificates than any CA sends with one. */
#define CE_COLLECT_MAX 64
#define CE_COLLECT_BYTES_MAX (1u << 20)

/* Appends the certificates in a file to out, as PEM: PEM (with any text around the blocks), DER, or PKCS#7 in either.
 * CE_ERR_REFUSED for a file with a private key, CE_ERR_INVALID for one without any certificate, CE_ERR_LIMIT. */
CE_MUSTCHECK int ce_certificates_add(struct ce_buf *out, struct ce_bytes file, struct ce_error *err);

struct ce_collect_demands {
	const struct ce_key *key;  /* the leaf's */
	struct ce_bytes given;     /* PEM; everything in it is for this chain */
	struct ce_bytes more;      /* PEM; what may complete it; empty: none */
	long long now;
	bool complete;             /* the chain must lead to a root: one at hand, or one that the system trusts */
};

/* Picks the leaf of the key and, one by one, the issuers that signed it, as far as they are at hand; what does not belong
 * to it is left out. ret_pem: leaf first, a self-signed root last if there is one. Dates and names are not judged.
 * CE_ERR_CRYPTO: no certificate of the key, or no root though it must be complete. */
CE_MUSTCHECK int ce_chain_collect(const struct ce_collect_demands *demands, struct ce_buf *ret_pem, struct ce_error *err);

#endif
