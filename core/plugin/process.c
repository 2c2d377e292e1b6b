/* The life of one plugin process, and one request to it. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/dirs.h"
#include "base/log.h"
#include "base/sys.h"
#include "plugin/describe.h"
#include "plugin/pool.h"
#include "plugin/trust.h"
#include "plugin/wire.h"

#define STOP_MS 2000

/* ------------------------------------------------------------------ the end */

/* Kills what is left of the process and says how it ended, in words that follow "plugin 'x'"; true when that
 * was of its own doing. The exit status of a process that is dying already is settled, so the signal cannot replace it. */
static bool
bury(struct ce_plugin_process *process, char *how, size_t room)
{
	int status = 0;
	pid_t got = 0;
	ce_closep(&process->helper.fd);
	(void)ce_sys->kill(process->helper.pid, SIGKILL); /* fails only when it is gone */
	while ((got = ce_sys->waitpid(process->helper.pid, &status, 0)) < 0 && errno == EINTR)
		;
	process->helper = (struct ce_helper)CE_HELPER_INIT;

	bool signalled = got > 0 && WIFSIGNALED(status) && WTERMSIG(status) != SIGKILL;
	bool ended = got > 0 && WIFEXITED(status);
	if (signalled)
		(void)snprintf(how, room, "crashed (signal %d)", WTERMSIG(status)); /* fits */
	else if (ended)
		(void)snprintf(how, room, "ended its process (exit status %d)", WEXITSTATUS(status));
	else
		(void)snprintf(how, room, "closed its connection or was killed");
	return signalled || ended;
}

/* The process is of no further use; why is what the exchange failed with. */
static int
end_badly(struct ce_plugin_process *process, const char *where, const struct ce_patience *patience, bool breach,
	const struct ce_error *why, struct ce_error *err)
{
	char how[64];
	bool own_end = bury(process, how, sizeof(how));
	process->mishaps++;

	if (breach || (why->code == CE_ERR_INVALID && !own_end)) /* INVALID: what it sent is no message */
		return ce_fail(err, CE_ERR_PLUGIN, "plugin '%s' broke the contract in %s: %s", process->name, where, why->text);
	if (why->code == CE_ERR_TIMEOUT && patience->limit_ms % 1000 == 0)
		return ce_fail(err, CE_ERR_PLUGIN, "plugin '%s' did not answer within %d s in %s and was stopped",
			process->name, patience->limit_ms / 1000, where);
	if (why->code == CE_ERR_TIMEOUT)
		return ce_fail(err, CE_ERR_PLUGIN, "plugin '%s' did not answer within %d ms in %s and was stopped",
			process->name, patience->limit_ms, where);
	if (why->code == CE_ERR_MEMORY || why->code == CE_ERR_LIMIT)
		return ce_fail(err, why->code, "talk to plugin '%s' in %s: %s", process->name, where, why->text);
	return ce_fail(err, CE_ERR_PLUGIN, "plugin '%s' %s in %s", process->name, how, where);
}

/* ---------------------------------------------------------------- the start */

CE_MUSTCHECK static int
receive(struct ce_plugin_process *process, struct ce_patience *patience, struct ce_message *ret_message,
	struct ce_error *err)
{
	long long began = ce_monotonic_ms();
	int code = ce_message_receive(process->helper.fd, patience->left_ms > 0 ? patience->left_ms : 0, ret_message, err);
	patience->left_ms -= (int)(ce_monotonic_ms() - began);
	return code;
}

/* The first message of a process. */
CE_MUSTCHECK static int
take_description(struct ce_plugin_process *process, struct ce_message *first, struct ce_error *err)
{
	if (first->kind == CE_WIRE_REFUSED) {
		int64_t code = ce_message_get_int(first);
		const char *text = ce_message_get_str(first);
		return ce_fail(err, code == CE_ERR_SYSTEM ? CE_ERR_SYSTEM : CE_ERR_PLUGIN, "%s",
			text && !first->broken ? text : "its process did not say why");
	}
	if (first->kind != CE_WIRE_READY)
		return ce_fail(err, CE_ERR_PLUGIN, "its process began with a message of kind %d", first->kind);
	if (process->info.path)
		return CE_OK; /* the same file as before, described already */

	char path[CE_ERROR_TEXT_MAX];
	(void)snprintf(path, sizeof(path), "%s/%s.so", ce_dirs_built.plugins, process->name); /* only shown */
	struct ce_plugin_info info;
	process->ready = *first;
	*first = (struct ce_message)CE_MESSAGE_INIT(0);
	int code = ce_describe(&process->ready, process->name, &info, err);
	if (code != CE_OK)
		return code;
	info.path = strdup(path);
	process->info = info;
	return info.path ? CE_OK : ce_fail(err, CE_ERR_MEMORY, "out of memory");
}

