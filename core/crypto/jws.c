#include "crypto/jws.h"

#include <jansson.h>
#include <string.h>

#include "crypto/digest.h"
#include "crypto/gnutls_own.h"

#define REQUEST_MAX 50000 /* what the largest CA takes */
#define MAC_SIZE_MAX 64

const char *const ce_jws_macs[] = { "HS256", "HS384", "HS512", NULL };
static const gnutls_mac_algorithm_t mac_algorithms[] = { GNUTLS_MAC_SHA256, GNUTLS_MAC_SHA384, GNUTLS_MAC_SHA512 };

/* Compact, members in lexicographic order, as RFC 7638 section 3.3 wants it. */
CE_MUSTCHECK static int
add_json(struct ce_buf *out, const json_t *value, struct ce_error *err)
{
	CE_CLEANUP(ce_freep) char *text = json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS);
	if (!text)
		return ce_fail(err, CE_ERR_MEMORY, "no memory for a signed request");
	return ce_buf_adds(out, text, err);
}

/* A number of the JWK. GnuTLS gives it with a leading zero or without its own, by chance: RFC 7518 section
 * 6.2.1.2 wants coordinates of full width, section 6.3.1 wants no zero before n and e (width 0). */
CE_MUSTCHECK static int
encode_number(const gnutls_datum_t *number, size_t width, struct ce_buf *out, struct ce_error *err)
{
	const unsigned char *data = number->data;
	size_t size = number->size;
	while (size > 0 && *data == 0) {
		data++;
		size--;
	}
	if (size > width && width > 0)
		return ce_fail(err, CE_ERR_CRYPTO, "a number of %zu bytes does not fit %zu", size, width);
	CE_CLEANUP(ce_buf_release) struct ce_buf padded = CE_BUF_INIT;
	size_t zeros = width > size ? width - size : 0;
	unsigned char *room = ce_buf_grow(&padded, zeros + size);
	if (!room)
		return ce_fail(err, CE_ERR_MEMORY, "no memory for a key");
	memset(room, 0, zeros);
	if (size > 0)
		memcpy(room + zeros, data, size);
	return ce_base64url_add(out, ce_buf_bytes(&padded), err);
}

CE_MUSTCHECK static int
jwk_rsa(const struct ce_key *key, json_t **ret_jwk, struct ce_error *err)
{
	CE_CLEANUP(ce_datump) gnutls_datum_t modulus = { NULL, 0 };
	CE_CLEANUP(ce_datump) gnutls_datum_t exponent = { NULL, 0 };
	CE_CLEANUP(ce_buf_release) struct ce_buf n = CE_BUF_INIT;
	CE_CLEANUP(ce_buf_release) struct ce_buf e = CE_BUF_INIT;
	int status = gnutls_pubkey_export_rsa_raw2(key->open, &modulus, &exponent, 0);
	if (status < 0)
		return ce_fail_gnutls(err, status, "export the public key");
	int code = encode_number(&modulus, 0, &n, err);
	if (code >= 0)
		code = encode_number(&exponent, 0, &e, err);
	if (code < 0)
		return code;
	*ret_jwk = json_pack("{s:s, s:s, s:s}", "e", ce_buf_text(&e), "kty", "RSA", "n", ce_buf_text(&n));
	return CE_OK;
}

/* EC with x and y; OKP (RFC 8037 section 2) with x alone, whose bytes are no number and stay as they are. */
CE_MUSTCHECK static int
jwk_curve(const struct ce_key *key, json_t **ret_jwk, struct ce_error *err)
{
	CE_CLEANUP(ce_datump) gnutls_datum_t first = { NULL, 0 };
	CE_CLEANUP(ce_datump) gnutls_datum_t second = { NULL, 0 };
	CE_CLEANUP(ce_buf_release) struct ce_buf x = CE_BUF_INIT;
	CE_CLEANUP(ce_buf_release) struct ce_buf y = CE_BUF_INIT;
	int status = gnutls_pubkey_export_ecc_raw2(key->open, NULL, &first, &second, 0);
	if (status < 0)
		return ce_fail_gnutls(err, status, "export the public key");
	const char *curve = key->kind->curve;
	if (key->kind->algorithm == GNUTLS_PK_EDDSA_ED25519) {
		int code = ce_base64url_add(&x, ce_datum_bytes(&first), err);
		if (code >= 0)
			*ret_jwk = json_pack("{s:s, s:s, s:s}", "crv", curve, "kty", "OKP", "x", ce_buf_text(&x));
		return code;
	}
	int code = encode_number(&first, key->kind->width, &x, err);
	if (code >= 0)
		code = encode_number(&second, key->kind->width, &y, err);
	if (code >= 0)
		*ret_jwk = json_pack("{s:s, s:s, s:s, s:s}", "crv", curve, "kty", "EC", "x", ce_buf_text(&x), "y",
			ce_buf_text(&y));
	return code;
}

