/* Certificate signing requests (PKCS#10, RFC 2986). */
#ifndef CE_CRYPTO_CSR_H
#define CE_CRYPTO_CSR_H

#include "base/strlist.h"
#include "crypto/key.h"

/* Any member may be NULL, or empty, which means the same. Encoded in the order C, ST, L, O, OU, CN. */
struct ce_subject {
	char *country;             /* two letters */
	char *state;
	char *locality;
	char *organization;
	char *organizational_unit;
	char *common_name;         /* at most 64 characters */
};

/* Problems of a subject as an operator would be told them; CE_ERR_INVALID. */
CE_MUSTCHECK int ce_subject_check(const struct ce_subject *subject, struct ce_error *err);
void ce_subject_release(struct ce_subject *subject);

/* DER, signed by key, its own signature verified. names are canonical; subject may be NULL (empty). */
CE_MUSTCHECK int ce_csr_build(const struct ce_key *key, const struct ce_strlist *names, const struct ce_subject *subject,
	struct ce_buf *ret_der, struct ce_error *err);
/* Whether der is a request, signed by key, for key; CE_ERR_INVALID when it is not. */
CE_MUSTCHECK int ce_csr_check(struct ce_bytes der, const struct ce_key *key, struct ce_error *err);
CE_MUSTCHECK int ce_csr_to_pem(struct ce_bytes der, struct ce_buf *ret_pem, struct ce_error *err);

#endif
