#include "config/config.h"

#include <string.h>

#include "config/reader.h"
#include "config/source.h"

typedef int reader_function(struct ce_reader *reader, const config_setting_t *group, struct ce_error *err);

static const struct ce_key top_keys[] = {
	{ "pkcs11", CE_KEY_LATER, 0, NULL },
	{ "issuers", CE_KEY_LATER, 0, NULL },
	{ "hosts", CE_KEY_LATER, 0, NULL },
	{ "certificates", CE_KEY_LATER, 0, NULL },
	{ NULL, 0, 0, NULL },
};

CE_MUSTCHECK static int
check_top(struct ce_reader *reader, const config_setting_t *root, struct ce_error *err)
{
	return ce_reader_group(reader, root, "the file", top_keys, NULL, NULL, err);
}

CE_MUSTCHECK static int
read_top(struct ce_reader *reader, const config_setting_t *root, const char *name, reader_function *read,
	struct ce_error *err)
{
	const config_setting_t *group = config_setting_get_member(root, name);
	if (!group || !config_setting_is_group(group))
		return CE_OK;
	return read(reader, group, err);
}

/* Issuers and hosts of all files first, since a certificate may stand in a file before them. */
CE_MUSTCHECK static int
read_trees(struct ce_reader *reader, const struct ce_sources *sources, struct ce_error *err)
{
	static const struct {
		const char *name;
		reader_function *read;
	} passes[] = {
		{ NULL, NULL },
		{ "pkcs11", ce_reader_pkcs11 },
		{ "issuers", ce_reader_issuers },
		{ "hosts", ce_reader_hosts },
		{ "certificates", ce_reader_certificates },
	};
	for (size_t pass = 0; pass < CE_COUNT(passes); pass++) {
		for (size_t i = 0; i < sources->count; i++) {
			if (!sources->items[i].tree)
				continue;
			const config_setting_t *root = config_root_setting(sources->items[i].tree);
			reader->file = sources->items[i].path;
			int code = passes[pass].name ? read_top(reader, root, passes[pass].name, passes[pass].read, err)
				: check_top(reader, root, err);
			if (code < 0)
				return code;
		}
	}
	return CE_OK;
}

/* An issuer without a kind could only be known by name; everything else can be relied on afterwards. */
CE_MUSTCHECK static int
settle(struct ce_config *config, struct ce_error *err)
{
	size_t kept = 0;
	for (size_t i = 0; i < config->issuer_count; i++) {
		if (config->issuers[i].kind)
			config->issuers[kept++] = config->issuers[i];
		else
			ce_issuer_config_release(&config->issuers[i]);
	}
	config->issuer_count = kept;
	for (size_t i = 0; i < config->certificate_count; i++) {
		struct ce_certificate_config *certificate = &config->certificates[i];
		if (!certificate->issuer)
			certificate->issuer = strdup("");
		if (!certificate->issuer)
			return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	}
	return CE_OK;
}

int
ce_config_read(const char *path, bool with_directory, struct ce_config *ret_config, struct ce_problems *problems,
	struct ce_error *err)
{
	size_t problems_before = problems->count;
	CE_CLEANUP(ce_sources_release) struct ce_sources sources = { NULL, 0 };
	int code = ce_sources_read(path, with_directory, &sources, problems, err);
	if (code < 0)
		return code;

	CE_CLEANUP(ce_config_release) struct ce_config config = { 0 };
	struct ce_reader reader = { &config, problems, path };
	code = read_trees(&reader, &sources, err);
	if (code >= 0)
		code = settle(&config, err);
	if (code < 0)
		return code;

	*ret_config = config;
	memset(&config, 0, sizeof(config));
	ce_problems_sort(problems);
	size_t found = problems->count - problems_before;
	if (found > 0)
		return ce_fail(err, CE_ERR_CONFIG, "the configuration has %zu problem%s", found, found == 1 ? "" : "s");
	return CE_OK;
}

void
ce_config_release(struct ce_config *config)
{
	ce_pkcs11_config_release(&config->pkcs11);
	for (size_t i = 0; i < config->issuer_count; i++)
		ce_issuer_config_release(&config->issuers[i]);
	free(config->issuers);
	for (size_t i = 0; i < config->host_count; i++)
		ce_host_config_release(&config->hosts[i]);
	free(config->hosts);
	for (size_t i = 0; i < config->certificate_count; i++)
		ce_certificate_config_release(&config->certificates[i]);
	free(config->certificates);
	memset(config, 0, sizeof(*config));
}

const struct ce_issuer_config *
ce_config_issuer(const struct ce_config *config, const char *name)
{
	for (size_t i = 0; i < config->issuer_count; i++)
		if (strcmp(config->issuers[i].name, name) == 0)
			return &config->issuers[i];
	return NULL;
}

const struct ce_certificate_config *
ce_config_certificate(const struct ce_config *config, const char *name)
{
	for (size_t i = 0; i < config->certificate_count; i++)
		if (strcmp(config->certificates[i].name, name) == 0)
			return &config->certificates[i];
	return NULL;
}
