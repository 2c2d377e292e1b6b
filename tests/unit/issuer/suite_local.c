#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/sys.h"
#include "crypto/authority.h"
#include "fixture.h"
#include "lib/sys_fault.h"
#include "suites.h"

extern const struct ce_test local_tests[];

#define DAY_S 86400LL

static void
record_path(const struct fixture *fixture, const char *record, char *path, size_t room)
{
	snprintf(path, room, "%s/issuers/house/%s", fixture->directory, record);
}

static void
drop_record(const struct fixture *fixture, const char *record)
{
	char path[256];
	record_path(fixture, record, path, sizeof(path));
	CU_ASSERT_EQUAL(unlink(path), 0);
}

static void
read_root(struct fixture *fixture, struct ce_facts *ret_facts)
{
	struct ce_error err = { 0 };
	CE_CLEANUP(ce_buf_release) struct ce_buf pem = CE_BUF_INIT;
	const struct ce_issuer_config *issuer = ce_config_issuer(&fixture->config, "house");
	CU_ASSERT_EQUAL_FATAL(ce_issuer_driver("local")->anchors(issuer, fixture->store, &pem, &err), CE_OK);
	*ret_facts = (struct ce_facts){ 0 };
	CU_ASSERT_EQUAL_FATAL(ce_facts_read(ce_buf_bytes(&pem), ret_facts, &err), CE_OK);
}

/* Issues "shop" and gives back how it ended. */
static enum ce_outcome_kind
issue_shop(struct fixture *fixture, struct request *request)
{
	fixture_request(fixture, "shop", request);
	fixture_issue(fixture, request);
	return request->request.outcome;
}

static void
what_is_issued_passes_the_checks_of_the_engine(void)
{
	struct ce_error err = { 0 };
	CE_CLEANUP(fixture_close) struct fixture fixture;
	fixture_open(&fixture, "house: { kind = \"local\"; };");
	CE_CLEANUP(request_release) struct request request;
	CU_ASSERT_EQUAL_FATAL(issue_shop(&fixture, &request), CE_ISSUE_ISSUED);
	CE_CLEANUP(ce_bundle_release) struct ce_bundle bundle;
	CU_ASSERT_EQUAL_FATAL(fixture_accept(&request, &bundle, &err), CE_OK);
	CU_ASSERT_EQUAL(bundle.chain.size, 0);
	CU_ASSERT_FALSE(bundle.facts.is_ca);
	CU_ASSERT_EQUAL(bundle.facts.names.count, 3);
	CU_ASSERT_PTR_NOT_NULL(strstr(bundle.facts.subject, "O=Example"));
	long long left = bundle.facts.not_after - ce_now();
	CU_ASSERT_TRUE(left > 89 * DAY_S && left <= 90 * DAY_S);
	CU_ASSERT_TRUE(bundle.facts.not_before <= ce_now());
	CU_ASSERT_EQUAL(bundle.facts.not_after - bundle.facts.not_before + 1, 90 * DAY_S);

	CE_CLEANUP(ce_facts_release) struct ce_facts root;
	read_root(&fixture, &root);
	CU_ASSERT_TRUE(root.is_ca);
	CU_ASSERT_STRING_EQUAL(bundle.facts.issuer, root.subject);
	CU_ASSERT_PTR_NOT_NULL(strstr(root.subject, "certengine CA house "));
	CU_ASSERT_TRUE(root.not_after - ce_now() > 3649 * DAY_S);
}

static void
the_ca_is_made_once(void)
{
	CE_CLEANUP(fixture_close) struct fixture fixture;
	fixture_open(&fixture, "house: { kind = \"local\"; days = 7; };");
	CE_CLEANUP(request_release) struct request first;
	CE_CLEANUP(request_release) struct request second;
	CU_ASSERT_EQUAL(issue_shop(&fixture, &first), CE_ISSUE_ISSUED);
	CE_CLEANUP(ce_facts_release) struct ce_facts before;
	read_root(&fixture, &before);
	CU_ASSERT_EQUAL(issue_shop(&fixture, &second), CE_ISSUE_ISSUED);
	CE_CLEANUP(ce_facts_release) struct ce_facts after;
	read_root(&fixture, &after);
	CU_ASSERT_STRING_EQUAL(before.fingerprint, after.fingerprint);

	struct ce_error err = { 0 };
	CE_CLEANUP(ce_facts_release) struct ce_facts one = { 0 };
	CE_CLEANUP(ce_facts_release) struct ce_facts two = { 0 };
	CE_CLEANUP(ce_bundle_release) struct ce_bundle bundle;
	CU_ASSERT_EQUAL(fixture_accept(&first, &bundle, &err), CE_OK);
	CU_ASSERT_EQUAL(ce_facts_read(ce_buf_bytes(&bundle.leaf), &one, &err), CE_OK);
	ce_bundle_release(&bundle);
	CU_ASSERT_EQUAL(fixture_accept(&second, &bundle, &err), CE_OK);
	CU_ASSERT_EQUAL(ce_facts_read(ce_buf_bytes(&bundle.leaf), &two, &err), CE_OK);
	CU_ASSERT_STRING_NOT_EQUAL(one.serial, two.serial);
	CU_ASSERT_TRUE(one.not_after - ce_now() <= 7 * DAY_S);
}

