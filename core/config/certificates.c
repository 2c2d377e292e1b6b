#include <math.h>
#include <string.h>

#include "base/text.h"
#include "config/reader.h"
#include "crypto/key.h"
#include "crypto/names.h"

#define DEFAULT_KEY "ec-p256"

#define AT(member) offsetof(struct ce_certificate_config, member)

static const struct ce_key subject_keys[] = {
	{ "country", CE_KEY_STRING, AT(subject.country), NULL },
	{ "state", CE_KEY_STRING, AT(subject.state), NULL },
	{ "locality", CE_KEY_STRING, AT(subject.locality), NULL },
	{ "organization", CE_KEY_STRING, AT(subject.organization), NULL },
	{ "organizational_unit", CE_KEY_STRING, AT(subject.organizational_unit), NULL },
	{ "common_name", CE_KEY_STRING, AT(subject.common_name), NULL },
	{ NULL, 0, 0, NULL },
};

static const struct ce_key certificate_keys[] = {
	{ "issuer", CE_KEY_CHOICE, AT(issuers), NULL },
	{ "names", CE_KEY_LIST, AT(names), NULL },
	{ "key", CE_KEY_STRING, AT(key), NULL },
	{ "token", CE_KEY_STRING, AT(token), NULL },
	{ "subject", CE_KEY_GROUP, 0, subject_keys },
	{ "renew", CE_KEY_FRACTION, AT(renew), NULL },
	{ "profile", CE_KEY_STRING, AT(profile), NULL },
	{ "targets", CE_KEY_LATER, 0, NULL },
	{ NULL, 0, 0, NULL },
};

void
ce_certificate_config_release(struct ce_certificate_config *certificate)
{
	free(certificate->name);
	free(certificate->issuer);
	ce_strlist_release(&certificate->issuers);
	ce_strlist_release(&certificate->names);
	free(certificate->key);
	free(certificate->token);
	ce_subject_release(&certificate->subject);
	free(certificate->profile);
	for (size_t i = 0; i < certificate->target_count; i++)
		ce_target_config_release(&certificate->targets[i]);
	free(certificate->targets);
	free(certificate->file);
	memset(certificate, 0, sizeof(*certificate));
}

CE_MUSTCHECK static int
unknown_issuer(struct ce_reader *reader, const config_setting_t *place, const char *name, struct ce_error *err)
{
	CE_CLEANUP(ce_strlist_release) struct ce_strlist known = CE_STRLIST_INIT;
	for (size_t i = 0; i < reader->config->issuer_count; i++) {
		int code = ce_strlist_add(&known, reader->config->issuers[i].name, err);
		if (code < 0)
			return code;
	}
	const char *nearest = known.count > 0 ? ce_text_nearest(name, (const char *const *)known.items) : NULL;
	if (nearest)
		return ce_reader_complain(reader, place, err, "there is no issuer '%s', did you mean '%s'?", name, nearest);
	return ce_reader_complain(reader, place, err, "there is no issuer '%s'", name);
}

CE_MUSTCHECK static int
check_issuer(struct ce_reader *reader, const config_setting_t *group, struct ce_certificate_config *certificate,
	struct ce_error *err)
{
	const struct ce_strlist *issuers = &certificate->issuers;
	const config_setting_t *setting = config_setting_get_member(group, "issuer");
	if (issuers->count == 0 && setting && !(ce_reader_is_list(setting) && config_setting_length(setting) == 0))
		return CE_OK; /* its value is a finding already */
	if (issuers->count == 0)
		return ce_reader_complain(reader, group, err, "certificate '%s' needs an 'issuer'", certificate->name);
	for (size_t i = 0; i < issuers->count; i++) {
		int code = CE_OK;
		for (size_t k = 0; k < i && code == CE_OK; k++)
			if (strcmp(issuers->items[i], issuers->items[k]) == 0)
				code = ce_reader_complain(reader, setting, err, "the issuer '%s' stands twice in 'issuer'", issuers->items[i]);
		if (code >= 0 && !ce_config_issuer(reader->config, issuers->items[i]))
			code = unknown_issuer(reader, ce_reader_place(group, "issuer"), issuers->items[i], err);
		if (code < 0)
			return code;
	}
	certificate->issuer = strdup(issuers->items[0]);
	return certificate->issuer ? CE_OK : ce_fail(err, CE_ERR_MEMORY, "out of memory");
}

