#include "acme/domain.h"

#include <arpa/inet.h>
#include <libpsl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int
ce_acme_domain(const char *name, char **ret_domain, struct ce_error *err)
{
	unsigned char address[16];
	char text[INET6_ADDRSTRLEN + 4];
	if (inet_pton(AF_INET6, name, address) == 1) {
		memset(address + 8, 0, 8);
		if (!inet_ntop(AF_INET6, address, text, INET6_ADDRSTRLEN))
			return ce_fail(err, CE_ERR_INVALID, "'%s' is no address", name);
		strcat(text, "/64");
		*ret_domain = strdup(text);
		return *ret_domain ? CE_OK : ce_fail(err, CE_ERR_MEMORY, "out of memory");
	}
	const char *plain = strncmp(name, "*.", 2) == 0 ? name + 2 : name;
	const char *domain = inet_pton(AF_INET, name, address) == 1 ? NULL : psl_registrable_domain(psl_builtin(), plain);
	*ret_domain = strdup(domain ? domain : plain);
	return *ret_domain ? CE_OK : ce_fail(err, CE_ERR_MEMORY, "out of memory");
}
