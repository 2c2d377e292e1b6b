/* The certificates and targets of one run, made from the configuration. */
#include <string.h>

#include "base/log.h"
#include "engine/engine_own.h"

/* One option as a plugin process is told it. */
static void
resolve_option(const struct ce_option *row, const struct ce_settings *settings, const struct ce_option *table,
	struct ce_plugin_option *ret_option)
{
	struct ce_plugin_option option = { .name = row->name, .type = row->type };
	switch (row->type) {
	case CE_OPTION_INT:
		option.number = ce_option_int(table, settings, row->name);
		break;
	case CE_OPTION_BOOL:
		option.number = ce_option_bool(table, settings, row->name);
		break;
	case CE_OPTION_LIST:
		option.list = ce_option_list(table, settings, row->name);
		break;
	default:
		option.text = ce_option_text(table, settings, row->name);
		break;
	}
	*ret_option = option;
}

static int
resolve_options(struct ce_target_run *target, const struct ce_option *table, struct ce_error *err)
{
	size_t count = 0;
	while (table[count].name)
		count++;
	target->options = calloc(count + 1, sizeof(*target->options));
	if (!target->options)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	for (size_t i = 0; i < count; i++)
		resolve_option(&table[i], &target->config->settings, table, &target->options[i]);
	target->option_count = count;
	target->plugin.options = target->options;
	target->plugin.option_count = count;
	return CE_OK;
}

static int
build_target(struct ce_target_run *target, struct ce_problems *problems, struct ce_error *err)
{
	const struct ce_target_config *config = target->config;
	struct ce_engine *engine = target->certificate->engine;
	target->plugin = (struct ce_plugin_target){ .plugin = config->plugin,
		.certificate = target->certificate->config->name, .name = config->name, .host = ce_hosts_find(engine, config->host),
		.fingerprint = "", .key_kind = target->certificate->config->key, .context = target };
	if (engine->options.store_only || !config->plugin)
		return CE_OK; /* a missing plugin name has been reported already */

	const struct ce_plugin_info *info = NULL;
	struct ce_error own = { 0 };
	int loaded = ce_plugins_info(engine->plugins, config->plugin, &info, &own);
	if (loaded == CE_ERR_NOT_FOUND || (loaded < 0 && engine->options.plugins_must_load))
		return ce_problems_add(problems, config->file, config->line, err, "target '%s': %s", config->name, own.text);
	if (loaded < 0) /* a plugin gone bad must not stop the renewals of all others */
		return ce_text_assign(&target->unloadable, own.text, err);
	CE_CLEANUP(ce_freep) char *what = NULL;
	if (asprintf(&what, "plugin '%s'", info->name) < 0) {
		what = NULL;
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	}
	size_t before = problems->count;
	int code = ce_options_check(info->options, &config->settings, what, problems, err);
	if (code < 0)
		return code;
	return problems->count > before ? CE_OK : resolve_options(target, info->options, err);
}

static int
build_certificate(struct ce_certificate_run *certificate, struct ce_problems *problems, struct ce_error *err)
{
	const struct ce_certificate_config *config = certificate->config;
	ce_bundle_init(&certificate->bundle);
	if (config->issuer)
		certificate->issuer = ce_config_issuer(&certificate->engine->config, config->issuer);
	if (certificate->issuer)
		certificate->driver = ce_issuer_driver(certificate->issuer->kind);
	certificate->targets = calloc(config->target_count + 1, sizeof(*certificate->targets));
	if (!certificate->targets)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	for (size_t i = 0; i < config->target_count; i++) {
		struct ce_target_run *target = &certificate->targets[i];
		target->certificate = certificate;
		target->config = &config->targets[i];
		int code = build_target(target, problems, err);
		if (code < 0)
			return code;
	}
	return CE_OK;
}

int
ce_run_build(struct ce_engine *engine, struct ce_problems *problems, struct ce_error *err)
{
	engine->certificates = calloc(engine->config.certificate_count + 1, sizeof(*engine->certificates));
	if (!engine->certificates)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	for (size_t i = 0; i < engine->config.certificate_count; i++) {
		struct ce_certificate_run *certificate = &engine->certificates[i];
		certificate->engine = engine;
		certificate->config = &engine->config.certificates[i];
		int code = build_certificate(certificate, problems, err);
		if (code < 0)
			return code;
	}
	return CE_OK;
}

