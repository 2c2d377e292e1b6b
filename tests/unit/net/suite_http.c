#include <string.h>
#include <unistd.h>

#include "net/http.h"
#include "server.h"
#include "suites.h"

/* What a callback kept. */
struct kept {
	int calls, code, status;
	char problem[256], body[4096], link[16];
};

static void
keep(const struct ce_http_answer *reply, void *context)
{
	struct kept *kept = context;
	kept->calls++;
	kept->code = reply->code;
	kept->status = reply->status;
	snprintf(kept->problem, sizeof(kept->problem), "%s", reply->problem);
	snprintf(kept->body, sizeof(kept->body), "%s", ce_buf_text(&reply->body));
	char *link = ce_http_link(reply, "help", 0);
	snprintf(kept->link, sizeof(kept->link), "%s", link ? link : "");
	free(link);
}

static struct kept
request(const struct ce_http_call *request)
{
	struct kept kept = { 0 };
	CE_CLEANUP(ce_httpp) struct ce_http *http = NULL;
	CU_ASSERT_EQUAL_FATAL(ce_http_open(&http, NULL), CE_OK);
	CU_ASSERT_EQUAL_FATAL(ce_http_send(http, request, keep, &kept, NULL), CE_OK);
	while (kept.calls == 0)
		CU_ASSERT_EQUAL_FATAL(ce_http_wait(http, NULL, 0, NULL, 100, NULL), CE_OK);
	CU_ASSERT_EQUAL(kept.calls, 1);
	CU_ASSERT_EQUAL(ce_http_pending(http), 0);
	return kept;
}

static struct kept
get(const char *path)
{
	return request(&(struct ce_http_call){ .method = "GET", .url = server_url(path) });
}

static void
an_answer_is_given_whole(void)
{
	struct kept kept = get("/ok");
	CU_ASSERT_EQUAL(kept.code, CE_OK);
	CU_ASSERT_EQUAL(kept.status, 200);
	CU_ASSERT_STRING_EQUAL(kept.body, "hello");
	CU_ASSERT_STRING_EQUAL(kept.link, "b");
	CU_ASSERT_EQUAL(get("/absent").status, 404);
}

/* H9 */
static void
redirects_are_not_followed(void)
{
	struct kept kept = get("/redirect");
	CU_ASSERT_EQUAL(kept.code, CE_OK);
	CU_ASSERT_EQUAL(kept.status, 302);
}

/* H10 */
static void
broken_answers_are_errors(void)
{
	CU_ASSERT_EQUAL(get("/large").code, CE_ERR_LIMIT);
	CU_ASSERT_EQUAL(get("/cut").code, CE_ERR_NETWORK);
	CU_ASSERT_EQUAL(get("/nothing").code, CE_ERR_NETWORK);
	CU_ASSERT_EQUAL(get("/headers").code, CE_ERR_LIMIT);
	CU_ASSERT_NOT_EQUAL(get("/cut").problem[0], '\0');
}

static void
a_slow_answer_times_out(void)
{
	struct kept kept = request(&(struct ce_http_call){ .method = "GET", .url = server_url("/slow"), .timeout_ms = 200 });
	CU_ASSERT_EQUAL(kept.code, CE_ERR_TIMEOUT);
}

