#include <stdio.h>
#include <string.h>

#include "fake_engine.h"
#include "suites.h"

static bool
said(const char *part)
{
	if (strstr(fake_err, part))
		return true;
	fprintf(stderr, "\n  no '%s' in: %s", part, fake_err);
	return false;
}

static void
refuses_with_a_suggestion(void)
{
	fake_reset();
	CU_ASSERT_EQUAL(fake_run(NULL, NULL), CE_EXIT_USAGE);
	CU_ASSERT(said("a command is missing"));
	CU_ASSERT_EQUAL(fake_run("aply", NULL), CE_EXIT_USAGE);
	CU_ASSERT(said("unknown command 'aply', did you mean 'apply'?"));
	CU_ASSERT_EQUAL(fake_run("deploy", NULL), CE_EXIT_USAGE);
	CU_ASSERT(said("unknown command 'deploy'"));
	CU_ASSERT_EQUAL(fake_run("apply", "--force-renw", NULL), CE_EXIT_USAGE);
	CU_ASSERT(said("unknown option '--force-renw', did you mean '--force-renew'?"));
	CU_ASSERT_EQUAL(fake_run("-x", "apply", NULL), CE_EXIT_USAGE);
	CU_ASSERT(said("unknown option '-x'"));
	CU_ASSERT(said("see 'certengine help apply'"));
	CU_ASSERT_STRING_EQUAL(fake.command, "");
	CU_ASSERT_STRING_EQUAL(fake_out, "");
}

static void
splits_force(void)
{
	CU_ASSERT_EQUAL(fake_run("apply", "--force", NULL), CE_EXIT_USAGE);
	CU_ASSERT(said("use --force-renew, --force-deploy or --force-reload"));
}

static void
judges_values_and_places(void)
{
	fake_reset();
	CU_ASSERT_EQUAL(fake_run("apply", "--lock-wait", "soon", NULL), CE_EXIT_USAGE);
	CU_ASSERT(said("--lock-wait takes seconds from 0 to 86400, not 'soon'"));
	CU_ASSERT_EQUAL(fake_run("apply", "--lock-wait=-1", NULL), CE_EXIT_USAGE);
	CU_ASSERT_EQUAL(fake_run("apply", "--lock-wait", NULL), CE_EXIT_USAGE);
	CU_ASSERT(said("--lock-wait needs a value: SECONDS"));
	CU_ASSERT_EQUAL(fake_run("apply", "-c", NULL), CE_EXIT_USAGE);
	CU_ASSERT_EQUAL(fake_run("apply", "--config=", NULL), CE_EXIT_USAGE);
	CU_ASSERT_EQUAL(fake_run("apply", "--json=yes", NULL), CE_EXIT_USAGE);
	CU_ASSERT(said("--json takes no value"));
	CU_ASSERT_EQUAL(fake_run("status", "--force-renew", NULL), CE_EXIT_USAGE);
	CU_ASSERT(said("'status' does not take --force-renew"));
	CU_ASSERT_EQUAL(fake_run("apply", "-qv", NULL), CE_EXIT_USAGE);
	CU_ASSERT(said("-q and -v contradict each other"));
	CU_ASSERT_EQUAL(fake_run("check", "shop", NULL), CE_EXIT_USAGE);
	CU_ASSERT(said("'check' does not take 'shop'"));
	CU_ASSERT_EQUAL(fake_run("rollback", NULL), CE_EXIT_USAGE);
	CU_ASSERT(said("'rollback' needs more: CERTIFICATE [GENERATION]"));
	CU_ASSERT_EQUAL(fake_run("rollback", "shop", "x", NULL), CE_EXIT_USAGE);
	CU_ASSERT(said("'x' is not the number of a generation"));
	CU_ASSERT_STRING_EQUAL(fake.command, "");
}

static void
reports_all_mistakes_at_once(void)
{
	CU_ASSERT_EQUAL(fake_run("statu", "--frce", "--lock-wait=x", "-y", NULL), CE_EXIT_USAGE);
	CU_ASSERT(said("'statu'"));
	CU_ASSERT(said("'--frce'"));
	CU_ASSERT(said("'x'"));
	CU_ASSERT(said("'-y'"));
}

