#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/sys_fault.h"
#include "product.h"

static int
recover_one(const struct ce_transaction_hooks *hooks, struct ce_recovered *ret_recovered, struct ce_error *err)
{
	CE_CLEANUP(ce_strlist_release) struct ce_strlist passed_over = CE_STRLIST_INIT;
	return ce_transaction_recover(product_journal(), &passed_over, hooks, ret_recovered, err);
}

/* Recovers until nothing is left to recover; gives the last outcome that had something to tell. */
static enum ce_transaction_outcome
recover(struct ce_error *err)
{
	enum ce_transaction_outcome last = CE_DEPLOYED;
	for (;;) {
		struct ce_recovered recovered = { 0 };
		int code = recover_one(product_hooks(), &recovered, err);
		if (code != CE_OK)
			return last;
		if (recovered.recipe)
			last = recovered.outcome;
		ce_recovered_release(&recovered);
	}
}

/* Runs act in a child that is killed before call n; whether it was. */
static bool
killed_at(unsigned long n, void (*act)(void))
{
	(void)fflush(NULL);
	pid_t child = fork();
	if (child == 0) {
		char rules[32];
		snprintf(rules, sizeof(rules), "kill:%lu", n);
		ce_fault_begin(rules);
		act();
		_exit(0);
	}
	int status = 0;
	CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
	return WIFSIGNALED(status);
}

static void
deploy(void)
{
	CE_CLEANUP(ce_freep) char *trouble = NULL;
	struct ce_error err = { 0 };
	(void)product_deploy(&err, &trouble);
}

static void
recover_only(void)
{
	struct ce_error err = { 0 };
	(void)recover(&err);
}

static void
expect_old_or_new(unsigned long n)
{
	bool old = product_is_old() && strcmp(product_read("served"), "old") == 0;
	bool new_ = product_is_new() && strcmp(product_read("served"), "new") == 0;
	if (!old && !new_)
		printf("(call %lu) ", n);
	CU_ASSERT_TRUE(old || new_);
	CU_ASSERT_EQUAL(product_leftovers(), 0);
}

/* P1 */
static void
a_kill_before_every_call_is_repaired(void)
{
	unsigned long n = 1;
	for (;; n += product_stride()) {
		struct ce_error err = { 0 };
		product_begin();
		bool killed = killed_at(n, deploy);
		CU_ASSERT_NOT_EQUAL(recover(&err), CE_HELP_NEEDED);
		expect_old_or_new(n);
		if (!killed)
			break;
	}
	CU_ASSERT_TRUE(n > 40);
	printf("(%lu kill points) ", n - 1);
}

/* The same where the product is about to refuse, so that the kills also hit the undoing. */
static void
a_kill_during_rollback_is_repaired(void)
{
	unsigned long n = 1;
	for (;; n += product_stride()) {
		struct ce_error err = { 0 };
		product_begin();
		product_faults.reload_fails = 1;
		bool killed = killed_at(n, deploy);
		product_faults.reload_fails = 0;
		CU_ASSERT_NOT_EQUAL(recover(&err), CE_HELP_NEEDED);
		expect_old_or_new(n);
		if (!killed)
			break;
	}
	printf("(%lu kill points) ", n - 1);
}

/* P6 */
static void
recovery_may_be_killed_any_number_of_times(void)
{
	unsigned long points = 0;
	for (unsigned long n = 5; n < 400; n += 7 * product_stride()) {
		product_begin();
		if (!killed_at(n, deploy))
			break;
		for (unsigned long m = 1; killed_at(m, recover_only); m += product_stride())
			points++;
		struct ce_error err = { 0 };
		CU_ASSERT_NOT_EQUAL(recover(&err), CE_HELP_NEEDED);
		expect_old_or_new(n);
	}
	printf("(%lu kill points) ", points);
	CU_ASSERT_TRUE(points > 100 / product_stride());
}

/* Kills a deployment whose files are all new and not reloaded yet. */
static void
kill_after_switching(void)
{
	for (unsigned long n = 1;; n++) {
		product_begin();
		bool killed = killed_at(n, deploy);
		if (killed && product_is_new() && strcmp(product_read("served"), "old") == 0)
			return;
		CU_ASSERT_TRUE_FATAL(killed);
	}
}

/* P7 */
static void
a_file_edited_after_the_kill_is_left_and_reported(void)
{
	kill_after_switching();
	product_put("config", "the operator's own\n");
	struct ce_error err = { 0 };
	struct ce_recovered recovered = { 0 };
	CU_ASSERT_EQUAL(recover_one(product_hooks(), &recovered, &err), CE_OK);
	CU_ASSERT_EQUAL(recovered.outcome, CE_HELP_NEEDED);
	CU_ASSERT_PTR_NOT_NULL(strstr(recovered.text, "changed by somebody else"));
	CU_ASSERT_STRING_EQUAL(product_read("config"), "the operator's own\n");
	CU_ASSERT_STRING_EQUAL(product_read("store"), "(none)");
	CU_ASSERT_EQUAL(product_leftovers(), 0);
	ce_recovered_release(&recovered);
}

