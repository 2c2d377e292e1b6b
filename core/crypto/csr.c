#include "crypto/csr.h"

#include <string.h>

#include "base/text.h"
#include "crypto/digest.h"
#include "crypto/gnutls_own.h"
#include "crypto/pem.h"

#define SUBJECT_VALUE_BYTES 512

/* In the order of the encoding, with the upper bounds of RFC 5280 appendix A.1; GnuTLS knows none of them. */
static const struct part {
	size_t member;
	const char *oid;
	const char *name; /* as the operator knows it */
	size_t characters;
} parts[] = {
	{ offsetof(struct ce_subject, country), GNUTLS_OID_X520_COUNTRY_NAME, "country", 2 },
	{ offsetof(struct ce_subject, state), GNUTLS_OID_X520_STATE_OR_PROVINCE_NAME, "state", 128 },
	{ offsetof(struct ce_subject, locality), GNUTLS_OID_X520_LOCALITY_NAME, "locality", 128 },
	{ offsetof(struct ce_subject, organization), GNUTLS_OID_X520_ORGANIZATION_NAME, "organization", 64 },
	{ offsetof(struct ce_subject, organizational_unit), GNUTLS_OID_X520_ORGANIZATIONAL_UNIT_NAME,
	  "organizational unit", 64 },
	{ offsetof(struct ce_subject, common_name), GNUTLS_OID_X520_COMMON_NAME, "common name", 64 },
};

/* The value, NULL when it is absent or empty (GnuTLS refuses to encode an empty one). */
static char *
value_of(const struct ce_subject *subject, const struct part *part)
{
	char *value = *(char *const *)((const char *)subject + part->member);
	return value && *value ? value : NULL;
}

static bool
is_clean(const char *value)
{
	char shown[SUBJECT_VALUE_BYTES + 1];
	ce_text_printable(shown, sizeof(shown), value);
	return strcmp(shown, value) == 0;
}

static size_t
count_characters(const char *utf8)
{
	size_t count = 0;
	for (; *utf8; utf8++)
		if (((unsigned char)*utf8 & 0xc0) != 0x80)
			count++;
	return count;
}