/* H1, H2, H4, H5: what a POST looks like on the wire. */
static void
a_post_is_sent_with_its_length(void)
{
	const struct ce_http_call post = { .method = "POST", .url = server_url("/echo"), .content_type = "application/jose+json",
		.accept = "application/json", .body = { (const unsigned char *)"{\"a\":1}", 7 } };
	struct kept kept = request(&post);
	CU_ASSERT_PTR_NOT_NULL(strstr(kept.body, "POST /echo HTTP/1.1\r\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(kept.body, "\r\nContent-Length: 7\r\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(kept.body, "\r\nContent-Type: application/jose+json\r\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(kept.body, "\r\nAccept: application/json\r\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(kept.body, "\r\nAccept-Language: en\r\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(kept.body, "\r\nUser-Agent: certengine/"));
	CU_ASSERT_PTR_NOT_NULL(strstr(kept.body, "\r\n\r\n{\"a\":1}"));
	CU_ASSERT_PTR_NULL(strcasestr(kept.body, "expect:"));
	CU_ASSERT_PTR_NULL(strcasestr(kept.body, "transfer-encoding"));
}

static void
credentials_are_sent_as_basic_authentication(void)
{
	struct kept kept = request(&(struct ce_http_call){ .method = "PUT", .url = server_url("/echo"),
		.credentials = "user:pass" });
	CU_ASSERT_PTR_NOT_NULL(strstr(kept.body, "PUT /echo"));
	CU_ASSERT_PTR_NOT_NULL(strstr(kept.body, "\r\nAuthorization: Basic dXNlcjpwYXNz\r\n"));
}

static void
requests_run_side_by_side(void)
{
	struct kept kept[12] = { { 0 } };
	CE_CLEANUP(ce_httpp) struct ce_http *http = NULL;
	CU_ASSERT_EQUAL_FATAL(ce_http_open(&http, NULL), CE_OK);
	const struct ce_http_call asked = { .method = "GET", .url = server_url("/ok") };
	for (size_t i = 0; i < CE_COUNT(kept); i++)
		CU_ASSERT_EQUAL_FATAL(ce_http_send(http, &asked, keep, &kept[i], NULL), CE_OK);
	CU_ASSERT_EQUAL(ce_http_pending(http), CE_COUNT(kept));
	while (ce_http_pending(http) > 0)
		CU_ASSERT_EQUAL_FATAL(ce_http_wait(http, NULL, 0, NULL, 100, NULL), CE_OK);
	for (size_t i = 0; i < CE_COUNT(kept); i++)
		CU_ASSERT(kept[i].calls == 1 && kept[i].status == 200);
}

static void
what_is_under_way_is_dropped_on_close(void)
{
	struct kept kept = { 0 };
	struct ce_http *http = NULL;
	CU_ASSERT_EQUAL_FATAL(ce_http_open(&http, NULL), CE_OK);
	const struct ce_http_call asked = { .method = "GET", .url = server_url("/slow") };
	CU_ASSERT_EQUAL(ce_http_send(http, &asked, keep, &kept, NULL), CE_OK);
	CU_ASSERT_EQUAL(ce_http_wait(http, NULL, 0, NULL, 10, NULL), CE_OK);
	ce_http_close(http);
	CU_ASSERT_EQUAL(kept.calls, 0);
}

static void
waiting_sees_other_descriptors(void)
{
	int fds[2];
	bool ready[2] = { true, true };
	CU_ASSERT_FATAL(pipe(fds) == 0);
	CE_CLEANUP(ce_httpp) struct ce_http *http = NULL;
	CU_ASSERT_EQUAL_FATAL(ce_http_open(&http, NULL), CE_OK);
	const int watched[] = { fds[0], fds[0] };
	CU_ASSERT_EQUAL(ce_http_wait(http, watched, 2, ready, 10, NULL), CE_OK);
	CU_ASSERT(!ready[0] && !ready[1]);
	CU_ASSERT(write(fds[1], "x", 1) == 1);
	CU_ASSERT_EQUAL(ce_http_wait(http, watched, 2, ready, 5000, NULL), CE_OK);
	CU_ASSERT(ready[0] && ready[1]);
	close(fds[0]);
	close(fds[1]);
}

static void
refused_urls_are_not_contacted(void)
{
	CE_CLEANUP(ce_httpp) struct ce_http *http = NULL;
	CU_ASSERT_EQUAL_FATAL(ce_http_open(&http, NULL), CE_OK);
	const struct ce_http_call asked = { .method = "GET", .url = server_url("/ok"), .https_only = true };
	CU_ASSERT_EQUAL(ce_http_send(http, &asked, keep, NULL, NULL), CE_ERR_REFUSED);
	CU_ASSERT_EQUAL(ce_http_pending(http), 0);
}

const struct ce_test suite_http[] = {
	{ "an answer is given whole", an_answer_is_given_whole },
	{ "redirects are not followed", redirects_are_not_followed },
	{ "broken answers are errors", broken_answers_are_errors },
	{ "a slow answer times out", a_slow_answer_times_out },
	{ "a POST is sent with its length", a_post_is_sent_with_its_length },
	{ "credentials are sent as basic authentication", credentials_are_sent_as_basic_authentication },
	{ "requests run side by side", requests_run_side_by_side },
	{ "what is under way is dropped on close", what_is_under_way_is_dropped_on_close },
	{ "waiting sees other descriptors", waiting_sees_other_descriptors },
	{ "refused URLs are not contacted", refused_urls_are_not_contacted },
	{ NULL, NULL },
};
