#include "deploy/step.h"

#include <string.h>

#include "crypto/digest.h"
#include "deploy/change_own.h"
#include "host/host.h"

static void
release_step(struct ce_step *step)
{
	free(step->path);
	free(step->temporary);
	free(step->what);
	ce_strlist_release(&step->do_argv);
	ce_strlist_release(&step->undo_argv);
}

void
ce_steps_release(struct ce_steps *steps)
{
	for (size_t i = 0; i < steps->count; i++)
		release_step(&steps->items[i]);
	free(steps->items);
	steps->items = NULL;
	steps->count = 0;
}

static int
fill_step(struct ce_step *step, const struct ce_change *change, const char *id, size_t number, struct ce_error *err)
{
	step->kind = change->kind;
	if (change->kind == CE_CHANGE_COMMAND) {
		step->what = strdup(change->what);
		int code = ce_strlist_copy(&step->do_argv, (const char *const *)change->do_argv.items, err);
		if (code == CE_OK && change->undo_argv.count > 0)
			code = ce_strlist_copy(&step->undo_argv, (const char *const *)change->undo_argv.items, err);
		return code < 0 ? code : step->what ? CE_OK : ce_fail(err, CE_ERR_MEMORY, "out of memory");
	}
	step->path = strdup(change->path);
	if (!step->path || asprintf(&step->temporary, ".certengine-%s-%zu.tmp", id, number) < 0)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	const struct ce_file_info *info = &change->before_info;
	step->before = (struct ce_step_state){ .exists = info->exists, .mode = info->mode, .uid = info->uid, .gid = info->gid };
	memcpy(step->before.digest, change->before_digest, sizeof(step->before.digest));
	step->after = (struct ce_step_state){ .exists = change->kind == CE_CHANGE_WRITE, .mode = change->mode,
		.uid = change->uid, .gid = change->gid };
	memcpy(step->after.digest, change->after_digest, sizeof(step->after.digest));
	return CE_OK;
}

int
ce_steps_from_changes(const struct ce_changes *const *changes, size_t count, const char *id,
	struct ce_steps *ret_steps, struct ce_error *err)
{
	size_t total = 0;
	for (size_t i = 0; i < count; i++)
		total += changes[i]->count;
	CE_CLEANUP(ce_steps_release) struct ce_steps steps = { calloc(total + 1, sizeof(struct ce_step)), 0 };
	if (!steps.items)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < changes[i]->count; j++) {
			struct ce_step *step = &steps.items[steps.count++];
			int code = fill_step(step, &changes[i]->items[j], id, steps.count - 1, err);
			if (code < 0)
				return code;
		}
	*ret_steps = steps;
	steps = (struct ce_steps){ 0 };
	return CE_OK;
}

static json_t *
state_to_json(const struct ce_step_state *state)
{
	if (!state->exists)
		return json_null();
	return json_pack("{s:s, s:I, s:I, s:I}", "sha256", state->digest, "mode", (json_int_t)state->mode, "uid",
		(json_int_t)state->uid, "gid", (json_int_t)state->gid);
}

static json_t *
list_to_json(const struct ce_strlist *list)
{
	json_t *array = json_array();
	for (size_t i = 0; array && i < list->count; i++)
		if (json_array_append_new(array, json_string(list->items[i])) < 0) {
			json_decref(array);
			return NULL;
		}
	return array;
}

static json_t *
step_to_json(const struct ce_step *step)
{
	if (step->kind == CE_CHANGE_COMMAND)
		return json_pack("{s:s, s:s, s:o, s:o}", "kind", "command", "what", step->what, "do",
			list_to_json(&step->do_argv), "undo", list_to_json(&step->undo_argv));
	return json_pack("{s:s, s:s, s:s, s:o, s:o}", "kind", step->kind == CE_CHANGE_WRITE ? "write" : "remove", "path",
		step->path, "temporary", step->temporary, "before", state_to_json(&step->before), "after",
		state_to_json(&step->after));
}

int
ce_steps_to_json(const struct ce_steps *steps, json_t **ret_array, struct ce_error *err)
{
	json_t *array = json_array();
	for (size_t i = 0; array && i < steps->count; i++)
		if (json_array_append_new(array, step_to_json(&steps->items[i])) < 0) {
			json_decref(array);
			array = NULL;
		}
	if (!array)
		return ce_fail(err, CE_ERR_INVALID, "the changes cannot be written to the journal: a path or command is not UTF-8");
	*ret_array = array;
	return CE_OK;
}

