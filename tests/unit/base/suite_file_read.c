#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/file.h"
#include "base/sys.h"
#include "fixture.h"
#include "lib/sys_fault.h"

static int
read_code(const char *path, size_t limit)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf bytes = CE_BUF_INIT;
	return ce_file_read(path, limit, &bytes, NULL, NULL);
}

static void
reads_content_and_facts(void)
{
	fixture_directory();
	fixture_put("file", "content", 0640);
	CE_CLEANUP(ce_buf_release) struct ce_buf bytes = CE_BUF_SECRET;
	CU_ASSERT_EQUAL(ce_buf_adds(&bytes, "old", NULL), CE_OK);
	struct ce_file_info info;
	CU_ASSERT_EQUAL(ce_file_read(fixture_path("file"), 100, &bytes, &info, NULL), CE_OK);
	CU_ASSERT_STRING_EQUAL(ce_buf_text(&bytes), "content");
	CU_ASSERT_TRUE(bytes.secret);
	CU_ASSERT_TRUE(info.exists);
	CU_ASSERT_FALSE(info.is_directory);
	CU_ASSERT_EQUAL(info.mode, 0640);
	CU_ASSERT_EQUAL(info.uid, geteuid());
	CU_ASSERT_EQUAL(info.size, 7);
	fixture_put("empty", "", 0600);
	CU_ASSERT_EQUAL(ce_file_read(fixture_path("empty"), 100, &bytes, NULL, NULL), CE_OK);
	CU_ASSERT_EQUAL(bytes.size, 0);
}

static void
limit_counts_to_the_byte(void)
{
	fixture_directory();
	fixture_put("file", "12345", 0600);
	CU_ASSERT_EQUAL(read_code(fixture_path("file"), 5), CE_OK);
	CU_ASSERT_EQUAL(read_code(fixture_path("file"), 4), CE_ERR_LIMIT);
	CU_ASSERT_EQUAL(truncate(fixture_path("file"), 1LL << 40), 0); /* sparse */
	CU_ASSERT_EQUAL(read_code(fixture_path("file"), CE_FILE_DEFAULT_LIMIT), CE_ERR_LIMIT);
}

/* A file without a size of its own (proc, a file that grows) meets the limit while it is read. */
static void
limit_holds_without_a_size(void)
{
	CU_ASSERT_EQUAL(read_code("/proc/self/maps", 100), CE_ERR_LIMIT);
	CU_ASSERT_EQUAL(read_code("/proc/self/maps", 1 << 20), CE_OK);
}

static void
absent_is_not_found(void)
{
	fixture_directory();
	CU_ASSERT_EQUAL(read_code(fixture_path("none"), 10), CE_ERR_NOT_FOUND);
	CU_ASSERT_EQUAL(read_code(fixture_path("none/none"), 10), CE_ERR_NOT_FOUND);
}

static void
links_follow_the_rule(void)
{
	fixture_directory();
	fixture_put("file", "content", 0644);
	CU_ASSERT_EQUAL(mkdir(fixture_path("sub"), 0755), 0);
	CU_ASSERT_EQUAL(symlink("../file", fixture_path("sub/link")), 0);
	CU_ASSERT_EQUAL(symlink("link", fixture_path("sub/second")), 0);
	CU_ASSERT_EQUAL(symlink(fixture_path("file"), fixture_path("sub/absolute")), 0);
	CU_ASSERT_EQUAL(read_code(fixture_path("sub/link"), 10), CE_OK);
	CU_ASSERT_EQUAL(read_code(fixture_path("sub/second"), 10), CE_OK);
	CU_ASSERT_EQUAL(read_code(fixture_path("sub/absolute"), 10), CE_OK);
	CU_ASSERT_EQUAL(chmod(fixture_path("sub"), 0777), 0);
	CU_ASSERT_EQUAL(read_code(fixture_path("sub/link"), 10), CE_ERR_REFUSED);
	CU_ASSERT_EQUAL(read_code(fixture_path("sub/absolute"), 10), CE_ERR_REFUSED);
}

static void
hard_link_is_refused(void)
{
	fixture_directory();
	fixture_put("file", "x", 0600);
	CU_ASSERT_EQUAL(link(fixture_path("file"), fixture_path("other")), 0);
	CU_ASSERT_EQUAL(read_code(fixture_path("other"), 10), CE_ERR_REFUSED);
}

