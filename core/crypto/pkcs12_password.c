/* What a PKCS#12 derives from its password: MAC and decryption. GnuTLS does both for stores that it may rewrite and cut
 * to 32 elements; here the bytes must stay and the number of elements does not matter. */
#include <string.h>

#include "crypto/pkcs12_own.h"

#define ROUNDS_MAX 10000000u /* together; keytool writes 10,000 each, GnuTLS 600,000 */
#define PASSWORD_ROOM 514    /* 256 characters of two bytes and the two zeroes behind them */
#define SALT_MAX 256
#define BLOCK_MAX 128
#define HASH_MAX 64

static const struct hash {
	enum ce_oid oid, hmac;
	gnutls_digest_algorithm_t digest;
	gnutls_mac_algorithm_t mac;
	size_t block;
} hashes[] = {
	{ CE_OID_SHA1, CE_OID_HMAC_SHA1, GNUTLS_DIG_SHA1, GNUTLS_MAC_SHA1, 64 },
	{ CE_OID_SHA256, CE_OID_HMAC_SHA256, GNUTLS_DIG_SHA256, GNUTLS_MAC_SHA256, 64 },
	{ CE_OID_SHA384, CE_OID_HMAC_SHA384, GNUTLS_DIG_SHA384, GNUTLS_MAC_SHA384, 128 },
	{ CE_OID_SHA512, CE_OID_HMAC_SHA512, GNUTLS_DIG_SHA512, GNUTLS_MAC_SHA512, 128 },
};

CE_MUSTCHECK static int
count_rounds(struct ce_rounds *counted, unsigned rounds, struct ce_error *err)
{
	if (rounds == 0)
		return ce_fail(err, CE_ERR_INVALID, "the PKCS#12 asks for no rounds of key derivation");
	if (rounds > ROUNDS_MAX || counted->used > ROUNDS_MAX - rounds)
		return ce_fail(err, CE_ERR_REFUSED, "the PKCS#12 asks for more than %u rounds of key derivation", ROUNDS_MAX);
	counted->used += rounds;
	return CE_OK;
}

/* Fills block bytes for each begun block of size with what is in data, again and again; returns how many. */
static size_t
spread(unsigned char *out, size_t block, const unsigned char *data, size_t size)
{
	size_t whole = (size + block - 1) / block * block;
	for (size_t i = 0; i < whole; i++)
		out[i] = data[i % size];
	return whole;
}

/* Appendix B.2 step 6 C: each block of input plus filler plus one. */
static void
stir(unsigned char *input, size_t size, size_t block, const unsigned char *filler)
{
	for (size_t at = 0; at < size; at += block) {
		unsigned carry = 1;
		for (size_t i = block; i-- > 0;) {
			carry += (unsigned)input[at + i] + filler[i];
			input[at + i] = (unsigned char)carry;
			carry >>= 8;
		}
	}
}

static const struct hash *
hash_of(gnutls_digest_algorithm_t digest)
{
	for (size_t i = 0; i < CE_COUNT(hashes); i++)
		if (hashes[i].digest == digest)
			return &hashes[i];
	return &hashes[0];
}

/* One output block: the hash of ID and input, hashed again rounds - 1 times. */
static int
hash_block(const struct hash *hash, const unsigned char *input, size_t size, unsigned rounds, unsigned char out[HASH_MAX])
{
	int length = (int)gnutls_hash_get_len(hash->digest);
	int status = gnutls_hash_fast(hash->digest, input, size, out);
	for (unsigned i = 1; i < rounds && status >= 0; i++)
		status = gnutls_hash_fast(hash->digest, out, (size_t)length, out);
	return status;
}