CE_MUSTCHECK static int
start(struct ce_plugin_process *process, struct ce_error *err)
{
	char program[CE_ERROR_TEXT_MAX];
	int size = snprintf(program, sizeof(program), "%s/certengine-plugin-host", ce_dirs_built.helpers);
	if (size < 0 || (size_t)size >= sizeof(program))
		return ce_fail(err, CE_ERR_SYSTEM, "the path of the plugin host in '%s' is too long", ce_dirs_built.helpers);

	int code = CE_OK;
	if (process->file < 0)
		code = ce_plugin_open(ce_dirs_built.plugins, process->name, &process->file, err);
	if (code != CE_OK)
		return code;
	const char *const argv[] = { program, process->name, NULL };
	code = ce_helper_start(argv, &process->file, 1, &process->helper, err);
	if (code == CE_OK)
		process->life++;
	return code;
}

/* What keeps a plugin from being loaded once does so for the rest of the run. */
static int
refuse(struct ce_plugin_process *process, const struct ce_error *why, struct ce_error *err)
{
	int code = why->code == CE_ERR_NOT_FOUND || why->code == CE_ERR_SYSTEM ? why->code : CE_ERR_PLUGIN;
	if (code == CE_ERR_NOT_FOUND)
		ce_fail(&process->refusal, code, "%s", why->text);
	else
		ce_fail(&process->refusal, code, "plugin '%s' cannot be loaded: %s", process->name, why->text);
	return ce_fail(err, code, "%s", process->refusal.text);
}

CE_MUSTCHECK static int
load(struct ce_plugin_process *process, struct ce_error *err)
{
	struct ce_error why;
	ce_error_clear(&why);
	if (start(process, &why) != CE_OK)
		return refuse(process, &why, err);

	CE_CLEANUP(ce_message_release) struct ce_message first = CE_MESSAGE_INIT(0);
	struct ce_patience patience = { process->plugins->limits.create, process->plugins->limits.create };
	if (receive(process, &patience, &first, &why) != CE_OK) {
		struct ce_error end;
		ce_error_clear(&end);
		end_badly(process, "loading", &patience, false, &why, &end);
		return refuse(process, &end, err);
	}
	if (take_description(process, &first, &why) == CE_OK)
		return CE_OK;
	ce_helper_stop(&process->helper, STOP_MS);
	return refuse(process, &why, err);
}

int
ce_process_ready(struct ce_plugin_process *process, struct ce_error *err)
{
	if (process->refusal.code != CE_OK)
		return ce_fail(err, process->refusal.code, "%s", process->refusal.text);
	if (process->mishaps > CE_PLUGIN_RESTARTS_MAX)
		return ce_fail(err, CE_ERR_PLUGIN, "plugin '%s' is not started again in this run: it ended badly %u times in a row",
			process->name, process->mishaps);
	if (process->helper.pid > 0)
		return CE_OK;
	return load(process, err);
}

/* ---------------------------------------------------------------- a request */

static bool
is_code(int64_t code)
{
	return code >= CE_ERR_WAIT && code <= CE_UNCHANGED;
}

