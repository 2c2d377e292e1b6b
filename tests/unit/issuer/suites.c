#include "suites.h"

extern const struct ce_test issuer_tests[], local_tests[], selfsigned_tests[];

const struct ce_suite ce_suites[] = {
	{ "issuer", issuer_tests },
	{ "local", local_tests },
	{ "selfsigned", selfsigned_tests },
	{ NULL, NULL },
};
