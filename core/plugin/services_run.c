/* Services that act outside files: programs and HTTP. */
#include <string.h>

#include "plugin/pool.h"
#include "plugin/table.h"
#include "plugin/wire.h"

#define RUN_DEFAULT_MS 60000
#define HTTP_DEFAULT_MS 30000
#define OUTPUT_MAX (64u << 10)

CE_MUSTCHECK static int
take_turn(struct ce_serving *serving, int64_t timeout, size_t input, struct ce_error *err)
{
	if (++serving->runs > CE_PLUGIN_RUNS_MAX)
		return ce_breach(serving, err, "it ran more than %d programs and requests", CE_PLUGIN_RUNS_MAX);
	if (timeout < 0 || timeout > CE_PLUGIN_TIMEOUT_MAX)
		return ce_fail(err, CE_ERR_INVALID, "a time limit is 1 to %d ms, not %lld", CE_PLUGIN_TIMEOUT_MAX,
			(long long)timeout);
	if (input > CE_PLUGIN_INPUT_MAX)
		return ce_fail(err, CE_ERR_LIMIT, "an input has at most %u bytes", CE_PLUGIN_INPUT_MAX);
	return CE_OK;
}

int
ce_serve_run(struct ce_serving *serving, struct ce_message *asked, struct ce_message *reply, struct ce_error *err)
{
	CE_CLEANUP(ce_strlist_release) struct ce_strlist argv = CE_STRLIST_INIT;
	if (ce_message_get_list(asked, CE_PLUGIN_ARGUMENTS_MAX, &argv, err) != CE_OK)
		return ce_breach(serving, err, "it sent no list of at most %d arguments", CE_PLUGIN_ARGUMENTS_MAX);
	struct ce_bytes input = ce_message_get_bytes(asked);
	int64_t timeout = ce_message_get_int(asked);
	int code = ce_asked_all(serving, asked, err);
	if (code == CE_OK)
		code = ce_argv_check(&argv, err);
	if (code == CE_OK)
		code = take_turn(serving, timeout, input.size, err);
	if (code != CE_OK)
		return code;

	const struct ce_host *host = serving->target->host;
	struct ce_process_spec spec = { .argv = (const char *const *)argv.items, .input = input,
		.timeout_ms = timeout > 0 ? (int)timeout : RUN_DEFAULT_MS, .output_limit = OUTPUT_MAX };
	CE_CLEANUP(ce_outcome_release) struct ce_outcome outcome = CE_OUTCOME_INIT;
	code = host->run(host, &spec, &outcome, err);
	if (code < 0)
		return code;
	ce_message_put_int(reply, outcome.status);
	ce_message_put_bytes(reply, ce_buf_bytes(&outcome.out));
	ce_message_put_bytes(reply, ce_buf_bytes(&outcome.err));
	return CE_OK;
}

/* -------------------------------------------------------------------- HTTP */

CE_MUSTCHECK static int
check_request(const struct ce_http_request *request, struct ce_error *err)
{
	static const char *const methods[] = { "GET", "HEAD", "POST", "PUT", "DELETE" };
	bool known = false;
	for (size_t i = 0; i < CE_COUNT(methods) && !known; i++)
		known = request->method && strcmp(request->method, methods[i]) == 0;
	if (!known)
		return ce_fail(err, CE_ERR_INVALID, "a request's method is GET, HEAD, POST, PUT or DELETE");
	if (!ce_text_is_line(request->url, CE_PLUGIN_TEXT_MAX)
	    || (strncmp(request->url, "http://", 7) != 0 && strncmp(request->url, "https://", 8) != 0))
		return ce_fail(err, CE_ERR_INVALID, "a request's URL begins with http:// or https://");
	if (request->content_type && !ce_text_is_line(request->content_type, 256))
		return ce_fail(err, CE_ERR_INVALID, "a request's content type is a line of at most 256 bytes");
	return CE_OK;
}

/* A path in the request, if there is one, is replaced by its normal form in out. */
CE_MUSTCHECK static int
normalise(const char **path, char *out, struct ce_error *err)
{
	int code = *path ? ce_path_normal(*path, out, err) : CE_OK;
	if (*path)
		*path = out;
	return code;
}

int
ce_serve_http(struct ce_serving *serving, struct ce_message *asked, struct ce_message *reply, struct ce_error *err)
{
	char ca_file[CE_PLUGIN_TEXT_MAX], credentials_file[CE_PLUGIN_TEXT_MAX];
	struct ce_http_request request = { .size = sizeof(request) };
	request.method = ce_message_get_str(asked);
	request.url = ce_message_get_str(asked);
	request.credentials_file = ce_message_get_str(asked);
	request.ca_file = ce_message_get_str(asked);
	request.content_type = ce_message_get_str(asked);
	request.body = ce_message_get_bytes(asked);
	int64_t timeout = ce_message_get_int(asked);
	int code = ce_asked_all(serving, asked, err);
	if (code == CE_OK)
		code = check_request(&request, err);
	if (code == CE_OK)
		code = normalise(&request.ca_file, ca_file, err);
	if (code == CE_OK)
		code = normalise(&request.credentials_file, credentials_file, err);
	if (code == CE_OK)
		code = take_turn(serving, timeout, request.body.size, err);
	if (code != CE_OK)
		return code;

	request.timeout_ms = timeout > 0 ? (int)timeout : HTTP_DEFAULT_MS;
	int status = 0;
	CE_CLEANUP(ce_buf_release) struct ce_buf body = CE_BUF_INIT;
	code = serving->process->plugins->backend->http(serving->target, &request, &status, &body, err);
	if (code < 0)
		return code;
	ce_message_put_int(reply, status);
	ce_message_put_bytes(reply, ce_buf_bytes(&body));
	return CE_OK;
}
