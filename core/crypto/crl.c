/* Certificate revocation lists. GnuTLS signs CRLs but has no call for the reason of an entry, so the
 * list is written here (RFC 5280 section 5), signed by GnuTLS, then read and verified by it. */
#include <string.h>

#include "crypto/authority.h"
#include "crypto/der.h"
#include "crypto/gnutls_own.h"

#define SERIAL_MAX 20

/* DER of the AlgorithmIdentifier of each way to sign. */
static const unsigned char rsa_sha256[] = { 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b,
	0x05, 0x00 };
static const unsigned char ecdsa_sha256[] = { 0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02 };
static const unsigned char ecdsa_sha384[] = { 0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03 };
static const unsigned char ed25519[] = { 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70 };

static const struct {
	gnutls_sign_algorithm_t sign;
	struct ce_bytes identifier;
} algorithms[] = {
	{ GNUTLS_SIGN_RSA_SHA256, { rsa_sha256, sizeof(rsa_sha256) } },
	{ GNUTLS_SIGN_ECDSA_SHA256, { ecdsa_sha256, sizeof(ecdsa_sha256) } },
	{ GNUTLS_SIGN_ECDSA_SHA384, { ecdsa_sha384, sizeof(ecdsa_sha384) } },
	{ GNUTLS_SIGN_EDDSA_ED25519, { ed25519, sizeof(ed25519) } },
};

/* DER of OBJECT IDENTIFIER for the extensions used. */
static const unsigned char oid_reason[] = { 0x06, 0x03, 0x55, 0x1d, 0x15 };
static const unsigned char oid_number[] = { 0x06, 0x03, 0x55, 0x1d, 0x14 };
static const unsigned char oid_authority[] = { 0x06, 0x03, 0x55, 0x1d, 0x23 };

static struct ce_bytes
algorithm_of(const struct ce_key *key)
{
	for (size_t i = 0; i < CE_COUNT(algorithms); i++)
		if (algorithms[i].sign == key->kind->sign)
			return algorithms[i].identifier;
	return (struct ce_bytes){ NULL, 0 };
}

/* Extension ::= SEQUENCE { extnID, extnValue OCTET STRING }, never critical here. */
CE_MUSTCHECK static int
add_extension(struct ce_buf *out, struct ce_bytes oid, struct ce_bytes value, struct ce_error *err)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf content = CE_BUF_INIT;
	int code = ce_buf_add(&content, oid.data, oid.size, err);
	if (code >= 0)
		code = ce_der_add(&content, CE_DER_OCTET_STRING, value, err);
	if (code < 0)
		return code;
	return ce_der_add(out, CE_DER_SEQUENCE, ce_buf_bytes(&content), err);
}

static int
hex_digit(char c)
{
	const char *digits = "0123456789abcdef", *found = c ? strchr(digits, c) : NULL;
	return found ? (int)(found - digits) : -1;
}

CE_MUSTCHECK static int
add_serial(struct ce_buf *out, const char *hex, struct ce_error *err)
{
	unsigned char serial[SERIAL_MAX];
	size_t size = strlen(hex);
	if (size == 0 || size % 2 != 0 || size / 2 > sizeof(serial))
		return ce_fail(err, CE_ERR_INVALID, "'%s' is no serial number of a certificate", hex);
	for (size_t i = 0; i < size; i += 2) {
		int high = hex_digit(hex[i]), low = hex_digit(hex[i + 1]);
		if (high < 0 || low < 0)
			return ce_fail(err, CE_ERR_INVALID, "'%s' is no serial number of a certificate", hex);
		serial[i / 2] = (unsigned char)(high << 4 | low);
	}
	return ce_der_add_integer(out, (struct ce_bytes){ serial, size / 2 }, err);
}

/* RFC 5280 section 5.3.1: reason 0 is said by leaving it out; 7 is not used. */
CE_MUSTCHECK static int
add_reason(struct ce_buf *out, int reason, struct ce_error *err)
{
	if (reason < 0 || reason > 10 || reason == 7)
		return ce_fail(err, CE_ERR_INVALID, "%d is no reason to revoke (RFC 5280 section 5.3.1)", reason);
	if (reason == 0)
		return CE_OK;
	const unsigned char value[] = { CE_DER_ENUMERATED, 1, (unsigned char)reason };
	CE_CLEANUP(ce_buf_release) struct ce_buf list = CE_BUF_INIT;
	int code = add_extension(&list, (struct ce_bytes){ oid_reason, sizeof(oid_reason) },
		(struct ce_bytes){ value, sizeof(value) }, err);
	if (code < 0)
		return code;
	return ce_der_add(out, CE_DER_SEQUENCE, ce_buf_bytes(&list), err);
}

