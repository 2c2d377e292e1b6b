#include <string.h>

#include "base/sys.h"
#include "engine/engine_own.h"

#define DAY 86400LL

/* The same for a name on every run and host: FNV-1a. */
static unsigned
spread(const char *name)
{
	unsigned hash = 2166136261u;
	for (const char *at = name; *at; at++)
		hash = (hash ^ (unsigned char)*at) * 16777619u;
	return hash;
}

long long
ce_renew_at(const struct ce_certificate_config *config, const struct ce_facts *facts)
{
	long long lifetime = facts->not_after - facts->not_before;
	double left = config->renew > 0 ? config->renew : lifetime < 10 * DAY ? 0.5 : 1.0 / 3;
	double early = 0.05 * (spread(config->name) % 1000) / 1000.0;
	return facts->not_after - (long long)((double)lifetime * (left + early));
}

static bool
names_match(const struct ce_certificate_run *certificate)
{
	const struct ce_strlist *wanted = &certificate->config->names, *have = &certificate->bundle.facts.names;
	bool more = certificate->driver && certificate->driver->adds_names;
	if (more ? wanted->count > have->count : wanted->count != have->count)
		return false;
	for (size_t i = 0; i < wanted->count; i++)
		if (!ce_strlist_has(have, wanted->items[i]))
			return false;
	return true;
}

const char *
ce_due_reason(const struct ce_certificate_run *certificate, const char *issued_by, long long now)
{
	const struct ce_bundle *bundle = &certificate->bundle;
	if (bundle->generation == 0)
		return "there is no certificate yet";
	if (certificate->engine->options.force_renew)
		return "renewal was asked for";
	if (issued_by && strcmp(issued_by, certificate->config->issuer) != 0)
		return "it was issued by another issuer than the configured one";
	if (!names_match(certificate))
		return "its names are not the configured ones";
	const char *misplaced = ce_key_misplaced(certificate);
	if (misplaced)
		return misplaced;
	if (!certificate->config->key_given && strcmp(bundle->facts.key_kind, certificate->config->key) != 0)
		return "its key is not of the configured kind";
	if (now >= bundle->facts.not_after)
		return "it has expired";
	if (now >= ce_renew_at(certificate->config, &bundle->facts))
		return "the time of its renewal has come";
	return NULL;
}
