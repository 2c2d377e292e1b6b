#include "crypto/certificate.h"

#include <string.h>

#include "base/text.h"
#include "crypto/digest.h"
#include "crypto/gnutls_own.h"
#include "crypto/names.h"
#include "crypto/pem.h"

#define SERIAL_MAX 64 /* RFC 5280 section 4.1.2.2 allows 20 */

CE_MUSTCHECK static int
import_der(struct ce_bytes der, gnutls_x509_crt_t *ret_crt, struct ce_error *err)
{
	gnutls_datum_t bytes = ce_datum(der);
	CE_CLEANUP(ce_gnutls_crtp) gnutls_x509_crt_t crt = NULL;
	int status = gnutls_x509_crt_init(&crt);
	if (status >= 0)
		status = gnutls_x509_crt_import(crt, &bytes, GNUTLS_X509_FMT_DER);
	if (status < 0)
		return ce_fail_gnutls(err, status, "read a certificate");

	*ret_crt = CE_STEAL(crt);
	return CE_OK;
}

/* The first block CERTIFICATE; keys and other things before it are passed over. */
CE_MUSTCHECK static int
import_pem(struct ce_bytes text, gnutls_x509_crt_t *ret_crt, struct ce_error *err)
{
	struct ce_pem pem = { text, 0, false };
	struct ce_pem_block block;
	int code;
	while ((code = ce_pem_next(&pem, &block, err)) == CE_OK && strcmp(block.label, "CERTIFICATE") != 0)
		;
	if (code < 0)
		return code;
	if (code == CE_UNCHANGED)
		return ce_fail(err, CE_ERR_INVALID, "no certificate was found in %zu bytes", text.size);

	CE_CLEANUP(ce_buf_release) struct ce_buf der = CE_BUF_INIT;
	code = ce_pem_decode(&block, &der, err);
	if (code < 0)
		return code;
	return import_der(ce_buf_bytes(&der), ret_crt, err);
}

int
ce_crt_read(struct ce_bytes pem_or_der, gnutls_x509_crt_t *ret_crt, struct ce_error *err)
{
	if (pem_or_der.size > CE_CHAIN_BYTES_MAX)
		return ce_fail(err, CE_ERR_LIMIT, "a certificate of %zu bytes is larger than the %d allowed",
			pem_or_der.size, CE_CHAIN_BYTES_MAX);
	if (pem_or_der.size > 0 && pem_or_der.data[0] == 0x30) /* SEQUENCE */
		return import_der(pem_or_der, ret_crt, err);
	return import_pem(pem_or_der, ret_crt, err);
}

typedef int (*dn_getter)(gnutls_x509_crt_t crt, gnutls_datum_t *dn, unsigned flags);

