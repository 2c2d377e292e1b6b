/* Where the certificate is served, and the proof that a WebSocket is behind it: a request to change over to that protocol
 * (RFC 6455 section 4.1) gets 101 and the answer to its key, and in plain text it gets neither. curl makes the request on
 * the product's own host. It looks at no certificate: the handshake before it has. */
#include "websocket.h"

#include <string.h>

#define DEFAULT_PORT 7078
#define PATH "/websocket"
#define KEY "Sec-WebSocket-Key: Y2VydGVuZ2luZS1wcm9iZQ=="
#define ANSWER "Eh62AquDpxK1djobrs8mZCcqGjA="

int
ce_websocket_check_curl(struct websocket_work *work)
{
	struct ce_stat stat = { .size = sizeof(stat) };
	int rc = work->services->stat(work->call, work->settings.curl, &stat);
	if (rc < 0 || (stat.exists && !stat.is_directory))
		return rc;
	return work->services->fail(work->call, CE_ERR_NOT_FOUND, "the program '%s', which proves that a WebSocket is served, is not "
		"there; install curl, or set 'curl'", work->settings.curl);
}

static int
find_port(const struct websocket_work *work, long *ret_port)
{
	const char *text = ce_websocket_get(work, "WEBSOCKET_REQUEST_PORT");
	long port = work->settings.port > 0 ? work->settings.port : DEFAULT_PORT;
	if (work->settings.port == 0 && text && (!ce_plug_number(text, 65535, &port) || port == 0))
		return work->services->fail(work->call, CE_ERR_CONFIG, "WEBSOCKET_REQUEST_PORT is '%s' in '%s', which is no port; correct "
			"it, or set 'port'", text, work->paths[WEBSOCKET_SERVER]);
	*ret_port = port;
	return CE_OK;
}

int
ce_websocket_endpoints(const struct ce_services *services, ce_call *call, void *instance)
{
	struct websocket_work work;
	long port = 0;
	(void)instance;
	int rc = ce_websocket_open_server(services, call, &work);
	if (rc >= 0)
		rc = find_port(&work, &port);
	return rc < 0 ? rc : services->endpoint(call, work.settings.address, (int)port, NULL);
}

/* Asks for a WebSocket, by scheme "https" or "http"; the head of the answer, empty when there is none. */
static int
ask(const struct websocket_work *work, const char *scheme, const char *host, long port, struct ce_run_result *ret_result)
{
	const struct ce_services *services = work->services;
	const char *address = work->settings.address;
	bool brackets = strchr(address, ':') != NULL;
	const char *url = services->format(work->call, "%s://%s:%ld" PATH, scheme, host, port);
	const char *to = services->format(work->call, brackets ? "::[%s]:%ld" : "::%s:%ld", address, port);
	const char *const argv[] = { work->settings.curl, "--disable", "--silent", "--show-error", "--insecure", "--noproxy", "*",
		"--http1.1", "--head", "--request", "GET", "--max-time", "10", "--retry", scheme[4] == 's' ? "4" : "0", "--retry-delay",
		"1", "--connect-to", to, "--header", "Connection: Upgrade", "--header", "Upgrade: websocket", "--header",
		"Sec-WebSocket-Version: 13", "--header", KEY, url, NULL };
	struct ce_run run = { .size = sizeof(run), .argv = argv };
	return url && to ? services->run(work->call, &run, ret_result) : ce_plug_no_memory(services, work->call);
}

/* The last head counts: curl asks again when the server is not ready yet. */
static bool
changed_over(const struct websocket_work *work, const struct ce_run_result *result)
{
	const char *text = work->services->format(work->call, "%.*s", (int)result->out.size,
		result->out.data ? (const char *)result->out.data : "");
	const char *head = text ? strstr(text, "HTTP/1.1 ") : NULL;
	for (const char *next = head; next; next = strstr(next + 1, "HTTP/1.1 "))
		head = next;
	return ce_plug_starts(head, "HTTP/1.1 101") && strstr(head, ANSWER);
}

/* A name of the certificate is asked for where it is one. */
static int
find_host(const struct websocket_work *work, const char **ret_host)
{
	const struct ce_certificate_facts *facts = NULL;
	int rc = work->services->certificate(work->call, &facts);
	if (rc < 0)
		return rc;
	const char *name = facts->names[0];
	*ret_host = name && name[0] != '*' && !strchr(name, ':') ? name : "localhost";
	return CE_OK;
}

int
ce_websocket_verify(const struct ce_services *services, ce_call *call, void *instance)
{
	struct websocket_work work;
	struct ce_run_result result = { .size = sizeof(result) };
	const char *host = NULL;
	long port = 0;
	(void)instance;
	int rc = ce_websocket_open_server(services, call, &work);
	if (rc >= 0)
		rc = find_port(&work, &port);
	if (rc >= 0)
		rc = find_host(&work, &host);
	if (rc >= 0)
		rc = ask(&work, "https", host, port, &result);
	if (rc < 0)
		return rc;
	if (!changed_over(&work, &result)) {
		const char *line = ce_plug_first_line(services, call, result.out.size > 0 ? result.out : result.err);
		return services->fail(call, CE_ERR_VERIFY, "wss://%s:%ld" PATH " serves the certificate but no WebSocket: it answers '%s' "
			"instead of 101", work.settings.address, port, line ? line : "");
	}
	rc = ask(&work, "http", host, port, &result);
	if (rc >= 0 && changed_over(&work, &result))
		return services->fail(call, CE_ERR_VERIFY, "ws://%s:%ld" PATH " still works in plain text", work.settings.address, port);
	return rc;
}
