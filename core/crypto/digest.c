#include "crypto/digest.h"

#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "crypto/gnutls_own.h"

int
ce_fail_gnutls(struct ce_error *err, int status, const char *format, ...)
{
	char what[512];
	va_list list;
	va_start(list, format);
	vsnprintf(what, sizeof(what), format, list);
	va_end(list);
	return ce_fail(err, status == GNUTLS_E_MEMORY_ERROR ? CE_ERR_MEMORY : CE_ERR_CRYPTO, "%s: %s", what,
		gnutls_strerror(status));
}

/* Whether "NAME=value" steers GnuTLS: configuration files, logs, or (SSLKEYLOGFILE) a file of session secrets. */
static bool
steers_gnutls(const char *variable)
{
	return strncmp(variable, "GNUTLS_", 7) == 0 || strncmp(variable, "SSLKEYLOGFILE=", 14) == 0;
}

/* unsetenv moves what follows, so the search starts anew after each. */
static bool
clean_environment(void)
{
	bool found = false;
	for (char **variable = environ; variable && *variable;) {
		char name[128];
		size_t size = strcspn(*variable, "=");
		if (!steers_gnutls(*variable) || size >= sizeof(name)) {
			variable++;
			continue;
		}
		memcpy(name, *variable, size);
		name[size] = '\0';
		(void)unsetenv(name); /* fails for names with '=' only */
		found = true;
		variable = environ;
	}
	return found;
}

/* GnuTLS starts itself when it is loaded, with whatever the environment said then; where it said
 * something the library is started again. */
int
ce_crypto_begin(struct ce_error *err)
{
	if (clean_environment()) {
		gnutls_global_deinit();
		gnutls_global_set_log_level(0);
	}
	int status = gnutls_global_init();
	if (status < 0)
		return ce_fail_gnutls(err, status, "start GnuTLS");
	return CE_OK;
}

int
ce_sha256(struct ce_bytes bytes, unsigned char ret_digest[CE_SHA256_SIZE], struct ce_error *err)
{
	unsigned char digest[CE_SHA256_SIZE];
	int status = gnutls_hash_fast(GNUTLS_DIG_SHA256, bytes.size ? (const void *)bytes.data : "", bytes.size, digest);
	if (status < 0)
		return ce_fail_gnutls(err, status, "compute SHA-256");

	memcpy(ret_digest, digest, sizeof(digest));
	return CE_OK;
}

int
ce_sha256_hex(struct ce_bytes bytes, char ret_hex[CE_SHA256_HEX], struct ce_error *err)
{
	unsigned char digest[CE_SHA256_SIZE];
	int code = ce_sha256(bytes, digest, err);
	if (code < 0)
		return code;

	ce_text_hex(ret_hex, digest, sizeof(digest));
	return CE_OK;
}

int
ce_base64url_add(struct ce_buf *out, struct ce_bytes bytes, struct ce_error *err)
{
	if (bytes.size == 0)
		return CE_OK;

	gnutls_datum_t plain = ce_datum(bytes);
	CE_CLEANUP(ce_secret_datump) gnutls_datum_t text = { NULL, 0 };
	int status = gnutls_base64_encode2(&plain, &text);
	if (status < 0)
		return ce_fail_gnutls(err, status, "encode base64url");

	size_t size = text.size;
	while (size > 0 && text.data[size - 1] == '=')
		size--;
	for (size_t i = 0; i < size; i++)
		if (text.data[i] == '+')
			text.data[i] = '-';
		else if (text.data[i] == '/')
			text.data[i] = '_';
	return ce_buf_add(out, text.data, size, err);
}

/* The letter of the standard alphabet, '\0' when c is none of base64url's (RFC 4648 section 5). */
static char
standard_letter(char c, bool tolerant)
{
	if ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
		return c;
	if (c == '-' || (tolerant && c == '+'))
		return '+';
	if (c == '_' || (tolerant && c == '/'))
		return '/';
	return '\0';
}

/* base64url as standard base64 with padding. */
CE_MUSTCHECK static int
to_standard(const char *text, bool tolerant, struct ce_buf *out, struct ce_error *err)
{
	size_t size = strlen(text);
	while (tolerant && size > 0 && text[size - 1] == '=')
		size--;
	if (size % 4 == 1)
		return ce_fail(err, CE_ERR_INVALID, "a base64url text of %zu characters is cut short", size);

	size_t padded = (size + 3) / 4 * 4;
	char *letters = ce_buf_grow(out, padded);
	if (!letters)
		return ce_fail(err, CE_ERR_MEMORY, "no memory to decode base64url");
	memset(letters, '=', padded);
	for (size_t i = 0; i < size; i++) {
		letters[i] = standard_letter(text[i], tolerant);
		if (letters[i] == '\0')
			return ce_fail(err, CE_ERR_INVALID, "character %zu of a base64url text is none of its alphabet", i + 1);
	}
	return CE_OK;
}

int
ce_base64url_decode(const char *text, bool tolerant, struct ce_buf *ret_bytes, struct ce_error *err)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf letters = CE_BUF_SECRET;
	CE_CLEANUP(ce_buf_release) struct ce_buf out = CE_BUF_SECRET;
	int code = to_standard(text, tolerant, &letters, err);
	if (code < 0)
		return code;

	if (letters.size > 0) {
		gnutls_datum_t standard = ce_datum(ce_buf_bytes(&letters));
		CE_CLEANUP(ce_secret_datump) gnutls_datum_t bytes = { NULL, 0 };
		int status = gnutls_base64_decode2(&standard, &bytes);
		if (status < 0)
			return ce_fail(err, CE_ERR_INVALID, "a base64url text is damaged: %s", gnutls_strerror(status));
		code = ce_buf_add(&out, bytes.data, bytes.size, err);
		if (code < 0)
			return code;
	}

	ce_buf_give(ret_bytes, &out);
	return CE_OK;
}

int
ce_random_bytes(void *out, size_t size, struct ce_error *err)
{
	int status = gnutls_rnd(GNUTLS_RND_KEY, out, size);
	if (status < 0)
		return ce_fail_gnutls(err, status, "get %zu random bytes", size);
	return CE_OK;
}

int
ce_random_password(size_t length, char **ret_text, struct ce_error *err)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
	const unsigned count = sizeof(letters) - 1, fair = 256 / count * count;

	CE_CLEANUP(ce_wipe_strp) char *text = calloc(1, length + 1);
	if (!text)
		return ce_fail(err, CE_ERR_MEMORY, "no memory for a password of %zu characters", length);
	for (size_t at = 0; at < length;) {
		unsigned char byte;
		int code = ce_random_bytes(&byte, 1, err);
		if (code < 0)
			return code;
		if (byte < fair) /* the rest would favour the first letters */
			text[at++] = letters[byte % count];
	}

	*ret_text = CE_STEAL(text);
	return CE_OK;
}
