/* A PKCS#12 of certificates that are to be trusted. Java takes an entry for one only where its bag carries Oracle's
 * attribute trustedKeyUsage; GnuTLS can set none but its own, so the bags are written here (RFC 7292 section 4.2) and
 * GnuTLS reads them and adds the MAC. Certificates are no secret: they are not encrypted, as every Java accepts. */
#include <string.h>

#include "crypto/der.h"
#include "crypto/pkcs12_own.h"

/* MacData with nothing in it yet: SEQUENCE { SEQUENCE { SEQUENCE { sha256, NULL }, OCTET STRING }, OCTET STRING, INTEGER 2 }.
 * GnuTLS fills it, but adds none where there is none. */
static const unsigned char empty_mac[] = { 0x30, 0x18, 0x30, 0x11, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03,
	0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x00, 0x04, 0x00, 0x02, 0x01, 0x02 };

CE_MUSTCHECK static int
add_oid(struct ce_buf *out, enum ce_oid oid, struct ce_error *err)
{
	struct ce_bytes bytes = ce_oid_bytes(oid);
	return ce_buf_add(out, bytes.data, bytes.size, err);
}

/* SEQUENCE { oid, tag { inner } } */
CE_MUSTCHECK static int
add_pair(struct ce_buf *out, enum ce_oid oid, int tag, struct ce_bytes inner, struct ce_error *err)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf content = CE_BUF_INIT;
	int code = add_oid(&content, oid, err);
	if (code >= 0)
		code = ce_der_add(&content, tag, inner, err);
	return code < 0 ? code : ce_der_add(out, CE_DER_SEQUENCE, ce_buf_bytes(&content), err);
}

int
ce_pkcs12_add_octets(struct ce_buf *out, enum ce_oid oid, struct ce_bytes inner, struct ce_error *err)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf octets = CE_BUF_INIT;
	int code = ce_der_add(&octets, CE_DER_OCTET_STRING, inner, err);
	return code < 0 ? code : add_pair(out, oid, CE_DER_CONTEXT_0, ce_buf_bytes(&octets), err);
}

CE_MUSTCHECK static int
add_name(struct ce_buf *out, const char *alias, struct ce_error *err)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf wide = CE_BUF_INIT, text = CE_BUF_INIT;
	int code = CE_OK;
	for (; code >= 0 && *alias; alias++) {
		const unsigned char character[] = { 0, (unsigned char)*alias };
		code = ce_buf_add(&wide, character, sizeof(character), err);
	}
	if (code >= 0)
		code = ce_der_add(&text, CE_DER_BMP_STRING, ce_buf_bytes(&wide), err);
	return code < 0 ? code : add_pair(out, CE_OID_FRIENDLY_NAME, CE_DER_SET, ce_buf_bytes(&text), err);
}

/* SafeBag: the certificate, and the attributes as a SET, which DER sorts: the shorter value has the smaller length byte. */
int
ce_pkcs12_add_trusted_bag(struct ce_buf *out, gnutls_x509_crt_t crt, const char *alias, struct ce_error *err)
{
	CE_CLEANUP(ce_datump) gnutls_datum_t der = { NULL, 0 };
	CE_CLEANUP(ce_buf_release) struct ce_buf certificate = CE_BUF_INIT, content = CE_BUF_INIT, attributes = CE_BUF_INIT;
	CE_CLEANUP(ce_buf_release) struct ce_buf name = CE_BUF_INIT, trusted = CE_BUF_INIT;
	int status = gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_DER, &der);
	if (status < 0)
		return ce_fail_gnutls(err, status, "encode a certificate");
	int code = ce_pkcs12_add_octets(&certificate, CE_OID_X509_CERTIFICATE, ce_datum_bytes(&der), err);
	if (code >= 0)
		code = add_oid(&content, CE_OID_CERT_BAG, err);
	if (code >= 0)
		code = ce_der_add(&content, CE_DER_CONTEXT_0, ce_buf_bytes(&certificate), err);
	if (code >= 0)
		code = add_name(&name, alias, err);
	if (code >= 0)
		code = add_pair(&trusted, CE_OID_TRUSTED_KEY_USAGE, CE_DER_SET, ce_oid_bytes(CE_OID_ANY_USAGE), err);
	if (code < 0)
		return code;
	bool name_first = name.size < trusted.size;
	const struct ce_buf *first = name_first ? &name : &trusted, *second = name_first ? &trusted : &name;
	code = ce_buf_add(&attributes, first->data, first->size, err);
	if (code >= 0)
		code = ce_buf_add(&attributes, second->data, second->size, err);
	if (code >= 0)
		code = ce_der_add(&content, CE_DER_SET, ce_buf_bytes(&attributes), err);
	return code < 0 ? code : ce_der_add(out, CE_DER_SEQUENCE, ce_buf_bytes(&content), err);
}

