#include "cli/cli.h"
#include "cli/show.h"

static int
act(struct ce_engine *engine, const struct ce_cli *cli, struct ce_report *ret_report, struct ce_error *err)
{
	struct ce_revocation_order order = { .certificate = cli->arguments[0], .reason = -1,
		.by_key = cli->with_certificate_key, .no_replacement = cli->no_replacement };
	int code = ce_cli_generation(cli->generation, &order.generation, err);
	if (code == CE_OK && cli->reason)
		code = ce_revocation_reason(cli->reason, &order.reason, err);
	return code < 0 ? code : ce_engine_revoke(engine, &order, ret_report, err);
}

/* Plugins are needed only where a replacement may have to be deployed; one gone bad stops no other revocation. */
int
ce_cli_revoke(struct ce_cli *cli)
{
	static const struct ce_session plain = { .act = act, .show = ce_show_reasons, .store_only = true, .events = true };
	static const struct ce_session replacing = { .act = act, .show = ce_show_reasons, .events = true };
	int reason = -1;
	bool compromised = cli->reason && ce_revocation_reason(cli->reason, &reason, NULL) == CE_OK && reason == CE_REVOKE_KEY_COMPROMISE;
	return ce_session(cli, compromised && !cli->no_replacement ? &replacing : &plain);
}