static void
only_plain_files_are_read(void)
{
	fixture_directory();
	CU_ASSERT_EQUAL(mkfifo(fixture_path("fifo"), 0600), 0);
	CU_ASSERT_EQUAL(mkdir(fixture_path("dir"), 0700), 0);
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	strncpy(address.sun_path, fixture_path("socket"), sizeof(address.sun_path) - 1);
	CE_CLEANUP(ce_closep) int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	CU_ASSERT_EQUAL(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	CU_ASSERT_EQUAL(read_code(fixture_path("fifo"), 10), CE_ERR_REFUSED);
	CU_ASSERT_EQUAL(read_code(fixture_path("dir"), 10), CE_ERR_REFUSED);
	CU_ASSERT_EQUAL(read_code(fixture_path("socket"), 10), CE_ERR_REFUSED);
	CU_ASSERT_EQUAL(read_code("/dev/zero", 10), CE_ERR_REFUSED);
}

static void
short_and_interrupted_reads_go_on(void)
{
	fixture_directory();
	fixture_put("file", "0123456789", 0600);
	static const char *const rules[] = { "only:read,short:1", "only:read,fail:1:EINTR", "only:read,short:1,fail:2:EINTR" };
	for (size_t i = 0; i < CE_COUNT(rules); i++) {
		CE_CLEANUP(ce_buf_release) struct ce_buf bytes = CE_BUF_INIT;
		ce_fault_begin(rules[i]);
		CU_ASSERT_EQUAL(ce_file_read(fixture_path("file"), 10, &bytes, NULL, NULL), CE_OK);
		ce_fault_end();
		CU_ASSERT_STRING_EQUAL(ce_buf_text(&bytes), "0123456789");
	}
}

static void
failed_read_leaves_the_result_alone(void)
{
	fixture_directory();
	fixture_put("file", "0123456789", 0600);
	CE_CLEANUP(ce_buf_release) struct ce_buf bytes = CE_BUF_INIT;
	CU_ASSERT_EQUAL(ce_buf_adds(&bytes, "old", NULL), CE_OK);
	struct ce_error err = { .code = CE_OK };
	ce_fault_begin("only:read,fail:2:EIO");
	CU_ASSERT_EQUAL(ce_file_read(fixture_path("file"), 10, &bytes, NULL, &err), CE_ERR_SYSTEM);
	ce_fault_end();
	CU_ASSERT_STRING_EQUAL(ce_buf_text(&bytes), "old");
	CU_ASSERT(strstr(err.text, "Input/output error") != NULL);
}

static void
stat_tells_and_absence_is_no_error(void)
{
	fixture_directory();
	fixture_put("file", "123", 0604);
	struct ce_error err = { .code = CE_OK };
	ce_error_step(&err, "plan");
	struct ce_file_info info;
	CU_ASSERT_EQUAL(ce_file_stat(fixture_path("none"), &info, &err), CE_OK);
	CU_ASSERT_FALSE(info.exists);
	CU_ASSERT_EQUAL(ce_file_stat(fixture_path("none/none"), &info, &err), CE_OK);
	CU_ASSERT_FALSE(info.exists);
	CU_ASSERT_EQUAL(err.code, CE_OK);
	CU_ASSERT_STRING_EQUAL(err.step, "plan");
	CU_ASSERT_EQUAL(ce_file_stat(fixture_path("file"), &info, &err), CE_OK);
	CU_ASSERT_EQUAL(info.mode, 0604);
	CU_ASSERT_EQUAL(info.size, 3);
	CU_ASSERT_EQUAL(mkdir(fixture_path("dir"), 0711), 0);
	CU_ASSERT_EQUAL(symlink("dir", fixture_path("link")), 0);
	CU_ASSERT_EQUAL(ce_file_stat(fixture_path("link"), &info, &err), CE_OK);
	CU_ASSERT_TRUE(info.is_directory);
	CU_ASSERT_EQUAL(chmod(fixture_path("."), 0777), 0);
	CU_ASSERT_EQUAL(ce_file_stat(fixture_path("link"), &info, &err), CE_ERR_REFUSED);
}

const struct ce_test file_read_tests[] = {
	{ "reads content and facts", reads_content_and_facts },
	{ "limit counts to the byte", limit_counts_to_the_byte },
	{ "limit holds without a size", limit_holds_without_a_size },
	{ "absent is not found", absent_is_not_found },
	{ "links follow the rule", links_follow_the_rule },
	{ "hard link is refused", hard_link_is_refused },
	{ "only plain files are read, a fifo does not hang", only_plain_files_are_read },
	{ "short and interrupted reads go on", short_and_interrupted_reads_go_on },
	{ "failed read leaves the result alone", failed_read_leaves_the_result_alone },
	{ "stat tells and absence is no error", stat_tells_and_absence_is_no_error },
	{ NULL, NULL },
};