static void
its_records_are_for_the_owner_only(void)
{
	static const char *const records[] = { "ca.key", "ca.pem", "ca.crl" };
	CE_CLEANUP(fixture_close) struct fixture fixture;
	fixture_open(&fixture, "house: { kind = \"local\"; };");
	CE_CLEANUP(request_release) struct request request;
	CU_ASSERT_EQUAL(issue_shop(&fixture, &request), CE_ISSUE_ISSUED);
	for (size_t i = 0; i < CE_COUNT(records); i++) {
		char path[256];
		struct stat st;
		record_path(&fixture, records[i], path, sizeof(path));
		CU_ASSERT_EQUAL(stat(path, &st), 0);
		CU_ASSERT_EQUAL(st.st_mode & 07777, 0600);
	}
}

static void
options_shape_the_ca(void)
{
	CE_CLEANUP(fixture_close) struct fixture fixture;
	fixture_open(&fixture, "house: { kind = \"local\"; key = \"rsa-2048\"; common_name = \"House CA\"; };");
	CE_CLEANUP(request_release) struct request request;
	CU_ASSERT_EQUAL(issue_shop(&fixture, &request), CE_ISSUE_ISSUED);
	CE_CLEANUP(ce_facts_release) struct ce_facts root;
	read_root(&fixture, &root);
	CU_ASSERT_STRING_EQUAL(root.subject, "CN=House CA");
	CU_ASSERT_STRING_EQUAL(root.key_kind, "rsa-2048");
}

/* A crash after the key was stored: the next run makes the certificate for the same key. */
static void
a_key_without_its_certificate_is_completed(void)
{
	CE_CLEANUP(fixture_close) struct fixture fixture;
	fixture_open(&fixture, "house: { kind = \"local\"; };");
	CE_CLEANUP(request_release) struct request first;
	CE_CLEANUP(request_release) struct request second;
	CU_ASSERT_EQUAL(issue_shop(&fixture, &first), CE_ISSUE_ISSUED);
	CE_CLEANUP(ce_facts_release) struct ce_facts before;
	read_root(&fixture, &before);
	drop_record(&fixture, "ca.pem");
	drop_record(&fixture, "ca.crl");
	CU_ASSERT_EQUAL(issue_shop(&fixture, &second), CE_ISSUE_ISSUED);
	CE_CLEANUP(ce_facts_release) struct ce_facts after;
	read_root(&fixture, &after);
	CU_ASSERT_STRING_EQUAL(before.key_id, after.key_id);
	char path[256];
	record_path(&fixture, "ca.crl", path, sizeof(path));
	CU_ASSERT_EQUAL(access(path, F_OK), 0);
}

static void
a_full_disk_at_any_write_is_survived(void)
{
	CE_CLEANUP(fixture_close) struct fixture fixture;
	fixture_open(&fixture, "house: { kind = \"local\"; };");
	for (int call = 1; call <= 3; call++) {
		CE_CLEANUP(request_release) struct request request;
		fixture_request(&fixture, "shop", &request);
		ce_fault_begin("only:write,failall:1:ENOSPC");
		fixture_issue(&fixture, &request);
		ce_fault_end();
		CU_ASSERT_EQUAL(request.request.outcome, CE_ISSUE_REFUSED);
		CU_ASSERT_EQUAL(request.request.refusal, CE_REFUSAL_ENVIRONMENT);
		CU_ASSERT_STRING_EQUAL(request.request.error.step, "sign");
		/* One record more each time. */
		CE_CLEANUP(request_release) struct request next;
		fixture_request(&fixture, "shop", &next);
		ce_fault_begin("only:write,failall:2:ENOSPC");
		fixture_issue(&fixture, &next);
		ce_fault_end();
		CU_ASSERT_EQUAL(next.request.outcome, call < 3 ? CE_ISSUE_REFUSED : CE_ISSUE_ISSUED);
		if (call == 3)
			break;
	}
	CE_CLEANUP(request_release) struct request last;
	CU_ASSERT_EQUAL(issue_shop(&fixture, &last), CE_ISSUE_ISSUED);
}