int
ce_pkcs12_derive(const char *password, const struct ce_pkcs12_salt *salt, int purpose, gnutls_digest_algorithm_t digest,
	struct ce_rounds *rounds, unsigned char *out, size_t size, struct ce_error *err)
{
	const struct hash *hash = hash_of(digest);
	unsigned char wide[PASSWORD_ROOM] = { 0 }, found[HASH_MAX], filler[BLOCK_MAX];
	unsigned char input[BLOCK_MAX + SALT_MAX + BLOCK_MAX + PASSWORD_ROOM + BLOCK_MAX];
	size_t length = strlen(password), used = hash->block, made = gnutls_hash_get_len(digest);
	int code = count_rounds(rounds, salt->rounds, err);
	if (code < 0)
		return code;
	if (salt->salt.size == 0 || salt->salt.size > SALT_MAX || 2 * length + 2 > sizeof(wide))
		return ce_fail(err, CE_ERR_REFUSED, "the PKCS#12 has a salt of %zu bytes, which nobody writes", salt->salt.size);
	for (size_t i = 0; i < length; i++)
		wide[2 * i + 1] = (unsigned char)password[i];
	memset(input, purpose, hash->block);
	used += spread(input + used, hash->block, salt->salt.data, salt->salt.size);
	used += spread(input + used, hash->block, wide, 2 * length + 2);
	int status = GNUTLS_E_SUCCESS;
	for (size_t at = 0; at < size && status >= 0; at += made) {
		status = hash_block(hash, input, used, salt->rounds, found);
		memcpy(out + at, found, size - at < made ? size - at : made);
		(void)spread(filler, hash->block, found, made);
		stir(input + hash->block, used - hash->block, hash->block, filler);
	}
	ce_wipe(wide, sizeof(wide));
	ce_wipe(input, sizeof(input));
	ce_wipe(found, sizeof(found));
	ce_wipe(filler, sizeof(filler));
	if (status < 0)
		return ce_fail_gnutls(err, status, "derive a key for a PKCS#12");
	return CE_OK;
}

/* ------------------------------------------------------------------------ MAC */

int
ce_pkcs12_mac_read(struct ce_bytes mac_data, struct ce_pkcs12_mac *ret_mac, struct ce_error *err)
{
	struct ce_der_value info, algorithm, oid, digest, salt;
	struct ce_pkcs12_mac mac = { .salt = { .rounds = 1 } };
	bool read = ce_der_take_tag(&mac_data, CE_DER_SEQUENCE, &info) && ce_der_take_tag(&mac_data, CE_DER_OCTET_STRING, &salt)
	            && (mac_data.size == 0 || ce_der_take_number(&mac_data, &mac.salt.rounds)) && mac_data.size == 0;
	read = read && ce_der_take_tag(&info.content, CE_DER_SEQUENCE, &algorithm)
	       && ce_der_take_tag(&info.content, CE_DER_OCTET_STRING, &digest) && info.content.size == 0
	       && ce_der_take_tag(&algorithm.content, CE_DER_OID, &oid);
	if (!read)
		return ce_fail(err, CE_ERR_INVALID, "the MAC of the PKCS#12 is malformed");
	mac.digest = digest.content;
	mac.salt.salt = salt.content;
	for (size_t i = 0; i < CE_COUNT(hashes); i++)
		if (hashes[i].oid == ce_oid_of(&oid)) {
			mac.hash = hashes[i].digest;
			*ret_mac = mac;
			return CE_OK;
		}
	return ce_fail(err, CE_ERR_REFUSED, "the MAC of the PKCS#12 is of a kind that cannot be made again; convert the store with "
		"keytool");
}

int
ce_pkcs12_mac_make(const struct ce_pkcs12_mac *mac, struct ce_bytes content, const char *password,
	struct ce_rounds *rounds, unsigned char *out, size_t *ret_size, struct ce_error *err)
{
	unsigned char key[HASH_MAX];
	const struct hash *hash = hash_of(mac->hash);
	size_t size = gnutls_hash_get_len(mac->hash);
	int code = ce_pkcs12_derive(password, &mac->salt, 3, mac->hash, rounds, key, size, err);
	if (code < 0)
		return code;
	int status = gnutls_hmac_fast(hash->mac, key, size, content.data, content.size, out);
	ce_wipe(key, sizeof(key));
	if (status < 0)
		return ce_fail_gnutls(err, status, "compute the MAC of a PKCS#12");
	*ret_size = size;
	return CE_OK;
}

/* ----------------------------------------------------------------- decryption */

/* A cipher with what it takes. */
struct cipher {
	gnutls_cipher_algorithm_t kind;
	unsigned char key[32], iv[16];
	size_t key_size, iv_size;
};

