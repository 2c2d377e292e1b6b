#include "crypto/authority.h"

#include <string.h>

#include "crypto/digest.h"
#include "crypto/gnutls_own.h"

#define SERIAL_SIZE 20 /* RFC 5280 section 4.1.2.2: at most 20 octets, positive */
#define KEY_ID_SIZE 20

static int
set_crt_dn(void *crt, const char *oid, const char *value)
{
	return gnutls_x509_crt_set_dn_by_oid(crt, oid, 0, value, (unsigned)strlen(value));
}

/* 158 random bits: the first byte is kept positive and not zero, so that the encoding is 20 octets. */
CE_MUSTCHECK static int
set_serial(gnutls_x509_crt_t crt, struct ce_error *err)
{
	unsigned char serial[SERIAL_SIZE];
	int code = ce_random_bytes(serial, sizeof(serial), err);
	if (code < 0)
		return code;
	serial[0] = (unsigned char)((serial[0] & 0x7f) | 0x40);
	int status = gnutls_x509_crt_set_serial(crt, serial, sizeof(serial));
	if (status < 0)
		return ce_fail_gnutls(err, status, "set the serial number");
	return CE_OK;
}

/* RFC 7093 section 2, method 4: the leftmost 160 bits of the hash of the SubjectPublicKeyInfo. */
static int
set_key_id(gnutls_x509_crt_t crt, gnutls_pubkey_t key)
{
	unsigned char id[32];
	size_t size = sizeof(id);
	int status = gnutls_pubkey_get_key_id(key, GNUTLS_KEYID_USE_SHA256, id, &size);
	return status < 0 ? status : gnutls_x509_crt_set_subject_key_id(crt, id, KEY_ID_SIZE);
}