CE_MUSTCHECK static int
check_name_one(struct ce_reader *reader, const config_setting_t *place, const char *name, struct ce_strlist *canonical,
	struct ce_error *err)
{
	CE_CLEANUP(ce_freep) char *one = NULL;
	enum ce_name_kind kind;
	struct ce_error why = { .code = CE_OK };
	int code = ce_name_canonical(name, &one, &kind, &why);
	if (code == CE_ERR_MEMORY)
		return ce_fail(err, code, "%s", why.text);
	if (code < 0)
		return ce_reader_complain(reader, place, err, "%s", why.text);
	if (ce_strlist_has(canonical, one))
		return ce_reader_complain(reader, place, err, "the name '%s' stands twice in 'names'", name);
	return ce_strlist_add(canonical, one, err);
}

CE_MUSTCHECK static int
check_names(struct ce_reader *reader, const config_setting_t *group, struct ce_certificate_config *certificate,
	struct ce_error *err)
{
	const config_setting_t *names = config_setting_get_member(group, "names");
	if (!names || (ce_reader_is_list(names) && config_setting_length(names) == 0))
		return ce_reader_complain(reader, ce_reader_place(group, "names"), err,
			"certificate '%s' needs at least one name in 'names'", certificate->name);

	CE_CLEANUP(ce_strlist_release) struct ce_strlist canonical = CE_STRLIST_INIT;
	for (size_t i = 0; i < certificate->names.count; i++) {
		int code = check_name_one(reader, names, certificate->names.items[i], &canonical, err);
		if (code < 0)
			return code;
	}
	ce_strlist_release(&certificate->names);
	certificate->names = canonical;
	memset(&canonical, 0, sizeof(canonical));
	return CE_OK;
}

CE_MUSTCHECK static int
check_key(struct ce_reader *reader, const config_setting_t *group, struct ce_certificate_config *certificate,
	struct ce_error *err)
{
	int token = ce_reader_token(reader, group, certificate, err);
	if (token < 0 || certificate->key_given)
		return token;
	if (!certificate->key) {
		certificate->key = strdup(DEFAULT_KEY);
		return certificate->key ? CE_OK : ce_fail(err, CE_ERR_MEMORY, "out of memory");
	}

	CE_CLEANUP(ce_buf_release) struct ce_buf kinds = CE_BUF_INIT;
	for (const char *const *kind = ce_key_kinds; *kind; kind++) {
		if (strcmp(*kind, certificate->key) == 0)
			return CE_OK;
		int code = ce_buf_addf(&kinds, err, "%s%s", kinds.size > 0 ? ", " : "", *kind);
		if (code < 0)
			return code;
	}
	if (strstr(certificate->key, "pin")) /* a URI gone wrong: there might be a PIN in it */
		return ce_reader_complain(reader, ce_reader_place(group, "key"), err, "'key' is neither a kind of key (one of %s) "
			"nor a URI that begins with 'pkcs11:'", ce_buf_text(&kinds));
	return ce_reader_complain(reader, ce_reader_place(group, "key"), err, "unknown kind of key '%s': one of %s, or the "
		"PKCS#11 URI of a key", certificate->key, ce_buf_text(&kinds));
}

/* The engine adds up to 0.05 so that not all come at once; at 1.0 it would renew in every run. */
#define RENEW_MAX 0.9

CE_MUSTCHECK static int
check_renew(struct ce_reader *reader, const config_setting_t *group, const struct ce_certificate_config *certificate,
	struct ce_error *err)
{
	const config_setting_t *renew = config_setting_get_member(group, "renew");
	if (!renew || !config_setting_is_number(renew))
		return CE_OK;
	if (isfinite(certificate->renew) && certificate->renew > 0.0 && certificate->renew <= RENEW_MAX)
		return CE_OK;
	return ce_reader_complain(reader, renew, err,
		"'renew' is the fraction of the lifetime that is left at renewal: more than 0.0 and at most 0.9");
}

