#include "crypto/pem.h"

#include <string.h>

#include "base/text.h"
#include "crypto/certificate.h"
#include "crypto/gnutls_own.h"

#define BEGIN "-----BEGIN "
#define END "-----END "
#define DASHES "-----"

static struct ce_bytes
next_line(struct ce_pem *pem)
{
	struct ce_bytes line = { pem->text.data + pem->at, pem->text.size - pem->at };
	const unsigned char *end = memchr(line.data, '\n', line.size);
	if (end)
		line.size = (size_t)(end - line.data);
	pem->at += line.size + (end ? 1 : 0);
	while (line.size > 0 && strchr("\r \t", line.data[line.size - 1]) && line.data[line.size - 1] != '\0')
		line.size--;
	return line;
}

/* The label of a line "-----BEGIN label-----". */
static bool
label_of(struct ce_bytes line, const char *prefix, char label[CE_PEM_LABEL_MAX])
{
	size_t before = strlen(prefix), after = strlen(DASHES);
	if (line.size <= before + after || memcmp(line.data, prefix, before) != 0
	        || memcmp(line.data + line.size - after, DASHES, after) != 0)
		return false;
	size_t size = line.size - before - after;
	if (size >= CE_PEM_LABEL_MAX)
		return false;
	for (size_t i = 0; i < size; i++) {
		unsigned char c = line.data[before + i];
		if (!(c == ' ' || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')))
			return false;
		label[i] = (char)c;
	}
	label[size] = '\0';
	return true;
}

CE_MUSTCHECK static int
check_text(struct ce_bytes line, struct ce_error *err)
{
	if (memmem(line.data, line.size, DASHES, strlen(DASHES)))
		return ce_fail(err, CE_ERR_INVALID, "a line between the PEM blocks has dashes but starts no block");
	CE_CLEANUP(ce_buf_release) struct ce_buf shown = CE_BUF_INIT;
	int code = ce_text_add_printable(&shown, line.data, line.size, true, err);
	if (code < 0)
		return code;
	if (shown.size != line.size)
		return ce_fail(err, CE_ERR_INVALID, "the text between the PEM blocks holds bytes that are not printable");
	return CE_OK;
}

static bool
is_base64(struct ce_bytes line)
{
	for (size_t i = 0; i < line.size; i++) {
		unsigned char c = line.data[i];
		if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/'
		            || c == '='))
			return false;
	}
	return true;
}

CE_MUSTCHECK static int
read_body(struct ce_pem *pem, struct ce_pem_block *block, struct ce_error *err)
{
	bool certificate = strcmp(block->label, "CERTIFICATE") == 0;
	while (pem->at < pem->text.size) {
		struct ce_bytes line = next_line(pem);
		char label[CE_PEM_LABEL_MAX];
		if (label_of(line, END, label) && strcmp(label, block->label) == 0) {
			block->whole.size = (size_t)(line.data + line.size - block->whole.data);
			return CE_OK;
		}
		if (certificate && !is_base64(line))
			return ce_fail(err, CE_ERR_INVALID, "a PEM certificate holds a line that is not base64");
	}
	return ce_fail(err, CE_ERR_INVALID, "the PEM block '%s' has no end", block->label);
}

int
ce_pem_next(struct ce_pem *pem, struct ce_pem_block *ret_block, struct ce_error *err)
{
	while (pem->at < pem->text.size) {
		struct ce_pem_block block;
		struct ce_bytes line = next_line(pem);
		int code = CE_OK;
		if (label_of(line, BEGIN, block.label)) {
			block.whole = line;
			code = read_body(pem, &block, err);
			if (code < 0)
				return code;

			*ret_block = block;
			return CE_OK;
		}
		if (pem->strict)
			code = check_text(line, err);
		if (code < 0)
			return code;
	}
	return CE_UNCHANGED;
}

int
ce_pem_decode(const struct ce_pem_block *block, struct ce_buf *ret_der, struct ce_error *err)
{
	gnutls_datum_t text = ce_datum(block->whole);
	CE_CLEANUP(ce_secret_datump) gnutls_datum_t der = { NULL, 0 };
	int status = gnutls_pem_base64_decode2(NULL, &text, &der);
	if (status < 0)
		return ce_fail(err, CE_ERR_INVALID, "the PEM block '%s' is damaged: %s", block->label,
			gnutls_strerror(status));

	CE_CLEANUP(ce_buf_release) struct ce_buf out = CE_BUF_SECRET;
	int code = ce_buf_add(&out, der.data, der.size, err);
	if (code < 0)
		return code;

	ce_buf_give(ret_der, &out);
	return CE_OK;
}

int
ce_pem_add(struct ce_buf *out, const char *label, struct ce_bytes der, struct ce_error *err)
{
	gnutls_datum_t bytes = ce_datum(der);
	CE_CLEANUP(ce_secret_datump) gnutls_datum_t pem = { NULL, 0 };
	int status = gnutls_pem_base64_encode2(label, &bytes, &pem);
	if (status < 0)
		return ce_fail_gnutls(err, status, "write a PEM block '%s'", label);
	return ce_buf_add(out, pem.data, pem.size, err);
}

int
ce_pem_single(struct ce_bytes text, size_t *ret_count, struct ce_buf *ret_der, struct ce_error *err)
{
	struct ce_pem pem = { text, 0, false };
	struct ce_pem_block block, first = { .label = "" };
	size_t count = 0;
	int code;
	while ((code = ce_pem_next(&pem, &block, err)) == CE_OK)
		if (count++ == 0)
			first = block;
	if (code < 0)
		return code;
	if (count == 0)
		return ce_fail(err, CE_ERR_INVALID, "there is no PEM block in %zu bytes", text.size);
	code = ce_pem_decode(&first, ret_der, err);
	if (code == CE_OK)
		*ret_count = count;
	return code;
}
