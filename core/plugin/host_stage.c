/* Services that stage, and what a plugin tells about its target. */
#include <string.h>

#include "plugin/host_call.h"

/* Structures that a plugin passes begin with their size; what is shorter than ABI 1 was never filled. */
CE_MUSTCHECK static int
check_size(ce_call *call, size_t size, size_t least, const char *name)
{
	return size >= least ? CE_OK : ce_call_breach(call, "it passed a struct %s without its size", name);
}

static void
put_mode(struct ce_message *question, const struct ce_file_mode *mode)
{
	ce_message_put_str(question, mode ? mode->owner : NULL);
	ce_message_put_str(question, mode ? mode->group : NULL);
	ce_message_put_str(question, mode ? mode->mode : NULL);
}

int
ce_host_write(ce_call *call, const char *path, struct ce_bytes bytes, const struct ce_file_mode *mode)
{
	int code = mode ? check_size(call, mode->size, sizeof(*mode), "ce_file_mode") : CE_OK;
	if (code != CE_OK)
		return code;
	CE_CLEANUP(ce_message_release) struct ce_message question = CE_MESSAGE_INIT(CE_WIRE_WRITE);
	ce_message_put_str(&question, path);
	ce_message_put_bytes(&question, bytes);
	put_mode(&question, mode);
	return ce_call_tell(call, &question);
}

int
ce_host_write_material(ce_call *call, const char *path, const struct ce_material *material,
	const struct ce_file_mode *mode)
{
	int code = check_size(call, material->size, sizeof(*material), "ce_material");
	if (code == CE_OK && mode)
		code = check_size(call, mode->size, sizeof(*mode), "ce_file_mode");
	if (code != CE_OK)
		return code;
	CE_CLEANUP(ce_message_release) struct ce_message question = CE_MESSAGE_INIT(CE_WIRE_MATERIAL);
	ce_message_put_str(&question, path);
	ce_message_put_int(&question, material->kind);
	ce_message_put_int(&question, material->profile);
	ce_message_put_str(&question, material->alias);
	ce_message_put_str(&question, material->password);
	put_mode(&question, mode);
	return ce_call_tell(call, &question);
}

int
ce_host_truststore(ce_call *call, const char *path, const char *password, const char *alias)
{
	CE_CLEANUP(ce_message_release) struct ce_message question = CE_MESSAGE_INIT(CE_WIRE_TRUSTSTORE);
	ce_message_put_str(&question, path);
	ce_message_put_str(&question, password);
	ce_message_put_str(&question, alias);
	return ce_call_tell(call, &question);
}

int
ce_host_remove(ce_call *call, const char *path)
{
	CE_CLEANUP(ce_message_release) struct ce_message question = CE_MESSAGE_INIT(CE_WIRE_REMOVE);
	ce_message_put_str(&question, path);
	return ce_call_tell(call, &question);
}

int
ce_host_command(ce_call *call, const char *what, const char *const *do_argv, const char *const *undo_argv,
	const char *const *check_argv)
{
	CE_CLEANUP(ce_message_release) struct ce_message question = CE_MESSAGE_INIT(CE_WIRE_COMMAND);
	ce_message_put_str(&question, what);
	ce_message_put_list(&question, do_argv);
	ce_message_put_int(&question, undo_argv != NULL);
	ce_message_put_list(&question, undo_argv);
	ce_message_put_int(&question, check_argv != NULL);
	ce_message_put_list(&question, check_argv);
	return ce_call_tell(call, &question);
}

int
ce_host_secret(ce_call *call, const char *name, const char **ret_text)
{
	CE_CLEANUP(ce_message_release) struct ce_message question = CE_MESSAGE_INIT(CE_WIRE_SECRET);
	ce_message_put_str(&question, name);
	struct ce_message *answer = NULL;
	int code = ce_call_ask(call, &question, &answer);
	if (code < 0)
		return code;
	const char *text = ce_message_get_str(answer);
	code = ce_call_end(call, answer);
	if (code == CE_OK)
		*ret_text = text;
	return code;
}

int
ce_host_reload_by(ce_call *call, const char *key, const char *what)
{
	CE_CLEANUP(ce_message_release) struct ce_message question = CE_MESSAGE_INIT(CE_WIRE_RELOAD_BY);
	ce_message_put_str(&question, key);
	ce_message_put_str(&question, what);
	return ce_call_tell(call, &question);
}

int
ce_host_endpoint(ce_call *call, const char *host, int port, const char *sni)
{
	CE_CLEANUP(ce_message_release) struct ce_message question = CE_MESSAGE_INIT(CE_WIRE_ENDPOINT);
	ce_message_put_str(&question, host);
	ce_message_put_int(&question, port);
	ce_message_put_str(&question, sni);
	return ce_call_tell(call, &question);
}

int
ce_host_found_begin(ce_call *call, const char *title)
{
	CE_CLEANUP(ce_message_release) struct ce_message question = CE_MESSAGE_INIT(CE_WIRE_FOUND_BEGIN);
	ce_message_put_str(&question, title);
	return ce_call_tell(call, &question);
}

int
ce_host_found_option(ce_call *call, const char *name, const char *value)
{
	CE_CLEANUP(ce_message_release) struct ce_message question = CE_MESSAGE_INIT(CE_WIRE_FOUND_OPTION);
	ce_message_put_str(&question, name);
	ce_message_put_str(&question, value);
	return ce_call_tell(call, &question);
}

/* --------------------------------------------------------- programs and HTTP */

int
ce_host_run(ce_call *call, const struct ce_run *run, struct ce_run_result *ret_result)
{
	int code = check_size(call, run->size, sizeof(*run), "ce_run");
	if (code != CE_OK)
		return code;
	CE_CLEANUP(ce_message_release) struct ce_message question = CE_MESSAGE_INIT(CE_WIRE_RUN);
	ce_message_put_list(&question, run->argv);
	ce_message_put_bytes(&question, run->input);
	ce_message_put_int(&question, run->timeout_ms);
	struct ce_message *answer = NULL;
	code = ce_call_ask(call, &question, &answer);
	if (code < 0)
		return code;
	struct ce_run_result result = { .size = sizeof(result) };
	result.status = (int)ce_message_get_int(answer);
	result.out = ce_message_get_bytes(answer);
	result.err = ce_message_get_bytes(answer);
	code = ce_call_end(call, answer);
	if (code == CE_OK)
		*ret_result = result;
	return code;
}

int
ce_host_http(ce_call *call, const struct ce_http_request *request, struct ce_http_reply *ret_reply)
{
	int code = check_size(call, request->size, sizeof(*request), "ce_http_request");
	if (code != CE_OK)
		return code;
	CE_CLEANUP(ce_message_release) struct ce_message question = CE_MESSAGE_INIT(CE_WIRE_HTTP);
	ce_message_put_str(&question, request->method);
	ce_message_put_str(&question, request->url);
	ce_message_put_str(&question, request->credentials_file);
	ce_message_put_str(&question, request->ca_file);
	ce_message_put_str(&question, request->content_type);
	ce_message_put_bytes(&question, request->body);
	ce_message_put_int(&question, request->timeout_ms);
	struct ce_message *answer = NULL;
	code = ce_call_ask(call, &question, &answer);
	if (code < 0)
		return code;
	struct ce_http_reply reply = { .size = sizeof(reply) };
	reply.status = (int)ce_message_get_int(answer);
	reply.body = ce_message_get_bytes(answer);
	code = ce_call_end(call, answer);
	if (code == CE_OK)
		*ret_reply = reply;
	return code;
}
