/* The supervisor against a network process that turned evil: messages are put into its socket before
 * it listens, so what it makes of them shows in its answers and on the disk. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "acme/wire.h"
#include "base/message.h"
#include "crypto/digest.h"
#include "issuer/acme_own.h"
#include "suites.h"

struct scene {
	struct ce_acme_supervisor supervisor;
	struct ce_issue_context context;
	struct ce_acme_issuer issuers[2];
	struct ce_acme_order_way orders[2];
	struct ce_issue_request requests[2];
	struct ce_issuer_config config;
	char webroot[200];
	struct ce_certificate_config certificate;
	struct ce_store *store;
	struct ce_way ways[2];
	char state[100];
	int evil;               /* its end of the socket */
};

static int
keep_state(struct ce_issue_request *request, struct ce_bytes state, void *context, struct ce_error *err)
{
	struct scene *scene = context;
	(void)request;
	(void)err;
	snprintf(scene->state, sizeof(scene->state), "%.*s", (int)state.size, (const char *)state.data);
	return CE_OK;
}

static void
open_scene(struct scene *scene)
{
	int fds[2];
	static int number;
	memset(scene, 0, sizeof(*scene));
	CU_ASSERT_FATAL(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds));
	CU_ASSERT_FATAL(ce_crypto_begin(NULL) == CE_OK);
	snprintf(scene->webroot, sizeof(scene->webroot), "%s/www-%d", ce_test_directory(), ++number);
	CU_ASSERT_FATAL(!mkdir(scene->webroot, 0755));
	scene->context = (struct ce_issue_context){ .save_state = keep_state, .context = scene };
	scene->config.name = (char *)"ca";
	char state[260];
	snprintf(state, sizeof(state), "%s/store-%d", ce_test_directory(), number);
	CU_ASSERT_FATAL(ce_store_open(state, &scene->store, NULL) == CE_OK);
	scene->context.store = scene->store;
	static const char *const names[] = { "a.test", "*.a.test", NULL };
	CU_ASSERT_FATAL(!ce_strlist_copy(&scene->certificate.names, names, NULL));
	scene->certificate.name = (char *)"shop";
	scene->ways[0] = (struct ce_way){ .method = CE_WAY_WEBROOT, .webroot = scene->webroot };
	scene->ways[1] = (struct ce_way){ .method = CE_WAY_BUILT_IN };
	ce_presenter_init(&scene->supervisor.presenter, scene->store);
	scene->issuers[0] = (struct ce_acme_issuer){ .config = &scene->config, .ways = { scene->ways, 2 }, .directory = "https://ca/",
		.thumbprint = strdup("thumb"), .url = strdup("https://ca/account/1") };
	CU_ASSERT_FATAL(ce_key_generate("ec-p256", &scene->issuers[0].key, NULL) == CE_OK);
	scene->issuers[1].error.code = CE_ERR_CONFIG; /* could not be loaded: it is not in the batch */
	for (int i = 0; i < 2; i++)
		scene->orders[i].request = &scene->requests[i];
	for (int i = 0; i < 2; i++)
		scene->requests[i].certificate = &scene->certificate;
	scene->evil = fds[1];
	scene->supervisor.context = &scene->context;
	scene->supervisor.issuers = scene->issuers;
	scene->supervisor.orders = scene->orders;
	scene->supervisor.issuer_count = scene->supervisor.order_count = 2;
	scene->supervisor.helper = (struct ce_helper){ .pid = 0, .fd = fds[0] };
	for (size_t i = 0; i < 2; i++)
		ce_presented_init(&scene->supervisor.presenter, &scene->orders[i].presented, "ca", "shop", i);
}

static void
close_scene(struct scene *scene)
{
	close(scene->evil);
	close(scene->supervisor.helper.fd);
	ce_presenter_release(&scene->supervisor.presenter);
	ce_store_close(scene->store);
	ce_strlist_release(&scene->certificate.names);
	scene->issuers[0].ways = (struct ce_ways){ NULL, 0 };
	ce_acme_issuer_release(&scene->issuers[0]);
	for (int i = 0; i < 2; i++) {
		ce_buf_release(&scene->requests[i].chain_pem);
		free(scene->requests[i].text);
	}
}

static void
put(struct scene *scene, struct ce_message *message)
{
	CU_ASSERT_EQUAL(ce_message_send(scene->evil, message, NULL), CE_OK);
	ce_message_release(message);
}

static void
put_texts(struct scene *scene, int kind, long long number, const char *first, const char *second)
{
	struct ce_message message = CE_MESSAGE_INIT(kind);
	ce_message_put_int(&message, number);
	ce_message_put_str(&message, first);
	ce_message_put_str(&message, second);
	put(scene, &message);
}