/* The one name in the product's directory that is a temporary's; false when there is none. */
static bool
find_temporary(char *out, size_t room)
{
	char pattern[512];
	glob_t found;
	snprintf(pattern, sizeof(pattern), "%s/.certengine-*", product_path(""));
	bool there = glob(pattern, 0, NULL, &found) == 0;
	if (there)
		snprintf(out, room, "%s", strrchr(found.gl_pathv[0], '/') + 1);
	globfree(&found);
	return there;
}

/* P7. Killed between the switch and the look at what it displaced. */
static void
an_edit_that_was_displaced_by_the_killed_run_is_put_back(void)
{
	char temporary[300];
	unsigned long n = 1;
	for (;; n++) {
		product_begin();
		CU_ASSERT_TRUE_FATAL(killed_at(n, deploy));
		if (strstr(product_read("config"), "new") && find_temporary(temporary, sizeof(temporary))
		    && strstr(product_read(temporary), "old"))
			break;
	}
	product_put(temporary, "edited in the last moment");
	struct ce_error err = { 0 };
	CU_ASSERT_EQUAL(recover(&err), CE_HELP_NEEDED);
	CU_ASSERT_STRING_EQUAL(product_read("config"), "edited in the last moment");
	CU_ASSERT_EQUAL(product_leftovers(), 0);
}

static void
a_damaged_journal_is_moved_aside(void)
{
	kill_after_switching();
	struct ce_error err = { 0 };
	struct ce_recovered recovered = { 0 };
	CE_CLEANUP(ce_strlist_release) struct ce_strlist ids = CE_STRLIST_INIT;
	CU_ASSERT_EQUAL(ce_dir_list(product_journal(), 10, &ids, &err), CE_OK);
	CU_ASSERT_EQUAL_FATAL(ids.count, 1);
	char log[300];
	snprintf(log, sizeof(log), "journal/%s/log", ids.items[0]);
	product_put(log, "damaged record\nand another\n");
	CU_ASSERT_EQUAL(recover_one(product_hooks(), &recovered, &err), CE_ERR_INVALID);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "journal/kept/"));
	CU_ASSERT_EQUAL(recover_one(product_hooks(), &recovered, &err), CE_UNCHANGED);
}

/* Repeating must come to an end, and nobody may read that all is well. */
static void
a_journal_that_cannot_be_put_away_ends_the_recovery(void)
{
	kill_after_switching();
	product_put("config", "the operator's own\n");
	product_put("journal/kept", "a file where the folder should be\n");
	struct ce_error err = { 0 };
	struct ce_recovered recovered = { 0 };
	CU_ASSERT_EQUAL(recover_one(product_hooks(), &recovered, &err), CE_ERR_SYSTEM);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "changed by somebody else"));
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "could not be put away"));
}

/* Only damage sends a journal away: a good one that cannot be read now is for the next run. */
static void
a_journal_that_cannot_be_read_for_now_stays(void)
{
	kill_after_switching();
	struct ce_error err = { 0 };
	struct ce_recovered recovered = { 0 };
	size_t count = 0;
	ce_fault_begin("only:read,fail:1:EIO");
	int code = recover_one(product_hooks(), &recovered, &err);
	ce_fault_end();
	CU_ASSERT_EQUAL(code, CE_ERR_SYSTEM);
	CU_ASSERT_EQUAL(ce_transaction_unfinished(product_journal(), &count, &err), CE_OK);
	CU_ASSERT_EQUAL(count, 1);
	ce_error_clear(&err);
	CU_ASSERT_EQUAL(recover(&err), CE_ROLLED_BACK);
	CU_ASSERT_TRUE(product_is_old());
}

const struct ce_test recovery_tests[] = {
	{ "a kill before every call is repaired (P1)", a_kill_before_every_call_is_repaired },
	{ "a kill during rollback is repaired", a_kill_during_rollback_is_repaired },
	{ "recovery may be killed any number of times (P6)", recovery_may_be_killed_any_number_of_times },
	{ "a file edited after the kill is left and reported (P7)", a_file_edited_after_the_kill_is_left_and_reported },
	{ "an edit that was displaced by the killed run is put back (P7)",
		an_edit_that_was_displaced_by_the_killed_run_is_put_back },
	{ "a damaged journal is moved aside", a_damaged_journal_is_moved_aside },
	{ "a journal that cannot be put away ends the recovery", a_journal_that_cannot_be_put_away_ends_the_recovery },
	{ "a journal that cannot be read for now stays", a_journal_that_cannot_be_read_for_now_stays },
	{ NULL, NULL },
};
