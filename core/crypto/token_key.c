/* Keys in tokens: made, opened, removed. */
#include <string.h>

#include "crypto/digest.h"
#include "crypto/token_own.h"

#define ID_SIZE 16
#define RECORD_MAX 2048
#define MADE_HERE "made by certengine\n" /* the second line of a record */

#define LOGIN GNUTLS_PKCS11_OBJ_FLAG_LOGIN

bool
ce_token_is_record(struct ce_bytes record)
{
	return record.size > 7 && memcmp(record.data, "pkcs11:", 7) == 0;
}

/* The URI of a record, and whether the key is ours. The caller frees. */
CE_MUSTCHECK static int
read_record(struct ce_bytes record, char **ret_uri, bool *ret_made, struct ce_error *err)
{
	const char *text = (const char *)record.data;
	const char *end = record.size > 0 && record.size <= RECORD_MAX ? memchr(text, '\n', record.size) : NULL;
	if (!ce_token_is_record(record) || !end)
		return ce_fail(err, CE_ERR_INVALID, "the record of a key in a token is damaged");
	size_t rest = record.size - (size_t)(end + 1 - text);
	*ret_made = rest == strlen(MADE_HERE) && memcmp(end + 1, MADE_HERE, rest) == 0;
	*ret_uri = strndup(text, (size_t)(end - text));
	return *ret_uri ? CE_OK : ce_fail(err, CE_ERR_MEMORY, "out of memory");
}

CE_MUSTCHECK static int
write_record(const char *uri, bool made, struct ce_buf *ret_record, struct ce_error *err)
{
	ce_buf_release(ret_record);
	return ce_buf_addf(ret_record, err, "%s\n%s", uri, made ? MADE_HERE : "");
}

int
ce_key_record(const struct ce_key *key, struct ce_buf *ret_record, struct ce_error *err)
{
	return key->uri ? write_record(key->uri, key->made, ret_record, err) : ce_key_to_pem(key, ret_record, err);
}

int
ce_key_open(struct ce_bytes record, struct ce_key **ret_key, struct ce_error *err)
{
	return ce_token_is_record(record) ? ce_token_open(record, ret_key, err) : ce_key_from_pem(record, ret_key, err);
}

int
ce_token_reserve(const char *token_uri, const char *label, struct ce_buf *ret_record, struct ce_error *err)
{
	unsigned char id[ID_SIZE];
	CE_CLEANUP(ce_freep) char *uri = NULL;
	int code = ce_random_bytes(id, sizeof(id), err);
	if (code == CE_OK)
		code = ce_token_uri_key(token_uri, label, (struct ce_bytes){ id, sizeof(id) }, &uri, err);
	return code < 0 ? code : write_record(uri, true, ret_record, err);
}

int
ce_token_given(const char *key_uri, struct ce_buf *ret_record, struct ce_error *err)
{
	CE_CLEANUP(ce_freep) char *uri = NULL;
	int code = ce_token_uri_bare(key_uri, &uri, err);
	return code < 0 ? code : write_record(uri, false, ret_record, err);
}

/* Takes over uri. */
CE_MUSTCHECK static int
open_key(char **uri, bool made, struct ce_key **ret_key, struct ce_error *err)
{
	static const char what[] = "open a private key";
	CE_CLEANUP(ce_gnutls_privkeyp) gnutls_privkey_t secret = NULL;
	int status = gnutls_privkey_init(&secret);
	if (status < 0)
		return ce_fail_gnutls(err, status, what);
	status = gnutls_privkey_import_url(secret, *uri, 0);
	if (status < 0)
		return ce_fail_token(err, status, *uri, what);
	CE_CLEANUP(ce_keyp) struct ce_key *key = NULL;
	int code = ce_key_wrap(&secret, &key, err);
	if (code < 0) {
		char title[CE_TOKEN_TITLE], name[CE_TOKEN_TITLE];
		if (err && code == CE_ERR_CRYPTO)
			err->code = CE_ERR_SYSTEM; /* the token's trouble: nothing is known of the key */
		return ce_error_wrap(err, "key '%s' in token '%s'", ce_token_uri_key_title(*uri, name), ce_token_title(*uri, title));
	}
	key->uri = CE_STEAL(*uri);
	key->made = made;
	*ret_key = CE_STEAL(key);
	return CE_OK;
}

