/* Keys in tokens, judged with SoftHSM2 in a directory of this test. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crypto/jws.h"
#include "crypto/token_own.h"
#include "crypto_fixture.h"

static char uri[256], pin_file[96], variable[128];
static const char *const environment[] = { variable, NULL };

static const char *
find_module(void)
{
	static const char *const places[] = { "/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/pkcs11/libsofthsm2.so" };
	static char found[PATH_MAX];
	for (size_t i = 0; i < CE_COUNT(places); i++)
		if (realpath(places[i], found)) /* valgrind cannot follow the link */
			return found;
	printf("SKIP: SoftHSM2 is not on this machine\n");
	const char *all = getenv("CERTENGINE_REQUIRE_ALL");
	exit(all && strcmp(all, "1") == 0 ? 1 : 77);
}

static void
write_file(const char *path, const char *text, mode_t mode)
{
	FILE *file = fopen(path, "w");
	if (!file || fputs(text, file) < 0 || fclose(file) != 0 || chmod(path, mode) != 0)
		abort();
}

static void
run_util(const char *const *argv)
{
	pid_t pid = fork();
	if (pid == 0) {
		if (!freopen("/dev/null", "w", stdout))
			_exit(126);
		execve(argv[0], (char *const *)argv, environ);
		_exit(127);
	}
	int status = 0;
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
		abort();
}

/* The process anew: nothing is known, no PIN was refused. */
static void
begin(void)
{
	ce_tokens_end();
	if (ce_tokens_configure(find_module(), environment, NULL) < 0 || ce_tokens_add(uri, NULL) < 0)
		abort();
	write_file(pin_file, "4711-secret\n", 0600);
}

static void
the_token_is_made_for_all(void)
{
	static const char *const init[] = { "/usr/bin/softhsm2-util", "--init-token", "--free", "--label", "hsm one", "--so-pin", "00112233",
		"--pin", "4711-secret", NULL };
	char path[96], text[192];
	const char *module = find_module();
	snprintf(path, sizeof(path), "%s/tokens", ce_test_directory());
	CU_ASSERT_EQUAL_FATAL(mkdir(path, 0700), 0);
	snprintf(text, sizeof(text), "directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\n", path);
	snprintf(path, sizeof(path), "%s/softhsm2.conf", ce_test_directory());
	write_file(path, text, 0600);
	snprintf(variable, sizeof(variable), "SOFTHSM2_CONF=%s", path);
	snprintf(pin_file, sizeof(pin_file), "%s/pin", ce_test_directory());
	snprintf(uri, sizeof(uri), "pkcs11:token=hsm%%20one;pin-source=%s", pin_file);
	CU_ASSERT_EQUAL_FATAL(ce_tokens_configure(module, environment, NULL), CE_OK);
	run_util(init);
	begin();
}

