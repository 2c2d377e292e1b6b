/* PKCS#11: the group "pkcs11", and where a certificate's key lives. */
#include <ctype.h>
#include <string.h>

#include "config/reader.h"
#include "crypto/token.h"

#define AT(member) offsetof(struct ce_pkcs11_config, member)

static const struct ce_key pkcs11_keys[] = {
	{ "module", CE_KEY_STRING, AT(module), NULL },
	{ "environment", CE_KEY_LIST, AT(environment), NULL },
	{ NULL, 0, 0, NULL },
};

void
ce_pkcs11_config_release(struct ce_pkcs11_config *pkcs11)
{
	free(pkcs11->module);
	ce_strlist_release(&pkcs11->environment);
	memset(pkcs11, 0, sizeof(*pkcs11));
}

static bool
is_assignment(const char *text)
{
	size_t name = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");
	return name > 0 && !isdigit((unsigned char)text[0]) && text[name] == '=';
}

/* The value is not repeated: modules may take a PIN this way. */
CE_MUSTCHECK static int
check_environment(struct ce_reader *reader, const config_setting_t *group, struct ce_error *err)
{
	const struct ce_strlist *list = &reader->config->pkcs11.environment;
	for (size_t i = 0; i < list->count; i++)
		if (!is_assignment(list->items[i]))
			return ce_reader_complain(reader, ce_reader_place(group, "environment"), err,
				"each text in 'environment' of pkcs11 is a variable for the module: \"NAME=value\"");
	return CE_OK;
}

int
ce_reader_pkcs11(struct ce_reader *reader, const config_setting_t *group, struct ce_error *err)
{
	struct ce_pkcs11_config *pkcs11 = &reader->config->pkcs11;
	if (pkcs11->module || pkcs11->environment.count > 0)
		return ce_reader_complain(reader, group, err, "pkcs11 is declared in another file already");
	int code = ce_reader_group(reader, group, "pkcs11", pkcs11_keys, pkcs11, NULL, err);
	if (code >= 0 && pkcs11->module && pkcs11->module[0] != '/')
		code = ce_reader_complain(reader, ce_reader_place(group, "module"), err,
			"'module' of pkcs11 must be an absolute path, not '%s'", pkcs11->module);
	return code < 0 ? code : check_environment(reader, group, err);
}

/* Checks a URI of the key named; a finding at its place. */
CE_MUSTCHECK static int
check_uri(struct ce_reader *reader, const config_setting_t *group, const char *key, const char *uri, bool wants_key,
	struct ce_error *err)
{
	struct ce_error why = { 0 };
	int code = CE_OK;
	if (!ce_token_is_uri(uri))
		ce_fail(&why, CE_ERR_INVALID, "it begins with 'pkcs11:'");
	else
		code = ce_token_check(uri, wants_key, &why);
	if (code == CE_ERR_MEMORY)
		return ce_fail(err, code, "%s", why.text);
	if (why.code == CE_OK)
		return CE_OK;
	return ce_reader_complain(reader, ce_reader_place(group, key), err, "'%s': %s", key, why.text);
}

/* What is told of a key of a kind that is not known before it is opened. */
#define KIND_UNKNOWN "other"

int
ce_reader_token(struct ce_reader *reader, const config_setting_t *group, struct ce_certificate_config *certificate,
	struct ce_error *err)
{
	if (certificate->token) {
		int code = check_uri(reader, group, "token", certificate->token, false, err);
		if (code < 0)
			return code;
	}
	if (!certificate->key || !ce_token_is_uri(certificate->key))
		return CE_OK;
	if (certificate->token)
		return ce_reader_complain(reader, ce_reader_place(group, "token"), err,
			"'token' says where keys are made, but 'key' names one that is there already: leave one of them out");
	int code = check_uri(reader, group, "key", certificate->key, true, err);
	if (code < 0)
		return code;
	certificate->token = certificate->key;
	certificate->key_given = true;
	certificate->key = strdup(KIND_UNKNOWN);
	return certificate->key ? CE_OK : ce_fail(err, CE_ERR_MEMORY, "out of memory");
}
