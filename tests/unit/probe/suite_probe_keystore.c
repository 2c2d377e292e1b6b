#include <string.h>

#include "base/sys.h"
#include "crypto/authority.h"
#include "crypto/digest.h"
#include "crypto/keystore.h"
#include "net/agent.h"
#include "suites.h"

extern const struct ce_test probe_keystore_tests[];

static void
stop_helper(struct ce_helper *helper)
{
	ce_helper_stop(helper, 2000);
}

static void
make_bundle(struct ce_bundle *bundle)
{
	struct ce_error err = { 0 };
	CE_CLEANUP(ce_keyp) struct ce_key *key = NULL;
	CE_CLEANUP(ce_strlist_release) struct ce_strlist names = CE_STRLIST_INIT;
	ce_bundle_init(bundle);
	CU_ASSERT_EQUAL_FATAL(ce_crypto_begin(&err), CE_OK);
	CU_ASSERT_EQUAL_FATAL(ce_key_generate("ec-p256", &key, &err), CE_OK);
	CU_ASSERT_EQUAL_FATAL(ce_key_to_pem(key, &bundle->key, &err), CE_OK);
	CU_ASSERT_EQUAL_FATAL(ce_strlist_add(&names, "shop.example.com", &err), CE_OK);
	struct ce_certificate_template wanted = {
		.names = &names, .not_before = ce_now() - 3600, .not_after = ce_now() + 86400,
	};
	CU_ASSERT_EQUAL_FATAL(ce_authority_self_sign(key, &wanted, &bundle->leaf, &err), CE_OK);
	CU_ASSERT_EQUAL_FATAL(ce_facts_read(ce_buf_bytes(&bundle->leaf), &bundle->facts, &err), CE_OK);
}

static void
keystores_are_read_in_the_helper(void)
{
	static const struct {
		int kind;
		const char *name;
	} kinds[] = { { CE_MATERIAL_PKCS12, "PKCS#12" }, { CE_MATERIAL_JKS, "JKS" } };
	struct ce_error err = { 0 };
	CE_CLEANUP(ce_bundle_release) struct ce_bundle bundle;
	make_bundle(&bundle);
	CE_CLEANUP(stop_helper) struct ce_helper agent = CE_HELPER_INIT;
	for (size_t i = 0; i < CE_COUNT(kinds); i++) {
		const struct ce_material material = {
			.size = sizeof(material), .kind = kinds[i].kind, .alias = "tomcat", .password = "changeit",
		};
		CE_CLEANUP(ce_buf_release) struct ce_buf bytes = CE_BUF_SECRET;
		CU_ASSERT_EQUAL_FATAL(ce_material_build(&bundle, &material, &bytes, &err), CE_OK);
		CE_CLEANUP(ce_keystore_release) struct ce_keystore keystore = { 0 };
		CU_ASSERT_EQUAL_FATAL(ce_probe_keystore(&agent, ce_buf_bytes(&bytes), "changeit", &keystore, &err), CE_OK);
		CU_ASSERT_STRING_EQUAL(keystore.kind, kinds[i].name);
		CU_ASSERT_EQUAL_FATAL(keystore.count, 1);
		CU_ASSERT_STRING_EQUAL(keystore.entries[0].alias, "tomcat");
		CU_ASSERT_TRUE(keystore.entries[0].is_key);
		CU_ASSERT_STRING_EQUAL(keystore.entries[0].fingerprint, bundle.facts.fingerprint);
		CU_ASSERT_EQUAL(keystore.entries[0].chain_length, 1);

		struct ce_keystore none = { 0 };
		pid_t pid = agent.pid;
		CU_ASSERT_EQUAL(ce_probe_keystore(&agent, ce_buf_bytes(&bytes), "changeme", &none, &err), CE_ERR_INVALID);
		CU_ASSERT_EQUAL(none.count, 0);
		CU_ASSERT_EQUAL(agent.pid, pid);
	}
}

static void
rubbish_is_an_answer_and_no_failure_of_the_helper(void)
{
	static const char rubbish[] = "this is no keystore";
	struct ce_error err = { 0 };
	CE_CLEANUP(stop_helper) struct ce_helper agent = CE_HELPER_INIT;
	struct ce_keystore keystore = { 0 };
	struct ce_bytes bytes = { (const unsigned char *)rubbish, sizeof(rubbish) };
	CU_ASSERT_EQUAL(ce_probe_keystore(&agent, bytes, "changeit", &keystore, &err), CE_ERR_INVALID);
	CU_ASSERT_TRUE(err.text[0] != '\0');
	CU_ASSERT_PTR_NULL(strstr(err.text, "changeit"));
	CU_ASSERT_TRUE(agent.fd >= 0);
}

const struct ce_test probe_keystore_tests[] = {
	{ "keystores are read in the helper", keystores_are_read_in_the_helper },
	{ "rubbish is an answer and no failure of the helper", rubbish_is_an_answer_and_no_failure_of_the_helper },
	{ NULL, NULL },
};
