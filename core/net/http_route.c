/* The way to a server: proxy, interface, name servers, and the certificate we show to it. */
#include <arpa/inet.h>
#include <string.h>

#include "net/http_own.h"

#define INTERFACE_MAX 64

static bool
is_address(const char *text)
{
	unsigned char bytes[sizeof(struct in6_addr)];
	return inet_pton(AF_INET, text, bytes) == 1 || inet_pton(AF_INET6, text, bytes) == 1;
}

/* Said out loud, as libcurl else guesses: a name that is no interface would be looked up as a host. */
static int
set_interface(CURL *easy, const char *interface, struct ce_error *err)
{
	char text[INTERFACE_MAX];
	int size = snprintf(text, sizeof(text), "%s!%s", is_address(interface) ? "host" : "if", interface);
	if (size >= (int)sizeof(text))
		return ce_fail(err, CE_ERR_REFUSED, "the interface '%.40s...' has too long a name", interface);
	return curl_easy_setopt(easy, CURLOPT_INTERFACE, text) ? ce_fail(err, CE_ERR_MEMORY, "out of memory") : CE_OK;
}

static int
set_dns(CURL *easy, const char *servers, struct ce_error *err)
{
	CURLcode bad = curl_easy_setopt(easy, CURLOPT_DNS_SERVERS, servers);
	if (bad == CURLE_NOT_BUILT_IN || bad == CURLE_UNKNOWN_OPTION)
		return ce_fail(err, CE_ERR_REFUSED, "the libcurl of this machine (%s) was built without c-ares and cannot be told its "
			"name servers: remove dns_servers, or set them in /etc/resolv.conf", curl_version_info(CURLVERSION_NOW)->version);
	return bad ? ce_fail(err, CE_ERR_REFUSED, "'%.200s' are no addresses of name servers", servers) : CE_OK;
}

static int
set_certificate(CURL *easy, const struct ce_http_route *route, struct ce_http_trusts *files, struct ce_error *err)
{
	const char *certificate = NULL, *key = NULL;
	int rc = ce_http_trusts_path(files, route->certificate, &certificate, err);
	if (!rc)
		rc = ce_http_trusts_path(files, route->key, &key, err);
	if (rc)
		return rc;
	if (curl_easy_setopt(easy, CURLOPT_SSLCERT, certificate) || curl_easy_setopt(easy, CURLOPT_SSLKEY, key))
		return ce_fail(err, CE_ERR_SYSTEM, "libcurl refuses a client certificate");
	return CE_OK;
}

int
ce_http_route_set(CURL *easy, const struct ce_http_route *route, struct ce_http_trusts *files, struct ce_error *err)
{
	int rc = CE_OK;
	/* Without one: none, whatever the environment says. */
	if (curl_easy_setopt(easy, CURLOPT_PROXY, route->proxy ? route->proxy : ""))
		return ce_fail(err, CE_ERR_REFUSED, "libcurl refuses the proxy '%.200s'", route->proxy ? route->proxy : "");
	if (route->interface)
		rc = set_interface(easy, route->interface, err);
	if (!rc && route->dns)
		rc = set_dns(easy, route->dns, err);
	if (!rc && route->certificate.size > 0)
		rc = set_certificate(easy, route, files, err);
	return rc;
}
