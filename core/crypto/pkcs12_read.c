/* Reading PKCS#12 of foreign origin. Every count and number of rounds is looked at before GnuTLS works on it. */
#include <string.h>

#include "base/text.h"
#include "crypto/digest.h"
#include "crypto/keystore_own.h"

#define ROUNDS_MAX 10000000u /* together; keytool writes 10,000 each, GnuTLS 600,000 */
#define BAGS_MAX 64
#define BAG_ELEMENTS 32      /* GnuTLS drops in silence what is beyond */
#define KEYS_MAX 64
#define KEY_ID_MAX 64

struct found_key {
	char *alias; /* NULL: none */
	unsigned char id[KEY_ID_MAX];
	size_t id_size;
	char key_id[65]; /* of the decrypted key where it has no localKeyID */
};

struct found_crt {
	gnutls_x509_crt_t crt;
	char *alias;
	unsigned char id[KEY_ID_MAX];
	size_t id_size;
	struct ce_facts facts;
	bool used;
};

struct content {
	gnutls_pkcs12_t store;
	const char *password;
	unsigned rounds; /* so far */
	struct found_key keys[KEYS_MAX];
	size_t key_count;
	struct found_crt *crts;
	size_t crt_count;
};

static void
content_release(struct content *content)
{
	for (size_t i = 0; i < content->key_count; i++)
		free(content->keys[i].alias);
	for (size_t i = 0; i < content->crt_count; i++) {
		ce_gnutls_crtp(&content->crts[i].crt);
		free(content->crts[i].alias);
		ce_facts_release(&content->crts[i].facts);
	}
	free(content->crts);
	ce_gnutls_pkcs12p(&content->store);
}

CE_MUSTCHECK static int
count_rounds(struct content *content, unsigned rounds, struct ce_error *err)
{
	if (rounds > ROUNDS_MAX || content->rounds > ROUNDS_MAX - rounds)
		return ce_fail(err, CE_ERR_REFUSED, "the PKCS#12 asks for more than %u rounds of key derivation", ROUNDS_MAX);
	content->rounds += rounds;
	return CE_OK;
}

/* A store without MAC (as newer Java's cacerts) passes: there is nothing to check. */
CE_MUSTCHECK static int
check_mac(struct content *content, struct ce_error *err)
{
	unsigned char salt[256];
	unsigned salt_size = sizeof(salt), rounds = 0, mac = 0;
	CE_CLEANUP(ce_freep) char *oid = NULL;
	int status = gnutls_pkcs12_mac_info(content->store, &mac, salt, &salt_size, &rounds, &oid);
	if (status < 0 && !oid)
		return CE_OK;
	if (status < 0)
		return ce_fail(err, CE_ERR_REFUSED, "the MAC of the PKCS#12 (algorithm %s) cannot be checked: %s", oid,
			gnutls_strerror(status));
	int code = count_rounds(content, rounds, err);
	if (code < 0)
		return code;
	status = gnutls_pkcs12_verify_mac(content->store, content->password);
	if (status == GNUTLS_E_MAC_VERIFY_FAILED)
		return ce_fail(err, CE_ERR_INVALID, "the PKCS#12 was changed, or its password is another one");
	if (status < 0)
		return ce_fail_gnutls(err, status, "check the MAC of the PKCS#12");
	return CE_OK;
}

CE_MUSTCHECK static int
decrypt_bag(struct content *content, gnutls_pkcs12_bag_t bag, struct ce_error *err)
{
	unsigned char salt[256];
	unsigned salt_size = sizeof(salt), rounds = 0, schema = 0, cipher = 0;
	CE_CLEANUP(ce_freep) char *oid = NULL;
	int status = gnutls_pkcs12_bag_enc_info(bag, &schema, &cipher, salt, &salt_size, &rounds, &oid);
	if (status < 0)
		return ce_fail(err, CE_ERR_REFUSED, "the encryption of the PKCS#12 (algorithm %s) is not known: %s",
			oid ? oid : "unknown", gnutls_strerror(status));
	int code = count_rounds(content, rounds, err);
	if (code < 0)
		return code;
	status = gnutls_pkcs12_bag_decrypt(bag, content->password);
	if (status < 0)
		return ce_fail(err, CE_ERR_INVALID, "a part of the PKCS#12 cannot be decrypted with the password: %s",
			gnutls_strerror(status));
	return CE_OK;
}

/* The two attributes of an element, as far as it has them. */
CE_MUSTCHECK static int
read_label(gnutls_pkcs12_bag_t bag, unsigned at, char **ret_alias, unsigned char id[KEY_ID_MAX], size_t *ret_size,
	struct ce_error *err)
{
	gnutls_datum_t key_id = { NULL, 0 };
	char *name = NULL; /* both belong to the bag */
	if (gnutls_pkcs12_bag_get_key_id(bag, at, &key_id) >= 0 && key_id.data) {
		if (key_id.size > KEY_ID_MAX)
			return ce_fail(err, CE_ERR_REFUSED, "the PKCS#12 has a localKeyID of %u bytes", key_id.size);
		memcpy(id, key_id.data, key_id.size);
		*ret_size = key_id.size;
	}
	if (gnutls_pkcs12_bag_get_friendly_name(bag, at, &name) < 0 || !name)
		return CE_OK;
	*ret_alias = strdup(name);
	if (!*ret_alias)
		return ce_fail(err, CE_ERR_MEMORY, "no memory for an alias");
	for (char *c = *ret_alias; *c; c++) /* as Java does */
		if (*c >= 'A' && *c <= 'Z')
			*c += 'a' - 'A';
	return CE_OK;
}

