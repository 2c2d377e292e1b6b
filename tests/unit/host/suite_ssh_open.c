/* What is handed to the helper, and what is not. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/ssh_own.h"
#include "suites.h"

extern const struct ce_test ssh_open_tests[];

static const char *
put(const char *name, const char *content, mode_t mode)
{
	static char paths[4][256];
	static size_t next;
	char *path = paths[next++ % CE_COUNT(paths)];
	snprintf(path, sizeof(paths[0]), "%s/%s", ce_test_directory(), name);
	(void)unlink(path);
	FILE *file = fopen(path, "w");
	CU_ASSERT_PTR_NOT_NULL_FATAL(file);
	(void)fputs(content, file);
	(void)fclose(file);
	CU_ASSERT_EQUAL(chmod(path, mode), 0);
	return path;
}

/* The result of gathering all for a host with this identity and these known hosts. */
static int
gather(const char *identity, const char *known, struct ce_message *request, struct ce_buf *text, struct ce_error *err)
{
	const char *const identities[] = { identity, NULL }, *const files[] = { known, NULL };
	struct ce_ssh_spec spec = { .url = "ssh://root@db", .address = "db", .user = "root", .port = 22, .timeout_s = 1,
		.identities = identities, .known_hosts = files };
	struct ce_host *host = NULL;
	int code = ce_ssh_host_new(&spec, &host, err);
	if (code == CE_OK)
		code = ce_ssh_opening(ce_ssh_of(host), request, text, err);
	ce_ssh_host_free(host);
	return code;
}

static void
keys_and_known_hosts_are_handed_over(void)
{
	struct ce_error err = { 0 };
	CE_CLEANUP(ce_message_release) struct ce_message request = CE_MESSAGE_INIT(CE_SSH_OPEN);
	CE_CLEANUP(ce_buf_release) struct ce_buf known = CE_BUF_INIT;
	const char *key = put("key", "the key\n", 0600), *hosts = put("hosts", "db ssh-ed25519 AAAA\n", 0644);
	CU_ASSERT_EQUAL_FATAL(gather(key, hosts, &request, &known, &err), CE_OK);
	CU_ASSERT_STRING_EQUAL(ce_buf_text(&known), "db ssh-ed25519 AAAA\n\n");
	CU_ASSERT_STRING_EQUAL(ce_message_get_str(&request), "db");
	CU_ASSERT_EQUAL(ce_message_get_int(&request), 22);
	CU_ASSERT_STRING_EQUAL(ce_message_get_str(&request), "root");
	CU_ASSERT_EQUAL(ce_message_get_int(&request), 1);
	CU_ASSERT_EQUAL(ce_message_get_int(&request), 0);
	CU_ASSERT_STRING_EQUAL(ce_message_get_str(&request), hosts);
	CU_ASSERT_EQUAL(ce_message_get_int(&request), 1);
	CU_ASSERT_STRING_EQUAL(ce_message_get_str(&request), key);
	struct ce_bytes bytes = ce_message_get_bytes(&request);
	CU_ASSERT(bytes.size == 8 && memcmp(bytes.data, "the key\n", 8) == 0);
	CU_ASSERT_EQUAL(ce_message_end(&request, NULL), CE_OK);
}

static void
refuse(const char *key, const char *hosts, int wanted, const char *part)
{
	struct ce_error err = { 0 };
	CE_CLEANUP(ce_message_release) struct ce_message request = CE_MESSAGE_INIT(CE_SSH_OPEN);
	CE_CLEANUP(ce_buf_release) struct ce_buf known = CE_BUF_INIT;
	CU_ASSERT_EQUAL(gather(key, hosts, &request, &known, &err), wanted);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, part));
	CU_ASSERT_PTR_NULL(strstr(err.text, "the key"));
}

static void
files_that_others_could_have_written_or_read_are_refused(void)
{
	refuse(put("key", "the key\n", 0640), put("hosts", "", 0644), CE_ERR_REFUSED, "open to others (mode 0640");
	refuse(put("key", "the key\n", 0604), put("hosts", "", 0644), CE_ERR_REFUSED, "open to others (mode 0604");
	refuse(put("key", "the key\n", 0600), put("hosts", "", 0664), CE_ERR_REFUSED, "can be written by others");
	refuse("/no/such/key", put("hosts", "", 0644), CE_ERR_NOT_FOUND, "/no/such");
	refuse(put("key", "the key\n", 0600), "/no/such/hosts", CE_ERR_NOT_FOUND, "/no/such");
}

static void
a_barred_host_is_not_tried(void)
{
	struct ce_error err = { 0 };
	struct ce_ssh_spec spec = { .url = "ssh://root@db", .address = "db", .user = "root", .port = 22, .timeout_s = 1 };
	struct ce_host *host = NULL;
	CU_ASSERT_EQUAL_FATAL(ce_ssh_host_new(&spec, &host, &err), CE_OK);
	CU_ASSERT_STRING_EQUAL(host->name, "ssh://root@db");
	CU_ASSERT_STRING_EQUAL(host->address, "db");
	ce_ssh_host_bar(host, "something waits there");
	CU_ASSERT_EQUAL(host->open(host, &err), CE_ERR_NETWORK);
	CU_ASSERT_STRING_EQUAL(err.text, "something waits there");
	ce_ssh_host_free(host);
	ce_ssh_host_free(NULL);
}

const struct ce_test ssh_open_tests[] = {
	{ "keys and known hosts are handed over", keys_and_known_hosts_are_handed_over },
	{ "files that others could have written or read are refused", files_that_others_could_have_written_or_read_are_refused },
	{ "a barred host is not tried", a_barred_host_is_not_tried },
	{ NULL, NULL },
};
