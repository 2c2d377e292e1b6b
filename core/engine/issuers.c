/* What is asked of issuers besides certificates: information, accounts, the upkeep of our own authorities. */
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "engine/engine_own.h"

const struct ce_config *
ce_engine_config(const struct ce_engine *engine)
{
	return &engine->config;
}

static bool
is_interrupted(void *context)
{
	(void)context;
	return ce_engine_interrupted();
}

struct ce_issue_context
ce_engine_asking(struct ce_engine *engine)
{
	return (struct ce_issue_context){ .store = engine->store, .interrupted = is_interrupted, .context = engine };
}

static int
unknown_issuer(const struct ce_engine *engine, const char *name, struct ce_error *err)
{
	size_t count = engine->config.issuer_count;
	CE_CLEANUP(ce_freep) const char **known = calloc(count + 1, sizeof(*known));
	for (size_t i = 0; known && i < count; i++)
		known[i] = engine->config.issuers[i].name;
	const char *nearest = known ? ce_text_nearest(name, known) : NULL;
	if (nearest)
		return ce_fail(err, CE_ERR_CONFIG, "'%s' is no configured issuer; did you mean '%s'?", name, nearest);
	return ce_fail(err, CE_ERR_CONFIG, "'%s' is no configured issuer; 'certengine issuer list' shows them", name);
}

static int
find(const struct ce_engine *engine, const char *name, const struct ce_issuer_config **ret_issuer,
	const struct ce_issuer_driver **ret_driver, struct ce_error *err)
{
	*ret_issuer = ce_config_issuer(&engine->config, name);
	*ret_driver = *ret_issuer ? ce_issuer_driver((*ret_issuer)->kind) : NULL;
	return *ret_driver ? CE_OK : unknown_issuer(engine, name, err);
}

int
ce_engine_issuer_info(struct ce_engine *engine, const char *name, struct ce_issuer_info *ret_info, struct ce_error *err)
{
	const struct ce_issuer_config *issuer = NULL;
	const struct ce_issuer_driver *driver = NULL;
	int code = find(engine, name, &issuer, &driver, err);
	if (code < 0)
		return code;
	if (!driver->info) {
		memset(ret_info, 0, sizeof(*ret_info));
		return CE_UNCHANGED;
	}
	code = ce_store_open_readonly(engine->state, &engine->store, err);
	if (code < 0)
		return code;
	const struct ce_issue_context context = ce_engine_asking(engine);
	return driver->info(issuer, &context, ret_info, err);
}

/* Under the lock, also to look: what a run before left open about the key is settled first. */
int
ce_engine_account(struct ce_engine *engine, const char *name, enum ce_account_action action,
	struct ce_account *ret_account, struct ce_error *err)
{
	const struct ce_issuer_config *issuer = NULL;
	const struct ce_issuer_driver *driver = NULL;
	int code = find(engine, name, &issuer, &driver, err);
	if (code < 0)
		return code;
	if (!driver->account)
		return ce_fail(err, CE_ERR_CONFIG, "issuer '%s' is of kind '%s', which has no accounts", name, issuer->kind);
	code = ce_engine_lock(engine, err);
	if (code < 0)
		return code;
	const struct ce_issue_context context = ce_engine_asking(engine);
	return driver->account(issuer, action, &context, ret_account, err);
}

void
ce_authorities_upkeep(struct ce_engine *engine)
{
	for (size_t i = 0; i < engine->config.issuer_count; i++) {
		const struct ce_issuer_config *issuer = &engine->config.issuers[i];
		const struct ce_issuer_driver *driver = issuer->kind ? ce_issuer_driver(issuer->kind) : NULL;
		struct ce_error err = { 0 };
		if (driver && driver->upkeep && driver->upkeep(issuer, engine->store, &err) < 0)
			ce_log(CE_LOG_WARNING, "issuer '%s': %s", issuer->name, err.text);
	}
}
