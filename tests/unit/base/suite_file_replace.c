#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/sys.h"
#include "fixture.h"
#include "lib/sys_fault.h"

static struct ce_file_spec
spec_of(const char *path, const char *content)
{
	struct ce_file_spec spec = {
		.path = path, .bytes = { (const unsigned char *)content, strlen(content) },
		.uid = geteuid(), .gid = getegid(), .mode = 0640,
	};
	return spec;
}

/* All three acts; what was displaced is left in *displaced. */
static int
replace(const struct ce_file_spec *spec, struct ce_buf *displaced, struct ce_error *err)
{
	CE_CLEANUP(ce_file_replacep) struct ce_file_replace *acts = NULL;
	int code = ce_file_prepare(spec, &acts, err);
	if (code == CE_OK)
		code = ce_file_switch(acts, displaced, err);
	if (code == CE_OK)
		code = ce_file_settle(acts, err);
	return code;
}

static mode_t
mode_of(const char *name)
{
	struct stat st;
	return stat(fixture_path(name), &st) == 0 ? st.st_mode & 07777 : 0;
}

static void
new_file_gets_its_mode_and_no_stray(void)
{
	fixture_directory();
	struct ce_file_spec spec = spec_of(fixture_path("file"), "new");
	CE_CLEANUP(ce_buf_release) struct ce_buf displaced = CE_BUF_INIT;
	CU_ASSERT_EQUAL(replace(&spec, &displaced, NULL), CE_OK);
	CU_ASSERT_TRUE(fixture_holds("file", "new"));
	CU_ASSERT_EQUAL(mode_of("file"), 0640);
	CU_ASSERT_EQUAL(displaced.size, 0);
	CU_ASSERT_EQUAL(fixture_count(), 1);
}

static void
displaced_content_comes_back(void)
{
	fixture_directory();
	fixture_put("file", "old", 0600);
	struct ce_file_spec spec = spec_of(fixture_path("file"), "new");
	CE_CLEANUP(ce_file_replacep) struct ce_file_replace *acts = NULL;
	CU_ASSERT_EQUAL(ce_file_prepare(&spec, &acts, NULL), CE_OK);
	CU_ASSERT_TRUE(fixture_holds("file", "old"));
	fixture_put("file", "edited meanwhile", 0600);

	CE_CLEANUP(ce_buf_release) struct ce_buf displaced = CE_BUF_INIT;
	CU_ASSERT_EQUAL(ce_file_switch(acts, &displaced, NULL), CE_OK);
	CU_ASSERT_STRING_EQUAL(ce_buf_text(&displaced), "edited meanwhile");
	CU_ASSERT_TRUE(fixture_holds("file", "new"));
	CU_ASSERT_EQUAL(fixture_count(), 1);
	CU_ASSERT_EQUAL(ce_file_switch(acts, &displaced, NULL), CE_ERR_INVALID);
}

static void
dropped_preparation_leaves_nothing(void)
{
	fixture_directory();
	fixture_put("file", "old", 0600);
	struct ce_file_spec spec = spec_of(fixture_path("file"), "new");
	struct ce_file_replace *acts = NULL;
	CU_ASSERT_EQUAL(ce_file_prepare(&spec, &acts, NULL), CE_OK);
	CU_ASSERT_EQUAL(fixture_count(), 2);
	ce_file_replace_free(acts);
	ce_file_replace_free(NULL);
	CU_ASSERT_EQUAL(fixture_count(), 1);
	CU_ASSERT_TRUE(fixture_holds("file", "old"));
}

static void
what_appeared_meanwhile_is_foreign(void)
{
	fixture_directory();
	struct ce_file_spec spec = spec_of(fixture_path("file"), "new");
	CE_CLEANUP(ce_file_replacep) struct ce_file_replace *acts = NULL;
	CU_ASSERT_EQUAL(ce_file_prepare(&spec, &acts, NULL), CE_OK);
	fixture_put("file", "theirs", 0600);
	CU_ASSERT_EQUAL(ce_file_switch(acts, NULL, NULL), CE_ERR_FOREIGN);
	CU_ASSERT_TRUE(fixture_holds("file", "theirs"));
	ce_file_replacep(&acts);
	CU_ASSERT_EQUAL(fixture_count(), 1);
}

