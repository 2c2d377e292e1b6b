#include "fake_engine.h"

#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <errno.h>

#include "base/log.h"
#include "base/sys.h"
#include "issuer/issuer.h"

struct fake fake;
const char *fake_out, *fake_err;
static struct ce_buf caught[3];

/* ------------------------------------------------------------------ engine */

void
ce_engine_interrupt(void)
{
}

int
ce_engine_open(const struct ce_engine_options *options, struct ce_engine **ret_engine, struct ce_problems *problems,
	struct ce_error *err)
{
	fake.options = *options;
	if (options->names && options->names[0])
		strncpy(fake.name, options->names[0], sizeof(fake.name) - 1);
	if (fake.problem && ce_problems_add(problems, "/etc/certengine/certengine.conf", 7, err, "%s", fake.problem) < 0)
		return CE_ERR_MEMORY;
	if (fake.open_code < 0)
		return ce_fail(err, fake.open_code, "cannot open");
	*ret_engine = (struct ce_engine *)&fake;
	return CE_OK;
}

void
ce_enginep(struct ce_engine **engine)
{
	*engine = NULL;
}

static int
command(const char *name, struct ce_report *ret_report, struct ce_error *err)
{
	strncpy(fake.command, name, sizeof(fake.command) - 1);
	if (fake.log)
		ce_log(CE_LOG_WARNING, "something odd");
	if (fake.event && fake.observe)
		fake.observe(fake.event, fake.options.context);
	if (fake.event && fake.options.event)
		fake.options.event(fake.event, fake.options.context);
	if (fake.raise != 0)
		(void)raise(fake.raise);
	if (fake.report)
		*ret_report = *fake.report;
	if (fake.run_code < 0)
		return ce_fail(err, fake.run_code, "cannot go on");
	return CE_OK;
}

int
ce_engine_plan(struct ce_engine *engine, struct ce_report *ret_report, struct ce_error *err)
{
	(void)engine;
	return command("plan", ret_report, err);
}

int
ce_engine_apply(struct ce_engine *engine, struct ce_report *ret_report, struct ce_error *err)
{
	(void)engine;
	return command("apply", ret_report, err);
}

int
ce_engine_staging(struct ce_engine *engine, struct ce_report *ret_report, struct ce_error *err)
{
	(void)engine;
	return command("staging", ret_report, err);
}

int
ce_engine_verify(struct ce_engine *engine, struct ce_report *ret_report, struct ce_error *err)
{
	(void)engine;
	return command("verify", ret_report, err);
}

int
ce_engine_status(struct ce_engine *engine, struct ce_report *ret_report, struct ce_error *err)
{
	(void)engine;
	return command("status", ret_report, err);
}

int
ce_engine_recover(struct ce_engine *engine, struct ce_report *ret_report, struct ce_error *err)
{
	(void)engine;
	return command("recover", ret_report, err);
}

int
ce_engine_rollback(struct ce_engine *engine, const char *certificate, long generation, struct ce_report *ret_report,
	struct ce_error *err)
{
	(void)engine;
	strncpy(fake.name, certificate, sizeof(fake.name) - 1);
	fake.generation = generation;
	return command("rollback", ret_report, err);
}

int
ce_engine_import(struct ce_engine *engine, const char *certificate, const char *const *files,
	struct ce_report *ret_report, struct ce_error *err)
{
	(void)engine;
	snprintf(fake.name, sizeof(fake.name), "%s %s", certificate, files[0]);
	return command("import", ret_report, err);
}

int
ce_engine_export(struct ce_engine *engine, const struct ce_export *wish, struct ce_exported *ret_exported,
	struct ce_error *err)
{
	(void)engine;
	snprintf(fake.name, sizeof(fake.name), "%s", wish->name);
	snprintf(fake.command, sizeof(fake.command), "export");
	ret_exported->text = wish->format == NULL;
	ret_exported->secret = wish->part && strcmp(wish->part, "key") == 0;
	return ce_buf_adds(&ret_exported->bytes, "certificate\n", err);
}

void
ce_exported_release(struct ce_exported *exported)
{
	ce_buf_release(&exported->bytes);
}

int
ce_engine_withdraw(struct ce_engine *engine, const char *certificate, struct ce_report *ret_report,
	struct ce_error *err)
{
	(void)engine;
	snprintf(fake.name, sizeof(fake.name), "%s", certificate);
	return command("withdraw", ret_report, err);
}

/* Two plugins: one that is good and one that could not be loaded. */
static const char *const modes[] = { "auto", "manual", NULL };
static const struct ce_option table[] = {
	{ "base", CE_OPTION_PATH, 1, NULL, 0, 0, NULL, "where it lies" },
	{ "port", CE_OPTION_INT, 0, "8443", 1, 65535, NULL, "where it listens" },
	{ "mode", CE_OPTION_ENUM, 0, "auto", 0, 0, modes, "how" },
	{ NULL, 0, 0, NULL, 0, 0, NULL, NULL },
};

static struct ce_plugin_description
describe(const char *name)
{
	struct ce_plugin_description description = {
		.name = (char *)name, .version = (char *)"1.0", .summary = (char *)"a product", .path = (char *)"/p/good.so",
		.abi = 1, .options = (struct ce_option *)table, .error = NULL,
	};
	if (strcmp(name, "broken") == 0)
		description.error = (char *)"'/p/broken.so' was built for ABI 2";
	return description;
}