/* The identity of a key that no attribute ties to its certificate. */
CE_MUSTCHECK static int
identify_key(struct content *content, const gnutls_datum_t *data, bool encrypted, struct found_key *key,
	struct ce_error *err)
{
	unsigned char salt[256];
	unsigned salt_size = sizeof(salt), rounds = 0, schema = 0, cipher = 0;
	CE_CLEANUP(ce_freep) char *oid = NULL;
	if (encrypted) {
		int known = gnutls_pkcs8_info(data, GNUTLS_X509_FMT_DER, &schema, &cipher, salt, &salt_size, &rounds, &oid);
		if (known < 0)
			return ce_fail(err, CE_ERR_REFUSED, "the encryption of a key in the PKCS#12 is not known: %s",
				gnutls_strerror(known));
		int code = count_rounds(content, rounds, err);
		if (code < 0)
			return code;
	}
	CE_CLEANUP(ce_gnutls_x509_privkeyp) gnutls_x509_privkey_t secret = NULL;
	unsigned char id[32];
	size_t size = sizeof(id);
	int status = gnutls_x509_privkey_init(&secret);
	if (status >= 0)
		status = gnutls_x509_privkey_import_pkcs8(secret, data, GNUTLS_X509_FMT_DER, encrypted ? content->password : NULL,
			encrypted ? 0 : GNUTLS_PKCS_PLAIN);
	if (status >= 0)
		status = gnutls_x509_privkey_get_key_id(secret, GNUTLS_KEYID_USE_SHA256, id, &size);
	if (status < 0)
		return ce_fail(err, CE_ERR_INVALID, "a key in the PKCS#12 cannot be read with the password: %s",
			gnutls_strerror(status));
	ce_text_hex(key->key_id, id, sizeof(id));
	return CE_OK;
}

CE_MUSTCHECK static int
add_key(struct content *content, gnutls_pkcs12_bag_t bag, unsigned at, bool encrypted, struct ce_error *err)
{
	if (content->key_count == KEYS_MAX)
		return ce_fail(err, CE_ERR_LIMIT, "the PKCS#12 has more than %d keys", KEYS_MAX);
	struct found_key *key = &content->keys[content->key_count++];
	int code = read_label(bag, at, &key->alias, key->id, &key->id_size, err);
	if (code < 0 || key->id_size > 0)
		return code;
	gnutls_datum_t data = { NULL, 0 };
	int status = gnutls_pkcs12_bag_get_data(bag, at, &data);
	if (status < 0)
		return ce_fail_gnutls(err, status, "read a key in the PKCS#12");
	return identify_key(content, &data, encrypted, key, err);
}

CE_MUSTCHECK static int
add_certificate(struct content *content, gnutls_pkcs12_bag_t bag, unsigned at, struct ce_error *err)
{
	gnutls_datum_t der = { NULL, 0 };
	int status = gnutls_pkcs12_bag_get_data(bag, at, &der);
	if (status < 0)
		return ce_fail_gnutls(err, status, "read a certificate in the PKCS#12");
	struct found_crt *crts = reallocarray(content->crts, content->crt_count + 1, sizeof(*crts));
	if (!crts)
		return ce_fail(err, CE_ERR_MEMORY, "no memory for a PKCS#12");
	content->crts = crts;
	struct found_crt *crt = &crts[content->crt_count++];
	memset(crt, 0, sizeof(*crt));
	int code = read_label(bag, at, &crt->alias, crt->id, &crt->id_size, err);
	if (code >= 0)
		code = ce_crt_read(ce_datum_bytes(&der), &crt->crt, err);
	if (code >= 0)
		code = ce_facts_of(crt->crt, &crt->facts, err);
	return code < 0 ? code : CE_OK;
}

CE_MUSTCHECK static int
read_bag(struct content *content, gnutls_pkcs12_bag_t bag, struct ce_error *err)
{
	int code = CE_OK;
	if (gnutls_pkcs12_bag_get_type(bag, 0) == GNUTLS_BAG_ENCRYPTED)
		code = decrypt_bag(content, bag, err);
	int count = gnutls_pkcs12_bag_get_count(bag);
	if (code >= 0 && count >= BAG_ELEMENTS)
		return ce_fail(err, CE_ERR_REFUSED, "the PKCS#12 has %d or more elements in one bag and cannot be read whole",
			BAG_ELEMENTS);
	for (int i = 0; code >= 0 && i < count; i++) {
		int type = gnutls_pkcs12_bag_get_type(bag, (unsigned)i);
		if (type == GNUTLS_BAG_CERTIFICATE)
			code = add_certificate(content, bag, (unsigned)i, err);
		else if (type == GNUTLS_BAG_PKCS8_ENCRYPTED_KEY || type == GNUTLS_BAG_PKCS8_KEY)
			code = add_key(content, bag, (unsigned)i, type == GNUTLS_BAG_PKCS8_ENCRYPTED_KEY, err);
	}
	return code;
}

