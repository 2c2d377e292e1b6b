/* Keys and certificates for the suites of this folder. What cannot be made ends the program: the
 * suites judge behaviour, not the fixture. */
#ifndef CE_TESTS_CRYPTO_FIXTURE_H
#define CE_TESTS_CRYPTO_FIXTURE_H

#include <CUnit/CUnit.h>
#include <string.h>

#include "crypto/authority.h"
#include "crypto/certificate.h"
#include "crypto/csr.h"
#include "crypto/gnutls_own.h"
#include "crypto/key.h"
#include "suites.h"

#define NOW 1700000000LL /* 2023-11-14 */
#define DAY 86400LL

struct ce_key *fixture_key(const char *kind);
/* Canonical names, space-separated. */
struct ce_strlist fixture_names(const char *names);

/* A certificate of any shape. issuer NULL: self-signed. */
struct fixture_certificate {
	const struct ce_key *key, *issuer_key;
	const struct ce_buf *issuer; /* PEM */
	const char *common_name;     /* NULL: no subject */
	const char *names;           /* NULL: no SAN */
	bool ca;
	long long from, until;       /* 0: a day ago, in a year */
};
struct ce_buf fixture_sign(const struct fixture_certificate *wanted);

/* root <- middle <- leaf for "shop.example www.shop.example". */
struct fixture_chain {
	struct ce_key *root_key, *middle_key, *key;
	struct ce_buf root, middle, leaf; /* PEM */
};
void fixture_chain_make(struct fixture_chain *chain);
void fixture_chain_release(struct fixture_chain *chain);

/* Appends PEM to PEM. */
void fixture_join(struct ce_buf *out, const struct ce_buf *more);
struct ce_buf fixture_der(const struct ce_buf *pem);

static inline struct ce_bytes
fixture_text(const char *text)
{
	return (struct ce_bytes){ (const unsigned char *)text, strlen(text) };
}

/* Whether the failure has this code and its sentence contains part. */
bool fixture_said(const struct ce_error *err, int code, const char *part);

#endif
