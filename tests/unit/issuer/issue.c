/* issue KIND: issues a certificate of the fixture to ./leaf.pem, with the store in ./store-1, for the
 * judgement of other programs. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "fixture.h"
#include "suites.h"

const struct ce_suite ce_suites[] = { { NULL, NULL } };

const char *
ce_test_directory(void)
{
	static char here[64];
	if (!getcwd(here, sizeof(here)))
		abort();
	return here;
}

static int
save(const char *name, struct ce_bytes bytes)
{
	FILE *file = fopen(name, "w");
	if (!file)
		return 1;
	size_t written = fwrite(bytes.data, 1, bytes.size, file);
	return fclose(file) == 0 && written == bytes.size ? 0 : 1;
}

int
main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	char issuers[64];
	struct ce_error err = { 0 };
	CE_CLEANUP(fixture_close) struct fixture fixture;
	snprintf(issuers, sizeof(issuers), "house: { kind = \"%s\"; };", argv[1]);
	fixture_open(&fixture, issuers);
	CE_CLEANUP(request_release) struct request request;
	fixture_request(&fixture, "shop", &request);
	fixture_issue(&fixture, &request);
	CE_CLEANUP(ce_bundle_release) struct ce_bundle bundle;
	if (request.request.outcome != CE_ISSUE_ISSUED || fixture_accept(&request, &bundle, &err) < 0)
		return 1;
	return save("leaf.pem", ce_buf_bytes(&bundle.leaf));
}
