#include "acme/responder.h"

#include <microhttpd.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "acme/responder_tls.h"

#define CHALLENGE_PATH "/.well-known/acme-challenge/"
#define CONNECTIONS_MAX 128
#define CONNECTION_MEMORY 4096 /* the whole head of a request */
#define CONNECTION_SECONDS 10

struct entry {
	struct entry *next;
	char *host, *token, *content;
	bool *asked; /* the owner's; NULL: nobody wants to know */
};

struct ce_responder {
	struct entry *entries;
	struct MHD_Daemon *daemons[CE_RESPONDER_LISTENERS_MAX];
	size_t count;
	size_t served;
	struct ce_tls_responder *tls; /* NULL: no socket for it */
};

static void
entry_free(struct entry *entry)
{
	free(entry->host);
	free(entry->token);
	free(entry->content);
	free(entry);
}

/* Length of the name in "name", "name:port", "[::1]:port". */
static size_t
host_size(const char **host)
{
	if (**host != '[')
		return strcspn(*host, ":");
	++*host;
	return strcspn(*host, "]");
}

static struct entry *
find(const struct ce_responder *responder, const char *host, const char *path)
{
	static const char prefix[] = CHALLENGE_PATH;
	if (!host || strncmp(path, prefix, sizeof(prefix) - 1))
		return NULL;
	size_t size = host_size(&host);
	for (struct entry *entry = responder->entries; entry; entry = entry->next)
		if (!strcmp(entry->token, path + sizeof(prefix) - 1) && strlen(entry->host) == size
		    && !strncasecmp(entry->host, host, size))
			return entry;
	return NULL;
}

const char *
ce_responder_find(const struct ce_responder *responder, const char *host, const char *path)
{
	const struct entry *entry = find(responder, host, path);
	return entry ? entry->content : NULL;
}

static enum MHD_Result
answer(void *context, struct MHD_Connection *connection, const char *url, const char *method, const char *version,
	const char *upload, size_t *upload_size, void **state)
{
	(void)version;
	(void)upload;
	(void)state;
	bool reads = !strcmp(method, MHD_HTTP_METHOD_GET) || !strcmp(method, MHD_HTTP_METHOD_HEAD);
	const char *host = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_HOST);
	struct ce_responder *responder = context;
	struct entry *entry = reads ? find(responder, host, url) : NULL;
	const char *content = entry ? entry->content : NULL;
	responder->served += entry != NULL;
	if (entry && entry->asked)
		*entry->asked = true;
	*upload_size = 0;
	struct MHD_Response *response = MHD_create_response_from_buffer(content ? strlen(content) : 0,
		(void *)(uintptr_t)(content ? content : ""), MHD_RESPMEM_MUST_COPY);
	if (!response)
		return MHD_NO;
	enum MHD_Result result = MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, "application/octet-stream");
	if (result == MHD_YES)
		result = MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
	if (result == MHD_YES)
		result = MHD_queue_response(connection, content ? MHD_HTTP_OK : MHD_HTTP_NOT_FOUND, response);
	MHD_destroy_response(response);
	return result;
}

/* Paths are compared as they came, so that no encoding of a token is taken for it. */
static size_t
leave_escaped(void *context, struct MHD_Connection *connection, char *text)
{
	(void)context;
	(void)connection;
	return strlen(text);
}

static void
discard(void *context, const char *format, va_list arguments)
{
	(void)context;
	(void)format;
	(void)arguments;
}

static int
serve(struct ce_responder *responder, int listener, struct ce_error *err)
{
	struct MHD_Daemon *daemon = MHD_start_daemon(MHD_USE_EPOLL | MHD_USE_ERROR_LOG, 0, NULL, NULL, answer, responder,
		MHD_OPTION_EXTERNAL_LOGGER, discard, NULL, MHD_OPTION_LISTEN_SOCKET, listener, MHD_OPTION_CONNECTION_LIMIT,
		(unsigned)CONNECTIONS_MAX, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
		MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)CONNECTION_SECONDS, MHD_OPTION_UNESCAPE_CALLBACK, leave_escaped, NULL,
		MHD_OPTION_END);
	if (!daemon)
		return ce_fail(err, CE_ERR_SYSTEM, "the built-in web server cannot be started");
	responder->daemons[responder->count++] = daemon;
	return CE_OK;
}

