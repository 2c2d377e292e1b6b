/* JKS, the keystore of older Java. Nothing but Java writes it, so it is done here. Big-endian throughout:
 *
 *     u32 FEEDFEED, u32 version 2, u32 count, then each entry:
 *       u32 1 (key): UTF alias, u64 date in ms, u32 length + EncryptedPrivateKeyInfo, u32 chain length, certificates
 *       u32 2 (trusted): UTF alias, u64 date, one certificate
 *     a certificate is UTF "X.509", u32 length, DER; UTF is u16 length and modified UTF-8
 *     SHA-1 of the password in UTF-16BE, "Mighty Aphrodite", and everything before
 *
 * The protection of the key is Sun's own (OID 1.3.6.1.4.1.42.2.17.1.1): a random salt of 20 bytes, the key XORed with
 * SHA-1(password, salt), SHA-1(password, that), ..., and SHA-1(password, key) behind it. */
#include <string.h>

#include "crypto/der.h"
#include "crypto/digest.h"
#include "crypto/jks_own.h"

#define MAGIC 0xfeedfeedu
#define TAG_KEY 1
#define TAG_TRUSTED 2
#define SHA1 20
#define ENTRIES_MAX 4096
#define CHAIN_READ_MAX 100
#define PASSWORD_ROOM (2 * 256)

static const char whitener[] = "Mighty Aphrodite";

/* AlgorithmIdentifier of the key protection. */
static const unsigned char protector[] = { 0x30, 0x0e, 0x06, 0x0a, 0x2b, 0x06, 0x01, 0x04, 0x01, 0x2a, 0x02, 0x11, 0x01,
	0x01, 0x05, 0x00 };

/* The password as Java's UTF-16BE; it is ASCII. */
struct wide {
	unsigned char bytes[PASSWORD_ROOM];
	size_t size;
};

static void
widen(struct wide *wide, const char *password)
{
	wide->size = 0;
	for (; *password && wide->size + 2 <= sizeof(wide->bytes); password++) {
		wide->bytes[wide->size++] = 0;
		wide->bytes[wide->size++] = (unsigned char)*password;
	}
}

static void
wide_wipe(struct wide *wide)
{
	ce_wipe(wide, sizeof(*wide));
}

/* SHA-1 of password, a fixed text (may be NULL) and data. */
CE_MUSTCHECK static int
digest(const struct wide *password, const char *text, struct ce_bytes data, unsigned char out[SHA1],
	struct ce_error *err)
{
	gnutls_hash_hd_t hash;
	int status = gnutls_hash_init(&hash, GNUTLS_DIG_SHA1);
	if (status < 0)
		return ce_fail_gnutls(err, status, "compute the SHA-1 of a JKS");
	status = gnutls_hash(hash, password->bytes, password->size);
	if (status >= 0 && text)
		status = gnutls_hash(hash, text, strlen(text));
	if (status >= 0 && data.size > 0)
		status = gnutls_hash(hash, data.data, data.size);
	gnutls_hash_deinit(hash, out);
	if (status < 0)
		return ce_fail_gnutls(err, status, "compute the SHA-1 of a JKS");
	return CE_OK;
}

/* ------------------------------------------------------------------- writing */

CE_MUSTCHECK static int
add_number(struct ce_buf *out, unsigned long long value, int size, struct ce_error *err)
{
	unsigned char bytes[8];
	for (int i = 0; i < size; i++)
		bytes[i] = (unsigned char)(value >> (8 * (size - 1 - i)));
	return ce_buf_add(out, bytes, (size_t)size, err);
}

CE_MUSTCHECK static int
add_utf(struct ce_buf *out, const char *ascii, struct ce_error *err)
{
	int code = add_number(out, strlen(ascii), 2, err);
	return code < 0 ? code : ce_buf_adds(out, ascii, err);
}

