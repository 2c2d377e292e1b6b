#include <stdio.h>
#include <string.h>

#include "lib/sys_fault.h"
#include "product.h"

static void
expect_rolled_back(const char *step)
{
	CE_CLEANUP(ce_freep) char *trouble = NULL;
	struct ce_error err = { 0 };
	CU_ASSERT_EQUAL(product_deploy(&err, &trouble), CE_ROLLED_BACK);
	CU_ASSERT_STRING_EQUAL(err.step, step);
	CU_ASSERT_PTR_NULL(trouble);
	CU_ASSERT_TRUE(product_is_old());
	CU_ASSERT_STRING_EQUAL(product_read("served"), "old");
	CU_ASSERT_EQUAL(product_leftovers(), 0);
}

static void
a_good_deployment_changes_everything_and_leaves_nothing(void)
{
	CE_CLEANUP(ce_freep) char *trouble = NULL;
	struct ce_error err = { 0 };
	product_begin();
	CU_ASSERT_EQUAL(product_deploy(&err, &trouble), CE_DEPLOYED);
	CU_ASSERT_TRUE(product_is_new());
	CU_ASSERT_STRING_EQUAL(product_read("served"), "new");
	CU_ASSERT_EQUAL(product_reloads, 1);
	CU_ASSERT_EQUAL(product_leftovers(), 0);
}

static void
a_failed_reload_is_taken_back(void)
{
	product_begin();
	product_faults.reload_fails = 1;
	expect_rolled_back("reload");
	CU_ASSERT_EQUAL(product_reloads, 2);
}

static void
a_product_that_refuses_every_reload_is_taken_back(void)
{
	product_begin();
	product_faults.reload_fails = 9;
	expect_rolled_back("reload");
}

static void
an_old_certificate_still_served_is_taken_back(void)
{
	product_begin();
	product_faults.loads_nothing = true;
	expect_rolled_back("verify");
}

static void
a_product_that_stays_down_needs_help_and_keeps_the_images(void)
{
	CE_CLEANUP(ce_freep) char *trouble = NULL;
	struct ce_error err = { 0 };
	product_begin();
	product_faults.dead_after_reload = true;
	CU_ASSERT_EQUAL(product_deploy(&err, &trouble), CE_HELP_NEEDED);
	CU_ASSERT_STRING_EQUAL(err.step, "verify");
	CU_ASSERT_PTR_NOT_NULL_FATAL(trouble);
	CU_ASSERT_PTR_NOT_NULL(strstr(trouble, "journal/kept/"));
	CU_ASSERT_TRUE(product_is_old());
	CU_ASSERT_EQUAL(product_leftovers(), 0);
}

/* P7 */
static void
an_edit_after_staging_is_not_overwritten(void)
{
	CE_CLEANUP(ce_changes_release) struct ce_changes changes = CE_CHANGES_INIT;
	CE_CLEANUP(ce_freep) char *trouble = NULL;
	struct ce_error err = { 0 };
	product_begin();
	product_stage(&changes);
	product_put("config", "the operator's own\n");
	const struct ce_changes *all = &changes;
	CU_ASSERT_EQUAL(ce_transaction_run(product_journal(), ce_host_local(), &all, 1, product_recipe(), product_hooks(),
		&trouble, &err), CE_FAILED);
	CU_ASSERT_EQUAL(err.code, CE_ERR_FOREIGN);
	CU_ASSERT_STRING_EQUAL(product_read("config"), "the operator's own\n");
	CU_ASSERT_STRING_EQUAL(product_read("store"), "(none)");
	CU_ASSERT_EQUAL(product_reloads, 0);
	CU_ASSERT_EQUAL(product_leftovers(), 0);
}

static void
nothing_staged_reloads_and_proves(void)
{
	CE_CLEANUP(ce_freep) char *trouble = NULL;
	struct ce_error err = { 0 };
	product_begin();
	product_put("config", "new\n");
	CU_ASSERT_EQUAL(ce_transaction_run(product_journal(), ce_host_local(), NULL, 0, product_recipe(), product_hooks(),
		&trouble, &err), CE_DEPLOYED);
	CU_ASSERT_EQUAL(product_reloads, 1);
	product_put("served", "old");
	product_faults.reload_fails = 1;
	CU_ASSERT_EQUAL(ce_transaction_run(product_journal(), ce_host_local(), NULL, 0, product_recipe(), product_hooks(),
		&trouble, &err), CE_FAILED);
	CU_ASSERT_STRING_EQUAL(err.step, "reload");
}