/* protocols.md 6.4: generated there, private and never to be taken out, opened by its record, for CSR and JWS */
static void
a_key_of_each_kind_is_made_opened_and_signs(void)
{
	static const char *const quick[] = { "rsa-2048", "ec-p256", "ec-p384" };
	CE_CLEANUP(ce_strlist_release) struct ce_strlist names = fixture_names("shop.example");
	const struct ce_jws_request request = { .url = "https://ca.example/x", .nonce = "n", .payload = "{}" };
	begin();
	for (size_t i = 0; i < CE_COUNT(quick); i++) {
		CE_CLEANUP(ce_buf_release) struct ce_buf record = CE_BUF_INIT;
		CE_CLEANUP(ce_buf_release) struct ce_buf kept = CE_BUF_INIT;
		CE_CLEANUP(ce_buf_release) struct ce_buf csr = CE_BUF_INIT;
		CE_CLEANUP(ce_buf_release) struct ce_buf jws = CE_BUF_INIT;
		CE_CLEANUP(ce_buf_release) struct ce_buf pem = CE_BUF_INIT;
		CE_CLEANUP(ce_keyp) struct ce_key *key = NULL;
		CE_CLEANUP(ce_keyp) struct ce_key *again = NULL;
		struct ce_error err = { 0 };
		char id[65], again_id[65];
		CU_ASSERT_EQUAL_FATAL(ce_token_reserve(uri, "certengine/shop/1", &record, &err), CE_OK);
		CU_ASSERT_EQUAL(ce_key_open(ce_buf_bytes(&record), &key, &err), CE_ERR_NOT_FOUND); /* -56: reserved only */
		CU_ASSERT_EQUAL_FATAL(ce_token_generate(ce_buf_bytes(&record), quick[i], &key, &err), CE_OK);
		CU_ASSERT_STRING_EQUAL(ce_key_kind(key), quick[i]);
		CU_ASSERT_EQUAL(ce_key_record(key, &kept, &err), CE_OK);
		CU_ASSERT_STRING_EQUAL(ce_buf_text(&kept), ce_buf_text(&record));
		CU_ASSERT_PTR_NULL(strstr(ce_buf_text(&record), "pin"));
		CU_ASSERT_EQUAL_FATAL(ce_key_open(ce_buf_bytes(&record), &again, &err), CE_OK);
		CU_ASSERT_EQUAL(ce_key_id(key, id, &err), CE_OK);
		CU_ASSERT_EQUAL(ce_key_id(again, again_id, &err), CE_OK);
		CU_ASSERT_STRING_EQUAL(id, again_id);
		CU_ASSERT_EQUAL(ce_csr_build(again, &names, NULL, &csr, &err), CE_OK);
		CU_ASSERT_EQUAL(ce_jws_sign(again, &request, &jws, &err), CE_OK);
		CU_ASSERT_EQUAL(ce_key_to_pem(key, &pem, &err), CE_ERR_REFUSED);
		CU_ASSERT_TRUE(fixture_said(&err, CE_ERR_REFUSED, "cannot be taken out of token 'hsm one'"));
		ce_keyp(&key);
		ce_keyp(&again);
		CU_ASSERT_EQUAL(ce_token_remove(ce_buf_bytes(&record), &err), CE_OK);
		CU_ASSERT_EQUAL(ce_token_remove(ce_buf_bytes(&record), &err), CE_UNCHANGED);
		CU_ASSERT_EQUAL(ce_key_open(ce_buf_bytes(&record), &key, &err), CE_ERR_NOT_FOUND);
		CU_ASSERT_TRUE(fixture_said(&err, CE_ERR_NOT_FOUND, "token 'hsm one' holds no key 'certengine/shop/1'"));
	}
}

static struct ce_buf
make_key(const char *label)
{
	struct ce_buf record = CE_BUF_INIT;
	CE_CLEANUP(ce_keyp) struct ce_key *key = NULL;
	if (ce_token_reserve(uri, label, &record, NULL) < 0 || ce_token_generate(ce_buf_bytes(&record), "ec-p256", &key, NULL) < 0)
		abort();
	return record;
}

static void
keys_with_one_label_are_told_apart_by_id(void)
{
	begin();
	CE_CLEANUP(ce_buf_release) struct ce_buf one = make_key("same");
	CE_CLEANUP(ce_buf_release) struct ce_buf other = make_key("same");
	CE_CLEANUP(ce_keyp) struct ce_key *key = NULL;
	CU_ASSERT_EQUAL(ce_token_remove(ce_buf_bytes(&one), NULL), CE_OK);
	CU_ASSERT_EQUAL(ce_key_open(ce_buf_bytes(&one), &key, NULL), CE_ERR_NOT_FOUND);
	CU_ASSERT_EQUAL(ce_key_open(ce_buf_bytes(&other), &key, NULL), CE_OK);
	ce_keyp(&key);
	CU_ASSERT_EQUAL(ce_token_remove(ce_buf_bytes(&other), NULL), CE_OK);
}

static void
an_operators_own_key_is_used_and_never_removed(void)
{
	char given[320];
	CE_CLEANUP(ce_buf_release) struct ce_buf record = CE_BUF_INIT;
	CE_CLEANUP(ce_keyp) struct ce_key *key = NULL;
	begin();
	CE_CLEANUP(ce_buf_release) struct ce_buf made = make_key("ceremony");
	snprintf(given, sizeof(given), "pkcs11:token=hsm%%20one;object=ceremony;pin-source=%s", pin_file);
	CU_ASSERT_EQUAL(ce_token_check(given, true, NULL), CE_OK);
	CU_ASSERT_EQUAL_FATAL(ce_token_given(given, &record, NULL), CE_OK);
	CU_ASSERT_TRUE(ce_token_holds(given, ce_buf_bytes(&record)));
	CU_ASSERT_TRUE(ce_token_holds(given, ce_buf_bytes(&made)));
	CU_ASSERT_EQUAL(ce_token_remove(ce_buf_bytes(&record), NULL), CE_UNCHANGED);
	CU_ASSERT_EQUAL(ce_key_open(ce_buf_bytes(&record), &key, NULL), CE_OK);
	ce_keyp(&key);
	CU_ASSERT_EQUAL(ce_token_remove(ce_buf_bytes(&made), NULL), CE_OK);
}

