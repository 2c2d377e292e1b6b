/* Errands of the supervisor against a network process that turned evil: what it says is put into its socket before the
 * supervisor listens. */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "acme/wire.h"
#include "crypto/digest.h"
#include "issuer/acme_own.h"
#include "suites.h"

struct scene {
	struct ce_acme_supervisor supervisor;
	struct ce_issue_context context;
	struct ce_acme_issuer issuer;
	struct ce_issuer_config config;
	struct ce_acme_errand_way errands[2];
	struct ce_acme_errand_way *pointers[2];
	struct ce_key *own_key;
	int evil;
};

static void
open_scene(struct scene *scene, enum ce_acme_errand_kind kind)
{
	int fds[2];
	memset(scene, 0, sizeof(*scene));
	CU_ASSERT_FATAL(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds));
	CU_ASSERT_FATAL(ce_crypto_begin(NULL) == CE_OK);
	CU_ASSERT_FATAL(ce_key_generate("ec-p256", &scene->issuer.key, NULL) == CE_OK);
	CU_ASSERT_FATAL(ce_key_generate("ec-p256", &scene->own_key, NULL) == CE_OK);
	scene->config.name = (char *)"ca";
	ce_presenter_init(&scene->supervisor.presenter, NULL);
	scene->issuer.config = &scene->config;
	scene->issuer.url = strdup("https://ca/account/1");
	scene->errands[0].job.kind = kind;
	scene->errands[0].key = scene->own_key;
	scene->errands[1].job.kind = CE_ACME_ACCOUNT_SHOW;
	for (size_t i = 0; i < 2; i++)
		scene->pointers[i] = &scene->errands[i];
	scene->evil = fds[1];
	scene->supervisor.context = &scene->context;
	scene->supervisor.issuers = &scene->issuer;
	scene->supervisor.issuer_count = 1;
	scene->supervisor.errands = scene->pointers;
	scene->supervisor.errand_count = 2;
	scene->supervisor.helper = (struct ce_helper){ .pid = 0, .fd = fds[0] };
}

static void
close_scene(struct scene *scene)
{
	close(scene->evil);
	close(scene->supervisor.helper.fd);
	ce_presenter_release(&scene->supervisor.presenter);
	for (size_t i = 0; i < 2; i++)
		ce_acme_errand_way_release(&scene->errands[i]);
	ce_key_free(scene->own_key);
	ce_acme_issuer_release(&scene->issuer);
}

static void
put_sign(struct scene *scene, long long errand, const char *url, const char *nonce, const char *payload)
{
	struct ce_message message = CE_MESSAGE_INIT(CE_ACME_SIGN_OTHER);
	ce_message_put_int(&message, errand);
	ce_message_put_str(&message, url);
	ce_message_put_str(&message, nonce);
	ce_message_put_str(&message, payload);
	CU_ASSERT_EQUAL(ce_message_send(scene->evil, &message, NULL), CE_OK);
	ce_message_release(&message);
}

static void
put_end(struct scene *scene, long long errand, long long code, long long class, const char *text, const char *result)
{
	struct ce_message message = CE_MESSAGE_INIT(CE_ACME_ERRAND_DONE);
	ce_message_put_int(&message, errand);
	ce_message_put_int(&message, code);
	ce_message_put_int(&message, class);
	ce_message_put_int(&message, 1LL << 50);
	ce_message_put_str(&message, "st\nep");
	ce_message_put_str(&message, text);
	ce_message_put_str(&message, result);
	CU_ASSERT_EQUAL(ce_message_send(scene->evil, &message, NULL), CE_OK);
	ce_message_release(&message);
}

static int
serve(struct scene *scene)
{
	struct ce_error err = { 0 };
	CU_ASSERT_FATAL(!shutdown(scene->evil, SHUT_WR));
	return ce_acme_supervise(&scene->supervisor, &err);
}

/* The payload of the supervisor's next answer, a JWS; NULL: it refused. The caller frees. */
static char *
signed_payload(struct scene *scene)
{
	struct ce_message message = CE_MESSAGE_INIT(0);
	do {
		ce_message_release(&message);
		message = (struct ce_message)CE_MESSAGE_INIT(0);
		CU_ASSERT_EQUAL_FATAL(ce_message_receive(scene->evil, 1000, &message, NULL), CE_OK);
	} while (message.kind == CE_ACME_BEGIN);
	char *text = NULL;
	if (ce_message_get_int(&message) == CE_OK) {
		(void)ce_message_get_str(&message);
		CE_CLEANUP(json_decrefp) json_t *jws = ce_json_object(ce_message_get_bytes(&message));
		CE_CLEANUP(ce_buf_release) struct ce_buf payload = CE_BUF_INIT;
		CU_ASSERT_EQUAL(ce_base64url_decode(ce_json_text(jws, "payload"), false, &payload, NULL), CE_OK);
		text = strdup(ce_buf_text(&payload));
	}
	ce_message_release(&message);
	return text;
}

