/* PEM (RFC 7468), block by block. GnuTLS decodes the blocks but passes over what it does not look for; here
 * what stands between and beside them matters. Private to this folder. */
#ifndef CE_CRYPTO_PEM_H
#define CE_CRYPTO_PEM_H

#include <stdbool.h>

#include "base/buf.h"

#define CE_PEM_LABEL_MAX 48

struct ce_pem {
	struct ce_bytes text;
	size_t at;
	bool strict; /* text outside of blocks must be printable and free of "-----" */
};

struct ce_pem_block {
	char label[CE_PEM_LABEL_MAX];
	struct ce_bytes whole; /* from BEGIN to the end of the END line; points into the text */
};

/* The next block, or CE_UNCHANGED at the end of the text. */
CE_MUSTCHECK int ce_pem_next(struct ce_pem *pem, struct ce_pem_block *ret_block, struct ce_error *err);
CE_MUSTCHECK int ce_pem_decode(const struct ce_pem_block *block, struct ce_buf *ret_der, struct ce_error *err);
/* DER as PEM with the given label, appended. */
CE_MUSTCHECK int ce_pem_add(struct ce_buf *out, const char *label, struct ce_bytes der, struct ce_error *err);

#endif
