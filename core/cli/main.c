#include <stdlib.h>
#include <unistd.h>

#include "base/dirs.h"
#include "base/process.h"
#include "cli/cli.h"

int
main(int argc, char **argv)
{
	ce_build_begin();
	CE_CLEANUP(ce_freep) char *directory = getcwd(NULL, 0); /* before hygiene leaves it */
	ce_process_hygiene(3);
	return ce_cli_main(argc, argv, directory);
}
