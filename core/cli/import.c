#include "cli/cli.h"
#include "cli/show.h"

static int
act(struct ce_engine *engine, const struct ce_cli *cli, struct ce_report *ret_report, struct ce_error *err)
{
	const char *name = cli->arguments[0];
	CE_CLEANUP(ce_strlist_release) struct ce_strlist files = CE_STRLIST_INIT;
	for (int i = 1; i < cli->argument_count; i++) {
		CE_CLEANUP(ce_freep) char *path = NULL;
		int code = ce_cli_absolute(cli, cli->arguments[i], &path, err);
		if (code == CE_OK)
			code = ce_strlist_add(&files, path, err);
		if (code < 0)
			return code;
	}
	if (cli->withdraw && files.count > 0)
		return ce_fail(err, CE_ERR_CONFIG, "--withdraw gives up the request and takes no file");
	if (cli->withdraw)
		return ce_engine_withdraw(engine, name, ret_report, err);
	if (files.count == 0)
		return ce_fail(err, CE_ERR_CONFIG, "'import' needs the files that the CA sent: import %s FILE...", name);
	return ce_engine_import(engine, name, (const char *const *)files.items, ret_report, err);
}

int
ce_cli_import(struct ce_cli *cli)
{
	static const struct ce_session session = { .act = act, .show = ce_show_reasons, .store_only = true };
	return ce_session(cli, &session);
}