static void
cipher_wipe(struct cipher *cipher)
{
	ce_wipe(cipher, sizeof(*cipher));
}

static const struct {
	enum ce_oid oid;
	gnutls_cipher_algorithm_t kind;
	size_t key_size, iv_size;
} ciphers[] = {
	{ CE_OID_PBE_3DES, GNUTLS_CIPHER_3DES_CBC, 24, 8 },
	{ CE_OID_PBE_RC2_40, GNUTLS_CIPHER_RC2_40_CBC, 5, 8 },
	{ CE_OID_AES_128_CBC, GNUTLS_CIPHER_AES_128_CBC, 16, 16 },
	{ CE_OID_AES_192_CBC, GNUTLS_CIPHER_AES_192_CBC, 24, 16 },
	{ CE_OID_AES_256_CBC, GNUTLS_CIPHER_AES_256_CBC, 32, 16 },
};

static bool
set_cipher(struct cipher *cipher, enum ce_oid oid)
{
	for (size_t i = 0; i < CE_COUNT(ciphers); i++)
		if (ciphers[i].oid == oid) {
			cipher->kind = ciphers[i].kind;
			cipher->key_size = ciphers[i].key_size;
			cipher->iv_size = ciphers[i].iv_size;
			return true;
		}
	return false;
}

static int
unknown(struct ce_error *err)
{
	return ce_fail(err, CE_ERR_REFUSED, "the encryption of the PKCS#12 is not known; convert the store with keytool");
}

/* salt and rounds, with the derivation of RFC 7292. */
CE_MUSTCHECK static int
prepare_pbe(struct cipher *cipher, struct ce_bytes parameters, const char *password, struct ce_rounds *rounds,
	struct ce_error *err)
{
	struct ce_der_value given, salt;
	struct ce_pkcs12_salt input = { .rounds = 0 };
	if (!ce_der_take_tag(&parameters, CE_DER_SEQUENCE, &given)
	        || !ce_der_take_tag(&given.content, CE_DER_OCTET_STRING, &salt)
	        || !ce_der_take_number(&given.content, &input.rounds))
		return unknown(err);
	input.salt = salt.content;
	int code = ce_pkcs12_derive(password, &input, 1, GNUTLS_DIG_SHA1, rounds, cipher->key, cipher->key_size, err);
	if (code < 0)
		return code;
	return ce_pkcs12_derive(password, &input, 2, GNUTLS_DIG_SHA1, rounds, cipher->iv, cipher->iv_size, err);
}

/* PBKDF2-params of RFC 8018: salt, rounds, length of the key or none, PRF or SHA-1. */
CE_MUSTCHECK static int
derive_pbkdf2(struct cipher *cipher, struct ce_bytes parameters, const char *password, struct ce_rounds *counted,
	struct ce_error *err)
{
	struct ce_der_value given, salt, prf, oid;
	unsigned rounds = 0, length = 0;
	gnutls_mac_algorithm_t mac = GNUTLS_MAC_SHA1;
	if (!ce_der_take_tag(&parameters, CE_DER_SEQUENCE, &given)
	        || !ce_der_take_tag(&given.content, CE_DER_OCTET_STRING, &salt) || !ce_der_take_number(&given.content, &rounds))
		return unknown(err);
	if (ce_der_take_number(&given.content, &length) && length != cipher->key_size)
		return unknown(err);
	if (given.content.size > 0) {
		if (!ce_der_take_tag(&given.content, CE_DER_SEQUENCE, &prf) || !ce_der_take_tag(&prf.content, CE_DER_OID, &oid))
			return unknown(err);
		mac = GNUTLS_MAC_UNKNOWN;
		for (size_t i = 0; i < CE_COUNT(hashes); i++)
			if (hashes[i].hmac == ce_oid_of(&oid))
				mac = hashes[i].mac;
	}
	if (mac == GNUTLS_MAC_UNKNOWN)
		return unknown(err);
	int code = count_rounds(counted, rounds, err);
	if (code < 0)
		return code;
	gnutls_datum_t key = { (unsigned char *)password, (unsigned)strlen(password) }, salted = ce_datum(salt.content);
	int status = gnutls_pbkdf2(mac, &key, &salted, rounds, cipher->key, cipher->key_size);
	return status < 0 ? ce_fail_gnutls(err, status, "derive a key for a PKCS#12") : CE_OK;
}