/* revokedCertificates, absent when there are none. */
CE_MUSTCHECK static int
add_revoked(struct ce_buf *out, const struct ce_revoked *revoked, size_t count, struct ce_error *err)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf list = CE_BUF_INIT;
	for (size_t i = 0; i < count; i++) {
		CE_CLEANUP(ce_buf_release) struct ce_buf entry = CE_BUF_INIT;
		int code = add_serial(&entry, revoked[i].serial, err);
		if (code >= 0)
			code = ce_der_add_time(&entry, revoked[i].when, err);
		if (code >= 0)
			code = add_reason(&entry, revoked[i].reason, err);
		if (code >= 0)
			code = ce_der_add(&list, CE_DER_SEQUENCE, ce_buf_bytes(&entry), err);
		if (code < 0)
			return code;
	}
	return count == 0 ? CE_OK : ce_der_add(out, CE_DER_SEQUENCE, ce_buf_bytes(&list), err);
}

/* authorityKeyIdentifier (that of the CA's own key) and cRLNumber, both mandatory. */
CE_MUSTCHECK static int
add_crl_extensions(struct ce_buf *out, gnutls_x509_crt_t ca, long number, struct ce_error *err)
{
	unsigned char id[64];
	size_t size = sizeof(id);
	int status = gnutls_x509_crt_get_subject_key_id(ca, id, &size, NULL);
	if (status < 0)
		return ce_fail_gnutls(err, status, "read the key identifier of the CA");
	CE_CLEANUP(ce_buf_release) struct ce_buf key_id = CE_BUF_INIT;
	CE_CLEANUP(ce_buf_release) struct ce_buf authority = CE_BUF_INIT;
	CE_CLEANUP(ce_buf_release) struct ce_buf serial = CE_BUF_INIT;
	CE_CLEANUP(ce_buf_release) struct ce_buf list = CE_BUF_INIT;
	CE_CLEANUP(ce_buf_release) struct ce_buf sequence = CE_BUF_INIT;
	int code = ce_der_add(&key_id, 0x80, (struct ce_bytes){ id, size }, err); /* keyIdentifier [0] IMPLICIT */
	if (code >= 0)
		code = ce_der_add(&authority, CE_DER_SEQUENCE, ce_buf_bytes(&key_id), err);
	if (code >= 0)
		code = add_extension(&list, (struct ce_bytes){ oid_authority, sizeof(oid_authority) },
			ce_buf_bytes(&authority), err);
	if (code >= 0)
		code = ce_der_add_long(&serial, (unsigned long)number, err);
	if (code >= 0)
		code = add_extension(&list, (struct ce_bytes){ oid_number, sizeof(oid_number) }, ce_buf_bytes(&serial), err);
	if (code >= 0)
		code = ce_der_add(&sequence, CE_DER_SEQUENCE, ce_buf_bytes(&list), err);
	if (code < 0)
		return code;
	return ce_der_add(out, CE_DER_CONTEXT_0, ce_buf_bytes(&sequence), err);
}

struct crl {
	const struct ce_key *key;
	gnutls_x509_crt_t ca;
	const struct ce_revoked *revoked;
	size_t count;
	long number;
	long long this_update, next_update;
};

/* TBSCertList */
CE_MUSTCHECK static int
write_list(const struct crl *crl, struct ce_buf *out, struct ce_error *err)
{
	CE_CLEANUP(ce_datump) gnutls_datum_t issuer = { NULL, 0 };
	int status = gnutls_x509_crt_get_raw_dn(crl->ca, &issuer);
	if (status < 0)
		return ce_fail_gnutls(err, status, "read the name of the CA");
	CE_CLEANUP(ce_buf_release) struct ce_buf content = CE_BUF_INIT;
	struct ce_bytes algorithm = algorithm_of(crl->key);
	int code = ce_der_add_long(&content, 1, err); /* version 2 */
	if (code >= 0)
		code = ce_buf_add(&content, algorithm.data, algorithm.size, err);
	if (code >= 0)
		code = ce_buf_add(&content, issuer.data, issuer.size, err);
	if (code >= 0)
		code = ce_der_add_time(&content, crl->this_update, err);
	if (code >= 0)
		code = ce_der_add_time(&content, crl->next_update, err);
	if (code >= 0)
		code = add_revoked(&content, crl->revoked, crl->count, err);
	if (code >= 0)
		code = add_crl_extensions(&content, crl->ca, crl->number, err);
	if (code < 0)
		return code;
	return ce_der_add(out, CE_DER_SEQUENCE, ce_buf_bytes(&content), err);
}

