/* HTTP: many requests at once on one engine, connections re-used, HTTP/2 where it is offered.
 * Nothing here blocks except ce_http_wait. Redirects are never followed. */
#ifndef CE_NET_HTTP_H
#define CE_NET_HTTP_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/strlist.h"

#define CE_HTTP_BODY_MAX (1u << 20)

struct ce_http;

/* How a server is reached, and who we are to it; each member may be NULL or empty. */
struct ce_http_route {
	const char *language;       /* Accept-Language; NULL: "en" */
	const char *proxy;          /* URL, http or https */
	const char *interface;      /* a name ("eth1") or an address that requests come from */
	const char *dns;            /* addresses of name servers, by comma; not every libcurl can */
	struct ce_bytes certificate;/* PEM, leaf first: shown to a server that asks for one */
	struct ce_bytes key;        /* PEM; secret */
};

struct ce_http_call {
	const char *method;       /* "GET", "HEAD", "POST", "PUT", "DELETE" */
	const char *url;
	bool https_only;
	const char *credentials;  /* "user:password" for basic authentication, NULL: none */
	struct ce_bytes trust;    /* PEM of the only roots to trust; empty: the system's */
	const struct ce_http_route *route; /* NULL: directly, as nobody */
	const char *content_type; /* NULL: none */
	const char *accept;       /* NULL: anything */
	struct ce_bytes body;     /* copied; sent with a length, never chunked */
	int timeout_ms;           /* for the whole exchange; 0: 30 s */
	int stall_s;              /* given up when so long less than a byte a second moved; 0: never */
	bool once;                /* libcurl sends a request again when a connection that it re-used was closed: not this one */
};

/* What came of a request. Valid during the callback only. */
struct ce_http_answer {
	int code;                 /* CE_OK: a complete answer of any status; CE_ERR_NETWORK, _TIMEOUT, _LIMIT */
	char problem[256];        /* one clause for code != CE_OK */
	int status;
	struct ce_buf body;       /* at most CE_HTTP_BODY_MAX */
	struct ce_strlist names;  /* of the header fields, as sent */
	struct ce_strlist values;
};

typedef void (*ce_http_done)(const struct ce_http_answer *reply, void *context);

CE_MUSTCHECK int ce_http_open(struct ce_http **ret_http, struct ce_error *err);
/* Drops what is under way, without callbacks. */
void ce_http_cancel(struct ce_http *http);
/* Cancels and closes. Accepts NULL. */
void ce_http_close(struct ce_http *http);
void ce_httpp(struct ce_http **http);

/* Starts a request; done is called once, out of ce_http_wait, never out of this function. An error
 * means that it was not started (CE_ERR_REFUSED: the URL, or a route that this libcurl does not know). */
CE_MUSTCHECK int ce_http_send(struct ce_http *http, const struct ce_http_call *request, ce_http_done done,
	void *context, struct ce_error *err);

/* Moves everything on: returns when a request was finished, one of the count descriptors is readable
 * (ret_ready[i], ret_ready may be NULL with count 0), or timeout_ms passed. */
CE_MUSTCHECK int ce_http_wait(struct ce_http *http, const int *fds, size_t count, bool *ret_ready, int timeout_ms,
	struct ce_error *err);

/* Requests under way. */
size_t ce_http_pending(const struct ce_http *http);

/* The index-th value of a header field, NULL when there is none. Names are case-insensitive (HTTP/2
 * sends lower case). */
const char *ce_http_header(const struct ce_http_answer *reply, const char *name, size_t index);

/* Whether Content-Type, without its parameters, is type. */
bool ce_http_is(const struct ce_http_answer *reply, const char *type);

/* The target of the index-th link with this relation in all Link headers; the caller frees; NULL: none. */
char *ce_http_link(const struct ce_http_answer *reply, const char *rel, size_t index);

/* Retry-After in seconds from now on, both forms (RFC 9110 section 10.2.3). A past moment is 0; -1 when there
 * is no such header or it cannot be read. now is in seconds since the epoch. */
long long ce_http_retry_after(const struct ce_http_answer *reply, long long now);

/* "certengine/0.1.0 libcurl/7.88.1" */
const char *ce_http_agent(void);

void ce_http_answer_release(struct ce_http_answer *reply);

#endif
