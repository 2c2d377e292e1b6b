/* What is served: every endpoint is looked at once in a run, however many targets name it. */
#include <search.h>
#include <stdint.h>
#include <string.h>

#include "base/sys.h"
#include "engine/engine_own.h"

static int
compare(const void *left, const void *right)
{
	const struct ce_observation *a = left, *b = right;
	int order = strcmp(a->host, b->host);
	if (order == 0)
		order = a->probe.port - b->probe.port;
	return order != 0 ? order : strcmp(a->sni ? a->sni : "", b->sni ? b->sni : "");
}

static void
release_observation(void *node)
{
	struct ce_observation *observation = node;
	ce_probe_release(&observation->probe);
	free(observation->host);
	free(observation->sni);
	free(observation->problem);
	free(observation);
}

void
ce_observe_release(struct ce_engine *engine)
{
	tdestroy(engine->observations, release_observation);
	engine->observations = NULL;
}

/* The name to ask for where nobody chose one: the certificate's first DNS name. */
static char *
default_sni(const struct ce_certificate_run *certificate)
{
	const struct ce_strlist *names = &certificate->names;
	for (size_t i = 0; i < names->count; i++) {
		const char *name = names->items[i];
		char *sni = NULL;
		if (ce_name_is_ip(name))
			continue;
		if (strncmp(name, "*.", 2) != 0)
			return strdup(name);
		return asprintf(&sni, "any.%s", name + 2) < 0 ? NULL : sni;
	}
	return NULL;
}

static int
take_configured(const char *text, struct ce_endpoint_report *endpoint, struct ce_error *err)
{
	CE_CLEANUP(ce_endpoint_config_release) struct ce_endpoint_config configured = { 0 };
	int code = ce_endpoint_config_parse(text, &configured, err);
	if (code < 0)
		return code;
	endpoint->host = CE_STEAL(configured.host);
	endpoint->sni = CE_STEAL(configured.sni);
	endpoint->port = configured.port;
	return CE_OK;
}

/* What a product calls its own machine is, seen from here, the host that it is on. */
static int
take_named(const struct ce_plugin_endpoint *named, const struct ce_host *on, struct ce_endpoint_report *endpoint,
	struct ce_error *err)
{
	endpoint->port = named->port;
	bool own = on->address && ce_hosts_is_loopback(named->host);
	int code = ce_text_assign(&endpoint->host, own ? on->address : named->host, err);
	return code < 0 ? code : ce_text_assign(&endpoint->sni, named->sni, err);
}

int
ce_observe_endpoints(struct ce_target_run *target, struct ce_error *err)
{
	const struct ce_strlist *configured = &target->config->verify.endpoints;
	size_t count = configured->count > 0 ? configured->count : target->staged.endpoint_count;
	struct ce_target_report *report = target->report;
	report->endpoints = calloc(count + 1, sizeof(*report->endpoints));
	if (!report->endpoints)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	for (size_t i = 0; i < count; i++) {
		struct ce_endpoint_report *endpoint = &report->endpoints[report->endpoint_count++];
		int code = configured->count > 0 ? take_configured(configured->items[i], endpoint, err)
		                                 : take_named(&target->staged.endpoints[i], target->plugin.host, endpoint, err);
		if (code < 0)
			return code;
		if (!endpoint->sni)
			endpoint->sni = default_sni(target->certificate);
	}
	return CE_OK;
}

/* The chain as it came: DER certificates, each after its length. */
static int
unpack_chain(const struct ce_buf *chain, struct ce_bytes ret_der[CE_CHAIN_MAX], size_t *ret_count)
{
	size_t at = 0, count = 0;
	while (at + sizeof(uint32_t) <= chain->size && count < CE_CHAIN_MAX) {
		uint32_t size;
		memcpy(&size, chain->data + at, sizeof(size));
		at += sizeof(size);
		if (size > chain->size - at)
			break;
		ret_der[count++] = (struct ce_bytes){ chain->data + at, size };
		at += size;
	}
	*ret_count = count;
	return at == chain->size ? CE_OK : CE_ERR_INVALID;
}

int
ce_judge(const struct ce_probe *probe, const char *fingerprint, struct ce_bytes anchors, const char *name,
	struct ce_error *err)
{
	if (probe->code < 0)
		return ce_fail(err, CE_ERR_VERIFY, "%s:%d: %s", probe->host, probe->port, probe->problem);
	if (strcmp(probe->fingerprint, fingerprint) != 0)
		return ce_fail(err, CE_ERR_VERIFY, "%s:%d serves another certificate (%.16s, expected %.16s)", probe->host,
			probe->port, probe->fingerprint, fingerprint);
	struct ce_bytes der[CE_CHAIN_MAX];
	size_t count = 0;
	if (unpack_chain(&probe->chain, der, &count) < 0 || count == 0)
		return ce_fail(err, CE_ERR_VERIFY, "%s:%d: the chain it sent cannot be read", probe->host, probe->port);
	int code = ce_chain_verify(der, count, anchors, name, ce_now(), err);
	return code < 0 ? ce_error_wrap(err, "%s:%d", probe->host, probe->port) : CE_OK;
}

static int
enter(struct ce_engine *engine, const struct ce_endpoint_report *endpoint, struct ce_error *err)
{
	struct ce_observation key = { .host = endpoint->host, .sni = endpoint->sni, .probe = { .port = endpoint->port } };
	if (tfind(&key, &engine->observations, compare))
		return CE_OK;
	struct ce_observation *fresh = calloc(1, sizeof(*fresh));
	if (!fresh)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	int code = ce_text_assign(&fresh->host, endpoint->host, err);
	if (code == CE_OK)
		code = ce_text_assign(&fresh->sni, endpoint->sni, err);
	fresh->probe.host = fresh->host;
	fresh->probe.sni = fresh->sni;
	fresh->probe.port = endpoint->port;
	fresh->probe.timeout_ms = CE_PROBE_TIMEOUT_MS;
	if (code == CE_OK && !tsearch(fresh, &engine->observations, compare))
		code = ce_fail(err, CE_ERR_MEMORY, "out of memory");
	if (code < 0)
		release_observation(fresh);
	return code;
}