/* Clients trust the root they know: a second key under the same certificate is no way out. */
static void
a_lost_key_is_never_replaced(void)
{
	CE_CLEANUP(fixture_close) struct fixture fixture;
	fixture_open(&fixture, "house: { kind = \"local\"; };");
	CE_CLEANUP(request_release) struct request first;
	CE_CLEANUP(request_release) struct request second;
	CU_ASSERT_EQUAL(issue_shop(&fixture, &first), CE_ISSUE_ISSUED);
	drop_record(&fixture, "ca.key");
	CU_ASSERT_EQUAL(issue_shop(&fixture, &second), CE_ISSUE_REFUSED);
	CU_ASSERT_PTR_NOT_NULL(strstr(second.request.error.text, "backup"));
	char path[256];
	record_path(&fixture, "ca.key", path, sizeof(path));
	CU_ASSERT_NOT_EQUAL(access(path, F_OK), 0);
}

static void
key_and_certificate_of_different_cas_are_refused(void)
{
	struct ce_error err = { 0 };
	CE_CLEANUP(fixture_close) struct fixture fixture;
	CE_CLEANUP(fixture_close) struct fixture other;
	fixture_open(&fixture, "house: { kind = \"local\"; };");
	fixture_open(&other, "house: { kind = \"local\"; };");
	CE_CLEANUP(request_release) struct request first;
	CE_CLEANUP(request_release) struct request second;
	CE_CLEANUP(request_release) struct request third;
	CU_ASSERT_EQUAL(issue_shop(&fixture, &first), CE_ISSUE_ISSUED);
	CU_ASSERT_EQUAL(issue_shop(&other, &second), CE_ISSUE_ISSUED);
	CE_CLEANUP(ce_buf_release) struct ce_buf pem = CE_BUF_INIT;
	CU_ASSERT_EQUAL(ce_store_issuer_get(other.store, "house", "ca.pem", &pem, &err), CE_OK);
	CU_ASSERT_EQUAL(ce_store_issuer_put(fixture.store, "house", "ca.pem", ce_buf_bytes(&pem), &err), CE_OK);
	CU_ASSERT_EQUAL(issue_shop(&fixture, &third), CE_ISSUE_REFUSED);
	CU_ASSERT_PTR_NOT_NULL(strstr(third.request.error.text, "do not belong together"));
}

static void
no_leaf_outlives_the_root(void)
{
	struct ce_error err = { 0 };
	CE_CLEANUP(fixture_close) struct fixture fixture;
	fixture_open(&fixture, "house: { kind = \"local\"; ca_days = 10; days = 2; };");
	CE_CLEANUP(request_release) struct request first;
	CU_ASSERT_EQUAL(issue_shop(&fixture, &first), CE_ISSUE_ISSUED);
	/* 'days' is set higher after the CA was made, when its successor is not due */
	ce_settings_release(&fixture.config.issuers[0].settings);
	CE_CLEANUP(request_release) struct request late;
	CU_ASSERT_EQUAL(issue_shop(&fixture, &late), CE_ISSUE_ISSUED);
	CE_CLEANUP(ce_facts_release) struct ce_facts root;
	read_root(&fixture, &root);
	CE_CLEANUP(ce_bundle_release) struct ce_bundle bundle;
	CU_ASSERT_EQUAL_FATAL(fixture_accept(&late, &bundle, &err), CE_OK);
	CU_ASSERT_EQUAL(bundle.facts.not_after, root.not_after);
	CU_ASSERT_PTR_NOT_NULL(strstr(fixture.progress, "when the CA's own certificate ends"));
}

static size_t
count_anchors(struct fixture *fixture)
{
	struct ce_error err = { 0 };
	CE_CLEANUP(ce_buf_release) struct ce_buf pem = CE_BUF_INIT;
	const struct ce_issuer_config *issuer = ce_config_issuer(&fixture->config, "house");
	CU_ASSERT_EQUAL(ce_issuer_driver("local")->anchors(issuer, fixture->store, &pem, &err), CE_OK);
	size_t count = 0;
	for (const char *at = ce_buf_text(&pem); (at = strstr(at, "BEGIN CERT")); at++)
		count++;
	return count;
}

