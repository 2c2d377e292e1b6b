#include <errno.h>
#include <limits.h>
#include <string.h>

#include "cli/cli.h"

CE_MUSTCHECK static int
read_generation(const char *text, long *ret_generation, struct ce_error *err)
{
	char *end = NULL;
	if (!text)
		return CE_OK;
	errno = 0;
	long number = strtol(text, &end, 10);
	if (errno || *end || end == text || number < 1)
		return ce_fail(err, CE_ERR_CONFIG, "--generation takes a number from 1 on, not '%s'", text);
	*ret_generation = number;
	return CE_OK;
}

static int
act(struct ce_engine *engine, const struct ce_cli *cli, struct ce_report *ret_report, struct ce_error *err)
{
	struct ce_revocation_order order = { .certificate = cli->arguments[0], .reason = -1,
		.by_key = cli->with_certificate_key, .no_replacement = cli->no_replacement };
	int code = read_generation(cli->generation, &order.generation, err);
	if (code == CE_OK && cli->reason)
		code = ce_revocation_reason(cli->reason, &order.reason, err);
	return code < 0 ? code : ce_engine_revoke(engine, &order, ret_report, err);
}

static void
show(struct ce_page *page, const struct ce_report *report, long long now)
{
	(void)now;
	for (size_t i = 0; i < report->certificate_count; i++)
		if (report->certificates[i].reason)
			ce_page_line(page, "%s: %s", report->certificates[i].name, report->certificates[i].reason);
}

/* Plugins are needed only where a replacement may have to be deployed; one gone bad stops no other revocation. */
int
ce_cli_revoke(struct ce_cli *cli)
{
	static const struct ce_session plain = { true, true, act, show };
	static const struct ce_session replacing = { false, true, act, show };
	int reason = -1;
	bool compromised = cli->reason && ce_revocation_reason(cli->reason, &reason, NULL) == CE_OK && reason == 1;
	return ce_session(cli, compromised && !cli->no_replacement ? &replacing : &plain);
}
