/* Uses paths that mean something else than they say. */
#include "misfit.h"

static int
install(const struct ce_services *s, ce_call *call, void *instance)
{
	static const char *const paths[] = { "/var/tmp/../../etc/shadow", "etc/shadow", "", "/.." };
	struct ce_bytes bytes = { NULL, 0 };
	struct ce_stat st;
	(void)instance;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		if (s->read(call, paths[i], 100, &bytes) >= 0 || s->write(call, paths[i], bytes, NULL) >= 0)
			return s->fail(call, CE_ERR_PRODUCT, "'%s' was accepted", paths[i]);
	if (s->stat(call, "//usr/./bin///env/", &st) != CE_OK || !st.exists)
		return s->fail(call, CE_ERR_PRODUCT, "a path with a blemish was not put right");
	return s->read(call, paths[0], 100, &bytes);
}

PLUGIN("bad-paths", install, fine, NULL);
