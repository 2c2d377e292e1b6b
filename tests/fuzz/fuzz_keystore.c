/* Keystores of foreign origin. A JKS ends in a digest that changed bytes would never get past, so it is made right
 * first; the parser is what is judged here. */
#include <gnutls/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/keystore.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

#define SHA1 20

static const char password[] = "secret-1";
static const char before[] = "\0s\0e\0c\0r\0e\0t\0-\0" "1Mighty Aphrodite";

static void
seal(unsigned char *store, size_t size)
{
	const size_t head = sizeof(before) - 1;
	CE_CLEANUP(ce_freep) unsigned char *all = malloc(head + size);
	if (!all)
		abort();
	memcpy(all, before, head);
	memcpy(all + head, store, size);
	if (gnutls_hash_fast(GNUTLS_DIG_SHA1, all, head + size - SHA1, store + size - SHA1) < 0)
		abort();
}

static void
read_store(const unsigned char *data, size_t size)
{
	CE_CLEANUP(ce_keystore_release) struct ce_keystore store = { .kind = NULL };
	struct ce_error err;
	if (ce_keystore_read((struct ce_bytes){ data, size }, password, &store, &err) == CE_OK && !store.kind)
		abort();
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	read_store(data, size);
	if (size < 4 + SHA1 || memcmp(data, "\xfe\xed\xfe\xed", 4) != 0)
		return 0;
	CE_CLEANUP(ce_freep) unsigned char *copy = malloc(size);
	if (!copy)
		abort();
	memcpy(copy, data, size);
	seal(copy, size);
	read_store(copy, size);
	return 0;
}