CE_MUSTCHECK static int
check_subject(struct ce_reader *reader, const config_setting_t *group, const struct ce_certificate_config *certificate,
	struct ce_error *err)
{
	struct ce_error why = { .code = CE_OK };
	int code = ce_subject_check(&certificate->subject, &why);
	if (code == CE_ERR_MEMORY)
		return ce_fail(err, code, "%s", why.text);
	if (code >= 0)
		return CE_OK;
	return ce_reader_complain(reader, ce_reader_place(group, "subject"), err, "%s", why.text);
}

/* A table of what is checked once the keys were read. */
CE_MUSTCHECK static int
check_certificate(struct ce_reader *reader, const config_setting_t *group, struct ce_certificate_config *certificate,
	struct ce_error *err)
{
	int code = check_issuer(reader, group, certificate, err);
	if (code >= 0)
		code = check_names(reader, group, certificate, err);
	if (code >= 0)
		code = check_key(reader, group, certificate, err);
	if (code >= 0)
		code = check_renew(reader, group, certificate, err);
	if (code >= 0)
		code = check_subject(reader, group, certificate, err);
	return code;
}

CE_MUSTCHECK static int
append(struct ce_config *config, struct ce_certificate_config *certificate, struct ce_error *err)
{
	struct ce_certificate_config *items
		= realloc(config->certificates, (config->certificate_count + 1) * sizeof(*items));
	if (!items)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	config->certificates = items;
	items[config->certificate_count++] = *certificate;
	memset(certificate, 0, sizeof(*certificate));
	return CE_OK;
}

CE_MUSTCHECK static int
check_name(struct ce_reader *reader, const config_setting_t *group, bool *ret_good, struct ce_error *err)
{
	const char *name = config_setting_name(group);
	const struct ce_certificate_config *before = ce_config_certificate(reader->config, name);
	*ret_good = false;
	if (before)
		return ce_reader_complain(reader, group, err, "certificate '%s' is declared in %s:%d already", name,
			before->file, before->line);
	if (!ce_name_is_label(name))
		return ce_reader_complain(reader, group, err,
			"'%s' cannot be the name of a certificate: at most 64 letters, digits, '-' and '_'", name);
	return ce_reader_is_group(reader, group, ret_good, err);
}

CE_MUSTCHECK static int
read_certificate(struct ce_reader *reader, const config_setting_t *group, struct ce_error *err)
{
	bool good;
	int code = check_name(reader, group, &good, err);
	if (code < 0 || !good)
		return code;

	CE_CLEANUP(ce_certificate_config_release) struct ce_certificate_config certificate = {
		.line = (int)config_setting_source_line(group)
	};
	certificate.name = strdup(config_setting_name(group));
	certificate.file = strdup(reader->file);
	if (!certificate.name || !certificate.file)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");

	CE_CLEANUP(ce_buf_release) struct ce_buf what = CE_BUF_INIT;
	code = ce_buf_addf(&what, err, "certificate '%s'", certificate.name);
	if (code >= 0)
		code = ce_reader_group(reader, group, ce_buf_text(&what), certificate_keys, &certificate, NULL, err);
	if (code >= 0)
		code = check_certificate(reader, group, &certificate, err);
	const config_setting_t *targets = config_setting_get_member(group, "targets");
	if (code >= 0 && targets && config_setting_is_group(targets))
		code = ce_reader_targets(reader, targets, &certificate, err);
	return code < 0 ? code : append(reader->config, &certificate, err);
}

int
ce_reader_certificates(struct ce_reader *reader, const config_setting_t *certificates, struct ce_error *err)
{
	for (int i = 0; i < config_setting_length(certificates); i++) {
		int code = read_certificate(reader, config_setting_get_elem(certificates, (unsigned)i), err);
		if (code < 0)
			return code;
	}
	return CE_OK;
}
