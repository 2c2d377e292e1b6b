#include "engine/engine.h"

#include <signal.h>
#include <string.h>

#include "base/dirs.h"
#include "base/lock.h"
#include "base/sys.h"
#include "crypto/digest.h"
#include "crypto/token.h"
#include "engine/engine_own.h"
#include "engine/recipe.h"

#define LOCK_PIECE_MS 250

static volatile sig_atomic_t interrupted;

void
ce_engine_interrupt(void)
{
	interrupted = 1;
}

bool
ce_engine_interrupted(void)
{
	return interrupted != 0;
}

void
ce_engine_tell(const struct ce_engine *engine, const struct ce_certificate_run *certificate,
	const struct ce_target_run *target, const char *step, int code, const char *text)
{
	if (!engine->options.event)
		return;
	if (target)
		certificate = target->certificate;
	struct ce_event event = {
		.certificate = certificate ? certificate->config->name : NULL,
		.target = target ? target->config->name : NULL,
		.plugin = target ? target->config->plugin : NULL,
		.step = step,
		.code = code,
		.text = text,
	};
	engine->options.event(&event, engine->options.context);
}

static int
set_place(char **place, const char *root, const char *directory, const char *file, struct ce_error *err)
{
	if (asprintf(place, "%s%s%s", root ? root : "", directory, file) >= 0)
		return CE_OK;
	*place = NULL;
	return ce_fail(err, CE_ERR_MEMORY, "out of memory");
}

static int
set_places(struct ce_engine *engine, struct ce_error *err)
{
	const struct ce_engine_options *options = &engine->options;
	int code = set_place(&engine->state, options->root, ce_dirs_built.state, "", err);
	if (code == CE_OK)
		code = set_place(&engine->run, options->root, ce_dirs_built.run, "", err);
	if (code < 0)
		return code;
	if (options->config_file)
		return ce_text_assign(&engine->config_file, options->config_file, err);
	return set_place(&engine->config_file, options->root, ce_dirs_built.config, "/certengine.conf", err);
}

static int
read_configuration(struct ce_engine *engine, struct ce_problems *problems, struct ce_error *err)
{
	int code = ce_config_read(engine->config_file, !engine->options.config_file, &engine->config, problems, err);
	if (code < 0 && code != CE_ERR_CONFIG)
		return code;
	/* Go on with what could be read: all findings belong into one run. */
	code = ce_issuers_check(&engine->config, problems, err);
	if (code == CE_OK || code == CE_ERR_CONFIG)
		code = ce_hosts_build(engine, err);
	if (code == CE_OK || code == CE_ERR_CONFIG)
		code = ce_run_build(engine, problems, err);
	if (code < 0 && code != CE_ERR_CONFIG)
		return code;
	ce_problems_sort(problems);
	if (problems->count > 0)
		return ce_fail(err, CE_ERR_CONFIG, "the configuration has %zu %s; nothing was attempted", problems->count,
			problems->count == 1 ? "mistake" : "mistakes");
	code = ce_keys_begin(&engine->config, err);
	return code < 0 ? code : ce_run_select(engine, err);
}

int
ce_engine_open(const struct ce_engine_options *options, struct ce_engine **ret_engine, struct ce_problems *problems,
	struct ce_error *err)
{
	int code = ce_process_room(err);
	if (code == CE_OK)
		code = ce_crypto_begin(err);
	if (code < 0)
		return code;
	CE_CLEANUP(ce_enginep) struct ce_engine *engine = calloc(1, sizeof(*engine));
	if (!engine)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	engine->options = *options;
	engine->lock = -1;
	engine->probe = (struct ce_helper)CE_HELPER_INIT;
	engine->net = (struct ce_helper)CE_HELPER_INIT;
	code = set_places(engine, err);
	if (code == CE_OK && options->names)
		code = ce_strlist_copy(&engine->names, options->names, err);
	if (code == CE_OK)
		code = ce_plugins_new(&ce_engine_backend, &engine->plugins, err);
	if (code == CE_OK)
		code = read_configuration(engine, problems, err);
	if (code < 0)
		return code;
	*ret_engine = CE_STEAL(engine);
	return CE_OK;
}

void
ce_engine_close(struct ce_engine *engine)
{
	if (!engine)
		return;
	ce_run_release(engine);
	ce_observe_release(engine);
	ce_plugins_free(engine->plugins);
	ce_hosts_release(engine);
	ce_recipe_targets_free(engine->recipe_targets);
	ce_helper_stop(&engine->probe, 500);
	ce_helper_stop(&engine->net, 500);
	ce_store_close(engine->store);
	ce_tokens_end();
	ce_config_release(&engine->config);
	ce_closep(&engine->lock);
	ce_strlist_release(&engine->names);
	free(engine->config_file);
	free(engine->state);
	free(engine->run);
	free(engine);
}

void
ce_enginep(struct ce_engine **engine)
{
	ce_engine_close(*engine);
	*engine = NULL;
}

/* Waits in small pieces, so that a signal need not wait for the other run. */
static int
wait_for_lock(struct ce_engine *engine, const char *path, struct ce_error *err)
{
	long long until = ce_monotonic_ms() + engine->options.lock_wait_ms;
	for (;;) {
		long long left = until - ce_monotonic_ms();
		int code = ce_lock_take(path, (int)(left > LOCK_PIECE_MS ? LOCK_PIECE_MS : left > 0 ? left : 0), &engine->lock, err);
		if (code != CE_ERR_LOCKED || left <= LOCK_PIECE_MS || ce_engine_interrupted())
			return code;
	}
}

/* Takes the one lock and opens the store for writing. */
int
ce_engine_lock(struct ce_engine *engine, struct ce_error *err)
{
	if (engine->lock >= 0 && engine->store)
		return CE_OK;
	ce_error_step(err, "lock");
	int code = ce_dir_create_private(engine->run, err);
	if (code < 0)
		return code;
	CE_CLEANUP(ce_freep) char *path = NULL;
	code = set_place(&path, NULL, engine->run, "/lock", err);
	if (code == CE_OK)
		code = wait_for_lock(engine, path, err);
	if (code == CE_OK)
		code = ce_store_open(engine->state, &engine->store, err);
	if (code == CE_OK)
		ce_error_step(err, ""); /* what fails from here on is not the lock */
	return code;
}