CE_MUSTCHECK static int
add_sized(struct ce_buf *out, struct ce_bytes bytes, struct ce_error *err)
{
	int code = add_number(out, bytes.size, 4, err);
	return code < 0 ? code : ce_buf_add(out, bytes.data, bytes.size, err);
}

/* salt, key XOR key stream, digest of the key */
CE_MUSTCHECK static int
protect(const struct wide *password, struct ce_bytes key, struct ce_buf *out, struct ce_error *err)
{
	unsigned char stream[SHA1], check[SHA1];
	int code = ce_random_bytes(stream, sizeof(stream), err);
	if (code >= 0)
		code = ce_buf_add(out, stream, sizeof(stream), err);
	for (size_t at = 0; code >= 0 && at < key.size; at += SHA1) {
		unsigned char part[SHA1];
		size_t size = key.size - at < SHA1 ? key.size - at : SHA1;
		code = digest(password, NULL, (struct ce_bytes){ stream, SHA1 }, stream, err);
		for (size_t i = 0; i < size; i++)
			part[i] = key.data[at + i] ^ stream[i];
		if (code >= 0)
			code = ce_buf_add(out, part, size, err);
	}
	ce_wipe(stream, sizeof(stream));
	if (code >= 0)
		code = digest(password, NULL, key, check, err);
	if (code < 0)
		return code;
	return ce_buf_add(out, check, sizeof(check), err);
}

/* EncryptedPrivateKeyInfo ::= SEQUENCE { AlgorithmIdentifier, OCTET STRING } */
CE_MUSTCHECK static int
add_key(struct ce_buf *out, const struct ce_key *key, const struct wide *password, struct ce_error *err)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf plain = CE_BUF_SECRET;
	CE_CLEANUP(ce_buf_release) struct ce_buf hidden = CE_BUF_SECRET;
	CE_CLEANUP(ce_buf_release) struct ce_buf content = CE_BUF_SECRET;
	CE_CLEANUP(ce_buf_release) struct ce_buf envelope = CE_BUF_SECRET;
	int code = ce_key_to_pkcs8(key, NULL, 0, &plain, err);
	if (code >= 0)
		code = protect(password, ce_buf_bytes(&plain), &hidden, err);
	if (code >= 0)
		code = ce_buf_add(&content, protector, sizeof(protector), err);
	if (code >= 0)
		code = ce_der_add(&content, CE_DER_OCTET_STRING, ce_buf_bytes(&hidden), err);
	if (code >= 0)
		code = ce_der_add(&envelope, CE_DER_SEQUENCE, ce_buf_bytes(&content), err);
	if (code < 0)
		return code;
	return add_sized(out, ce_buf_bytes(&envelope), err);
}

CE_MUSTCHECK static int
add_certificate(struct ce_buf *out, gnutls_x509_crt_t crt, struct ce_error *err)
{
	CE_CLEANUP(ce_datump) gnutls_datum_t der = { NULL, 0 };
	int status = gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_DER, &der);
	if (status < 0)
		return ce_fail_gnutls(err, status, "encode a certificate");
	int code = add_utf(out, "X.509", err);
	return code < 0 ? code : add_sized(out, ce_datum_bytes(&der), err);
}

CE_MUSTCHECK static int
add_entry(struct ce_buf *out, const struct ce_keystore_content *content, const struct wide *password,
	struct ce_error *err)
{
	int code = add_number(out, TAG_KEY, 4, err);
	if (code >= 0)
		code = add_utf(out, content->alias, err);
	if (code >= 0)
		code = add_number(out, (unsigned long long)content->when * 1000, 8, err);
	if (code >= 0)
		code = add_key(out, content->key, password, err);
	if (code >= 0)
		code = add_number(out, content->count, 4, err);
	for (size_t i = 0; code >= 0 && i < content->count; i++)
		code = add_certificate(out, content->chain[i], err);
	return code;
}