CE_MUSTCHECK static int
make_jwk(const struct ce_key *key, json_t **ret_jwk, struct ce_error *err)
{
	json_t *jwk = NULL;
	int code = key->kind->curve ? jwk_curve(key, &jwk, err) : jwk_rsa(key, &jwk, err);
	if (code < 0)
		return code;
	if (!jwk)
		return ce_fail(err, CE_ERR_MEMORY, "no memory for a key");

	*ret_jwk = jwk;
	return CE_OK;
}

int
ce_jwk(const struct ce_key *key, struct ce_buf *ret_json, struct ce_error *err)
{
	CE_CLEANUP(json_decrefp) json_t *jwk = NULL;
	CE_CLEANUP(ce_buf_release) struct ce_buf out = CE_BUF_INIT;
	int code = make_jwk(key, &jwk, err);
	if (code >= 0)
		code = add_json(&out, jwk, err);
	if (code < 0)
		return code;

	ce_buf_give(ret_json, &out);
	return CE_OK;
}

int
ce_jwk_thumbprint(const struct ce_key *key, struct ce_buf *ret_text, struct ce_error *err)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf jwk = CE_BUF_INIT;
	CE_CLEANUP(ce_buf_release) struct ce_buf out = CE_BUF_INIT;
	unsigned char digest[CE_SHA256_SIZE];
	int code = ce_jwk(key, &jwk, err);
	if (code >= 0)
		code = ce_sha256(ce_buf_bytes(&jwk), digest, err);
	if (code >= 0)
		code = ce_base64url_add(&out, (struct ce_bytes){ digest, sizeof(digest) }, err);
	if (code < 0)
		return code;

	ce_buf_give(ret_text, &out);
	return CE_OK;
}

/* One of r and s as ECDSA in JWS wants it (RFC 7518 section 3.4): exactly width bytes. */
static bool
put_integer(unsigned char *out, size_t width, const gnutls_datum_t *integer)
{
	const unsigned char *data = integer->data;
	size_t size = integer->size;
	while (size > 0 && *data == 0) {
		data++;
		size--;
	}
	if (size > width)
		return false;
	memset(out, 0, width - size);
	memcpy(out + width - size, data, size);
	return true;
}

/* GnuTLS gives ECDSA as DER with r and s as signed numbers of any length. */
CE_MUSTCHECK static int
raw_signature(const struct ce_key *key, const gnutls_datum_t *signature, struct ce_buf *out, struct ce_error *err)
{
	if (key->kind->algorithm != GNUTLS_PK_ECDSA)
		return ce_base64url_add(out, ce_datum_bytes(signature), err);
	CE_CLEANUP(ce_datump) gnutls_datum_t r = { NULL, 0 };
	CE_CLEANUP(ce_datump) gnutls_datum_t s = { NULL, 0 };
	int status = gnutls_decode_rs_value(signature, &r, &s);
	if (status < 0)
		return ce_fail_gnutls(err, status, "take a signature apart");
	unsigned char raw[2 * 66];
	size_t width = key->kind->width;
	if (!put_integer(raw, width, &r) || !put_integer(raw + width, width, &s))
		return ce_fail(err, CE_ERR_CRYPTO, "a signature does not fit its curve");
	return ce_base64url_add(out, (struct ce_bytes){ raw, 2 * width }, err);
}

/* base64url(protected) "." base64url(payload), and where the payload begins in it. */
CE_MUSTCHECK static int
signing_input(const json_t *protected, const char *payload, struct ce_buf *out, size_t *ret_payload,
	struct ce_error *err)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf header = CE_BUF_INIT;
	int code = add_json(&header, protected, err);
	if (code >= 0)
		code = ce_base64url_add(out, ce_buf_bytes(&header), err);
	if (code >= 0)
		code = ce_buf_adds(out, ".", err);
	if (code < 0)
		return code;
	*ret_payload = out->size;
	return ce_base64url_add(out, (struct ce_bytes){ (const unsigned char *)payload, strlen(payload) }, err);
}

/* The flattened serialization (RFC 7515 section 7.2.2). */
CE_MUSTCHECK static int
flatten(const struct ce_buf *input, size_t payload, const struct ce_buf *signature, struct ce_buf *ret_json,
	struct ce_error *err)
{
	const char *text = ce_buf_text(input);
	CE_CLEANUP(json_decrefp) json_t *body = json_pack("{s:s%, s:s, s:s}", "protected", text, payload - 1, "payload",
		text + payload, "signature", ce_buf_text(signature));
	if (!body)
		return ce_fail(err, CE_ERR_MEMORY, "no memory for a signed request");
	CE_CLEANUP(ce_buf_release) struct ce_buf out = { .limit = REQUEST_MAX };
	int code = add_json(&out, body, err);
	if (code == CE_ERR_LIMIT)
		return ce_fail(err, CE_ERR_LIMIT, "the signed request has more than the %d bytes that CAs take", REQUEST_MAX);
	if (code < 0)
		return code;

