#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "acme/responder.h"
#include "suites.h"

#define PREFIX "/.well-known/acme-challenge/"

static struct ce_responder *
open_one(int *ret_port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(address);
	struct ce_responder *responder = NULL;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	CU_ASSERT_FATAL(fd >= 0 && !bind(fd, (struct sockaddr *)&address, size) && !listen(fd, 8)
		&& !getsockname(fd, (struct sockaddr *)&address, &size));
	*ret_port = ntohs(address.sin_port);
	CU_ASSERT_FATAL(ce_responder_open(&fd, 1, 0, &responder, NULL) == CE_OK);
	CU_ASSERT(!ce_responder_add(responder, "a.test", "tok", "tok.thumb", NULL));
	CU_ASSERT(!ce_responder_add(responder, "::1", "six", "six.thumb", NULL));
	return responder;
}

/* Sends the request whole, then collects the answer while the responder goes on. */
static void
ask(struct ce_responder *responder, int port, const char *request, char *answer, size_t room)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		.sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	size_t got = 0;
	CU_ASSERT_FATAL(fd >= 0 && !connect(fd, (struct sockaddr *)&address, sizeof(address)));
	CU_ASSERT(send(fd, request, strlen(request), MSG_NOSIGNAL) > 0);
	for (int round = 0; round < 500 && got + 1 < room; round++) {
		struct pollfd waits[4] = { { .fd = fd, .events = POLLIN } };
		int fds[3];
		size_t count = ce_responder_fds(responder, fds, 3);
		for (size_t i = 0; i < count; i++)
			waits[i + 1] = (struct pollfd){ .fd = fds[i], .events = POLLIN };
		(void)poll(waits, 1 + count, 10);
		ce_responder_step(responder);
		ssize_t n = recv(fd, answer + got, room - 1 - got, MSG_DONTWAIT);
		if (n == 0)
			break;
		got += n > 0 ? (size_t)n : 0;
	}
	answer[got] = '\0';
	close(fd);
}

/* SEC-08, Z14 */
static void
only_known_tokens_of_the_host_are_answered(void)
{
	static const struct {
		const char *request;
		int status;
	} cases[] = {
		{ "GET " PREFIX "tok HTTP/1.1\r\nHost: a.test\r\n\r\n", 200 },
		{ "GET " PREFIX "tok HTTP/1.1\r\nHost: A.TEST:8080\r\n\r\n", 200 },
		{ "HEAD " PREFIX "tok HTTP/1.1\r\nHost: a.test\r\n\r\n", 200 },
		{ "GET " PREFIX "six HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", 200 },
		{ "GET " PREFIX "tok HTTP/1.1\r\nHost: b.test\r\n\r\n", 404 },
		{ "GET " PREFIX "tok HTTP/1.1\r\nHost: a.test.evil\r\n\r\n", 404 },
		{ "GET " PREFIX "tok HTTP/1.0\r\n\r\n", 404 },
		{ "GET " PREFIX "other HTTP/1.1\r\nHost: a.test\r\n\r\n", 404 },
		{ "GET " PREFIX " HTTP/1.1\r\nHost: a.test\r\n\r\n", 404 },
		{ "GET " PREFIX "tok/ HTTP/1.1\r\nHost: a.test\r\n\r\n", 404 },
		{ "GET " PREFIX "tok/..;/ HTTP/1.1\r\nHost: a.test\r\n\r\n", 404 },
		{ "GET " PREFIX "/tok HTTP/1.1\r\nHost: a.test\r\n\r\n", 404 },
		{ "GET /.well-known//acme-challenge/tok HTTP/1.1\r\nHost: a.test\r\n\r\n", 404 },
		{ "GET " PREFIX "t%6fk HTTP/1.1\r\nHost: a.test\r\n\r\n", 404 },
		{ "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n", 404 },
		{ "POST " PREFIX "tok HTTP/1.1\r\nHost: a.test\r\nContent-Length: 0\r\n\r\n", 404 },
		{ "OPTIONS " PREFIX "tok HTTP/1.1\r\nHost: a.test\r\n\r\n", 404 },
	};
	int port = 0;
	char answer[4096], line[32];
	struct ce_responder *responder = open_one(&port);
	for (size_t i = 0; i < CE_COUNT(cases); i++) {
		ask(responder, port, cases[i].request, answer, sizeof(answer));
		snprintf(line, sizeof(line), "HTTP/1.1 %d ", cases[i].status);
		CU_ASSERT(!strncmp(answer, line, strlen(line)) || !strncmp(answer, "HTTP/1.0 404", 12));
		const char *body = strstr(answer, "\r\n\r\n");
		bool whole = cases[i].status == 200 && strncmp(cases[i].request, "HEAD", 4);
		CU_ASSERT_FATAL(body != NULL);
		CU_ASSERT(whole ? strstr(body + 4, ".thumb") != NULL : body[4] == '\0');
	}
	ce_responder_close(responder);
}

