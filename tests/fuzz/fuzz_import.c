/* What people import: files of foreign origin in any form. What was read as certificates is PEM that is read again, and a
 * chain that was picked out of it is one that can be judged. */
#include <stdlib.h>

#include "crypto/collect.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* RFC 8410 section 10.3; the certificates of the corpus are for it. */
static const char key_pem[] =
	"-----BEGIN PRIVATE KEY-----\n"
	"MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n"
	"-----END PRIVATE KEY-----\n";

static const struct ce_key *
our_key(void)
{
	static struct ce_key *key;
	struct ce_bytes pem = { (const unsigned char *)key_pem, sizeof(key_pem) - 1 };
	if (!key && ce_key_from_pem(pem, &key, NULL) < 0)
		abort();
	return key;
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct ce_bytes bytes = { data, size };
	struct ce_error err;
	CE_CLEANUP(ce_buf_release) struct ce_buf found = CE_BUF_INIT, again = CE_BUF_INIT, chain = CE_BUF_INIT;
	CE_CLEANUP(ce_bundle_release) struct ce_bundle bundle;
	ce_bundle_init(&bundle);
	if (ce_certificates_add(&found, bytes, &err) < 0) {
		if (found.size > 0)
			abort();
		return 0;
	}
	if (ce_certificates_add(&again, ce_buf_bytes(&found), &err) == CE_OK && again.size != found.size)
		abort();
	const struct ce_collect_demands wanted = { .key = our_key(), .given = ce_buf_bytes(&found), .now = 1700000000 };
	if (ce_chain_collect(&wanted, &chain, &err) < 0)
		return 0;
	const struct ce_strlist names = CE_STRLIST_INIT;
	const struct ce_chain_demands demands = { our_key(), &names, false, 1700000000 };
	if (ce_chain_accept(ce_buf_bytes(&chain), &demands, &bundle, &err) > 0)
		abort();
	return 0;
}
