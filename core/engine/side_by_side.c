/* Transactions side by side: a few processes, forked when everything is staged, each of which runs one group after the
 * other. They share nothing but the journals' directory, so a reload that takes seconds holds up nobody else. */
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "base/log.h"
#include "base/message.h"
#include "base/sys.h"
#include "engine/engine_own.h"

#define STOP_MS 5000  /* a worker that has nothing to do stops its own helpers */
#define GLANCE_MS 250 /* how soon a signal is passed on */

enum side_message {
	SIDE_TAKE = 1, /* number of a group */
	SIDE_EVENT,    /* certificate, target, plugin, step, code, text */
	SIDE_RESULT    /* outcome, code, step, text, trouble */
};

struct worker {
	struct ce_helper process;
	struct ce_group *group; /* under way; NULL: none */
};

struct side {
	struct ce_engine *engine;
	struct ce_group *const *groups;
	size_t count, next;
	struct worker workers[CE_ENGINE_JOBS_MAX];
	size_t width;
	bool lost;              /* a process ended in the middle of a transaction */
	bool told;              /* the workers know of the signal */
};

/* --- in the worker --- */

static void
forward(const struct ce_event *event, void *context)
{
	const int *fd = context;
	CE_CLEANUP(ce_message_release) struct ce_message message = CE_MESSAGE_INIT(SIDE_EVENT);
	struct ce_error ignored = { 0 };
	ce_message_put_str(&message, event->certificate);
	ce_message_put_str(&message, event->target);
	ce_message_put_str(&message, event->plugin);
	ce_message_put_str(&message, event->step);
	ce_message_put_int(&message, event->code);
	ce_message_put_str(&message, event->text);
	CE_IGNORE(ce_message_send(*fd, &message, &ignored)); /* without its parent the worker dies at once */
}

static int
send_result(int fd, const struct ce_deployment *deployment, struct ce_error *err)
{
	CE_CLEANUP(ce_message_release) struct ce_message message = CE_MESSAGE_INIT(SIDE_RESULT);
	ce_message_put_int(&message, deployment->outcome);
	ce_message_put_int(&message, deployment->failure.code);
	ce_message_put_str(&message, deployment->failure.step);
	ce_message_put_str(&message, deployment->failure.text);
	ce_message_put_str(&message, deployment->trouble);
	return ce_message_send(fd, &message, err);
}

static int
run_next(struct ce_engine *engine, const struct side *side, int fd, struct ce_error *err)
{
	CE_CLEANUP(ce_message_release) struct ce_message message = CE_MESSAGE_INIT(0);
	int code = ce_message_receive(fd, -1, &message, err);
	if (code < 0)
		return code;
	int64_t number = ce_message_get_int(&message);
	code = ce_message_end(&message, err);
	if (code < 0)
		return code;
	struct ce_deployment deployment;
	ce_deploy_group(engine, side->groups[number], &deployment);
	code = send_result(fd, &deployment, err);
	free(deployment.trouble);
	return code;
}

/* The parent's helpers and plugin processes are the parent's to talk to: a worker starts its own. Its earlier workers see
 * the end of their work only when nobody else holds the other end of their sockets. */
static void
work(int fd, void *context)
{
	struct side *side = context;
	struct ce_engine *engine = side->engine;
	struct ce_error err = { 0 };
	for (size_t i = 0; i < side->width; i++)
		ce_closep(&side->workers[i].process.fd);
	engine->probe = (struct ce_helper)CE_HELPER_INIT;
	engine->net = (struct ce_helper)CE_HELPER_INIT;
	ce_hosts_forget(engine);
	engine->options.event = forward;
	engine->options.context = &fd;
	int code = ce_plugins_new(&ce_engine_backend, &engine->plugins, &err);
	while (code == CE_OK)
		code = run_next(engine, side, fd, &err);
	ce_plugins_free(engine->plugins);
	ce_hosts_release(engine);
	ce_helper_stop(&engine->probe, STOP_MS / 2);
	ce_helper_stop(&engine->net, STOP_MS / 2);
}

/* --- in the parent --- */

static int
ask_worker(struct side *side, struct worker *worker, size_t number, struct ce_error *err)
{
	int code = worker->process.pid > 0 ? CE_OK : ce_child_start(work, side, &worker->process, err);
	if (code < 0)
		return code;
	CE_CLEANUP(ce_message_release) struct ce_message message = CE_MESSAGE_INIT(SIDE_TAKE);
	ce_message_put_int(&message, (int64_t)number);
	return ce_message_send(worker->process.fd, &message, err);
}

/* Where there is no room for a further process the group is deployed in this one, and the others wait. */
static int
hand_out(struct side *side, struct worker *worker, struct ce_error *err)
{
	struct ce_error why = { 0 };
	size_t number = side->next++;
	if (ask_worker(side, worker, number, &why) == CE_OK) {
		worker->group = side->groups[number];
		return CE_OK;
	}
	ce_log(CE_LOG_DEBUG, "no process side by side: %s", why.text);
	ce_helper_stop(&worker->process, 0);
	struct ce_deployment deployment;
	ce_deploy_group(side->engine, side->groups[number], &deployment);
	return ce_deploy_conclude(side->groups[number], &deployment, err);
}

