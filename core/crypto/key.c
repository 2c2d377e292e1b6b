#include "crypto/key.h"

#include <string.h>

#include "crypto/digest.h"
#include "crypto/gnutls_own.h"
#include "crypto/token_own.h"

#define KEY_PEM_MAX 16384 /* an RSA-4096 key takes 3.3 KB */

#define CURVE(name) GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_##name)

static const struct ce_key_kind kinds[] = {
	{ "rsa-2048", GNUTLS_PK_RSA, 2048, 2048, GNUTLS_SIGN_RSA_SHA256, GNUTLS_DIG_SHA256, "RS256", NULL, 0 },
	{ "rsa-3072", GNUTLS_PK_RSA, 3072, 3072, GNUTLS_SIGN_RSA_SHA256, GNUTLS_DIG_SHA256, "RS256", NULL, 0 },
	{ "rsa-4096", GNUTLS_PK_RSA, 4096, 4096, GNUTLS_SIGN_RSA_SHA256, GNUTLS_DIG_SHA256, "RS256", NULL, 0 },
	{ "ec-p256", GNUTLS_PK_ECDSA, 256, CURVE(SECP256R1), GNUTLS_SIGN_ECDSA_SHA256, GNUTLS_DIG_SHA256, "ES256",
	  "P-256", 32 },
	{ "ec-p384", GNUTLS_PK_ECDSA, 384, CURVE(SECP384R1), GNUTLS_SIGN_ECDSA_SHA384, GNUTLS_DIG_SHA384, "ES384",
	  "P-384", 48 },
	{ "ed25519", GNUTLS_PK_EDDSA_ED25519, 256, CURVE(ED25519), GNUTLS_SIGN_EDDSA_ED25519, GNUTLS_DIG_UNKNOWN,
	  "EdDSA", "Ed25519", 32 },
};

const char *const ce_key_kinds[] = { "rsa-2048", "rsa-3072", "rsa-4096", "ec-p256", "ec-p384", "ed25519", NULL };

const struct ce_key_kind *
ce_key_kind_of(gnutls_pubkey_t key)
{
	unsigned bits = 0;
	int algorithm = gnutls_pubkey_get_pk_algorithm(key, &bits);
	for (size_t i = 0; i < CE_COUNT(kinds); i++)
		if ((int)kinds[i].algorithm == algorithm && kinds[i].bits == bits)
			return &kinds[i];
	return NULL;
}

/* What comes from a token is read once more from its encoding: GnuTLS leaves the size of curves out else. */
static int
read_public(gnutls_privkey_t secret, gnutls_pubkey_t open)
{
	CE_CLEANUP(ce_datump) gnutls_datum_t der = { NULL, 0 };
	CE_CLEANUP(ce_gnutls_pubkeyp) gnutls_pubkey_t first = NULL;
	if (gnutls_privkey_get_type(secret) != GNUTLS_PRIVKEY_PKCS11)
		return gnutls_pubkey_import_privkey(open, secret, 0, 0);
	int status = gnutls_pubkey_init(&first);
	if (status >= 0)
		status = gnutls_pubkey_import_privkey(first, secret, 0, 0);
	if (status >= 0)
		status = gnutls_pubkey_export2(first, GNUTLS_X509_FMT_DER, &der);
	return status < 0 ? status : gnutls_pubkey_import(open, &der, GNUTLS_X509_FMT_DER);
}

int
ce_key_wrap(gnutls_privkey_t *secret, struct ce_key **ret_key, struct ce_error *err)
{
	CE_CLEANUP(ce_keyp) struct ce_key *key = calloc(1, sizeof(*key));
	if (!key)
		return ce_fail(err, CE_ERR_MEMORY, "no memory for a private key");
	int status = gnutls_pubkey_init(&key->open);
	if (status >= 0)
		status = read_public(*secret, key->open);
	if (status < 0)
		return ce_fail_gnutls(err, status, "derive the public key");

	key->kind = ce_key_kind_of(key->open);
	if (!key->kind) {
		unsigned bits = 0;
		int algorithm = gnutls_pubkey_get_pk_algorithm(key->open, &bits);
		return ce_fail(err, CE_ERR_REFUSED, "a private key of kind %s with %u bits is not supported; use one of "
			"rsa-2048, rsa-3072, rsa-4096, ec-p256, ec-p384, ed25519", gnutls_pk_get_name(algorithm), bits);
	}

	key->secret = CE_STEAL(*secret);
	*ret_key = CE_STEAL(key);
	return CE_OK;
}

int
ce_key_kind_find(const char *kind, const struct ce_key_kind **ret_row, struct ce_error *err)
{
	for (size_t i = 0; i < CE_COUNT(kinds); i++)
		if (strcmp(kinds[i].name, kind) == 0) {
			*ret_row = &kinds[i];
			return CE_OK;
		}
	return ce_fail(err, CE_ERR_INVALID, "'%s' is no kind of key; use one of rsa-2048, rsa-3072, rsa-4096, "
		"ec-p256, ec-p384, ed25519", kind);
}