/* RFC 4514 text; "" for an empty name. */
CE_MUSTCHECK static int
read_dn(gnutls_x509_crt_t crt, dn_getter get, char **ret_text, struct ce_error *err)
{
	CE_CLEANUP(ce_datump) gnutls_datum_t dn = { NULL, 0 };
	int status = get(crt, &dn, 0);
	if (status < 0 && status != GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
		return ce_fail_gnutls(err, status, "read a name in a certificate");

	CE_CLEANUP(ce_buf_release) struct ce_buf shown = CE_BUF_INIT;
	int code = ce_text_add_printable(&shown, dn.data ? (const void *)dn.data : "", dn.size, false, err);
	if (code < 0)
		return code;
	char *text = strdup(ce_buf_text(&shown));
	if (!text)
		return ce_fail(err, CE_ERR_MEMORY, "no memory for a name");

	*ret_text = text;
	return CE_OK;
}

CE_MUSTCHECK static int
read_serial(gnutls_x509_crt_t crt, struct ce_facts *facts, struct ce_error *err)
{
	unsigned char serial[SERIAL_MAX];
	size_t size = sizeof(serial);
	int status = gnutls_x509_crt_get_serial(crt, serial, &size);
	if (status < 0)
		return ce_fail_gnutls(err, status, "read a certificate's serial number");
	facts->serial = malloc(2 * size + 1);
	if (!facts->serial)
		return ce_fail(err, CE_ERR_MEMORY, "no memory for a serial number");
	ce_text_hex(facts->serial, serial, size);
	return CE_OK;
}

CE_MUSTCHECK static int
read_key(gnutls_x509_crt_t crt, struct ce_facts *facts, struct ce_error *err)
{
	unsigned char id[32];
	size_t size = sizeof(id);
	int status = gnutls_x509_crt_get_key_id(crt, GNUTLS_KEYID_USE_SHA256, id, &size);
	if (status < 0)
		return ce_fail_gnutls(err, status, "read a certificate's public key");
	ce_text_hex(facts->key_id, id, sizeof(id));

	CE_CLEANUP(ce_gnutls_pubkeyp) gnutls_pubkey_t key = NULL;
	const struct ce_key_kind *kind = NULL;
	if (gnutls_pubkey_init(&key) >= 0 && gnutls_pubkey_import_x509(key, crt, 0) >= 0)
		kind = ce_key_kind_of(key);
	facts->key_kind = strdup(kind ? kind->name : "other");
	if (!facts->key_kind)
		return ce_fail(err, CE_ERR_MEMORY, "no memory for a certificate");
	return CE_OK;
}

CE_MUSTCHECK static int
read_names(gnutls_x509_crt_t crt, struct ce_facts *facts, struct ce_error *err)
{
	CE_CLEANUP(ce_datump) gnutls_datum_t extension = { NULL, 0 };
	int status = gnutls_x509_crt_get_extension_by_oid2(crt, CE_OID_SAN, 0, &extension, NULL);
	if (status == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
		return CE_OK;
	if (status < 0)
		return ce_fail_gnutls(err, status, "read the names of a certificate");
	return ce_san_read(&extension, &facts->names, err);
}

static bool
is_self_issued(gnutls_x509_crt_t crt)
{
	CE_CLEANUP(ce_datump) gnutls_datum_t subject = { NULL, 0 };
	CE_CLEANUP(ce_datump) gnutls_datum_t issuer = { NULL, 0 };
	return gnutls_x509_crt_get_raw_dn(crt, &subject) >= 0 && gnutls_x509_crt_get_raw_issuer_dn(crt, &issuer) >= 0
	       && subject.size == issuer.size && memcmp(subject.data, issuer.data, subject.size) == 0;
}

/* What is no text and no list. */
CE_MUSTCHECK static int
read_plain(gnutls_x509_crt_t crt, struct ce_facts *facts, struct ce_error *err)
{
	CE_CLEANUP(ce_datump) gnutls_datum_t der = { NULL, 0 };
	int status = gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_DER, &der);
	if (status < 0)
		return ce_fail_gnutls(err, status, "encode a certificate");
	time_t from = gnutls_x509_crt_get_activation_time(crt), until = gnutls_x509_crt_get_expiration_time(crt);
	if (from == (time_t)-1 || until == (time_t)-1)
		return ce_fail(err, CE_ERR_CRYPTO, "a certificate has no readable dates");
	facts->not_before = from;
	facts->not_after = until;
	facts->is_ca = gnutls_x509_crt_get_ca_status(crt, NULL) > 0;
	facts->self_issued = is_self_issued(crt);
	return ce_sha256_hex(ce_datum_bytes(&der), facts->fingerprint, err);
}

int
ce_facts_of(gnutls_x509_crt_t crt, struct ce_facts *ret_facts, struct ce_error *err)
{
	CE_CLEANUP(ce_facts_release) struct ce_facts facts = { .names = CE_STRLIST_INIT };
	int code = read_plain(crt, &facts, err);
	if (code >= 0)
		code = read_serial(crt, &facts, err);
	if (code >= 0)
		code = read_dn(crt, gnutls_x509_crt_get_dn3, &facts.subject, err);
	if (code >= 0)
		code = read_dn(crt, gnutls_x509_crt_get_issuer_dn3, &facts.issuer, err);
	if (code >= 0)
		code = read_key(crt, &facts, err);
	if (code >= 0)
		code = read_names(crt, &facts, err);
	if (code < 0)
		return code;

	*ret_facts = facts;
	memset(&facts, 0, sizeof(facts));
	return CE_OK;
}

int
ce_facts_read(struct ce_bytes pem_or_der, struct ce_facts *ret_facts, struct ce_error *err)
{
	CE_CLEANUP(ce_gnutls_crtp) gnutls_x509_crt_t crt = NULL;
	int code = ce_crt_read(pem_or_der, &crt, err);
	if (code < 0)
		return code;
	return ce_facts_of(crt, ret_facts, err);
}

void
ce_facts_release(struct ce_facts *facts)
{
	free(facts->serial);
	free(facts->subject);
	free(facts->issuer);
	free(facts->key_kind);
	ce_strlist_release(&facts->names);
	memset(facts, 0, sizeof(*facts));
}

bool
ce_facts_cover(const struct ce_facts *facts, const char *canonical_name)
{
	for (size_t i = 0; i < facts->names.count; i++)
		if (ce_name_covers(facts->names.items[i], canonical_name))
			return true;
	return false;
}

const char *
ce_facts_title(const struct ce_facts *facts, char *out, size_t room)
{
	if (facts->subject[0] != '\0')
		snprintf(out, room, "'%s'", facts->subject);
	else
		snprintf(out, room, "with serial %s", facts->serial);
	return out;
}

int
ce_facts_in_date(const struct ce_facts *facts, long long now, struct ce_error *err)
{
	char title[300], date[21];
	if (now > facts->not_after) {
		ce_text_time(date, facts->not_after);
		return ce_fail(err, CE_ERR_CRYPTO, "the certificate %s expired on %.10s",
			ce_facts_title(facts, title, sizeof(title)), date);
	}
	if (now < facts->not_before) {
		ce_text_time(date, facts->not_before);
		return ce_fail(err, CE_ERR_CRYPTO, "the certificate %s is not valid before %s; check the clock, and if that was ahead when it was "
			"issued replace it by --force-renew",
			ce_facts_title(facts, title, sizeof(title)), date);
	}
	return CE_OK;
}

int
ce_crt_add_pem(struct ce_buf *out, gnutls_x509_crt_t crt, struct ce_error *err)
{
	CE_CLEANUP(ce_datump) gnutls_datum_t pem = { NULL, 0 };
	int status = gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_PEM, &pem);
	if (status < 0)
		return ce_fail_gnutls(err, status, "encode a certificate");
	return ce_buf_add(out, pem.data, pem.size, err);
}

void
ce_bundle_init(struct ce_bundle *bundle)
{
	memset(bundle, 0, sizeof(*bundle));
	bundle->key.secret = true;
}

void
ce_bundle_release(struct ce_bundle *bundle)
{
	ce_buf_release(&bundle->key);
	ce_buf_release(&bundle->leaf);
	ce_buf_release(&bundle->chain);
	ce_facts_release(&bundle->facts);
	bundle->generation = 0;
}
