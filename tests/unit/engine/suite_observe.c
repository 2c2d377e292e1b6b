/* Judging what an endpoint served. */
#include <stdint.h>
#include <string.h>

#include "base/sys.h"
#include "crypto/authority.h"
#include "crypto/digest.h"
#include "crypto/pem.h"
#include "engine/engine_own.h"
#include "suites.h"

extern const struct ce_test observe_tests[];

/* A root, a leaf for shop.example, and the leaf as a probe reports it. */
struct fixture {
	struct ce_key *root_key, *key;
	struct ce_buf root, leaf;
	struct ce_facts facts;
	struct ce_probe probe;
};

static void
must(int code)
{
	if (code < 0)
		CU_FAIL_FATAL("the fixture could not be made");
}

static void
decode(const struct ce_buf *pem, struct ce_buf *ret_der)
{
	struct ce_error err = { 0 };
	struct ce_pem reader = { .text = ce_buf_bytes(pem) };
	struct ce_pem_block block;
	must(ce_pem_next(&reader, &block, &err));
	must(ce_pem_decode(&block, ret_der, &err));
}

static void
fixture_make(struct fixture *f)
{
	struct ce_error err = { 0 };
	CE_CLEANUP(ce_strlist_release) struct ce_strlist names = CE_STRLIST_INIT;
	CE_CLEANUP(ce_buf_release) struct ce_buf csr = CE_BUF_INIT;
	CE_CLEANUP(ce_buf_release) struct ce_buf der = CE_BUF_INIT;
	long long now = ce_now();
	memset(f, 0, sizeof(*f));
	must(ce_crypto_begin(&err));
	must(ce_key_generate("ec-p256", &f->root_key, &err));
	must(ce_key_generate("ec-p256", &f->key, &err));
	must(ce_authority_create(f->root_key, "root of tests", now - 3600, now + 864000, NULL, &f->root, &err));
	must(ce_strlist_add(&names, "shop.example", &err));
	must(ce_csr_build(f->key, &names, NULL, &csr, &err));
	struct ce_certificate_template wanted = { .names = &names, .not_before = now - 60, .not_after = now + 86400 };
	must(ce_authority_issue(f->root_key, ce_buf_bytes(&f->root), ce_buf_bytes(&csr), &wanted, &f->leaf, &err));
	must(ce_facts_read(ce_buf_bytes(&f->leaf), &f->facts, &err));
	decode(&f->leaf, &der);

	uint32_t size = (uint32_t)der.size;
	f->probe = (struct ce_probe){ .host = "127.0.0.1", .port = 8443 };
	must(ce_buf_add(&f->probe.chain, &size, sizeof(size), &err));
	must(ce_buf_add(&f->probe.chain, der.data, der.size, &err));
	memcpy(f->probe.fingerprint, f->facts.fingerprint, sizeof(f->probe.fingerprint));
}

static void
fixture_release(struct fixture *f)
{
	ce_probe_release(&f->probe);
	ce_facts_release(&f->facts);
	ce_buf_release(&f->leaf);
	ce_buf_release(&f->root);
	ce_key_free(f->key);
	ce_key_free(f->root_key);
}

static void
accepts_what_is_desired(void)
{
	struct fixture f;
	struct ce_error err = { 0 };
	fixture_make(&f);
	CU_ASSERT_EQUAL(ce_judge(&f.probe, f.facts.fingerprint, ce_buf_bytes(&f.root), "shop.example", &err), CE_OK);
	CU_ASSERT_EQUAL(ce_judge(&f.probe, f.facts.fingerprint, ce_buf_bytes(&f.root), NULL, &err), CE_OK);
	fixture_release(&f);
}

/* Each with the endpoint it is about. */
static void
says_what_is_wrong(void)
{
	struct fixture f, other;
	struct ce_error err = { 0 };
	fixture_make(&f);
	fixture_make(&other);
	struct ce_bytes root = ce_buf_bytes(&f.root);

	CU_ASSERT_EQUAL(ce_judge(&f.probe, other.facts.fingerprint, root, "shop.example", &err), CE_ERR_VERIFY);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "127.0.0.1:8443 serves another certificate"));
	CU_ASSERT_EQUAL(ce_judge(&f.probe, f.facts.fingerprint, root, "mail.example", &err), CE_ERR_VERIFY);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "127.0.0.1:8443"));
	CU_ASSERT_EQUAL(ce_judge(&f.probe, f.facts.fingerprint, ce_buf_bytes(&other.root), "shop.example", &err),
		CE_ERR_VERIFY);
	f.probe.code = CE_ERR_NETWORK;
	strcpy(f.probe.problem, "connection refused");
	CU_ASSERT_EQUAL(ce_judge(&f.probe, f.facts.fingerprint, root, "shop.example", &err), CE_ERR_VERIFY);
	CU_ASSERT_STRING_EQUAL(err.text, "127.0.0.1:8443: connection refused");
	fixture_release(&f);
	fixture_release(&other);
}

static void
a_chain_that_was_cut_is_refused(void)
{
	struct fixture f;
	struct ce_error err = { 0 };
	fixture_make(&f);
	size_t whole = f.probe.chain.size;
	for (size_t size = 0; size < whole; size += 7) {
		f.probe.chain.size = size;
		CU_ASSERT_EQUAL(ce_judge(&f.probe, f.facts.fingerprint, ce_buf_bytes(&f.root), NULL, &err), CE_ERR_VERIFY);
	}
	f.probe.chain.size = whole;
	fixture_release(&f);
}

const struct ce_test observe_tests[] = {
	{ "accepts what is desired", accepts_what_is_desired },
	{ "says what is wrong", says_what_is_wrong },
	{ "a chain that was cut is refused", a_chain_that_was_cut_is_refused },
	{ NULL, NULL },
};
