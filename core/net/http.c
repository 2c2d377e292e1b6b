/* The engine: one curl multi handle and the requests on it. */
#include "net/http.h"

#include "config.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "net/http_own.h"
#include "net/url.h"

#define CONNECT_TIMEOUT_MS 10000L
#define DEFAULT_TIMEOUT_MS 30000
#define HEADERS_MAX 200

/* One request under way. */
struct transfer {
	struct ce_http *http;
	struct transfer *next, **link;
	CURL *easy;
	struct curl_slist *headers;
	struct ce_buf sent;
	struct ce_http_answer reply;
	bool too_large;
	char problem[CURL_ERROR_SIZE];
	ce_http_done done;
	void *context;
};

struct ce_http {
	CURLM *multi;
	struct transfer *first;
	size_t pending;
	struct ce_http_trusts trusts;
};

const char *
ce_http_agent(void)
{
	static char agent[100];
	if (agent[0] == '\0')
		snprintf(agent, sizeof(agent), "certengine/%s libcurl/%s", PACKAGE_VERSION,
			curl_version_info(CURLVERSION_NOW)->version);
	return agent;
}

static void
transfer_free(struct transfer *transfer)
{
	if (transfer->link) {
		*transfer->link = transfer->next;
		if (transfer->next)
			transfer->next->link = transfer->link;
		transfer->http->pending--;
		(void)curl_multi_remove_handle(transfer->http->multi, transfer->easy); /* it is being given up */
	}
	curl_easy_cleanup(transfer->easy);
	curl_slist_free_all(transfer->headers);
	ce_buf_release(&transfer->sent);
	ce_http_answer_release(&transfer->reply);
	free(transfer);
}

static void
transferp(struct transfer **transfer)
{
	if (*transfer)
		transfer_free(*transfer);
}

int
ce_http_open(struct ce_http **ret_http, struct ce_error *err)
{
	if (curl_global_init(CURL_GLOBAL_DEFAULT))
		return ce_fail(err, CE_ERR_SYSTEM, "libcurl cannot be initialised");
	CE_CLEANUP(ce_httpp) struct ce_http *http = calloc(1, sizeof(*http));
	if (!http)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	http->multi = curl_multi_init();
	if (!http->multi)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	/* Where HTTP/2 is offered one connection carries all; a server without it gets a few. */
	if (curl_multi_setopt(http->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_MULTIPLEX)
	    || curl_multi_setopt(http->multi, CURLMOPT_MAX_HOST_CONNECTIONS, 4L))
		return ce_fail(err, CE_ERR_SYSTEM, "libcurl refuses its settings");
	*ret_http = CE_STEAL(http);
	return CE_OK;
}

void
ce_http_cancel(struct ce_http *http)
{
	while (http->first)
		transfer_free(http->first);
}

void
ce_http_close(struct ce_http *http)
{
	if (!http)
		return;
	ce_http_cancel(http);
	if (http->multi)
		(void)curl_multi_cleanup(http->multi); /* nothing is left on it */
	ce_http_trusts_release(&http->trusts);
	free(http);
}

void
ce_httpp(struct ce_http **http)
{
	ce_http_close(*http);
}

size_t
ce_http_pending(const struct ce_http *http)
{
	return http->pending;
}

static size_t
take_body(char *data, size_t size, size_t count, void *context)
{
	struct transfer *transfer = context;
	if (!ce_buf_add(&transfer->reply.body, data, size * count, NULL))
		return size * count;
	transfer->too_large = true;
	return 0;
}

/* Sets options until one fails; a chain of curl_easy_setopt reads as a table this way. */
#define SET(option, value) (bad = bad ? bad : curl_easy_setopt(easy, (option), (value)))

static CURLcode
set_common(struct transfer *transfer, const struct ce_http_call *request)
{
	CURL *easy = transfer->easy;
	CURLcode bad = CURLE_OK;
	SET(CURLOPT_URL, request->url);
	SET(CURLOPT_PROTOCOLS_STR, request->https_only ? "https" : "http,https");
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_USERAGENT, ce_http_agent());
	SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
	SET(CURLOPT_PIPEWAIT, 1L); /* rather wait for the connection that is being made than make another */
	SET(CURLOPT_CONNECTTIMEOUT_MS, CONNECT_TIMEOUT_MS);
	SET(CURLOPT_TIMEOUT_MS, (long)(request->timeout_ms > 0 ? request->timeout_ms : DEFAULT_TIMEOUT_MS));
	SET(CURLOPT_FRESH_CONNECT, request->once ? 1L : 0L);
	if (request->stall_s > 0) {
		SET(CURLOPT_LOW_SPEED_LIMIT, 1L);
		SET(CURLOPT_LOW_SPEED_TIME, (long)request->stall_s);
	}
	SET(CURLOPT_ERRORBUFFER, transfer->problem);
	SET(CURLOPT_WRITEFUNCTION, take_body);
	SET(CURLOPT_WRITEDATA, transfer);
	SET(CURLOPT_PRIVATE, transfer);
	return bad;
}

