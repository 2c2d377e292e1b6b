/* For the shell tests in which keytool is the judge:
 *
 *     keystore-tool write FILE pkcs12|legacy|jks ALIAS PASSWORD   also FILE.key.pem, FILE.leaf.pem, FILE.chain.pem
 *     keystore-tool read FILE PASSWORD                            kind, then alias, what, chain length and fingerprint
 *     keystore-tool trust FILE PASSWORD ALIAS CA OURS            adds CA (DER file) in FILE; prints added or unchanged; OURS:
 *                                                                a fingerprint that may be replaced, or -
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "crypto/keystore.h"
#include "crypto_fixture.h"

const struct ce_suite ce_suites[] = { { NULL, NULL } };

static int
told(const struct ce_error *err)
{
	fprintf(stderr, "%s: %s\n", ce_code_name(err->code), err->text);
	return EXIT_FAILURE;
}

static void
save(const char *path, const char *suffix, const struct ce_buf *bytes)
{
	char name[4096];
	snprintf(name, sizeof(name), "%s%s", path, suffix);
	FILE *file = fopen(name, "wb");
	if (!file || fwrite(bytes->data, 1, bytes->size, file) != bytes->size || fclose(file) != 0)
		abort();
}

static void
make_bundle(struct ce_bundle *bundle)
{
	CE_CLEANUP(ce_strlist_release) struct ce_strlist names = fixture_names("shop.example");
	CE_CLEANUP(ce_buf_release) struct ce_buf pem = CE_BUF_INIT;
	struct fixture_chain made;
	fixture_chain_make(&made);
	fixture_join(&pem, &made.leaf);
	fixture_join(&pem, &made.middle);
	const struct ce_chain_demands demands = { made.key, &names, false, NOW };
	ce_bundle_init(bundle);
	if (ce_chain_accept(ce_buf_bytes(&pem), &demands, bundle, NULL) < 0)
		abort();
	fixture_chain_release(&made);
}

static int
write_store(const char *path, const char *kind, const char *alias, const char *password)
{
	CE_CLEANUP(ce_bundle_release) struct ce_bundle bundle;
	CE_CLEANUP(ce_buf_release) struct ce_buf bytes = CE_BUF_INIT;
	struct ce_error err;
	const struct ce_material wanted = { sizeof(wanted), strcmp(kind, "jks") == 0 ? CE_MATERIAL_JKS : CE_MATERIAL_PKCS12,
		strcmp(kind, "legacy") == 0 ? CE_PROFILE_LEGACY : CE_PROFILE_MODERN, alias, password };
	make_bundle(&bundle);
	if (ce_material_build(&bundle, &wanted, &bytes, &err) < 0)
		return told(&err);
	save(path, "", &bytes);
	save(path, ".key.pem", &bundle.key);
	save(path, ".leaf.pem", &bundle.leaf);
	save(path, ".chain.pem", &bundle.chain);
	printf("%s\n", bundle.facts.fingerprint);
	return EXIT_SUCCESS;
}

static struct ce_bytes
load(const char *path, unsigned char *bytes, size_t room)
{
	FILE *file = fopen(path, "rb");
	if (!file)
		abort();
	size_t size = fread(bytes, 1, room, file);
	fclose(file);
	return (struct ce_bytes){ bytes, size };
}

static unsigned char store_bytes[5 << 20];

static int
trust_in_store(char **argv)
{
	static unsigned char ca[1 << 16];
	const char *const ours[] = { argv[6], NULL };
	CE_CLEANUP(ce_buf_release) struct ce_buf out = CE_BUF_INIT;
	struct ce_error err;
	const struct ce_truststore_edit edit = { .ca = load(argv[5], ca, sizeof(ca)), .password = argv[3], .alias = argv[4],
		.ours = ours, .when = NOW };
	int code = ce_truststore_add(load(argv[2], store_bytes, sizeof(store_bytes)), &edit, &out, &err);
	if (code < 0)
		return told(&err);
	if (code == CE_OK)
		save(argv[2], "", &out);
	printf("%s\n", code == CE_OK ? "added" : "unchanged");
	return EXIT_SUCCESS;
}

static int
read_store(const char *path, const char *password)
{
	CE_CLEANUP(ce_keystore_release) struct ce_keystore store = { 0 };
	struct ce_error err;
	if (ce_keystore_read(load(path, store_bytes, sizeof(store_bytes)), password, &store, &err) < 0)
		return told(&err);
	printf("%s %zu\n", store.kind, store.count);
	for (size_t i = 0; i < store.count; i++)
		printf("%s %s %zu %s\n", store.entries[i].alias, store.entries[i].is_key ? "key" : "certificate",
			store.entries[i].chain_length, store.entries[i].fingerprint);
	return EXIT_SUCCESS;
}

int
main(int argc, char **argv)
{
	if (argc == 6 && strcmp(argv[1], "write") == 0)
		return write_store(argv[2], argv[3], argv[4], argv[5]);
	if (argc == 4 && strcmp(argv[1], "read") == 0)
		return read_store(argv[2], argv[3]);
	if (argc == 7 && strcmp(argv[1], "trust") == 0)
		return trust_in_store(argv);
	return 2;
}