	ce_buf_give(ret_json, &out);
	return CE_OK;
}

/* alg, url, nonce, and either kid or jwk (RFC 8555 section 6.2). */
CE_MUSTCHECK static int
make_header(const struct ce_key *key, const struct ce_jws_request *request, json_t **ret_header, struct ce_error *err)
{
	CE_CLEANUP(json_decrefp) json_t *jwk = NULL;
	int code = request->kid ? CE_OK : make_jwk(key, &jwk, err);
	if (code < 0)
		return code;
	json_t *header = json_pack("{s:s, s:s, s:s*, s:s*, s:O*}", "alg", key->kind->jws, "url", request->url, "nonce",
		request->nonce, "kid", request->kid, "jwk", jwk);
	if (!header)
		return ce_fail(err, CE_ERR_INVALID, "a URL or nonce of the CA is not UTF-8 text");

	*ret_header = header;
	return CE_OK;
}

int
ce_jws_sign(const struct ce_key *key, const struct ce_jws_request *request, struct ce_buf *ret_json,
	struct ce_error *err)
{
	CE_CLEANUP(json_decrefp) json_t *header = NULL;
	CE_CLEANUP(ce_buf_release) struct ce_buf input = CE_BUF_INIT;
	CE_CLEANUP(ce_buf_release) struct ce_buf text = CE_BUF_INIT;
	CE_CLEANUP(ce_datump) gnutls_datum_t signature = { NULL, 0 };
	size_t payload = 0;
	int code = make_header(key, request, &header, err);
	if (code >= 0)
		code = signing_input(header, request->payload ? request->payload : "", &input, &payload, err);
	if (code < 0)
		return code;

	gnutls_datum_t data = ce_datum(ce_buf_bytes(&input));
	int status = gnutls_privkey_sign_data2(key->secret, key->kind->sign, 0, &data, &signature);
	if (status < 0)
		return ce_key_failed(key, err, status, "sign a request");
	code = raw_signature(key, &signature, &text, err);
	if (code < 0)
		return code;
	return flatten(&input, payload, &text, ret_json, err);
}

/* Adds the MAC of the input as base64url. */
CE_MUSTCHECK static int
add_mac(const char *mac, struct ce_bytes key, const struct ce_buf *input, struct ce_buf *out, struct ce_error *err)
{
	unsigned char code[MAC_SIZE_MAX];
	for (size_t i = 0; ce_jws_macs[i]; i++) {
		if (strcmp(ce_jws_macs[i], mac) != 0)
			continue;
		int status = gnutls_hmac_fast(mac_algorithms[i], key.data, key.size, input->data, input->size, code);
		if (status < 0)
			return ce_fail_gnutls(err, status, "authenticate the external account");
		return ce_base64url_add(out, (struct ce_bytes){ code, gnutls_hmac_get_len(mac_algorithms[i]) }, err);
	}
	return ce_fail(err, CE_ERR_INVALID, "the MAC algorithm '%s' is not known", mac);
}

int
ce_jws_bind(const struct ce_key *account, const char *mac, const char *url, const char *kid, struct ce_bytes mac_key,
	struct ce_buf *ret_json, struct ce_error *err)
{
	CE_CLEANUP(json_decrefp) json_t *header = json_pack("{s:s, s:s, s:s}", "alg", mac, "kid", kid, "url", url);
	if (!header)
		return ce_fail(err, CE_ERR_INVALID, "the key id or URL of the external account is not UTF-8 text");
	if (mac_key.size == 0)
		return ce_fail(err, CE_ERR_INVALID, "the MAC key of the external account is empty");

	CE_CLEANUP(ce_buf_release) struct ce_buf jwk = CE_BUF_INIT;
	CE_CLEANUP(ce_buf_release) struct ce_buf input = CE_BUF_INIT;
	CE_CLEANUP(ce_buf_release) struct ce_buf text = CE_BUF_INIT;
	size_t payload = 0;
	int code = ce_jwk(account, &jwk, err);
	if (code >= 0)
		code = signing_input(header, ce_buf_text(&jwk), &input, &payload, err);
	if (code >= 0)
		code = add_mac(mac, mac_key, &input, &text, err);
	if (code < 0)
		return code;
	return flatten(&input, payload, &text, ret_json, err);
}