/* A token locks after a few wrong PINs: one is tried in a run, and none when it could be the last. */
static void
a_wrong_pin_is_tried_once(void)
{
	struct ce_error err = { 0 };
	CE_CLEANUP(ce_keyp) struct ce_key *key = NULL;
	begin();
	CE_CLEANUP(ce_buf_release) struct ce_buf record = make_key("x");
	begin();
	write_file(pin_file, "wrong-4712\n", 0600);
	CU_ASSERT_EQUAL(ce_key_open(ce_buf_bytes(&record), &key, &err), CE_ERR_REFUSED);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "token 'hsm one' refuses the PIN in '"));
	CU_ASSERT_PTR_NULL(strstr(err.text, "4712"));
	write_file(pin_file, "4711-secret\n", 0600);
	CU_ASSERT_EQUAL(ce_key_open(ce_buf_bytes(&record), &key, &err), CE_ERR_REFUSED);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "is tried once in a run"));
	begin();
	CU_ASSERT_EQUAL(ce_token_remove(ce_buf_bytes(&record), NULL), CE_OK);
}

static void
what_stands_in_the_way_of_a_pin_is_told(void)
{
	struct ce_error err = { 0 };
	CE_CLEANUP(ce_keyp) struct ce_key *key = NULL;
	begin();
	CE_CLEANUP(ce_buf_release) struct ce_buf record = make_key("x");
	static const struct {
		const char *text;
		mode_t mode;
		const char *part;
	} rows[] = {
		{ "4711-secret\n", 0644, "is open to others (mode 0644)" },
		{ "\n4711-secret\n", 0600, "holds no PIN in its first line" },
		{ "", 0600, "holds no PIN in its first line" },
	};
	for (size_t i = 0; i < CE_COUNT(rows); i++) {
		begin();
		write_file(pin_file, rows[i].text, rows[i].mode);
		CU_ASSERT_EQUAL(ce_key_open(ce_buf_bytes(&record), &key, &err), CE_ERR_REFUSED);
		CU_ASSERT_PTR_NOT_NULL(strstr(err.text, rows[i].part));
	}
	unlink(pin_file);
	CU_ASSERT_EQUAL(ce_key_open(ce_buf_bytes(&record), &key, &err), CE_ERR_REFUSED);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "PIN file"));
	ce_tokens_end();
	CU_ASSERT_EQUAL(ce_tokens_configure(find_module(), NULL, NULL), CE_OK);
	CU_ASSERT_EQUAL(ce_key_open(ce_buf_bytes(&record), &key, &err), CE_ERR_CONFIG);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "no PIN file (pin-source) for token 'hsm one'"));
	begin();
	CU_ASSERT_EQUAL(ce_token_remove(ce_buf_bytes(&record), NULL), CE_OK);
}

static void
a_token_or_module_that_is_missing_is_named(void)
{
	struct ce_error err = { 0 };
	CE_CLEANUP(ce_keyp) struct ce_key *key = NULL;
	CE_CLEANUP(ce_buf_release) struct ce_buf record = CE_BUF_INIT;
	begin();
	CU_ASSERT_EQUAL_FATAL(ce_token_reserve("pkcs11:token=other", "x", &record, NULL), CE_OK);
	CU_ASSERT_EQUAL(ce_key_open(ce_buf_bytes(&record), &key, &err), CE_ERR_SYSTEM);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "token 'other' is not present"));
	CU_ASSERT_EQUAL(ce_token_generate(ce_buf_bytes(&record), "ec-p256", &key, &err), CE_ERR_SYSTEM);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "token 'other' is not present"));
	CU_ASSERT_TRUE(ce_token_remove(ce_buf_bytes(&record), &err) < 0);
	ce_tokens_end();
	CU_ASSERT_EQUAL(ce_tokens_configure("/nowhere/module.so", environment, NULL), CE_OK);
	CU_ASSERT_EQUAL(ce_key_open(ce_buf_bytes(&record), &key, &err), CE_ERR_SYSTEM);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "the PKCS#11 module '/nowhere/module.so' is not there"));
	ce_tokens_end();
	CU_ASSERT_EQUAL(ce_tokens_configure(pin_file, environment, NULL), CE_OK); /* no library */
	CU_ASSERT_EQUAL(ce_key_open(ce_buf_bytes(&record), &key, &err), CE_ERR_SYSTEM);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "load the PKCS#11 module"));
	begin();
}

