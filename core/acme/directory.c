#include "acme/directory.h"

#include <string.h>

#include "acme/json.h"
#include "net/url.h"

#define PROFILES_MAX 100

static const char *const members[CE_ACME_RESOURCES] = { "newNonce", "newAccount", "newOrder", "revokeCert", "keyChange",
	"renewalInfo" };

static void
directoryp(struct ce_acme_directory *directory)
{
	ce_acme_directory_release(directory);
}

static int
read_urls(const json_t *json, struct ce_acme_directory *directory, struct ce_error *err)
{
	for (size_t i = 0; i < CE_ACME_RESOURCES; i++) {
		const char *url = ce_json_text(json, members[i]);
		if (!url && i > CE_ACME_NEW_ORDER)
			continue;
		if (!url)
			return ce_fail(err, CE_ERR_ISSUER, "it has no %s; is this the URL of an ACME directory?", members[i]);
		int rc = ce_url_check(url, true, err);
		if (rc)
			return ce_error_wrap(err, "%s", members[i]);
		directory->urls[i] = strdup(url);
		if (!directory->urls[i])
			return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	}
	return CE_OK;
}

static int
read_profiles(const json_t *meta, struct ce_strlist *profiles, struct ce_error *err)
{
	const char *name;
	json_t *value;
	int rc = CE_OK;
	json_object_foreach(json_object_get(meta, "profiles"), name, value)
		if (!rc && profiles->count < PROFILES_MAX)
			rc = ce_strlist_add(profiles, name, err);
	return rc;
}

int
ce_acme_directory_read(struct ce_bytes document, struct ce_acme_directory *ret_directory, struct ce_error *err)
{
	CE_CLEANUP(json_decrefp) json_t *json = ce_json_object(document);
	if (!json)
		return ce_fail(err, CE_ERR_ISSUER, "the answer is no JSON object; is this the URL of an ACME directory?");
	CE_CLEANUP(directoryp) struct ce_acme_directory directory = { 0 };
	int rc = read_urls(json, &directory, err);
	if (rc)
		return rc;
	const json_t *meta = json_object_get(json, "meta");
	const char *terms = ce_json_text(meta, "termsOfService");
	directory.binding_required = json_is_true(json_object_get(meta, "externalAccountRequired"));
	if (terms && !(directory.terms = strdup(terms)))
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	rc = read_profiles(meta, &directory.profiles, err);
	if (rc)
		return rc;
	*ret_directory = directory;
	memset(&directory, 0, sizeof(directory));
	return CE_OK;
}

char *
ce_acme_directory_text(struct ce_bytes document)
{
	static const char *const kept[] = { "newNonce", "newAccount", "newOrder", "revokeCert", "keyChange", "renewalInfo",
		"meta" };
	CE_CLEANUP(json_decrefp) json_t *json = ce_json_object(document);
	json_t *copy = json ? json_object() : NULL;
	for (size_t i = 0; copy && i < CE_COUNT(kept); i++) {
		json_t *value = json_object_get(json, kept[i]);
		if (value && json_object_set(copy, kept[i], value)) {
			json_decref(copy);
			return NULL;
		}
	}
	return ce_json_steal_text(copy);
}

void
ce_acme_directory_release(struct ce_acme_directory *directory)
{
	for (size_t i = 0; i < CE_ACME_RESOURCES; i++)
		free(directory->urls[i]);
	free(directory->terms);
	ce_strlist_release(&directory->profiles);
	memset(directory, 0, sizeof(*directory));
}
