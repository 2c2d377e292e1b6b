#include "fixture.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/sys.h"
#include "crypto/authority.h"
#include "crypto/digest.h"
#include "lib/sys_fault.h"
#include "suites.h"

static void
must(int code, const struct ce_error *err)
{
	if (code >= 0)
		return;
	fprintf(stderr, "fixture: %s\n", err->text);
	abort();
}

const char *
fixture_directory(void)
{
	static char path[128];
	static int number;
	snprintf(path, sizeof(path), "%s/%d", ce_test_directory(), ++number);
	return path;
}

struct ce_store *
fixture_store(void)
{
	struct ce_error err = { 0 };
	struct ce_store *store = NULL;
	must(ce_store_open(fixture_directory(), &store, &err), &err);
	return store;
}

void
fixture_bundle(const char *name, struct ce_bundle *ret_bundle)
{
	struct ce_error err = { 0 };
	CE_CLEANUP(ce_keyp) struct ce_key *key = NULL;
	CE_CLEANUP(ce_strlist_release) struct ce_strlist names = CE_STRLIST_INIT;
	ce_bundle_init(ret_bundle);
	must(ce_crypto_begin(&err), &err);
	must(ce_key_generate("ec-p256", &key, &err), &err);
	must(ce_key_to_pem(key, &ret_bundle->key, &err), &err);
	must(ce_strlist_add(&names, name, &err), &err);
	struct ce_certificate_template wanted = {
		.names = &names, .not_before = ce_now() - 3600, .not_after = ce_now() + 86400,
	};
	must(ce_authority_self_sign(key, &wanted, &ret_bundle->leaf, &err), &err);
	must(ce_facts_read(ce_buf_bytes(&ret_bundle->leaf), &ret_bundle->facts, &err), &err);
}

struct ce_bytes
fixture_bytes(const char *text)
{
	return (struct ce_bytes){ (const unsigned char *)text, strlen(text) };
}

bool
fixture_equal(const struct ce_buf *bytes, const char *text)
{
	return bytes->size == strlen(text) && (bytes->size == 0 || memcmp(bytes->data, text, bytes->size) == 0);
}

void
fixture_damage(const char *directory, const char *path, const char *content)
{
	char whole[512];
	snprintf(whole, sizeof(whole), "%s/%s", directory, path);
	FILE *file = fopen(whole, "w");
	if (!file || fputs(content, file) < 0 || fclose(file) != 0)
		abort();
}

bool
fixture_killed_at(unsigned long number, void (*work)(const char *directory), const char *directory)
{
	fflush(NULL);
	pid_t pid = fork();
	if (pid < 0)
		abort();
	if (pid == 0) {
		char rule[32];
		snprintf(rule, sizeof(rule), "kill:%lu", number);
		ce_fault_begin(rule);
		work(directory);
		_exit(ce_fault_count() < number ? 0 : 1);
	}
	int status = 0;
	if (waitpid(pid, &status, 0) != pid)
		abort();
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
		return true;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		abort();
	return false;
}
