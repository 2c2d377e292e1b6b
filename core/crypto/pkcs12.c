/* Writing PKCS#12 (RFC 7292) so that every Java reads it: the key in a shrouded bag, its certificates in one
 * encrypted content, localKeyID and friendlyName on key and leaf, leaf first. */
#include <string.h>

#include "crypto/digest.h"
#include "crypto/keystore_own.h"

#define LOCAL_KEY_ID 20

static const struct {
	int profile;
	unsigned cipher;
	gnutls_mac_algorithm_t mac;
} profiles[] = {
	{ CE_PROFILE_MODERN, GNUTLS_PKCS_PBES2_AES_256, GNUTLS_MAC_SHA256 },
	{ CE_PROFILE_LEGACY, GNUTLS_PKCS_PKCS12_3DES, GNUTLS_MAC_SHA1 },
};

static size_t
row_of(int profile)
{
	for (size_t i = 0; i < CE_COUNT(profiles); i++)
		if (profiles[i].profile == profile)
			return i;
	return 0;
}

/* The pair of attributes by which Java finds the certificate of a key. */
static int
label_bag(gnutls_pkcs12_bag_t bag, int at, const struct ce_keystore_content *content)
{
	unsigned char id[32];
	size_t size = sizeof(id);
	int status = gnutls_x509_crt_get_key_id(content->chain[0], GNUTLS_KEYID_USE_SHA256, id, &size);
	if (status < 0)
		return status;
	gnutls_datum_t key_id = { id, LOCAL_KEY_ID };
	status = gnutls_pkcs12_bag_set_key_id(bag, (unsigned)at, &key_id);
	return status < 0 ? status : gnutls_pkcs12_bag_set_friendly_name(bag, (unsigned)at, content->alias);
}

CE_MUSTCHECK static int
add_key(gnutls_pkcs12_t store, const struct ce_keystore_content *content, unsigned cipher, struct ce_error *err)
{
	CE_CLEANUP(ce_gnutls_bagp) gnutls_pkcs12_bag_t bag = NULL;
	CE_CLEANUP(ce_buf_release) struct ce_buf shrouded = CE_BUF_SECRET;
	int code = ce_key_to_pkcs8(content->key, content->password, cipher, &shrouded, err);
	if (code < 0)
		return code;
	gnutls_datum_t data = ce_datum(ce_buf_bytes(&shrouded));
	int status = gnutls_pkcs12_bag_init(&bag);
	if (status >= 0)
		status = gnutls_pkcs12_bag_set_data(bag, GNUTLS_BAG_PKCS8_ENCRYPTED_KEY, &data);
	if (status >= 0)
		status = label_bag(bag, status, content);
	if (status >= 0)
		status = gnutls_pkcs12_set_bag(store, bag);
	if (status < 0)
		return ce_fail_gnutls(err, status, "put the private key into a PKCS#12");
	return CE_OK;
}

CE_MUSTCHECK static int
add_certificates(gnutls_pkcs12_t store, const struct ce_keystore_content *content, unsigned cipher,
	struct ce_error *err)
{
	CE_CLEANUP(ce_gnutls_bagp) gnutls_pkcs12_bag_t bag = NULL;
	int status = gnutls_pkcs12_bag_init(&bag);
	for (size_t i = 0; status >= 0 && i < content->count; i++) {
		status = gnutls_pkcs12_bag_set_crt(bag, content->chain[i]);
		if (status >= 0 && i == 0)
			status = label_bag(bag, status, content);
	}
	if (status >= 0)
		status = gnutls_pkcs12_bag_encrypt(bag, content->password, cipher);
	if (status >= 0)
		status = gnutls_pkcs12_set_bag(store, bag);
	if (status < 0)
		return ce_fail_gnutls(err, status, "put the certificates into a PKCS#12");
	return CE_OK;
}

int
ce_pkcs12_write(const struct ce_keystore_content *content, struct ce_buf *ret_bytes, struct ce_error *err)
{
	size_t row = row_of(content->profile);
	CE_CLEANUP(ce_gnutls_pkcs12p) gnutls_pkcs12_t store = NULL;
	CE_CLEANUP(ce_secret_datump) gnutls_datum_t bytes = { NULL, 0 };
	int status = gnutls_pkcs12_init(&store);
	if (status < 0)
		return ce_fail_gnutls(err, status, "make a PKCS#12");
	int code = add_key(store, content, profiles[row].cipher, err);
	if (code >= 0)
		code = add_certificates(store, content, profiles[row].cipher, err);
	if (code < 0)
		return code;
	status = gnutls_pkcs12_generate_mac2(store, profiles[row].mac, content->password);
	if (status >= 0)
		status = gnutls_pkcs12_export2(store, GNUTLS_X509_FMT_DER, &bytes);
	if (status < 0)
		return ce_fail_gnutls(err, status, "finish a PKCS#12");

	CE_CLEANUP(ce_buf_release) struct ce_buf out = CE_BUF_SECRET;
	code = ce_buf_add(&out, bytes.data, bytes.size, err);
	if (code < 0)
		return code;

	ce_buf_give(ret_bytes, &out);
	return CE_OK;
}
