/* Through the agent and the helper, as the engine uses them. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/sys.h"
#include "net/agent.h"
#include "server.h"
#include "suites.h"

extern const struct ce_test tls_probe_tests[];

static void
stop_helper(struct ce_helper *helper)
{
	ce_helper_stop(helper, 2000);
}

/* One probe of 127.0.0.1:port; the caller releases it. */
static struct ce_probe
probe_port(int port, int timeout_ms)
{
	struct ce_error err = { 0 };
	CE_CLEANUP(stop_helper) struct ce_helper agent = CE_HELPER_INIT;
	struct ce_probe probe = { .host = "127.0.0.1", .port = port, .sni = "localhost", .timeout_ms = timeout_ms };
	CU_ASSERT_EQUAL(ce_probe_run(&agent, &probe, 1, &err), CE_OK);
	CU_ASSERT_STRING_EQUAL(err.text, "");
	return probe;
}

/* Probes a server of this kind and judges the answer: its code, a part of its problem, the fingerprint. */
static void
meet(struct server server, int code, const char *problem, bool shows_certificate)
{
	CE_CLEANUP(server_stop) struct server started = server;
	server_start(&started);
	CE_CLEANUP(ce_probe_release) struct ce_probe probe = probe_port(started.port, 5000);
	CU_ASSERT_EQUAL(probe.code, code);
	CU_ASSERT_PTR_NOT_NULL(strstr(probe.problem, problem));
	if (!strstr(probe.problem, problem))
		fprintf(stderr, "the problem is: %s\n", probe.problem);
	CU_ASSERT_STRING_EQUAL(probe.fingerprint, shows_certificate ? started.fingerprint : "");
	CU_ASSERT_EQUAL(probe.chain.size > 0, shows_certificate);
}

static void
a_good_server_proves_its_certificate(void)
{
	meet((struct server){ .kind = SERVER_TLS }, CE_OK, "", true);
}

static void
a_tls_12_server_proves_its_certificate(void)
{
	meet((struct server){ .kind = SERVER_TLS_12 }, CE_OK, "", true);
}

static void
a_server_with_another_key_is_found_out(void)
{
	meet((struct server){ .kind = SERVER_TLS, .wrong_key = true }, CE_ERR_VERIFY, "bad signature", true);
	meet((struct server){ .kind = SERVER_TLS_12, .wrong_key = true }, CE_ERR_VERIFY, "bad signature", true);
}

/* products.md: a connector may insist on client certificates; the server's own is proved by then. */
static void
a_server_that_wants_a_client_certificate_still_proves_its_own(void)
{
	meet((struct server){ .kind = SERVER_TLS, .wants_client = true }, CE_OK, "", true);
	meet((struct server){ .kind = SERVER_TLS_12, .wants_client = true }, CE_OK, "", true);
	meet((struct server){ .kind = SERVER_TLS_12, .wants_client = true, .wrong_key = true }, CE_ERR_VERIFY,
		"bad signature", true);
}

static void
a_plain_port_is_called_so(void)
{
	meet((struct server){ .kind = SERVER_PLAIN }, CE_ERR_NETWORK, "does not speak TLS", false);
}

static void
a_closing_server_is_called_so(void)
{
	meet((struct server){ .kind = SERVER_CLOSING }, CE_ERR_NETWORK, "handshake failed", false);
}

static void
a_closed_port_refuses(void)
{
	CE_CLEANUP(ce_probe_release) struct ce_probe probe = probe_port(server_closed_port(), 5000);
	CU_ASSERT_EQUAL(probe.code, CE_ERR_NETWORK);
	CU_ASSERT_STRING_EQUAL(probe.problem, "connection refused");
	CU_ASSERT_STRING_EQUAL(probe.fingerprint, "");
}

static void
a_silent_server_takes_its_time_limit_and_no_more(void)
{
	CE_CLEANUP(server_stop) struct server server = { .kind = SERVER_SILENT };
	server_start(&server);
	long long before = ce_monotonic_ms();
	CE_CLEANUP(ce_probe_release) struct ce_probe probe = probe_port(server.port, 500);
	long long took = ce_monotonic_ms() - before;
	CU_ASSERT_EQUAL(probe.code, CE_ERR_TIMEOUT);
	CU_ASSERT_STRING_EQUAL(probe.problem, "the handshake timed out after 0.5 s");
	CU_ASSERT_TRUE(took >= 500 && took < 4000);
}

