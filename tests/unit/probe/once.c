/* probe-once HOST PORT SNI|- : one probe with a time limit of 5 s, started helper and all. Prints code,
 * fingerprint and problem, and on standard error how long it took. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/sys.h"
#include "net/agent.h"

int
main(int argc, char **argv)
{
	if (argc != 4)
		return 2;
	struct ce_error err = { 0 };
	struct ce_helper agent = CE_HELPER_INIT;
	struct ce_probe probe = {
		.host = argv[1], .port = atoi(argv[2]), .sni = strcmp(argv[3], "-") == 0 ? NULL : argv[3], .timeout_ms = 5000,
	};
	long long before = ce_monotonic_ms();
	int code = ce_probe_run(&agent, &probe, 1, &err);
	fprintf(stderr, "%lld ms\n", ce_monotonic_ms() - before);
	printf("%s %s %s\n", ce_code_name(probe.code), probe.fingerprint[0] ? probe.fingerprint : "-", probe.problem);
	if (code < 0)
		printf("%s\n", err.text);
	ce_probe_release(&probe);
	ce_helper_stop(&agent, 1000);
	return code < 0 ? 1 : 0;
}
