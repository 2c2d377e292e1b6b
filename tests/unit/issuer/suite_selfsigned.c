#include "base/sys.h"
#include "fixture.h"
#include "suites.h"

extern const struct ce_test selfsigned_tests[];

static void
what_is_issued_passes_the_checks_of_the_engine(void)
{
	struct ce_error err = { 0 };
	CE_CLEANUP(fixture_close) struct fixture fixture;
	fixture_open(&fixture, "house: { kind = \"selfsigned\"; days = 10; };");
	CE_CLEANUP(request_release) struct request request;
	fixture_request(&fixture, "shop", &request);
	fixture_issue(&fixture, &request);
	CU_ASSERT_EQUAL_FATAL(request.request.outcome, CE_ISSUE_ISSUED);
	CE_CLEANUP(ce_bundle_release) struct ce_bundle bundle;
	CU_ASSERT_EQUAL_FATAL(fixture_accept(&request, &bundle, &err), CE_OK);
	CU_ASSERT_TRUE(bundle.facts.self_issued);
	CU_ASSERT_FALSE(bundle.facts.is_ca);
	long long left = bundle.facts.not_after - ce_now();
	CU_ASSERT_TRUE(left > 9 * 86400 && left <= 10 * 86400);
}

/* Without anchors of the issuer the leaf is its own. */
static void
the_leaf_is_its_own_anchor(void)
{
	struct ce_error err = { 0 };
	CU_ASSERT_PTR_NULL(ce_issuer_driver("selfsigned")->anchors);
	CE_CLEANUP(fixture_close) struct fixture fixture;
	fixture_open(&fixture, "house: { kind = \"selfsigned\"; };");
	CE_CLEANUP(request_release) struct request request;
	CE_CLEANUP(request_release) struct request other;
	fixture_request(&fixture, "shop", &request);
	fixture_issue(&fixture, &request);
	fixture_request(&fixture, "shop", &other);
	fixture_issue(&fixture, &other);
	CE_CLEANUP(ce_bundle_release) struct ce_bundle bundle;
	CE_CLEANUP(ce_bundle_release) struct ce_bundle stranger;
	CU_ASSERT_EQUAL_FATAL(fixture_accept(&request, &bundle, &err), CE_OK);
	CU_ASSERT_EQUAL_FATAL(fixture_accept(&other, &stranger, &err), CE_OK);

	struct ce_bytes served = ce_buf_bytes(&bundle.leaf);
	CU_ASSERT_EQUAL(ce_chain_verify(&served, 1, ce_buf_bytes(&bundle.leaf), "shop.example.com", ce_now(), &err), CE_OK);
	CU_ASSERT_EQUAL(ce_chain_verify(&served, 1, ce_buf_bytes(&stranger.leaf), "shop.example.com", ce_now(), &err),
		CE_ERR_VERIFY);
}

const struct ce_test selfsigned_tests[] = {
	{ "what is issued passes the checks of the engine", what_is_issued_passes_the_checks_of_the_engine },
	{ "the leaf is its own anchor", the_leaf_is_its_own_anchor },
	{ NULL, NULL },
};
