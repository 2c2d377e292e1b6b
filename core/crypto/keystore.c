#include "crypto/keystore.h"

#include <string.h>

#include "base/text.h"
#include "crypto/keystore_own.h"
#include "crypto/pem.h"
#include "crypto/token.h"

#define ALIAS_MAX 128
#define PASSWORD_MIN 6
#define PASSWORD_MAX 256

static const struct {
	int kind;
	const char *label;
	bool secret;
} kinds[] = {
	{ CE_MATERIAL_PKCS12, "PKCS#12", true },
	{ CE_MATERIAL_JKS, "JKS", true },
	{ CE_MATERIAL_PEM_KEY, "PEM private key", true },
	{ CE_MATERIAL_PEM_LEAF, "PEM certificate", false },
	{ CE_MATERIAL_PEM_CHAIN, "PEM chain", false },
	{ CE_MATERIAL_PEM_FULLCHAIN, "PEM certificate and chain", false },
	{ CE_MATERIAL_PEM_ALL, "PEM private key, certificate and chain", true },
	{ CE_MATERIAL_DER_LEAF, "DER certificate", false },
};

const char *
ce_material_label(int kind)
{
	for (size_t i = 0; i < CE_COUNT(kinds); i++)
		if (kinds[i].kind == kind)
			return kinds[i].label;
	return "unknown material";
}

bool
ce_material_is_secret(int kind)
{
	for (size_t i = 0; i < CE_COUNT(kinds); i++)
		if (kinds[i].kind == kind)
			return kinds[i].secret;
	return true;
}

static bool
is_printable_ascii(const char *text)
{
	for (; *text; text++)
		if (*text < 0x20 || *text > 0x7e)
			return false;
	return true;
}