/* A10: only the supervisor says which account gets which key. */
static void
the_new_key_says_what_we_say(void)
{
	struct scene scene;
	open_scene(&scene, CE_ACME_ACCOUNT_ROLLOVER);
	put_sign(&scene, 0, "https://ca/key", NULL, NULL);
	CU_ASSERT_EQUAL(serve(&scene), CE_ERR_NETWORK);
	char *payload = signed_payload(&scene);
	CU_ASSERT_PTR_NOT_NULL_FATAL(payload);
	CU_ASSERT_PTR_NOT_NULL(strstr(payload, "\"account\":\"https://ca/account/1\""));
	CU_ASSERT_PTR_NOT_NULL(strstr(payload, "\"oldKey\":{\"crv\":\"P-256\""));
	free(payload);
	close_scene(&scene);
}

static void
whoever_breaks_the_protocol_is_stopped(void)
{
	static const struct {
		enum ce_acme_errand_kind kind;
		long long errand;
		const char *url, *nonce, *payload;
		int code;
	} signings[] = {
		{ CE_ACME_ACCOUNT_ROLLOVER, 0, "https://ca/key", NULL, "{\"account\":\"https://ca/account/2\"}", CE_ERR_INVALID },
		{ CE_ACME_REVOKE, 0, "https://ca/revoke", NULL, NULL, CE_ERR_INVALID },
		{ CE_ACME_REVOKE, 0, "https://ca/revoke", "no token!", "{}", CE_ERR_INVALID },
		{ CE_ACME_REVOKE, 1, "https://ca/revoke", "nonce", "{}", CE_ERR_INVALID }, /* it has no key of its own */
		{ CE_ACME_REVOKE, 2, "https://ca/revoke", "nonce", "{}", CE_ERR_INVALID },
		{ CE_ACME_REVOKE, -1, "https://ca/revoke", "nonce", "{}", CE_ERR_INVALID },
		{ CE_ACME_REVOKE, 0, "http://ca/revoke", "nonce", "{}", CE_ERR_NETWORK }, /* refused, and it goes on */
	};
	for (size_t i = 0; i < CE_COUNT(signings); i++) {
		struct scene scene;
		open_scene(&scene, signings[i].kind);
		put_sign(&scene, signings[i].errand, signings[i].url, signings[i].nonce, signings[i].payload);
		CU_ASSERT_EQUAL(serve(&scene), signings[i].code);
		close_scene(&scene);
	}
	static const struct {
		long long errand, code, class;
		const char *result;
	} ends[] = { { 2, 0, 0, "{}" }, { 0, 0, 0, NULL }, { 0, 0, 0, "no JSON" }, { 0, CE_ERR_ISSUER, 0, NULL },
		{ 0, CE_ERR_ISSUER, 9, NULL } };
	for (size_t i = 0; i < CE_COUNT(ends); i++) {
		struct scene scene;
		open_scene(&scene, CE_ACME_REVOKE);
		put_end(&scene, ends[i].errand, ends[i].code, ends[i].class, "why", ends[i].result);
		CU_ASSERT_EQUAL(serve(&scene), CE_ERR_INVALID);
		close_scene(&scene);
	}
}

static void
an_errand_ends_once_and_within_reason(void)
{
	struct scene scene;
	open_scene(&scene, CE_ACME_REVOKE);
	put_end(&scene, 1, CE_ERR_ISSUER, CE_ACME_LIMIT, "not\nnow", NULL);
	put_end(&scene, 0, CE_OK, 0, NULL, "{\"already\":true}");
	put_end(&scene, 0, CE_OK, 0, NULL, "{\"already\":false}");
	CU_ASSERT_EQUAL(serve(&scene), CE_ERR_INVALID);
	CU_ASSERT_TRUE(json_is_true(json_object_get(scene.errands[0].result, "already")));
	CU_ASSERT_EQUAL(scene.errands[1].error.code, CE_ERR_ISSUER);
	CU_ASSERT_STRING_EQUAL(scene.errands[1].error.text, "not\\x0anow");
	CU_ASSERT_EQUAL(scene.errands[1].refusal, CE_REFUSAL_LIMIT);
	CU_ASSERT(scene.errands[1].not_before < 1LL << 40);
	close_scene(&scene);
}

const struct ce_test suite_errand_evil[] = {
	{ "the new key says what we say (A10)", the_new_key_says_what_we_say },
	{ "whoever breaks the protocol is stopped", whoever_breaks_the_protocol_is_stopped },
	{ "an errand ends once, and within reason", an_errand_ends_once_and_within_reason },
	{ NULL, NULL },
};
