#include "suites.h"

extern const struct ce_test acme_account_tests[], challenge_tests[], issuer_tests[], local_tests[], selfsigned_tests[];

const struct ce_suite ce_suites[] = {
	{ "acme_account", acme_account_tests },
	{ "challenge", challenge_tests },
	{ "issuer", issuer_tests },
	{ "local", local_tests },
	{ "selfsigned", selfsigned_tests },
	{ NULL, NULL },
};
