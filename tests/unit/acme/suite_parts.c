/* The small parts: nonces, directories, chains' form, jobs on the wire, timers. */
#include <stdio.h>
#include <string.h>

#include "acme/directory.h"
#include "acme/job.h"
#include "acme/nonce.h"
#include "acme/pem.h"
#include "acme/timer.h"
#include "acme/wire.h"
#include "base/sys.h"
#include "suites.h"

static struct ce_bytes
bytes(const char *text)
{
	return (struct ce_bytes){ (const unsigned char *)text, strlen(text) };
}

/* N3, N7, N9 */
static void
nonces_are_used_once_newest_first(void)
{
	struct ce_acme_nonces nonces = { 0 };
	char name[16];
	static const char *const bad[] = { "", "a b", "a\"b", "a\nb", "a=", "a+b", "a/b", NULL };
	for (size_t i = 0; i < CE_COUNT(bad); i++)
		CU_ASSERT(!ce_acme_nonce_add(&nonces, bad[i]));
	CU_ASSERT_PTR_NULL(ce_acme_nonce_take(&nonces));
	for (int i = 0; i < CE_ACME_NONCES_MAX + 5; i++) {
		snprintf(name, sizeof(name), "n-%d_", i);
		CU_ASSERT(ce_acme_nonce_add(&nonces, name));
	}
	CU_ASSERT_EQUAL(nonces.count, CE_ACME_NONCES_MAX);
	char *newest = ce_acme_nonce_take(&nonces);
	CU_ASSERT_STRING_EQUAL(newest, name);
	CU_ASSERT_STRING_EQUAL(nonces.items[0], "n-5_");
	free(newest);
	ce_acme_nonces_release(&nonces);
}

/* D2, D3, D5, D7, H3 */
static void
directories_are_read_leniently_but_whole(void)
{
#define URLS "\"newNonce\":\"https://ca/n\",\"newAccount\":\"https://ca/a\",\"newOrder\":\"https://ca/o\""
	static const struct {
		const char *text;
		int wanted;
	} cases[] = {
		{ "{" URLS "}", CE_OK }, { "{" URLS ",\"meta\":{}}", CE_OK }, { "{" URLS ",\"meta\":7,\"x\":\"http://y\"}", CE_OK },
		{ "{}", CE_ERR_ISSUER }, { "[]", CE_ERR_ISSUER }, { "", CE_ERR_ISSUER }, { "{", CE_ERR_ISSUER },
		{ "{\"newNonce\":5}", CE_ERR_ISSUER },
		{ "{\"newNonce\":\"http://ca/n\",\"newAccount\":\"https://ca/a\",\"newOrder\":\"https://ca/o\"}", CE_ERR_REFUSED },
	};
	struct ce_error err = { 0 };
	for (size_t i = 0; i < CE_COUNT(cases); i++) {
		struct ce_acme_directory directory = { 0 };
		CU_ASSERT_EQUAL(ce_acme_directory_read(bytes(cases[i].text), &directory, &err), cases[i].wanted);
		ce_acme_directory_release(&directory);
	}
	struct ce_acme_directory directory = { 0 };
	const char *full = "{" URLS ",\"Zx81\":\"https://noise\",\"meta\":{\"termsOfService\":\"https://t\",\"externalAccountRequired\":true}}";
	CU_ASSERT_EQUAL_FATAL(ce_acme_directory_read(bytes(full), &directory, &err), CE_OK);
	CU_ASSERT_STRING_EQUAL(directory.urls[CE_ACME_NEW_ORDER], "https://ca/o");
	CU_ASSERT_STRING_EQUAL(directory.terms, "https://t");
	CU_ASSERT(directory.binding_required);
	ce_acme_directory_release(&directory);
	char *kept = ce_acme_directory_text(bytes(full));
	CU_ASSERT_FATAL(kept != NULL);
	CU_ASSERT_PTR_NULL(strstr(kept, "Zx81"));
	CU_ASSERT_EQUAL(ce_acme_directory_read(bytes(kept), &directory, &err), CE_OK);
	ce_acme_directory_release(&directory);
	free(kept);
}

/* K1, K2 */
static void
only_certificates_pass_as_a_chain(void)
{
#define BLOCK "-----BEGIN CERTIFICATE-----\nQUJD\n-----END CERTIFICATE-----\n"
	static const char *const good[] = { BLOCK, (BLOCK BLOCK), (BLOCK "\n\r\n" BLOCK), ("\n" BLOCK),
		"-----BEGIN CERTIFICATE-----\r\nQUJD\r\n-----END CERTIFICATE-----" };
	static const char *const bad[] = { "", "\n", ("text\n" BLOCK), (BLOCK "text"), "-----BEGIN CERTIFICATE-----\nQUJD\n",
		"-----BEGIN PRIVATE KEY-----\nQUJD\n-----END PRIVATE KEY-----\n", (BLOCK "-----BEGIN EC PARAMETERS-----\nAA==\n"),
		"-----BEGIN CERTIFICATE-----\nProc-Type: 4,ENCRYPTED\n-----END CERTIFICATE-----\n",
		("-----BEGIN CERTIFICATE-----\n" BLOCK), (BLOCK BLOCK BLOCK BLOCK BLOCK BLOCK BLOCK BLOCK BLOCK BLOCK BLOCK),
		"-----END CERTIFICATE-----\n" };
	for (size_t i = 0; i < CE_COUNT(good); i++)
		CU_ASSERT_EQUAL(ce_acme_pem_check(bytes(good[i]), NULL), CE_OK);
	for (size_t i = 0; i < CE_COUNT(bad); i++)
		CU_ASSERT_EQUAL(ce_acme_pem_check(bytes(bad[i]), NULL), CE_ERR_ISSUER);
	static const unsigned char nul[] = "-----BEGIN CERTIFICATE-----\nQU\0JD\n-----END CERTIFICATE-----\n";
	CU_ASSERT_EQUAL(ce_acme_pem_check((struct ce_bytes){ nul, sizeof(nul) - 1 }, NULL), CE_ERR_ISSUER);
}

