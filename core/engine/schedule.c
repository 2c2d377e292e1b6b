/* When a certificate is to be renewed, and why. */
#include <stdio.h>
#include <string.h>

#include "engine/engine_own.h"
#include "engine/retry.h"

#define DAY 86400LL
/* The run after this one, by the timer that is installed: a moment before it, in a window that is open, is now (RFC 9773
 * section 4.2). */
#define NEXT_RUN_S (DAY / 2)

long long
ce_renew_at(const struct ce_certificate_config *config, const struct ce_facts *facts)
{
	long long lifetime = facts->not_after - facts->not_before;
	double left = config->renew > 0 ? config->renew : lifetime < 10 * DAY ? 0.5 : 1.0 / 3;
	double early = 0.05 * (ce_spread(NULL, config->name, 0) % 1000) / 1000.0;
	return facts->not_after - (long long)((double)lifetime * (left + early));
}

/* What the CA hints can bring a renewal forward, or put it off within limits: with a twentieth of the lifetime left it is
 * renewed whatever the CA says, and a fraction that is configured is the latest moment. */
void
ce_renewal_moment(const struct ce_certificate_run *certificate, struct ce_renewal_moment *ret_moment)
{
	const struct ce_facts *facts = &certificate->bundle.facts;
	const struct ce_renewal_record *hint = &certificate->renewal;
	const char *explanation = hint->explanation ? hint->explanation : "";
	struct ce_renewal_moment moment = { .at = ce_renew_at(certificate->config, facts) };
	long long latest = facts->not_after - (facts->not_after - facts->not_before) / 20;
	double left = certificate->config->renew;
	if (left > 0)
		snprintf(moment.why, sizeof(moment.why), "%g of its lifetime is left then, as configured", left);
	else
		snprintf(moment.why, sizeof(moment.why), "%s of its lifetime is left then",
			facts->not_after - facts->not_before < 10 * DAY ? "half" : "a third");
	bool known = hint->chosen > 0 && hint->leaf && strcmp(hint->leaf, facts->fingerprint) == 0;
	if (known && (left <= 0 || hint->chosen < moment.at)) {
		moment.at = hint->chosen < latest ? hint->chosen : latest;
		moment.hinted = hint->chosen < latest;
		snprintf(moment.why, sizeof(moment.why), moment.hinted ? "the CA hints at this time%s%s"
			: "a twentieth of its lifetime is left then, and the CA hints at a later time%s%s", explanation[0] ? ": " : "",
			explanation);
	}
	*ret_moment = moment;
}

static bool
names_match(const struct ce_certificate_run *certificate)
{
	const struct ce_strlist *wanted = &certificate->names, *have = &certificate->bundle.facts.names;
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
	if (issued_by && !ce_strlist_has(&certificate->config->issuers, issued_by))
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
	struct ce_renewal_moment moment;
	ce_renewal_moment(certificate, &moment);
	bool soon = moment.hinted && now >= certificate->renewal.start && now >= moment.at - NEXT_RUN_S;
	if (now < moment.at && !soon)
		return NULL;
	return moment.hinted ? "the time that the CA hinted at has come" : "the time of its renewal has come";
}
