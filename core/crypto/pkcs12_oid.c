#include <string.h>

#include "crypto/pkcs12_own.h"

#define PKCS 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d
#define NIST 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04

/* Value octets. */
static const struct row {
	enum ce_oid oid;
	unsigned char size, bytes[16];
} rows[] = {
	{ CE_OID_DATA, 11, { 0x06, 9, PKCS, 1, 7, 1 } },
	{ CE_OID_ENCRYPTED_DATA, 11, { 0x06, 9, PKCS, 1, 7, 6 } },
	{ CE_OID_CERT_BAG, 13, { 0x06, 11, PKCS, 1, 12, 10, 1, 3 } },
	{ CE_OID_X509_CERTIFICATE, 12, { 0x06, 10, PKCS, 1, 9, 22, 1 } },
	{ CE_OID_FRIENDLY_NAME, 11, { 0x06, 9, PKCS, 1, 9, 20 } },
	/* 2.16.840.1.113894.746875.1.1 */
	{ CE_OID_TRUSTED_KEY_USAGE, 14, { 0x06, 12, 0x60, 0x86, 0x48, 0x01, 0x86, 0xf9, 0x66, 0xad, 0xca, 0x7b, 1, 1 } },
	/* anyExtendedKeyUsage, RFC 5280 section 4.2.1.12 */
	{ CE_OID_ANY_USAGE, 6, { 0x06, 4, 0x55, 0x1d, 0x25, 0 } },
	{ CE_OID_PBE_3DES, 12, { 0x06, 10, PKCS, 1, 12, 1, 3 } },
	{ CE_OID_PBE_RC2_40, 12, { 0x06, 10, PKCS, 1, 12, 1, 6 } },
	{ CE_OID_PBES2, 11, { 0x06, 9, PKCS, 1, 5, 13 } },
	{ CE_OID_PBKDF2, 11, { 0x06, 9, PKCS, 1, 5, 12 } },
	{ CE_OID_AES_128_CBC, 11, { 0x06, 9, NIST, 1, 2 } },
	{ CE_OID_AES_192_CBC, 11, { 0x06, 9, NIST, 1, 22 } },
	{ CE_OID_AES_256_CBC, 11, { 0x06, 9, NIST, 1, 42 } },
	{ CE_OID_HMAC_SHA1, 10, { 0x06, 8, PKCS, 2, 7 } },
	{ CE_OID_HMAC_SHA256, 10, { 0x06, 8, PKCS, 2, 9 } },
	{ CE_OID_HMAC_SHA384, 10, { 0x06, 8, PKCS, 2, 10 } },
	{ CE_OID_HMAC_SHA512, 10, { 0x06, 8, PKCS, 2, 11 } },
	{ CE_OID_SHA1, 7, { 0x06, 5, 0x2b, 0x0e, 3, 2, 26 } },
	{ CE_OID_SHA256, 11, { 0x06, 9, NIST, 2, 1 } },
	{ CE_OID_SHA384, 11, { 0x06, 9, NIST, 2, 2 } },
	{ CE_OID_SHA512, 11, { 0x06, 9, NIST, 2, 3 } },
};

struct ce_bytes
ce_oid_bytes(enum ce_oid oid)
{
	for (size_t i = 0; i < CE_COUNT(rows); i++)
		if (rows[i].oid == oid)
			return (struct ce_bytes){ rows[i].bytes, rows[i].size };
	return (struct ce_bytes){ NULL, 0 };
}

enum ce_oid
ce_oid_of(const struct ce_der_value *value)
{
	for (size_t i = 0; i < CE_COUNT(rows); i++)
		if (value->whole.size == rows[i].size && memcmp(value->whole.data, rows[i].bytes, rows[i].size) == 0)
			return rows[i].oid;
	return CE_OID_NONE;
}