static void
a_failing_command_is_taken_back(void)
{
	CE_CLEANUP(ce_changes_release) struct ce_changes changes = CE_CHANGES_INIT;
	CE_CLEANUP(ce_freep) char *trouble = NULL;
	struct ce_error err = { 0 };
	const char *const fails[] = { "/bin/false", NULL }, *const undo[] = { "/bin/true", NULL };
	product_begin();
	product_stage(&changes);
	CU_ASSERT_EQUAL(ce_changes_command(&changes, ce_host_local(), "fail", fails, undo, NULL, &err), CE_OK);
	const struct ce_changes *all = &changes;
	CU_ASSERT_EQUAL(ce_transaction_run(product_journal(), ce_host_local(), &all, 1, product_recipe(), product_hooks(),
		&trouble, &err), CE_ROLLED_BACK);
	CU_ASSERT_STRING_EQUAL(err.step, "commit");
	CU_ASSERT_TRUE(product_is_old());
	CU_ASSERT_EQUAL(product_reloads, 0);
}

/* Whatever call fails, once or for good, the product is entirely old or entirely new, or help is asked for. */
static void
every_failing_call_ends_old_or_new(const char *rule, const char *errno_name)
{
	unsigned long calls = 1;
	for (unsigned long n = 1; n <= calls + 1; n += product_stride()) { /* the last round meets no fault */
		CE_CLEANUP(ce_changes_release) struct ce_changes changes = CE_CHANGES_INIT;
		CE_CLEANUP(ce_freep) char *trouble = NULL;
		struct ce_error err = { 0 };
		char rules[64];
		product_begin();
		product_stage(&changes);
		const struct ce_changes *all = &changes;
		snprintf(rules, sizeof(rules), "%s:%lu:%s", rule, calls > 1 ? n : 1000000, errno_name);
		ce_fault_begin(rules);
		enum ce_transaction_outcome outcome = ce_transaction_run(product_journal(), ce_host_local(), &all, 1,
			product_recipe(), product_hooks(), &trouble, &err);
		if (ce_fault_count() > calls)
			calls = ce_fault_count();
		ce_fault_end();
		if (outcome == CE_DEPLOYED) {
			CU_ASSERT_TRUE(product_is_new());
		} else if (outcome != CE_HELP_NEEDED) {
			CU_ASSERT_TRUE(product_is_old());
			CU_ASSERT_STRING_EQUAL(product_read("served"), "old");
		} else {
			CU_ASSERT_PTR_NOT_NULL(trouble);
		}
	}
	CU_ASSERT_TRUE(calls > 40);
	printf("(%s %s: %lu calls) ", rule, errno_name, calls);
}

static void
every_call_may_fail_once(void)
{
	every_failing_call_ends_old_or_new("fail", "ENOSPC");
	every_failing_call_ends_old_or_new("fail", "EIO");
	every_failing_call_ends_old_or_new("fail", "EINTR");
	every_failing_call_ends_old_or_new("fail", "EACCES");
}

static void
every_call_may_begin_to_fail(void)
{
	every_failing_call_ends_old_or_new("failall", "ENOSPC");
	every_failing_call_ends_old_or_new("failall", "EROFS");
}

const struct ce_test transaction_tests[] = {
	{ "a good deployment changes everything and leaves nothing", a_good_deployment_changes_everything_and_leaves_nothing },
	{ "a failed reload is taken back", a_failed_reload_is_taken_back },
	{ "a product that refuses every reload is taken back", a_product_that_refuses_every_reload_is_taken_back },
	{ "an old certificate still served is taken back", an_old_certificate_still_served_is_taken_back },
	{ "a product that stays down needs help and keeps the images", a_product_that_stays_down_needs_help_and_keeps_the_images },
	{ "an edit after staging is not overwritten (P7)", an_edit_after_staging_is_not_overwritten },
	{ "nothing staged reloads and proves", nothing_staged_reloads_and_proves },
	{ "a failing command is taken back", a_failing_command_is_taken_back },
	{ "every call may fail once", every_call_may_fail_once },
	{ "every call may begin to fail", every_call_may_begin_to_fail },
	{ NULL, NULL },
};