int
ce_jks_add_trusted(struct ce_buf *out, const char *alias, long long when, gnutls_x509_crt_t crt, struct ce_error *err)
{
	int code = add_number(out, TAG_TRUSTED, 4, err);
	if (code >= 0)
		code = add_utf(out, alias, err);
	if (code >= 0)
		code = add_number(out, (unsigned long long)when * 1000, 8, err);
	return code < 0 ? code : add_certificate(out, crt, err);
}

/* One entry with its chain; or, without a key, one for each certificate. */
CE_MUSTCHECK static int
add_entries(struct ce_buf *out, const struct ce_keystore_content *content, const struct wide *password,
	struct ce_error *err)
{
	char alias[CE_ALIAS_ROOM];
	int code = ce_jks_add_head(out, content->key ? 1 : content->count, err);
	if (code >= 0 && content->key)
		return add_entry(out, content, password, err);
	for (size_t i = 0; code >= 0 && i < content->count; i++)
		code = ce_jks_add_trusted(out, ce_keystore_alias(content, i, alias), content->when, content->chain[i], err);
	return code;
}

int
ce_jks_add_head(struct ce_buf *out, size_t count, struct ce_error *err)
{
	int code = add_number(out, MAGIC, 4, err);
	if (code >= 0)
		code = add_number(out, CE_JKS_VERSION, 4, err);
	return code < 0 ? code : add_number(out, count, 4, err);
}

int
ce_jks_seal(struct ce_buf *out, const char *text, struct ce_error *err)
{
	CE_CLEANUP(wide_wipe) struct wide password;
	unsigned char check[SHA1];
	widen(&password, text);
	int code = digest(&password, whitener, ce_buf_bytes(out), check, err);
	return code < 0 ? code : ce_buf_add(out, check, sizeof(check), err);
}

int
ce_jks_write(const struct ce_keystore_content *content, struct ce_buf *ret_bytes, struct ce_error *err)
{
	CE_CLEANUP(wide_wipe) struct wide password;
	CE_CLEANUP(ce_buf_release) struct ce_buf out = CE_BUF_SECRET;
	widen(&password, content->password);
	int code = add_entries(&out, content, &password, err);
	if (code >= 0)
		code = ce_jks_seal(&out, content->password, err);
	if (code < 0)
		return code;

	ce_buf_give(ret_bytes, &out);
	return CE_OK;
}

/* ------------------------------------------------------------------- reading */

/* What is left to read; broken once more was asked for than there was. */
struct reader {
	struct ce_bytes left;
	bool broken;
};

static struct ce_bytes
take(struct reader *reader, size_t size)
{
	struct ce_bytes taken = { reader->left.data, size };
	if (reader->broken || size > reader->left.size) {
		reader->broken = true;
		return (struct ce_bytes){ NULL, 0 };
	}
	reader->left.data += size;
	reader->left.size -= size;
	return taken;
}

static unsigned
take_number(struct reader *reader, size_t size)
{
	struct ce_bytes bytes = take(reader, size);
	unsigned value = 0;
	for (size_t i = 0; i < bytes.size; i++)
		value = value << 8 | bytes.data[i];
	return value;
}

static struct ce_bytes
take_sized(struct reader *reader, size_t length_size)
{
	size_t size = take_number(reader, length_size);
	return take(reader, size);
}

static struct ce_bytes
take_certificate(struct reader *reader, unsigned version)
{
	if (version == CE_JKS_VERSION)
		(void)take_sized(reader, 2); /* the type; "X.509" is the only one there is */
	return take_sized(reader, 4);
}

