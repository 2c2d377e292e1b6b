/* Programs that run for responses: one at a time for a hook, some at a time for a name server. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "issuer/acme_present.h"

#define TASKS_MAX 16
#define UPDATES_MAX 4
#define RECORDS_MAX 100    /* in one update */
#define OUTPUT_LIMIT 65536
#define SAID_MAX 300

static bool
is_program(const struct ce_response *response)
{
	enum ce_way_method method = response->way->method;
	return method == CE_WAY_UPDATE || method == CE_WAY_HOOK || method == CE_WAY_DNSAPI;
}

static bool
is_due(const struct ce_response *response)
{
	return is_program(response) && (response->stage == CE_RESPONSE_REMOVE
		|| (response->stage == CE_RESPONSE_ADD && response->kept));
}

static void
end_response(struct ce_presenter *presenter, struct ce_response *response, bool removing, int rc, const struct ce_error *why)
{
	response->task = NULL;
	if (removing)
		ce_response_removed(presenter, response, rc, why);
	else
		ce_response_added(presenter, response, rc, why);
}

/* --- what came of one --- */

/* The last line that a program said, for the middle of a sentence. */
static void
last_line(const struct ce_buf *output, char *out, size_t room)
{
	const char *text = ce_buf_text(output);
	size_t end = output->size;
	while (end > 0 && strchr(" \t\r\n", text[end - 1]))
		end--;
	size_t start = end;
	while (start > 0 && text[start - 1] != '\n' && end - start < SAID_MAX)
		start--;
	char line[SAID_MAX + 1];
	memcpy(line, text + start, end - start);
	line[end - start] = '\0';
	ce_text_printable(out, room, line);
}

static int
judge(const struct ce_task *task, const struct ce_response *response, int rc, struct ce_error *why)
{
	const struct ce_outcome *outcome = ce_running_outcome(task->child);
	const char *program = task->way->method == CE_WAY_UPDATE ? "nsupdate" : task->way->method == CE_WAY_DNSAPI
		? task->way->dnsapi : task->removing && task->way->cleanup_hook ? task->way->cleanup_hook : task->way->hook;
	const char *what = task->removing ? "remove" : "add";
	char said[SAID_MAX + 100];
	if (rc == CE_ERR_TIMEOUT)
		return ce_fail(why, rc, "'%s' was to %s the %s response for '%s' and did not end within %lld s: it was killed", program, what,
			ce_way_name(task->way), response->identifier, task->way->timeout);
	if (rc)
		return rc;
	if (outcome->status == 0)
		return CE_OK;
	last_line(outcome->err.size ? &outcome->err : &outcome->out, said, sizeof(said));
	return ce_fail(why, CE_ERR_REFUSED, "'%s' could not %s the %s response for '%s' (status %d)%s%s", program, what,
		ce_way_name(task->way), response->identifier, outcome->status, said[0] ? ": " : "", said);
}

static void
task_free(struct ce_presenter *presenter, struct ce_task *task)
{
	TAILQ_REMOVE(&presenter->tasks, task, link);
	ce_running_free(task->child);
	free(task);
}

static void
keep_output(struct ce_response *response, const struct ce_buf *out)
{
	size_t size = out->size;
	while (size > 0 && strchr("\r\n", ce_buf_text(out)[size - 1]))
		size--;
	free(response->output);
	response->output = size ? strndup(ce_buf_text(out), size) : NULL;
}

static void
end_task(struct ce_presenter *presenter, struct ce_task *task, int rc, struct ce_error *why)
{
	struct ce_response *response, *next;
	for (response = TAILQ_FIRST(&presenter->active); response; response = next) {
		next = TAILQ_NEXT(response, active);
		if (response->task != task)
			continue;
		int verdict = judge(task, response, rc, why);
		if (!task->removing)
			keep_output(response, &ce_running_outcome(task->child)->out);
		end_response(presenter, response, task->removing, verdict, why);
	}
	task_free(presenter, task);
}

