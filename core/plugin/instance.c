/* Targets as their plugin process knows them. */
#include <search.h>
#include <string.h>

#include "plugin/pool.h"
#include "plugin/wire.h"

static int
compare(const void *left, const void *right)
{
	const struct ce_instance *a = left, *b = right;
	int order = strcmp(a->certificate, b->certificate);
	return order != 0 ? order : strcmp(a->name, b->name);
}

static void
free_instance(void *node)
{
	struct ce_instance *instance = node;
	ce_strlist_release(&instance->secrets);
	free(instance);
}

void
ce_instances_free(struct ce_plugin_process *process)
{
	tdestroy(process->instances, free_instance);
	process->instances = NULL;
}

CE_MUSTCHECK static int
find(struct ce_plugin_process *process, const struct ce_plugin_target *target, struct ce_instance **ret_instance,
	struct ce_error *err)
{
	struct ce_instance key = { .certificate = target->certificate, .name = target->name };
	struct ce_instance **found = tfind(&key, &process->instances, compare);
	if (found) {
		*ret_instance = *found;
		return CE_OK;
	}

	struct ce_instance *instance = calloc(1, sizeof(*instance));
	if (!instance)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	*instance = key;
	instance->options = target->options;
	instance->id = process->next_id;
	if (!tsearch(instance, &process->instances, compare)) {
		free(instance);
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	}
	process->next_id++;
	*ret_instance = instance;
	return CE_OK;
}

void
ce_put_options(struct ce_message *message, const struct ce_plugin_option *options, size_t count)
{
	ce_message_put_int(message, (int64_t)count);
	for (size_t i = 0; i < count; i++) {
		ce_message_put_str(message, options[i].name);
		ce_message_put_int(message, options[i].type);
		ce_message_put_str(message, options[i].text);
		ce_message_put_int(message, options[i].number);
		ce_message_put_list(message, options[i].list);
	}
}

/* What was masked for this target before, and its secret options. */
CE_MUSTCHECK static int
mask_known(struct ce_serving *serving, struct ce_error *err)
{
	const struct ce_strlist *known = &serving->instance->secrets;
	int code = CE_OK;
	for (size_t i = 0; i < known->count && code == CE_OK; i++)
		code = ce_changes_mask(serving->changes, known->items[i], err);
	for (size_t i = 0; i < serving->target->option_count && code == CE_OK; i++) {
		const struct ce_plugin_option *option = &serving->target->options[i];
		if (option->type == CE_OPTION_SECRET && option->text)
			code = ce_changes_mask(serving->changes, option->text, err);
	}
	return code;
}

/* Its options are others than those it was created with: it starts afresh. */
CE_MUSTCHECK static int
destroy(struct ce_serving *serving, struct ce_patience *patience, struct ce_error *err)
{
	CE_CLEANUP(ce_message_release) struct ce_message request = CE_MESSAGE_INIT(CE_WIRE_DESTROY);
	ce_message_put_int(&request, serving->instance->id);
	serving->phase = ce_phase_of(CE_WIRE_DESTROY);
	return ce_process_call(serving, &request, patience, err);
}

int
ce_instance_ready(struct ce_serving *serving, struct ce_error *err)
{
	struct ce_plugin_process *process = serving->process;
	int code = find(process, serving->target, &serving->instance, err);
	if (code == CE_OK)
		code = mask_known(serving, err);
	if (code != CE_OK)
		return code;

	struct ce_instance *instance = serving->instance;
	bool created = instance->life == process->life;
	if (created && instance->options == serving->target->options)
		return CE_OK;
	struct ce_patience patience = { process->plugins->limits.create, process->plugins->limits.create };
	if (created)
		code = destroy(serving, &patience, err);
	if (code != CE_OK)
		return code;

	CE_CLEANUP(ce_message_release) struct ce_message request = CE_MESSAGE_INIT(CE_WIRE_CREATE);
	ce_message_put_int(&request, instance->id);
	ce_put_options(&request, serving->target->options, serving->target->option_count);
	instance->life = 0;
	serving->phase = ce_phase_of(CE_WIRE_CREATE);
	code = ce_process_call(serving, &request, &patience, err);
	if (code != CE_OK)
		return code;
	instance->life = process->life;
	instance->options = serving->target->options;
	return CE_OK;
}