/* Who signs at each moment of a CA of 120 days, and how many roots are to be trusted. */
static void
a_root_gets_its_successor_before_it_ends(void)
{
	static const struct {
		int day;
		bool by_first;
		size_t anchors;
	} steps[] = {
		{ 0, true, 1 },
		{ 79, true, 1 },   /* 41 days are left */
		{ 81, true, 2 },   /* a third is left: the successor is made and told, and does not sign yet */
		{ 89, true, 2 },
		{ 91, false, 2 },  /* the first would not outlive a certificate */
		{ 119, false, 2 },
		{ 122, false, 1 }, /* it has expired */
	};
	struct ce_error err = { 0 };
	CE_CLEANUP(fixture_close) struct fixture fixture;
	fixture_open(&fixture, "house: { kind = \"local\"; ca_days = 120; days = 30; common_name = \"House\"; };");
	for (size_t i = 0; i < CE_COUNT(steps); i++) {
		CE_CLEANUP(request_release) struct request request;
		CE_CLEANUP(ce_bundle_release) struct ce_bundle bundle;
		char rule[64];
		snprintf(rule, sizeof(rule), "now:%lld", steps[i].day * DAY_S);
		ce_fault_begin(rule);
		CU_ASSERT_EQUAL_FATAL(issue_shop(&fixture, &request), CE_ISSUE_ISSUED);
		CU_ASSERT_EQUAL_FATAL(fixture_accept(&request, &bundle, &err), CE_OK);
		CU_ASSERT_EQUAL(count_anchors(&fixture), steps[i].anchors);
		ce_fault_end();
		CU_ASSERT_STRING_EQUAL(bundle.facts.issuer, steps[i].by_first ? "CN=House" : "CN=House 2");
		CU_ASSERT_TRUE(bundle.facts.not_after - bundle.facts.not_before + 1 == 30 * DAY_S);
	}
}

static int
upkeep(struct fixture *fixture, int day)
{
	char rule[64];
	struct ce_error err = { 0 };
	snprintf(rule, sizeof(rule), "now:%lld", day * DAY_S);
	ce_fault_begin(rule);
	int code = ce_issuer_driver("local")->upkeep(ce_config_issuer(&fixture->config, "house"), fixture->store, &err);
	ce_fault_end();
	return code;
}

static struct ce_crl_facts
read_crl(struct fixture *fixture)
{
	struct ce_error err = { 0 };
	struct ce_crl_facts facts = { 0 };
	CE_CLEANUP(ce_buf_release) struct ce_buf pem = CE_BUF_INIT;
	CU_ASSERT_EQUAL(ce_store_issuer_get(fixture->store, "house", "ca.crl", &pem, &err), CE_OK);
	CU_ASSERT_EQUAL(ce_crl_read(ce_buf_bytes(&pem), &facts, &err), CE_OK);
	return facts;
}

static void
the_crl_is_renewed_in_time_and_no_sooner(void)
{
	CE_CLEANUP(fixture_close) struct fixture fixture;
	fixture_open(&fixture, "house: { kind = \"local\"; crl_days = 9; };");
	CU_ASSERT_EQUAL(upkeep(&fixture, 0), CE_UNCHANGED); /* there is no CA yet, and none is made */
	CE_CLEANUP(request_release) struct request request;
	CU_ASSERT_EQUAL(issue_shop(&fixture, &request), CE_ISSUE_ISSUED);
	CU_ASSERT_EQUAL(read_crl(&fixture).number, 1);
	CU_ASSERT_EQUAL(upkeep(&fixture, 0), CE_UNCHANGED);
	CU_ASSERT_EQUAL(upkeep(&fixture, 5), CE_UNCHANGED);
	CU_ASSERT_EQUAL(upkeep(&fixture, 7), CE_OK);
	CU_ASSERT_EQUAL(read_crl(&fixture).number, 2);
	CU_ASSERT_EQUAL(upkeep(&fixture, 7), CE_UNCHANGED);
	struct ce_error err = { 0 };
	struct ce_bytes damaged = { (const unsigned char *)"x", 1 };
	CU_ASSERT_EQUAL(ce_store_issuer_put(fixture.store, "house", "ca.crl", damaged, &err), CE_OK);
	CU_ASSERT_EQUAL(upkeep(&fixture, 7), CE_OK);
	CU_ASSERT_TRUE(read_crl(&fixture).number > 2);
	CU_ASSERT_EQUAL(upkeep(&fixture, 2500), CE_OK); /* the successor */
	CU_ASSERT_EQUAL(upkeep(&fixture, 2500), CE_UNCHANGED);
}

