/* Where a chain leads: by name, by key or by fingerprint of those who sign. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "crypto/gnutls_own.h"

#define HEX_MAX 128

/* A text of hexadecimal digits, maybe with colons, as lower-case digits only; false when it is something else. */
static bool
read_hex(const char *text, char out[HEX_MAX + 1])
{
	size_t count = 0;
	for (const char *at = text; *at; at++) {
		if (*at == ':')
			continue;
		if (!isxdigit((unsigned char)*at) || count == HEX_MAX)
			return false;
		out[count++] = (char)tolower((unsigned char)*at);
	}
	out[count] = '\0';
	return count >= 16;
}

static bool
has_fingerprint(gnutls_x509_crt_t crt, const char *hex)
{
	unsigned char digest[32];
	char text[2 * sizeof(digest) + 1];
	size_t size = sizeof(digest);
	if (gnutls_x509_crt_get_fingerprint(crt, GNUTLS_DIG_SHA256, digest, &size) < 0)
		return false;
	ce_text_hex(text, digest, size);
	return !strcmp(text, hex);
}

static bool
has_signer_key(gnutls_x509_crt_t crt, const char *hex)
{
	unsigned char id[HEX_MAX / 2];
	char text[2 * sizeof(id) + 1];
	size_t size = sizeof(id);
	if (gnutls_x509_crt_get_authority_key_id(crt, id, &size, NULL) < 0)
		return false;
	ce_text_hex(text, id, size);
	return !strcmp(text, hex);
}

static bool
has_signer_name(gnutls_x509_crt_t crt, const char *name)
{
	char common[256];
	size_t size = sizeof(common);
	if (gnutls_x509_crt_get_issuer_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0, 0, common, &size) >= 0
	    && !strcasecmp(common, name))
		return true;
	CE_CLEANUP(ce_datump) gnutls_datum_t whole = { NULL, 0 };
	return gnutls_x509_crt_get_issuer_dn3(crt, &whole, 0) >= 0 && !strcasecmp((const char *)whole.data, name);
}

static bool
leads_to(const gnutls_x509_crt_t *crts, unsigned count, const char *wanted)
{
	char hex[HEX_MAX + 1];
	if (has_signer_name(crts[count - 1], wanted))
		return true;
	if (!read_hex(wanted, hex))
		return false;
	for (unsigned i = 0; i < count; i++)
		if ((i > 0 && has_fingerprint(crts[i], hex)) || has_signer_key(crts[i], hex))
			return true;
	return false;
}

bool
ce_chain_leads_to(struct ce_bytes pem, const char *wanted)
{
	gnutls_x509_crt_t crts[CE_CHAIN_MAX];
	unsigned count = CE_CHAIN_MAX;
	gnutls_datum_t text = ce_datum(pem);
	if (gnutls_x509_crt_list_import(crts, &count, &text, GNUTLS_X509_FMT_PEM, GNUTLS_X509_CRT_LIST_IMPORT_FAIL_IF_EXCEED) < 0)
		return false;
	bool found = count > 0 && leads_to(crts, count, wanted);
	for (unsigned i = 0; i < count; i++)
		ce_gnutls_crtp(&crts[i]);
	return found;
}