static int
judge(struct ce_observation *seen, const struct ce_certificate_run *certificate, struct ce_error *err)
{
	if (seen->judged_for == certificate)
		return CE_OK;
	struct ce_error verdict = { 0 };
	seen->judged_for = certificate;
	seen->judgement = certificate->bundle.generation == 0
	                          ? ce_fail(&verdict, CE_ERR_VERIFY, "there is no certificate to compare it with")
	                          : ce_judge(&seen->probe, certificate->bundle.facts.fingerprint,
	                                  ce_buf_bytes(&certificate->anchors), seen->sni, &verdict);
	return ce_text_assign(&seen->problem, seen->judgement < 0 ? verdict.text : NULL, err);
}

static int
apply_observations(struct ce_target_run *target, struct ce_error *err)
{
	struct ce_engine *engine = target->certificate->engine;
	target->served_ok = true;
	for (size_t i = 0; i < target->report->endpoint_count; i++) {
		struct ce_endpoint_report *endpoint = &target->report->endpoints[i];
		struct ce_observation key = { .host = endpoint->host, .sni = endpoint->sni, .probe = { .port = endpoint->port } };
		struct ce_observation **found = tfind(&key, &engine->observations, compare);
		if (!found)
			continue;
		int code = judge(*found, target->certificate, err);
		if (code < 0)
			return code;
		memcpy(endpoint->served, (*found)->probe.fingerprint, sizeof(endpoint->served));
		code = ce_text_assign(&endpoint->problem, (*found)->problem, err);
		if (code < 0)
			return code;
		target->served_ok = target->served_ok && (*found)->judgement == CE_OK;
	}
	return CE_OK;
}

struct collected {
	struct ce_probe *probes;
	struct ce_observation **from;
	size_t count;
};

static void
count_node(const void *node, VISIT visit, void *closure)
{
	(void)node;
	if (visit == preorder || visit == leaf)
		((struct collected *)closure)->count++;
}

static void
collect_node(const void *node, VISIT visit, void *closure)
{
	struct collected *collected = closure;
	if (visit != preorder && visit != leaf)
		return;
	struct ce_observation *observation = *(struct ce_observation *const *)node;
	collected->from[collected->count] = observation;
	collected->probes[collected->count++] = observation->probe;
}

static int
probe_all(struct ce_engine *engine, struct ce_error *err)
{
	struct collected all = { 0 };
	twalk_r(engine->observations, count_node, &all);
	if (all.count == 0)
		return CE_OK;
	CE_CLEANUP(ce_freep) struct ce_probe *probes = calloc(all.count, sizeof(*probes));
	CE_CLEANUP(ce_freep) struct ce_observation **from = calloc(all.count, sizeof(struct ce_observation *));
	if (!probes || !from)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	all = (struct collected){ probes, from, 0 };
	twalk_r(engine->observations, collect_node, &all);
	int code = ce_probe_run(&engine->probe, probes, all.count, err);
	for (size_t i = 0; i < all.count; i++)
		from[i]->probe = probes[i]; /* the answer's buffers are the observation's now */
	return code;
}

bool
ce_target_unverified(const struct ce_target_run *target)
{
	return target->config->verify.off || target->report->endpoint_count == 0;
}

static bool
is_observed(const struct ce_target_run *target)
{
	return target->selected && target->staged_ok && !ce_target_unverified(target);
}

/* Calls act for each target that is observed. */
static int
for_observed(struct ce_engine *engine, int (*act)(struct ce_target_run *target, struct ce_error *err),
	struct ce_error *err)
{
	for (size_t i = 0; i < engine->config.certificate_count; i++) {
		struct ce_certificate_run *certificate = &engine->certificates[i];
		for (size_t j = 0; j < certificate->config->target_count; j++) {
			int code = is_observed(&certificate->targets[j]) ? act(&certificate->targets[j], err) : CE_OK;
			if (code < 0)
				return code;
		}
	}
	return CE_OK;
}

static int
enter_target(struct ce_target_run *target, struct ce_error *err)
{
	for (size_t i = 0; i < target->report->endpoint_count; i++) {
		int code = enter(target->certificate->engine, &target->report->endpoints[i], err);
		if (code < 0)
			return code;
	}
	return CE_OK;
}

/* Where nobody can look, the last run is believed: one that had not reloaded would have told a failure, or nothing. */
static void
believe_the_rest(struct ce_engine *engine)
{
	for (size_t i = 0; i < engine->config.certificate_count; i++) {
		struct ce_certificate_run *certificate = &engine->certificates[i];
		long live = certificate->bundle.generation;
		for (size_t j = 0; j < certificate->config->target_count; j++) {
			struct ce_target_run *target = &certificate->targets[j];
			if (target->selected && target->staged_ok && ce_target_unverified(target))
				target->served_ok = live > 0 && target->last.generation == live && !target->last.failure;
		}
	}
}

int
ce_observe_targets(struct ce_engine *engine, struct ce_error *err)
{
	ce_observe_release(engine);
	believe_the_rest(engine);
	int code = for_observed(engine, enter_target, err);
	if (code == CE_OK)
		code = probe_all(engine, err);
	return code == CE_OK ? for_observed(engine, apply_observations, err) : code;
}
