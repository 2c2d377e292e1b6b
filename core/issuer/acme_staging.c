/* A CA's staging environment: the same issuer with another directory, another account and records of its own. */
#include <string.h>
#include <strings.h>

#include "issuer/acme_own.h"

#define SUFFIX ".staging"

/* Those that are known; any other is configured. */
static const struct {
	const char *directory, *staging;
} known[] = {
	{ "https://acme-v02.api.letsencrypt.org/directory", "https://acme-staging-v02.api.letsencrypt.org/directory" },
};

static const char *
staging_of(const struct ce_issuer_config *issuer)
{
	const char *configured = ce_option_text(ce_acme_options, &issuer->settings, "staging_directory");
	const char *directory = ce_option_text(ce_acme_options, &issuer->settings, "directory");
	if (configured)
		return configured;
	for (size_t i = 0; directory && i < CE_COUNT(known); i++)
		if (strcasecmp(directory, known[i].directory) == 0)
			return known[i].staging;
	return NULL;
}

int
ce_acme_staging(const struct ce_issuer_config *issuer, struct ce_issuer_config *ret_issuer, struct ce_error *err)
{
	const char *directory = staging_of(issuer);
	if (!directory)
		return ce_fail(err, CE_ERR_CONFIG, "no staging environment of issuer '%s' is known: set its staging_directory", issuer->name);
	struct ce_issuer_config made = { .kind = issuer->kind, .settings = issuer->settings };
	made.settings.items = calloc(issuer->settings.count + 1, sizeof(*made.settings.items));
	if (!made.settings.items || asprintf(&made.name, "%s" SUFFIX, issuer->name) < 0) {
		free(made.settings.items);
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	}
	/* What the settings hold is the configuration's; only the array is ours. */
	memcpy(made.settings.items, issuer->settings.items, issuer->settings.count * sizeof(*made.settings.items));
	for (size_t i = 0; i < made.settings.count; i++)
		if (strcmp(made.settings.items[i].name, "directory") == 0)
			made.settings.items[i].text = (char *)directory;
	*ret_issuer = made;
	return CE_OK;
}