/* CertificateList: the list, the algorithm, the signature as a BIT STRING without unused bits. */
CE_MUSTCHECK static int
sign_list(const struct crl *crl, struct ce_buf *out, struct ce_error *err)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf content = CE_BUF_INIT;
	CE_CLEANUP(ce_buf_release) struct ce_buf bits = CE_BUF_INIT;
	CE_CLEANUP(ce_datump) gnutls_datum_t signature = { NULL, 0 };
	struct ce_bytes algorithm = algorithm_of(crl->key);
	int code = write_list(crl, &content, err);
	if (code < 0)
		return code;
	gnutls_datum_t list = ce_datum(ce_buf_bytes(&content));
	int status = gnutls_privkey_sign_data2(crl->key->secret, crl->key->kind->sign, 0, &list, &signature);
	if (status < 0)
		return ce_key_failed(crl->key, err, status, "sign the CRL");
	code = ce_buf_add(&bits, "", 1, err);
	if (code >= 0)
		code = ce_buf_add(&bits, signature.data, signature.size, err);
	if (code >= 0)
		code = ce_buf_add(&content, algorithm.data, algorithm.size, err);
	if (code >= 0)
		code = ce_der_add(&content, CE_DER_BIT_STRING, ce_buf_bytes(&bits), err);
	if (code < 0)
		return code;
	return ce_der_add(out, CE_DER_SEQUENCE, ce_buf_bytes(&content), err);
}

/* Nothing leaves that GnuTLS does not read and verify. */
CE_MUSTCHECK static int
read_back(struct ce_bytes der, gnutls_x509_crt_t ca, struct ce_buf *ret_pem, struct ce_error *err)
{
	CE_CLEANUP(ce_gnutls_crlp) gnutls_x509_crl_t crl = NULL;
	CE_CLEANUP(ce_datump) gnutls_datum_t pem = { NULL, 0 };
	gnutls_datum_t bytes = ce_datum(der);
	unsigned bits = 0;
	int status = gnutls_x509_crl_init(&crl);
	if (status >= 0)
		status = gnutls_x509_crl_import(crl, &bytes, GNUTLS_X509_FMT_DER);
	if (status >= 0)
		status = gnutls_x509_crl_verify(crl, &ca, 1, 0, &bits);
	if (status >= 0)
		status = gnutls_x509_crl_export2(crl, GNUTLS_X509_FMT_PEM, &pem);
	if (status < 0)
		return ce_fail_gnutls(err, status, "check the CRL that was made");
	bits &= ~(unsigned)(GNUTLS_CERT_INVALID | GNUTLS_CERT_REVOCATION_DATA_SUPERSEDED
		| GNUTLS_CERT_REVOCATION_DATA_ISSUED_IN_FUTURE); /* by the clock; the dates were given to us */
	if (bits != 0)
		return ce_fail(err, CE_ERR_CRYPTO, "the CRL that was made %s", ce_verify_reason(bits));

	CE_CLEANUP(ce_buf_release) struct ce_buf out = CE_BUF_INIT;
	int code = ce_buf_add(&out, pem.data, pem.size, err);
	if (code < 0)
		return code;

	ce_buf_give(ret_pem, &out);
	return CE_OK;
}

int
ce_authority_crl(const struct ce_key *ca_key, struct ce_bytes ca_pem, const struct ce_revoked *revoked, size_t count,
	long number, long long this_update, long long next_update, struct ce_buf *ret_pem, struct ce_error *err)
{
	if (number < 0 || next_update <= this_update)
		return ce_fail(err, CE_ERR_INVALID, "a CRL cannot have the number %ld and last from %lld to %lld", number,
			this_update, next_update);
	CE_CLEANUP(ce_gnutls_crtp) gnutls_x509_crt_t ca = NULL;
	int code = ce_crt_read(ca_pem, &ca, err);
	if (code < 0)
		return code;
	CE_CLEANUP(ce_buf_release) struct ce_buf der = CE_BUF_INIT;
	const struct crl crl = { ca_key, ca, revoked, count, number, this_update, next_update };
	code = sign_list(&crl, &der, err);
	if (code < 0)
		return code;
	return read_back(ce_buf_bytes(&der), ca, ret_pem, err);
}

int
ce_crl_read(struct ce_bytes pem, struct ce_crl_facts *ret_facts, struct ce_error *err)
{
	CE_CLEANUP(ce_gnutls_crlp) gnutls_x509_crl_t crl = NULL;
	gnutls_datum_t text = ce_datum(pem);
	unsigned char number[32];
	size_t size = sizeof(number);
	int status = gnutls_x509_crl_init(&crl);
	if (status >= 0)
		status = gnutls_x509_crl_import(crl, &text, GNUTLS_X509_FMT_PEM);
	if (status >= 0)
		status = gnutls_x509_crl_get_number(crl, number, &size, NULL);
	int count = status < 0 ? status : gnutls_x509_crl_get_crt_count(crl);
	if (count < 0)
		return ce_fail(err, CE_ERR_INVALID, "the CRL cannot be read: %s", gnutls_strerror(count));
	if (size > sizeof(long))
		return ce_fail(err, CE_ERR_INVALID, "the number of the CRL is too large");
	struct ce_crl_facts facts = { .this_update = gnutls_x509_crl_get_this_update(crl),
		.next_update = gnutls_x509_crl_get_next_update(crl), .count = (size_t)count };
	for (size_t i = 0; i < size; i++)
		facts.number = (long)((unsigned long)facts.number << 8 | number[i]);

	*ret_facts = facts;
	return CE_OK;
}
