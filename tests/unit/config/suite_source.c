#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "helper.h"
#include "suites.h"

/* certengine.conf and conf.d in a directory of their own. */
static const char *
directory_with(const char *main_content)
{
	static char path[256];
	snprintf(path, sizeof(path), "%s/etc", ce_test_directory());
	(void)mkdir(path, 0755);
	snprintf(path, sizeof(path), "%s/etc/conf.d", ce_test_directory());
	(void)mkdir(path, 0755);
	snprintf(path, sizeof(path), "%s", helper_file("etc/certengine.conf", main_content));
	return path;
}

static void
read_all(struct helper *helper, const char *path)
{
	memset(helper, 0, sizeof(*helper));
	helper->code = ce_config_read(path, true, &helper->config, &helper->problems, &helper->error);
}

static void
forget(const char *name)
{
	char path[256];
	snprintf(path, sizeof(path), "%s/%s", ce_test_directory(), name);
	(void)unlink(path);
}

static void
reads_conf_d_in_order(void)
{
	const char *path = directory_with("certificates: { one: { issuer = \"late\"; names = [ \"a.example\" ]; }; };");
	(void)helper_file("etc/conf.d/20-b.conf", "issuers: { late: { kind = \"local\"; }; };");
	(void)helper_file("etc/conf.d/10-a.conf", "certificates: { two: { issuer = \"late\"; names = [ \"b.example\" ]; }; };");
	(void)helper_file("etc/conf.d/30-c.conf.bak", "this is no configuration");
	(void)helper_file("etc/conf.d/.hidden.conf", "nor is this");
	struct helper helper;
	read_all(&helper, path);
	CU_ASSERT_EQUAL_FATAL(helper.code, CE_OK);
	CU_ASSERT_EQUAL(helper.config.issuer_count, 1);
	CU_ASSERT_EQUAL_FATAL(helper.config.certificate_count, 2);
	CU_ASSERT_STRING_EQUAL(helper.config.certificates[0].name, "one");
	CU_ASSERT_STRING_EQUAL(helper.config.certificates[1].name, "two");
	CU_ASSERT_PTR_NOT_NULL(strstr(helper.config.certificates[1].file, "conf.d/10-a.conf"));
	helper_release(&helper);
}

static void
leaves_conf_d_alone_when_told_so(void)
{
	const char *path = directory_with("");
	struct helper helper = { .code = 0 };
	helper.code = ce_config_read(path, false, &helper.config, &helper.problems, &helper.error);
	CU_ASSERT_EQUAL(helper.code, CE_OK);
	CU_ASSERT_EQUAL(helper.config.issuer_count, 0);
	helper_release(&helper);
}

static void
finds_one_name_in_two_files(void)
{
	const char *path = directory_with("issuers: { late: { kind = \"local\"; }; };\n"
		"certificates: {\n two: { issuer = \"late\"; names = [ \"a.example\" ]; }; };");
	struct helper helper;
	read_all(&helper, path);
	CU_ASSERT_EQUAL(helper.code, CE_ERR_CONFIG);
	CU_ASSERT_EQUAL_FATAL(helper.problems.count, 2);
	CU_ASSERT_PTR_NOT_NULL(strstr(helper.problems.items[0].text, "certificate 'two' is declared in "));
	CU_ASSERT_PTR_NOT_NULL(strstr(helper.problems.items[0].text, "certengine.conf:3 already"));
	CU_ASSERT_PTR_NOT_NULL(strstr(helper.problems.items[1].text, "issuer 'late' is declared in "));
	helper_release(&helper);
	forget("etc/conf.d/20-b.conf");
	forget("etc/conf.d/10-a.conf");
}

