/* A service is a question to the engine and its answer. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "plugin/host_call.h"

struct answer {
	struct ce_kept kept;
	struct ce_message message;
};

static void
release_answer(struct ce_kept *kept)
{
	struct answer *answer = (struct answer *)kept; /* kept is its first member */
	ce_message_release(&answer->message);
	free(answer);
}

int
ce_call_failed(struct ce_call *call, const struct ce_error *why)
{
	if (!call->failed)
		call->error = *why;
	return why->code;
}

int
ce_call_no_memory(struct ce_call *call)
{
	struct ce_error why;
	ce_error_clear(&why);
	ce_fail(&why, CE_ERR_MEMORY, "out of memory");
	return ce_call_failed(call, &why);
}

int
ce_call_end(struct ce_call *call, const struct ce_message *answer)
{
	struct ce_error why;
	ce_error_clear(&why);
	return ce_message_end(answer, &why) == CE_OK ? CE_OK : ce_call_failed(call, &why);
}

int
ce_call_breach(struct ce_call *call, const char *format, ...)
{
	char text[CE_ERROR_TEXT_MAX];
	va_list arguments;
	va_start(arguments, format);
	(void)vsnprintf(text, sizeof(text), format, arguments); /* cut to fit */
	va_end(arguments);
	call->failed = true;
	return ce_fail(&call->error, CE_ERR_PLUGIN, "plugin '%s' broke the contract in %s: %s", call->plugin->name,
		call->phase->name, text);
}

int
ce_call_may(struct ce_call *call, int service)
{
	if (ce_service_allowed(service, call->phase))
		return CE_OK;
	return ce_call_breach(call, "it used %s, which is not for this callback", ce_service_name(service));
}

/* Anything but an answer means that the two sides no longer understand each other. */
static int
judge(struct ce_message *answer, struct ce_error *err)
{
	if (answer->kind == CE_WIRE_DONE)
		return CE_OK;
	if (answer->kind == CE_WIRE_UNCHANGED)
		return CE_UNCHANGED;
	if (answer->kind != CE_WIRE_FAILED)
		return ce_fail(err, CE_ERR_SYSTEM, "the engine answered with a message of kind %d", answer->kind);
	int code = (int)ce_message_get_int(answer);
	const char *text = ce_message_get_str(answer);
	return ce_fail(err, code < 0 ? code : CE_ERR_SYSTEM, "%s", text ? text : "no reason given");
}

int
ce_call_ask(struct ce_call *call, const struct ce_message *question, struct ce_message **ret_answer)
{
	struct ce_error why;
	ce_error_clear(&why);
	struct answer *answer = calloc(1, sizeof(*answer));
	if (!answer)
		return ce_call_no_memory(call);
	answer->message = (struct ce_message)CE_MESSAGE_INIT(0);
	ce_call_keep(call, &answer->kept, release_answer);

	int code = ce_message_send(call->fd, question, &why);
	if (code == CE_OK)
		code = ce_message_receive(call->fd, -1, &answer->message, &why);
	if (code == CE_OK)
		code = judge(&answer->message, &why);
	if (code < 0)
		return ce_call_failed(call, &why);
	*ret_answer = &answer->message;
	return code;
}

int
ce_call_tell(struct ce_call *call, const struct ce_message *question)
{
	struct ce_message *answer = NULL;
	return ce_call_ask(call, question, &answer);
}