static void
release_certificate(struct ce_certificate_run *certificate)
{
	for (size_t i = 0; certificate->targets && i < certificate->config->target_count; i++) {
		struct ce_target_run *target = &certificate->targets[i];
		free(target->options);
		free(target->unloadable);
		ce_staged_release(&target->staged);
		ce_target_result_release(&target->last);
	}
	free(certificate->targets);
	ce_buf_release(&certificate->anchors);
	ce_bundle_release(&certificate->bundle);
	ce_strlist_release(&certificate->asked);
	ce_strlist_release(&certificate->names);
	ce_issue_result_release(&certificate->issue);
	ce_renewal_record_release(&certificate->renewal);
}

void
ce_run_release(struct ce_engine *engine)
{
	for (size_t i = 0; engine->certificates && i < engine->config.certificate_count; i++)
		if (engine->certificates[i].config)
			release_certificate(&engine->certificates[i]);
	free(engine->certificates);
	engine->certificates = NULL;
}

int
ce_run_find(struct ce_engine *engine, const char *name, struct ce_certificate_run **ret_certificate, struct ce_error *err)
{
	for (size_t i = 0; i < engine->config.certificate_count; i++) {
		if (strcmp(engine->certificates[i].config->name, name) != 0)
			continue;
		*ret_certificate = &engine->certificates[i];
		return CE_OK;
	}
	return ce_fail(err, CE_ERR_CONFIG, "'%s' is no configured certificate; `certengine status` lists them", name);
}

/* Selects "certificate" or "certificate/target". */
static bool
select_name(struct ce_engine *engine, const char *name)
{
	const char *slash = strchr(name, '/');
	size_t size = slash ? (size_t)(slash - name) : strlen(name);
	bool found = false;
	for (size_t i = 0; i < engine->config.certificate_count; i++) {
		struct ce_certificate_run *certificate = &engine->certificates[i];
		if (strlen(certificate->config->name) != size || strncmp(certificate->config->name, name, size) != 0)
			continue;
		for (size_t j = 0; j < certificate->config->target_count; j++)
			if (!slash || strcmp(certificate->targets[j].config->name, slash + 1) == 0) {
				certificate->targets[j].selected = true;
				found = true;
			}
		found = found || !slash;
		certificate->selected = certificate->selected || found;
	}
	return found;
}

int
ce_run_select(struct ce_engine *engine, struct ce_error *err)
{
	for (size_t i = 0; i < engine->names.count; i++)
		if (!select_name(engine, engine->names.items[i]))
			return ce_fail(err, CE_ERR_CONFIG, "'%s' is no configured certificate or certificate/target; `certengine status` "
				"lists them", engine->names.items[i]);
	for (size_t i = 0; engine->names.count == 0 && i < engine->config.certificate_count; i++) {
		engine->certificates[i].selected = true;
		for (size_t j = 0; j < engine->certificates[i].config->target_count; j++)
			engine->certificates[i].targets[j].selected = true;
	}
	return CE_OK;
}

static int
report_targets(struct ce_certificate_run *certificate, struct ce_error *err)
{
	struct ce_certificate_report *report = certificate->report;
	report->targets = calloc(certificate->config->target_count + 1, sizeof(*report->targets));
	if (!report->targets)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	for (size_t i = 0; i < certificate->config->target_count; i++) {
		struct ce_target_run *target = &certificate->targets[i];
		target->report = NULL;
		if (!target->selected)
			continue;
		target->report = &report->targets[report->target_count++];
		int code = ce_text_assign(&target->report->name, target->config->name, err);
		if (code == CE_OK)
			code = ce_text_assign(&target->report->plugin, target->config->plugin, err);
		if (code < 0)
			return code;
	}
	return CE_OK;
}

static int
report_certificate(struct ce_certificate_run *certificate, struct ce_error *err)
{
	const struct ce_certificate_config *config = certificate->config;
	struct ce_certificate_report *report = certificate->report;
	int code = ce_text_assign(&report->name, config->name, err);
	if (code == CE_OK)
		code = ce_text_assign(&report->issuer, certificate->issuer ? certificate->issuer->name : config->issuer, err);
	if (code == CE_OK)
		code = ce_strlist_copy(&report->names, (const char *const *)config->names.items, err);
	return code < 0 ? code : report_targets(certificate, err);
}

