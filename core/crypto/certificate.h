/* X.509 certificates and chains, as facts. */
#ifndef CE_CRYPTO_CERTIFICATE_H
#define CE_CRYPTO_CERTIFICATE_H

#include <stdbool.h>

#include "base/strlist.h"
#include "crypto/key.h"

#define CE_CHAIN_MAX 10
#define CE_CHAIN_BYTES_MAX 65536

/* What there is to know about one certificate; owned by the struct. */
struct ce_facts {
	char fingerprint[65]; /* SHA-256 of the DER, hex */
	char key_id[65];      /* SHA-256 of the SubjectPublicKeyInfo, hex */
	char *serial;         /* hex */
	char *subject;        /* RFC 4514, printable */
	char *issuer;
	char *key_kind;       /* as ce_key_kinds, or "other" */
	struct ce_strlist names; /* canonical SANs: DNS and IP */
	long long not_before, not_after; /* seconds since the epoch */
	bool is_ca;
	bool self_issued;     /* subject equals issuer */
};

CE_MUSTCHECK int ce_facts_read(struct ce_bytes pem_or_der, struct ce_facts *ret_facts, struct ce_error *err);
void ce_facts_release(struct ce_facts *facts);
bool ce_facts_cover(const struct ce_facts *facts, const char *canonical_name);

/* The first PEM block as DER (of a certificate, a CRL), and how many blocks there are. CE_ERR_INVALID: none. */
CE_MUSTCHECK int ce_pem_single(struct ce_bytes pem, size_t *ret_count, struct ce_buf *ret_der, struct ce_error *err);

/* One issued generation. PEM in all three; chain holds the intermediates in order, leaf's issuer
 * first, without the root unless the root is the issuer's own doing. */
struct ce_bundle {
	struct ce_buf key;    /* secret; or the record of one in a token (crypto/token.h) */
	struct ce_buf leaf;
	struct ce_buf chain;
	struct ce_facts facts; /* of the leaf */
	long generation;      /* 0: not in the store yet */
};

void ce_bundle_init(struct ce_bundle *bundle);
void ce_bundle_release(struct ce_bundle *bundle);

/* What an issued chain must satisfy before any product is touched. */
struct ce_chain_demands {
	const struct ce_key *key;         /* the leaf's public key equals this one's; NULL: the first one is the leaf */
	const struct ce_strlist *names;   /* the SAN set covers these */
	bool exact_names;                 /* and nothing more (RFC 8555 section 7.4) */
	long long now;                    /* all certificates are valid at this moment */
};

/* Takes PEM (leaf and intermediates in any order, at most CE_CHAIN_MAX and CE_CHAIN_BYTES_MAX; no
 * key or other blocks), puts them in order, drops a self-signed root when it ends a chain of two or more, and
 * checks the demands: key, names, each signed by the next, dates, CA bits. Fills leaf, chain, facts and key of the
 * bundle. CE_ERR_CRYPTO names what is wrong and the certificate it is about. */
CE_MUSTCHECK int ce_chain_accept(struct ce_bytes pem, const struct ce_chain_demands *demands,
	struct ce_bundle *ret_bundle, struct ce_error *err);

/* The same checks on a bundle from the store, before each installation. Where the bundle was loaded without
 * its key, all but the key's. */
CE_MUSTCHECK int ce_bundle_check(const struct ce_bundle *bundle, const struct ce_strlist *names, long long now,
	struct ce_error *err);

/* Whether a served chain (DER, leaf first) verifies to one of the trust anchors (PEM, may be
 * several) for name at now. name NULL: any. CE_ERR_VERIFY says why not. */
CE_MUSTCHECK int ce_chain_verify(const struct ce_bytes *der, size_t count, struct ce_bytes anchors_pem, const char *name,
	long long now, struct ce_error *err);

/* Whether a chain (PEM, leaf first) leads to what an operator calls wanted: the common name, or the whole name (RFC 4514),
 * of the issuer of its last certificate; or, in hexadecimal digits, the SHA-256 of one of its CA certificates or the
 * authority key identifier in one of its certificates. False for what cannot be read. */
bool ce_chain_leads_to(struct ce_bytes pem, const char *wanted);

/* What the status bits of GnuTLS say about a chain that was refused. */
enum ce_doubt { CE_DOUBT_NONE = 0, CE_DOUBT_EARLY, CE_DOUBT_LATE, CE_DOUBT_ISSUER, CE_DOUBT_OTHER };
enum ce_doubt ce_chain_doubt(unsigned status);

#endif