static CURLcode
set_method(struct transfer *transfer, const struct ce_http_call *request)
{
	CURL *easy = transfer->easy;
	CURLcode bad = CURLE_OK;
	if (!strcmp(request->method, "HEAD")) {
		SET(CURLOPT_NOBODY, 1L);
		return bad;
	}
	if (!strcmp(request->method, "GET"))
		return bad;
	SET(CURLOPT_POST, 1L);
	SET(CURLOPT_CUSTOMREQUEST, request->method);
	SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)transfer->sent.size);
	SET(CURLOPT_POSTFIELDS, ce_buf_text(&transfer->sent));
	return bad;
}

static int
add_header(struct transfer *transfer, struct ce_error *err, const char *name, const char *value)
{
	CE_CLEANUP(ce_buf_release) struct ce_buf line = CE_BUF_INIT;
	int rc = ce_buf_addf(&line, err, "%s:%s%s", name, value ? " " : "", value ? value : "");
	if (rc)
		return rc;
	struct curl_slist *longer = curl_slist_append(transfer->headers, ce_buf_text(&line));
	if (!longer)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	transfer->headers = longer;
	return CE_OK;
}

/* "Expect" and "Content-Type" without a value are not sent at all. */
static int
set_headers(struct transfer *transfer, const struct ce_http_call *request, struct ce_error *err)
{
	const char *language = request->route ? request->route->language : NULL;
	const struct { const char *name, *value; } headers[] = {
		{ "Accept-Language", language ? language : "en" },
		{ "Expect", NULL },
		{ "Content-Type", request->content_type },
		{ "Accept", request->accept ? request->accept : "*/*" },
	};
	for (size_t i = 0; i < CE_COUNT(headers); i++) {
		int rc = add_header(transfer, err, headers[i].name, headers[i].value);
		if (rc)
			return rc;
	}
	if (curl_easy_setopt(transfer->easy, CURLOPT_HTTPHEADER, transfer->headers))
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	return CE_OK;
}

static int
set_secrets(struct transfer *transfer, const struct ce_http_call *request, struct ce_error *err)
{
	CURL *easy = transfer->easy;
	CURLcode bad = CURLE_OK;
	if (request->credentials) {
		SET(CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
		SET(CURLOPT_USERPWD, request->credentials);
	}
	if (request->trust.size > 0) {
		const char *path = NULL;
		int rc = ce_http_trusts_path(&transfer->http->trusts, request->trust, &path, err);
		if (rc)
			return rc;
		SET(CURLOPT_CAINFO, path);
		SET(CURLOPT_CAPATH, NULL);
	}
	return bad ? ce_fail(err, CE_ERR_MEMORY, "out of memory") : CE_OK;
}

static int
transfer_prepare(struct transfer *transfer, const struct ce_http_call *request, struct ce_error *err)
{
	transfer->reply.body.limit = CE_HTTP_BODY_MAX;
	transfer->sent.secret = true;
	transfer->easy = curl_easy_init();
	if (!transfer->easy)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	int rc = ce_buf_add(&transfer->sent, request->body.data, request->body.size, err);
	if (rc)
		return rc;
	if (set_common(transfer, request) || set_method(transfer, request))
		return ce_fail(err, CE_ERR_SYSTEM, "libcurl refuses a request to '%s'", request->url);
	static const struct ce_http_route direct = { 0 };
	rc = ce_http_route_set(transfer->easy, request->route ? request->route : &direct, &transfer->http->trusts, err);
	if (!rc)
		rc = set_headers(transfer, request, err);
	return rc ? rc : set_secrets(transfer, request, err);
}

int
ce_http_send(struct ce_http *http, const struct ce_http_call *request, ce_http_done done, void *context,
	struct ce_error *err)
{
	int rc = ce_url_check(request->url, request->https_only, err);
	if (rc)
		return rc;
	CE_CLEANUP(transferp) struct transfer *transfer = calloc(1, sizeof(*transfer));
	if (!transfer)
		return ce_fail(err, CE_ERR_MEMORY, "out of memory");
	transfer->http = http;
	transfer->done = done;
	transfer->context = context;
	rc = transfer_prepare(transfer, request, err);
	if (rc)
		return rc;
	if (curl_multi_add_handle(http->multi, transfer->easy))
		return ce_fail(err, CE_ERR_SYSTEM, "libcurl takes no further request");
	transfer->next = http->first;
	transfer->link = &http->first;
	if (transfer->next)
		transfer->next->link = &transfer->next;
	http->first = CE_STEAL(transfer);
	http->pending++;
	return CE_OK;
}

static int
keep_headers(struct transfer *transfer, struct ce_error *err)
{
	struct ce_http_answer *reply = &transfer->reply;
	struct curl_header *header = NULL;
	while ((header = curl_easy_nextheader(transfer->easy, CURLH_HEADER, -1, header)) != NULL) {
		if (reply->names.count >= HEADERS_MAX)
			return ce_fail(err, CE_ERR_LIMIT, "the answer has more than %d header fields", HEADERS_MAX);
		int rc = ce_strlist_add(&reply->names, header->name, err);
		if (!rc)
			rc = ce_strlist_add(&reply->values, header->value, err);
		if (rc)
			return rc;
	}
	return CE_OK;
}

static int
code_of(const struct transfer *transfer, CURLcode result)
{
	if (transfer->too_large)
		return CE_ERR_LIMIT;
	return result == CURLE_OPERATION_TIMEDOUT ? CE_ERR_TIMEOUT : CE_ERR_NETWORK;
}

static void
judge(struct transfer *transfer, CURLcode result)
{
	struct ce_http_answer *reply = &transfer->reply;
	struct ce_error error = { 0 };
	long status = 0;
	(void)curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status); /* 0 stays when there is none */
	reply->status = (int)status;
	if (result == CURLE_OK) {
		reply->code = keep_headers(transfer, &error);
		ce_text_printable(reply->problem, sizeof(reply->problem), error.text);
		return;
	}
	reply->code = code_of(transfer, result);
	char fault[200];
	const char *problem = ce_http_fault(transfer->easy, result, fault, sizeof(fault));
	if (!problem)
		problem = transfer->problem[0] ? transfer->problem : curl_easy_strerror(result);
	if (transfer->too_large)
		problem = "the answer is larger than 1 MiB";
	ce_text_printable(reply->problem, sizeof(reply->problem), problem);
}