static void
goes_on_after_a_broken_file(void)
{
	const char *path = directory_with("issuers: { late: { kind = ; }; };");
	(void)helper_file("etc/conf.d/10-a.conf", "limits = 1;");
	struct helper helper;
	read_all(&helper, path);
	CU_ASSERT_EQUAL_FATAL(helper.problems.count, 2);
	CU_ASSERT_PTR_NOT_NULL(strstr(helper.problems.items[0].file, "certengine.conf"));
	CU_ASSERT_PTR_NOT_NULL(strstr(helper.problems.items[1].text, "'limits'"));
	helper_release(&helper);
	forget("etc/conf.d/10-a.conf");
}

static void
refuses_what_others_could_have_written(void)
{
	const char *path = directory_with("");
	struct helper helper;
	CU_ASSERT_EQUAL(chmod(path, 0664), 0);
	read_all(&helper, path);
	CU_ASSERT(HELPER_FOUND(&helper, "0: others may write it (mode 0664): chmod go-w"));
	helper_release(&helper);

	char directory[256];
	snprintf(directory, sizeof(directory), "%s/etc/conf.d", ce_test_directory());
	CU_ASSERT_EQUAL(chmod(path, 0644), 0);
	CU_ASSERT_EQUAL(chmod(directory, 0777), 0);
	read_all(&helper, path);
	CU_ASSERT(HELPER_FOUND(&helper, "0: others may write it (mode 0777): chmod go-w"));
	CU_ASSERT_EQUAL(chmod(directory, 0755), 0);
	helper_release(&helper);
}

static void
refuses_a_foreign_owner(void)
{
	if (geteuid() != 0)
		return; /* only root can give a file away; the mode is judged above for everybody */
	const char *path = directory_with("");
	struct helper helper;
	CU_ASSERT_EQUAL(chown(path, 65534, 65534), 0);
	read_all(&helper, path);
	CU_ASSERT(HELPER_FOUND(&helper, "0: it belongs to user 65534, who could change it at will: chown root"));
	CU_ASSERT_EQUAL(chown(path, 0, 0), 0);
	helper_release(&helper);
}

static void
refuses_large_files(void)
{
	size_t size = (1u << 20) + 1;
	char *content = malloc(size + 1);
	CU_ASSERT_PTR_NOT_NULL_FATAL(content);
	memset(content, '#', size);
	content[size] = '\0';
	const char *path = directory_with(content);
	struct helper helper;
	read_all(&helper, path);
	CU_ASSERT(HELPER_FOUND(&helper, "0: it is larger than 1 MiB"));
	helper_release(&helper);
	free(content);
}

static void
tells_a_missing_file_from_a_bad_one(void)
{
	struct helper helper;
	read_all(&helper, "/nowhere/certengine.conf");
	CU_ASSERT_EQUAL(helper.code, CE_ERR_NOT_FOUND);
	CU_ASSERT_EQUAL(helper.problems.count, 0);
	helper_release(&helper);
	read_all(&helper, "certengine.conf");
	CU_ASSERT_EQUAL(helper.code, CE_ERR_INVALID);
	helper_release(&helper);
}

static void
refuses_includes(void)
{
	const char *path = directory_with("@include \"/etc/passwd\"\n");
	struct helper helper;
	read_all(&helper, path);
	CU_ASSERT(HELPER_FOUND(&helper,
		"1: @include is not allowed here: put the file into conf.d beside certengine.conf instead"));
	helper_release(&helper);
}

const struct ce_test source_tests[] = {
	{ "conf.d is read after the file, in order of name", reads_conf_d_in_order },
	{ "conf.d is left alone when a file was named", leaves_conf_d_alone_when_told_so },
	{ "one name in two files is a finding with both places", finds_one_name_in_two_files },
	{ "a broken file does not hide the findings of the next", goes_on_after_a_broken_file },
	{ "files and directories that others may write are refused", refuses_what_others_could_have_written },
	{ "files of another owner are refused", refuses_a_foreign_owner },
	{ "files over 1 MiB are refused", refuses_large_files },
	{ "a missing file is told from a bad one", tells_a_missing_file_from_a_bad_one },
	{ "includes are refused", refuses_includes },
	{ NULL, NULL },
};