static void
what_disappeared_meanwhile_is_foreign(void)
{
	fixture_directory();
	fixture_put("file", "old", 0600);
	struct ce_file_spec spec = spec_of(fixture_path("file"), "new");
	CE_CLEANUP(ce_file_replacep) struct ce_file_replace *acts = NULL;
	CU_ASSERT_EQUAL(ce_file_prepare(&spec, &acts, NULL), CE_OK);
	CU_ASSERT_EQUAL(unlink(fixture_path("file")), 0);
	CE_CLEANUP(ce_buf_release) struct ce_buf displaced = CE_BUF_INIT;
	CU_ASSERT_EQUAL(ce_file_switch(acts, &displaced, NULL), CE_ERR_FOREIGN);
	ce_file_replacep(&acts);
	CU_ASSERT_EQUAL(fixture_count(), 0);
}

/* Between prepare and switch the service puts something else under the name. */
static void
link_planted_meanwhile_stays_and_its_target_too(void)
{
	fixture_directory();
	fixture_put("canary", "untouched", 0600);
	fixture_put("file", "old", 0600);
	struct ce_file_spec spec = spec_of(fixture_path("file"), "new");
	CE_CLEANUP(ce_file_replacep) struct ce_file_replace *acts = NULL;
	CU_ASSERT_EQUAL(ce_file_prepare(&spec, &acts, NULL), CE_OK);
	CU_ASSERT_EQUAL(unlink(fixture_path("file")), 0);
	CU_ASSERT_EQUAL(symlink("canary", fixture_path("file")), 0);
	CE_CLEANUP(ce_buf_release) struct ce_buf displaced = CE_BUF_INIT;
	CU_ASSERT_EQUAL(ce_file_switch(acts, &displaced, NULL), CE_ERR_FOREIGN);
	struct stat st;
	CU_ASSERT_EQUAL(lstat(fixture_path("file"), &st), 0);
	CU_ASSERT_TRUE(S_ISLNK(st.st_mode));
	CU_ASSERT_TRUE(fixture_holds("canary", "untouched"));
	ce_file_replacep(&acts);
	CU_ASSERT_EQUAL(fixture_count(), 2);
}

static void
hard_link_planted_meanwhile_is_foreign(void)
{
	fixture_directory();
	fixture_put("canary", "secret", 0600);
	fixture_put("file", "old", 0600);
	struct ce_file_spec spec = spec_of(fixture_path("file"), "new");
	CE_CLEANUP(ce_file_replacep) struct ce_file_replace *acts = NULL;
	CU_ASSERT_EQUAL(ce_file_prepare(&spec, &acts, NULL), CE_OK);
	CU_ASSERT_EQUAL(unlink(fixture_path("file")), 0);
	CU_ASSERT_EQUAL(link(fixture_path("canary"), fixture_path("file")), 0);
	CE_CLEANUP(ce_buf_release) struct ce_buf displaced = CE_BUF_INIT;
	CU_ASSERT_EQUAL(ce_file_switch(acts, &displaced, NULL), CE_ERR_FOREIGN);
	CU_ASSERT_EQUAL(displaced.size, 0);
	CU_ASSERT_TRUE(fixture_holds("canary", "secret"));
	CU_ASSERT_TRUE(fixture_holds("file", "secret"));
}

static void
unsafe_files_are_refused(void)
{
	fixture_directory();
	fixture_put("canary", "untouched", 0600);
	CU_ASSERT_EQUAL(mkdir(fixture_path("dir"), 0700), 0);
	CU_ASSERT_EQUAL(mkfifo(fixture_path("fifo"), 0600), 0);
	CU_ASSERT_EQUAL(mkdir(fixture_path("hostile"), 0700), 0);
	CU_ASSERT_EQUAL(symlink("../canary", fixture_path("hostile/link")), 0);
	CU_ASSERT_EQUAL(chmod(fixture_path("hostile"), 0777), 0);
	static const char *const names[] = { "dir", "fifo", "hostile/link" };
	size_t before = fixture_count();
	for (size_t i = 0; i < CE_COUNT(names); i++) {
		struct ce_file_spec spec = spec_of(fixture_path(names[i]), "new");
		CU_ASSERT_EQUAL(replace(&spec, NULL, NULL), CE_ERR_REFUSED);
	}
	CU_ASSERT_EQUAL(link(fixture_path("canary"), fixture_path("second")), 0);
	struct ce_file_spec spec = spec_of(fixture_path("second"), "new");
	CU_ASSERT_EQUAL(replace(&spec, NULL, NULL), CE_ERR_REFUSED);
	CU_ASSERT_TRUE(fixture_holds("canary", "untouched"));
	CU_ASSERT_EQUAL(fixture_count(), before + 1);
}