int
ce_engine_plugins(struct ce_plugin_description **ret_descriptions, size_t *ret_count, struct ce_error *err)
{
	struct ce_plugin_description *items = calloc(2, sizeof(*items));
	if (!items)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	items[0] = describe("broken");
	items[1] = describe("good");
	*ret_descriptions = items;
	*ret_count = 2;
	return CE_OK;
}

int
ce_engine_plugin(const char *name, struct ce_plugin_description *ret_description, struct ce_error *err)
{
	if (strcmp(name, "good") != 0 && strcmp(name, "broken") != 0)
		return ce_fail(err, CE_ERR_NOT_FOUND, "there is no plugin '%s'", name);
	*ret_description = describe(name);
	return CE_OK;
}

void
ce_plugin_description_release(struct ce_plugin_description *description)
{
	memset(description, 0, sizeof(*description)); /* all of it is static */
}

static const struct ce_issuer_driver driver = { .kind = "house", .options = table };

const char *const *
ce_issuer_kinds(void)
{
	static const char *const kinds[] = { "house", NULL };
	return kinds;
}

const struct ce_issuer_driver *
ce_issuer_driver(const char *kind)
{
	return strcmp(kind, driver.kind) == 0 ? &driver : NULL;
}

/* The reports of these tests are not the program's to free. */
void
ce_report_release(struct ce_report *report)
{
	free(report->document);
	memset(report, 0, sizeof(*report));
}

const char *
ce_target_state_name(enum ce_target_state state)
{
	static const char *const names[] = {
		"ok", "pending", "deployed", "drift", "failed", "rolled-back", "unknown", "unverified",
	};
	return names[state];
}

const char *
ce_certificate_state_name(enum ce_certificate_state state)
{
	static const char *const names[] = { "ok", "due", "issued", "failed", "waiting" };
	return names[state];
}

/* ----------------------------------------------------------------- program */

static ssize_t
catch_write(int fd, const void *data, size_t size)
{
	if (fd == 1 && fake.write_fails) {
		errno = ENOSPC;
		return -1;
	}
	size_t part = size > 7 ? 7 : size; /* a short write must not lose anything */
	if (fd < 1 || fd > 2 || ce_buf_add(&caught[fd], data, part, NULL) < 0)
		abort();
	return (ssize_t)part;
}

/* The clock stands still. */
static int
fixed_clock(clockid_t clock, struct timespec *ret)
{
	(void)clock;
	ret->tv_sec = FAKE_NOW;
	ret->tv_nsec = 0;
	return 0;
}

void
fake_reset(void)
{
	memset(&fake, 0, sizeof(fake));
}

int
fake_run(const char *first, ...)
{
	char *argv[16] = { (char *)"certengine", (char *)first };
	int argc = first ? 2 : 1;
	va_list arguments;
	va_start(arguments, first);
	while (first && (argv[argc] = va_arg(arguments, char *)) != NULL)
		argc++;
	va_end(arguments);

	const struct ce_sys *before = ce_sys;
	struct ce_sys sys = ce_sys_real;
	sys.write = catch_write;
	sys.clock_gettime = fixed_clock;
	ce_buf_release(&caught[1]);
	ce_buf_release(&caught[2]);
	ce_sys = &sys;
	int status = ce_cli_main(argc, argv, "/srv/here");
	ce_sys = before;
	fake_out = ce_buf_text(&caught[1]);
	fake_err = ce_buf_text(&caught[2]);
	return status;
}

static __attribute__((destructor)) void
release_caught(void)
{
	ce_buf_release(&caught[1]);
	ce_buf_release(&caught[2]);
}

const struct ce_report *
fake_report(void)
{
	static struct ce_endpoint_report endpoint = {
		.host = (char *)"127.0.0.1", .port = 8443, .sni = (char *)"shop.example.com",
		.problem = (char *)"serves another certificate",
	};
	static struct ce_target_report targets[] = {
		{ .name = (char *)"web", .plugin = (char *)"tomcat", .state = CE_TARGET_OK, .generation = 3,
			.when = FAKE_NOW - 60 },
		{ .name = (char *)"intra", .plugin = (char *)"springboot", .state = CE_TARGET_PENDING,
			.diff = (char *)"--- a\n+++ b\n-old\tvalue\n+new \033[2Jvalue\n", .reload = (char *)"restart of app.service",
			.endpoints = &endpoint, .endpoint_count = 1 },
		{ .name = (char *)"db", .plugin = (char *)"tomcat", .state = CE_TARGET_ROLLED_BACK, .step = (char *)"verify",
			.error = (char *)"port 5432 did not answer" },
	};
	static struct ce_certificate_report certificates[] = {
		{ .name = (char *)"shop", .issuer = (char *)"letsencrypt", .state = CE_CERTIFICATE_OK, .generation = 3,
			.key_kind = (char *)"ec-p256", .not_after = FAKE_NOW + 59 * 86400 + 7, .not_before = FAKE_NOW - 86400,
			.renew_at = FAKE_NOW + 29 * 86400, .targets = targets, .target_count = 2 },
		{ .name = (char *)"mail", .issuer = (char *)"house", .state = CE_CERTIFICATE_WAITING,
			.reason = (char *)"no certificate yet", .error = (char *)"the CA asks to wait",
			.wait_until = FAKE_NOW + 3600, .targets = targets + 2, .target_count = 1 },
	};
	static char *recovered[] = { (char *)"shop/web was put back", NULL };
	static struct ce_report report = { certificates, 2, { recovered, 1 }, CE_EXIT_PARTIAL, NULL };
	return &report;
}