/* Java takes other passwords in some formats and releases only, and lower-cases aliases. */
CE_MUSTCHECK static int
check_words(const struct ce_material *material, struct ce_error *err)
{
	const char *alias = material->alias, *password = material->password;
	if (!alias || *alias == '\0' || strlen(alias) > ALIAS_MAX || !is_printable_ascii(alias))
		return ce_fail(err, CE_ERR_INVALID, "the alias of a keystore must be 1 to %d characters of printable ASCII",
			ALIAS_MAX);
	if (strpbrk(alias, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
		return ce_fail(err, CE_ERR_INVALID, "the alias '%s' of a keystore must be lower case, as Java makes it", alias);
	if (!password || strlen(password) < PASSWORD_MIN || strlen(password) > PASSWORD_MAX
	        || !is_printable_ascii(password))
		return ce_fail(err, CE_ERR_INVALID, "the password of a keystore must be %d to %d characters of printable "
			"ASCII", PASSWORD_MIN, PASSWORD_MAX);
	if (material->profile != CE_PROFILE_MODERN && material->profile != CE_PROFILE_LEGACY)
		return ce_fail(err, CE_ERR_INVALID, "there is no keystore profile %d", material->profile);
	return CE_OK;
}

static void
content_release(struct ce_keystore_content *content)
{
	for (size_t i = 0; i < content->count; i++)
		ce_gnutls_crtp(&content->chain[i]);
	content->count = 0;
}

CE_MUSTCHECK static int
load_certificates(struct ce_bytes text, struct ce_keystore_content *content, struct ce_error *err)
{
	struct ce_pem pem = { text, 0, true };
	struct ce_pem_block block;
	int code;
	while ((code = ce_pem_next(&pem, &block, err)) == CE_OK) {
		if (content->count == CE_CHAIN_MAX)
			return ce_fail(err, CE_ERR_LIMIT, "the chain has more than %d certificates", CE_CHAIN_MAX);
		code = ce_crt_read(block.whole, &content->chain[content->count], err);
		if (code < 0)
			return code;
		content->count++;
	}
	return code < 0 ? code : CE_OK;
}

CE_MUSTCHECK static int
build_keystore(const struct ce_bundle *bundle, const struct ce_material *material, struct ce_buf *ret_bytes,
	struct ce_error *err)
{
	CE_CLEANUP(ce_keyp) struct ce_key *key = NULL;
	CE_CLEANUP(content_release) struct ce_keystore_content content = { .alias = material->alias,
		.password = material->password, .profile = material->profile, .when = bundle->facts.not_before };
	int code = check_words(material, err);
	if (code >= 0)
		code = ce_key_from_pem(ce_buf_bytes(&bundle->key), &key, err);
	if (code >= 0)
		code = load_certificates(ce_buf_bytes(&bundle->leaf), &content, err);
	if (code >= 0)
		code = load_certificates(ce_buf_bytes(&bundle->chain), &content, err);
	if (code < 0)
		return code;
	if (content.count == 0)
		return ce_fail(err, CE_ERR_INVALID, "a keystore needs a certificate, and the bundle has none");
	content.key = key;
	return material->kind == CE_MATERIAL_JKS ? ce_jks_write(&content, ret_bytes, err)
	                                         : ce_pkcs12_write(&content, ret_bytes, err);
}

const char *
ce_keystore_alias(const struct ce_keystore_content *content, size_t number, char out[CE_ALIAS_ROOM])
{
	if (number == 0)
		snprintf(out, CE_ALIAS_ROOM, "%s", content->alias);
	else
		snprintf(out, CE_ALIAS_ROOM, "%s-%zu", content->alias, number + 1);
	return out;
}

int
ce_truststore_build(struct ce_bytes pem, const struct ce_material *material, long long when, struct ce_buf *ret_bytes,
	struct ce_error *err)
{
	CE_CLEANUP(content_release) struct ce_keystore_content content = { .alias = material->alias,
		.password = material->password, .profile = material->profile, .when = when };
	int code = check_words(material, err);
	if (code >= 0)
		code = load_certificates(pem, &content, err);
	if (code < 0)
		return code;
	if (content.count == 0)
		return ce_fail(err, CE_ERR_INVALID, "a truststore needs a certificate");
	return material->kind == CE_MATERIAL_JKS ? ce_jks_write(&content, ret_bytes, err)
	                                         : ce_pkcs12_write_trusted(&content, ret_bytes, err);
}

CE_MUSTCHECK static int
build_der(const struct ce_bundle *bundle, struct ce_buf *ret_bytes, struct ce_error *err)
{
	struct ce_pem pem = { ce_buf_bytes(&bundle->leaf), 0, true };
	struct ce_pem_block block;
	int code = ce_pem_next(&pem, &block, err);
	if (code < 0)
		return code;
	if (code == CE_UNCHANGED)
		return ce_fail(err, CE_ERR_INVALID, "the bundle has no certificate");
	CE_CLEANUP(ce_buf_release) struct ce_buf der = CE_BUF_INIT;
	code = ce_pem_decode(&block, &der, err);
	if (code < 0)
		return code;
	return ce_buf_add(ret_bytes, der.data, der.size, err);
}

CE_MUSTCHECK static int
build_pem(const struct ce_bundle *bundle, int kind, struct ce_buf *out, struct ce_error *err)
{
	bool key = kind == CE_MATERIAL_PEM_KEY || kind == CE_MATERIAL_PEM_ALL;
	bool leaf = kind == CE_MATERIAL_PEM_LEAF || kind == CE_MATERIAL_PEM_FULLCHAIN || kind == CE_MATERIAL_PEM_ALL;
	bool chain = kind == CE_MATERIAL_PEM_CHAIN || kind == CE_MATERIAL_PEM_FULLCHAIN || kind == CE_MATERIAL_PEM_ALL;
	int code = CE_OK;
	if (key)
		code = ce_buf_add(out, bundle->key.data, bundle->key.size, err);
	if (code >= 0 && leaf)
		code = ce_buf_add(out, bundle->leaf.data, bundle->leaf.size, err);
	if (code >= 0 && chain)
		code = ce_buf_add(out, bundle->chain.data, bundle->chain.size, err);
	return code;
}

int
ce_material_build(const struct ce_bundle *bundle, const struct ce_material *material, struct ce_buf *ret_bytes,
	struct ce_error *err)
{
	int kind = material->kind, code;
	char title[CE_TOKEN_TITLE];
	if (ce_material_is_secret(kind) && ce_token_is_record(ce_buf_bytes(&bundle->key)))
		return ce_fail(err, CE_ERR_REFUSED, "the private key is in token '%s' and cannot be taken out",
			ce_token_title(ce_buf_text(&bundle->key), title));
	CE_CLEANUP(ce_buf_release) struct ce_buf out = { .secret = ce_material_is_secret(kind) };
	if (kind == CE_MATERIAL_PKCS12 || kind == CE_MATERIAL_JKS)
		code = build_keystore(bundle, material, &out, err);
	else if (kind == CE_MATERIAL_DER_LEAF)
		code = build_der(bundle, &out, err);
	else if (kind >= CE_MATERIAL_PEM_KEY && kind <= CE_MATERIAL_PEM_ALL)
		code = build_pem(bundle, kind, &out, err);
	else
		code = ce_fail(err, CE_ERR_INVALID, "there is no material of kind %d", kind);
	if (code < 0)
		return code;

	ce_buf_give(ret_bytes, &out);
	return CE_OK;
}

int
ce_keystore_add(struct ce_keystore *keystore, struct ce_bytes alias, bool is_key, const char fingerprint[65],
	size_t chain_length, struct ce_error *err)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf shown = CE_BUF_INIT;
	int code = ce_text_add_printable(&shown, alias.size ? (const void *)alias.data : "", alias.size, false, err);
	if (code < 0)
		return code;
	struct ce_keystore_entry *entries = reallocarray(keystore->entries, keystore->count + 1, sizeof(*entries));
	if (!entries)
		return ce_fail(err, CE_ERR_MEMORY, "no memory for a keystore of %zu entries", keystore->count + 1);
	keystore->entries = entries;
	struct ce_keystore_entry *entry = &entries[keystore->count];
	*entry = (struct ce_keystore_entry){ .alias = strdup(ce_buf_text(&shown)), .is_key = is_key,
		.chain_length = chain_length };
	if (!entry->alias)
		return ce_fail(err, CE_ERR_MEMORY, "no memory for an alias");
	memcpy(entry->fingerprint, fingerprint, sizeof(entry->fingerprint));
	keystore->count++;
	return CE_OK;
}

int
ce_keystore_read(struct ce_bytes bytes, const char *password, struct ce_keystore *ret_keystore, struct ce_error *err)
{
	static const unsigned char jks[] = { 0xfe, 0xed, 0xfe, 0xed }, jceks[] = { 0xce, 0xce, 0xce, 0xce };
	if (bytes.size > CE_KEYSTORE_BYTES_MAX)
		return ce_fail(err, CE_ERR_LIMIT, "a keystore of %zu bytes is larger than the %u allowed", bytes.size,
			CE_KEYSTORE_BYTES_MAX);
	if (!password || strlen(password) > PASSWORD_MAX || !is_printable_ascii(password))
		return ce_fail(err, CE_ERR_INVALID, "the password of a keystore must be printable ASCII");
	if (bytes.size >= sizeof(jks) && memcmp(bytes.data, jks, sizeof(jks)) == 0)
		return ce_jks_read(bytes, password, ret_keystore, err);
	if (bytes.size >= sizeof(jceks) && memcmp(bytes.data, jceks, sizeof(jceks)) == 0)
		return ce_fail(err, CE_ERR_REFUSED, "the keystore is of type JCEKS; convert it to PKCS12 with keytool");
	if (bytes.size >= 2 && bytes.data[0] == 0x30)
		return ce_pkcs12_read(bytes, password, ret_keystore, err);
	return ce_fail(err, CE_ERR_INVALID, "the file is neither a PKCS#12 nor a JKS keystore");
}

void
ce_keystore_release(struct ce_keystore *keystore)
{
	for (size_t i = 0; i < keystore->count; i++)
		free(keystore->entries[i].alias);
	free(keystore->entries);
	memset(keystore, 0, sizeof(*keystore));
}