/* PFX { 3, ContentInfo { AuthenticatedSafe { ContentInfo { SafeContents } } }, MacData } */
CE_MUSTCHECK static int
write_store(const struct ce_keystore_content *content, struct ce_buf *out, struct ce_error *err)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf bags = CE_BUF_INIT, safe = CE_BUF_INIT, info = CE_BUF_INIT;
	CE_CLEANUP(ce_buf_release) struct ce_buf list = CE_BUF_INIT, whole = CE_BUF_INIT;
	int code = CE_OK;
	for (size_t i = 0; code >= 0 && i < content->count; i++) {
		char alias[CE_ALIAS_ROOM];
		code = ce_pkcs12_add_trusted_bag(&bags, content->chain[i], ce_keystore_alias(content, i, alias), err);
	}
	if (code >= 0)
		code = ce_der_add(&safe, CE_DER_SEQUENCE, ce_buf_bytes(&bags), err);
	if (code >= 0)
		code = ce_pkcs12_add_octets(&info, CE_OID_DATA, ce_buf_bytes(&safe), err);
	if (code >= 0)
		code = ce_der_add(&list, CE_DER_SEQUENCE, ce_buf_bytes(&info), err);
	if (code >= 0)
		code = ce_der_add_long(&whole, 3, err);
	if (code >= 0)
		code = ce_pkcs12_add_octets(&whole, CE_OID_DATA, ce_buf_bytes(&list), err);
	if (code >= 0)
		code = ce_buf_add(&whole, empty_mac, sizeof(empty_mac), err);
	return code < 0 ? code : ce_der_add(out, CE_DER_SEQUENCE, ce_buf_bytes(&whole), err);
}

int
ce_pkcs12_write_trusted(const struct ce_keystore_content *content, struct ce_buf *ret_bytes, struct ce_error *err)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf plain = CE_BUF_INIT, out = CE_BUF_INIT;
	CE_CLEANUP(ce_gnutls_pkcs12p) gnutls_pkcs12_t store = NULL;
	CE_CLEANUP(ce_datump) gnutls_datum_t bytes = { NULL, 0 };
	int code = write_store(content, &plain, err);
	if (code < 0)
		return code;
	gnutls_datum_t der = ce_datum(ce_buf_bytes(&plain));
	int status = gnutls_pkcs12_init(&store);
	if (status >= 0)
		status = gnutls_pkcs12_import(store, &der, GNUTLS_X509_FMT_DER, 0);
	if (status >= 0)
		status = gnutls_pkcs12_generate_mac2(store, content->profile == CE_PROFILE_LEGACY ? GNUTLS_MAC_SHA1 : GNUTLS_MAC_SHA256,
			content->password);
	if (status >= 0)
		status = gnutls_pkcs12_export2(store, GNUTLS_X509_FMT_DER, &bytes);
	if (status < 0)
		return ce_fail_gnutls(err, status, "finish a PKCS#12 truststore");
	code = ce_buf_add(&out, bytes.data, bytes.size, err);
	if (code < 0)
		return code;

	ce_buf_give(ret_bytes, &out);
	return CE_OK;
}