static void
uris_of_a_configuration_are_checked(void)
{
	static const struct {
		const char *text;
		bool key;
		const char *part; /* NULL: it is good */
	} rows[] = {
		{ "pkcs11:token=a", false, NULL },
		{ "pkcs11:serial=77;pin-source=/nowhere", false, NULL },
		{ "pkcs11:token=a;object=b;type=private?pin-source=file:/nowhere", true, NULL },
		{ "pkcs11:token=a;id=%01%02", true, NULL },
		{ "pkcs11:token=a?pin-value=4711", false, "must not stand in the configuration" },
		{ "pkcs11:token=a;pin-value=4711", false, "must not stand in the configuration" },
		{ "pkcs11:token=a;pin-source=pin", false, "absolute path" },
		{ "pkcs11:token=a;pin-source=|cat%20/x", false, "absolute path" },
		{ "pkcs11:manufacturer=a", false, "names no token" },
		{ "pkcs11:token=a;tokn=b", false, "an attribute that is not known" },
		{ "pkcs11:token=a?module-path=/x.so", false, "named by pkcs11.module" },
		{ "pkcs11:token=a;object=b", false, "leave object and id out" },
		{ "pkcs11:token=a", true, "names no key" },
		{ "pkcs11:token=%zz", false, "cannot be read" },
	};
	for (size_t i = 0; i < CE_COUNT(rows); i++) {
		struct ce_error err = { 0 };
		CU_ASSERT_EQUAL(ce_token_check(rows[i].text, rows[i].key, &err), rows[i].part ? CE_ERR_INVALID : CE_OK);
		if (!rows[i].part)
			continue;
		CU_ASSERT_PTR_NOT_NULL(strstr(err.text, rows[i].part));
		CU_ASSERT_PTR_NULL(strstr(err.text, "4711"));
	}
}

static void
one_token_has_one_pin_file(void)
{
	struct ce_error err = { 0 };
	begin();
	CU_ASSERT_EQUAL(ce_tokens_add("pkcs11:token=hsm%20one", &err), CE_OK);
	CU_ASSERT_EQUAL(ce_tokens_add("pkcs11:token=hsm%20one;object=x", &err), CE_OK);
	CU_ASSERT_EQUAL(ce_tokens_add("pkcs11:token=hsm%20one;pin-source=/elsewhere", &err), CE_ERR_CONFIG);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "token 'hsm one' has two PIN files"));
}

static void
damaged_records_are_refused(void)
{
	static const char *const rows[] = { "pkcs11:token=a", "pkcs11:\n", "pkcs11:token=a\nmade by certengine\n",
		"pkcs11:%zz\nmade by certengine\n" };
	begin();
	for (size_t i = 0; i < CE_COUNT(rows); i++) {
		struct ce_error err = { 0 };
		CE_CLEANUP(ce_keyp) struct ce_key *key = NULL;
		CU_ASSERT_TRUE(ce_token_generate(fixture_text(rows[i]), "ec-p256", &key, &err) < 0);
		CU_ASSERT_TRUE(ce_token_remove(fixture_text(rows[i]), &err) < CE_OK || i == 1);
	}
}