/* number: which one it is, counted from 1, for messages. */
CE_MUSTCHECK static int
read_entry(struct reader *reader, unsigned version, size_t number, struct ce_jks_entry *ret_entry, struct ce_error *err)
{
	struct ce_jks_entry entry = { .whole = { reader->left.data, 0 } };
	size_t left = reader->left.size;
	unsigned tag = take_number(reader, 4), count = 1;
	entry.is_key = tag == TAG_KEY;
	entry.alias = take_sized(reader, 2);
	(void)take(reader, 8); /* the date */
	if (tag == TAG_KEY) {
		(void)take_sized(reader, 4); /* the key, protected */
		count = take_number(reader, 4);
	}
	if (!reader->broken && ((tag != TAG_KEY && tag != TAG_TRUSTED) || count > CHAIN_READ_MAX))
		return ce_fail(err, CE_ERR_INVALID, "entry %zu of the JKS is of kind %u with %u certificates, which is not "
			"known", number, tag, count);
	for (unsigned i = 0; i < count && !reader->broken; i++) {
		struct ce_bytes der = take_certificate(reader, version);
		int code = i == 0 && !reader->broken ? ce_sha256_hex(der, entry.fingerprint, err) : CE_OK;
		if (code < 0)
			return code;
	}
	if (reader->broken)
		return ce_fail(err, CE_ERR_INVALID, "the JKS ends in the middle of entry %zu", number);
	entry.chain_length = count;
	entry.whole.size = left - reader->left.size;
	*ret_entry = entry;
	return CE_OK;
}

CE_MUSTCHECK static int
check_integrity(struct ce_bytes bytes, const char *text, struct ce_error *err)
{
	CE_CLEANUP(wide_wipe) struct wide password;
	unsigned char check[SHA1];
	struct ce_bytes data = { bytes.data, bytes.size - SHA1 };
	widen(&password, text);
	int code = digest(&password, whitener, data, check, err);
	if (code < 0)
		return code;
	if (gnutls_memcmp(check, bytes.data + data.size, SHA1) != 0)
		return ce_fail(err, CE_ERR_INVALID, "the JKS was changed, or its password is another one");
	return CE_OK;
}

int
ce_jks_walk(struct ce_bytes bytes, const char *password, ce_jks_visitor visit, void *context, struct ce_error *err)
{
	if (bytes.size < 12 + SHA1)
		return ce_fail(err, CE_ERR_INVALID, "a JKS of %zu bytes is cut short", bytes.size);
	int code = check_integrity(bytes, password, err);
	if (code < 0)
		return code;

	struct reader reader = { { bytes.data + 4, bytes.size - 4 - SHA1 }, false };
	unsigned version = take_number(&reader, 4), count = take_number(&reader, 4);
	if (version != 1 && version != CE_JKS_VERSION)
		return ce_fail(err, CE_ERR_INVALID, "a JKS of version %u is not known", version);
	if (count > ENTRIES_MAX)
		return ce_fail(err, CE_ERR_LIMIT, "a JKS of %u entries has more than the %d allowed", count, ENTRIES_MAX);
	for (unsigned i = 0; code >= 0 && i < count; i++) {
		struct ce_jks_entry entry;
		code = read_entry(&reader, version, i + 1, &entry, err);
		if (code >= 0)
			code = visit(&entry, context, err);
	}
	if (code < 0)
		return code;
	if (reader.left.size > 0)
		return ce_fail(err, CE_ERR_INVALID, "the JKS goes on for %zu bytes after its last entry", reader.left.size);
	return (int)version;
}

static int
list_entry(const struct ce_jks_entry *entry, void *context, struct ce_error *err)
{
	return ce_keystore_add(context, entry->alias, entry->is_key, entry->fingerprint, entry->chain_length, err);
}

int
ce_jks_read(struct ce_bytes bytes, const char *password, struct ce_keystore *ret_keystore, struct ce_error *err)
{
	CE_CLEANUP(ce_keystore_release) struct ce_keystore keystore = { .kind = "JKS" };
	int code = ce_jks_walk(bytes, password, list_entry, &keystore, err);
	if (code < 0)
		return code;

	*ret_keystore = keystore;
	memset(&keystore, 0, sizeof(keystore));
	return CE_OK;
}