static int
take_event(const struct side *side, struct ce_message *message, struct ce_error *err)
{
	struct ce_event event = { .certificate = ce_message_get_str(message) };
	event.target = ce_message_get_str(message);
	event.plugin = ce_message_get_str(message);
	event.step = ce_message_get_str(message);
	event.code = (int)ce_message_get_int(message);
	event.text = ce_message_get_str(message);
	int code = ce_message_end(message, err);
	if (code == CE_OK && side->engine->options.event)
		side->engine->options.event(&event, side->engine->options.context);
	return code;
}

static int
take_result(struct worker *worker, struct ce_message *message, struct ce_error *err)
{
	struct ce_deployment deployment = { .outcome = (enum ce_transaction_outcome)ce_message_get_int(message) };
	int code = (int)ce_message_get_int(message);
	const char *step = ce_message_get_str(message), *text = ce_message_get_str(message);
	const char *trouble = ce_message_get_str(message);
	int ended = ce_message_end(message, err);
	if (ended < 0)
		return ended;
	if (deployment.outcome != CE_DEPLOYED) {
		ce_error_step(&deployment.failure, step);
		ce_fail(&deployment.failure, code, "%s", text);
	}
	if (trouble && !(deployment.trouble = strdup(trouble)))
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	return ce_deploy_conclude(CE_STEAL(worker->group), &deployment, err);
}

/* What its transaction left is repaired when all others have ended: recovery takes every journal it finds. */
static int
bury(struct side *side, struct worker *worker, struct ce_error *err)
{
	ce_helper_stop(&worker->process, 0);
	if (!worker->group)
		return CE_OK;
	side->lost = true;
	struct ce_deployment deployment = { .outcome = CE_FAILED };
	ce_error_step(&deployment.failure, "deploy");
	ce_fail(&deployment.failure, CE_ERR_SYSTEM, "its process ended in the middle; what it had begun is repaired before "
		"this run ends");
	return ce_deploy_conclude(CE_STEAL(worker->group), &deployment, err);
}

static int
listen_to(struct side *side, struct worker *worker, struct ce_error *err)
{
	CE_CLEANUP(ce_message_release) struct ce_message message = CE_MESSAGE_INIT(0);
	struct ce_error gone = { 0 };
	if (ce_message_receive(worker->process.fd, CE_MESSAGE_PATIENCE_MS, &message, &gone) < 0)
		return bury(side, worker, err);
	return message.kind == SIDE_EVENT ? take_event(side, &message, err) : take_result(worker, &message, err);
}

/* A signal ends what is under way as it would in this process. */
static void
pass_on_signal(struct side *side)
{
	if (!ce_engine_interrupted() || side->told)
		return;
	side->told = true;
	for (size_t i = 0; i < side->width; i++)
		if (side->workers[i].group)
			(void)ce_sys->kill(side->workers[i].process.pid, SIGTERM); /* not reaped yet, so it is ours */
}

/* Waits for any worker that has something under way; ret_busy says whether there is one. */
static int
await(struct side *side, bool *ret_busy, struct ce_error *err)
{
	struct pollfd fds[CE_ENGINE_JOBS_MAX];
	struct worker *whose[CE_ENGINE_JOBS_MAX];
	nfds_t count = 0;
	for (size_t i = 0; i < side->width; i++) {
		if (!side->workers[i].group)
			continue;
		fds[count] = (struct pollfd){ .fd = side->workers[i].process.fd, .events = POLLIN };
		whose[count++] = &side->workers[i];
	}
	*ret_busy = count > 0;
	if (count == 0)
		return CE_OK;
	int ready = ce_sys->poll(fds, count, GLANCE_MS);
	if (ready < 0 && errno != EINTR)
		return ce_fail_errno(err, errno, "wait for the transactions under way");
	pass_on_signal(side);
	for (nfds_t i = 0; ready > 0 && i < count; i++) {
		int code = fds[i].revents ? listen_to(side, whose[i], err) : CE_OK;
		if (code < 0)
			return code;
	}
	return CE_OK;
}

static int
run_all(struct side *side, struct ce_error *err)
{
	for (bool busy = true; busy;) {
		for (size_t i = 0; i < side->width; i++) {
			if (side->workers[i].group || side->next == side->count || ce_engine_interrupted())
				continue;
			int code = hand_out(side, &side->workers[i], err);
			if (code < 0)
				return code;
		}
		int code = await(side, &busy, err);
		if (code < 0)
			return code;
	}
	return CE_OK;
}

int
ce_side_deploy(struct ce_engine *engine, struct ce_group *const *groups, size_t count, struct ce_report *report,
	struct ce_error *err)
{
	struct side side = { .engine = engine, .groups = groups, .count = count };
	size_t jobs = engine->options.jobs ? (size_t)engine->options.jobs : CE_ENGINE_JOBS;
	side.width = jobs < count ? jobs : count;
	for (size_t i = 0; i < side.width; i++)
		side.workers[i].process = (struct ce_helper)CE_HELPER_INIT;
	int code = run_all(&side, err);
	for (size_t i = 0; i < side.width; i++)
		ce_helper_stop(&side.workers[i].process, STOP_MS);
	return code < 0 || !side.lost ? code : ce_recover_all(engine, report, err);
}