static int
revoke_leaf(struct fixture *fixture, const struct ce_buf *leaf, int reason, struct ce_error *err)
{
	const struct ce_issue_context context = { .store = fixture->store };
	const struct ce_revocation revocation = { .issuer = ce_config_issuer(&fixture->config, "house"),
		.leaf_pem = ce_buf_bytes(leaf), .reason = reason };
	return ce_issuer_driver("local")->revoke(&revocation, &context, err);
}

static void
what_is_revoked_is_on_the_list_until_it_expires(void)
{
	struct ce_error err = { 0 };
	CE_CLEANUP(fixture_close) struct fixture fixture;
	CE_CLEANUP(fixture_close) struct fixture other;
	fixture_open(&fixture, "house: { kind = \"local\"; days = 30; };");
	fixture_open(&other, "house: { kind = \"local\"; };");
	CE_CLEANUP(request_release) struct request request;
	CE_CLEANUP(request_release) struct request foreign;
	CU_ASSERT_EQUAL(issue_shop(&fixture, &request), CE_ISSUE_ISSUED);
	CU_ASSERT_EQUAL(issue_shop(&other, &foreign), CE_ISSUE_ISSUED);
	CU_ASSERT_EQUAL(revoke_leaf(&fixture, &foreign.request.chain_pem, 1, &err), CE_ERR_REFUSED);
	CU_ASSERT_EQUAL(read_crl(&fixture).count, 0);
	CU_ASSERT_EQUAL(revoke_leaf(&fixture, &request.request.chain_pem, 1, &err), CE_OK);
	CU_ASSERT_EQUAL(read_crl(&fixture).count, 1);
	CU_ASSERT_EQUAL(read_crl(&fixture).number, 2);
	CU_ASSERT_EQUAL(revoke_leaf(&fixture, &request.request.chain_pem, -1, &err), CE_UNCHANGED);
	CU_ASSERT_EQUAL(read_crl(&fixture).number, 2);
	CU_ASSERT_EQUAL(upkeep(&fixture, 5), CE_UNCHANGED);
	CU_ASSERT_EQUAL(upkeep(&fixture, 31), CE_OK);
	CU_ASSERT_EQUAL(read_crl(&fixture).count, 0);
}

static void
names_outside_of_what_is_permitted_are_refused(void)
{
	CE_CLEANUP(fixture_close) struct fixture fixture;
	CE_CLEANUP(fixture_close) struct fixture narrow;
	fixture_open(&fixture, "house: { kind = \"local\"; permit = [ \"example.com\", \"192.0.2.0/24\", \"2001:db8::/32\" ]; };");
	fixture_open(&narrow, "house: { kind = \"local\"; permit = [ \"example.com\" ]; };");
	CE_CLEANUP(request_release) struct request good;
	CE_CLEANUP(request_release) struct request bad;
	CE_CLEANUP(request_release) struct request plain;
	CU_ASSERT_EQUAL(issue_shop(&fixture, &good), CE_ISSUE_ISSUED);
	CU_ASSERT_EQUAL(issue_shop(&narrow, &bad), CE_ISSUE_REFUSED); /* it has addresses */
	CU_ASSERT_EQUAL(bad.request.refusal, CE_REFUSAL_INPUT);
	CU_ASSERT_PTR_NOT_NULL(strstr(bad.request.error.text, "permit"));
	fixture_request(&narrow, "blog", &plain);
	fixture_issue(&narrow, &plain);
	CU_ASSERT_EQUAL(plain.request.outcome, CE_ISSUE_ISSUED);
}

static void
wrong_options_are_found(void)
{
	static const char *const options[] = {
		"ca_days = 100; days = 90;", "permit = [ \"*.example.com\" ];", "permit = [ \"192.0.2.1\" ];",
		"permit = [ \"192.0.2.0/99\" ];", "permit = [ \"a b\" ];",
	};
	for (size_t i = 0; i < CE_COUNT(options); i++) {
		struct ce_error err = { 0 };
		char issuer[128];
		CE_CLEANUP(fixture_close) struct fixture fixture;
		snprintf(issuer, sizeof(issuer), "house: { kind = \"local\"; %s };", options[i]);
		fixture_open(&fixture, issuer);
		CU_ASSERT_EQUAL(fixture.problems.count, 0);
		CU_ASSERT_EQUAL(ce_issuers_check(&fixture.config, &fixture.problems, &err), CE_OK);
		CU_ASSERT_TRUE(fixture.problems.count > 0);
	}
}

