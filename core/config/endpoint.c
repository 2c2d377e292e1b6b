#include <ctype.h>
#include <string.h>

#include "config/config.h"
#include "crypto/names.h"

void
ce_endpoint_config_release(struct ce_endpoint_config *endpoint)
{
	free(endpoint->host);
	free(endpoint->sni);
	memset(endpoint, 0, sizeof(*endpoint));
}

/* 0: not a port. The number must end where end says. */
static int
port_of(const char *text, const char *end)
{
	int port = 0;
	if (text == end || end - text > 5)
		return 0;
	for (; text < end; text++) {
		if (!isdigit((unsigned char)*text))
			return 0;
		port = port * 10 + (*text - '0');
	}
	return port <= 65535 ? port : 0;
}

/* The host between begin and end, without the brackets of an IPv6 address. NULL: none. */
static char *
host_of(const char *begin, const char *end)
{
	bool brackets = end - begin > 2 && *begin == '[' && end[-1] == ']';
	if (brackets) {
		begin++;
		end--;
	}
	if (begin == end || (memchr(begin, ':', (size_t)(end - begin)) != NULL) != brackets)
		return NULL;
	return strndup(begin, (size_t)(end - begin));
}

CE_MUSTCHECK static int
canonical(const char *name, bool is_sni, char **ret_name)
{
	enum ce_name_kind kind;
	if (!is_sni && strcmp(name, "localhost") == 0) {
		*ret_name = strdup(name);
		return *ret_name ? CE_OK : CE_ERR_MEMORY;
	}
	CE_CLEANUP(ce_freep) char *one = NULL;
	int code = ce_name_canonical(name, &one, &kind, NULL);
	if (code < 0)
		return code;
	if (one[0] == '*' || (is_sni && kind != CE_NAME_DNS))
		return CE_ERR_INVALID;
	*ret_name = CE_STEAL(one);
	return CE_OK;
}

CE_MUSTCHECK static int
take_apart(const char *text, struct ce_endpoint_config *endpoint)
{
	const char *space = strchr(text, ' ');
	const char *end = space ? space : text + strlen(text);
	const char *colon = end;
	while (colon > text && *colon != ':')
		colon--;
	if (colon == text)
		return CE_ERR_INVALID;
	endpoint->port = port_of(colon + 1, end);
	CE_CLEANUP(ce_freep) char *host = host_of(text, colon);
	if (endpoint->port == 0 || !host)
		return CE_ERR_INVALID;

	int code = canonical(host, false, &endpoint->host);
	if (code >= 0 && space)
		code = canonical(space + 1, true, &endpoint->sni);
	return code;
}

int
ce_endpoint_config_parse(const char *text, struct ce_endpoint_config *ret_endpoint, struct ce_error *err)
{
	CE_CLEANUP(ce_endpoint_config_release) struct ce_endpoint_config endpoint = { NULL, 0, NULL };
	int code = take_apart(text, &endpoint);
	if (code == CE_ERR_MEMORY)
		return ce_fail(err, code, "out of memory");
	if (code < 0)
		return ce_fail(err, CE_ERR_INVALID,
			"the endpoint '%s' must be \"host:port\" or \"host:port sni\", an IPv6 address in brackets", text);

	*ret_endpoint = endpoint;
	memset(&endpoint, 0, sizeof(endpoint));
	return CE_OK;
}
