#include "server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define REQUEST_MAX 65536

static int listener = -1;
static int port;

static void
say(int fd, const char *text)
{
	(void)!write(fd, text, strlen(text)); /* a client that left is part of some tests */
}

static void
answer_ok(int fd, const char *request)
{
	(void)request;
	say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Type: text/plain\r\n"
		"Link: <a>;rel=up\r\nlink: <b>;rel=help\r\nConnection: close\r\n\r\nhello");
}

static void
answer_missing(int fd, const char *request)
{
	(void)request;
	say(fd, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
}

static void
answer_large(int fd, const char *request)
{
	(void)request;
	char block[4096];
	memset(block, 'x', sizeof(block));
	say(fd, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
	for (int i = 0; i < 512; i++)
		if (send(fd, block, sizeof(block), MSG_NOSIGNAL) < 0)
			return;
}

static void
answer_cut(int fd, const char *request)
{
	(void)request;
	say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello");
}

static void
answer_redirect(int fd, const char *request)
{
	(void)request;
	say(fd, "HTTP/1.1 302 Found\r\nLocation: /ok\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
}

static void
answer_nothing(int fd, const char *request)
{
	(void)fd;
	(void)request;
}

static void
answer_slowly(int fd, const char *request)
{
	sleep(2);
	answer_ok(fd, request);
}

static void
answer_headers(int fd, const char *request)
{
	(void)request;
	say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n");
	for (int i = 0; i < 300; i++)
		say(fd, "X-Many: 1\r\n");
	say(fd, "\r\n");
}

static void
answer_echo(int fd, const char *request)
{
	say(fd, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
	say(fd, request);
}

static const struct {
	const char *path;
	void (*answer)(int fd, const char *request);
} answers[] = {
	{ "/ok", answer_ok }, { "/large", answer_large }, { "/cut", answer_cut }, { "/redirect", answer_redirect },
	{ "/nothing", answer_nothing }, { "/slow", answer_slowly }, { "/headers", answer_headers },
	{ "/echo", answer_echo }, { "", answer_missing },
};

/* The head, and as much body as Content-Length says. */
static void
read_request(int fd, char *request)
{
	size_t size = 0;
	for (;;) {
		ssize_t n = read(fd, request + size, REQUEST_MAX - 1 - size);
		if (n <= 0)
			return;
		size += (size_t)n;
		request[size] = '\0';
		const char *end = strstr(request, "\r\n\r\n"), *length = strcasestr(request, "content-length:");
		if (end && size >= (size_t)(end + 4 - request) + (length ? strtoul(length + 15, NULL, 10) : 0))
			return;
	}
}

static void *
serve(void *argument)
{
	int fd = *(int *)argument;
	free(argument);
	char *request = calloc(1, REQUEST_MAX);
	read_request(fd, request);
	const char *path = strchr(request, ' ');
	for (size_t i = 0; path; i++) {
		if (!strncmp(path + 1, answers[i].path, strlen(answers[i].path))) {
			answers[i].answer(fd, request);
			break;
		}
	}
	free(request);
	close(fd);
	return NULL;
}

static void *
accept_all(void *argument)
{
	(void)argument;
	for (;;) {
		int *fd = malloc(sizeof(*fd));
		*fd = accept(listener, NULL, NULL);
		pthread_t thread;
		if (*fd < 0 || pthread_create(&thread, NULL, serve, fd))
			abort();
		pthread_detach(thread);
	}
}

static void
start(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(address);
	pthread_t thread;
	listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (listener < 0 || bind(listener, (struct sockaddr *)&address, size) || listen(listener, 64)
	    || getsockname(listener, (struct sockaddr *)&address, &size)
	    || pthread_create(&thread, NULL, accept_all, NULL))
		abort();
	pthread_detach(thread);
	port = ntohs(address.sin_port);
}

const char *
server_url(const char *path)
{
	static char url[256];
	if (listener < 0)
		start();
	snprintf(url, sizeof(url), "http://127.0.0.1:%d%s", port, path);
	return url;
}