static bool
is_letter(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

CE_MUSTCHECK static int
check_part(const char *value, const struct part *part, struct ce_error *err)
{
	if (strlen(value) > SUBJECT_VALUE_BYTES || count_characters(value) > part->characters)
		return ce_fail(err, CE_ERR_INVALID, "the subject's %s has more than %zu characters", part->name,
			part->characters);
	if (!is_clean(value))
		return ce_fail(err, CE_ERR_INVALID, "the subject's %s '%s' is not plain UTF-8 text", part->name, value);
	if (strcmp(part->name, "country") == 0 && (strlen(value) != 2 || !is_letter(value[0]) || !is_letter(value[1])))
		return ce_fail(err, CE_ERR_INVALID, "the subject's country '%s' is not a code of two letters", value);
	return CE_OK;
}

int
ce_subject_check(const struct ce_subject *subject, struct ce_error *err)
{
	for (size_t i = 0; i < CE_COUNT(parts); i++) {
		const char *value = value_of(subject, &parts[i]);
		int code = value ? check_part(value, &parts[i], err) : CE_OK;
		if (code < 0)
			return code;
	}
	return CE_OK;
}

void
ce_subject_release(struct ce_subject *subject)
{
	for (size_t i = 0; i < CE_COUNT(parts); i++) {
		char **member = (char **)((char *)subject + parts[i].member);
		free(*member);
		*member = NULL;
	}
}

bool
ce_subject_is_empty(const struct ce_subject *subject)
{
	for (size_t i = 0; subject && i < CE_COUNT(parts); i++)
		if (value_of(subject, &parts[i]))
			return false;
	return true;
}

/* By OID, one after the other: a DN given as one string is encoded backwards and its syntax has holes. */
int
ce_subject_write(const struct ce_subject *subject, ce_subject_setter set, void *handle, struct ce_error *err)
{
	if (!subject)
		return CE_OK;
	int code = ce_subject_check(subject, err);
	if (code < 0)
		return code;
	for (size_t i = 0; i < CE_COUNT(parts); i++) {
		const char *value = value_of(subject, &parts[i]);
		int status = value ? set(handle, parts[i].oid, value) : 0;
		if (status < 0)
			return ce_fail_gnutls(err, status, "set the subject's %s", parts[i].name);
	}
	return CE_OK;
}

static int
set_crq_dn(void *crq, const char *oid, const char *value)
{
	return gnutls_x509_crq_set_dn_by_oid(crq, oid, 0, value, (unsigned)strlen(value));
}

CE_MUSTCHECK static int
fill(gnutls_x509_crq_t crq, const struct ce_key *key, const struct ce_strlist *names,
	const struct ce_subject *subject, struct ce_error *err)
{
	int code = ce_subject_write(subject, set_crq_dn, crq, err);
	if (code < 0)
		return code;
	CE_CLEANUP(ce_datump) gnutls_datum_t san = { NULL, 0 };
	code = ce_san_write(names, &san, err);
	if (code < 0)
		return code;

	int status = gnutls_x509_crq_set_version(crq, 1);
	if (status >= 0)
		status = gnutls_x509_crq_set_extension_by_oid(crq, CE_OID_SAN, san.data, san.size, 0);
	if (status >= 0)
		status = gnutls_x509_crq_set_pubkey(crq, key->open);
	if (status < 0)
		return ce_fail_gnutls(err, status, "fill the certificate request");
	return CE_OK;
}

/* Names and key only, besides the subject: ACME CAs ignore or refuse everything else. */
int
ce_csr_build(const struct ce_key *key, const struct ce_strlist *names, const struct ce_subject *subject,
	struct ce_buf *ret_der, struct ce_error *err)
{
	CE_CLEANUP(ce_gnutls_crqp) gnutls_x509_crq_t crq = NULL;
	int status = gnutls_x509_crq_init(&crq);
	if (status < 0)
		return ce_fail_gnutls(err, status, "make a certificate request");
	int code = fill(crq, key, names, subject, err);
	if (code < 0)
		return code;

	CE_CLEANUP(ce_datump) gnutls_datum_t der = { NULL, 0 };
	status = gnutls_x509_crq_privkey_sign(crq, key->secret, key->kind->digest, 0);
	if (status >= 0)
		status = gnutls_x509_crq_verify(crq, 0); /* GnuTLS can sign what it does not verify */
	if (status >= 0)
		status = gnutls_x509_crq_export2(crq, GNUTLS_X509_FMT_DER, &der);
	if (status < 0)
		return ce_key_failed(key, err, status, "sign the certificate request");

	CE_CLEANUP(ce_buf_release) struct ce_buf out = CE_BUF_INIT;
	code = ce_buf_add(&out, der.data, der.size, err);
	if (code < 0)
		return code;

	ce_buf_give(ret_der, &out);
	return CE_OK;
}

int
ce_csr_check(struct ce_bytes der, const struct ce_key *key, struct ce_error *err)
{
	CE_CLEANUP(ce_gnutls_crqp) gnutls_x509_crq_t crq = NULL;
	const gnutls_datum_t datum = { (unsigned char *)(uintptr_t)der.data, (unsigned)der.size };
	unsigned char id[CE_SHA256_SIZE];
	size_t size = sizeof(id);
	char wanted[65], found[65];
	int code = ce_key_id(key, wanted, err);
	if (code < 0)
		return code;
	int status = gnutls_x509_crq_init(&crq);
	if (status >= 0)
		status = gnutls_x509_crq_import(crq, &datum, GNUTLS_X509_FMT_DER);
	if (status >= 0)
		status = gnutls_x509_crq_verify(crq, 0);
	if (status >= 0)
		status = gnutls_x509_crq_get_key_id(crq, GNUTLS_KEYID_USE_SHA256, id, &size);
	if (status < 0)
		return ce_fail(err, CE_ERR_INVALID, "the certificate request cannot be read: %s", gnutls_strerror(status));
	ce_text_hex(found, id, size);
	return strcmp(found, wanted) == 0 ? CE_OK : ce_fail(err, CE_ERR_INVALID, "the certificate request is for another key");
}

int
ce_csr_to_pem(struct ce_bytes der, struct ce_buf *ret_pem, struct ce_error *err)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf out = CE_BUF_INIT;
	int code = ce_pem_add(&out, "CERTIFICATE REQUEST", der, err);
	if (code < 0)
		return code;

	ce_buf_give(ret_pem, &out);
	return CE_OK;
}
