/* What the supervisor takes from a helper that crashed, or that others took over. */
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/message.h"
#include "net/agent.h"
#include "net/probe_wire.h"
#include "server.h"
#include "suites.h"

extern const struct ce_test probe_agent_tests[];

static void
stop_helper(struct ce_helper *helper)
{
	ce_helper_stop(helper, 2000);
}

static void
put_answer(struct ce_message *answer, int code, const char *problem, const void *chain, size_t size)
{
	*answer = (struct ce_message)CE_MESSAGE_INIT(CE_PROBE_DONE);
	ce_message_put_int(answer, code);
	ce_message_put_str(answer, problem);
	ce_message_put_bytes(answer, (struct ce_bytes){ chain, size });
}

/* A helper that gives one prepared answer to whatever it is asked. */
static void
start_liar(const struct ce_message *answer, struct ce_helper *ret_helper)
{
	int ends[2];
	CU_ASSERT_EQUAL_FATAL(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	fflush(NULL);
	pid_t pid = fork();
	if (pid == 0) {
		struct ce_message question = CE_MESSAGE_INIT(0);
		close(ends[0]);
		int code = ce_message_receive(ends[1], 5000, &question, NULL);
		if (code >= 0 && answer)
			code = ce_message_send(ends[1], answer, NULL);
		_exit(code < 0);
	}
	close(ends[1]);
	*ret_helper = (struct ce_helper){ .pid = pid, .fd = ends[0] };
}

static int
ask_liar(struct ce_message *answer, struct ce_probe *ret_probe)
{
	struct ce_error err = { 0 };
	CE_CLEANUP(stop_helper) struct ce_helper agent = CE_HELPER_INIT;
	start_liar(answer, &agent);
	*ret_probe = (struct ce_probe){ .host = "127.0.0.1", .port = 1, .timeout_ms = 1000 };
	int code = ce_probe_run(&agent, ret_probe, 1, &err);
	if (answer)
		ce_message_release(answer);
	if (code < 0) {
		/* It is not asked a second time. */
		CU_ASSERT_EQUAL(agent.fd, -1);
		CU_ASSERT_EQUAL(agent.pid, 0);
		CU_ASSERT_TRUE(err.text[0] != '\0');
	}
	return code;
}

static void
refuse(struct ce_message *answer)
{
	CE_CLEANUP(ce_probe_release) struct ce_probe probe;
	CU_ASSERT_TRUE(ask_liar(answer, &probe) < 0);
}

static void
malformed_answers_are_refused(void)
{
	static const unsigned char short_length[] = { 1, 0, 0 };
	static const unsigned char too_far[] = { 200, 0, 0, 0, 'x' };
	static const unsigned char endless[] = { 255, 255, 255, 255, 'x' };
	static const unsigned char empty[] = { 0, 0, 0, 0 };
	struct ce_message answer;
	put_answer(&answer, CE_OK, "", NULL, 0); /* a handshake without a certificate */
	refuse(&answer);
	put_answer(&answer, CE_OK, "", short_length, sizeof(short_length));
	refuse(&answer);
	put_answer(&answer, CE_OK, "", too_far, sizeof(too_far));
	refuse(&answer);
	put_answer(&answer, CE_OK, "", endless, sizeof(endless));
	refuse(&answer);
	put_answer(&answer, CE_OK, "", empty, sizeof(empty));
	refuse(&answer);
	put_answer(&answer, CE_ERR_NETWORK, "x", NULL, 0);
	answer.kind = CE_PROBE_KEYSTORE_DONE;
	refuse(&answer);
	put_answer(&answer, CE_ERR_NETWORK, "x", NULL, 0);
	ce_message_put_int(&answer, 1);
	refuse(&answer);
	answer = (struct ce_message)CE_MESSAGE_INIT(CE_PROBE_DONE);
	refuse(&answer);
}

static void
long_chains_are_refused(void)
{
	static unsigned char chain[70000];
	for (size_t i = 0; i < 11; i++)
		chain[i * 5] = 1;
	struct ce_message answer;
	put_answer(&answer, CE_OK, "", chain, (size_t)10 * 5);
	CE_CLEANUP(ce_probe_release) struct ce_probe probe;
	CU_ASSERT_EQUAL(ask_liar(&answer, &probe), CE_OK);
	put_answer(&answer, CE_OK, "", chain, (size_t)11 * 5);
	refuse(&answer);
	uint32_t size = sizeof(chain) - sizeof(size);
	memcpy(chain, &size, sizeof(size));
	put_answer(&answer, CE_OK, "", chain, sizeof(chain));
	refuse(&answer);
}

static void
its_texts_are_made_printable_and_cut(void)
{
	static char text[2000];
	memset(text, 'y', sizeof(text) - 1);
	memcpy(text, "\x1b[31m\n", 6);
	struct ce_message answer;
	put_answer(&answer, CE_ERR_NETWORK, text, NULL, 0);
	CE_CLEANUP(ce_probe_release) struct ce_probe probe;
	CU_ASSERT_EQUAL(ask_liar(&answer, &probe), CE_OK);
	CU_ASSERT_EQUAL(strncmp(probe.problem, "\\x1b[31m\\x0a", 11), 0);
	CU_ASSERT_TRUE(strlen(probe.problem) < sizeof(probe.problem));
}

static void
unknown_codes_are_failures_of_the_network(void)
{
	static const int codes[] = { 1, 7, -1, -17, INT32_MAX, INT32_MIN };
	for (size_t i = 0; i < CE_COUNT(codes); i++) {
		struct ce_message answer;
		put_answer(&answer, codes[i], NULL, NULL, 0);
		CE_CLEANUP(ce_probe_release) struct ce_probe probe;
		CU_ASSERT_EQUAL(ask_liar(&answer, &probe), CE_OK);
		CU_ASSERT_EQUAL(probe.code, CE_ERR_NETWORK);
		CU_ASSERT_STRING_EQUAL(probe.problem, "no reason given");
	}
}

static void
a_helper_that_dies_is_an_error_and_is_started_anew(void)
{
	CE_CLEANUP(ce_probe_release) struct ce_probe lost;
	CU_ASSERT_TRUE(ask_liar(NULL, &lost) < 0);

	struct ce_error err = { 0 };
	CE_CLEANUP(server_stop) struct server server = { .kind = SERVER_TLS };
	server_start(&server);
	CE_CLEANUP(stop_helper) struct ce_helper agent = CE_HELPER_INIT;
	CE_CLEANUP(ce_probe_release) struct ce_probe probe = { .host = "127.0.0.1", .port = server.port, .timeout_ms = 5000 };
	CU_ASSERT_EQUAL(ce_probe_run(&agent, &probe, 1, &err), CE_OK);
	CU_ASSERT_EQUAL(probe.code, CE_OK);
	pid_t pid = agent.pid;
	CU_ASSERT_EQUAL(ce_probe_run(&agent, &probe, 1, &err), CE_OK);
	CU_ASSERT_EQUAL(agent.pid, pid);
	CU_ASSERT_EQUAL(kill(pid, SIGKILL), 0);
	CU_ASSERT_TRUE(ce_probe_run(&agent, &probe, 1, &err) < 0);
	CU_ASSERT_EQUAL(ce_probe_run(&agent, &probe, 1, &err), CE_OK);
	CU_ASSERT_EQUAL(probe.code, CE_OK);
	CU_ASSERT_NOT_EQUAL(agent.pid, pid);
}

static long
status_of(pid_t pid, const char *name)
{
	char path[64], line[256];
	snprintf(path, sizeof(path), "/proc/%ld/status", (long)pid);
	FILE *file = fopen(path, "r");
	if (!file)
		return -1;
	long value = -1;
	while (fgets(line, sizeof(line), file))
		if (strncmp(line, name, strlen(name)) == 0)
			value = strtol(line + strlen(name), NULL, 16);
	fclose(file);
	return value;
}

static void
the_helper_holds_no_rights(void)
{
	struct ce_error err = { 0 };
	CE_CLEANUP(stop_helper) struct ce_helper agent = CE_HELPER_INIT;
	CE_CLEANUP(ce_probe_release) struct ce_probe probe = {
		.host = "127.0.0.1", .port = server_closed_port(), .timeout_ms = 5000,
	};
	CU_ASSERT_EQUAL(ce_probe_run(&agent, &probe, 1, &err), CE_OK);
	CU_ASSERT_EQUAL(status_of(agent.pid, "NoNewPrivs:"), 1);
	CU_ASSERT_EQUAL(status_of(agent.pid, "CapEff:"), 0);
	CU_ASSERT_NOT_EQUAL(status_of(agent.pid, "Uid:"), 0);
}

const struct ce_test probe_agent_tests[] = {
	{ "malformed answers are refused", malformed_answers_are_refused },
	{ "long chains are refused", long_chains_are_refused },
	{ "its texts are made printable and cut", its_texts_are_made_printable_and_cut },
	{ "unknown codes are failures of the network", unknown_codes_are_failures_of_the_network },
	{ "a helper that dies is an error and is started anew", a_helper_that_dies_is_an_error_and_is_started_anew },
	{ "the helper holds no rights", the_helper_holds_no_rights },
	{ NULL, NULL },
};