static void
put_present(struct scene *scene, long long order, long long way, const char *identifier, const char *token)
{
	struct ce_message message = CE_MESSAGE_INIT(CE_ACME_PRESENT);
	ce_message_put_int(&message, order);
	ce_message_put_int(&message, way);
	ce_message_put_str(&message, identifier);
	ce_message_put_int(&message, 0);
	ce_message_put_str(&message, token);
	ce_message_put_str(&message, NULL);
	put(scene, &message);
}

static void
put_number(struct scene *scene, int kind, long long order)
{
	struct ce_message message = CE_MESSAGE_INIT(kind);
	ce_message_put_int(&message, order);
	if (kind == CE_ACME_CLEANUP)
		ce_message_put_int(&message, 1);
	put(scene, &message);
}

/* A CSR without some names. */
static void
put_csr(struct scene *scene, const char *const *left_out, bool configured)
{
	static struct ce_setting setting = { .name = (char *)"drop_refused_names", .kind = CE_SETTING_BOOL, .truth = true };
	if (configured)
		scene->config.settings = (struct ce_settings){ .items = &setting, .count = 1 };
	struct ce_message message = CE_MESSAGE_INIT(CE_ACME_CSR);
	ce_message_put_int(&message, 0);
	ce_message_put_list(&message, left_out);
	put(scene, &message);
}

static void
put_sign(struct scene *scene, long long issuer, bool by_key, const char *url, const char *nonce, const char *payload)
{
	struct ce_message message = CE_MESSAGE_INIT(CE_ACME_SIGN);
	ce_message_put_int(&message, issuer);
	ce_message_put_int(&message, by_key);
	ce_message_put_str(&message, url);
	ce_message_put_str(&message, nonce);
	ce_message_put_str(&message, payload);
	put(scene, &message);
}

static void
put_outcome(struct scene *scene, long long order, int kind, int class, int code, long long not_before, const char *chain)
{
	struct ce_message message = CE_MESSAGE_INIT(CE_ACME_OUTCOME);
	ce_message_put_int(&message, order);
	ce_message_put_int(&message, kind);
	ce_message_put_int(&message, class);
	ce_message_put_int(&message, code);
	ce_message_put_int(&message, not_before);
	ce_message_put_str(&message, "st\033ep");
	ce_message_put_str(&message, "te\nxt");
	ce_message_put_bytes(&message, (struct ce_bytes){ (const unsigned char *)chain, strlen(chain) });
	put(scene, &message);
}

/* Serves what was put, until its end. */
static int
serve(struct scene *scene, struct ce_error *err)
{
	memset(err, 0, sizeof(*err));
	CU_ASSERT_FATAL(!shutdown(scene->evil, SHUT_WR));
	return ce_acme_supervise(&scene->supervisor, err);
}

/* The next answer of the supervisor: its code, and what it holds in ret_bytes. */
static int
answer(struct scene *scene, struct ce_buf *ret_bytes)
{
	struct ce_message message = CE_MESSAGE_INIT(0);
	do {
		ce_message_release(&message);
		message = (struct ce_message)CE_MESSAGE_INIT(0);
		CU_ASSERT_EQUAL_FATAL(ce_message_receive(scene->evil, 1000, &message, NULL), CE_OK);
	} while (message.kind == CE_ACME_BEGIN);
	CU_ASSERT_EQUAL(message.kind, CE_ACME_REPLY);
	int code = (int)ce_message_get_int(&message);
	(void)ce_message_get_str(&message);
	struct ce_bytes bytes = ce_message_get_bytes(&message);
	if (ret_bytes)
		CU_ASSERT_EQUAL(ce_buf_add(ret_bytes, bytes.data, bytes.size, NULL), CE_OK);
	ce_message_release(&message);
	return code;
}

/* H3, J16 */
static void
only_https_and_small_requests_are_signed(void)
{
	struct scene scene;
	struct ce_error err;
	CE_CLEANUP(ce_buf_release) struct ce_buf jws = CE_BUF_INIT;
	static char large[45001], larger[60001];
	memset(large, 'x', sizeof(large) - 1);
	memset(larger, 'x', sizeof(larger) - 1);
	open_scene(&scene);
	put_sign(&scene, 0, false, "https://ca/order", "nonce", "{}");
	put_sign(&scene, 0, false, "http://ca/order", "nonce", "{}");
	put_sign(&scene, 0, true, "https://u:p@ca/order", "nonce", "{}");
	put_sign(&scene, 0, false, "https://ca/order", "nonce", large);
	put_sign(&scene, 0, false, "https://ca/order", "nonce", larger);
	CU_ASSERT_EQUAL(serve(&scene, &err), CE_ERR_NETWORK); /* it ended without saying so */
	CU_ASSERT_EQUAL(answer(&scene, &jws), CE_OK);
	CU_ASSERT_PTR_NOT_NULL(strstr(ce_buf_text(&jws), "\"signature\""));
	for (int i = 0; i < 4; i++)
		CU_ASSERT_EQUAL(answer(&scene, NULL), CE_ERR_REFUSED);
	close_scene(&scene);
}