int
ce_run_report(struct ce_engine *engine, struct ce_report *ret_report, struct ce_error *err)
{
	memset(ret_report, 0, sizeof(*ret_report));
	ret_report->certificates = calloc(engine->config.certificate_count + 1, sizeof(*ret_report->certificates));
	if (!ret_report->certificates)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	for (size_t i = 0; i < engine->config.certificate_count; i++) {
		struct ce_certificate_run *certificate = &engine->certificates[i];
		if (!certificate->selected)
			continue;
		certificate->report = &ret_report->certificates[ret_report->certificate_count++];
		int code = report_certificate(certificate, err);
		if (code < 0)
			return code;
	}
	return CE_OK;
}

/* The issuer's own roots, if it has any that can be read. */
static int
issuer_anchors(const struct ce_certificate_run *certificate, struct ce_buf *ret_pem, struct ce_error *err)
{
	const struct ce_issuer_driver *driver = certificate->driver;
	if (!driver || !driver->anchors)
		return CE_ERR_NOT_FOUND;
	int code = driver->anchors(certificate->issuer, certificate->engine->store, ret_pem, err);
	if (code < 0)
		return code;
	CE_CLEANUP(ce_facts_release) struct ce_facts facts = { 0 };
	return ce_facts_read(ce_buf_bytes(ret_pem), &facts, err);
}

/* What the chain must verify to: the issuer's own roots, else the highest certificate the CA sent. Roots that cannot be
 * read are no reason to doubt what is installed, nor to request anything: they are told, and the latter is taken. */
static int
load_anchors(struct ce_certificate_run *certificate, struct ce_error *err)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf pem = CE_BUF_INIT;
	struct ce_error own = { 0 };
	int code = issuer_anchors(certificate, &pem, &own);
	if (code < 0 && code != CE_ERR_NOT_FOUND)
		ce_log(CE_LOG_WARNING, "certificate '%s' is verified by the chain it came with: the roots of issuer '%s': %s",
			certificate->config->name, certificate->issuer->name, own.text);
	const struct ce_bundle *bundle = &certificate->bundle;
	const struct ce_buf *top = code >= CE_OK ? &pem : bundle->chain.size > 0 ? &bundle->chain : &bundle->leaf;
	ce_buf_release(&certificate->anchors);
	return ce_buf_add(&certificate->anchors, top->data, top->size, err);
}

int
ce_run_facts(struct ce_certificate_run *certificate, struct ce_error *err)
{
	const struct ce_bundle *bundle = &certificate->bundle;
	struct ce_certificate_report *report = certificate->report;
	if (bundle->generation == 0)
		return CE_OK;
	report->generation = bundle->generation;
	memcpy(report->fingerprint, bundle->facts.fingerprint, sizeof(report->fingerprint));
	report->not_before = bundle->facts.not_before;
	report->not_after = bundle->facts.not_after;
	for (size_t i = 0; i < certificate->config->target_count; i++) {
		struct ce_plugin_target *plugin = &certificate->targets[i].plugin;
		plugin->fingerprint = bundle->facts.fingerprint;
		plugin->generation = bundle->generation;
		plugin->names = (const char *const *)bundle->facts.names.items;
		plugin->key_kind = bundle->facts.key_kind;
	}
	int code = ce_text_assign(&report->key_kind, bundle->facts.key_kind, err);
	return code < 0 ? code : load_anchors(certificate, err);
}

/* No bundle: what plugins are told is what the configuration says. */
static void
forget_bundle(struct ce_certificate_run *certificate)
{
	ce_bundle_release(&certificate->bundle);
	ce_bundle_init(&certificate->bundle);
	for (size_t i = 0; i < certificate->config->target_count; i++) {
		struct ce_plugin_target *plugin = &certificate->targets[i].plugin;
		plugin->fingerprint = "";
		plugin->generation = 0;
		plugin->names = (const char *const *)certificate->config->names.items;
		plugin->key_kind = certificate->config->key;
	}
}

/* Whether a name is one of those in a text, between spaces. */
static bool
is_left_out(const char *left_out, const char *name)
{
	size_t size = strlen(name);
	for (const char *at = left_out; at && *at; at += strcspn(at, " "), at += *at == ' ')
		if (strcspn(at, " ") == size && !memcmp(at, name, size))
			return true;
	return false;
}

int
ce_run_names(struct ce_certificate_run *certificate, struct ce_error *err)
{
	const struct ce_strlist *configured = &certificate->config->names;
	ce_strlist_release(&certificate->names);
	int code = CE_OK;
	for (size_t i = 0; code == CE_OK && i < configured->count; i++)
		if (!is_left_out(certificate->issue.left_out, configured->items[i]))
			code = ce_strlist_add(&certificate->names, configured->items[i], err);
	/* Whoever configured just the names that were refused wants them tried again. */
	if (code == CE_OK && certificate->names.count == 0)
		code = ce_strlist_copy(&certificate->names, (const char *const *)configured->items, err);
	return code;
}