int
ce_responder_open(const int *listeners, size_t http, size_t tls, struct ce_responder **ret_responder,
	struct ce_error *err)
{
	int rc = CE_OK;
	if (http > CE_RESPONDER_LISTENERS_MAX)
		return ce_fail(err, CE_ERR_LIMIT, "more than %d listening sockets", CE_RESPONDER_LISTENERS_MAX);
	struct ce_responder *responder = calloc(1, sizeof(*responder));
	if (!responder)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	for (size_t i = 0; i < http && !rc; i++)
		rc = serve(responder, listeners[i], err);
	if (!rc && tls > 0)
		rc = ce_tls_responder_open(listeners + http, tls, &responder->tls, err);
	if (rc)
		ce_responder_close(responder);
	else
		*ret_responder = responder;
	return rc;
}

void
ce_responder_close(struct ce_responder *responder)
{
	if (!responder)
		return;
	for (size_t i = 0; i < responder->count; i++)
		MHD_stop_daemon(responder->daemons[i]);
	while (responder->entries) {
		struct entry *entry = responder->entries;
		responder->entries = entry->next;
		entry_free(entry);
	}
	ce_tls_responder_close(responder->tls);
	free(responder);
}

int
ce_responder_add(struct ce_responder *responder, const char *host, const char *token, const char *content,
	struct ce_error *err)
{
	struct entry *entry = calloc(1, sizeof(*entry));
	if (!entry)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	entry->host = strdup(host);
	entry->token = strdup(token);
	entry->content = strdup(content);
	if (!entry->host || !entry->token || !entry->content) {
		entry_free(entry);
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	}
	entry->next = responder->entries;
	responder->entries = entry;
	return CE_OK;
}

int
ce_responder_add_tls(struct ce_responder *responder, const char *identifier, const char *token,
	const char *key_authorization, struct ce_error *err)
{
	if (!responder->tls)
		return ce_fail(err, CE_ERR_INVALID, "a tls-alpn-01 challenge without a socket for it");
	return ce_tls_responder_add(responder->tls, identifier, token, key_authorization, err);
}

void
ce_responder_remove(struct ce_responder *responder, const char *host, const char *token)
{
	if (responder->tls)
		ce_tls_responder_remove(responder->tls, host, token);
	for (struct entry **link = &responder->entries; *link; link = &(*link)->next) {
		struct entry *entry = *link;
		if (!strcmp(entry->host, host) && !strcmp(entry->token, token)) {
			*link = entry->next;
			entry_free(entry);
			return;
		}
	}
}

bool
ce_responder_watch(struct ce_responder *responder, const char *host, const char *token, bool *asked)
{
	for (struct entry *entry = responder->entries; entry; entry = entry->next) {
		if (!strcmp(entry->host, host) && !strcmp(entry->token, token)) {
			entry->asked = asked;
			return true;
		}
	}
	return false;
}

size_t
ce_responder_served(const struct ce_responder *responder)
{
	return responder->served;
}

size_t
ce_responder_fds(const struct ce_responder *responder, int *fds, size_t room)
{
	size_t count = 0;
	for (size_t i = 0; i < responder->count && count < room; i++) {
		const union MHD_DaemonInfo *info = MHD_get_daemon_info(responder->daemons[i], MHD_DAEMON_INFO_EPOLL_FD);
		if (info)
			fds[count++] = info->epoll_fd;
	}
	return responder->tls ? count + ce_tls_responder_fds(responder->tls, fds + count, room - count) : count;
}

void
ce_responder_step(struct ce_responder *responder)
{
	for (size_t i = 0; i < responder->count; i++)
		(void)MHD_run(responder->daemons[i]); /* a client's failure is the client's */
	if (responder->tls)
		ce_tls_responder_step(responder->tls);
}
