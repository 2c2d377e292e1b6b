/* What the sources of this folder share and no other folder sees: GnuTLS' types with their
 * cleanups, the inside of struct ce_key, and the helpers that take them. */
#ifndef CE_CRYPTO_GNUTLS_OWN_H
#define CE_CRYPTO_GNUTLS_OWN_H

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <gnutls/pkcs12.h>
#include <gnutls/x509-ext.h>
#include <gnutls/x509.h>

#include "crypto/certificate.h"
#include "crypto/csr.h"
#include "crypto/key.h"

#define CE_OID_SAN "2.5.29.17"

/* name##p is the cleanup of a local of the given type. */
#define CE_GNUTLS_OWNED(name, type, deinit) \
	static inline void \
	name(type *handle) \
	{ \
		if (*handle) \
			deinit(*handle); \
		*handle = NULL; \
	}

CE_GNUTLS_OWNED(ce_gnutls_crtp, gnutls_x509_crt_t, gnutls_x509_crt_deinit)
CE_GNUTLS_OWNED(ce_gnutls_crqp, gnutls_x509_crq_t, gnutls_x509_crq_deinit)
CE_GNUTLS_OWNED(ce_gnutls_crlp, gnutls_x509_crl_t, gnutls_x509_crl_deinit)
CE_GNUTLS_OWNED(ce_gnutls_pubkeyp, gnutls_pubkey_t, gnutls_pubkey_deinit)
CE_GNUTLS_OWNED(ce_gnutls_privkeyp, gnutls_privkey_t, gnutls_privkey_deinit)
CE_GNUTLS_OWNED(ce_gnutls_x509_privkeyp, gnutls_x509_privkey_t, gnutls_x509_privkey_deinit)
CE_GNUTLS_OWNED(ce_gnutls_sansp, gnutls_subject_alt_names_t, gnutls_subject_alt_names_deinit)
CE_GNUTLS_OWNED(ce_gnutls_pkcs12p, gnutls_pkcs12_t, gnutls_pkcs12_deinit)
CE_GNUTLS_OWNED(ce_gnutls_bagp, gnutls_pkcs12_bag_t, gnutls_pkcs12_bag_deinit)

static inline void
ce_datump(gnutls_datum_t *datum)
{
	gnutls_free(datum->data);
	datum->data = NULL;
}

/* As ce_datump, for key material. */
static inline void
ce_secret_datump(gnutls_datum_t *datum)
{
	if (datum->data)
		gnutls_memset(datum->data, 0, datum->size);
	ce_datump(datum);
}

/* GnuTLS takes datums that are not const, and reads them only. */
static inline gnutls_datum_t
ce_datum(struct ce_bytes bytes)
{
	gnutls_datum_t datum = { (unsigned char *)bytes.data, (unsigned)bytes.size };
	return datum;
}

static inline struct ce_bytes
ce_datum_bytes(const gnutls_datum_t *datum)
{
	struct ce_bytes bytes = { datum->data, datum->size };
	return bytes;
}

/* Moves the content of from into ret, whose own content and limit go; a secret stays one. */
static inline void
ce_buf_give(struct ce_buf *ret, struct ce_buf *from)
{
	bool secret = ret->secret || from->secret;
	ce_buf_release(ret);
	*ret = *from;
	ret->limit = 0;
	ret->secret = secret;
	from->data = NULL;
	from->size = from->room = 0;
}

/* Fails with "what: GnuTLS' text for status"; CE_ERR_MEMORY or CE_ERR_CRYPTO. */
int ce_fail_gnutls(struct ce_error *err, int status, const char *format, ...) CE_PRINTF(3, 4);

/* The most telling of the bits of a verification status, as the end of "... because it ". */
const char *ce_verify_reason(unsigned status);

/* ---------------------------------------------------------------------- keys */