/* localhost may be ::1 first, where nobody listens. */
static void
a_name_is_tried_at_each_of_its_addresses(void)
{
	struct ce_error err = { 0 };
	CE_CLEANUP(server_stop) struct server server = { .kind = SERVER_TLS };
	server_start(&server);
	CE_CLEANUP(stop_helper) struct ce_helper agent = CE_HELPER_INIT;
	CE_CLEANUP(ce_probe_release) struct ce_probe probe = { .host = "localhost", .port = server.port, .timeout_ms = 5000 };
	CU_ASSERT_EQUAL(ce_probe_run(&agent, &probe, 1, &err), CE_OK);
	CU_ASSERT_EQUAL(probe.code, CE_OK);
	CU_ASSERT_STRING_EQUAL(probe.fingerprint, server.fingerprint);
}

/* A label of more than 63 bytes is refused before any name server is asked. */
static void
an_impossible_name_is_reported(void)
{
	struct ce_error err = { 0 };
	char host[81];
	memset(host, 'a', 80);
	host[80] = '\0';
	CE_CLEANUP(stop_helper) struct ce_helper agent = CE_HELPER_INIT;
	CE_CLEANUP(ce_probe_release) struct ce_probe probe = { .host = host, .port = 443, .timeout_ms = 5000 };
	CU_ASSERT_EQUAL(ce_probe_run(&agent, &probe, 1, &err), CE_OK);
	CU_ASSERT_EQUAL(probe.code, CE_ERR_NETWORK);
	CU_ASSERT_PTR_NOT_NULL(strstr(probe.problem, "looking up the name failed"));
}

/* 32 at a time: the eight silent ones of the first round hold up only their own places. */
static void
forty_at_once_do_not_wait_for_the_silent_ones(void)
{
	enum { COUNT = 40, SILENT = 8 };
	struct ce_error err = { 0 };
	CE_CLEANUP(server_stop) struct server good = { .kind = SERVER_TLS };
	CE_CLEANUP(server_stop) struct server silent = { .kind = SERVER_SILENT };
	server_start(&good);
	server_start(&silent);
	struct ce_probe probes[COUNT];
	for (size_t i = 0; i < COUNT; i++)
		probes[i] = (struct ce_probe){
			.host = "127.0.0.1", .port = i < SILENT ? silent.port : good.port, .timeout_ms = 4000,
		};
	CE_CLEANUP(stop_helper) struct ce_helper agent = CE_HELPER_INIT;
	long long before = ce_monotonic_ms();
	CU_ASSERT_EQUAL(ce_probe_run(&agent, probes, COUNT, &err), CE_OK);
	long long took = ce_monotonic_ms() - before;
	for (size_t i = 0; i < COUNT; i++) {
		CU_ASSERT_EQUAL(probes[i].code, i < SILENT ? CE_ERR_TIMEOUT : CE_OK);
		CU_ASSERT_STRING_EQUAL(probes[i].fingerprint, i < SILENT ? "" : good.fingerprint);
		ce_probe_release(&probes[i]);
	}
	CU_ASSERT_TRUE(took >= 4000 && took < 8000);
}

/* More than one message's worth, all refused at once. */
static void
many_probes_are_sent_in_batches(void)
{
	enum { COUNT = 600 };
	struct ce_error err = { 0 };
	static struct ce_probe probes[COUNT];
	int port = server_closed_port();
	for (size_t i = 0; i < COUNT; i++)
		probes[i] = (struct ce_probe){ .host = "127.0.0.1", .port = port, .timeout_ms = 5000 };
	CE_CLEANUP(stop_helper) struct ce_helper agent = CE_HELPER_INIT;
	CU_ASSERT_EQUAL(ce_probe_run(&agent, probes, COUNT, &err), CE_OK);
	for (size_t i = 0; i < COUNT; i++)
		CU_ASSERT_STRING_EQUAL(probes[i].problem, "connection refused");
}

const struct ce_test tls_probe_tests[] = {
	{ "a good server proves its certificate", a_good_server_proves_its_certificate },
	{ "a TLS 1.2 server proves its certificate", a_tls_12_server_proves_its_certificate },
	{ "a server with another key is found out", a_server_with_another_key_is_found_out },
	{ "a server that wants a client certificate still proves its own",
		a_server_that_wants_a_client_certificate_still_proves_its_own },
	{ "a plain port is called so", a_plain_port_is_called_so },
	{ "a closing server is called so", a_closing_server_is_called_so },
	{ "a closed port refuses", a_closed_port_refuses },
	{ "a silent server takes its time limit and no more", a_silent_server_takes_its_time_limit_and_no_more },
	{ "a name is tried at each of its addresses", a_name_is_tried_at_each_of_its_addresses },
	{ "an impossible name is reported", an_impossible_name_is_reported },
	{ "forty at once do not wait for the silent ones", forty_at_once_do_not_wait_for_the_silent_ones },
	{ "many probes are sent in batches", many_probes_are_sent_in_batches },
	{ NULL, NULL },
};