/* Debian's configuration files are links: the file is replaced, the link stays. */
static void
trusted_link_keeps_being_one(void)
{
	fixture_directory();
	CU_ASSERT_EQUAL(mkdir(fixture_path("etc"), 0755), 0);
	fixture_put("etc/file", "old", 0600);
	CU_ASSERT_EQUAL(symlink("etc/file", fixture_path("link")), 0);
	struct ce_file_spec spec = spec_of(fixture_path("link"), "new");
	CU_ASSERT_EQUAL(replace(&spec, NULL, NULL), CE_OK);
	struct stat st;
	CU_ASSERT_EQUAL(lstat(fixture_path("link"), &st), 0);
	CU_ASSERT_TRUE(S_ISLNK(st.st_mode));
	CU_ASSERT_TRUE(fixture_holds("etc/file", "new"));
}

/* SEC-05: by trace, owner and mode come before the first byte of a private file. */
static void
owner_and_mode_come_before_the_first_byte(void)
{
	char rules[512], trace[4096] = "";
	fixture_directory();
	struct ce_file_spec spec = spec_of(fixture_path("key"), "key");
	spec.mode = 0600;
	snprintf(rules, sizeof(rules), "only:fchown+fchmod+write+fsync+renameat2,trace:%s", fixture_path("trace"));
	ce_fault_begin(rules);
	CU_ASSERT_EQUAL(replace(&spec, NULL, NULL), CE_OK);
	ce_fault_end();
	FILE *file = fopen(fixture_path("trace"), "r");
	CU_ASSERT_PTR_NOT_NULL_FATAL(file);
	char name[32], order[128] = "";
	while (fgets(trace, sizeof(trace), file))
		if (sscanf(trace, "%*d %31s", name) == 1)
			strcat(strcat(order, name), " ");
	fclose(file);
	CU_ASSERT_STRING_EQUAL(order, "fchown fchmod write fsync renameat2 fsync ");
}

static void
owner_is_given_on_the_descriptor(void)
{
	if (geteuid() != 0)
		return; /* only root can give a file away */
	fixture_directory();
	struct ce_file_spec spec = spec_of(fixture_path("file"), "new");
	spec.uid = 65534;
	spec.gid = 65533;
	spec.mode = 0600;
	CU_ASSERT_EQUAL(replace(&spec, NULL, NULL), CE_OK);
	struct stat st;
	CU_ASSERT_EQUAL(stat(fixture_path("file"), &st), 0);
	CU_ASSERT_EQUAL(st.st_uid, 65534);
	CU_ASSERT_EQUAL(st.st_gid, 65533);
}

static void
named_temporary_of_a_crash_is_made_anew(void)
{
	fixture_directory();
	fixture_put(".tmp", "half of a k", 0666);
	struct ce_file_spec spec = spec_of(fixture_path("file"), "new");
	spec.temporary = ".tmp";
	CU_ASSERT_EQUAL(replace(&spec, NULL, NULL), CE_OK);
	CU_ASSERT_EQUAL(fixture_count(), 1);
	fixture_put("canary", "untouched", 0600);
	CU_ASSERT_EQUAL(symlink("canary", fixture_path(".tmp")), 0);
	CU_ASSERT_EQUAL(replace(&spec, NULL, NULL), CE_OK);
	CU_ASSERT_TRUE(fixture_holds("canary", "untouched"));
	spec.temporary = "../tmp";
	CU_ASSERT_EQUAL(replace(&spec, NULL, NULL), CE_ERR_INVALID);
}