static int
copy_authority_key_id(gnutls_x509_crt_t crt, gnutls_x509_crt_t ca)
{
	unsigned char id[64];
	size_t size = sizeof(id);
	int status = gnutls_x509_crt_get_subject_key_id(ca, id, &size, NULL);
	if (status == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
		return 0;
	return status < 0 ? status : gnutls_x509_crt_set_authority_key_id(crt, id, size);
}

/* What every certificate has: version, serial, dates, key. */
CE_MUSTCHECK static int
start(gnutls_pubkey_t key, long long not_before, long long not_after, gnutls_x509_crt_t *ret_crt, struct ce_error *err)
{
	if (not_before < 0 || not_after <= not_before)
		return ce_fail(err, CE_ERR_INVALID, "a certificate cannot be valid from %lld to %lld", not_before, not_after);
	CE_CLEANUP(ce_gnutls_crtp) gnutls_x509_crt_t crt = NULL;
	int status = gnutls_x509_crt_init(&crt);
	if (status < 0)
		return ce_fail_gnutls(err, status, "make a certificate");
	int code = set_serial(crt, err);
	if (code < 0)
		return code;
	status = gnutls_x509_crt_set_version(crt, 3);
	if (status >= 0)
		status = gnutls_x509_crt_set_activation_time(crt, (time_t)not_before);
	if (status >= 0)
		status = gnutls_x509_crt_set_expiration_time(crt, (time_t)not_after);
	if (status >= 0)
		status = gnutls_x509_crt_set_pubkey(crt, key);
	if (status < 0)
		return ce_fail_gnutls(err, status, "fill the certificate");

	*ret_crt = CE_STEAL(crt);
	return CE_OK;
}

/* What every leaf has. The purpose goes before the usage: GnuTLS' look-up of a purpose takes over the
 * criticality of what was set before it. */
CE_MUSTCHECK static int
fill_leaf(gnutls_x509_crt_t crt, gnutls_pubkey_t key, const struct ce_certificate_template *wanted,
	struct ce_error *err)
{
	CE_CLEANUP(ce_datump) gnutls_datum_t san = { NULL, 0 };
	int code = ce_san_write(wanted->names, &san, err);
	if (code >= 0)
		code = ce_subject_write(wanted->subject, set_crt_dn, crt, err);
	if (code < 0)
		return code;

	unsigned usage = GNUTLS_KEY_DIGITAL_SIGNATURE;
	if (gnutls_pubkey_get_pk_algorithm(key, NULL) == GNUTLS_PK_RSA)
		usage |= GNUTLS_KEY_KEY_ENCIPHERMENT;
	int status = 0;
	if (wanted->purposes == 0 || (wanted->purposes & CE_PURPOSE_SERVER))
		status = gnutls_x509_crt_set_key_purpose_oid(crt, GNUTLS_KP_TLS_WWW_SERVER, 0);
	if (status >= 0 && (wanted->purposes & CE_PURPOSE_CLIENT))
		status = gnutls_x509_crt_set_key_purpose_oid(crt, GNUTLS_KP_TLS_WWW_CLIENT, 0);
	if (status >= 0)
		status = gnutls_x509_crt_set_basic_constraints(crt, 0, -1);
	if (status >= 0)
		status = gnutls_x509_crt_set_key_usage(crt, usage);
	if (status >= 0) /* RFC 5280 section 4.2.1.6: critical where it is the only name */
		status = gnutls_x509_crt_set_extension_by_oid(crt, CE_OID_SAN, san.data, san.size,
			ce_subject_is_empty(wanted->subject));
	if (status >= 0)
		status = set_key_id(crt, key);
	if (status >= 0 && wanted->crl_url)
		status = gnutls_x509_crt_set_crl_dist_points2(crt, GNUTLS_SAN_URI, wanted->crl_url,
			(unsigned)strlen(wanted->crl_url), 0);
	if (status < 0)
		return ce_fail_gnutls(err, status, "fill the certificate");
	return CE_OK;
}

CE_MUSTCHECK static int
sign(gnutls_x509_crt_t crt, gnutls_x509_crt_t issuer, const struct ce_key *key, struct ce_buf *ret_pem,
	struct ce_error *err)
{
	int status = copy_authority_key_id(crt, issuer);
	if (status >= 0)
		status = gnutls_x509_crt_privkey_sign(crt, issuer, key->secret, key->kind->digest, 0);
	if (status < 0)
		return ce_key_failed(key, err, status, "sign the certificate");
	CE_CLEANUP(ce_buf_release) struct ce_buf out = CE_BUF_INIT;
	int code = ce_crt_add_pem(&out, crt, err);
	if (code < 0)
		return code;

	ce_buf_give(ret_pem, &out);
	return CE_OK;
}

int
ce_authority_create(const struct ce_key *key, const char *common_name, long long not_before, long long not_after,
	const char *const *permitted, struct ce_buf *ret_pem, struct ce_error *err)
{
	if (!common_name || *common_name == '\0')
		return ce_fail(err, CE_ERR_INVALID, "a private CA needs a common name");
	CE_CLEANUP(ce_freep) char *name = strdup(common_name);
	if (!name)
		return ce_fail(err, CE_ERR_MEMORY, "no memory for the name of a CA");
	const struct ce_subject subject = { .common_name = name };
	CE_CLEANUP(ce_gnutls_crtp) gnutls_x509_crt_t crt = NULL;
	int code = start(key->open, not_before, not_after, &crt, err);
	if (code >= 0)
		code = ce_subject_write(&subject, set_crt_dn, crt, err);
	if (code < 0)
		return code;

	int status = gnutls_x509_crt_set_basic_constraints(crt, 1, -1);
	if (status >= 0)
		status = gnutls_x509_crt_set_key_usage(crt, GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_CRL_SIGN);
	if (status >= 0)
		status = set_key_id(crt, key->open);
	if (status < 0)
		return ce_fail_gnutls(err, status, "fill the CA's certificate");
	code = ce_constraints_set(crt, permitted, err);
	return code < 0 ? code : sign(crt, crt, key, ret_pem, err);
}

/* The public key in a request whose own signature is right, of a kind that we make ourselves. */
CE_MUSTCHECK static int
take_request(struct ce_bytes csr_der, gnutls_pubkey_t *ret_key, struct ce_error *err)
{
	CE_CLEANUP(ce_gnutls_crqp) gnutls_x509_crq_t crq = NULL;
	CE_CLEANUP(ce_gnutls_pubkeyp) gnutls_pubkey_t key = NULL;
	if (csr_der.size > CE_CHAIN_BYTES_MAX)
		return ce_fail(err, CE_ERR_LIMIT, "a certificate request of %zu bytes is too large", csr_der.size);
	gnutls_datum_t der = ce_datum(csr_der);
	int status = gnutls_x509_crq_init(&crq);
	if (status >= 0)
		status = gnutls_x509_crq_import(crq, &der, GNUTLS_X509_FMT_DER);
	if (status < 0)
		return ce_fail_gnutls(err, status, "read the certificate request");
	status = gnutls_x509_crq_verify(crq, 0);
	if (status < 0)
		return ce_fail_gnutls(err, status, "the certificate request does not prove that its sender has the key");
	status = gnutls_pubkey_init(&key);
	if (status >= 0)
		status = gnutls_pubkey_import_x509_crq(key, crq, 0);
	if (status < 0)
		return ce_fail_gnutls(err, status, "read the key in the certificate request");
	if (!ce_key_kind_of(key))
		return ce_fail(err, CE_ERR_REFUSED, "the key in the certificate request is of a kind that is not supported");

	*ret_key = CE_STEAL(key);
	return CE_OK;
}

/* The CA's certificate, when it is one, belongs to the key and outlives what it shall sign. */
CE_MUSTCHECK static int
take_ca(const struct ce_key *ca_key, struct ce_bytes ca_pem, long long not_after, gnutls_x509_crt_t *ret_ca,
	struct ce_error *err)
{
	CE_CLEANUP(ce_gnutls_crtp) gnutls_x509_crt_t ca = NULL;
	CE_CLEANUP(ce_facts_release) struct ce_facts facts = { .names = CE_STRLIST_INIT };
	char title[300], id[65];
	int code = ce_crt_read(ca_pem, &ca, err);
	if (code >= 0)
		code = ce_facts_of(ca, &facts, err);
	if (code >= 0)
		code = ce_key_id(ca_key, id, err);
	if (code < 0)
		return code;
	ce_facts_title(&facts, title, sizeof(title));
	if (!facts.is_ca)
		return ce_fail(err, CE_ERR_CRYPTO, "the certificate %s is not of a CA and signs nothing", title);
	if (strcmp(id, facts.key_id) != 0)
		return ce_fail(err, CE_ERR_CRYPTO, "the private key of the CA does not belong to its certificate %s", title);
	if (not_after > facts.not_after)
		return ce_fail(err, CE_ERR_REFUSED, "the CA %s ends before the certificate that it shall sign; make a new CA "
			"or ask for a shorter time", title);

	*ret_ca = CE_STEAL(ca);
	return CE_OK;
}

int
ce_authority_issue(const struct ce_key *ca_key, struct ce_bytes ca_pem, struct ce_bytes csr_der,
	const struct ce_certificate_template *wanted, struct ce_buf *ret_pem, struct ce_error *err)
{
	CE_CLEANUP(ce_gnutls_crtp) gnutls_x509_crt_t ca = NULL;
	CE_CLEANUP(ce_gnutls_pubkeyp) gnutls_pubkey_t key = NULL;
	CE_CLEANUP(ce_gnutls_crtp) gnutls_x509_crt_t crt = NULL;
	int code = take_ca(ca_key, ca_pem, wanted->not_after, &ca, err);
	if (code >= 0)
		code = take_request(csr_der, &key, err);
	if (code >= 0)
		code = start(key, wanted->not_before, wanted->not_after, &crt, err);
	if (code >= 0)
		code = fill_leaf(crt, key, wanted, err);
	if (code >= 0)
		code = ce_constraints_check(ca, wanted->names, err);
	if (code < 0)
		return code;
	return sign(crt, ca, ca_key, ret_pem, err);
}

int
ce_authority_self_sign(const struct ce_key *key, const struct ce_certificate_template *wanted, struct ce_buf *ret_pem,
	struct ce_error *err)
{
	CE_CLEANUP(ce_gnutls_crtp) gnutls_x509_crt_t crt = NULL;
	int code = start(key->open, wanted->not_before, wanted->not_after, &crt, err);
	if (code >= 0)
		code = fill_leaf(crt, key->open, wanted, err);
	if (code < 0)
		return code;
	return sign(crt, crt, key, ret_pem, err);
}

int
ce_authority_signed(struct ce_bytes ca_pem, struct ce_bytes leaf_pem, struct ce_error *err)
{
	CE_CLEANUP(ce_gnutls_crtp) gnutls_x509_crt_t ca = NULL;
	CE_CLEANUP(ce_gnutls_crtp) gnutls_x509_crt_t leaf = NULL;
	int code = ce_crt_read(ca_pem, &ca, err);
	if (code >= 0)
		code = ce_crt_read(leaf_pem, &leaf, err);
	if (code >= 0 && !ce_crt_signed_by(leaf, ca))
		code = ce_fail(err, CE_ERR_REFUSED, "the certificate was not signed by this CA");
	return code;
}
