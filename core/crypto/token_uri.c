/* PKCS#11 URIs (RFC 7512), by p11-kit. */
#include <p11-kit/p11-kit.h>
#include <p11-kit/uri.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "crypto/token_own.h"

#define URI_MAX 1024

static void
urip(P11KitUri **uri)
{
	p11_kit_uri_free(*uri);
	*uri = NULL;
}

bool
ce_token_is_uri(const char *text)
{
	return strncasecmp(text, "pkcs11:", 7) == 0;
}

/* The text is not repeated in any failure: there might be a PIN in it. */
CE_MUSTCHECK static int
parse(const char *text, P11KitUri **ret_uri, struct ce_error *err)
{
	CE_CLEANUP(urip) P11KitUri *uri = p11_kit_uri_new();
	if (!uri)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	if (strlen(text) > URI_MAX)
		return ce_fail(err, CE_ERR_INVALID, "a PKCS#11 URI has at most %d characters", URI_MAX);
	int status = p11_kit_uri_parse(text, P11_KIT_URI_FOR_ANY, uri);
	if (status != P11_KIT_URI_OK)
		return ce_fail(err, CE_ERR_INVALID, "the PKCS#11 URI cannot be read: %s", p11_kit_uri_message(status));
	*ret_uri = CE_STEAL(uri);
	return CE_OK;
}

CE_MUSTCHECK static int
format(P11KitUri *uri, char **ret_text, struct ce_error *err)
{
	char *text = NULL;
	p11_kit_uri_set_pin_source(uri, NULL);
	if (p11_kit_uri_format(uri, P11_KIT_URI_FOR_OBJECT_ON_TOKEN, &text) != P11_KIT_URI_OK)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	*ret_text = text;
	return CE_OK;
}

/* A field of a token's description; p11-kit leaves those that the URI does not give without a first byte. */
static bool
has_field(const unsigned char *field)
{
	return field[0] != '\0';
}

static const CK_ATTRIBUTE *
attribute(P11KitUri *uri, CK_ATTRIBUTE_TYPE type)
{
	const CK_ATTRIBUTE *found = p11_kit_uri_get_attribute(uri, type);
	return found && found->pValue && found->ulValueLen > 0 ? found : NULL;
}

/* RFC 7512 allows "file:" before the path, and commands, which are not ours to run. */
static const char *
pin_path(P11KitUri *uri)
{
	const char *source = p11_kit_uri_get_pin_source(uri);
	if (!source)
		return NULL;
	if (strncmp(source, "file:", 5) == 0)
		source += 5;
	return strncmp(source, "///", 3) == 0 ? source + 2 : source;
}

CE_MUSTCHECK static int
check_pin_file(P11KitUri *uri, struct ce_error *err)
{
	const char *path = pin_path(uri);
	struct ce_file_info info;
	if (p11_kit_uri_get_pin_value(uri))
		return ce_fail(err, CE_ERR_INVALID, "a PIN must not stand in the configuration (pin-value): put it into a file of "
			"mode 0600 and name that by pin-source=/path");
	if (!path)
		return CE_OK;
	if (path[0] != '/')
		return ce_fail(err, CE_ERR_INVALID, "pin-source of a PKCS#11 URI must be the absolute path of a file");
	int code = ce_file_stat(path, &info, err);
	if (code < 0)
		return ce_error_wrap(err, "pin-source");
	if (info.exists && info.mode & 077)
		return ce_fail(err, CE_ERR_INVALID, "the PIN file '%s' is open to others (mode %04o): chmod 0600 it", path,
			(unsigned)info.mode);
	return CE_OK;
}

int
ce_token_check(const char *text, bool wants_key, struct ce_error *err)
{
	CE_CLEANUP(urip) P11KitUri *uri = NULL;
	int code = parse(text, &uri, err);
	if (code == CE_OK)
		code = check_pin_file(uri, err);
	if (code < 0)
		return code;
	if (p11_kit_uri_any_unrecognized(uri))
		return ce_fail(err, CE_ERR_INVALID, "the PKCS#11 URI has an attribute that is not known; known are token, "
			"manufacturer, model, serial, object, id, type and pin-source");
	if (p11_kit_uri_get_module_path(uri) || p11_kit_uri_get_module_name(uri))
		return ce_fail(err, CE_ERR_INVALID, "the module is named by pkcs11.module, not in a PKCS#11 URI");
	const CK_TOKEN_INFO *token = p11_kit_uri_get_token_info(uri);
	if (!has_field(token->label) && !has_field(token->serialNumber))
		return ce_fail(err, CE_ERR_INVALID, "the PKCS#11 URI names no token: give it token=LABEL (or serial=NUMBER)");
	bool key = attribute(uri, CKA_LABEL) || attribute(uri, CKA_ID);
	if (wants_key && !key)
		return ce_fail(err, CE_ERR_INVALID, "the PKCS#11 URI names no key: give it object=LABEL (or id=...), or a kind of key "
			"and the token where one is to be made");
	if (!wants_key && key)
		return ce_fail(err, CE_ERR_INVALID, "a token is named here, and keys get names of their own in it: leave object and "
			"id out, or give the whole URI as the key");
	return CE_OK;
}