void
ce_tasks_step(struct ce_presenter *presenter)
{
	struct ce_task *task, *next;
	for (task = TAILQ_FIRST(&presenter->tasks); task; task = next) {
		struct ce_error why = { 0 };
		next = TAILQ_NEXT(task, link);
		int rc = ce_running_step(task->child, &why);
		if (rc != CE_UNCHANGED)
			end_task(presenter, task, rc, &why);
	}
}

void
ce_tasks_end(struct ce_presenter *presenter)
{
	while (!TAILQ_EMPTY(&presenter->tasks))
		task_free(presenter, TAILQ_FIRST(&presenter->tasks));
}

/* --- starting --- */

static bool
may_start(const struct ce_presenter *presenter, const struct ce_way *way)
{
	const struct ce_task *task;
	size_t all = 0, same = 0;
	TAILQ_FOREACH(task, &presenter->tasks, link) {
		all++;
		same += task->way == way;
	}
	return all < TASKS_MAX && same < (way->method == CE_WAY_UPDATE ? UPDATES_MAX : 1);
}

static bool
same_zone(const struct ce_response *one, const struct ce_response *other)
{
	return one->zone && other->zone ? !strcmp(one->zone, other->zone) : one->zone == other->zone;
}

/* The first, and for a name server those that go the same way into the same zone. */
static size_t
collect(struct ce_response *first, struct ce_response **ret_responses)
{
	size_t count = 0;
	ret_responses[count++] = first;
	if (first->way->method != CE_WAY_UPDATE)
		return count;
	for (struct ce_response *other = TAILQ_NEXT(first, active); other && count < RECORDS_MAX; other = TAILQ_NEXT(other, active))
		if (is_due(other) && other->way == first->way && other->stage == first->stage && same_zone(other, first))
			ret_responses[count++] = other;
	return count;
}

static int
make_command(struct ce_response *const *responses, size_t count, bool removing, struct ce_command *command,
	struct ce_error *err)
{
	return responses[0]->way->method == CE_WAY_UPDATE
		? ce_update_command(responses[0]->way, responses, count, removing, command, err)
		: ce_hook_command(responses[0], removing, command, err);
}

/* CE_UNCHANGED: there is nothing to run. */
static int
start(struct ce_presenter *presenter, struct ce_response *const *responses, size_t count, bool removing,
	struct ce_error *err)
{
	CE_CLEANUP(ce_command_release) struct ce_command command = CE_COMMAND_INIT;
	int rc = make_command(responses, count, removing, &command, err);
	if (rc)
		return rc;
	const struct ce_process_spec spec = { .argv = (const char *const *)command.argv.items,
		.env = (const char *const *)command.env.items, .input = ce_buf_bytes(&command.input),
		.timeout_ms = (int)responses[0]->way->timeout * 1000, .output_limit = OUTPUT_LIMIT };
	struct ce_task *task = calloc(1, sizeof(*task));
	if (!task)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	rc = ce_running_start(&spec, &task->child, err);
	if (rc) {
		free(task);
		return rc;
	}
	task->way = responses[0]->way;
	task->removing = removing;
	TAILQ_INSERT_TAIL(&presenter->tasks, task, link);
	for (size_t i = 0; i < count; i++) {
		responses[i]->task = task;
		ce_response_enter(presenter, responses[i], removing ? CE_RESPONSE_REMOVING : CE_RESPONSE_ADDING);
	}
	return CE_OK;
}

void
ce_tasks_start(struct ce_presenter *presenter)
{
	struct ce_response *response = TAILQ_FIRST(&presenter->active), *batch[RECORDS_MAX];
	while (response) {
		struct ce_error why = { 0 };
		if (!is_due(response) || !may_start(presenter, response->way)) {
			response = TAILQ_NEXT(response, active);
			continue;
		}
		bool removing = response->stage == CE_RESPONSE_REMOVE;
		size_t count = collect(response, batch);
		int rc = start(presenter, batch, count, removing, &why);
		for (size_t i = 0; i < count && rc; i++)
			end_response(presenter, batch[i], removing, rc, &why);
		response = TAILQ_FIRST(&presenter->active);
	}
}