static void
names_come_from_the_order_and_not_from_the_request(void)
{
	struct ce_error err = { 0 };
	CE_CLEANUP(fixture_close) struct fixture fixture;
	fixture_open(&fixture, "house: { kind = \"local\"; };");
	CE_CLEANUP(request_release) struct request request;
	CE_CLEANUP(request_release) struct request blog;
	fixture_request(&fixture, "shop", &request);
	fixture_request(&fixture, "blog", &blog);
	request.request.certificate = blog.request.certificate;
	fixture_issue(&fixture, &request);
	CU_ASSERT_EQUAL_FATAL(request.request.outcome, CE_ISSUE_ISSUED);
	CE_CLEANUP(ce_bundle_release) struct ce_bundle bundle;
	CU_ASSERT_EQUAL_FATAL(fixture_accept(&request, &bundle, &err), CE_OK);
	CU_ASSERT_EQUAL_FATAL(bundle.facts.names.count, 1);
	CU_ASSERT_STRING_EQUAL(bundle.facts.names.items[0], "blog.example.com");
}

static void
a_spoilt_request_fails_alone(void)
{
	struct ce_error err = { 0 };
	CE_CLEANUP(fixture_close) struct fixture fixture;
	fixture_open(&fixture, "house: { kind = \"local\"; };");
	CE_CLEANUP(request_release) struct request spoilt;
	CE_CLEANUP(request_release) struct request good;
	fixture_request(&fixture, "shop", &spoilt);
	fixture_request(&fixture, "blog", &good);
	spoilt.csr.data[spoilt.csr.size - 1] ^= 1; /* its signature */
	struct ce_issue_request *requests[] = { &spoilt.request, &good.request };
	const struct ce_issue_context context = { .store = fixture.store };
	CU_ASSERT_EQUAL(ce_issuer_driver("local")->issue(requests, 2, &context, &err), CE_OK);
	CU_ASSERT_EQUAL(spoilt.request.outcome, CE_ISSUE_REFUSED);
	CU_ASSERT_EQUAL(spoilt.request.refusal, CE_REFUSAL_INPUT);
	CU_ASSERT_EQUAL(spoilt.request.chain_pem.size, 0);
	CU_ASSERT_EQUAL(good.request.outcome, CE_ISSUE_ISSUED);
}

static void
there_are_no_anchors_before_the_ca_is_made(void)
{
	struct ce_error err = { 0 };
	CE_CLEANUP(fixture_close) struct fixture fixture;
	fixture_open(&fixture, "house: { kind = \"local\"; };");
	CE_CLEANUP(ce_buf_release) struct ce_buf pem = CE_BUF_INIT;
	const struct ce_issuer_config *issuer = ce_config_issuer(&fixture.config, "house");
	CU_ASSERT_EQUAL(ce_issuer_driver("local")->anchors(issuer, fixture.store, &pem, &err), CE_ERR_NOT_FOUND);
}

const struct ce_test local_tests[] = {
	{ "what is issued passes the checks of the engine", what_is_issued_passes_the_checks_of_the_engine },
	{ "the CA is made once", the_ca_is_made_once },
	{ "its records are for the owner only", its_records_are_for_the_owner_only },
	{ "options shape the CA", options_shape_the_ca },
	{ "a key without its certificate is completed", a_key_without_its_certificate_is_completed },
	{ "a full disk at any write is survived", a_full_disk_at_any_write_is_survived },
	{ "a lost key is never replaced", a_lost_key_is_never_replaced },
	{ "key and certificate of different CAs are refused", key_and_certificate_of_different_cas_are_refused },
	{ "no leaf outlives the root", no_leaf_outlives_the_root },
	{ "a root gets its successor before it ends", a_root_gets_its_successor_before_it_ends },
	{ "the CRL is renewed in time and no sooner", the_crl_is_renewed_in_time_and_no_sooner },
	{ "what is revoked is on the list until it expires", what_is_revoked_is_on_the_list_until_it_expires },
	{ "names outside of what is permitted are refused", names_outside_of_what_is_permitted_are_refused },
	{ "wrong options are found", wrong_options_are_found },
	{ "names come from the order and not from the request", names_come_from_the_order_and_not_from_the_request },
	{ "a spoilt request fails alone", a_spoilt_request_fails_alone },
	{ "there are no anchors before the CA is made", there_are_no_anchors_before_the_ca_is_made },
	{ NULL, NULL },
};