int
ce_token_uri_pin_file(const char *text, char **ret_path, struct ce_error *err)
{
	CE_CLEANUP(urip) P11KitUri *uri = NULL;
	int code = parse(text, &uri, err);
	if (code < 0)
		return code;
	const char *path = pin_path(uri);
	char *copy = path ? strdup(path) : NULL;
	if (path && !copy)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	*ret_path = copy;
	return CE_OK;
}

int
ce_token_uri_bare(const char *text, char **ret_uri, struct ce_error *err)
{
	CE_CLEANUP(urip) P11KitUri *uri = NULL;
	int code = parse(text, &uri, err);
	return code < 0 ? code : format(uri, ret_uri, err);
}

int
ce_token_uri_key(const char *token_uri, const char *label, struct ce_bytes id, char **ret_uri, struct ce_error *err)
{
	CE_CLEANUP(urip) P11KitUri *uri = NULL;
	int code = parse(token_uri, &uri, err);
	if (code < 0)
		return code;
	CK_ATTRIBUTE name = { CKA_LABEL, (void *)label, strlen(label) };
	CK_ATTRIBUTE number = { CKA_ID, (void *)id.data, id.size };
	if (p11_kit_uri_set_attribute(uri, &name) != P11_KIT_URI_OK || p11_kit_uri_set_attribute(uri, &number) != P11_KIT_URI_OK)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	return format(uri, ret_uri, err);
}

int
ce_token_uri_parts(const char *text, char **ret_label, struct ce_buf *ret_id, struct ce_error *err)
{
	CE_CLEANUP(urip) P11KitUri *uri = NULL;
	int code = parse(text, &uri, err);
	if (code < 0)
		return code;
	const CK_ATTRIBUTE *label = attribute(uri, CKA_LABEL), *id = attribute(uri, CKA_ID);
	if (!label || !id)
		return ce_fail(err, CE_ERR_INVALID, "the record of a key in a token is damaged");
	code = ce_buf_add(ret_id, id->pValue, id->ulValueLen, err);
	if (code < 0)
		return code;
	*ret_label = strndup(label->pValue, label->ulValueLen);
	return *ret_label ? CE_OK : ce_fail(err, CE_ERR_MEMORY, "out of memory");
}

bool
ce_token_uri_covers(const char *wide, const char *narrow, bool with_key)
{
	CE_CLEANUP(urip) P11KitUri *one = NULL;
	CE_CLEANUP(urip) P11KitUri *other = NULL;
	struct ce_error ignored = { 0 };
	if (parse(wide, &one, &ignored) < 0 || parse(narrow, &other, &ignored) < 0
	    || !p11_kit_uri_match_token_info(one, p11_kit_uri_get_token_info(other)))
		return false;
	if (!with_key)
		return true;
	CK_ULONG count = 0;
	CK_ATTRIBUTE *attributes = p11_kit_uri_get_attributes(other, &count);
	return p11_kit_uri_match_attributes(one, attributes, count);
}

/* Padded with blanks and without an end, as PKCS#11 has it. */
static const char *
show(const unsigned char *text, size_t size, char out[CE_TOKEN_TITLE])
{
	char plain[CE_TOKEN_TITLE] = "";
	while (size > 0 && (text[size - 1] == ' ' || text[size - 1] == '\0'))
		size--;
	memcpy(plain, text, size < sizeof(plain) ? size : sizeof(plain) - 1);
	ce_text_printable(out, CE_TOKEN_TITLE, plain);
	return out;
}

const char *
ce_token_title(const char *text, char out[CE_TOKEN_TITLE])
{
	CE_CLEANUP(urip) P11KitUri *uri = NULL;
	struct ce_error ignored = { 0 };
	out[0] = '\0';
	size_t line = strcspn(text, "\n");
	CE_CLEANUP(ce_freep) char *first = strndup(text, line);
	if (!first || parse(first, &uri, &ignored) < 0)
		return out;
	const CK_TOKEN_INFO *token = p11_kit_uri_get_token_info(uri);
	if (has_field(token->label))
		return show(token->label, sizeof(token->label), out);
	return show(token->serialNumber, sizeof(token->serialNumber), out);
}

const char *
ce_token_uri_key_title(const char *text, char out[CE_TOKEN_TITLE])
{
	CE_CLEANUP(urip) P11KitUri *uri = NULL;
	struct ce_error ignored = { 0 };
	out[0] = '\0';
	if (parse(text, &uri, &ignored) < 0)
		return out;
	const CK_ATTRIBUTE *label = attribute(uri, CKA_LABEL), *id = attribute(uri, CKA_ID);
	if (label)
		return show(label->pValue, label->ulValueLen, out);
	if (id && 2 * id->ulValueLen < CE_TOKEN_TITLE)
		ce_text_hex(out, id->pValue, id->ulValueLen);
	return out;
}