static void
a_request_that_is_too_large_is_refused(void)
{
	int port = 0;
	static char request[70000], answer[4096];
	struct ce_responder *responder = open_one(&port);
	snprintf(request, sizeof(request), "GET " PREFIX "tok HTTP/1.1\r\nHost: a.test\r\nX: ");
	memset(request + strlen(request), 'x', 65000);
	strcat(request, "\r\n\r\n");
	ask(responder, port, request, answer, sizeof(answer));
	CU_ASSERT_PTR_NULL(strstr(answer, " 200 "));
	ask(responder, port, "GET " PREFIX "tok HTTP/1.1\r\nHost: a.test\r\n\r\n", answer, sizeof(answer));
	CU_ASSERT_PTR_NOT_NULL(strstr(answer, " 200 "));
	ce_responder_close(responder);
}

static void
tokens_are_forgotten(void)
{
	int port = 0;
	struct ce_responder *responder = open_one(&port);
	CU_ASSERT_PTR_NOT_NULL(ce_responder_find(responder, "a.test", PREFIX "tok"));
	ce_responder_remove(responder, "b.test", "tok");
	CU_ASSERT_PTR_NOT_NULL(ce_responder_find(responder, "a.test", PREFIX "tok"));
	ce_responder_remove(responder, "a.test", "tok");
	CU_ASSERT_PTR_NULL(ce_responder_find(responder, "a.test", PREFIX "tok"));
	CU_ASSERT_PTR_NULL(ce_responder_find(responder, NULL, PREFIX "six"));
	ce_responder_close(responder);
}

/* Z7: polling begins when the CA's request was seen here. */
static void
whoever_waits_for_a_request_is_told(void)
{
	int port;
	char answer[1000];
	bool asked = false;
	struct ce_responder *responder = open_one(&port);
	CU_ASSERT(ce_responder_watch(responder, "a.test", "tok", &asked));
	CU_ASSERT(!ce_responder_watch(responder, "a.test", "other", &asked));
	ask(responder, port, "GET " PREFIX "other HTTP/1.1\r\nHost: a.test\r\n\r\n", answer, sizeof(answer));
	ask(responder, port, "GET " PREFIX "tok HTTP/1.1\r\nHost: b.test\r\n\r\n", answer, sizeof(answer));
	CU_ASSERT(!asked && ce_responder_served(responder) == 0);
	ask(responder, port, "GET " PREFIX "tok HTTP/1.1\r\nHost: a.test\r\n\r\n", answer, sizeof(answer));
	CU_ASSERT(asked && ce_responder_served(responder) == 1);
	ce_responder_close(responder);
}

const struct ce_test suite_responder[] = {
	{ "whoever waits for a request is told", whoever_waits_for_a_request_is_told },
	{ "only known tokens of the host are answered", only_known_tokens_of_the_host_are_answered },
	{ "a request that is too large is refused", a_request_that_is_too_large_is_refused },
	{ "tokens are forgotten", tokens_are_forgotten },
	{ NULL, NULL },
};