struct ce_key_kind {
	const char *name;
	gnutls_pk_algorithm_t algorithm;
	unsigned bits;                   /* as GnuTLS reports them */
	unsigned generate;               /* as gnutls_privkey_generate takes them */
	gnutls_sign_algorithm_t sign;
	gnutls_digest_algorithm_t digest; /* for requests and certificates; 0 where the kind fixes it */
	const char *jws;                 /* "alg", RFC 7518 section 3.1, RFC 8037 */
	const char *curve;               /* "crv" of the JWK, NULL for RSA */
	size_t width;                    /* bytes of a coordinate */
};

struct ce_key {
	gnutls_privkey_t secret;
	gnutls_pubkey_t open;
	const struct ce_key_kind *kind;
	char *uri;  /* it lives in a token; NULL: in memory */
	bool made;  /* in the token by us */
};

/* The row of a kind by its name; CE_ERR_INVALID. */
CE_MUSTCHECK int ce_key_kind_find(const char *kind, const struct ce_key_kind **ret_row, struct ce_error *err);
/* Takes over the private key. CE_ERR_REFUSED when it is of no kind of ours. */
CE_MUSTCHECK int ce_key_wrap(gnutls_privkey_t *secret, struct ce_key **ret_key, struct ce_error *err);
/* Fails with GnuTLS' status of an operation with the private key, or with what that means for its token. */
int ce_key_failed(const struct ce_key *key, struct ce_error *err, int status, const char *what);

/* The row that describes the key, NULL: none of ours. */
const struct ce_key_kind *ce_key_kind_of(gnutls_pubkey_t key);
CE_MUSTCHECK int ce_pubkey_id(gnutls_pubkey_t key, char ret_hex[65], struct ce_error *err);
/* The key as the keystores want it: PKCS#8, DER, encrypted under password unless that is NULL. */
CE_MUSTCHECK int ce_key_to_pkcs8(const struct ce_key *key, const char *password, unsigned flags,
	struct ce_buf *ret_der, struct ce_error *err);

/* -------------------------------------------------------- requests, certificates */

/* The value of a subjectAltName extension for canonical names. */
CE_MUSTCHECK int ce_san_write(const struct ce_strlist *names, gnutls_datum_t *ret_extension, struct ce_error *err);
/* The names in such a value. What has no canonical form is kept printable, so that it equals nothing wanted. */
CE_MUSTCHECK int ce_san_read(const gnutls_datum_t *extension, struct ce_strlist *ret_names, struct ce_error *err);

/* Gives each member of a checked subject to set, in the order of the encoding; its status is GnuTLS'. */
typedef int (*ce_subject_setter)(void *handle, const char *oid, const char *value);
CE_MUSTCHECK int ce_subject_write(const struct ce_subject *subject, ce_subject_setter set, void *handle,
	struct ce_error *err);
bool ce_subject_is_empty(const struct ce_subject *subject);

/* Permits a CA these domains and ranges of addresses and nothing else; NULL or empty: everything. */
CE_MUSTCHECK int ce_constraints_set(gnutls_x509_crt_t crt, const char *const *permitted, struct ce_error *err);
/* CE_ERR_REFUSED when ca is not permitted one of the names. */
CE_MUSTCHECK int ce_constraints_check(gnutls_x509_crt_t ca, const struct ce_strlist *names, struct ce_error *err);
/* Whether issuer's key signed crt; dates are not looked at. */
bool ce_crt_signed_by(gnutls_x509_crt_t crt, gnutls_x509_crt_t issuer);

CE_MUSTCHECK int ce_crt_read(struct ce_bytes pem_or_der, gnutls_x509_crt_t *ret_crt, struct ce_error *err);
CE_MUSTCHECK int ce_facts_of(gnutls_x509_crt_t crt, struct ce_facts *ret_facts, struct ce_error *err);
CE_MUSTCHECK int ce_crt_add_pem(struct ce_buf *out, gnutls_x509_crt_t crt, struct ce_error *err);
/* "'CN=x'" or "with serial 0a..", for a sentence. */
const char *ce_facts_title(const struct ce_facts *facts, char *out, size_t room);
/* CE_ERR_CRYPTO with the certificate and the date, unless it is valid at now. */
CE_MUSTCHECK int ce_facts_in_date(const struct ce_facts *facts, long long now, struct ce_error *err);

#endif
