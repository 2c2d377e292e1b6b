/* certengine-ssh: holds the connection to one host. What comes from there is parsed here, without any right on this machine;
 * keys to log in with come from the supervisor, requests and answers go over descriptor 3. */
#include <stdio.h>
#include <stdlib.h>

#include "base/dirs.h"
#include "base/process.h"
#include "host/ssh_serve.h"
#include "host/ssh_wire.h"

/* What resolving names reads, and the modules that it loads late. */
static const char *const readable[] = {
	"/etc/hosts", "/etc/resolv.conf", "/etc/nsswitch.conf", "/etc/host.conf", "/etc/gai.conf", "/etc/ld.so.cache",
	"/lib", "/lib64", "/usr/lib", "/usr/lib64", "/dev/urandom", NULL,
};

int
main(int argc, char **argv)
{
	(void)argv;
	ce_build_begin();
	if (argc != 1) {
		fprintf(stderr, "certengine-ssh is started by certengine\n");
		return 2;
	}
	ce_process_hygiene(CE_SSH_AGENT + 1);
	struct ce_error err = { 0 };
	int code = ce_ssh_serve_begin(&err);
	if (code >= 0)
		code = ce_process_confine(readable, &err);
	if (code >= 0)
		code = ce_ssh_serve(&err);
	if (code < 0)
		fprintf(stderr, "certengine-ssh: %s\n", err.text);
	return code < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