static int
state_from_json(const json_t *json, struct ce_step_state *ret_state, struct ce_error *err)
{
	struct ce_step_state state = { 0 };
	if (!json_is_null(json)) {
		const char *digest = NULL;
		json_int_t mode, uid, gid;
		if (json_unpack((json_t *)json, "{s:s, s:I, s:I, s:I}", "sha256", &digest, "mode", &mode, "uid", &uid, "gid",
			&gid) < 0 || strlen(digest) != 64)
			return ce_fail(err, CE_ERR_INVALID, "the journal's first record is damaged");
		state = (struct ce_step_state){ .exists = true, .mode = (mode_t)mode, .uid = (uid_t)uid, .gid = (gid_t)gid };
		memcpy(state.digest, digest, 65);
	}
	*ret_state = state;
	return CE_OK;
}

static int
list_from_json(const json_t *array, struct ce_strlist *ret_list, struct ce_error *err)
{
	for (size_t i = 0; i < json_array_size(array); i++) {
		const char *text = json_string_value(json_array_get(array, i));
		int code = text ? ce_strlist_add(ret_list, text, err)
		                : ce_fail(err, CE_ERR_INVALID, "the journal's first record is damaged");
		if (code < 0)
			return code;
	}
	return CE_OK;
}

static int
command_from_json(const json_t *json, struct ce_step *step, struct ce_error *err)
{
	step->kind = CE_CHANGE_COMMAND;
	const char *what = json_string_value(json_object_get(json, "what"));
	if (!what || !(step->what = strdup(what)))
		return ce_fail(err, CE_ERR_INVALID, "the journal's first record is damaged");
	int code = list_from_json(json_object_get(json, "do"), &step->do_argv, err);
	return code < 0 ? code : list_from_json(json_object_get(json, "undo"), &step->undo_argv, err);
}

static int
step_from_json(const json_t *json, struct ce_step *step, struct ce_error *err)
{
	const char *kind = json_string_value(json_object_get(json, "kind"));
	if (kind && strcmp(kind, "command") == 0)
		return command_from_json(json, step, err);
	const char *path = json_string_value(json_object_get(json, "path"));
	const char *temporary = json_string_value(json_object_get(json, "temporary"));
	if (!kind || !path || path[0] != '/' || !temporary || strchr(temporary, '/'))
		return ce_fail(err, CE_ERR_INVALID, "the journal's first record is damaged");
	step->kind = strcmp(kind, "write") == 0 ? CE_CHANGE_WRITE : CE_CHANGE_REMOVE;
	step->path = strdup(path);
	step->temporary = strdup(temporary);
	if (!step->path || !step->temporary)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	int code = state_from_json(json_object_get(json, "before"), &step->before, err);
	return code < 0 ? code : state_from_json(json_object_get(json, "after"), &step->after, err);
}

int
ce_steps_from_json(const json_t *array, struct ce_steps *ret_steps, struct ce_error *err)
{
	size_t count = json_array_size(array);
	CE_CLEANUP(ce_steps_release) struct ce_steps steps = { calloc(count + 1, sizeof(struct ce_step)), 0 };
	if (!steps.items)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	for (size_t i = 0; i < count; i++) {
		steps.count++;
		int code = step_from_json(json_array_get(array, i), &steps.items[i], err);
		if (code < 0)
			return code;
	}
	*ret_steps = steps;
	steps = (struct ce_steps){ 0 };
	return CE_OK;
}

static bool
equals(const struct ce_step_state *a, const struct ce_step_state *b, bool with_metadata)
{
	if (a->exists != b->exists)
		return false;
	if (!a->exists)
		return true;
	bool content = strcmp(a->digest, b->digest) == 0;
	return content && (!with_metadata || (a->mode == b->mode && a->uid == b->uid && a->gid == b->gid));
}

int
ce_step_look(const struct ce_step *step, const struct ce_host *host, enum ce_step_now *ret_now, struct ce_error *err)
{
	struct ce_step_state now = { 0 };
	struct ce_file_info info;
	CE_CLEANUP(ce_buf_release) struct ce_buf bytes = CE_BUF_SECRET;
	int code = host->read(host, step->path, CE_CHANGE_FILE_MAX, &bytes, &info, err);
	if (code == CE_OK) {
		now = (struct ce_step_state){ .exists = true, .mode = info.mode, .uid = info.uid, .gid = info.gid };
		code = ce_sha256_hex(ce_buf_bytes(&bytes), now.digest, err);
	} else if (code == CE_ERR_NOT_FOUND) {
		ce_error_clear(err);
		code = CE_OK;
	}
	if (code < 0)
		return code;
	/* Only where the content is the same on both sides do owner and mode have to tell them apart. */
	bool with_metadata = equals(&step->before, &step->after, false);
	if (equals(&now, &step->after, with_metadata))
		*ret_now = CE_NOW_NEW;
	else if (equals(&now, &step->before, with_metadata))
		*ret_now = CE_NOW_OLD;
	else
		*ret_now = CE_NOW_FOREIGN;
	return CE_OK;
}