int
ce_key_generate(const char *kind, struct ce_key **ret_key, struct ce_error *err)
{
	const struct ce_key_kind *row = NULL;
	int code = ce_key_kind_find(kind, &row, err);
	if (code < 0)
		return code;

	CE_CLEANUP(ce_gnutls_privkeyp) gnutls_privkey_t secret = NULL;
	int status = gnutls_privkey_init(&secret);
	if (status >= 0)
		status = gnutls_privkey_generate2(secret, row->algorithm, row->generate, 0, NULL, 0);
	if (status < 0)
		return ce_fail_gnutls(err, status, "generate a key of kind %s", kind);
	return ce_key_wrap(&secret, ret_key, err);
}

int
ce_key_from_pem(struct ce_bytes pem, struct ce_key **ret_key, struct ce_error *err)
{
	if (pem.size > KEY_PEM_MAX)
		return ce_fail(err, CE_ERR_LIMIT, "a private key of %zu bytes is larger than the %d allowed", pem.size,
			KEY_PEM_MAX);
	if (pem.size == 0 || !memmem(pem.data, pem.size, "PRIVATE KEY-----", 16))
		return ce_fail(err, CE_ERR_INVALID, "no private key in PEM form was found");
	if (memmem(pem.data, pem.size, "ENCRYPTED", 9))
		return ce_fail(err, CE_ERR_INVALID, "the private key is protected by a password; give it unencrypted "
			"(PKCS#8 PEM)");

	gnutls_datum_t text = ce_datum(pem);
	CE_CLEANUP(ce_gnutls_privkeyp) gnutls_privkey_t secret = NULL;
	int status = gnutls_privkey_init(&secret);
	if (status >= 0)
		status = gnutls_privkey_import_x509_raw(secret, &text, GNUTLS_X509_FMT_PEM, NULL, 0);
	if (status < 0)
		return ce_fail(err, CE_ERR_INVALID, "the private key cannot be read: %s", gnutls_strerror(status));
	return ce_key_wrap(&secret, ret_key, err);
}

CE_MUSTCHECK static int
export_pkcs8(const struct ce_key *key, gnutls_x509_crt_fmt_t format, const char *password, unsigned flags,
	struct ce_buf *ret_bytes, struct ce_error *err)
{
	char title[CE_TOKEN_TITLE];
	if (key->uri)
		return ce_fail(err, CE_ERR_REFUSED, "the private key cannot be taken out of token '%s'",
			ce_token_title(key->uri, title));
	CE_CLEANUP(ce_gnutls_x509_privkeyp) gnutls_x509_privkey_t x509 = NULL;
	CE_CLEANUP(ce_secret_datump) gnutls_datum_t bytes = { NULL, 0 };
	int status = gnutls_privkey_export_x509(key->secret, &x509);
	if (status >= 0)
		status = gnutls_x509_privkey_export2_pkcs8(x509, format, password, flags, &bytes);
	if (status < 0)
		return ce_fail_gnutls(err, status, "export the private key");

	CE_CLEANUP(ce_buf_release) struct ce_buf out = CE_BUF_SECRET;
	int code = ce_buf_add(&out, bytes.data, bytes.size, err);
	if (code < 0)
		return code;

	ce_buf_give(ret_bytes, &out);
	return CE_OK;
}

int
ce_key_to_pem(const struct ce_key *key, struct ce_buf *ret_pem, struct ce_error *err)
{
	return export_pkcs8(key, GNUTLS_X509_FMT_PEM, NULL, GNUTLS_PKCS_PLAIN, ret_pem, err);
}

int
ce_key_to_pkcs8(const struct ce_key *key, const char *password, unsigned flags, struct ce_buf *ret_der,
	struct ce_error *err)
{
	return export_pkcs8(key, GNUTLS_X509_FMT_DER, password, password ? flags : GNUTLS_PKCS_PLAIN, ret_der, err);
}

int
ce_key_failed(const struct ce_key *key, struct ce_error *err, int status, const char *what)
{
	return key->uri ? ce_fail_token(err, status, key->uri, what) : ce_fail_gnutls(err, status, "%s", what);
}

const char *
ce_key_kind(const struct ce_key *key)
{
	return key->kind->name;
}

int
ce_pubkey_id(gnutls_pubkey_t key, char ret_hex[65], struct ce_error *err)
{
	CE_CLEANUP(ce_datump) gnutls_datum_t der = { NULL, 0 };
	int status = gnutls_pubkey_export2(key, GNUTLS_X509_FMT_DER, &der);
	if (status < 0)
		return ce_fail_gnutls(err, status, "export the public key");
	return ce_sha256_hex(ce_datum_bytes(&der), ret_hex, err);
}

int
ce_key_id(const struct ce_key *key, char ret_hex[65], struct ce_error *err)
{
	return ce_pubkey_id(key->open, ret_hex, err);
}

/* GnuTLS wipes what it holds of the key. */
void
ce_key_free(struct ce_key *key)
{
	if (!key)
		return;
	ce_gnutls_pubkeyp(&key->open);
	ce_gnutls_privkeyp(&key->secret);
	free(key->uri);
	free(key);
}

void
ce_keyp(struct ce_key **key)
{
	ce_key_free(*key);
	*key = NULL;
}