static void
file_systems_without_exchange_are_served(void)
{
	static const char *const rules[] = { "only:renameat2,fail:1:EINVAL", "only:renameat2,fail:1:ENOSYS" };
	for (size_t i = 0; i < CE_COUNT(rules); i++) {
		fixture_directory();
		struct ce_file_spec spec = spec_of(fixture_path("file"), "first");
		ce_fault_begin(rules[i]);
		CU_ASSERT_EQUAL(replace(&spec, NULL, NULL), CE_OK);
		CU_ASSERT_TRUE(fixture_holds("file", "first"));

		spec = spec_of(fixture_path("file"), "second");
		CE_CLEANUP(ce_buf_release) struct ce_buf displaced = CE_BUF_INIT;
		ce_fault_begin(rules[i]);
		CU_ASSERT_EQUAL(replace(&spec, &displaced, NULL), CE_OK);
		ce_fault_end();
		CU_ASSERT_STRING_EQUAL(ce_buf_text(&displaced), "first");
		CU_ASSERT_TRUE(fixture_holds("file", "second"));
		CU_ASSERT_EQUAL(fixture_count(), 1);
	}
}

static int
attempt(bool exists, const char *rules, bool *ret_reached, unsigned long call)
{
	fixture_directory();
	if (exists)
		fixture_put("file", "old", 0600);
	struct ce_file_spec spec = spec_of(fixture_path("file"), "new");
	spec.keep_labels = true;
	CE_CLEANUP(ce_buf_release) struct ce_buf displaced = CE_BUF_INIT;
	struct ce_error err = { .code = CE_OK };
	ce_fault_begin(rules);
	int code = replace(&spec, &displaced, &err);
	*ret_reached = ce_fault_count() >= call;
	ce_fault_end();
	if (code < 0)
		CU_ASSERT_STRING_NOT_EQUAL(err.text, "");
	return code;
}

/* P1 for one file: whatever call fails, the file is old or new, and nothing lies beside it. */
static void
each_failing_call_leaves_old_or_new(void)
{
	static const char *const errors[] = { "ENOSPC", "EIO", "EINTR", "EDQUOT" };
	for (size_t kind = 0; kind < 2 * CE_COUNT(errors); kind++) {
		bool exists = kind % 2 == 1, reached = true;
		unsigned long call = 0, failures = 0;
		while (reached) {
			char rules[64];
			snprintf(rules, sizeof(rules), "fail:%lu:%s", ++call, errors[kind / 2]);
			int code = attempt(exists, rules, &reached, call);
			bool is_new = fixture_holds("file", "new");
			bool is_old = exists ? fixture_holds("file", "old") : !fixture_exists("file");
			CU_ASSERT(is_new || is_old);
			CU_ASSERT(code != CE_OK || is_new);
			CU_ASSERT_EQUAL(fixture_count(), is_new || exists ? 1 : 0);
			failures += code < 0;
		}
		CU_ASSERT(call > 12);
		CU_ASSERT(failures > 6);
	}
}

static void
short_and_interrupted_writes_go_on(void)
{
	static const char *const rules[] = { "only:write,short:1", "only:write,fail:1:EINTR", "only:write,short:1,fail:2:EINTR" };
	for (size_t i = 0; i < CE_COUNT(rules); i++) {
		bool reached = false;
		CU_ASSERT_EQUAL(attempt(true, rules[i], &reached, 1), CE_OK);
		CU_ASSERT_TRUE(reached);
		CU_ASSERT_TRUE(fixture_holds("file", "new"));
	}
}

static unsigned long kill_call;

static int
save_and_die(void)
{
	char rules[64];
	snprintf(rules, sizeof(rules), "kill:%lu", kill_call);
	struct ce_bytes bytes = { (const unsigned char *)"new", 3 };
	ce_fault_begin(rules);
	return ce_file_save(fixture_path("file"), bytes, NULL) == CE_OK ? 0 : 1;
}