static void
passes_options_on(void)
{
	fake_reset();
	CU_ASSERT_EQUAL(fake_run("-c/etc/x.conf", "apply", "--root", "/r/", "--force-renew", "--force-reload", "--exit-code",
		"--lock-wait=3", "shop/web", NULL), CE_EXIT_OK);
	CU_ASSERT_STRING_EQUAL(fake.command, "apply");
	CU_ASSERT_STRING_EQUAL(fake.name, "shop/web");
	CU_ASSERT(fake.options.force_renew && fake.options.force_reload && !fake.options.force_deploy);
	CU_ASSERT(fake.options.exit_code && !fake.options.store_only);
	CU_ASSERT_EQUAL(fake.options.lock_wait_ms, 3000);
	CU_ASSERT_EQUAL(fake_run("apply", "--dry-run", NULL), CE_EXIT_OK);
	CU_ASSERT_STRING_EQUAL(fake.command, "plan");
	CU_ASSERT_PTR_NULL(fake.options.config_file);
	CU_ASSERT_EQUAL(fake.options.lock_wait_ms, 10000);
	CU_ASSERT_EQUAL(fake_run("status", "--", "-odd", NULL), CE_EXIT_OK);
	CU_ASSERT_STRING_EQUAL(fake.name, "-odd");
	CU_ASSERT(fake.options.store_only);
	CU_ASSERT_EQUAL(fake_run("rollback", "shop", "12", NULL), CE_EXIT_OK);
	CU_ASSERT_EQUAL(fake.generation, 12);
	CU_ASSERT_STRING_EQUAL(fake.name, "shop");
	CU_ASSERT_EQUAL(fake_run("import", "shop", "answer.pem", NULL), CE_EXIT_OK);
	CU_ASSERT_STRING_EQUAL(fake.name, "shop /srv/here/answer.pem");
	CU_ASSERT_EQUAL(fake_run("import", "shop", "--withdraw", NULL), CE_EXIT_OK);
	CU_ASSERT_EQUAL(fake_run("import", "shop", "--withdraw", "x", NULL), CE_EXIT_USAGE);
	CU_ASSERT_EQUAL(fake_run("import", "shop", NULL), CE_EXIT_USAGE);
	CU_ASSERT_EQUAL(fake_run("import", NULL), CE_EXIT_USAGE);
	CU_ASSERT_EQUAL(fake_run("export", "shop", NULL), CE_EXIT_OK);
	CU_ASSERT_STRING_EQUAL(fake_out, "certificate\n");
	CU_ASSERT_EQUAL(fake_run("export", "shop", "--part", "key", NULL), CE_EXIT_USAGE);
	CU_ASSERT_STRING_EQUAL(fake_out, "");
	CU_ASSERT_EQUAL(fake_run("export", "shop", "--format", "der", NULL), CE_EXIT_USAGE);
	CU_ASSERT_EQUAL(fake_run("export", "shop", "--password-file", "/nowhere/at/all", NULL), CE_EXIT_FAILED);
	CU_ASSERT_EQUAL(fake_run("export", NULL), CE_EXIT_USAGE);
	CU_ASSERT_EQUAL(fake_run("export", "shop", "blog", NULL), CE_EXIT_USAGE);
	CU_ASSERT_EQUAL(fake_run("rollback", "shop", NULL), CE_EXIT_OK);
	CU_ASSERT_EQUAL(fake.generation, 0);
}

/* fake.options points into the run that is over; only what the engine would copy at once is judged here. */
static char seen_config[128];
static void
remember(const struct ce_event *event, void *context)
{
	const struct ce_cli *cli = context;
	(void)event;
	snprintf(seen_config, sizeof(seen_config), "%s|%s", cli->config_path, cli->root_path);
}

static void
makes_paths_absolute(void)
{
	static const struct {
		const char *config, *root, *wanted;
	} rows[] = {
		{ "a.conf", "r", "/srv/here/a.conf|/srv/here/r" },
		{ "./a.conf", "/r//", "/srv/here/a.conf|/r" },
		{ "/a.conf", "/", "/a.conf|/" },
	};
	for (size_t i = 0; i < CE_COUNT(rows); i++) {
		static const struct ce_event event = { NULL, NULL, NULL, "run", CE_OK, NULL };
		fake_reset();
		fake.event = &event;
		fake.observe = remember;
		CU_ASSERT_EQUAL(fake_run("apply", "-c", rows[i].config, "--root", rows[i].root, NULL), CE_EXIT_OK);
		CU_ASSERT_STRING_EQUAL(seen_config, rows[i].wanted);
	}
}

static void
shows_help(void)
{
	CU_ASSERT_EQUAL(fake_run("help", NULL), CE_EXIT_OK);
	for (const struct ce_command *command = ce_commands; command->name; command++)
		CU_ASSERT_PTR_NOT_NULL(strstr(fake_out, command->summary));
	for (const struct ce_exit_text *row = ce_exit_texts; row->text; row++)
		CU_ASSERT_PTR_NOT_NULL(strstr(fake_out, row->text));
	CU_ASSERT_EQUAL(fake_run("apply", "--help", NULL), CE_EXIT_OK);
	CU_ASSERT_PTR_NOT_NULL(strstr(fake_out, "--force-renew"));
	CU_ASSERT_EQUAL(fake_run("help", "apply", NULL), CE_EXIT_OK);
	CU_ASSERT_PTR_NOT_NULL(strstr(fake_out, "--force-renew"));
	CU_ASSERT_PTR_NULL(strstr(fake_out, "--machine"));
	CU_ASSERT_EQUAL(fake_run("rollback", "-h", NULL), CE_EXIT_OK);
	CU_ASSERT_EQUAL(fake_run("-h", NULL), CE_EXIT_OK);
	CU_ASSERT_EQUAL(fake_run("help", "aply", NULL), CE_EXIT_USAGE);
	CU_ASSERT_EQUAL(fake_run("help", "--machine", NULL), CE_EXIT_OK);
	CU_ASSERT_PTR_NOT_NULL(strstr(fake_out, "option\tapply\t--dry-run\t\t\tdo as plan does\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(fake_out, "option\t*\t--config\t-c\tFILE\t"));
	CU_ASSERT_PTR_NOT_NULL(strstr(fake_out, "exit\t6\tanother run"));
	CU_ASSERT_PTR_NULL(strstr(fake_out, "\t--force\t"));
	CU_ASSERT_PTR_NOT_NULL(strstr(fake_out, "issuer\thouse\tbase\tpath\trequired\twhere it lies\n"));
	CU_ASSERT_EQUAL(fake_run("-V", NULL), CE_EXIT_OK);
	CU_ASSERT_PTR_EQUAL(strstr(fake_out, "certengine "), fake_out);
}

const struct ce_test options_tests[] = {
	{ "unknown commands and options are refused with the nearest", refuses_with_a_suggestion },
	{ "a bare --force names what it could mean", splits_force },
	{ "values and places of options are judged", judges_values_and_places },
	{ "all mistakes come in one run", reports_all_mistakes_at_once },
	{ "options reach the engine", passes_options_on },
	{ "paths start from where the program was started", makes_paths_absolute },
	{ "help shows every command, option and exit status", shows_help },
	{ NULL, NULL },
};
