#include "suites.h"

extern const struct ce_test ce_ari_tests[], ce_authority_tests[], ce_certificate_tests[], ce_chain_tests[],
	ce_collect_tests[], ce_crl_tests[],
	ce_csr_tests[], ce_der_tests[], ce_digest_tests[],
	ce_jws_tests[], ce_key_tests[], ce_keystore_tests[], ce_names_tests[], ce_pem_tests[],
	ce_verify_tests[];

const struct ce_suite ce_suites[] = {
	{ "digest", ce_digest_tests }, /* first: it starts the library anew */
	{ "names", ce_names_tests },
	{ "pem", ce_pem_tests },
	{ "der", ce_der_tests },
	{ "key", ce_key_tests },
	{ "csr", ce_csr_tests },
	{ "certificate", ce_certificate_tests },
	{ "chain", ce_chain_tests },
	{ "collect", ce_collect_tests },
	{ "verify", ce_verify_tests },
	{ "authority", ce_authority_tests },
	{ "crl", ce_crl_tests },
	{ "ari", ce_ari_tests },
	{ "jws", ce_jws_tests },
	{ "keystore", ce_keystore_tests },
	{ NULL, NULL }
};