CE_MUSTCHECK static int
read_bags(struct content *content, struct ce_error *err)
{
	for (int i = 0;; i++) {
		CE_CLEANUP(ce_gnutls_bagp) gnutls_pkcs12_bag_t bag = NULL;
		int status = gnutls_pkcs12_bag_init(&bag);
		if (status >= 0)
			status = gnutls_pkcs12_get_bag(content->store, i, bag);
		if (status == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
			return CE_OK;
		if (status < 0)
			return ce_fail_gnutls(err, status, "read part %d of the PKCS#12", i + 1);
		if (i == BAGS_MAX)
			return ce_fail(err, CE_ERR_LIMIT, "the PKCS#12 has more than %d bags", BAGS_MAX);
		int code = read_bag(content, bag, err);
		if (code < 0)
			return code;
	}
}

static bool
belongs(const struct found_key *key, const struct found_crt *crt)
{
	if (key->id_size > 0)
		return crt->id_size == key->id_size && memcmp(crt->id, key->id, key->id_size) == 0;
	return strcmp(crt->facts.key_id, key->key_id) == 0;
}

/* Certificates from leaf upwards, each the issuer of the one before; marks them used. */
static size_t
follow_chain(struct content *content, struct found_crt *leaf)
{
	size_t length = 1;
	struct found_crt *at = leaf;
	leaf->used = true;
	while (at && !at->facts.self_issued && length <= content->crt_count) {
		struct found_crt *issuer = NULL;
		for (size_t i = 0; i < content->crt_count && !issuer; i++)
			if (&content->crts[i] != at && gnutls_x509_crt_check_issuer(at->crt, content->crts[i].crt))
				issuer = &content->crts[i];
		if (issuer) {
			issuer->used = true;
			length++;
		}
		at = issuer;
	}
	return length;
}

CE_MUSTCHECK static int
list_key(struct content *content, size_t at, struct ce_keystore *keystore, struct ce_error *err)
{
	const struct found_key *key = &content->keys[at];
	for (size_t i = 0; i < at; i++)
		if (key->id_size > 0 && content->keys[i].id_size == key->id_size
		        && memcmp(content->keys[i].id, key->id, key->id_size) == 0)
			return ce_fail(err, CE_ERR_REFUSED, "two keys in the PKCS#12 have the same localKeyID");
	struct found_crt *leaf = NULL;
	for (size_t i = 0; i < content->crt_count && !leaf; i++)
		if (belongs(key, &content->crts[i]))
			leaf = &content->crts[i];
	size_t length = leaf ? follow_chain(content, leaf) : 0;
	char number[24];
	snprintf(number, sizeof(number), "%zu", at + 1); /* Java's alias for a key without one */
	const char *alias = key->alias ? key->alias : number;
	struct ce_bytes bytes = { (const unsigned char *)alias, strlen(alias) };
	return ce_keystore_add(keystore, bytes, true, leaf ? leaf->facts.fingerprint : (char[65]){ "" }, length, err);
}

CE_MUSTCHECK static int
list_entries(struct content *content, struct ce_keystore *keystore, struct ce_error *err)
{
	int code = CE_OK;
	for (size_t i = 0; code >= 0 && i < content->key_count; i++)
		code = list_key(content, i, keystore, err);
	for (size_t i = 0; code >= 0 && i < content->crt_count; i++) {
		const struct found_crt *crt = &content->crts[i];
		const char *alias = crt->alias ? crt->alias : "";
		struct ce_bytes bytes = { (const unsigned char *)alias, strlen(alias) };
		if (!crt->used)
			code = ce_keystore_add(keystore, bytes, false, crt->facts.fingerprint, 1, err);
	}
	return code;
}

int
ce_pkcs12_read(struct ce_bytes bytes, const char *password, struct ce_keystore *ret_keystore, struct ce_error *err)
{
	CE_CLEANUP(content_release) struct content content = { .password = password };
	gnutls_datum_t der = ce_datum(bytes);
	int status = gnutls_pkcs12_init(&content.store);
	if (status < 0)
		return ce_fail_gnutls(err, status, "read a PKCS#12");
	status = gnutls_pkcs12_import(content.store, &der, GNUTLS_X509_FMT_DER, 0);
	if (status < 0)
		return ce_fail(err, CE_ERR_INVALID, "the PKCS#12 cannot be read: %s", gnutls_strerror(status));

	CE_CLEANUP(ce_keystore_release) struct ce_keystore keystore = { .kind = "PKCS#12" };
	int code = check_mac(&content, err);
	if (code >= 0)
		code = read_bags(&content, err);
	if (code >= 0)
		code = list_entries(&content, &keystore, err);
	if (code < 0)
		return code;

	*ret_keystore = keystore;
	memset(&keystore, 0, sizeof(keystore));
	return CE_OK;
}
