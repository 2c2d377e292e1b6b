/* Services for texts: fail, log, format, mask, allocate. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "plugin/host_call.h"

int
ce_host_fail(ce_call *call, int code, const char *format, ...)
{
	char text[CE_ERROR_TEXT_MAX];
	va_list arguments;
	va_start(arguments, format);
	(void)vsnprintf(text, sizeof(text), format, arguments); /* cut to fit */
	va_end(arguments);
	if (code >= CE_OK)
		return ce_call_breach(call, "it called fail with %d, which is no error: %s", code, text);
	if (!call->failed)
		ce_fail(&call->error, code, "%s", text);
	call->failed = true;
	return code;
}

void
ce_host_log(ce_call *call, int level, const char *format, ...)
{
	char text[CE_ERROR_TEXT_MAX];
	va_list arguments;
	va_start(arguments, format);
	(void)vsnprintf(text, sizeof(text), format, arguments); /* cut to fit */
	va_end(arguments);
	CE_CLEANUP(ce_message_release) struct ce_message question = CE_MESSAGE_INIT(CE_WIRE_LOG);
	ce_message_put_int(&question, level);
	ce_message_put_str(&question, text);
	(void)ce_call_tell(call, &question); /* log tells its caller nothing */
}

void *
ce_host_allocate(ce_call *call, size_t size)
{
	return ce_call_allocate(call, size);
}

const char *
ce_host_format(ce_call *call, const char *format, ...)
{
	va_list arguments, again;
	va_start(arguments, format);
	va_copy(again, arguments);
	int size = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	char *text = size >= 0 ? ce_call_allocate(call, (size_t)size + 1) : NULL;
	if (text)
		(void)vsnprintf(text, (size_t)size + 1, format, again); /* measured above */
	va_end(again);
	return text;
}

/* What holds a password, as products name it: keystorePass, server.ssl.key-store-password, secret. A
 * truth value (secretRequired) is none, nor is where a password lies (certificateKeystorePasswordFile): masking
 * those would blot out half of every diff. */
bool
ce_host_is_secret(const char *name, const char *value)
{
	/* nginx's directives that pass requests on */
	static const char *const passing_on[] = { "proxy_pass", "fastcgi_pass", "uwsgi_pass", "scgi_pass", "grpc_pass",
		"memcached_pass", "proxy_cache_bypass", "fastcgi_cache_bypass" };
	size_t length = strlen(name);
	if (length > 4 && strcasecmp(name + length - 4, "File") == 0)
		return false;
	if (strcasecmp(value, "true") == 0 || strcasecmp(value, "false") == 0)
		return false;
	for (size_t i = 0; i < CE_COUNT(passing_on); i++)
		if (strncmp(name, passing_on[i], strlen(passing_on[i])) == 0)
			return false;
	return value[0] != '\0' && (strcasestr(name, "pass") || strcasestr(name, "secret"));
}

int
ce_host_mask(ce_call *call, const char *text)
{
	if (!text || text[0] == '\0')
		return CE_OK;
	CE_CLEANUP(ce_message_release) struct ce_message question = CE_MESSAGE_INIT(CE_WIRE_MASK);
	ce_message_put_str(&question, text);
	return ce_call_tell(call, &question);
}
