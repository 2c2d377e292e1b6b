/* The supervisor's side of certengine-net: one HTTP request. */
#include "net/agent.h"

#include <string.h>

#include "base/dirs.h"
#include "base/file.h"
#include "base/message.h"
#include "net/http.h"
#include "net/net_agent.h"
#include "net/url.h"
#include "net/wire.h"

#define DEFAULT_TIMEOUT_MS 30000
/* What the helper may need beyond the request's own limit. */
#define GRACE_MS 10000
#define STOP_MS 500

static const char *const methods[] = { "GET", "HEAD", "POST", "PUT", "DELETE", NULL };

int
ce_net_start(const int *listeners, size_t http, size_t tls, struct ce_helper *ret_helper, struct ce_error *err)
{
	CE_CLEANUP(ce_strlist_release) struct ce_strlist argv = CE_STRLIST_INIT;
	int rc = ce_strlist_addf(&argv, err, "%s/certengine-net", ce_dirs_built.helpers);
	if (!rc)
		rc = ce_strlist_addf(&argv, err, "%zu", http);
	if (!rc)
		rc = ce_strlist_addf(&argv, err, "%zu", tls);
	if (rc)
		return rc;
	rc = ce_helper_start((const char *const *)argv.items, listeners, http + tls, ret_helper, err);
	return rc ? ce_error_wrap(err, "start the network process") : CE_OK;
}

static int
check(const struct ce_net_request *request, struct ce_error *err)
{
	for (const char *const *method = methods; *method; method++)
		if (!strcmp(*method, request->method))
			return ce_url_check(request->url, false, err);
	return ce_fail(err, CE_ERR_INVALID, "the HTTP method '%.20s' is not known", request->method);
}

static int
ask(struct ce_helper *agent, const struct ce_net_request *request, struct ce_bytes trust, int timeout_ms,
	struct ce_error *err)
{
	struct ce_message message = CE_MESSAGE_INIT(CE_NET_HTTP);
	ce_message_put_str(&message, request->method);
	ce_message_put_str(&message, request->url);
	ce_message_put_str(&message, request->credentials);
	ce_message_put_bytes(&message, trust);
	ce_message_put_str(&message, request->content_type);
	ce_message_put_bytes(&message, request->body);
	ce_message_put_int(&message, timeout_ms);
	int rc = ce_message_send(agent->fd, &message, err);
	ce_message_release(&message);
	return rc;
}

/* Takes the helper's answer as data of a stranger. */
static int
read_answer(struct ce_message *message, const char *url, struct ce_net_reply *ret_reply, struct ce_error *err)
{
	int code = (int)ce_message_get_int(message);
	const char *problem = ce_message_get_str(message);
	long long status = ce_message_get_int(message);
	struct ce_bytes body = ce_message_get_bytes(message);
	int rc = ce_message_end(message, err);
	if (rc)
		return rc;
	if (message->kind != CE_NET_HTTP_DONE || body.size > CE_HTTP_BODY_MAX)
		return ce_fail(err, CE_ERR_INVALID, "an answer out of order");
	if (code != CE_OK)
		return ce_fail(err, CE_ERR_NETWORK, "'%s': %s", url, problem ? problem : "no answer");
	if (status < 100 || status > 999)
		return ce_fail(err, CE_ERR_INVALID, "the HTTP status %lld", status);
	struct ce_buf copy = CE_BUF_INIT;
	rc = ce_buf_add(&copy, body.data, body.size, err);
	if (rc)
		return rc;
	ret_reply->status = (int)status;
	ret_reply->body = copy;
	return CE_OK;
}

static int
exchange(struct ce_helper *agent, const struct ce_net_request *request, struct ce_bytes trust,
	struct ce_message *message, struct ce_error *err)
{
	int timeout_ms = request->timeout_ms > 0 ? request->timeout_ms : DEFAULT_TIMEOUT_MS;
	int rc = agent->fd < 0 ? ce_net_start(NULL, 0, 0, agent, err) : CE_OK;
	if (!rc)
		rc = ask(agent, request, trust, timeout_ms, err);
	if (!rc)
		rc = ce_message_receive(agent->fd, timeout_ms + GRACE_MS, message, err);
	if (rc) {
		ce_helper_stop(agent, STOP_MS); /* whatever its state is, the next request gets a new one */
		return rc == CE_ERR_NOT_FOUND ? ce_fail(err, CE_ERR_SYSTEM, "the network process ended before it answered")
		                              : ce_error_wrap(err, "the network process");
	}
	return CE_OK;
}

int
ce_net_http(struct ce_helper *agent, const struct ce_net_request *request, struct ce_net_reply *ret_reply,
	struct ce_error *err)
{
	int rc = check(request, err);
	if (rc)
		return rc;
	CE_CLEANUP(ce_buf_release) struct ce_buf trust = CE_BUF_INIT;
	if (request->ca_file) {
		rc = ce_file_read(request->ca_file, CE_FILE_DEFAULT_LIMIT, &trust, NULL, err);
		if (rc)
			return rc;
		if (trust.size == 0)
			return ce_fail(err, CE_ERR_CONFIG, "'%s' holds no certificates", request->ca_file);
	}
	CE_CLEANUP(ce_message_release) struct ce_message message = CE_MESSAGE_INIT(0);
	rc = exchange(agent, request, ce_buf_bytes(&trust), &message, err);
	return rc ? rc : read_answer(&message, request->url, ret_reply, err);
}
