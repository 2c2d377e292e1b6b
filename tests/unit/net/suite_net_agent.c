#include <signal.h>
#include <string.h>

#include "net/agent.h"
#include "server.h"
#include "suites.h"

static int
ask(struct ce_helper *agent, struct ce_net_request *request, struct ce_net_reply *ret_reply, struct ce_error *err)
{
	*ret_reply = (struct ce_net_reply){ 0 };
	return ce_net_http(agent, request, ret_reply, err);
}

static void
one_process_serves_many_requests(void)
{
	struct ce_helper agent = CE_HELPER_INIT;
	struct ce_net_reply reply;
	struct ce_error err = { 0 };
	struct ce_net_request request = { .method = "GET", .url = server_url("/ok") };
	for (int i = 0; i < 3; i++) {
		CU_ASSERT_EQUAL(ask(&agent, &request, &reply, &err), CE_OK);
		CU_ASSERT_EQUAL(reply.status, 200);
		CU_ASSERT_STRING_EQUAL(ce_buf_text(&reply.body), "hello");
		ce_buf_release(&reply.body);
	}
	request.url = server_url("/absent");
	CU_ASSERT_EQUAL(ask(&agent, &request, &reply, &err), CE_OK);
	CU_ASSERT_EQUAL(reply.status, 404);
	ce_buf_release(&reply.body);
	ce_helper_stop(&agent, 1000);
}

static void
a_body_and_credentials_arrive(void)
{
	struct ce_helper agent = CE_HELPER_INIT;
	struct ce_net_reply reply;
	struct ce_net_request request = { .method = "POST", .url = server_url("/echo"), .credentials = "user:pass",
		.content_type = "text/plain", .body = { (const unsigned char *)"the body", 8 } };
	CU_ASSERT_EQUAL(ask(&agent, &request, &reply, NULL), CE_OK);
	CU_ASSERT_PTR_NOT_NULL(strstr(ce_buf_text(&reply.body), "Basic dXNlcjpwYXNz"));
	CU_ASSERT_PTR_NOT_NULL(strstr(ce_buf_text(&reply.body), "\r\n\r\nthe body"));
	ce_buf_release(&reply.body);
	ce_helper_stop(&agent, 1000);
}

static void
failures_say_why(void)
{
	struct ce_helper agent = CE_HELPER_INIT;
	struct ce_net_reply reply;
	struct ce_error err = { 0 };
	struct ce_net_request request = { .method = "GET", .url = server_url("/nothing"), .timeout_ms = 2000 };
	CU_ASSERT_EQUAL(ask(&agent, &request, &reply, &err), CE_ERR_NETWORK);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "/nothing"));
	request.url = "http://127.0.0.1:1/";
	CU_ASSERT_EQUAL(ask(&agent, &request, &reply, &err), CE_ERR_NETWORK);
	request.url = "file:///etc/passwd";
	CU_ASSERT_EQUAL(ask(&agent, &request, &reply, &err), CE_ERR_REFUSED);
	request.url = server_url("/ok");
	request.method = "BREW";
	CU_ASSERT_EQUAL(ask(&agent, &request, &reply, &err), CE_ERR_INVALID);
	request.method = "GET";
	request.ca_file = "/nonexistent/ca.pem";
	CU_ASSERT_EQUAL(ask(&agent, &request, &reply, &err), CE_ERR_NOT_FOUND);
	ce_helper_stop(&agent, 1000);
}

static void
a_process_that_died_is_replaced(void)
{
	struct ce_helper agent = CE_HELPER_INIT;
	struct ce_net_reply reply;
	struct ce_error err = { 0 };
	struct ce_net_request request = { .method = "GET", .url = server_url("/ok") };
	CU_ASSERT_EQUAL_FATAL(ask(&agent, &request, &reply, &err), CE_OK);
	ce_buf_release(&reply.body);
	CU_ASSERT_FATAL(agent.pid > 0 && kill(agent.pid, SIGKILL) == 0);
	CU_ASSERT_NOT_EQUAL(ask(&agent, &request, &reply, &err), CE_OK);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "the network process"));
	CU_ASSERT_EQUAL(ask(&agent, &request, &reply, &err), CE_OK);
	ce_buf_release(&reply.body);
	ce_helper_stop(&agent, 1000);
}

const struct ce_test suite_net_agent[] = {
	{ "one process serves many requests", one_process_serves_many_requests },
	{ "a body and credentials arrive", a_body_and_credentials_arrive },
	{ "failures say why", failures_say_why },
	{ "a process that died is replaced", a_process_that_died_is_replaced },
	{ NULL, NULL },
};
