/* Making nginx load what was committed: a look by nginx itself, the signal, and a wait until the old workers accept
 * nothing any more. For a tenth of a second (ngx_master_process_cycle) they do so beside the new ones, with the old
 * certificate. */
#include "nginx.h"

#include <string.h>

#define WORKERS_MAX 512
#define POLLS_MAX 40 /* of a tenth of a second each; the engine allows 64 programs in a call */

static const char *
command_text(const struct nginx_settings *settings, const struct ce_services *services, ce_call *call)
{
	if (settings->reload_command)
		return services->format(call, "reload of nginx by %s", settings->reload_command[0]);
	if (settings->unit)
		return services->format(call, "check, and reload of unit %s", settings->unit);
	return services->format(call, "check, and reload by %s -s reload", settings->program);
}

int
ce_nginx_reload_by(struct nginx_work *work)
{
	const char *key = work->services->format(work->call, "nginx %s", work->settings.config);
	const char *what = command_text(&work->settings, work->services, work->call);
	return key && what ? work->services->reload_by(work->call, key, what) : ce_plug_no_memory(work->services, work->call);
}

/* The line that says what is wrong: warnings may stand before it. */
static const char *
telling_line(const struct ce_services *services, ce_call *call, struct ce_bytes bytes)
{
	static const char *const marks[] = { "[emerg]", "[crit]", "[alert]", "[error]" };
	const char *text = services->format(call, "%.*s", (int)bytes.size, bytes.data ? (const char *)bytes.data : "");
	const char *at = NULL;
	for (size_t i = 0; text && i < CE_PLUG_COUNT(marks) && !at; i++)
		at = strstr(text, marks[i]);
	at = at ? at : text;
	return at ? services->format(call, "%.*s", (int)strcspn(at, "\r\n"), at) : NULL;
}

/* nginx with the configuration and one more switch, -t or -s reload. */
static int
run_nginx(const struct ce_services *services, ce_call *call, const struct nginx_settings *settings, const char *option,
	const char *argument)
{
	const char *argv[9] = { settings->program, "-c", settings->config };
	size_t count = 3;
	if (settings->prefix) {
		argv[count++] = "-p";
		argv[count++] = settings->prefix;
	}
	argv[count++] = option;
	if (argument)
		argv[count++] = argument;
	struct ce_run run = { .size = sizeof(run), .argv = argv };
	struct ce_run_result result = { .size = sizeof(result) };
	int rc = services->run(call, &run, &result);
	if (rc < 0 || result.status == 0)
		return rc;
	const char *line = telling_line(services, call, result.err);
	/* With a configuration that -t found good, -s reload fails for want of a master process. */
	return services->fail(call, CE_ERR_PRODUCT, "'%s %s' ended with status %d: %s%s", settings->program,
		argument ? "-s reload" : "-t", result.status, line ? line : "",
		argument ? "; is nginx running with this configuration? start it first" : "");
}

/* -------------------------------------------------------------------- workers */

struct workers {
	const char *pids[WORKERS_MAX + 1];
	size_t count;
};

/* A small file as text; NULL when it cannot be read, which is no failure here. */
static const char *
small_file(const struct ce_services *services, ce_call *call, const char *path)
{
	struct ce_stat stat = { .size = sizeof(stat) };
	struct ce_bytes bytes = { NULL, 0 };
	if (!path || services->stat(call, path, &stat) < 0 || !stat.exists || services->read(call, path, 65536, &bytes) < 0)
		return NULL;
	return services->format(call, "%.*s", (int)bytes.size, bytes.data ? (const char *)bytes.data : "");
}

/* The children of the master. Without a pid file that can be read, or without /proc, there are none to wait for. */
static void
find_workers(const struct ce_services *services, ce_call *call, const char *pid_file, struct workers *workers)
{
	long pid = 0;
	const char *text = small_file(services, call, pid_file);
	const char *number = text ? services->format(call, "%.*s", (int)strspn(text, "0123456789"), text) : NULL;
	if (!ce_plug_number(number, 999999999, &pid) || pid <= 0)
		return;
	const char *children = small_file(services, call, services->format(call, "/proc/%ld/task/%ld/children", pid, pid));
	while (children && *children != '\0' && workers->count < WORKERS_MAX) {
		size_t size = strspn(children, "0123456789");
		const char *child = size > 0 ? services->format(call, "%.*s", (int)size, children) : NULL;
		if (child)
			workers->pids[workers->count++] = child;
		children += size > 0 ? size : 1;
	}
}

/* How many of the old workers accept connections still; those that shut down have another title. */
static size_t
still_accepting(const struct ce_services *services, ce_call *call, const struct workers *workers)
{
	size_t count = 0;
	for (size_t i = 0; i < workers->count; i++) {
		const char *title = small_file(services, call, services->format(call, "/proc/%s/cmdline", workers->pids[i]));
		count += ce_plug_equal(title, "nginx: worker process") ? 1 : 0;
	}
	return count;
}

static int
await_workers(const struct ce_services *services, ce_call *call, const struct workers *workers)
{
	static const char *const pause[] = { "/bin/sleep", "0.1", NULL };
	struct ce_run run = { .size = sizeof(run), .argv = pause };
	struct ce_run_result result = { .size = sizeof(result) };
	size_t left = still_accepting(services, call, workers);
	for (int i = 0; i < POLLS_MAX && left > 0; i++) {
		int rc = services->run(call, &run, &result);
		if (rc < 0)
			return rc;
		left = still_accepting(services, call, workers);
	}
	if (left > 0)
		services->log(call, CE_LEVEL_WARNING,
			"%zu old workers of nginx still accept connections with the old certificate; nginx's error log says why", left);
	return CE_OK;
}

static int
act(const struct ce_services *services, ce_call *call, const struct nginx_settings *settings)
{
	if (settings->reload_command)
		return ce_plug_run(services, call, "reload_command", settings->reload_command);
	if (settings->unit)
		return ce_plug_unit(services, call, "reload", settings->unit);
	return run_nginx(services, call, settings, "-s", "reload");
}

int
ce_nginx_reload(const struct ce_services *services, ce_call *call, void *instance)
{
	struct nginx_work work;
	struct workers *workers = services->allocate(call, sizeof(*workers));
	(void)instance;
	if (!workers)
		return ce_plug_no_memory(services, call);
	int rc = ce_nginx_open(services, call, &work);
	if (rc >= 0)
		rc = run_nginx(services, call, &work.settings, "-t", NULL);
	if (rc < 0)
		return rc;
	find_workers(services, call, work.pid_file ? work.pid_file : "/run/nginx.pid", workers);
	rc = act(services, call, &work.settings);
	return rc < 0 ? rc : await_workers(services, call, workers);
}