static void
whoever_breaks_the_protocol_is_stopped(void)
{
	for (int breach = 0; breach < 22; breach++) {
		struct scene scene;
		struct ce_error err;
		open_scene(&scene);
		switch (breach) {
		case 0: put_sign(&scene, 1, false, "https://ca/", "n", NULL); break;   /* an issuer that is not in the batch */
		case 1: put_sign(&scene, 2, false, "https://ca/", "n", NULL); break;
		case 2: put_sign(&scene, -1, false, "https://ca/", "n", NULL); break;
		case 3: put_sign(&scene, 0, false, "https://ca/", "n\"", NULL); break; /* a nonce of other characters */
		case 4: put_sign(&scene, 0, false, "https://ca/", NULL, NULL); break;
		case 5: put_texts(&scene, CE_ACME_BIND, 0, "https://ca/", NULL); break; /* a field too many, and no binding */
		case 6: put_texts(&scene, CE_ACME_SAVE_STATE, 2, "{}", NULL); break;
		case 7: put_texts(&scene, CE_ACME_SAVE_STATE, 0, NULL, NULL); break;
		case 8: put_present(&scene, 0, 0, "a.test", "../../etc/passwd"); break;
		case 9: put_present(&scene, 0, 0, "elsewhere.test", "token"); break; /* a name of somebody else */
		case 14: put_present(&scene, 0, 1, "a.test", "token"); break;        /* a way that is not ours to go */
		case 15: put_present(&scene, 0, 2, "a.test", "token"); break;
		case 16: put_number(&scene, CE_ACME_DEPLOY, 2); break;
		case 17: put_number(&scene, CE_ACME_CLEANUP, -1); break;
		case 18: put_csr(&scene, (const char *[]){ "*.a.test", NULL }, false); break; /* O12: only where it is configured, */
		case 19: put_csr(&scene, (const char *[]){ "a.test", "*.a.test", NULL }, true); break; /* not for nothing, */
		case 20: put_csr(&scene, (const char *[]){ "b.test", NULL }, true); break;    /* and not for other names */
		case 21: put_csr(&scene, (const char *[]){ NULL }, true); break;
		case 10: put_texts(&scene, 9999, 0, NULL, NULL); break;
		case 11: put_outcome(&scene, 0, CE_ACME_REFUSED, 77, CE_ERR_ISSUER, 0, ""); break;
		case 12: put_outcome(&scene, 0, CE_ACME_ISSUED, 0, 0, 0, "-----BEGIN PRIVATE KEY-----\n"); break;
		case 13: CU_ASSERT(write(scene.evil, "\xff\xff\xff\xff garbage", 12) == 12); break;
		}
		CU_ASSERT(serve(&scene, &err) < 0);
		CU_ASSERT(!scene.orders[0].answered && !scene.supervisor.done);
		CU_ASSERT(err.text[0] != '\0');
		close_scene(&scene);
	}
}

/* SEC-01: what the file says is decided here, and it lies in one directory. */
static void
challenge_files_say_what_we_say(void)
{
	struct scene scene;
	struct ce_error err;
	char path[400], content[100] = "";
	struct stat st;
	open_scene(&scene);
	struct ce_buf record = CE_BUF_INIT;
	put_present(&scene, 0, 0, "a.test", "token-1");
	put_number(&scene, CE_ACME_DEPLOY, 0);
	CU_ASSERT_EQUAL(serve(&scene, &err), CE_ERR_NETWORK);
	ce_presenter_step(&scene.supervisor.presenter);
	snprintf(path, sizeof(path), "%s/.well-known/acme-challenge/token-1", scene.webroot);
	FILE *file = fopen(path, "r");
	CU_ASSERT_FATAL(file != NULL && fgets(content, sizeof(content), file) && !fstat(fileno(file), &st));
	fclose(file);
	CU_ASSERT_STRING_EQUAL(content, "token-1.thumb");
	CU_ASSERT_EQUAL(st.st_mode & 07777, 0644);
	CU_ASSERT_EQUAL(scene.ways[0].directories_made, 2);
	/* The store knows of it as long as it stands. */
	CU_ASSERT_EQUAL(ce_store_issuer_get(scene.store, "ca", "presented", &record, &err), CE_OK);
	CU_ASSERT_PTR_NOT_NULL(strstr(ce_buf_text(&record), "token-1"));
	/* What a run that was killed left is taken over; what is not ours is not. */
	CU_ASSERT_EQUAL(ce_acme_webroot_present(scene.webroot, "token-1", "token-1.thumb", &err), CE_OK);
	CU_ASSERT_EQUAL(ce_acme_webroot_present(scene.webroot, "token-1", "other", &err), CE_ERR_REFUSED);
	CU_ASSERT_EQUAL(ce_acme_webroot_cleanup(scene.webroot, "token-1", "other", &err), CE_UNCHANGED);
	ce_acme_remove_presented(&scene.supervisor);
	CU_ASSERT_EQUAL(ce_store_issuer_get(scene.store, "ca", "presented", &record, &err), CE_ERR_NOT_FOUND);
	ce_buf_release(&record);
	snprintf(path, sizeof(path), "%s/.well-known", scene.webroot);
	CU_ASSERT(stat(path, &st) != 0);
	close_scene(&scene);
}