CE_MUSTCHECK static int
prepare_pbes2(struct cipher *cipher, struct ce_bytes parameters, const char *password, struct ce_rounds *rounds,
	struct ce_error *err)
{
	struct ce_der_value given, derivation, encryption, oid, iv;
	if (!ce_der_take_tag(&parameters, CE_DER_SEQUENCE, &given)
	        || !ce_der_take_tag(&given.content, CE_DER_SEQUENCE, &derivation)
	        || !ce_der_take_tag(&given.content, CE_DER_SEQUENCE, &encryption)
	        || !ce_der_take_tag(&derivation.content, CE_DER_OID, &oid) || ce_oid_of(&oid) != CE_OID_PBKDF2)
		return unknown(err);
	if (!ce_der_take_tag(&encryption.content, CE_DER_OID, &oid) || !set_cipher(cipher, ce_oid_of(&oid))
	        || !ce_der_take_tag(&encryption.content, CE_DER_OCTET_STRING, &iv) || iv.content.size != cipher->iv_size)
		return unknown(err);
	memcpy(cipher->iv, iv.content.data, cipher->iv_size);
	return derive_pbkdf2(cipher, derivation.content, password, rounds, err);
}

/* PKCS#7 padding: n bytes of value n. */
static size_t
padding(const struct ce_buf *plain, size_t block)
{
	size_t count = plain->size > 0 ? plain->data[plain->size - 1] : 0;
	if (count == 0 || count > block || count > plain->size)
		return 0;
	for (size_t i = plain->size - count; i < plain->size; i++)
		if (plain->data[i] != count)
			return 0;
	return count;
}

CE_MUSTCHECK static int
run_cipher(struct cipher *cipher, struct ce_bytes hidden, struct ce_buf *out, struct ce_error *err)
{
	gnutls_cipher_hd_t handle = NULL;
	gnutls_datum_t key = { cipher->key, (unsigned)cipher->key_size }, iv = { cipher->iv, (unsigned)cipher->iv_size };
	int code = ce_buf_add(out, hidden.data, hidden.size, err);
	if (code < 0)
		return code;
	int status = gnutls_cipher_init(&handle, cipher->kind, &key, &iv);
	if (status >= 0) {
		status = gnutls_cipher_decrypt(handle, out->data, out->size);
		gnutls_cipher_deinit(handle);
	}
	return status < 0 ? ce_fail_gnutls(err, status, "decrypt a part of a PKCS#12") : CE_OK;
}

int
ce_pkcs12_decrypt(const struct ce_der_value *algorithm, struct ce_bytes hidden, const char *password,
	struct ce_rounds *rounds, struct ce_buf *ret_plain, struct ce_error *err)
{
	CE_CLEANUP(cipher_wipe) struct cipher cipher = { .kind = GNUTLS_CIPHER_NULL };
	CE_CLEANUP(ce_buf_release) struct ce_buf plain = CE_BUF_SECRET;
	struct ce_bytes left = algorithm->content;
	struct ce_der_value oid;
	if (!ce_der_take_tag(&left, CE_DER_OID, &oid))
		return unknown(err);
	int code;
	if (ce_oid_of(&oid) == CE_OID_PBES2)
		code = prepare_pbes2(&cipher, left, password, rounds, err);
	else if (set_cipher(&cipher, ce_oid_of(&oid)))
		code = prepare_pbe(&cipher, left, password, rounds, err);
	else
		code = unknown(err);
	if (code < 0)
		return code;
	size_t block = cipher.iv_size; /* of all of them */
	if (hidden.size == 0 || hidden.size % block != 0)
		return ce_fail(err, CE_ERR_INVALID, "an encrypted part of the PKCS#12 is cut short");
	code = run_cipher(&cipher, hidden, &plain, err);
	if (code < 0)
		return code;
	size_t count = padding(&plain, block);
	if (count == 0)
		return ce_fail(err, CE_ERR_INVALID, "a part of the PKCS#12 cannot be decrypted with the password");
	plain.size -= count;
	ce_buf_give(ret_plain, &plain);
	return CE_OK;
}