int
ce_run_leave_out(struct ce_certificate_run *certificate, const struct ce_strlist *left_out, struct ce_error *err)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf text = CE_BUF_INIT;
	int code = CE_OK;
	for (size_t i = 0; code == CE_OK && i < left_out->count; i++)
		code = ce_buf_addf(&text, err, "%s%s", i ? " " : "", left_out->items[i]);
	if (code == CE_OK)
		code = ce_text_assign(&certificate->issue.left_out, left_out->count ? ce_buf_text(&text) : NULL, err);
	return code < 0 ? code : ce_run_names(certificate, err);
}

static int
load_certificate(struct ce_certificate_run *certificate, struct ce_error *err)
{
	struct ce_store *store = certificate->engine->store;
	const char *name = certificate->config->name;
	forget_bundle(certificate);
	long live = 0;
	int code = ce_attempts_load(certificate, err);
	if (code == CE_OK)
		code = ce_run_names(certificate, err);
	if (code == CE_OK)
		code = ce_store_live(store, name, &live, err);
	if (code < 0 || live == 0)
		return code;
	code = ce_store_bundle(store, name, live, false, &certificate->bundle, err);
	if (code == CE_OK)
		code = ce_renewal_load(certificate, err);
	return code < 0 ? code : ce_run_facts(certificate, err);
}

int
ce_run_load(struct ce_engine *engine, struct ce_error *err)
{
	for (size_t i = 0; i < engine->config.certificate_count; i++) {
		struct ce_certificate_run *certificate = &engine->certificates[i];
		if (!certificate->selected)
			continue;
		/* One damaged generation stops its own certificate only; a new one is requested for it. */
		struct ce_error own = { 0 };
		if (load_certificate(certificate, &own) == CE_OK)
			continue;
		ce_engine_tell(engine, certificate, NULL, "load", own.code, own.text);
		forget_bundle(certificate);
		int code = ce_text_assign(&certificate->report->error, own.text, err);
		if (code < 0)
			return code;
		if (own.code == CE_ERR_INVALID || own.code == CE_ERR_NOT_FOUND || own.code == CE_ERR_CRYPTO)
			continue;
		/* It may well be good and only could not be read now (memory, descriptors, the disk): no order for that. */
		certificate->report->state = CE_CERTIFICATE_FAILED;
		code = ce_text_assign(&certificate->report->step, "load", err);
		if (code < 0)
			return code;
	}
	return CE_OK;
}

/* The key goes into a product only beside the certificate that was made for it. */
static int
check_key(const struct ce_bundle *bundle, struct ce_error *err)
{
	CE_CLEANUP(ce_keyp) struct ce_key *key = NULL;
	char id[65];
	int code = ce_key_from_pem(ce_buf_bytes(&bundle->key), &key, err);
	if (code == CE_OK)
		code = ce_key_id(key, id, err);
	if (code == CE_OK && strcmp(id, bundle->facts.key_id) != 0)
		code = ce_fail(err, CE_ERR_CRYPTO, "the private key is not the certificate's");
	return code;
}

int
ce_run_key(struct ce_certificate_run *certificate, struct ce_error *err)
{
	if (certificate->has_key)
		return CE_OK;
	const char *name = certificate->config->name;
	long generation = certificate->bundle.generation;
	struct ce_error own = { 0 };
	struct ce_bundle whole;
	ce_bundle_init(&whole);
	int code = ce_store_bundle(certificate->engine->store, name, generation, true, &whole, &own);
	if (code == CE_OK)
		code = check_key(&whole, &own);
	if (code < 0) {
		ce_bundle_release(&whole);
		return ce_fail(err, code, "the key of generation %ld of certificate '%s' cannot be used: %s; "
			"`certengine apply --force-renew %s` replaces it", generation, name, own.text, name);
	}
	/* Only the key moves: what plugins were told points into the facts that are there. */
	ce_buf_release(&certificate->bundle.key);
	certificate->bundle.key = whole.key;
	whole.key = (struct ce_buf)CE_BUF_SECRET;
	ce_bundle_release(&whole);
	certificate->has_key = true;
	return CE_OK;
}
