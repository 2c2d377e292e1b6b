#include "net/serve.h"

#include <string.h>

#include "net/wire.h"

/* The answer that is being made while the request runs. */
struct answer {
	struct ce_message message;
	bool complete;
};

static void
answer_with(struct answer *answer, int code, const char *problem, int status, struct ce_bytes body)
{
	ce_message_put_int(&answer->message, code);
	ce_message_put_str(&answer->message, problem);
	ce_message_put_int(&answer->message, status);
	ce_message_put_bytes(&answer->message, body);
	answer->complete = true;
}

static void
take_reply(const struct ce_http_answer *reply, void *context)
{
	answer_with(context, reply->code, reply->problem, reply->status, ce_buf_bytes(&reply->body));
}

static int
exchange(struct ce_http *http, const struct ce_http_call *request, struct answer *answer, struct ce_error *err)
{
	struct ce_error problem = { 0 };
	int rc = ce_http_send(http, request, take_reply, answer, &problem);
	if (rc) {
		answer_with(answer, rc, problem.text, 0, (struct ce_bytes){ NULL, 0 });
		return CE_OK;
	}
	while (!answer->complete) {
		rc = ce_http_wait(http, NULL, 0, NULL, 1000, err);
		if (rc)
			return rc;
	}
	return CE_OK;
}

int
ce_net_serve_http(int fd, struct ce_http *http, struct ce_message *message, struct ce_error *err)
{
	struct ce_http_call request = { 0 };
	request.method = ce_message_get_str(message);
	request.url = ce_message_get_str(message);
	request.credentials = ce_message_get_str(message);
	request.trust = ce_message_get_bytes(message);
	request.content_type = ce_message_get_str(message);
	request.body = ce_message_get_bytes(message);
	request.timeout_ms = (int)ce_message_get_int(message);
	int rc = ce_message_end(message, err);
	if (rc)
		return rc;
	if (!request.method || !request.url)
		return ce_fail(err, CE_ERR_INVALID, "an HTTP request without method or URL");
	struct answer answer = { CE_MESSAGE_INIT(CE_NET_HTTP_DONE), false };
	rc = exchange(http, &request, &answer, err);
	if (!rc)
		rc = ce_message_send(fd, &answer.message, err);
	ce_message_release(&answer.message);
	return rc;
}