/* T1 for one file: killed before each call, the next save puts everything right. */
static void
killed_anywhere_the_next_save_repairs(void)
{
	int status = 0;
	for (kill_call = 1; kill_call < 100; kill_call++) {
		fixture_directory();
		fixture_put("file", "old", 0600);
		status = fixture_in_child(save_and_die);
		if (WIFEXITED(status))
			break;
		CU_ASSERT_EQUAL(WTERMSIG(status), SIGKILL);
		CU_ASSERT(fixture_holds("file", "old") || fixture_holds("file", "new"));
		struct ce_bytes bytes = { (const unsigned char *)"third", 5 };
		CU_ASSERT_EQUAL(ce_file_save(fixture_path("file"), bytes, NULL), CE_OK);
		CU_ASSERT_TRUE(fixture_holds("file", "third"));
		CU_ASSERT_EQUAL(fixture_count(), 1);
	}
	CU_ASSERT(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	CU_ASSERT(kill_call > 8);
}

static void
fsync_is_never_tried_again(void)
{
	bool reached = false;
	CU_ASSERT_EQUAL(attempt(true, "only:fsync,fail:1:EIO", &reached, 2), CE_ERR_SYSTEM);
	CU_ASSERT_FALSE(reached);
	CU_ASSERT_TRUE(fixture_holds("file", "old"));
}

static void
saving_is_private_and_replaces(void)
{
	fixture_directory();
	struct ce_bytes bytes = { (const unsigned char *)"state", 5 };
	CU_ASSERT_EQUAL(ce_file_save(fixture_path("file"), bytes, NULL), CE_OK);
	CU_ASSERT_EQUAL(mode_of("file"), 0600);
	CU_ASSERT_EQUAL(ce_file_save(fixture_path("file"), bytes, NULL), CE_OK);
	CU_ASSERT_EQUAL(fixture_count(), 1);
	CU_ASSERT_EQUAL(ce_file_save(fixture_path("none/file"), bytes, NULL), CE_ERR_NOT_FOUND);
	CU_ASSERT_EQUAL(ce_file_save("relative", bytes, NULL), CE_ERR_INVALID);
}

static void
removing_tells_whether_it_was_there(void)
{
	fixture_directory();
	fixture_put("file", "x", 0600);
	struct ce_error err = { .code = CE_OK };
	CU_ASSERT_EQUAL(ce_file_remove(fixture_path("file"), &err), CE_OK);
	CU_ASSERT_EQUAL(ce_file_remove(fixture_path("file"), &err), CE_UNCHANGED);
	CU_ASSERT_EQUAL(ce_file_remove(fixture_path("none/file"), &err), CE_UNCHANGED);
	CU_ASSERT_EQUAL(err.code, CE_OK);
	CU_ASSERT_EQUAL(mkdir(fixture_path("dir"), 0700), 0);
	CU_ASSERT_EQUAL(ce_file_remove(fixture_path("dir"), &err), CE_ERR_SYSTEM);
}

const struct ce_test file_replace_tests[] = {
	{ "new file gets its mode and no stray", new_file_gets_its_mode_and_no_stray },
	{ "displaced content comes back", displaced_content_comes_back },
	{ "dropped preparation leaves nothing", dropped_preparation_leaves_nothing },
	{ "what appeared meanwhile is foreign (P7)", what_appeared_meanwhile_is_foreign },
	{ "what disappeared meanwhile is foreign (P7)", what_disappeared_meanwhile_is_foreign },
	{ "link planted meanwhile stays and its target too", link_planted_meanwhile_stays_and_its_target_too },
	{ "hard link planted meanwhile is foreign", hard_link_planted_meanwhile_is_foreign },
	{ "unsafe files are refused", unsafe_files_are_refused },
	{ "trusted link keeps being one", trusted_link_keeps_being_one },
	{ "owner and mode come before the first byte (SEC-05)", owner_and_mode_come_before_the_first_byte },
	{ "owner is given on the descriptor", owner_is_given_on_the_descriptor },
	{ "named temporary of a crash is made anew", named_temporary_of_a_crash_is_made_anew },
	{ "file systems without exchange are served", file_systems_without_exchange_are_served },
	{ "each failing call leaves old or new (P1)", each_failing_call_leaves_old_or_new },
	{ "short and interrupted writes go on", short_and_interrupted_writes_go_on },
	{ "killed anywhere the next save repairs", killed_anywhere_the_next_save_repairs },
	{ "fsync is never tried again", fsync_is_never_tried_again },
	{ "saving is private and replaces", saving_is_private_and_replaces },
	{ "removing tells whether it was there", removing_tells_whether_it_was_there },
	{ NULL, NULL },
};
