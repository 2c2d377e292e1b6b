/* Where a certificate is served, as an operator writes it. */
#include "common/plug.h"

#include <string.h>

static const char *
part(const struct ce_services *services, ce_call *call, const char *begin, const char *end)
{
	return services->format(call, "%.*s", (int)(end - begin), begin);
}

int
ce_plug_endpoint(const struct ce_services *services, ce_call *call, const char *text, struct ce_plug_endpoint *ret_endpoint)
{
	const char *end = text + strcspn(text, " "), *colon = end;
	long port = 0;
	while (colon > text && *colon != ':')
		colon--;
	bool brackets = colon - text > 2 && text[0] == '[' && colon[-1] == ']';
	const char *host = brackets ? part(services, call, text + 1, colon - 1) : part(services, call, text, colon);
	const char *number = *colon == ':' ? part(services, call, colon + 1, end) : "";
	const char *sni = *end == ' ' ? end + 1 : NULL;
	if (!host || !number)
		return ce_plug_no_memory(services, call);
	bool good = host[0] != '\0' && (strchr(host, ':') != NULL) == brackets && ce_plug_number(number, 65535, &port) &&
		port > 0 && (!sni || (sni[0] != '\0' && !strpbrk(sni, " :/")));
	if (!good)
		return services->fail(call, CE_ERR_CONFIG,
			"the endpoint '%s' must be \"host:port\" or \"host:port sni\", an IPv6 address in brackets", text);
	*ret_endpoint = (struct ce_plug_endpoint){ host, (int)port, sni };
	return CE_OK;
}