int
ce_token_open(struct ce_bytes record, struct ce_key **ret_key, struct ce_error *err)
{
	CE_CLEANUP(ce_freep) char *uri = NULL;
	bool made = false;
	int code = read_record(record, &uri, &made, err);
	if (code == CE_OK)
		code = ce_tokens_begin(err);
	return code < 0 ? code : open_key(&uri, made, ret_key, err);
}

int
ce_token_generate(struct ce_bytes record, const char *kind, struct ce_key **ret_key, struct ce_error *err)
{
	CE_CLEANUP(ce_freep) char *uri = NULL;
	CE_CLEANUP(ce_freep) char *label = NULL;
	CE_CLEANUP(ce_buf_release) struct ce_buf id = CE_BUF_INIT;
	bool made = false;
	const struct ce_key_kind *row = NULL;
	int code = ce_key_kind_find(kind, &row, err);
	if (code == CE_OK)
		code = read_record(record, &uri, &made, err);
	if (code == CE_OK)
		code = ce_token_uri_parts(uri, &label, &id, err);
	if (code == CE_OK)
		code = ce_tokens_begin(err);
	if (code < 0)
		return code;
	char what[80];
	snprintf(what, sizeof(what), "make a key of kind %s", kind);
	const gnutls_datum_t number = { id.data, (unsigned)id.size };
	int status = gnutls_pkcs11_privkey_generate3(uri, row->algorithm, row->generate, label, &number, GNUTLS_X509_FMT_DER,
		NULL, 0, LOGIN | GNUTLS_PKCS11_OBJ_FLAG_MARK_PRIVATE | GNUTLS_PKCS11_OBJ_FLAG_MARK_SENSITIVE);
	if (status < 0)
		return ce_fail_token(err, status, uri, what);
	return open_key(&uri, made, ret_key, err);
}

/* Private and public half have one label and one id. */
int
ce_token_remove(struct ce_bytes record, struct ce_error *err)
{
	CE_CLEANUP(ce_freep) char *uri = NULL;
	CE_CLEANUP(ce_freep) char *label = NULL;
	CE_CLEANUP(ce_buf_release) struct ce_buf id = CE_BUF_INIT;
	bool made = false;
	int code = read_record(record, &uri, &made, err);
	if (code < 0 || !made)
		return code < 0 ? code : CE_UNCHANGED;
	code = ce_token_uri_parts(uri, &label, &id, err); /* without both it could mean other keys than ours */
	if (code == CE_OK)
		code = ce_tokens_begin(err);
	if (code < 0)
		return code;
	unsigned flags = 0;
	/* A token that is away would look like one without the key. */
	if (gnutls_pkcs11_token_get_flags(uri, &flags) < 0)
		return ce_fail_token(err, GNUTLS_E_PKCS11_REQUESTED_OBJECT_NOT_AVAILBLE, uri, "remove a private key");
	int status = gnutls_pkcs11_delete_url(uri, LOGIN);
	if (status == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE || status == 0)
		return CE_UNCHANGED;
	return status < 0 ? ce_fail_token(err, status, uri, "remove a private key") : CE_OK;
}

bool
ce_token_holds(const char *uri, struct ce_bytes record)
{
	CE_CLEANUP(ce_freep) char *own = NULL;
	bool made = false;
	struct ce_error ignored = { 0 };
	return read_record(record, &own, &made, &ignored) == CE_OK && ce_token_uri_covers(uri, own, true);
}
