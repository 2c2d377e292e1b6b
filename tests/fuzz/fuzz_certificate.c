/* Certificates and chains of foreign origin: every reader gets the same bytes. What reads must also release, and a
 * chain that is accepted must be accepted again as a bundle. */
#include <stdlib.h>

#include "crypto/certificate.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

/* RFC 8410 section 10.3; the chains of the corpus are for it. */
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

static void
accept(struct ce_bytes bytes)
{
	CE_CLEANUP(ce_bundle_release) struct ce_bundle bundle;
	const struct ce_strlist names = CE_STRLIST_INIT;
	const struct ce_chain_demands demands = { our_key(), &names, false, 1700000000 };
	struct ce_error err;
	ce_bundle_init(&bundle);
	if (ce_chain_accept(bytes, &demands, &bundle, &err) >= 0 && ce_bundle_check(&bundle, &names, 1700000000, &err) < 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct ce_bytes bytes = { data, size };
	struct ce_error err;
	CE_CLEANUP(ce_facts_release) struct ce_facts facts = { .names = CE_STRLIST_INIT };
	CE_CLEANUP(ce_keyp) struct ce_key *key = NULL;
	if (ce_facts_read(bytes, &facts, &err) >= 0)
		(void)ce_facts_cover(&facts, "shop.example");
	accept(bytes);
	if (ce_key_from_pem(bytes, &key, &err) >= 0)
		(void)ce_key_kind(key);
	if (ce_chain_verify(&bytes, 1, bytes, "shop.example", 1700000000, &err) > 0)
		abort();
	return 0;
}