/* As when it is unplugged: SoftHSM2 keeps it in files. */
static void
a_token_that_is_removed_while_it_is_used_is_told(void)
{
	struct ce_error err = { 0 };
	CE_CLEANUP(ce_strlist_release) struct ce_strlist names = fixture_names("shop.example");
	CE_CLEANUP(ce_keyp) struct ce_key *key = NULL;
	CE_CLEANUP(ce_keyp) struct ce_key *other = NULL;
	CE_CLEANUP(ce_buf_release) struct ce_buf csr = CE_BUF_INIT;
	char from[96], to[96];
	begin();
	CE_CLEANUP(ce_buf_release) struct ce_buf record = make_key("x");
	CU_ASSERT_EQUAL_FATAL(ce_key_open(ce_buf_bytes(&record), &key, &err), CE_OK);
	snprintf(from, sizeof(from), "%s/tokens", ce_test_directory());
	snprintf(to, sizeof(to), "%s/gone", ce_test_directory());
	CU_ASSERT_EQUAL_FATAL(rename(from, to), 0);
	CU_ASSERT_TRUE(ce_csr_build(key, &names, NULL, &csr, &err) < 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "sign the certificate request: token 'hsm one' "));
	CU_ASSERT_TRUE(ce_key_open(ce_buf_bytes(&record), &other, &err) < 0);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "token 'hsm one' "));
	ce_keyp(&key);
	CU_ASSERT_EQUAL_FATAL(rename(to, from), 0);
	begin();
	CU_ASSERT_EQUAL(ce_token_remove(ce_buf_bytes(&record), &err), CE_OK);
}

/* PKCS#11: a child has no session of its parent's; it begins anew, and ends nothing of it. */
static void
a_child_begins_anew(void)
{
	CE_CLEANUP(ce_strlist_release) struct ce_strlist names = fixture_names("shop.example");
	CE_CLEANUP(ce_keyp) struct ce_key *key = NULL;
	CE_CLEANUP(ce_buf_release) struct ce_buf csr = CE_BUF_INIT;
	begin();
	CE_CLEANUP(ce_buf_release) struct ce_buf record = make_key("x");
	CU_ASSERT_EQUAL_FATAL(ce_key_open(ce_buf_bytes(&record), &key, NULL), CE_OK);
	pid_t pid = fork();
	if (pid == 0) {
		struct ce_key *own = NULL;
		bool good = ce_key_open(ce_buf_bytes(&record), &own, NULL) == CE_OK
		            && ce_csr_build(own, &names, NULL, &csr, NULL) == CE_OK;
		_exit(good ? 0 : 1);
	}
	int status = -1;
	CU_ASSERT_EQUAL(waitpid(pid, &status, 0), pid);
	CU_ASSERT_EQUAL(status, 0);
	CU_ASSERT_EQUAL(ce_csr_build(key, &names, NULL, &csr, NULL), CE_OK);
	ce_keyp(&key);
	CU_ASSERT_EQUAL(ce_token_remove(ce_buf_bytes(&record), NULL), CE_OK);
}

/* GnuTLS' sessions end before the module does; an end more does no harm to what begins after it. */
static void
tokens_are_there_again_after_their_end(void)
{
	ce_tokens_end();
	ce_tokens_end();
	begin();
	CE_CLEANUP(ce_buf_release) struct ce_buf record = make_key("again");
	CU_ASSERT_EQUAL(ce_token_remove(ce_buf_bytes(&record), NULL), CE_OK);
	ce_tokens_end();
}

static const struct ce_test token_tests[] = {
	{ "the token is made for all", the_token_is_made_for_all },
	{ "a key of each kind is made, opened and signs", a_key_of_each_kind_is_made_opened_and_signs },
	{ "keys with one label are told apart by id", keys_with_one_label_are_told_apart_by_id },
	{ "an operator's own key is used and never removed", an_operators_own_key_is_used_and_never_removed },
	{ "a wrong PIN is tried once", a_wrong_pin_is_tried_once },
	{ "what stands in the way of a PIN is told", what_stands_in_the_way_of_a_pin_is_told },
	{ "a token or module that is missing is named", a_token_or_module_that_is_missing_is_named },
	{ "URIs of a configuration are checked", uris_of_a_configuration_are_checked },
	{ "one token has one PIN file", one_token_has_one_pin_file },
	{ "damaged records are refused", damaged_records_are_refused },
	{ "a token that is removed while it is used is told", a_token_that_is_removed_while_it_is_used_is_told },
	{ "a child begins anew", a_child_begins_anew },
	{ "tokens are there again after their end", tokens_are_there_again_after_their_end },
	{ NULL, NULL }
};

/* A program of its own: what is loaded stays, and may leak at the end. */
const struct ce_suite ce_suites[] = {
	{ "token", token_tests },
	{ NULL, NULL }
};