static void
a_file_that_two_orders_need_stays_for_the_second(void)
{
	struct scene scene;
	struct ce_error err;
	struct stat st;
	char path[400];
	for (int cleanups = 1; cleanups <= 2; cleanups++) {
		open_scene(&scene);
		for (int i = 0; i < 2; i++) {
			put_present(&scene, i, 0, "a.test", "shared");
			put_number(&scene, CE_ACME_DEPLOY, i);
		}
		CU_ASSERT_EQUAL(serve(&scene, &err), CE_ERR_NETWORK);
		ce_presenter_step(&scene.supervisor.presenter);
		for (int i = 0; i < cleanups; i++)
			ce_presenter_cleanup(&scene.supervisor.presenter, &scene.orders[i].presented);
		ce_presenter_finish(&scene.supervisor.presenter);
		snprintf(path, sizeof(path), "%s/.well-known/acme-challenge/shared", scene.webroot);
		CU_ASSERT_EQUAL(stat(path, &st) == 0, cleanups == 1);
		close_scene(&scene);
	}
}

static void
outcomes_are_taken_with_care(void)
{
	struct scene scene;
	struct ce_error err;
	open_scene(&scene);
	put_outcome(&scene, 0, CE_ACME_REFUSED, CE_ACME_LIMIT, 12345, 1LL << 60, "");
	put_outcome(&scene, 1, CE_ACME_ISSUED, 0, 0, -5, "-----BEGIN CERTIFICATE-----\nQUJD\n-----END CERTIFICATE-----\n");
	struct ce_message done = CE_MESSAGE_INIT(CE_ACME_DONE);
	ce_message_put_int(&done, 8);
	put(&scene, &done);
	CU_ASSERT_EQUAL(serve(&scene, &err), CE_OK);
	CU_ASSERT(scene.orders[0].answered && scene.orders[1].answered && scene.supervisor.done);
	CU_ASSERT_EQUAL(scene.requests[0].outcome, CE_ISSUE_REFUSED);
	CU_ASSERT_EQUAL(scene.requests[0].refusal, CE_REFUSAL_LIMIT);
	CU_ASSERT_EQUAL(scene.requests[0].error.code, CE_ERR_ISSUER);
	CU_ASSERT_STRING_EQUAL(scene.requests[0].error.step, "st\\x1bep");
	CU_ASSERT_STRING_EQUAL(scene.requests[0].error.text, "te\\x0axt");
	CU_ASSERT(scene.requests[0].not_before < 1LL << 40); /* nobody waits for ever on its word */
	CU_ASSERT_EQUAL(scene.requests[1].outcome, CE_ISSUE_ISSUED);
	CU_ASSERT_EQUAL(scene.requests[1].not_before, 0);
	close_scene(&scene);
}

static void
an_order_has_one_outcome(void)
{
	struct scene scene;
	struct ce_error err;
	open_scene(&scene);
	put_outcome(&scene, 0, CE_ACME_PENDING, 0, 0, 1, "");
	put_texts(&scene, CE_ACME_SAVE_STATE, 0, "late", NULL);
	CU_ASSERT_EQUAL(serve(&scene, &err), CE_ERR_INVALID);
	CU_ASSERT_EQUAL(scene.requests[0].outcome, CE_ISSUE_PENDING);
	CU_ASSERT_STRING_EQUAL(scene.state, "");
	close_scene(&scene);
}

const struct ce_test suite_supervisor[] = {
	{ "only https and small requests are signed", only_https_and_small_requests_are_signed },
	{ "whoever breaks the protocol is stopped", whoever_breaks_the_protocol_is_stopped },
	{ "challenge files say what we say", challenge_files_say_what_we_say },
	{ "a file that two orders need stays for the second", a_file_that_two_orders_need_stays_for_the_second },
	{ "outcomes are taken with care", outcomes_are_taken_with_care },
	{ "an order has one outcome", an_order_has_one_outcome },
	{ NULL, NULL },
};
