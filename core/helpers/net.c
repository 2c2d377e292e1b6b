/* certengine-net: the process that speaks to CAs and web servers. It holds no key and no right: what
 * it may not do itself it asks of the supervisor over descriptor 3.
 *
 * Usage: certengine-net HTTP TLS, the numbers of listening sockets from descriptor 4 on. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acme/serve.h"
#include "acme/wire.h"
#include "base/dirs.h"
#include "base/message.h"
#include "base/process.h"
#include "net/dns.h"
#include "net/http.h"
#include "net/serve.h"
#include "net/wire.h"

#define SUPERVISOR 3
#define FIRST_LISTENER 4
#define LISTENERS_MAX CE_RESPONDER_LISTENERS_MAX /* of each */

/* What resolving names and checking servers' certificates reads, and what is loaded late. */
static const char *const readable[] = {
	"/etc", "/usr/share", "/usr/lib", "/usr/lib64", "/usr/local/share", "/lib", "/lib64",
	"/run/systemd/resolve", "/run/resolvconf", "/run/NetworkManager", "/var/run/nscd", "/dev/urandom", NULL,
};

struct helper {
	struct ce_http *http;
	size_t http_listeners, tls_listeners;
	struct ce_responder *responder; /* NULL: not needed yet */
	struct ce_acme_batch batch;
};

static int
serve_http(struct helper *helper, struct ce_message *message, struct ce_error *err)
{
	return ce_net_serve_http(SUPERVISOR, helper->http, message, err);
}

static int
serve_dns(struct helper *helper, struct ce_message *message, struct ce_error *err)
{
	(void)helper;
	return ce_dns_serve(SUPERVISOR, message, err);
}

/* A batch comes in parts; the last one starts it. */
static int
serve_part(struct helper *helper, struct ce_message *message, struct ce_error *err)
{
	return ce_acme_batch_take(&helper->batch, message, err);
}

static int
open_responder(struct helper *helper, struct ce_error *err)
{
	int fds[2 * LISTENERS_MAX];
	size_t count = helper->http_listeners + helper->tls_listeners;
	if (helper->responder || count == 0)
		return CE_OK;
	for (size_t i = 0; i < count; i++)
		fds[i] = FIRST_LISTENER + (int)i;
	return ce_responder_open(fds, helper->http_listeners, helper->tls_listeners, &helper->responder, err);
}

static int
serve_batch(struct helper *helper, struct ce_message *message, struct ce_error *err)
{
	int rc = ce_message_end(message, err);
	if (!rc)
		rc = open_responder(helper, err);
	if (!rc)
		rc = ce_acme_serve(SUPERVISOR, helper->http, helper->responder, &helper->batch, err);
	ce_acme_batch_release(&helper->batch);
	return rc;
}

static const struct {
	int kind;
	int (*serve)(struct helper *helper, struct ce_message *message, struct ce_error *err);
} jobs[] = {
	{ CE_NET_HTTP, serve_http },
	{ CE_NET_DNS, serve_dns },
	{ CE_ACME_ISSUER, serve_part },
	{ CE_ACME_ORDER, serve_part },
	{ CE_ACME_ERRAND, serve_part },
	{ CE_ACME_BEGIN, serve_batch },
};

static int
serve_one(struct helper *helper, struct ce_message *message, struct ce_error *err)
{
	for (size_t i = 0; i < CE_COUNT(jobs); i++)
		if (jobs[i].kind == message->kind)
			return jobs[i].serve(helper, message, err);
	return ce_fail(err, CE_ERR_INVALID, "a job of unknown kind %d", message->kind);
}

/* Until the supervisor closes its end. */
static int
serve_all(struct helper *helper, struct ce_error *err)
{
	for (;;) {
		struct ce_message message = CE_MESSAGE_INIT(0);
		int rc = ce_message_receive(SUPERVISOR, -1, &message, err);
		if (!rc)
			rc = serve_one(helper, &message, err);
		ce_message_release(&message);
		if (rc)
			return rc == CE_ERR_NOT_FOUND ? CE_OK : rc;
	}
}

static int
run(size_t http, size_t tls, struct ce_error *err)
{
	struct helper helper = { .http_listeners = http, .tls_listeners = tls };
	int rc = ce_http_open(&helper.http, err);
	if (!rc)
		rc = ce_process_confine(readable, err);
	if (!rc)
		rc = serve_all(&helper, err);
	ce_acme_batch_release(&helper.batch);
	ce_responder_close(helper.responder);
	ce_http_close(helper.http);
	return rc;
}

/* CE_OK only for a number of sockets. */
static int
read_count(const char *text, size_t *ret_count)
{
	char *end = NULL;
	long count = strtol(text, &end, 10);
	if (end == text || *end != '\0' || count < 0 || count > LISTENERS_MAX)
		return CE_ERR_INVALID;
	*ret_count = (size_t)count;
	return CE_OK;
}

int
main(int argc, char **argv)
{
	ce_build_begin();
	size_t http = 0, tls = 0;
	if (argc != 3 || read_count(argv[1], &http) || read_count(argv[2], &tls)) {
		fprintf(stderr, "certengine-net is started by certengine\n");
		return 2;
	}
	ce_process_hygiene(FIRST_LISTENER + (int)(http + tls));
	struct ce_error err = { 0 };
	int rc = run(http, tls, &err);
	if (rc)
		fprintf(stderr, "certengine-net: %s\n", err.text);
	return rc ? EXIT_FAILURE : EXIT_SUCCESS;
}
