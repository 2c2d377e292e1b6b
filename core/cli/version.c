#include <config.h>

#include "cli/cli.h"

int
ce_cli_version(struct ce_cli *cli)
{
	ce_page_line(&cli->out, "certengine %s, plugin ABI %d", PACKAGE_VERSION, CERTENGINE_ABI);
	return CE_EXIT_OK;
}
