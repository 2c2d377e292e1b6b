/* Signing certificates ourselves: the embedded private CA and self-signed certificates. */
#ifndef CE_CRYPTO_AUTHORITY_H
#define CE_CRYPTO_AUTHORITY_H

#include "crypto/certificate.h"
#include "crypto/csr.h"

/* What a certificate shall say. */
struct ce_certificate_template {
	const struct ce_strlist *names;      /* canonical; from the order, never from the CSR */
	const struct ce_subject *subject;    /* NULL: empty */
	long long not_before, not_after;
	const char *crl_url;                 /* NULL: none */
	unsigned purposes;                   /* bits of enum ce_purpose; 0: server */
};
enum ce_purpose { CE_PURPOSE_SERVER = 1, CE_PURPOSE_CLIENT = 2 };

/* A self-signed root: CA:TRUE, pathlen 0 is not set, keyCertSign and cRLSign, SKI, 160-bit random serial. permitted, ended
 * by NULL: it may sign for these domains (with all names below them) and ranges of addresses ("192.0.2.0/24") only; NULL:
 * for any. */
CE_MUSTCHECK int ce_authority_create(const struct ce_key *key, const char *common_name, long long not_before,
	long long not_after, const char *const *permitted, struct ce_buf *ret_pem, struct ce_error *err);
/* Whether text is such a domain or range. CE_ERR_INVALID. */
CE_MUSTCHECK int ce_constraint_check(const char *text, struct ce_error *err);

/* A leaf for the public key and proof of possession in csr (its signature is checked), signed by the
 * CA. Random 160-bit serial, SKI and AKI. CE_ERR_REFUSED when it would outlive the CA, for names
 * that the CA may not sign for, or for a kind of key that is none of ce_key_kinds. */
CE_MUSTCHECK int ce_authority_issue(const struct ce_key *ca_key, struct ce_bytes ca_pem, struct ce_bytes csr_der,
	const struct ce_certificate_template *wanted, struct ce_buf *ret_pem, struct ce_error *err);

/* A leaf signed by its own key (CA:FALSE). */
CE_MUSTCHECK int ce_authority_self_sign(const struct ce_key *key, const struct ce_certificate_template *wanted,
	struct ce_buf *ret_pem, struct ce_error *err);

/* A CRL (RFC 5280 section 5), number given, with the revoked serials (hex) and their moments. */
struct ce_revoked {
	const char *serial;
	long long when;
	int reason; /* CRLReason */
};
CE_MUSTCHECK int ce_authority_crl(const struct ce_key *ca_key, struct ce_bytes ca_pem, const struct ce_revoked *revoked,
	size_t count, long number, long long this_update, long long next_update, struct ce_buf *ret_pem, struct ce_error *err);
/* What there is to know about one. CE_ERR_INVALID when it cannot be read. */
struct ce_crl_facts {
	long number;
	long long this_update, next_update;
	size_t count; /* of entries */
};
CE_MUSTCHECK int ce_crl_read(struct ce_bytes pem, struct ce_crl_facts *ret_facts, struct ce_error *err);

/* Whether the CA signed the certificate: CE_OK, or CE_ERR_REFUSED. */
CE_MUSTCHECK int ce_authority_signed(struct ce_bytes ca_pem, struct ce_bytes leaf_pem, struct ce_error *err);

#endif