/* The end of a request, as far as the process is concerned a good one. */
static int
take_result(struct ce_serving *serving, struct ce_message *result, struct ce_error *err)
{
	int64_t code = ce_message_get_int(result);
	const char *text = ce_message_get_str(result);
	if (ce_message_end(result, NULL) != CE_OK)
		return ce_breach(serving, err, "its result was malformed");
	if (!is_code(code))
		return ce_breach(serving, err, "it returned %lld, which is no code", (long long)code);

	if (code >= CE_OK)
		return CE_OK;
	char shown[CE_ERROR_TEXT_MAX];
	ce_serving_shown(serving, text ? text : "", shown, sizeof(shown));
	if (shown[0] == '\0')
		return ce_fail(err, (int)code, "plugin '%s' failed in %s without a reason (%s)", serving->process->name,
			serving->phase->name, ce_code_name((int)code));
	return ce_fail(err, (int)code, "%s", shown);
}

CE_MUSTCHECK static int
answer(struct ce_serving *serving, struct ce_message *asked, struct ce_error *err)
{
	CE_CLEANUP(ce_message_release) struct ce_message reply = CE_MESSAGE_INIT(0);
	int code = ce_serve(serving, asked, &reply, err);
	if (code != CE_OK)
		return code;
	return ce_message_send(serving->process->helper.fd, &reply, err);
}

int
ce_process_call(struct ce_serving *serving, const struct ce_message *request, struct ce_patience *patience,
	struct ce_error *err)
{
	struct ce_plugin_process *process = serving->process;
	struct ce_error why;
	ce_error_clear(&why);
	ce_error_step(err, serving->phase->name);

	int code = ce_message_send(process->helper.fd, request, &why);
	while (code == CE_OK) {
		CE_CLEANUP(ce_message_release) struct ce_message asked = CE_MESSAGE_INIT(0);
		code = receive(process, patience, &asked, &why);
		if (code == CE_OK && asked.kind == CE_WIRE_RESULT) {
			code = take_result(serving, &asked, &why);
			if (!serving->breach)
				return code == CE_OK ? CE_OK : ce_fail(err, code, "%s", why.text);
		} else if (code == CE_OK) {
			code = answer(serving, &asked, &why);
		}
	}
	return end_badly(process, serving->phase->name, patience, serving->breach, &why, err);
}

/* -------------------------------------------------------------- find, free */

int
ce_process_find(struct ce_plugins *plugins, const char *name, struct ce_plugin_process **ret_process,
	struct ce_error *err)
{
	for (size_t i = 0; i < plugins->count; i++) {
		if (strcmp(plugins->items[i]->name, name) == 0) {
			*ret_process = plugins->items[i];
			return CE_OK;
		}
	}

	struct ce_plugin_process **items = realloc(plugins->items, (plugins->count + 1) * sizeof(struct ce_plugin_process *));
	if (!items)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	plugins->items = items;
	struct ce_plugin_process *process = calloc(1, sizeof(*process));
	char *copy = strdup(name);
	if (!process || !copy) {
		free(process);
		free(copy);
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	}
	process->name = copy;
	process->file = -1;
	process->helper = (struct ce_helper)CE_HELPER_INIT;
	process->plugins = plugins;
	items[plugins->count++] = process;
	*ret_process = process;
	return CE_OK;
}

/* destroy for all that was created. Nothing can be lost any more, so what goes wrong is only told. */
static void
destroy_all(struct ce_plugin_process *process)
{
	CE_CLEANUP(ce_message_release) struct ce_message request = CE_MESSAGE_INIT(CE_WIRE_DESTROY);
	ce_message_put_int(&request, CE_WIRE_EVERY);
	CE_CLEANUP(ce_changes_release) struct ce_changes none = CE_CHANGES_INIT;
	struct ce_serving serving = { .process = process, .phase = ce_phase_of(CE_WIRE_DESTROY), .changes = &none };
	struct ce_patience patience = { process->plugins->limits.create, process->plugins->limits.create };
	struct ce_error err;
	ce_error_clear(&err);
	if (ce_process_call(&serving, &request, &patience, &err) != CE_OK)
		ce_log(CE_LOG_WARNING, "%s", err.text);
}

void
ce_process_free(struct ce_plugin_process *process)
{
	if (process->helper.pid > 0 && process->instances)
		destroy_all(process);
	ce_helper_stop(&process->helper, STOP_MS);
	ce_instances_free(process);
	ce_describe_release(&process->info);
	ce_message_release(&process->ready);
	ce_closep(&process->file);
	free(process->name);
	free(process);
}