static int
pass(struct ce_acme_batch *batch, struct ce_message *message)
{
	message->at = 0;
	int rc = ce_acme_batch_take(batch, message, &(struct ce_error){ 0 });
	ce_message_release(message);
	return rc;
}

static void
jobs_arrive_as_they_were_sent(void)
{
	struct ce_acme_batch batch = { 0 };
	char *contacts[] = { "a@b", NULL }, *names[] = { "a.test", "b.test", NULL }, *choices[] = { "0 1", "1", NULL };
	const struct ce_acme_issuer_job issuer = { .name = "ca", .directory = "https://ca/", .thumbprint = "t", .has_binding = true,
		.way_count = 2, .ways = { { CE_ACME_HTTP, false }, { CE_ACME_DNS, true } }, .contact = { contacts, 1 } };
	const struct ce_acme_order_job order = { .names = { names, 2 }, .choices = { choices, 2 }, .csr = "Q1NS", .state = "s" };
	struct ce_message message = CE_MESSAGE_INIT(CE_ACME_ISSUER);
	ce_acme_issuer_put(&message, &issuer);
	CU_ASSERT_EQUAL(pass(&batch, &message), CE_OK);
	message = (struct ce_message)CE_MESSAGE_INIT(CE_ACME_ORDER);
	ce_acme_order_put(&message, &order);
	CU_ASSERT_EQUAL(pass(&batch, &message), CE_OK);
	CU_ASSERT_FATAL(batch.issuer_count == 1 && batch.order_count == 1);
	CU_ASSERT_STRING_EQUAL(batch.issuers[0].directory, "https://ca/");
	CU_ASSERT(batch.issuers[0].has_binding && !batch.issuers[0].has_account && !batch.issuers[0].document);
	CU_ASSERT_STRING_EQUAL(batch.issuers[0].contact.items[0], "a@b");
	CU_ASSERT_STRING_EQUAL(batch.orders[0].names.items[1], "b.test");
	CU_ASSERT_STRING_EQUAL(batch.orders[0].state, "s");
	CU_ASSERT_STRING_EQUAL(batch.orders[0].choices.items[0], "0 1");
	CU_ASSERT(batch.issuers[0].way_count == 2 && batch.issuers[0].ways[1].kind == CE_ACME_DNS && batch.issuers[0].ways[1].asked);

	/* An order of an issuer that is not there. */
	const struct ce_acme_order_job stray = { .issuer = 7, .names = { names, 2 }, .choices = { choices, 2 }, .csr = "Q1NS" };
	message = (struct ce_message)CE_MESSAGE_INIT(CE_ACME_ORDER);
	ce_acme_order_put(&message, &stray);
	CU_ASSERT_EQUAL(pass(&batch, &message), CE_ERR_INVALID);
	message = (struct ce_message)CE_MESSAGE_INIT(CE_ACME_ORDER);
	CU_ASSERT_EQUAL(pass(&batch, &message), CE_ERR_INVALID);
	ce_acme_batch_release(&batch);
}

static void
count_fire(void *context)
{
	++*(int *)context;
}

static void
timers_fire_in_order_and_can_be_moved(void)
{
	struct ce_acme_timers timers = TAILQ_HEAD_INITIALIZER(timers);
	int fired[3] = { 0 };
	struct ce_acme_timer timer[3];
	memset(timer, 0, sizeof(timer));
	for (int i = 0; i < 3; i++) {
		timer[i].fire = count_fire;
		timer[i].context = &fired[i];
	}
	CU_ASSERT_EQUAL(ce_acme_timers_next(&timers, 500), 500);
	ce_acme_timer_set(&timers, &timer[0], 60000);
	ce_acme_timer_set(&timers, &timer[1], 0);
	ce_acme_timer_set(&timers, &timer[2], 30000);
	CU_ASSERT(TAILQ_FIRST(&timers) == &timer[1]);
	CU_ASSERT_EQUAL(ce_acme_timers_next(&timers, 500), 0);
	ce_acme_timers_fire(&timers);
	CU_ASSERT(fired[0] == 0 && fired[1] == 1 && fired[2] == 0);
	CU_ASSERT(ce_acme_timers_next(&timers, 100000) > 29000);
	ce_acme_timer_set(&timers, &timer[2], 0);
	ce_acme_timer_stop(&timers, &timer[0]);
	ce_acme_timers_fire(&timers);
	CU_ASSERT(fired[0] == 0 && fired[1] == 1 && fired[2] == 1);
	CU_ASSERT(TAILQ_EMPTY(&timers));
}

const struct ce_test suite_parts[] = {
	{ "nonces are used once, newest first", nonces_are_used_once_newest_first },
	{ "directories are read leniently but whole", directories_are_read_leniently_but_whole },
	{ "only certificates pass as a chain", only_certificates_pass_as_a_chain },
	{ "jobs arrive as they were sent", jobs_arrive_as_they_were_sent },
	{ "timers fire in order and can be moved", timers_fire_in_order_and_can_be_moved },
	{ NULL, NULL },
};