static void
finish(struct transfer *transfer, CURLcode result)
{
	judge(transfer, result);
	CE_CLEANUP(ce_http_answer_release) struct ce_http_answer reply = transfer->reply;
	memset(&transfer->reply, 0, sizeof(transfer->reply));
	ce_http_done done = transfer->done;
	void *context = transfer->context;
	transfer_free(transfer);
	done(&reply, context); /* may start further requests */
}

/* Hands over what was finished; callbacks see a consistent engine. */
static size_t
hand_over(struct ce_http *http)
{
	size_t finished = 0;
	int left = 0;
	CURLMsg *message;
	while ((message = curl_multi_info_read(http->multi, &left)) != NULL) {
		struct transfer *transfer = NULL;
		CURLcode result = message->data.result;
		if (message->msg != CURLMSG_DONE
		    || curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&transfer))
			continue;
		finish(transfer, result);
		finished++;
	}
	return finished;
}

static int
perform(struct ce_http *http, size_t *ret_finished, struct ce_error *err)
{
	int running = 0;
	CURLMcode code = curl_multi_perform(http->multi, &running);
	if (code)
		return ce_fail(err, CE_ERR_SYSTEM, "libcurl: %s", curl_multi_strerror(code));
	*ret_finished = hand_over(http);
	return CE_OK;
}

int
ce_http_wait(struct ce_http *http, const int *fds, size_t count, bool *ret_ready, int timeout_ms, struct ce_error *err)
{
	struct curl_waitfd waits[CE_HTTP_WAIT_MAX] = { 0 };
	if (count > CE_HTTP_WAIT_MAX)
		return ce_fail(err, CE_ERR_LIMIT, "too many descriptors to wait for");
	for (size_t i = 0; i < count; i++) {
		waits[i].fd = fds[i];
		waits[i].events = CURL_WAIT_POLLIN;
		ret_ready[i] = false;
	}
	size_t finished = 0;
	int rc = perform(http, &finished, err);
	if (rc)
		return rc;
	CURLMcode code = curl_multi_poll(http->multi, waits, (unsigned)count, finished ? 0 : timeout_ms, NULL);
	if (code)
		return ce_fail(err, CE_ERR_SYSTEM, "libcurl: %s", curl_multi_strerror(code));
	for (size_t i = 0; i < count; i++)
		ret_ready[i] = waits[i].revents != 0;
	return finished ? CE_OK : perform(http, &finished, err);
}
